"""Quantifiers and aggregates over child rows come in; summaries of groups, and the formulas that read them, go out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from lifeseg.functions.calendar import period_bounds
from lifeseg.model import expression as e
from lifeseg.model.types import DIVISION_DECIMALS
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p
from lifeseg.plan.deviation import Spread, deviation_fits, spread
from lifeseg.plan.from_expression import KINDS, Gap, Surroundings, bounds, column, held, lowered

Node = e.Quantified | e.Aggregate
MOST_ROWS = 10**10


def named(child: str, function: Any, value: p.AnyFormula) -> p.Summary:
    """A summary whose name is its content, so that equal ones are computed once, whatever asks for them."""
    digest = hashlib.sha256(repr((child, function, value)).encode()).hexdigest()[:12]
    return p.Summary(f"_c{digest}", function, value)


def summaries_of(found: Sequence[Node], around: Surroundings) -> tuple[p.Summary, ...]:
    """The summaries the nodes need, each once."""
    summaries = {summary.name: summary for node in found for summary in parts_of(node, around).values()}
    return tuple(summaries.values())


def admitted(node: Node, around: Surroundings) -> list[p.AnyFormula]:
    """The conditions under which a child row counts."""
    tests: list[p.AnyFormula] = []
    period = node.children.period
    if period is not None:
        unit: Any = period.unit
        start, end = period_bounds(around.as_of, unit, period.first, period.last)
        day = p.Column("date", 0, 0, False, around.field(node.children.entity, period.dated, 0))
        tests.append(f.compare(">=", day, f.literal(start)))
        if end is not None:
            tests.append(f.compare("<", day, f.literal(end)))
    if node.children.where is not None:
        tests.append(f.surely(lowered(around, node.children.where)))
    return tests


def parts_of(node: Node, around: Surroundings) -> dict[str, p.Summary]:
    """The summaries of one node by what they tell: rows, yes (or no instead), unknown, sum, known, min, max."""
    child, tests = node.children.entity, admitted(node, around)
    rows = f.both("and", tests) if tests else f.literal(True)
    if isinstance(node, e.Quantified):
        body = lowered(around, node.body)
        found = {"rows": named(child, "count", rows)}
        if isinstance(body, p.Not) and not body.optional:  # the same count serves who asks for the opposite
            return found | {"no": named(child, "count", f.both("and", [*tests, body.value]))}
        found["yes"] = named(child, "count", f.both("and", [*tests, body]))
        if body.optional:
            found["unknown"] = named(child, "count", f.both("and", [*tests, f.is_null(body)]))
        return found
    return aggregate_parts(node, tests, rows, around)


def aggregate_parts(
    node: e.Aggregate, tests: list[p.AnyFormula], rows: p.AnyFormula, around: Surroundings
) -> dict[str, p.Summary]:
    child = node.children.entity
    if node.function == "count":
        return {"rows": named(child, "count", rows)}
    assert node.value is not None
    value = lowered(around, node.value)
    if node.function == "share":
        yes = named(child, "count", f.both("and", [*tests, value]))
        return {"rows": named(child, "count", rows), "yes": yes}
    if node.function == "latest":
        return {"latest": latest(node, value, tests, around)}
    if node.function == "deviation":
        value = around.shared(f.subtract(value, f.literal(value.low)))
    masked = f.choose([(rows, value)], None) if tests else value
    if node.function in ("min", "max"):
        return {node.function: named(child, node.function, masked)}
    found = {"sum": named(child, "sum", masked)}
    if node.function in ("mean", "deviation"):
        known = f.invert(f.is_null(masked)) if masked.optional else rows
        found["known"] = named(child, "count", known)
    if node.function == "deviation":
        found["squares"] = named(child, "squares", masked)
    return found


def latest(
    node: e.Aggregate, value: p.AnyFormula, tests: list[p.AnyFormula], around: Surroundings
) -> p.Summary:
    """Of the admitted rows, with `known` only of those that have a value."""
    child = node.children.entity
    if node.known and value.optional:
        tests = [*tests, f.invert(f.is_null(value))]
    rows = f.surely(f.both("and", tests)) if tests else None
    order = tuple(column(fact.type, around.field(child, fact.name, 0), False) for fact in around.order(child))
    named_so = named(child, "latest", f.choose([(f.both("and", tests), value)], None) if tests else value)
    return p.Summary(named_so.name, "latest", value, order, rows)


def number(name: str, most: int = MOST_ROWS) -> p.AnyFormula:
    """A count of rows; of a record without children there is no group, and the count is 0."""
    return f.coalesce(p.Column("whole", 0, most, True, name), f.literal(0))


def node_value(node: Node, around: Surroundings, outer: Surroundings) -> p.AnyFormula:
    """The value of a quantifier or aggregate from its summary columns; `outer` is where it stands."""
    parts = {role: summary.name for role, summary in parts_of(node, around).items()}
    if isinstance(node, e.Quantified):
        return quantifier(node, parts)
    low, high = bounds(node.type)
    kind = KINDS[node.type.kind]
    match node.function:
        case "count":
            return number(parts["rows"])
        case "share":
            return f.quotient(f.times(number(parts["yes"]), 10**DIVISION_DECIMALS), number(parts["rows"]))
        case "mean":
            assert node.value is not None
            least, most = bounds(node.value.type)
            rows = outer.most_rows
            total = p.Column("whole", min(least * rows, 0), max(most * rows, 0), True, parts["sum"])
            shift = 10 ** max(DIVISION_DECIMALS - node.value.type.scale, 0)
            down = 10 ** max(node.value.type.scale - DIVISION_DECIMALS, 0)
            counted = f.times(number(parts["known"], rows), down)
            return held(f.quotient(held(f.times(total, shift)), held(counted)))
        case "deviation":
            assert node.value is not None
            return deviation(node, lowered(around, node.value), parts, outer)
        case _:
            return p.Column(kind, low, high, True, parts[node.function])


def deviation(
    node: e.Aggregate, value: p.AnyFormula, parts: Mapping[str, str], outer: Surroundings
) -> p.AnyFormula:
    """The root of the variance, from count, sum and sum of squares of the values less their least possible one."""
    assert node.value is not None
    width, rows, scale = value.high - value.low, outer.most_rows, node.value.type.scale
    if not deviation_fits(width, rows, scale):
        raise Gap("deviation over child rows of a wide range")
    found = p.Column("whole", 0, rows, True, parts["known"])
    count = f.bounded(f.choose([(f.compare(">", found, f.literal(0)), found)], None), 1, rows)
    total = p.Column("whole", 0, rows * width, True, parts["sum"])
    squares = p.Column("whole", 0, rows * width**2, True, parts["squares"])
    return spread(count, total, squares, Spread(width, rows, scale), outer.shared)


def quantifier(node: e.Quantified, parts: Mapping[str, str]) -> p.AnyFormula:
    """some, every, no from the numbers of rows, of yes, and of unknown."""
    rows = number(parts["rows"])
    yes = number(parts["yes"]) if "yes" in parts else f.subtract(rows, number(parts["no"]))
    unknown = number(parts["unknown"]) if "unknown" in parts else None
    zero = f.literal(0)
    if node.quantifier == "every":
        if unknown is None:
            return f.both("and", [f.compare(">", rows, zero), f.compare("=", rows, yes)])
        false = f.compare(">", f.subtract(f.subtract(rows, yes), unknown), zero)
        return f.choose([(f.compare("=", rows, zero), f.literal(False)), (false, f.literal(False)),
                         (f.compare(">", unknown, zero), f.null("truth"))], f.literal(True))  # fmt: skip
    some = f.compare(">", yes, zero)
    if unknown is not None:
        some = f.choose(
            [(some, f.literal(True)), (f.compare(">", unknown, zero), f.null("truth"))], f.literal(False)
        )
    return some if node.quantifier == "some" else f.invert(some)
