"""Quantifiers and aggregates over child rows come in; summaries of groups, and the formulas that read them, go out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from lifeseg.functions.calendar import period_bounds
from lifeseg.model import expression as e
from lifeseg.model.model import Entity
from lifeseg.model.types import DIVISION_DECIMALS
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p
from lifeseg.plan.from_expression import KINDS, Gap, Surroundings, bounds, lowered

Node = e.Quantified | e.Aggregate
MOST_ROWS = 10**10


def names_of(node: Node) -> str:
    """The stem of a node's summary columns: the same for equal nodes, whatever the place they stand at."""
    return "_c" + hashlib.sha256(repr(node).encode()).hexdigest()[:12]


def summaries_of(
    found: Sequence[Node], around: Surroundings, child: Entity, as_of: date
) -> tuple[p.Summary, ...]:
    """The summaries the nodes need, each once."""
    summaries: dict[str, p.Summary] = {}
    for node in found:
        for summary in summaries_for(node, around, child, as_of):
            summaries.setdefault(summary.name, summary)
    return tuple(summaries.values())


def admitted(node: Node, around: Surroundings, child: Entity, as_of: date) -> list[p.AnyFormula]:
    """The conditions under which a child row counts."""
    tests: list[p.AnyFormula] = []
    period = node.children.period
    if period is not None:
        unit: Any = period.unit
        start, end = period_bounds(as_of, unit, period.first, period.last)
        day = p.Column("date", 0, 0, False, period.dated)
        tests += [f.compare(">=", day, f.literal(start)), f.compare("<", day, f.literal(end))]
    if node.children.where is not None:
        tests.append(f.surely(lowered(around, node.children.where)))
    return tests


def summaries_for(node: Node, around: Surroundings, child: Entity, as_of: date) -> Iterator[p.Summary]:
    stem, tests = names_of(node), admitted(node, around, child, as_of)
    rows = f.both("and", tests) if tests else f.literal(True)
    if isinstance(node, e.Quantified):
        body = lowered(around, node.body)
        yield p.Summary(stem + "_n", "count", rows)
        yield p.Summary(stem + "_yes", "count", f.both("and", [*tests, body]))
        if body.optional:
            yield p.Summary(stem + "_unknown", "count", f.both("and", [*tests, f.is_null(body)]))
        return
    yield from aggregated(node, stem, tests, rows, around, child)


def aggregated(
    node: e.Aggregate, stem: str, tests: list[p.AnyFormula], rows: p.AnyFormula, around: Surroundings, child: Entity
) -> Iterator[p.Summary]:
    if node.function == "count":
        yield p.Summary(stem + "_n", "count", rows)
        return
    assert node.value is not None
    value = lowered(around, node.value)
    if node.function == "share":
        yield p.Summary(stem + "_n", "count", rows)
        yield p.Summary(stem + "_yes", "count", f.both("and", [*tests, value]))
        return
    if node.function in ("deviation", "latest"):
        raise Gap(f"{node.function} over child rows")
    masked = f.choose([(rows, value)], None) if tests else value
    if node.function in ("sum", "mean"):
        yield p.Summary(stem + "_sum", "sum", masked)
        if node.function == "mean":
            yield p.Summary(stem + "_n", "count", f.invert(f.is_null(masked)) if masked.optional else rows)
    else:
        yield p.Summary(stem + "_" + node.function, "min" if node.function == "min" else "max", masked)


def number(name: str) -> p.AnyFormula:
    """A count of rows; of a record without children there is no group, and the count is 0."""
    return f.coalesce(p.Column("whole", 0, MOST_ROWS, True, name), f.literal(0))


def node_value(node: Node, around: Surroundings) -> p.AnyFormula:
    """The value of a quantifier or aggregate from its summary columns."""
    stem = names_of(node)
    if isinstance(node, e.Quantified):
        return quantifier(node, stem, lowered(around, node.body).optional)
    low, high = bounds(node.type)
    kind = KINDS[node.type.kind]
    match node.function:
        case "count":
            return number(stem + "_n")
        case "share":
            return f.quotient(f.times(number(stem + "_yes"), 10**DIVISION_DECIMALS), number(stem + "_n"))
        case "mean":
            assert node.value is not None
            least, most = bounds(node.value.type)
            total = p.Column("whole", min(least * MOST_ROWS, 0), max(most * MOST_ROWS, 0), True, stem + "_sum")
            shift = 10 ** max(DIVISION_DECIMALS - node.value.type.scale, 0)
            down = 10 ** max(node.value.type.scale - DIVISION_DECIMALS, 0)
            return f.quotient(f.times(total, shift), f.times(number(stem + "_n"), down))
        case _:
            return p.Column(kind, low, high, True, f"{stem}_{node.function}")


def quantifier(node: e.Quantified, stem: str, unsure: bool) -> p.AnyFormula:
    """some, every, no from the numbers of rows, of yes, and of unknown."""
    rows, yes = number(stem + "_n"), number(stem + "_yes")
    unknown = number(stem + "_unknown") if unsure else None
    zero = f.literal(0)
    if node.quantifier == "every":
        if unknown is None:
            return f.both("and", [f.compare(">", rows, zero), f.compare("=", rows, yes)])
        false = f.compare(">", f.subtract(f.subtract(rows, yes), unknown), zero)
        decided = f.choose([(f.compare("=", rows, zero), f.literal(False)), (false, f.literal(False)),
                            (f.compare(">", unknown, zero), f.null("truth"))], f.literal(True))  # fmt: skip
        return decided
    some = f.compare(">", yes, zero)
    if unknown is not None:
        some = f.choose(
            [(some, f.literal(True)), (f.compare(">", unknown, zero), f.null("truth"))], f.literal(False)
        )
    return some if node.quantifier == "some" else f.invert(some)
