"""A model comes in; records of which nothing is known but what is declared go out, and the constraints they obey.

What the solver is not told of stands as a free value within its declared range: it may then be more than can be, so what
is proved of it holds, and what is refuted is asked of the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from itertools import pairwise
from math import ceil, floor
from typing import Any

import z3

from lifeseg.frozen import dataclass
from lifeseg.model.expression import Aggregate, Expression, Field, OneOf
from lifeseg.model.model import AnyDefinition, Fact, Model, Statistic
from lifeseg.model.types import Type
from lifeseg.model.with_past import before
from lifeseg.prover.terms import Symbol, Term, both, chosen, either, implied, is_plain, negated

FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()


@dataclass(slots=True)
class Record:
    """A record that may or may not exist; facts and definitions are made when they are asked for."""

    entity: str
    parent: Record | None
    exists: Term
    number: int
    facts: dict[str, Symbol] = field(default_factory=dict)
    values: dict[str, Symbol] = field(default_factory=dict)
    below: dict[str, list[Record]] = field(default_factory=dict)
    twin: Record | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A free value that stands for what a function gives: with it, it can be pinned down at a point."""

    name: str
    result: Symbol
    arguments: tuple[Symbol, ...]
    function: Callable[..., Any]
    by_second: Callable[[Term, int], Term] | None = (
        None  # the result, exactly, where the second argument is a number
    )


@dataclass(frozen=True, slots=True)
class Manner:
    """How exactly the solver is told: amounts of children and products of two amounts as they are, or as free values."""

    sizes: Mapping[str, int]  # how many children of an entity a record may have
    counted: frozenset[Aggregate] = frozenset()  # counts that so many children tell exactly
    capped: bool = False  # more would have been needed
    loose_sums: bool = True
    loose_products: bool = True


