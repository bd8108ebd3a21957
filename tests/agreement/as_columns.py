"""Records of a population come in; tables as columns, as programs give them, go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lifeseg.model.model import Model
from lifeseg.records.heading import ancestor_columns
from lifeseg.records.population import Population
from lifeseg.records.to_tables import parents_first
from tests.agreement.as_mapping import Give, given

Tables = dict[str, dict[str, list[Any]]]


def as_columns(
    model: Model, population: Population, tops: Iterable[int] | None = None, give: Give = given
) -> Tables:
    """All records, or those of some records without a parent and what belongs to them."""
    wanted = None if tops is None else {*tops}
    tables: Tables = {}
    kept: dict[str, set[int]] = {}
    for entity in parents_first(model.entities):
        rows = population.rows[entity.name]
        if entity.parent is None:
            places = [place for place in range(len(rows.values)) if wanted is None or place in wanted]
        else:
            places = [place for place, parent in enumerate(rows.parents) if parent in kept[entity.parent]]
        kept[entity.name] = {*places}
        columns: dict[str, list[Any]] = {
            fact.name: [give(fact, rows.values[place][at]) for place in places]
            for at, fact in enumerate(entity.facts)
        }
        above = keys_above(model, population, entity.name, places, give)
        tables[entity.name] = {**above, **columns}
    return tables


def keys_above(
    model: Model, population: Population, name: str, places: list[int], give: Give
) -> Mapping[str, list[Any]]:
    entity = model.entities[name]
    found: dict[str, list[Any]] = {}
    owners = []
    line, at = entity, places
    while line.parent is not None:
        at = [population.rows[line.name].parents[place] for place in at]
        line = model.entities[line.parent]
        owners.insert(0, (line, at))
    columns = iter(ancestor_columns(model.entities, entity))
    for owner, rows in owners:
        for position, fact in enumerate(owner.facts):
            if fact.key:
                column, _ = next(columns)
                found[column] = [
                    give(fact, population.rows[owner.name].values[row][position]) for row in rows
                ]
    return found
