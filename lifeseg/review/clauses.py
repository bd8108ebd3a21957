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
    Move,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.model.walk import nodes
from lifeseg.model.with_past import Steps, both, either, recalling


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a condition that is not made of others by and, or, not. What a lifecycle asks, it asks of those `where`
    something holds of what they were: a start of who is new, a move of who is in its source.
    """

    definition: AnyDefinition
    condition: e.Expression
    where: e.Expression | None = None
    move: Move | None = None

    @property
    def span(self) -> Span:
        return self.condition.span


@dataclass(frozen=True, slots=True)
class CaseOf:
    """A case that a decision can give, of a score a band; or a move, which is made by those `where` that holds."""

    definition: AnyDefinition
    name: str
    span: Span
    where: e.Expression | None = None
    move: Move | None = None


def written(model: Model) -> Iterator[AnyDefinition]:
    """The definitions that somebody wrote, and not those that stand for offers or tasks."""
    return (found for found in model.definitions if not found.made and not isinstance(found, FlagBlock))


def clauses(model: Model) -> Iterator[Clause]:
    """Each place once, in the order of evaluation."""
    for definition in written(model):
        known: set[Span] = set()
        for condition, where, move in asked(definition):
            for leaf in leaves(condition):
                if leaf.span not in known and not isinstance(leaf, e.Constant):
                    known.add(leaf.span)
                    yield Clause(definition, recalling(leaf), where, move)


def asked(definition: AnyDefinition) -> Iterator[tuple[e.Expression, e.Expression | None, Move | None]]:
    """The conditions of a definition, of whom it asks each, and the move that asks."""
    steps = Steps(definition) if isinstance(definition, Lifecycle) and definition.moves else None
    new = steps.new() if steps is not None else None
    yield from ((condition, new, None) for condition in conditions(definition))
    for move in definition.moves if steps is not None and isinstance(definition, Lifecycle) else ():
        if steps is not None and move.condition is not None:
            yield move.condition, either(steps.at(place, move.source) for place in steps.places), move


def conditions(definition: AnyDefinition) -> Iterator[e.Expression]:
    """All conditions of a definition but those of moves, those inside its formulas too."""
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
                yield from starts_and_moves(definition)
                continue
            case Rank():
                parts = definition.classes
            case Score():
                parts = definition.bands
            case _:
                parts = []
        for part in parts:
            yield CaseOf(definition, part.name, part.span)


def starts_and_moves(lifecycle: Lifecycle) -> Iterator[CaseOf]:
    """The states in which somebody new starts, and the moves."""
    steps = Steps(lifecycle)
    for state in lifecycle.states:
        if state.name in {one.name for one in lifecycle.starts}:
            begun = both([steps.new(), steps.at(2, state.name)]) if lifecycle.moves else None
            yield CaseOf(lifecycle, state.name, state.span, begun)
    for move in lifecycle.moves:
        made = either(steps.moving(place, move) for place in steps.places)
        yield CaseOf(lifecycle, f"{move.source} → {move.target}", move.span, made, move)