@dataclass(slots=True)
class World:
    """Records, statistics and a day, and what is known of them."""

    model: Model
    manner: Manner
    constraints: list[Term] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # what stands as a free value, in words
    records: list[Record] = field(default_factory=list)
    statistics: dict[str, Symbol | tuple[Symbol, ...]] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    troubles: dict[tuple[int, str], tuple[Term, Term]] = field(default_factory=dict)
    definitions: dict[tuple[str, str], AnyDefinition] = field(default_factory=dict)
    known: dict[tuple[int, int], tuple[Symbol, object]] = field(default_factory=dict)
    by_key: dict[str, Statistic] = field(default_factory=dict)
    periods: dict[str, tuple[Symbol, Symbol]] = field(default_factory=dict)
    results: dict[object, Symbol] = field(default_factory=dict)  # of functions, by name and arguments
    amounts: dict[tuple[int, Aggregate], Symbol] = field(default_factory=dict)  # of children, as free values
    alike: Callable[[object], bool] | None = None  # whether a part means the same under both policies
    settled: Callable[[Record, Expression], Symbol | None] | None = None  # what is known beforehand of a part
    days: list[Term] = field(default_factory=list)
    made: int = 0
    bounded: bool = False  # amounts of children were followed for so many children only
    same_statistics: frozenset[str] = frozenset()  # what the population gives under both policies
    twin: World | None = None  # the same customers under another policy

    def __post_init__(self) -> None:
        self.definitions = {(one.entity, one.name): one for one in self.model.definitions}
        self.by_key = {one.key: one for one in self.model.statistics}
        self.bounded = self.manner.capped
        if self.twin is not None:
            self.texts, self.results = self.twin.texts, self.twin.results

    @property
    def today(self) -> Term:
        if self.twin is not None:
            return self.twin.today
        if not self.days:
            self.days.append(self.number("today", FIRST_DAY, LAST_DAY))
        return self.days[0]

    # ---- Free values -----------------------------------------------------------------------------

    def fresh(self, name: str) -> str:
        self.made += 1
        return f"{name}#{self.made}" if self.twin is None else f"{name}##{self.made}"

    def number(self, name: str, low: int, high: int, step: int = 1) -> Term:
        found = z3.Int(self.fresh(name))
        first, last = -(-low // step), high // step
        self.constraints += [found >= first, found <= last]
        return found * step if step > 1 else found

    def truth(self, name: str) -> Term:
        return z3.Bool(self.fresh(name))

    def free(self, name: str, kind: Type, *, step: int = 1, missing: Term | None = None) -> Symbol:
        """Any value of a type."""
        if missing is None:
            missing = self.truth(f"{name} missing") if kind.optional else False
        match kind.kind:
            case "number":
                unit = 10**kind.scale
                return Symbol(
                    self.number(name, ceil(kind.low * unit), floor(kind.high * unit), step), missing
                )
            case "truth":
                return Symbol(self.truth(name), missing)
            case "date":
                bounded = kind.low != kind.high
                low, high = (int(kind.low), int(kind.high)) if bounded else (FIRST_DAY, LAST_DAY)
                return Symbol(self.number(name, low, high), missing)
            case "text":
                return Symbol(self.number(name, 0, 10**6), missing)
            case _:
                place = self.number(name, 0, len(kind.options) - 1)
                return Symbol({option: place == at for at, option in enumerate(kind.options)}, missing)

    def called(
        self,
        name: str,
        kind: Type,
        arguments: tuple[Symbol, ...],
        function: Callable[..., Any],
        by_second: Callable[[Term, int], Term] | None = None,
    ) -> Symbol:
        """A free value in place of a function that the solver is not told of; missing where an argument is."""
        terms = [term for argument in arguments for term in (argument.value, argument.missing)]
        if is_plain(*terms):
            known = None if any(one.missing for one in arguments) else function(*terms[::2])
            return Symbol(0, True) if known is None else Symbol(known)
        key = (name, kind, tuple(term if isinstance(term, int) else (term.get_id(),) for term in terms))
        if key in self.results:
            return self.results[key]
        inner = self.truth(f"{name} missing") if kind.optional else False
        found = self.free(name, kind.known(), missing=inner)
        result = Symbol(found.value, either([inner, *(argument.missing for argument in arguments)]))
        self.results[key] = result
        self.calls.append(Call(name, Symbol(found.value, inner), arguments, function, by_second))
        return result

    def amount(self, record: Record, node: Aggregate) -> Symbol:
        """An amount over children as a free value, one for both policies where it means the same under both."""
        key = (record.number, node)
        if key not in self.amounts:
            what = f"{node.function} over {node.children.entity}"
            self.note(f"the {what}")
            if (
                self.twin is not None
                and record.twin is not None
                and self.alike is not None
                and self.alike(node)
            ):
                self.amounts[key] = self.twin.amount(record.twin, node)
            else:
                self.amounts[key] = self.free(what, node.type)
        return self.amounts[key]

    def note(self, what: str) -> None:
        self.notes.setdefault(what)

    def text(self, word: str) -> int:
        return self.texts.setdefault(word, len(self.texts))

    # ---- Records ---------------------------------------------------------------------------------

    def record(self, entity: str) -> Record:
        """A record that exists, and those above it."""
        above = self.model.entities[entity].parent
        parent = self.record(above) if above is not None else None
        found = self.new_record(entity, parent, True)
        if parent is not None:
            parent.below[entity] = [found]
            self.add_children(parent, entity)
        return found

    def new_record(self, entity: str, parent: Record | None, exists: Term) -> Record:
        found = Record(entity, parent, exists, len(self.records))
        self.records.append(found)
        dated = self.model.entities[entity].dated
        if dated is not None:
            self.constraints.append(implied(exists, self.fact(found, dated).value <= self.today))
        return found

    def mirrored(self, other: Record, parent: Record | None = None) -> Record:
        """A record of the other world in this one: the same facts, other results. Those above it come along."""
        if parent is None and other.parent is not None:
            parent = self.mirrored(other.parent)
        found = Record(other.entity, parent, other.exists, len(self.records), other.facts, twin=other)
        self.records.append(found)
        if parent is not None:
            parent.below.setdefault(other.entity, []).append(found)
        return found

    def children(self, record: Record, entity: str) -> list[Record]:
        if self.twin is not None and record.twin is not None:
            known = record.below.setdefault(entity, [])
            for other in self.twin.children(record.twin, entity):
                if not any(found.twin is other for found in known):
                    self.mirrored(other, record)
            return known
        if entity not in record.below:
            record.below[entity] = []
            self.add_children(record, entity)
        return record.below[entity]

    def add_children(self, parent: Record, entity: str) -> None:
        """As many as are asked for; those that exist come first, and their keys are different."""
        found = parent.below[entity]
        while len(found) < self.manner.sizes.get(entity, 0):
            exists = self.truth(f"{entity} {len(found) + 1}")
            if found:
                self.constraints.append(implied(exists, found[-1].exists))
            found.append(self.new_record(entity, parent, exists))
        keys = self.model.entities[entity].keys
        for place, one in enumerate(found if keys else ()):
            for other in found[:place]:
                same = both([self.same(self.fact(one, key.name), self.fact(other, key.name)) for key in keys])
                self.constraints.append(negated(both([one.exists, other.exists, same])))

    def same(self, one: Symbol, other: Symbol) -> Term:
        if isinstance(one.value, dict):
            return either([both([one.value[name], other.value[name]]) for name in one.value])
        return one.value == other.value

    def fact(self, record: Record, name: str) -> Symbol:
        if self.twin is not None and record.twin is not None and self.shared(record, name):
            return self.twin.fact(record.twin, name)
        if name not in record.facts:
            fact = self.fact_of(record.entity, name)
            record.facts[name] = self.free(name, fact.type, step=fact.step)
            if " " in name:
                self.constrain_past(record, name)
        return record.facts[name]

    def shared(self, record: Record, name: str) -> bool:
        """Whether the other policy knows the fact; what only this one allows of it is taken to be so."""
        assert self.twin is not None
        assert record.twin is not None
        own = self.fact_of(record.entity, name)
        other = next(
            (fact for fact in self.twin.model.entities[record.entity].facts if fact.name == name), None
        )
        if other is None or (other.type.kind, other.type.scale) != (own.type.kind, own.type.scale):
            return False
        if name not in record.facts and other.type != own.type:
            found = self.twin.fact(record.twin, name)
            if own.type.kind == "number":
                unit = 10**own.type.scale
                inside = both(
                    [found.value >= ceil(own.type.low * unit), found.value <= floor(own.type.high * unit)]
                )
                self.constraints.append(either([found.missing, inside]))
            elif isinstance(found.value, dict):
                known = either([found.value[option] for option in own.type.options if option in found.value])
                self.constraints.append(either([found.missing, known]))
            if not own.type.optional:
                self.constraints.append(negated(found.missing))
        return True

    def constrain_past(self, record: Record, name: str) -> None:
        """What was in the run before was within its scope then, and since no later day than today."""
        own = record.facts[name]
        if name.endswith(" since"):
            before_ = self.fact(record, name.removesuffix(" since") + " before")
            self.constraints += [own.value <= self.today, own.missing == before_.missing]
            return
        where = getattr(self.definitions.get((record.entity, name.removesuffix(" before"))), "where", None)
        if isinstance(where, OneOf) and isinstance(where.subject, Field) and not where.negated:
            stage = before(where.subject.name)
            if any(fact.name == stage for fact in self.model.entities[record.entity].facts):
                found = self.fact(record, stage)
                inside = either([found.value[value] for value in where.values if value in found.value])
                self.constraints.append(implied(negated(own.missing), both([negated(found.missing), inside])))

    def fact_of(self, entity: str, name: str) -> Fact:
        return next(fact for fact in self.model.entities[entity].facts if fact.name == name)

    # ---- Policy and population -------------------------------------------------------------------

    def parameter(self, name: str, value_of: Callable[[Any, Type], Symbol]) -> Symbol:
        """The value in force on the day."""
        parameter = self.model.parameters[name]
        found = value_of(parameter.value, parameter.type)
        for start, later in parameter.since:
            value = value_of(later, parameter.type).value
            found = Symbol(chosen(self.today >= start.toordinal(), value, found.value))
        return found

    def statistic(self, key: str, kind: Type) -> Symbol | tuple[Symbol, ...]:
        """Any value that the population may give; quantiles of the same values stand in their order."""
        if key not in self.statistics and self.twin is not None and key in self.same_statistics:
            self.statistics[key] = self.twin.statistic(key, kind)
        if key not in self.statistics:
            self.note(f"the population's {self.by_key[key].function}")
            one = self.by_key[key]
            if one.function in ("tops", "bringing", "groups"):
                self.statistics[key] = self.cuts(one)
            else:
                self.statistics[key] = self.free(key, kind)
                if one.function == "quantile":
                    self.in_order(one)
        return self.statistics[key]

    def cuts(self, one: Statistic) -> tuple[Symbol, ...]:
        """Limits of classes, from the top down, or of groups, from the bottom up; of nobody they are missing."""
        count = one.argument[0] - 1 if one.function == "groups" else len(one.argument)
        value = one.value if one.value is not None else one.entries[0].value
        found = [self.free(f"cut {place} of {one.key}", value.type.maybe()) for place in range(1, count + 1)]
        rising = found if one.function == "groups" else found[::-1]
        for lower, higher in pairwise(rising):  # who would be above is nobody first
            if one.function != "bringing":
                self.constraints.append(implied(lower.missing, higher.missing))
            known = both([negated(lower.missing), negated(higher.missing)])
            self.constraints.append(implied(known, lower.value <= higher.value))
        return tuple(found)

    def in_order(self, one: Statistic) -> None:
        for key, found in self.statistics.items():
            other, own = self.by_key[key], self.statistics[one.key]
            alike = (other.function, other.value, other.where) == (one.function, one.value, one.where)
            if key == one.key or not alike or isinstance(found, tuple) or isinstance(own, tuple):
                continue
            below, above = (own, found) if one.argument[0] < other.argument[0] else (found, own)
            self.constraints.append(below.value <= above.value)
