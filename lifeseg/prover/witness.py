"""What the solver found comes in; a customer that the interpreter evaluates again goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil, floor
from typing import Any

import z3

from lifeseg.frozen import dataclass
from lifeseg.interpreter.evaluate import assign, rows_of
from lifeseg.interpreter.from_definition import band, from_definition
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Link, Run, linked
from lifeseg.interpreter.results import Baseline, BaselineValue
from lifeseg.interpreter.values import short_text
from lifeseg.model.expression import Expression, Value
from lifeseg.model.model import Claim, Entity, Fact, Model, Score, Statistic
from lifeseg.model.types import Type
from lifeseg.prover.answers import Described, Witness
from lifeseg.prover.terms import Symbol, Term
from lifeseg.prover.world import Record, World
from lifeseg.records.population import Population, Rows

A_DAY = date(2025, 6, 30)


@dataclass(frozen=True, slots=True)
class Found:
    """A point that the solver found, to be asked for values."""

    world: World
    point: Any

    def whole(self, term: Term) -> int:
        if isinstance(term, int):
            return term
        return int(self.point.eval(term, model_completion=True).as_long())

    def holds(self, term: Term) -> bool:
        return term if isinstance(term, bool) else z3.is_true(self.point.eval(term, model_completion=True))

    def value(self, symbol: Symbol, kind: Type) -> Value:
        """The value as the interpreter has it."""
        if self.holds(symbol.missing):
            return None
        match kind.kind:
            case "truth":
                return self.holds(symbol.value)
            case "date":
                return date.fromordinal(self.whole(symbol.value))
            case "text":
                place = self.whole(symbol.value)
                words = list(self.world.texts)
                return words[place] if place < len(words) else f"other {place - len(words) + 1}"
            case "choice":
                return next(str(name) for name, holds in symbol.value.items() if self.holds(holds))
            case _:
                return self.whole(symbol.value)

    @property
    def as_of(self) -> date:
        return date.fromordinal(self.whole(self.world.today)) if self.world.days else A_DAY


def witness(found: Found, record: Record) -> Witness:
    """The customer, with everything that was not asked of it filled up."""
    world, as_of = found.world, found.as_of
    top = record
    while top.parent is not None:
        top = top.parent
    rows = {name: Rows(name) for name in world.model.entities}
    fill(found, top, None, rows)
    statistics = {one.key: statistic(found, one) for one in world.model.statistics}
    said = {key: shown(statistics[key], world.by_key[key]) for key in world.statistics}
    asked = described(found, record, upward=True)
    return Witness(as_of, asked, said, Population(rows, ""), Baseline(statistics, {}))


def shown(value: BaselineValue, one: Statistic) -> str:
    kind = one.value.type if isinstance(value, tuple) and one.value is not None else one.type
    parts = value if isinstance(value, tuple) else (value,)
    return ", ".join("none" if part is None else short_text(part, kind) or "" for part in parts)


def fill(found: Found, record: Record, parent: int | None, rows: Mapping[str, Rows]) -> None:
    """A row for the record and for each child that exists."""
    entity, own = found.world.model.entities[record.entity], rows[record.entity]
    place = len(own.values)
    own.values.append(tuple(
        found.value(record.facts[fact.name], fact.type)
        if fact.name in record.facts
        else plain_value(fact, entity, found.as_of, record.number)
        for fact in entity.facts
    ))  # fmt: skip
    own.lines.append(place + 2)
    if parent is not None:
        own.parents.append(parent)
    for children in record.below.values():
        for child in children:
            if found.holds(child.exists):
                fill(found, child, place, rows)


def plain_value(fact: Fact, entity: Entity, as_of: date, number: int) -> Value:
    """A value for a fact that nothing asks for; keys are different."""
    if " " in fact.name:  # what was in the run before
        return None
    kind = fact.type
    match kind.kind:
        case "truth":
            return False
        case "date":
            usual = as_of - timedelta(30 * (number % 12)) if as_of.year > 1 else as_of
            if kind.low != kind.high:
                usual = date.fromordinal(min(max(usual.toordinal(), int(kind.low)), int(kind.high)))
            return usual
        case "text":
            return f"W{number + 1}"
        case "choice":
            return kind.options[number % len(kind.options) if fact.key else 0]
        case _:
            unit = 10**kind.scale
            first, last = -(-ceil(kind.low * unit) // fact.step), floor(kind.high * unit) // fact.step
            place: int = min(max(0, first) + (number if fact.key else 0), last)
            return place * fact.step


def statistic(found: Found, one: Statistic) -> BaselineValue:
    """The value that was found, or a plain one where nothing asks."""
    symbol = found.world.statistics.get(one.key)
    if isinstance(symbol, tuple):
        return tuple(None if found.holds(cut.missing) else found.whole(cut.value) for cut in symbol)
    if symbol is not None:
        return None if found.holds(symbol.missing) else found.whole(symbol.value)
    if one.function in ("tops", "bringing"):
        return tuple(None for _ in one.argument)
    if one.function == "groups":
        return tuple(None for _ in range(one.argument[0] - 1))
    unit = 10**one.type.scale
    low, high = ceil(one.type.low * unit), floor(one.type.high * unit)
    usual: int = min(max(unit, low), high)
    return usual


def described(found: Found, record: Record, *, upward: bool = False) -> Described:
    """The record as far as it was asked for."""
    facts = {}
    for fact in found.world.model.entities[record.entity].facts:
        if fact.name in record.facts:
            facts[fact.name] = found.value(record.facts[fact.name], fact.type)
    children = {
        name: tuple(described(found, child) for child in below if found.holds(child.exists))
        for name, below in record.below.items()
        if not upward or record.parent is None or name != record.entity
    }
    parent = described_above(found, record) if upward and record.parent is not None else None
    return Described(record.entity, facts, children, parent)


def described_above(found: Found, record: Record) -> Described:
    """The record above, with its other children."""
    above = record.parent
    assert above is not None
    facts = {
        fact.name: found.value(above.facts[fact.name], fact.type)
        for fact in found.world.model.entities[above.entity].facts
        if fact.name in above.facts
    }
    children = {
        name: tuple(
            described(found, child) for child in below if child is not record and found.holds(child.exists)
        )
        for name, below in above.below.items()
    }
    return Described(above.entity, facts, children, described_above(found, above) if above.parent else None)


# ---- Asked of the interpreter ----------------------------------------------------------------------


class Interpreter:
    """The interpreter of a model, made once for each day: what it says of customers with any baseline."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.days: dict[date, tuple[Link, list[tuple[str, int, Run]], list[tuple[Claim, Run]]]] = {}

    def on(self, day: date) -> tuple[Link, list[tuple[str, int, Run]], list[tuple[Claim, Run]]]:
        if day not in self.days:
            link = linked(self.model, day, {})
            runs: list[tuple[str, int, Run]] = []
            for one in self.model.definitions:
                slots = link.slots[one.entity]
                runs.append((one.entity, slots[one.name], from_definition(link, one)))
                if isinstance(one, Score) and one.bands:
                    runs.append((one.entity, slots[f"{one.name}_band"], band(link, one)))
            claims = [(claim, from_expression(link, claim.condition)) for claim in self.model.claims]
            self.days[day] = link, runs, claims
        return self.days[day]


