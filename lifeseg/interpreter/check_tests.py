"""A policy's own tests and the records they may start from come in; which hold, and what came out instead, goes out.

What a test does not give is unknown, not missing: an expectation holds only if it holds whatever the rest may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.functions.exact import rescale, to_text
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.from_definition import band, from_definition
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import FIRST_SLOT, UNKNOWN, Link, NotGiven, Run, linked
from lifeseg.interpreter.results import BaselineValue, Results, Row
from lifeseg.interpreter.values import text_of
from lifeseg.model.expression import Value
from lifeseg.model.model import Check, Entity, Expected, Given, Model, Score
from lifeseg.model.with_past import of_before, remembers, with_past
from lifeseg.records.population import Population

Rows = dict[str, dict[int, Row]]
Watch = Callable[[Link, Check, Rows], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """What came out instead: of a definition its name, the text wanted and the one found; or a condition's verdict.

    `found` may be "unknown" (it depends on what the test does not give), "no such record", "no case", or "several
    cases: …".
    """

    subject: str
    wanted: str
    found: str
    record: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A test with the number of its expectations, and those that failed."""

    __test__ = False  # not a test of our own, whatever its name suggests to a collector

    title: str
    span: Span = field(compare=False, repr=False)
    expectations: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """What the tests of one day share: the evaluated records, and every definition ready to be evaluated on a
    record of which some facts are not given.
    """

    link: Link
    results: Results | None
    runs: Sequence[tuple[str, int, Run]]  # entity, slot, what fills it


def run_tests(
    model: Model, population: Population | None, as_of: date | None, watch: Watch | None = None
) -> list[TestOutcome]:
    """All tests, in the order written; `population` holds the records that tests name, and gives the baseline.

    Without an as-of date, of the run or of the test, today is one of the things that are not given. `watch` is told of each
    record that has been evaluated.
    """
    benches = Benches(model, population)
    outcomes = []
    for test in model.tests:
        day = test.today or as_of
        failures = [
            failure
            for check in test.checks
            for failure in run_check(benches.of(day, check.given), check, watch)
        ]
        count = sum(len(check.expected) for check in test.checks)
        outcomes.append(TestOutcome(test.title, test.span, count, tuple(failures)))
    return outcomes


@dataclass(frozen=True, slots=True)
class Benches:
    """The benches of all days, made when they are asked for: for records without history, and for those with."""

    model: Model
    population: Population | None
    plain: dict[date | None, Bench] = field(default_factory=dict)
    knowing: dict[date | None, Bench] = field(default_factory=dict)

    def of(self, day: date | None, given: Given) -> Bench:
        if day not in self.plain:
            results = None
            if self.population is not None:
                results = evaluate(self.model, self.population, day or date.max)
            self.plain[day] = bench(self.model, results, day)
        if not remembers(given):
            return self.plain[day]
        if day not in self.knowing:
            self.knowing[day] = bench(with_past(self.model), self.plain[day].results, day)
        return self.knowing[day]


def bench(model: Model, results: Results | None, day: date | None) -> Bench:
    """Everything that tests of a day need; on an unknown day all records exist, and no statistics. The records are those of
    a run without history, also where the model knows the run before.
    """
    statistics: dict[str, BaselineValue] = {}
    if results is not None and day is not None:
        statistics.update(results.baseline.statistics)
    link = linked(model, day or date.max, statistics, partial=True)
    link.dayless = day is None
    runs: list[tuple[str, int, Run]] = []
    for definition in model.definitions:
        slots = link.slots[definition.entity]
        runs.append((definition.entity, slots[definition.name], from_definition(link, definition)))
        if isinstance(definition, Score) and definition.bands:
            runs.append((definition.entity, slots[definition.name + "_band"], band(link, definition)))
    return Bench(link, results, runs)


def run_check(ready: Bench, check: Check, watch: Watch | None = None) -> list[Failure]:
    """The failed expectations of one record."""
    record = " ".join(check.given.key or ()) or "the given record"
    row = started(ready, check.given)
    if row is None:
        return [Failure(record, "a record", "no such record", record, check.span)]
    ready.link.troubles.clear()
    rows = evaluated(ready, check.given.entity, row)
    if watch is not None:
        watch(ready.link, check, rows)
    failed = (failure(ready.link, row, check.given.entity, expected, record) for expected in check.expected)
    return [found for found in failed if found is not None]


# ---- The record ----------------------------------------------------------------------------------


def started(ready: Bench, given: Given) -> Row | None:
    """The row a test starts from: a copy of an existing record, or one of which only what is given is known."""
    link, results = ready.link, ready.results
    entity = link.model.entities[given.entity]
    if given.key is None:
        row = blank(link, entity)
    elif results is None or (place := results.index(given.entity, given.key)) is None:
        return None
    else:
        row = copied_family(link, results.rows[given.entity][place], entity)
    for name, value in given.facts.items():
        row[link.slots[entity.name][name]] = value
    for child, rows in given.children.items():
        described = (described_child(link, link.model.entities[child], row, values) for values in rows)
        row[1][child] = [found for found in described if exists(link, child, found)]
    return row


