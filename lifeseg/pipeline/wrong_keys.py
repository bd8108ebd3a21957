"""The keys of all records with something wrong come in; what a run tells of them goes out, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Model
from lifeseg.pipeline.by_engine import Run, held_cases, outputs
from lifeseg.pipeline.overview import MOST_NAMED, Wrong
from lifeseg.pipeline.totals import Keys, What, what

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lifeseg.interpreter.results import Baseline
    from lifeseg.plan import tree as p


@dataclass(frozen=True, slots=True)
class Everybody:
    """All records, as far as naming cases asks for them."""

    connection: DuckDBPyConnection
    records: Mapping[str, str]
    dialect: str = "duckdb"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


def in_order(
    model: Model, plan: p.Plan, everybody: Everybody, wrong: Mapping[What, Keys], baseline: Baseline
) -> Iterator[Wrong]:
    """What went wrong, as a run of everybody would tell it: the first records by key."""
    spans = {(found.entity, found.name): found.span for found in model.definitions}
    claims = {claim.title: claim.span for claim in model.claims}
    for kind, name, entity in everything(plan):
        keys = wrong.get((kind, name, entity))
        if not keys:
            continue
        numbers = [fact.type.kind == "number" for fact in key_facts(model, model.entities[entity])]

        def place(key: tuple[str, ...], numbers: list[bool] = numbers) -> list[int | str]:
            return [int(part) if number else part for part, number in zip(key, numbers, strict=True)]

        named = tuple(sorted(keys, key=place)[:MOST_NAMED])
        cases: tuple[str, ...] = ()
        if kind == "several-cases":
            run = Run(cast("Any", everybody), model, plan.as_of)
            cases = held_cases(run, entity, name, named, baseline)
        span = claims[name] if kind in ("never", "assume") else spans[entity, name]
        yield Wrong(kind, name, entity, len(keys), named, cases, span)


def everything(plan: p.Plan) -> Iterator[What]:
    """What can be wrong, in the order in which runs look at it."""
    for step in outputs(plan):
        for trouble in step.troubles:
            for several in (False, True):
                yield what(trouble, several, step.entity)
        for claim in step.claims:
            yield what(claim, False, step.entity)


def key_facts(model: Model, entity: Entity) -> list[Any]:
    """The key of an entity, those above first."""
    above = key_facts(model, model.entities[entity.parent]) if entity.parent is not None else []
    return [*above, *entity.keys]
