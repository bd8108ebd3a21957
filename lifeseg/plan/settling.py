"""Formulas of a plan come in, in the order in which they are worked out, and statistics that are all known; the same formulas
with these in place go out, and are told which columns may be missing for their sake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lifeseg.plan import tree as p
from lifeseg.plan.formulas import settled


@dataclass(slots=True)
class Settling:
    """A statistic of nobody is missing, also where a formula that no record needs yet reads it: the plan denies that, because
    where it is needed there is somebody.
    """

    scalars: Mapping[str, int | None]
    missing: set[str] = field(default_factory=set)

    def of(self, formula: p.AnyFormula) -> p.AnyFormula:
        return settled(doubted(formula, self.missing), self.scalars)

    def column(self, name: str, formula: p.AnyFormula) -> p.AnyFormula:
        """The formula of a column, which later ones may read."""
        known = self.of(formula)
        if known.optional and any(map(self.is_missing, parts_of(formula))):
            self.missing.add(name)
        return known

    def same(self, there: str, here: str) -> None:
        """A column under another name."""
        if there in self.missing:
            self.missing.add(here)

    def is_missing(self, part: p.Formula) -> bool:
        if isinstance(part, p.Column):
            return part.name in self.missing
        return isinstance(part, p.Scalar) and self.scalars.get(part.name) is None


def doubted(node: p.AnyFormula, missing: Collection[str]) -> p.AnyFormula:
    """The formula where these columns may be missing, whatever the plan says of them."""
    if isinstance(node, p.Column):
        return replace(node, optional=True) if node.name in missing else node

    def made(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(map(made, part))
        return doubted(part, missing) if isinstance(part, p.Formula) else part  # type: ignore[arg-type]

    return (
        replace(node, **{name: made(getattr(node, name)) for name in p.own_fields(type(node))})
        if missing
        else node
    )


def parts_of(node: p.AnyFormula) -> Iterator[p.Formula]:
    """A formula and all that it is made of."""
    waiting: list[object] = [node]
    while waiting:
        match waiting.pop():
            case tuple() as items:
                waiting.extend(items)
            case p.Formula() as formula:
                yield formula
                waiting += [getattr(formula, one) for one in p.own_fields(type(formula))]
            case _:
                pass