def copied_family(link: Link, source: Row, entity: Entity) -> Row:
    """A copy of a record with the records above it and all below them, their definitions still to be evaluated."""
    if entity.parent is None:
        return copied(link, source, entity, None)
    above = copied_family(link, source[0], link.model.entities[entity.parent])
    own = next(place for place, other in enumerate(source[0][1][entity.name]) if other is source)
    row: Row = above[1][entity.name][own]
    return row


def copied(link: Link, source: Row, entity: Entity, parent: Row | None) -> Row:
    """A copy of a record and of those below it; nobody has said what they were in the run before."""
    facts = [
        source[FIRST_SLOT + place] if not of_before(fact.name) else UNKNOWN
        for place, fact in enumerate(entity.facts)
    ]
    row: Row = [None, {}, *facts, *([None] * (len(link.slots[entity.name]) - len(facts)))]
    row[0] = parent
    for name, children in source[1].items():
        inner = link.model.entities[name]
        row[1][name] = [copied(link, child, inner, row) for child in children]
    return row


def blank(link: Link, entity: Entity) -> Row:
    """A record of which nothing is known, not even its children."""
    parent = blank(link, link.model.entities[entity.parent]) if entity.parent else None
    return [parent, {}, *([UNKNOWN] * len(link.slots[entity.name]))]


def described_child(link: Link, entity: Entity, parent: Row, values: Mapping[str, Value]) -> Row:
    """A child row: what its table does not give is unknown, its own children too."""
    slots = link.slots[entity.name]
    row: Row = [parent, {}, *([UNKNOWN] * len(slots))]
    for name, value in values.items():
        row[slots[name]] = value
    return row


def exists(link: Link, entity: str, row: Row) -> bool:
    """A row dated after the as-of date does not exist yet."""
    dated = link.model.entities[entity].dated
    day: Any = row[link.slots[entity][dated]] if dated else UNKNOWN
    return day is UNKNOWN or link.dayless or day <= link.as_of


def evaluated(ready: Bench, entity: str, row: Row) -> Rows:
    """Evaluates every definition for the record, the records above it, and all below these; gives them all."""
    rows: Rows = {}
    name: str | None = entity
    while name is not None:
        gather(name, row, rows)
        row, name = row[0], ready.link.model.entities[name].parent
    for owner, slot, run in ready.runs:
        for found in rows.get(owner, {}).values():
            try:
                found[slot] = run(found)
            except NotGiven:
                found[slot] = UNKNOWN
    return rows


def gather(entity: str, row: Row, rows: Rows) -> None:
    """The record and those below it, each once."""
    known = rows.setdefault(entity, {})
    if id(row) not in known:
        known[id(row)] = row
        for name, children in row[1].items():
            for child in children:
                gather(name, child, rows)


# ---- The expectations ----------------------------------------------------------------------------


def failure(link: Link, row: Row, entity: str, expected: Expected, record: str) -> Failure | None:
    """None if the expectation holds."""
    name, found = expected.name or "", ""
    if expected.name is not None:
        value = row[link.slots[entity][name]]
        found = trouble(link, row, name) or shown(link, entity, expected, value)
    wanted = expected.text if expected.text is not None else "missing"
    if expected.condition is not None:
        verdict = verdict_of(link, row, expected)
        if verdict is True:
            return None
        if expected.name is None:
            wanted, found = "yes", "no" if verdict is False else "unknown"
    elif found == wanted:
        return None
    return Failure(name, wanted or "none", found or "none", record, expected.span)


def verdict_of(link: Link, row: Row, expected: Expected) -> bool | None:
    """What a condition comes to; None where it depends on what is not given."""
    assert expected.condition is not None
    try:
        verdict: bool | None = from_expression(link, expected.condition)(row)
    except NotGiven:
        return None
    return verdict


def trouble(link: Link, row: Row, name: str) -> str | None:
    """That a definition finds no case for the record, or several: its value is empty, but not missing."""
    for _, definition, where, cases in link.troubles:
        if where is row and definition.name == name:
            return f"several cases: {', '.join(cases)}" if cases else "no case"
    return None


def shown(link: Link, entity: str, expected: Expected, value: Any) -> str:
    """The value as the test would write it."""
    if value is UNKNOWN:
        return "unknown"
    if value is None:
        return "missing"
    if isinstance(value, str):
        return value
    definition = next(found for found in link.model.of(entity) if found.name == expected.name)
    if definition.type.kind == "number" and expected.decimals is not None:
        amount = rescale(value, definition.type.scale, expected.decimals)
        return to_text(amount, expected.decimals, expected.decimals)
    return text_of(value, definition.type) or ""
