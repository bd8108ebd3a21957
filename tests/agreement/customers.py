"""A model and an as-of date come in; records that are hard on it go out: valid all of them, and at the edges of everything.

Values stand at the limits that conditions name and one step beside, at the ends of ranges, and often at the same place;
what may be missing is missing often; records without children, with one and with several; days at month ends, leap days
and the ends of periods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from lifeseg.functions.calendar import add_days, add_months, period_bounds
from lifeseg.model import expression as e
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact, Model
from lifeseg.model.walk import nodes
from lifeseg.records.population import Population, Rows
from lifeseg.records.to_tables import parents_first
from tests.agreement.words import DATA_WORDS

Key = tuple[str, str]
AS_OF = (
    date(2013, 6, 30),
    date(2013, 6, 30),
    date(2024, 2, 29),
    date(2023, 12, 31),
    date(2024, 3, 31),
    date(2024, 1, 1),
)
FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2090, 12, 31)


def customers(model: Model, as_of: date, source: Random, most: int = 30) -> Population:
    """Up to so many records of each entity without a parent, and up to five children of each record."""
    return Makings(model, as_of, source).population(most)


class Makings:
    """What is needed to draw values for a model."""

    def __init__(self, model: Model, as_of: date, source: Random) -> None:
        self.model, self.as_of, self.source = model, as_of, source
        self.limits = limits_of(model, as_of)
        self.days = sorted({day for day in days_of(model, as_of) if FIRST_DAY <= day <= LAST_DAY})
        self.far = not any(
            moves_dates(node) for node in nodes((model.definitions, model.statistics, model.claims))
        )

    def population(self, most: int) -> Population:
        rows: dict[str, Rows] = {}
        for entity in parents_first(self.model.entities):
            found = Rows(entity.name)
            above = len(rows[entity.parent].values) if entity.parent else 0
            numbers = (0, 0, 0, 1, 1, 2, 3, 5)
            parents = [place for place in range(above) for _ in range(self.source.choice(numbers))]
            count = self.source.choice((0, 1, 2, most, most, most, most, most))
            if entity.parent:
                count = len(parents)
                if self.source.random() < 0.5:
                    self.source.shuffle(parents)
                found.parents = parents
            favoured = {fact.name: [self.value(fact, entity) for _ in range(2)] for fact in entity.facts}
            taken: set[tuple[Value, ...]] = set()
            for place in range(count):
                above_key: tuple[Value, ...] = (parents[place],) if entity.parent else ()
                found.values.append(self.record(entity, favoured, taken, above_key))
                found.lines.append(place + 2)
            rows[entity.name] = found
        return Population({name: rows[name] for name in self.model.entities}, "")

    def record(
        self,
        entity: Entity,
        favoured: dict[str, list[Value]],
        taken: set[tuple[Value, ...]],
        above: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        """One record whose key no other record of its parent has."""
        for number in range(10_000):
            values = {}
            for fact in entity.facts:
                again = not fact.key and self.source.random() < 0.3
                values[fact.name] = (
                    self.source.choice(favoured[fact.name]) if again else self.value(fact, entity, number)
                )
            key = tuple(values[fact.name] for fact in entity.keys)
            if not key or (*above, *key) not in taken:
                taken.add((*above, *key))
                return tuple(values.values())
        raise AssertionError(f"no more keys for {entity.name}")

    # ---- Values ----------------------------------------------------------------------------------

    def value(self, fact: Fact, entity: Entity, number: int = 0) -> Value:
        if fact.type.optional and self.source.random() < 0.3:
            return None
        match fact.type.kind:
            case "number":
                return self.amount(fact, entity)
            case "text":
                limits = [str(limit) for limit in self.limits[entity.name, fact.name]]
                beside = [changed for word in limits for changed in (word.swapcase(), f"{word} ", word[:-1])]
                ways = [limits, limits, beside, list(DATA_WORDS)]
                word = self.source.choice(self.source.choice([way for way in ways if way]))
                return f"K{self.source.randrange(100)}{word if number % 3 else ''}" if fact.key else word
            case "truth":
                return self.source.random() < 0.5
            case "date":
                return self.day(fact, entity)
            case _:
                return self.source.choice(fact.type.options)

    def amount(self, fact: Fact, entity: Entity) -> int:
        """A whole number of steps: at a limit, beside one, at an end of the range, near the low end, anywhere."""
        unit = Fraction(10) ** fact.type.scale
        first, last = int(-((-fact.type.low * unit) // fact.step)), int(fact.type.high * unit // fact.step)
        near = [
            int(Fraction(str(limit)) * unit // fact.step) for limit in self.limits[entity.name, fact.name]
        ]
        beside = [
            place + shift for place in near for shift in (-1, 0, 0, 1) if first <= place + shift <= last
        ]
        zero = [0] if first <= 0 <= last else []
        ends = [first, last, min(first + 1, last), max(last - 1, first)]
        small = self.source.randint(max(first, min(0, last)), min(last, max(first, 0) + 12))
        ways = [ends, zero, beside, beside, beside, [small], [small], [self.source.randint(first, last)]]
        return self.source.choice(self.source.choice([way for way in ways if way])) * fact.step

    def day(self, fact: Fact, entity: Entity) -> date:
        limits = [limit for limit in self.limits[entity.name, fact.name] if isinstance(limit, date)]
        beside = [add_days(limit, shift) for limit in limits for shift in (-1, 0, 0, 1)]
        far = (
            [date.min, date.max, date(1582, 10, 10), date(1969, 12, 31)]
            if self.far and fact.name != entity.dated
            else []
        )
        anywhere = FIRST_DAY + timedelta(self.source.randrange((LAST_DAY - FIRST_DAY).days))
        recent = self.as_of - timedelta(self.source.randrange(800))
        ways = [self.days, self.days, beside, far, [anywhere], [recent], [recent]]
        return self.source.choice(self.source.choice([way for way in ways if way]))


# ---- Limits --------------------------------------------------------------------------------------


def limits_of(model: Model, as_of: date) -> defaultdict[Key, list[object]]:
    """What each fact is compared with: numbers, days, texts."""
    found: defaultdict[Key, list[object]] = defaultdict(list)
    for node in nodes((model.definitions, model.statistics, model.claims)):
        if isinstance(node, e.Compare):
            for subject, other in ((node.left, node.right), (node.right, node.left)):
                limit = constant_of(model, other, as_of)
                if isinstance(subject, e.Field) and limit is not None:
                    found[subject.entity, subject.name].append(limit)
        elif isinstance(node, e.OneOf) and isinstance(node.subject, e.Field):
            found[node.subject.entity, node.subject.name] += node.values
    return found


def constant_of(model: Model, node: e.Expression, as_of: date) -> object:
    """The value of an expression that is the same for all records, as far as that is easily seen."""
    match node:
        case e.Constant():
            value = node.value
        case e.Parameter():
            value = model.parameters[node.name].at(as_of)
        case e.Today():
            return as_of
        case e.Add() | e.Subtract() if node.type.kind == "date":
            day, count = constant_of(model, node.left, as_of), constant_of(model, node.right, as_of)
            if isinstance(day, date) and isinstance(count, Fraction) and count.denominator == 1:
                sign = 1 if isinstance(node, e.Add) else -1
                months = node.right.type.unit == (("month", 1),)
                return (add_months if months else add_days)(day, sign * int(count))
            return None
        case _:
            return None
    if node.type.kind == "number" and isinstance(value, int):
        return Fraction(value, 10**node.type.scale)
    return value


def days_of(model: Model, as_of: date) -> Iterator[date]:
    """The as-of date and those around it, month ends, leap days, the first and last days of periods."""
    for start in (as_of, date(2012, 2, 29), date(2013, 1, 31), date(2023, 12, 31)):
        for months in (-13, -12, -6, -2, -1, 0, 1):
            moved = add_months(start, months)
            yield from (add_days(moved, shift) for shift in (-1, 0, 1))
            yield add_days(moved.replace(day=1), -1)
    for node in nodes((model.definitions, model.statistics, model.claims)):
        if isinstance(node, e.Period):
            start, end = period_bounds(as_of, node.unit, node.first, node.last)  # type: ignore[arg-type]
            yield from (add_days(limit, shift) for limit in (start, end) for shift in (-1, 0))


def moves_dates(node: object) -> bool:
    return isinstance(node, e.Add | e.Subtract) and node.type.kind == "date"
