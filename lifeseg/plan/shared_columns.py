"""Formulas that would be written more than once come in; columns that hold their values, layer by layer, go out.

A helper's name is its content, so that equal formulas share one, whatever asks for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from lifeseg.plan import tree as p

Made = tuple[str, p.AnyFormula]


class SharedColumns:
    """The helper columns that the formulas of one relation need."""

    def __init__(self) -> None:
        self.made: dict[str, p.AnyFormula] = {}

    def shared(self, value: p.AnyFormula) -> p.AnyFormula:
        """The value itself where it costs nothing to write it again, else a column that holds it."""
        if is_simple(value):
            return value
        name = f"_h{hashlib.sha256(repr(value).encode()).hexdigest()[:12]}"
        self.made.setdefault(name, value)
        return p.Column(value.kind, value.low, value.high, value.optional, name)

    def layers(self, there: Collection[str]) -> list[list[Made]]:
        """The columns that are not there yet, each in a layer behind those it reads."""
        found: list[list[Made]] = []
        known = set(there)
        waiting = {name: reads(value) for name, value in self.made.items() if name not in known}
        while waiting:
            ready = [name for name, read in waiting.items() if read.isdisjoint(waiting)]
            found.append([(name, self.made[name]) for name in ready])
            for name in ready:
                del waiting[name]
        return found


def is_simple(value: p.AnyFormula) -> bool:
    """A column, a constant, or one quick operation on them."""
    match value:
        case p.Column() | p.Literal_() | p.Scalar():
            return True
        case p.Binary():
            return isinstance(value.left, p.Column) and isinstance(value.right, p.Literal_)
        case p.Compare():
            return isinstance(value.left, p.Column) and isinstance(value.right, p.Column | p.Literal_)
        case p.OneOf():
            return isinstance(value.subject, p.Column) and len(value.values) == 1
        case p.IsNull():
            return isinstance(value.subject, p.Column)
        case p.Not():
            return is_simple(value.value)
        case _:
            return False


def reads(value: p.AnyFormula) -> set[str]:
    """The columns a formula reads."""
    names: set[str] = set()
    waiting: list[object] = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, p.Column):
            names.add(found.name)
        elif isinstance(found, tuple):
            waiting.extend(found)
        elif isinstance(found, p.Formula):
            waiting.extend([getattr(found, part) for part in p.own_fields(type(found))])
    return names


def columns_in(relation: p.Relation) -> set[str]:
    """The columns that a relation adds to what is scanned or saved beneath it."""
    found: set[str] = set()
    current = relation
    while not isinstance(current, p.Scan | p.Saved):
        if isinstance(current, p.Extend):
            found.update(name for name, _ in current.columns)
        elif isinstance(current, p.Attach):
            found.update(here for _, here in current.columns)
        elif isinstance(current, p.Summarise):
            return {summary.name for summary in current.summaries}
        current = current.source
    return found


def extended(relation: p.Relation, shares: SharedColumns) -> p.Relation:
    """The relation with the helper columns it does not have yet."""
    for layer in shares.layers(columns_in(relation)):
        relation = p.Extend(relation, tuple(layer))
    return relation
