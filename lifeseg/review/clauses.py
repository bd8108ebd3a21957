"""A checked model comes in; the clauses of its conditions and the cases of its decisions go out, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Flag,
    FlagBlock,
    Index,
    Lifecycle,
    Model,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.model.walk import nodes


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a condition that is not made of others by and, or, not."""

    definition: AnyDefinition
    condition: e.Expression

    @property
    def span(self) -> Span:
        return self.condition.span


@dataclass(frozen=True, slots=True)
class CaseOf:
    """A case that a decision can give; of a score a band."""

    definition: AnyDefinition
    name: str
    span: Span


def written(model: Model) -> Iterator[AnyDefinition]:
    """The definitions that somebody wrote, and not those that stand for offers or tasks."""
    return (found for found in model.definitions if not found.made and not isinstance(found, FlagBlock))


def clauses(model: Model) -> Iterator[Clause]:
    """Each place once, in the order of evaluation."""
    for definition in written(model):
        known: set[Span] = set()
        for condition in conditions(definition):
            for leaf in leaves(condition):
                if leaf.span not in known and not isinstance(leaf, e.Constant):
                    known.add(leaf.span)
                    yield Clause(definition, leaf)


def conditions(definition: AnyDefinition) -> Iterator[e.Expression]:
    """All conditions of a definition, those inside its formulas too."""
    found: Iterable[e.Expression | None]
    match definition:
        case Segment():
            found = [definition.where, *(case.condition for case in definition.cases)]
        case Table():
            found = [definition.where, *(cell for row in definition.rows for cell in row.conditions)]
        case Lifecycle():
            found = [case.condition for case in definition.starts]
        case Flag():
            found = [definition.condition]
        case Rank():
            found = [definition.where]
        case Index():
            found = [
                test
                for node in nodes(definition.formula)
                if isinstance(node, e.Choose)
                for test, _ in node.steps
            ]
        case _:
            found = []
    return (one for one in found if one is not None)


def leaves(condition: e.Expression) -> Iterator[e.Expression]:
    if isinstance(condition, e.And | e.Or):
        for item in condition.items:
            yield from leaves(item)
    elif isinstance(condition, e.Not):
        yield from leaves(condition.value)
    else:
        yield condition


def cases(model: Model) -> Iterator[CaseOf]:
    for definition in written(model):
        match definition:
            case Segment():
                parts: Iterable[Any] = definition.cases
            case Table():
                parts = definition.cases
            case Lifecycle():
                parts = [
                    state
                    for state in definition.states
                    if state.name in {one.name for one in definition.starts}
                ]
            case Rank():
                parts = definition.classes
            case Score():
                parts = definition.bands
            case _:
                parts = []
        for part in parts:
            yield CaseOf(definition, part.name, part.span)
