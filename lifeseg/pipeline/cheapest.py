"""Opened results, records and a case come in; the cheapest changes that bring each of them there go out, evaluated again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.changes import Room, room, unit_of_costs
from lifeseg.model.expression import Field, Value
from lifeseg.model.model import Entity, Fact, Index, Model, Rank, Score
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.explaining import name_of
from lifeseg.pipeline.listing import (
    Query,
    Wanted,
    case_named,
    column_of,
    is_in,
    listed_entity,
    sort,
    wanted_of,
)
from lifeseg.pipeline.opened import Opened
from lifeseg.pipeline.stages import Progress
from lifeseg.pipeline.whatif import edited_results

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results
    from lifeseg.prover.nearest import Change, Goal, Ways

NOT = "not "


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of somebody: a case, `away` from it, in its own words; so many ways; seconds for each record."""

    case: str
    most: int = 3
    seconds: float = 10.0

    @property
    def away(self) -> bool:
        return self.case.startswith(NOT)

    @property
    def bare(self) -> str:
        return self.case.removeprefix(NOT).strip()


@dataclass(frozen=True, slots=True)
class Nearest:
    """A record, what it is wanted to be, and the ways that lead there; None if it is there. `value` is what is at stake."""

    entity: str
    key: str
    name: str | None
    goal: Goal
    ways: Ways | None
    levers: int = 0  # facts that may change and decide about it
    value: Value = None

    @property
    def good(self) -> bool:
        return self.ways is None or self.ways.verdict == "found"


@dataclass(frozen=True, slots=True)
class WorkList:
    """The records of a case by the value at stake, the largest first; `total` are in it."""

    cases: tuple[str, ...]
    value: str | None
    rows: tuple[Nearest, ...]
    total: int


def goal_of(model: Model, wish: Wish) -> Goal:
    if find_spec("z3") is None:
        raise refusal("prove-packages")
    from lifeseg.prover.nearest import Goal

    return Goal(*case_named(model, wish.bare), wish.away)


def nearest(found: Opened, entity: str, index: int, wish: Wish, goal: Goal | None = None) -> Nearest:
    """The cheapest ways of a record into a case."""
    goal = goal or goal_of(found.model, wish)  # which says it where there is no solver
    from lifeseg.prover.family import Family
    from lifeseg.prover.nearest import Search, about, wanted

    results = found.results
    key = "/".join(results.key(entity, results.rows[entity][index]))
    if goal.entity != entity:
        raise refusal("bad-argument.case-of", case=wish.bare, other=goal.entity, key=key, entity=entity)
    name = name_of(results, entity, index)
    if goal.reached(results.value(entity, index, goal.column)):
        return Nearest(entity, key, name, goal, None)
    row = results.rows[entity][index]
    family = Family(results, entity, row, about(results.model, goal), allowed(results.model))
    search = Search(family, wanted(family, goal), confirmed(results, entity, index, goal), wish.seconds)
    ways = search.ways(wish.most)
    return Nearest(entity, key, name, goal, ways, len(search.levers))


def allowed(model: Model) -> Any:
    declared = unit_of_costs(model.entities) is not None

    def may(entity: Entity, fact: Fact, value: Value) -> Room | None:
        return room(entity, fact, value, declared)

    return may


def confirmed(results: Results, entity: str, index: int, goal: Goal) -> Any:
    """Whether the interpreter says so, too, and breaks no assumption that was kept before."""
    before = broken(edited_results(results, entity, index, [])[0])

    def confirm(changes: Sequence[Change]) -> bool:
        edits = [
            (one.lever.entity, one.lever.row, one.lever.fact, one.lever.value(one.place)) for one in changes
        ]
        changed, taken = edited_results(results, entity, index, edits)
        place = next(at for at, row in enumerate(taken[entity]) if row is results.rows[entity][index])
        return goal.reached(changed.value(entity, place, goal.column)) and broken(changed) <= before

    return confirm


def broken(results: Results) -> set[tuple[str, str, int]]:
    return {(one.definition, one.entity, one.index) for one in results.findings if one.kind == "assume"}


# ---- Many at once --------------------------------------------------------------------------------


def work_list(
    found: Opened,
    cases: Sequence[str],
    wish: Wish,
    *,
    value: str | None,
    top: int | None,
    progress: Progress | None,
    total: int | None = None,
) -> WorkList:
    """The records in a case, those of most value first, each with its cheapest way; `total` are in it, if results are not
    of all.
    """
    results, goal = found.results, goal_of(found.model, wish)
    asked = wanted_of(results.model, cases)
    entity = listed_entity(results.model, asked, Query(tuple(cases)))
    if goal.entity != entity:
        raise refusal("bad-argument.case-apart", case=wish.bare, other=goal.entity, entity=entity)
    name = value_name(results.model, entity, value)
    places = in_order(results, entity, asked, name)
    shown = places[:top]
    done = tuple(rows(found, entity, shown, wish, goal, name, progress))
    return WorkList(tuple(cases), name, done, len(places) if total is None else total)


def in_order(results: Results, entity: str, asked: Sequence[Wanted], name: str | None) -> list[int]:
    places = [
        place
        for place, row in enumerate(results.rows[entity])
        if all(is_in(results, entity, row, one) for one in asked)
    ]
    if name is not None:
        sort(results, entity, places, column_of(results.model, entity, name))
    return places


def rows(
    found: Opened,
    entity: str,
    places: Sequence[int],
    wish: Wish,
    goal: Goal,
    name: str | None,
    progress: Progress | None,
) -> Iterator[Nearest]:
    for number, place in enumerate(places):
        if progress is not None:
            progress("nearest", number, len(places))
        own = found.results.value(entity, place, name) if name is not None else None
        yield replace(nearest(found, entity, place, wish, goal), value=own)


def value_name(model: Model, entity: str, named: str | None) -> str | None:
    """What says what somebody is worth: what is asked for, or what tasks or a rank of the policy go by."""
    amounts = [one.name for one in model.of(entity) if isinstance(one, Index | Score) and not one.made]
    amounts += [fact.name for fact in model.entities[entity].facts if fact.type.kind == "number"]
    if named is not None:
        if named not in amounts:
            from lifeseg.pipeline.opened import closest

            raise refusal(
                "no-such-name.amount", name=named, entity=entity, suggestion=closest(named, amounts)
            )
        return named
    by_task = (block.worth for block in model.tasks if block.entity == entity and block.worth is not None)
    ranks = (one for one in model.of(entity) if isinstance(one, Rank))
    by_rank = (one.by.name for one in ranks if isinstance(one.by, Field) and not one.by.up)
    return next((one for one in (*by_task, *by_rank) if one in amounts), None)
