"""Results, a record and what it may be changed to come in; a world goes out in which all else is as it is.

What nothing that may change has to do with is asked of the interpreter, once, and stands as a plain value. So the solver is
told of few things, and of those exactly: the records, the day and the population are those of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import date
from fractions import Fraction
from typing import Any

import z3

from lifeseg.frozen import dataclass
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Run, linked
from lifeseg.interpreter.results import Results, Row
from lifeseg.model import expression as e
from lifeseg.model.changes import Room
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact
from lifeseg.model.types import Type
from lifeseg.model.walk import nodes
from lifeseg.prover.from_expression import plain
from lifeseg.prover.sizes import behind
from lifeseg.prover.terms import Symbol, Term, chosen
from lifeseg.prover.world import Manner, Record, World

MOST_PLACES, MOST_DIVISOR = 2000, 60
"""Places of a lever at which an amount is looked at, and by what it may be divided, to be told as one quotient."""

Spot = tuple[str, str]
"""Entity and name of a fact or a definition."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A fact of a record that may change; `place` is what the solver looks for: steps away from now, or which other value."""

    entity: str
    row: Row = field(repr=False)
    fact: Fact
    now: Value
    room: Room
    place: Any

    def value(self, place: int) -> Value:
        """What the fact is there."""
        if self.room.values:
            return self.room.values[place - 1] if place else self.now
        if isinstance(self.now, date):
            return date.fromordinal(self.now.toordinal() + place * self.room.step)
        assert isinstance(self.now, int)
        return self.now + place * self.room.step

    def steps(self, place: int) -> int:
        return int(place != 0) if self.room.values else abs(place)

    def cost(self, place: int) -> Fraction:
        return self.room.cost * self.steps(place)

    def bounds(self) -> tuple[int, int]:
        return (0, len(self.room.values)) if self.room.values else (self.room.least, self.room.most)

    def counted(self) -> Term:
        """The steps that are taken, as the solver counts them."""
        if self.room.values:
            return chosen(self.place != 0, 1, 0)
        low, high = self.bounds()
        if low >= 0:
            return self.place
        return -self.place if high <= 0 else chosen(self.place >= 0, self.place, -self.place)

    def symbol(self) -> Symbol:
        """The fact as the solver has it."""
        if self.fact.type.kind == "truth":
            return Symbol(self.place == 1 if self.now is False else self.place == 0)
        if self.fact.type.kind == "choice":
            return Symbol(
                {option: self.place == at for at, option in enumerate((self.now, *self.room.values))}
            )
        assert isinstance(self.now, int | date)
        start = self.now.toordinal() if isinstance(self.now, date) else self.now
        return Symbol(start + self.room.step * self.place)


Allowed = Callable[[Entity, Fact, Value], Room | None]
"""What a fact of a record may become, if it may."""


