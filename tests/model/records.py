"""Declared entities come in; records that are valid under them go out, drawn by a random source."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact, Model
from lifeseg.records.population import Population, Rows

FIRST_DAY = date(2010, 1, 1)
DAYS = 2_000
WORDS = ("", "a", "b", "C 1", "重要")


def population(model: Model, source: random.Random, most: int = 5) -> Population:
    """Up to so many records of each entity without a parent, and up to three children of each record."""
    rows: dict[str, Rows] = {}
    for entity in parents_first(model.entities):
        found, taken = Rows(entity.name), set()
        above = len(rows[entity.parent].values) if entity.parent else 0
        parents = [place for place in range(above) for _ in range(source.choice((0, 0, 1, 1, 2, 3)))]
        source.shuffle(parents)
        for place in range(len(parents) if entity.parent else source.randint(1, most)):
            values = tuple(value(fact, source, place) for fact in entity.facts)
            parent = parents[place] if entity.parent else None
            key = tuple(one for fact, one in zip(entity.facts, values, strict=True) if fact.key)
            if key and (parent, key) in taken:
                continue
            taken.add((parent, key))
            found.values.append(values)
            found.lines.append(place + 2)
            found.parents += [parent] if parent is not None else []
        rows[entity.name] = found
    return Population({name: rows[name] for name in model.entities}, "")


def parents_first(entities: Mapping[str, Entity]) -> list[Entity]:
    found: dict[str, Entity] = {}
    while len(found) < len(entities):
        for name, entity in entities.items():
            if name not in found and (entity.parent is None or entity.parent in found):
                found[name] = entity
    return list(found.values())


def value(fact: Fact, source: random.Random, place: int) -> Value:
    """A valid value: ends of ranges and steps beside them often, missing where it may be."""
    if fact.type.optional and source.random() < 0.3:
        return None
    match fact.type.kind:
        case "number":
            return amount(fact, source, place)
        case "text":
            return f"K{place}" if fact.key else source.choice(WORDS)
        case "truth":
            return source.random() < 0.5
        case "date":
            return source.choice((date.min, date.max, *[FIRST_DAY + timedelta(source.randrange(DAYS))] * 6))
        case _:
            return source.choice(fact.type.options)


def amount(fact: Fact, source: random.Random, place: int) -> int:
    """A whole number of steps within the range."""
    unit = Fraction(10) ** fact.type.scale
    first, last = int(-((-fact.type.low * unit) // fact.step)), int(fact.type.high * unit // fact.step)
    if fact.key:
        return min(first + place, last) * fact.step
    near = min(last, first + 6)
    drawn = source.choice((first, last, source.randint(first, near), source.randint(first, last)))
    return drawn * fact.step
