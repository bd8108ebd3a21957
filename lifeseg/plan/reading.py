"""A definition or expression comes in; what it reads goes out, found in one walk and remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import Lifecycle, Rank
from lifeseg.model.walk import nodes, parts_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """The facts and definitions of whatever entity, the statistics, and whether any rows above or below are looked at."""

    names: frozenset[Key]
    statistics: frozenset[str]
    above: bool
    below: bool


@dataclass(slots=True)
class Reading:
    """Remembers what each part reads; the parts are kept, so that none is taken for another."""

    known: dict[int, tuple[object, Read]] = field(default_factory=dict)

    def of(self, part: object) -> Read:
        """What a part reads; the moves of a lifecycle do not matter to what it is without history."""
        if id(part) not in self.known:
            self.known[id(part)] = (part, read_by(part))
        return self.known[id(part)][1]

    def names(self, part: object) -> frozenset[Key]:
        return self.of(part).names

    def statistics(self, part: object) -> frozenset[str]:
        return self.of(part).statistics

    def with_moves(self, part: object) -> Read:
        """What it reads now or, if it is a lifecycle, next time, with the statistics of this run."""
        now = self.of(part)
        if not isinstance(part, Lifecycle):
            return now
        later = self.of(part.moves)
        return replace(now, names=now.names | later.names, statistics=now.statistics | later.statistics)


def read_by(part: object) -> Read:
    names: set[Key] = set()
    statistics: set[str] = set()
    above = below = False
    for node in nodes(without_moves(part)):
        match node:
            case e.Field():
                names.add((node.entity, node.name))
                above = above or node.up > 0
            case e.Band():
                names.add((node.entity, node.score))
                above = above or node.up > 0
            case e.Children() if node.period is not None:
                names.add((node.entity, node.period.dated))
            case e.Quantified() | e.Aggregate():
                below = True
            case e.Statistic():
                statistics.add(node.key)
            case Rank():
                statistics.add(node.cuts)
            case _:
                pass
    return Read(frozenset(names), frozenset(statistics), above, below)


def here(part: object) -> Iterator[Any]:
    """The nodes of an expression or definition that are about the record itself, not inside those about its children."""
    stack: list[Any] = [part]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is tuple:
            stack.extend(reversed(node))
        elif (inner := parts_of(kind)) is not None:
            yield node
            if kind is not e.Quantified and kind is not e.Aggregate:
                stack.extend([getattr(without_moves(node), name) for name in reversed(inner)])


def without_moves(part: object) -> object:
    return replace(part, moves=()) if isinstance(part, Lifecycle) and part.moves else part
