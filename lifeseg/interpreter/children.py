"""Quantifiers and aggregates over child rows come in; functions from a row to their value go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from lifeseg.functions import statistics
from lifeseg.functions.calendar import period_bounds
from lifeseg.interpreter import partial
from lifeseg.interpreter.link import UNKNOWN, Link, NotGiven, Run
from lifeseg.interpreter.results import Row
from lifeseg.model import expression as e

Compile = Callable[[Link, e.Expression], Run]


def rows_of(link: Link, children: e.Children, compile_: Compile) -> Callable[[Row], Sequence[Row]]:
    """The child rows dated within the period for which `where` holds."""
    entity, tests = children.entity, tests_of(link, children, compile_)
    if not tests:
        return lambda row: row[1][entity]
    if len(tests) == 1:
        (only,) = tests
        return lambda row: [child for child in row[1][entity] if only(child)]
    return lambda row: [child for child in row[1][entity] if all(test(child) for test in tests)]


def tests_of(link: Link, children: e.Children, compile_: Compile) -> list[Run]:
    tests = [dated(link, children.entity, children.period)] if children.period is not None else []
    return [*tests, compile_(link, children.where)] if children.where is not None else tests


def given_rows(link: Link, children: e.Children, compile_: Compile) -> partial.Admitted:
    """The child rows that may count, where some facts are not given; or no children are."""
    entity = children.entity

    def existing(row: Row) -> Sequence[Row]:
        if entity not in row[1]:
            raise NotGiven
        return row[1][entity]  # type: ignore[no-any-return]

    return partial.admitted(existing, tests_of(link, children, compile_))


def dated(link: Link, entity: str, period: e.Period) -> Run:
    """Whether a child's date lies in the period."""
    unit: Any = period.unit
    day, (start, end) = (
        reader(link, entity, period.dated),
        period_bounds(link.as_of, unit, period.first, period.last),
    )
    if link.dayless:
        return partial.given(lambda row: UNKNOWN)
    if end is None:
        return lambda row: day(row) >= start
    return lambda row: start <= day(row) < end


def reader(link: Link, entity: str, name: str) -> Run:
    """A fact of a child row."""
    read: Run = itemgetter(link.slots[entity][name])
    return partial.given(read) if link.partial else read


def quantified(link: Link, node: e.Quantified, compile_: Compile) -> Run:
    """some: a yes decides; every and no: a no (a yes) decides; then unknown; every never holds of nothing."""
    body = compile_(link, node.body)
    if link.partial:
        return partial.quantified(node.quantifier, given_rows(link, node.children, compile_), body)
    rows = rows_of(link, node.children, compile_)
    if node.quantifier == "every":
        return every(rows, body)
    then = node.quantifier == "some"

    def run(row: Row) -> Any:
        verdict: Any = not then
        for child in rows(row):
            holds = body(child)
            if holds:
                return then
            if holds is None:
                verdict = None
        return verdict

    return run


def every(rows: Callable[[Row], Sequence[Row]], body: Run) -> Run:
    def run(row: Row) -> Any:
        found = rows(row)
        verdict: Any = bool(found)
        for child in found:
            holds = body(child)
            if holds is False:
                return False
            if holds is None:
                verdict = None
        return verdict

    return run


def aggregate(link: Link, node: e.Aggregate, compile_: Compile) -> Run:
    """Of no rows an aggregate is missing, count 0; one missing value makes it missing unless it is passed over."""
    value = compile_(link, node.value) if node.value is not None else None
    rows = taken(link, node.children, compile_)
    if value is None:
        return lambda row: len(rows(row))
    if node.function == "share":
        return lambda row: share(rows(row), value)
    if node.function == "latest":
        return latest(link, node, rows, value)
    summary, found = (
        summary_of(node.function, value_scale(node)),
        values_of(link, node, rows, value, compile_),
    )

    def run(row: Row) -> Any:
        values = found(row)
        return summary(values) if values else None

    return run


def taken(link: Link, children: e.Children, compile_: Compile) -> Callable[[Row], Sequence[Row]]:
    """The rows that count; where it is not given which, there is no answer."""
    if not link.partial:
        return rows_of(link, children, compile_)
    rows = given_rows(link, children, compile_)

    def sure(row: Row) -> Sequence[Row]:
        found = rows(row)
        if not all(counts for _, counts in found):
            raise NotGiven
        return [child for child, _ in found]

    return sure


def values_of(
    link: Link, node: e.Aggregate, rows: Callable[[Row], Sequence[Row]], value: Run, compile_: Compile
) -> Callable[[Row], list[Any] | None]:
    """The values to be summed up, without those passed over; None where one is missing."""
    if link.partial:
        return partial.values(given_rows(link, node.children, compile_), value, node.known)
    if node.known:
        return lambda row: [found for child in rows(row) if (found := value(child)) is not None]

    def run(row: Row) -> list[Any] | None:
        values = [value(child) for child in rows(row)]
        return None if None in values else values

    return run


def share(rows: Sequence[Row], value: Run) -> int | None:
    return statistics.share(sum(value(child) is True for child in rows), len(rows))


def value_scale(node: e.Aggregate) -> int:
    return node.value.type.scale if node.value is not None else 0


def summary_of(function: str, scale: int) -> Callable[[list[Any]], Any]:
    """sum, mean, min, max or deviation of values at a scale, as whole numbers."""
    match function:
        case "sum":
            return sum
        case "mean":
            return lambda values: statistics.mean(values, scale)
        case "deviation":
            return lambda values: statistics.deviation(values, scale)
        case "min":
            return min
        case _:
            return max


def latest(link: Link, node: e.Aggregate, rows: Callable[[Row], Sequence[Row]], value: Run) -> Run:
    """The value of the row with the latest date; of several the one with the greatest key, then the greatest."""
    entity = link.model.entities[node.children.entity]
    names = [entity.dated or "", *(fact.name for fact in entity.keys)]
    places = [reader(link, entity.name, name) for name in names]

    def run(row: Row) -> Any:
        found = [([place(child) for place in places], value(child)) for child in rows(row)]
        if node.known:
            found = [(order, amount) for order, amount in found if amount is not None]
        if not found:
            return None
        last = max(order for order, _ in found)
        amounts = [amount for order, amount in found if order == last]
        return None if None in amounts else max(amounts)

    return run
