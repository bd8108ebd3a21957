"""Typed records come in; the rows of each entity that exist on the as-of date, as tables of engines hold them, go out.

A row is its key (the keys of the entities above first; the row's number within its parent where it has no key of its
own), then the facts in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import compress

from lifeseg.model.expression import Value
from lifeseg.model.model import Entity
from lifeseg.records.population import Population
from lifeseg.records.to_tables import keys_of, parents_first

Row = tuple[Value, ...]


def rows_on(entities: Mapping[str, Entity], population: Population, as_of: date) -> dict[str, list[Row]]:
    """Rows dated later, and what belongs to them, are left out."""
    keys: dict[str, list[Row]] = {}
    there: dict[str, list[bool]] = {}
    found: dict[str, list[Row]] = {}
    for entity in parents_first(entities):
        own = population.rows[entity.name]
        keys[entity.name] = keys_of(entity, own, keys.get(entity.parent or ""))
        there[entity.name] = exists = [True] * len(own.values)
        if entity.dated is not None:
            place = [fact.name for fact in entity.facts].index(entity.dated)
            exists = [
                (day := values[place]) is None or not isinstance(day, date) or day <= as_of
                for values in own.values
            ]
        if entity.parent is not None:
            above = there[entity.parent]
            exists = [here and above[parent] for here, parent in zip(exists, own.parents, strict=True)]
        there[entity.name] = exists
        pairs = zip(keys[entity.name], own.values, strict=True)
        found[entity.name] = [(*key, *values) for key, values in compress(pairs, exists)]
    return found
