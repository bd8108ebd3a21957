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
from lifeseg.plan.from_expression import KINDS, Gap, Surroundings, bounds, lowered

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
        day = p.Column("date", 0, 0, False, period.dated)
        tests += [f.compare(">=", day, f.literal(start)), f.compare("<", day, f.literal(end))]
    if node.children.where is not None:
        tests.append(f.surely(lowered(around, node.children.where)))
    return tests


def parts_of(node: Node, around: Surroundings) -> dict[str, p.Summary]:
    """The summaries of one node by what they tell: rows, yes, unknown, sum, known, min, max."""
    child, tests = node.children.entity, admitted(node, around)
    rows = f.both("and", tests) if tests else f.literal(True)
    if isinstance(node, e.Quantified):
        body = lowered(around, node.body)
        found = {
            "rows": named(child, "count", rows),
            "yes": named(child, "count", f.both("and", [*tests, body])),
        }
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
    if node.function in ("deviation", "latest"):
        raise Gap(f"{node.function} over child rows")
    masked = f.choose([(rows, value)], None) if tests else value
    if node.function in ("min", "max"):
        return {node.function: named(child, node.function, masked)}
    found = {"sum": named(child, "sum", masked)}
    if node.function == "mean":
        known = f.invert(f.is_null(masked)) if masked.optional else rows
        found["known"] = named(child, "count", known)
    return found


def number(name: str) -> p.AnyFormula:
    """A count of rows; of a record without children there is no group, and the count is 0."""
    return f.coalesce(p.Column("whole", 0, MOST_ROWS, True, name), f.literal(0))


def node_value(node: Node, around: Surroundings) -> p.AnyFormula:
    """The value of a quantifier or aggregate from its summary columns."""
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
            total = p.Column("whole", min(least * MOST_ROWS, 0), max(most * MOST_ROWS, 0), True, parts["sum"])
            shift = 10 ** max(DIVISION_DECIMALS - node.value.type.scale, 0)
            down = 10 ** max(node.value.type.scale - DIVISION_DECIMALS, 0)
            return f.quotient(f.times(total, shift), f.times(number(parts["known"]), down))
        case _:
            return p.Column(kind, low, high, True, parts[node.function])


def quantifier(node: e.Quantified, parts: Mapping[str, str]) -> p.AnyFormula:
    """some, every, no from the numbers of rows, of yes, and of unknown."""
    rows, yes = number(parts["rows"]), number(parts["yes"])
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
