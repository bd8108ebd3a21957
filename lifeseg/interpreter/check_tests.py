"""A policy's own tests and the records they may start from come in; which hold, and what came out instead, goes out.

What a test does not give is unknown, not missing: an expectation holds only if it holds whatever the rest may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.functions.exact import rescale, to_text
from lifeseg.interpreter.evaluate import evaluate, evaluate_into
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import FIRST_SLOT, UNKNOWN, Link, NeedsHistory, NotGiven, linked
from lifeseg.interpreter.results import BaselineValue, Results, Row
from lifeseg.interpreter.values import text_of
from lifeseg.model.expression import Value
from lifeseg.model.model import Check, Entity, Expected, Given, Model, Score
from lifeseg.records.population import Population


@dataclass(frozen=True, slots=True)
class Failure:
    """What came out instead: of a definition its name, the text wanted and the one found; or a condition's verdict.

    `found` may be "unknown" (it depends on what the test does not give) or "no such record".
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


def run_tests(model: Model, population: Population | None, as_of: date | None) -> list[TestOutcome]:
    """All tests, in the order written; `population` holds the records that tests name, and gives the baseline."""
    prepared: dict[date, Results] = {}
    outcomes = []
    for test in model.tests:
        day = test.today or as_of or date(2000, 1, 1)
        if population is not None and day not in prepared:
            prepared[day] = evaluate(model, population, day)
        results = prepared.get(day)
        failures: list[Failure] = []
        for check in test.checks:
            failures += run_check(model, results, day, check)
        count = sum(len(check.expected) for check in test.checks)
        outcomes.append(TestOutcome(test.title, test.span, count, tuple(failures)))
    return outcomes


def run_check(model: Model, results: Results | None, day: date, check: Check) -> list[Failure]:
    """The failed expectations of one record."""
    record = " ".join(check.given.key or ()) or "the given record"
    statistics: dict[str, BaselineValue] = dict(results.baseline.statistics) if results else {}
    link = linked(model, day, statistics, partial=True)
    row = started(link, results, check.given)
    if row is None:
        return [Failure(record, "a record", "no such record", record, check.span)]
    evaluated(link, check.given.entity, row)
    failed = (failure(link, row, check.given.entity, expected, record) for expected in check.expected)
    return [found for found in failed if found is not None]


# ---- The record ----------------------------------------------------------------------------------


def started(link: Link, results: Results | None, given: Given) -> Row | None:
    """The row a test starts from: a copy of an existing record, or one of which only what is given is known."""
    entity = link.model.entities[given.entity]
    if given.key is not None:
        place = results.index(given.entity, given.key) if results else None
        if results is None or place is None:
            return None
        row = copied(link, results.rows[given.entity][place], entity, above=True)
    else:
        row = blank(link, entity)
    for name, value in given.facts.items():
        row[link.slots[entity.name][name]] = value
    for child, rows in given.children.items():
        row[1][child] = [described(link, link.model.entities[child], row, values) for values in rows]
    return row


def copied(link: Link, source: Row, entity: Entity, *, above: bool, parent: Row | None = None) -> Row:
    """A copy of a record with its children, and of the records above it, whose definitions are still to be evaluated."""
    row: Row = [parent, {}, *source[FIRST_SLOT:]]
    for fact_slot in range(FIRST_SLOT + len(entity.facts), len(row)):
        row[fact_slot] = None
    if above and entity.parent is not None:
        upper = link.model.entities[entity.parent]
        row[0] = copied(link, source[0], upper, above=True)
        siblings = row[0][1][entity.name]
        own = next(place for place, other in enumerate(source[0][1][entity.name]) if other is source)
        row = siblings[own]
        return row
    for name, children in source[1].items():
        inner = link.model.entities[name]
        row[1][name] = [copied(link, child, inner, above=False, parent=row) for child in children]
    return row


def blank(link: Link, entity: Entity) -> Row:
    """A record of which nothing is known, not even its children."""
    parent = blank(link, link.model.entities[entity.parent]) if entity.parent else None
    row: Row = [parent, {}, *([UNKNOWN] * len(entity.facts))]
    row += [None] * (len(link.slots[entity.name]) + FIRST_SLOT - len(row))
    return row


def described(link: Link, entity: Entity, parent: Row, values: Mapping[str, Value]) -> Row:
    """A child row: what its table does not give is unknown, its own children are none."""
    row = blank(link, entity)
    row[0] = parent
    slots = link.slots[entity.name]
    for name, value in values.items():
        row[slots[name]] = value
    row[1] = {other.name: [] for other in link.model.entities.values() if other.parent == entity.name}
    return row


def evaluated(link: Link, entity: str, row: Row) -> None:
    """Evaluates every definition for the record, the records above it, and all their children."""
    rows: dict[str, list[Row]] = {}
    top, name = row, entity
    while (parent := link.model.entities[name].parent) is not None:
        top, name = top[0], parent
    gather(name, top, rows)
    if not any(found is row for found in rows.get(entity, ())):
        rows.setdefault(entity, []).append(row)
    for definition in link.model.definitions:
        evaluate_into(link, definition, rows.get(definition.entity, []))


def gather(entity: str, row: Row, rows: dict[str, list[Row]]) -> None:
    rows.setdefault(entity, []).append(row)
    for name, children in row[1].items():
        for child in children:
            gather(name, child, rows)


# ---- The expectations ----------------------------------------------------------------------------


def failure(link: Link, row: Row, entity: str, expected: Expected, record: str) -> Failure | None:
    """None if the expectation holds."""
    if expected.condition is not None:
        try:
            verdict = from_expression(link, expected.condition)(row)
        except (NotGiven, NeedsHistory):
            verdict = None
        if verdict is True:
            return None
        return Failure("", "yes", "no" if verdict is False else "unknown", record, expected.span)
    name = expected.name or ""
    value = row[link.slots[entity][name]]
    found = shown(link, entity, expected, value)
    wanted = expected.text if expected.text is not None else "missing"
    if found == wanted:
        return None
    return Failure(name, wanted or "none", found or "none", record, expected.span)


def shown(link: Link, entity: str, expected: Expected, value: Any) -> str:
    """The value as the test would write it."""
    if value is UNKNOWN:
        return "unknown"
    if value is None:
        return "missing"
    name = expected.name or ""
    definition = next(
        (found for found in link.model.of(entity) if name in (found.name, found.name + "_band")), None
    )
    if definition is None:
        return str(value)
    if isinstance(definition, Score) and name != definition.name:
        return str(value)
    if definition.type.kind == "number" and expected.decimals is not None:
        return to_text(
            rescale(value, definition.type.scale, expected.decimals), expected.decimals, expected.decimals
        )
    return text_of(value, definition.type) or ""
