"""Typed records come in; the rows of each entity that exist on the as-of date, as tables of engines hold them, go out.

A row is its key (the keys of the entities above first; the row's number within its parent where it has no key of its
own), then the facts in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lifeseg.model.expression import Value
from lifeseg.model.model import Entity
from lifeseg.records.population import Population
from lifeseg.records.to_database import on_the_day
from lifeseg.records.to_tables import keys_of, parents_first

Row = tuple[Value, ...]


def rows_on(entities: Mapping[str, Entity], population: Population, as_of: date) -> dict[str, list[Row]]:
    """Rows dated later, and what belongs to them, are left out before rows are numbered."""
    there = on_the_day(entities, population, as_of)
    keys: dict[str, list[Row]] = {}
    for entity in parents_first(entities):
        keys[entity.name] = keys_of(entity, there.rows[entity.name], keys.get(entity.parent or ""))
    return {
        name: [(*key, *values) for key, values in zip(keys[name], there.rows[name].values, strict=True)]
        for name in keys
    }
