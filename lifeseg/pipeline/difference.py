"""What is asked about a change of a policy, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.pipeline.revisions import Side
from lifeseg.pipeline.stages import Checked
from lifeseg.review.gates import Gate
from lifeseg.review.rules import RuleChange

if TYPE_CHECKING:
    from lifeseg.prover.compare import Compared
    from lifeseg.records.results_compared import Went


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words for two versions; what is to be added up; whether to look at the population, and to prove; the gates."""

    words: tuple[str, ...]
    value: str | None = None
    population: bool = True
    proofs: bool = False
    gates: tuple[Gate, ...] = ()
    nearest: int = 5  # who did not move, on each side of a threshold


@dataclass(frozen=True, slots=True)
class Mover:
    """A record that moved: its key, what it was and is by definition, and the changes that do it."""

    key: tuple[str, ...]
    cases: Mapping[str, tuple[str | None, str | None]]
    causes: tuple[str, ...] | None = None  # None: not looked for
    together: bool = False  # no change does it alone


@dataclass(frozen=True, slots=True)
class Near:
    """A record that did not move: its key, and its amount under the new version."""

    key: tuple[str, ...]
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Nearest:
    """A threshold that decides otherwise than before, and who did not move but comes nearest to it: those who reach it, and
    those who fall short, the nearest first. `case` or `flag` is what it leads to, where that is told.
    """

    decision: str
    case: str | None
    flag: str | None
    column: str
    before: str | None
    after: str
    reached: tuple[Near, ...]
    short: tuple[Near, ...]

    def distance(self, near: Near) -> Decimal:
        return abs(near.amount - Decimal(self.after))


@dataclass(frozen=True, slots=True)
class EntityMoves:
    """What became of the records of an entity. `sizes` by definition and case, `stayed` how many of a case kept it."""

    entity: str
    count: int
    new: int
    gone: int
    moved: int
    worth: Decimal | None
    went: tuple[Went, ...]
    sizes: Mapping[str, Mapping[str, tuple[int, int]]]
    stayed: Mapping[str, Mapping[str | None, int]]
    amounts: Mapping[str, int]  # scores and indexes that changed, and of how many
    movers: tuple[Mover, ...]
    nearest: tuple[Nearest, ...] = ()
    decisions: tuple[str, ...] = ()  # the columns in which they were compared
    sole: str | None = None  # the only change there is, which then moves all who move


@dataclass(frozen=True, slots=True)
class Cut:
    """A class of a rank whose cut has shifted, in the rank's own unit."""

    rank: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Shut:
    """A gate, what was counted for it, and whether it fails."""

    gate: Gate
    amount: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is said of a change. `findings` are the errors of a version that does not compile, with the texts."""

    old: Side
    new: Side
    before: Checked
    after: Checked
    rules: tuple[RuleChange, ...]
    moves: tuple[EntityMoves, ...] = ()
    cuts: tuple[Cut, ...] = ()
    kpis: tuple[tuple[str, Any, Any], ...] = ()
    value: str | None = None
    unread: Diagnostic | None = None  # why the population was not looked at
    proofs: tuple[Compared, ...] = ()  # of each decision that a change can touch, what can happen at all
    unmoved: bool = False  # no result can differ, so nobody had to be looked at
    gates: tuple[Shut, ...] = ()

    @property
    def equivalent(self) -> bool:
        """Whether no part means anything else; or none is new or gone, and all decisions are proved to be the same."""
        meant = [change for change in self.rules if change.means]
        proved = bool(self.proofs) and all(one.verdict == "proved" for one in self.proofs)
        return not meant or (proved and all(change.how == "changed" for change in meant))

    @property
    def top(self) -> EntityMoves | None:
        return self.moves[0] if self.moves else None