class Evaluated:
    """The customer as the interpreter evaluates it: what it is, and what is wrong with it."""

    def __init__(self, interpreter: Interpreter, shown: Witness) -> None:
        self.entity = shown.asked.entity
        self.link, runs, claims = interpreter.on(shown.as_of)
        self.link.statistics.clear()
        self.link.statistics.update(shown.baseline.statistics)
        self.link.troubles.clear()
        rows = rows_of(self.link, shown.population)
        for entity, place, run in runs:
            assign(place, run, rows[entity])
        self.row = rows[self.entity][0]
        self.troubles = list(self.link.troubles)
        self.broken = [
            (claim.kind, claim.title, claim.entity, row)
            for claim, test in claims
            for row in rows[claim.entity]
            if test(row) is (claim.kind == "never")
        ]

    def value(self, name: str) -> Value:
        found: Value = self.row[self.link.slots[self.entity][name]]
        return found

    def verdict(self, condition: Expression) -> bool | None:
        found: bool | None = from_expression(self.link, condition)(self.row)
        return found

    def finds(self, kind: str, name: str) -> bool:
        """Whether that is wrong with the first record."""
        wrong = [
            (found, definition.name, definition.entity, row) for found, definition, row, _ in self.troubles
        ]
        return any(
            (found, other, entity) == (kind, name, self.entity) and row is self.row
            for found, other, entity, row in (*wrong, *self.broken)
        )

    def assumed(self) -> bool:
        """No assumption is broken."""
        return not any(kind == "assume" for kind, _, _, _ in self.broken)
