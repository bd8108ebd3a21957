"""A score comes in; the reasons why it is not higher go out, with their codes and what ranks them.

The code of a reason is the name of the score's term. A term loses weight × (best value - value) points, the best being the
highest value that its type allows. Reasons are ranked by the points lost, those that lose as much in the order of
definition; a term that loses nothing, or is missing, is no reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from lifeseg.frozen import dataclass
from lifeseg.model.expression import Field, Parameter
from lifeseg.model.model import Leaf, Score


@dataclass(frozen=True, slots=True)
class Reason:
    """A term with its code: `weight * (best - value)` is what it loses, at a scale that all reasons of a score share."""

    code: str
    leaf: Leaf
    weight: int
    best: int  # at the scale of the leaf's type

    def lost(self, value: int) -> int:
        """The points lost, in units of 10 ** -scale_of(score)."""
        return self.weight * (self.best - value)


def scale_of(score: Score) -> int:
    """The decimals at which points lost are compared: exact for every term."""
    return score.weight_scale + max(leaf.value.type.scale for leaf in score.leaves)


def reasons(score: Score) -> tuple[Reason, ...]:
    """One for each term, in the order of definition."""
    scale = scale_of(score)
    return tuple(reason_of(leaf, scale - score.weight_scale - leaf.value.type.scale) for leaf in score.leaves)


def reason_of(leaf: Leaf, shift: int) -> Reason:
    assert isinstance(leaf.value, Field | Parameter)  # a leaf is a name
    of = leaf.value.type
    return Reason(leaf.value.name, leaf, leaf.weight * 10**shift, int(of.high * 10**of.scale))


def ranked(lost: Iterable[tuple[str, int | None]]) -> tuple[str, ...]:
    """The codes of reasons by the points lost, given in the order of definition."""
    found = [(code, points) for code, points in lost if points is not None and points > 0]
    return tuple(code for code, _ in sorted(found, key=lambda one: -one[1]))