class Family:
    """A record, those above and beneath it, and the world that stands for them; `about`: the parts that decide."""

    def __init__(
        self, results: Results, entity: str, row: Row, about: Iterable[object], allowed: Allowed
    ) -> None:
        self.results, self.row, self.allowed = results, row, allowed
        self.record: Record
        self.levers: list[Lever] = []
        self.rows: list[Row] = []  # by the number of their record
        self.still: dict[int, tuple[bool, object]] = {}  # by node: whether no lever moves it
        self.runs: dict[int, Run] = {}
        model, statistics = results.model, dict(results.baseline.statistics)
        self.link = linked(model, results.as_of, statistics)
        self.world = World(model, Manner({}, loose_sums=False, loose_products=False), settled=self.settled)
        self.world.days.append(results.as_of.toordinal())
        for key, value in statistics.items():
            self.world.statistics[key] = (
                tuple(map(number, value)) if isinstance(value, tuple) else number(value)
            )
        asked = (node for part in behind(model, about) for node in nodes(part))
        self.asked = {(node.entity, node.name) for node in asked if isinstance(node, e.Field)}
        top, above = entity, row
        while (parent := model.entities[top].parent) is not None:
            top, above = parent, above[0]
        self.add(top, above, None, beside=False)
        self.moving = self.reached()

    # ---- Records ---------------------------------------------------------------------------------

    def add(self, entity: str, row: Row, parent: Record | None, *, beside: bool) -> None:
        """A record and all beneath it; what stands beside the one that is asked about stays as it is."""
        own = Record(entity, parent, True, len(self.world.records))
        self.world.records.append(own)
        self.rows.append(row)
        if row is self.row:
            self.record = own
        self.levers += self.levers_of(own, row, beside)
        if parent is not None:
            parent.below[entity].append(own)
        for name, below in row[1].items():
            own.below[name] = []
            for child in below:
                apart = beside or (self.is_above(row) and not self.is_above(child) and child is not self.row)
                self.add(name, child, own, beside=apart)

    def is_above(self, row: Row) -> bool:
        above = self.row[0]
        while above is not None:
            if above is row:
                return True
            above = above[0]
        return False

    def levers_of(self, record: Record, row: Row, beside: bool) -> Iterator[Lever]:
        entity, slots = self.results.model.entities[record.entity], self.results.slots[record.entity]
        for fact in entity.facts:
            value = row[slots[fact.name]]
            found = self.allowed(entity, fact, value) if not beside else None
            if found is None or (entity.name, fact.name) not in self.asked:
                record.facts[fact.name] = as_symbol(self.world, value, fact.type)
                continue
            place = z3.Int(f"{entity.name}.{fact.name} {record.number}")
            lever = Lever(entity.name, row, fact, value, found, place)
            record.facts[fact.name] = lever.symbol()
            yield lever

    # ---- What stays as it is ---------------------------------------------------------------------

    def reached(self) -> set[Spot]:
        """The facts that may change, and all definitions that need one of them."""
        found = {(lever.entity, lever.fact.name) for lever in self.levers}
        for one in self.results.model.definitions:
            if any(spot_of(node) in found for node in nodes(one)):
                found.add((one.entity, one.name))
        return found

    def settled(self, record: Record, node: e.Expression) -> Symbol | None:
        """What the interpreter says of a part that nothing changes."""
        key = id(node)
        if key not in self.still:
            self.still[key] = (not any(spot_of(one) in self.moving for one in nodes(node)), node)
        if not self.still[key][0]:
            return self.evenly(record, node)
        if key not in self.runs:
            self.runs[key] = from_expression(self.link, node)
        return as_symbol(self.world, self.runs[key](self.rows[record.number]), node.type)

    def evenly(self, record: Record, node: e.Expression) -> Symbol | None:
        """An amount that one fact of the record decides, if it rises or falls evenly: as one rounded quotient."""
        lever = self.only_lever(record, node) if node.type.kind == "number" else None
        if lever is None:
            return None
        low, high = lever.bounds()
        changed, slot = list(lever.row), self.results.slots[lever.entity][lever.fact.name]
        run, values = from_expression(self.link, node), []
        for place in range(low, high + 1):
            changed[slot] = lever.value(place)
            values.append(run(changed))
        shape = even(values) if None not in values else None
        if shape is None:
            return None
        rise, start, divisor = shape
        amount = rise * (lever.place - low) + start
        return Symbol(amount / divisor if divisor > 1 else amount)

    def only_lever(self, record: Record, node: e.Expression) -> Lever | None:
        """The one lever that moves a part, if it is a fact of this record that goes by steps, and not too many."""
        inside = list(nodes(node))
        spots = {spot for one in inside if (spot := spot_of(one)) in self.moving}
        if len(spots) != 1 or any(isinstance(one, e.Aggregate | e.Quantified) for one in inside):
            return None
        row = self.rows[record.number]
        for lever in self.levers:
            if lever.row is row and (lever.entity, lever.fact.name) in spots:
                few = lever.room.most - lever.room.least <= MOST_PLACES
                return lever if few and not lever.room.values and not isinstance(node, e.Field) else None
        return None


def even(values: Sequence[int]) -> tuple[int, int, int] | None:
    """Rise, start and divisor such that each value is `rise * place + start` divided and rounded down."""
    last = len(values) - 1
    for divisor in range(1, MOST_DIVISOR + 1):
        rise = round(divisor * (values[-1] - values[0]) / last) if last else 0
        starts = [divisor * value - rise * place for place, value in enumerate(values)]
        least, most = max(starts), min(starts) + divisor - 1
        if least <= most:
            return rise, least, divisor
    return None


def spot_of(node: object) -> Spot | None:
    if isinstance(node, e.Field):
        return node.entity, node.name
    return (node.entity, node.score) if isinstance(node, e.Band) else None


def number(value: int | None) -> Symbol:
    return Symbol(0, True) if value is None else Symbol(value)


def as_symbol(world: World, value: Value, kind: Type) -> Symbol:
    if value is None and kind.kind == "truth":
        return Symbol(False, True)
    return plain(world, value, kind)
