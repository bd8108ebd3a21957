"""Quantifiers and aggregates over child rows come in; functions from a row to their value go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lifeseg.functions import statistics
from lifeseg.functions.calendar import period_bounds
from lifeseg.interpreter.link import UNKNOWN, Link, NotGiven, Run
from lifeseg.interpreter.results import Row
from lifeseg.model import expression as e

Compile = Callable[[Link, e.Expression], Run]


def rows_of(link: Link, children: e.Children, compile_: Compile) -> Callable[[Row], Sequence[Row]]:
    """The child rows dated within the period for which `where` is yes."""
    entity = children.entity
    tests: list[Run] = []
    if children.period is not None:
        tests.append(dated(link, entity, children.period))
    if children.where is not None:
        tests.append(compile_(link, children.where))

    def existing(row: Row) -> Sequence[Row]:
        rows: Any = row[1].get(entity, UNKNOWN)
        if rows is UNKNOWN:
            raise NotGiven
        return rows  # type: ignore[no-any-return]

    if not tests:
        return existing
    return lambda row: [child for child in existing(row) if all(test(child) for test in tests)]


def dated(link: Link, entity: str, period: e.Period) -> Run:
    unit: Any = period.unit
    start, end = period_bounds(link.as_of, unit, period.first, period.last)
    slot = link.slots[entity][period.dated]
    return lambda row: start <= row[slot] < end


def quantified(link: Link, node: e.Quantified, compile_: Compile) -> Run:
    """some: a yes decides; every and no: a no (a yes) decides; then unknown; every never holds of nothing."""
    rows, body = rows_of(link, node.children, compile_), compile_(link, node.body)
    decisive, then = (False, False) if node.quantifier == "every" else (True, node.quantifier == "some")

    def run(row: Row) -> Any:
        found = rows(row)
        verdict: Any = not then
        ungiven = False
        for child in found:
            try:
                holds = body(child)
            except NotGiven:
                ungiven = True
                continue
            if holds is decisive:
                return then
            if holds is None:
                verdict = None
        if ungiven:
            raise NotGiven
        return False if node.quantifier == "every" and not found else verdict

    return run


def aggregate(link: Link, node: e.Aggregate, compile_: Compile) -> Run:
    """Of no rows an aggregate is missing, count 0; one missing value makes it missing unless it is passed over."""
    rows = rows_of(link, node.children, compile_)
    if node.function == "count":
        return lambda row: len(rows(row))
    assert node.value is not None
    value = compile_(link, node.value)
    if node.function == "share":
        return lambda row: (
            statistics.share(sum(value(child) is True for child in found), len(found))
            if (found := rows(row))
            else None
        )
    if node.function == "latest":
        return latest(link, node, rows, value)
    summary = summary_of(node.function, node.value.type.scale)

    def run(row: Row) -> Any:
        values = [value(child) for child in rows(row)]
        if node.known:
            values = [found for found in values if found is not None]
        elif None in values:
            return None
        return summary(values) if values else None

    return run


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
    """The value of the row with the latest date; of several with that date, the greatest key, then the greatest value."""
    entity = link.model.entities[node.children.entity]
    slots = link.slots[entity.name]
    places = [slots[entity.dated or ""], *(slots[fact.name] for fact in entity.keys)]

    def run(row: Row) -> Any:
        found = [([child[place] for place in places], value(child)) for child in rows(row)]
        if node.known:
            found = [(order, amount) for order, amount in found if amount is not None]
        if not found:
            return None
        last = max(order for order, _ in found)
        amounts = [amount for order, amount in found if order == last]
        return None if None in amounts else max(amounts)

    return run
