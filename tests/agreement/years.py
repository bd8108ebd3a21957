"""A number comes in; a year goes out: a policy that remembers, and the customers of each of twelve months, some of whom come,
go and come back. Always the same year.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from lifeseg.functions.calendar import add_months
from lifeseg.interpreter.values import text_of
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact, Model
from lifeseg.model.with_past import recalled
from lifeseg.records.heading import ancestor_columns
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_tables import parents_first
from tests.agreement.customers import customers
from tests.agreement.pairs import checked
from tests.agreement.policies import policy

MONTHS = 12
FIRST = date(2023, 5, 31)
POOL = 16
"""Customers of whom some are there each month."""
MOST = 10


@dataclass(frozen=True)
class Year:
    name: str
    text: str
    model: Model
    months: tuple[tuple[date, Population], ...]


def year(number: int) -> Year:
    """The year of that number."""
    source = Random(f"year {number}")
    while True:
        text = policy(source)
        model, _ = checked(text)
        if model is not None and recalled(model.definitions) and any(remembers(model)) and writable(model):
            return Year(f"year {number}", text, model, tuple(months(model, source)))


def remembers(model: Model) -> Iterator[bool]:
    """Whether the records of which something is asked can be known again."""
    for entity in recalled(model.definitions):
        keys = model.entities[entity].keys
        yield bool(keys) and all(key.type.kind != "truth" and not key.type.scale for key in keys)


def writable(model: Model) -> bool:
    """Whether files can say all this: an option of nothing but blanks is missing there, and children need a key above."""
    entities = model.entities.values()
    options = [option for entity in entities for fact in entity.facts for option in fact.type.options]
    parents = [model.entities[entity.parent] for entity in entities if entity.parent]
    return all(option == option.strip() != "" for option in options) and all(one.keys for one in parents)


def months(model: Model, source: Random) -> Iterator[tuple[date, Population]]:
    pools = {
        entity.name: pool_of(model, entity.name, source)
        for entity in model.entities.values()
        if entity.parent is None and entity.keys
    }
    for month in range(MONTHS):
        day = add_months(FIRST, month)
        population = customers(model, day, source, MOST)
        while any(
            not population.rows[entity.name].values for entity in model.entities.values() if not entity.parent
        ):
            population = customers(model, day, source, MOST)  # of nobody at all there is no run
        for entity, pool in pools.items():
            population = known_again(population, model, entity, pool, source)
        yield day, population


def pool_of(model: Model, entity: str, source: Random) -> list[tuple[Value, ...]]:
    """Records of an entity with different keys."""
    found: dict[tuple[Value, ...], tuple[Value, ...]] = {}
    for _ in range(30):
        for row in customers(model, FIRST, source, POOL).rows[entity].values:
            found.setdefault(key_of(model, entity, row), row)
        if len(found) >= POOL:
            break
    return list(found.values())[:POOL]


def key_of(model: Model, entity: str, row: tuple[Value, ...]) -> tuple[Value, ...]:
    facts = zip(model.entities[entity].facts, row, strict=True)
    return tuple(plain(value) for fact, value in facts if fact.key)


def known_again(
    population: Population, model: Model, entity: str, pool: list[tuple[Value, ...]], source: Random
) -> Population:
    """The same records with keys of the pool, half of them with its facts, too; whoever finds no key is left out."""
    facts = model.entities[entity].facts
    rows = population.rows[entity]
    known = source.sample(pool, min(len(pool), len(rows.values)))
    values = [
        old if source.random() < 0.5
        else tuple(before if fact.key else now for fact, before, now in zip(facts, old, new, strict=True))
        for old, new in zip(known, rows.values, strict=False)
    ]  # fmt: skip
    changed = dict(population.rows)
    changed[entity] = replace(rows, values=values, lines=rows.lines[: len(values)])
    return replace(population, rows=without_orphans(changed, model))


def without_orphans(rows: dict[str, Rows], model: Model) -> dict[str, Rows]:
    """Records whose parents are there."""
    for entity in parents_first(model.entities):
        if entity.parent is None:
            continue
        own, above = rows[entity.name], len(rows[entity.parent].values)
        kept = [place for place, parent in enumerate(own.parents) if parent < above]
        rows[entity.name] = Rows(
            entity.name,
            [own.values[place] for place in kept],
            [own.parents[place] for place in kept],
            [own.lines[place] for place in kept],
        )
    return rows


# ---- As files ------------------------------------------------------------------------------------


def write(model: Model, population: Population, folder: Path) -> None:
    """A file for each entity, the keys of what a record belongs to first."""
    for entity in model.entities.values():
        above = ancestor_columns(model.entities, entity)
        with (folder / f"{entity.name}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow([*(name for name, _ in above), *(fact.name for fact in entity.facts)])
            for place in range(len(population.rows[entity.name].values)):
                own = [text for _, text in cells(population, entity, place)]
                lines.writerow([*keys_above(model, population, entity, place), *own])


def cells(population: Population, entity: Entity, place: int) -> Iterator[tuple[Fact, str]]:
    """The facts of a record as files have them. Texts are plain, as files are another matter; those that are keys of children
    stay different.
    """
    for fact, value in zip(entity.facts, population.rows[entity.name].values[place], strict=True):
        if fact.type.kind == "text" and value is not None:
            yield fact, f"{plain(value)}{f'_{place}' if fact.key and entity.parent else ''}"
        elif fact.kind == "years" and isinstance(value, int):  # held in months
            yield fact, str(value // 12)
        else:
            yield fact, text_of(value, fact.type) or ""


def keys_above(model: Model, population: Population, entity: Entity, place: int) -> list[str]:
    if entity.parent is None:
        return []
    parent, above = model.entities[entity.parent], population.rows[entity.name].parents[place]
    own = [text for fact, text in cells(population, parent, above) if fact.key]
    return [*keys_above(model, population, parent, above), *own]


def plain(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    return "".join(sign if sign.isalnum() or sign == "_" else "x" for sign in value) or "x"
