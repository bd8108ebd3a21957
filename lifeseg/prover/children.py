"""Quantifiers and aggregates over child rows and a record come in; their values as solver terms go out.

A quantifier asks for some row or for all, so a record with one child for each quantifier behind a question can be anything
that one with thousands can: `sizes` counts them. Sums, means and counts are followed for so many children only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from lifeseg.functions import statistics
from lifeseg.functions.calendar import period_bounds
from lifeseg.functions.exact import DIVISION_DECIMALS
from lifeseg.model import expression as e
from lifeseg.model.types import DATE
from lifeseg.prover.terms import (
    Symbol,
    Term,
    both,
    chosen,
    divided_half_away,
    either,
    either_symbol,
    implied,
    negated,
)
from lifeseg.prover.world import LAST_DAY, Record, World

Evaluate = Callable[[World, Record, e.Expression], Symbol]
Counted = list[tuple[Term, Record]]


def rows_of(world: World, record: Record, children: e.Children, evaluate: Evaluate) -> Counted:
    """Each child with the condition that it counts."""
    found = []
    for child in world.children(record, children.entity):
        tests = [child.exists]
        if children.period is not None:
            tests.append(dated(world, child, children.period))
        if children.where is not None:
            tests.append(evaluate(world, child, children.where).yes())
        found.append((both(tests), child))
    return found


def dated(world: World, child: Record, period: e.Period) -> Term:
    """The child's day lies in a period, whose ends are days that follow from today."""
    start, end = bounds(world, period)
    tests = [world.fact(child, period.dated).value >= start.value]
    tests.append(world.fact(child, period.dated).value < end.value)
    return both(tests)


def bounds(world: World, period: e.Period) -> tuple[Symbol, Symbol]:
    """The first day of a period and the day after it."""
    unit: Any = period.unit
    key = f"{unit} {period.first} {period.last}"
    if key not in world.periods:
        today = Symbol(world.today)

        def start_of(day: int) -> int:
            return period_bounds(date.fromordinal(day), unit, period.first, period.last)[0].toordinal()

        def end_of(day: int) -> int:
            end = period_bounds(date.fromordinal(day), unit, period.first, period.last)[1]
            return LAST_DAY + 1 if end is None else end.toordinal()

        start = world.called(f"start of {key}", DATE, (today,), start_of)
        end = world.called(f"end of {key}", DATE, (today,), end_of)
        world.constraints += [start.value <= world.today, start.value <= end.value]
        if period.first > 0:
            world.constraints.append(end.value <= world.today)
        else:
            world.constraints.append(end.value > world.today)
        world.periods[key] = (start, end)
    return world.periods[key]


def quantified(world: World, record: Record, node: e.Quantified, evaluate: Evaluate) -> Symbol:
    """some: a yes decides; every and no: a no (a yes) decides; then unknown; every never holds of nothing."""
    rows = [
        (counts, evaluate(world, child, node.body))
        for counts, child in rows_of(world, record, node.children, evaluate)
    ]
    unknown = either([both([counts, body.missing]) for counts, body in rows])
    if node.quantifier == "every":
        value = both(
            [
                either([counts for counts, _ in rows]),
                *(implied(counts, either([body.missing, body.value])) for counts, body in rows),
            ]
        )
        return Symbol(value, both([unknown, value]))
    some = either([both([counts, body.yes()]) for counts, body in rows])
    missing = both([unknown, negated(some)])
    return Symbol(some if node.quantifier == "some" else negated(some), missing)


# ---- Aggregates ----------------------------------------------------------------------------------


def aggregate(world: World, record: Record, node: e.Aggregate, evaluate: Evaluate) -> Symbol:
    """An amount over child rows; what ties all children together may stand as a free value."""
    if node.function in ("min", "max"):
        return extreme(world, record, node, evaluate)
    if node.function == "latest":
        return latest(world, record, node, evaluate)
    if node.function == "deviation" and world.settled is not None:
        return deviating(world, record, node, evaluate)
    loose = world.manner.loose_sums and node not in world.manner.counted
    if loose or node.function == "deviation":
        return world.amount(record, node)
    if node not in world.manner.counted:
        world.bounded = True
    return summed(world, record, node, evaluate)


def total(terms: list[Term]) -> Term:
    return sum(terms) if terms else 0


def summed(world: World, record: Record, node: e.Aggregate, evaluate: Evaluate) -> Symbol:
    """count, share, sum and mean of the children there may be."""
    rows = rows_of(world, record, node.children, evaluate)
    number = total([chosen(counts, 1, 0) for counts, _ in rows])
    if node.value is None:
        return Symbol(number)
    values = [(counts, evaluate(world, child, node.value)) for counts, child in rows]
    if node.function == "share":
        holding = total([chosen(both([counts, value.yes()]), 1, 0) for counts, value in values])
        return averaged(holding, 0, number, len(rows), False)
    taken, missing = admitted(node, values)
    counted = total([chosen(counts, 1, 0) for counts, _ in taken])
    amount = total([chosen(counts, value.value, 0) for counts, value in taken])
    if node.function == "sum":
        return Symbol(amount, either([missing, counted == 0]))
    return averaged(amount, node.value.type.scale, counted, len(rows), missing)


def deviating(world: World, record: Record, node: e.Aggregate, evaluate: Evaluate) -> Symbol:
    """A function of all values and of which of them count; so that it is known what may move it."""
    assert node.value is not None
    rows = rows_of(world, record, node.children, evaluate)
    taken, missing = admitted(node, [(counts, evaluate(world, child, node.value)) for counts, child in rows])
    values = tuple(Symbol(value.value) for _, value in taken)
    scale = node.value.type.scale

    def exactly(*amounts: int) -> int | None:
        found = zip(amounts[: len(values)], amounts[len(values) :], strict=True)
        return statistics.deviation([amount for amount, counts in found if counts], scale)

    counting = tuple(Symbol(chosen(counts, 1, 0)) for counts, _ in taken)
    found = world.called(f"deviation {scale}", node.type, (*values, *counting), exactly)
    return Symbol(found.value, either([missing, found.missing]))


def averaged(amount: Term, scale: int, counted: Term, most: int, missing: Term) -> Symbol:
    """An amount divided by how many there are, at twelve decimals."""
    shift = DIVISION_DECIMALS - scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    value: Term = 0
    for count in range(1, most + 1):
        share = divided_half_away(amount * up, count * down, never_negative=False)
        value = chosen(counted == count, share, value)
    return Symbol(value, either([missing, counted == 0]))


Amounts = list[tuple[Term, Symbol]]


def admitted(node: e.Aggregate, values: Amounts) -> tuple[Amounts, Term]:
    """The rows that are summed up, and whether a missing value makes the result missing."""
    if node.known:
        return [(both([counts, negated(value.missing)]), value) for counts, value in values], False
    return values, either([both([counts, value.missing]) for counts, value in values])


def extreme(world: World, record: Record, node: e.Aggregate, evaluate: Evaluate) -> Symbol:
    """The least or the greatest of the children's values."""
    assert node.value is not None
    rows = rows_of(world, record, node.children, evaluate)
    taken, missing = admitted(node, [(counts, evaluate(world, child, node.value)) for counts, child in rows])
    found, best = False, 0
    for counts, value in taken:
        better = value.value < best if node.function == "min" else value.value > best
        best = chosen(both([counts, either([negated(found), better])]), value.value, best)
        found = either([found, counts])
    return Symbol(best, either([missing, negated(found)]))


def latest(world: World, record: Record, node: e.Aggregate, evaluate: Evaluate) -> Symbol:
    """The value of a row with the latest date; of several any of them, and the interpreter says which."""
    assert node.value is not None
    dated = world.model.entities[node.children.entity].dated
    assert dated is not None
    rows = rows_of(world, record, node.children, evaluate)
    taken = []
    for counts, child in rows:
        value = evaluate(world, child, node.value)
        counts = both([counts, negated(value.missing)]) if node.known else counts
        taken.append((counts, world.fact(child, dated).value, value))
    if not taken:
        return world.free("latest", node.type.known(), missing=True)
    result = Symbol(taken[0][2].value, True)
    pick = world.number("latest", 0, len(taken) - 1)
    nobody = negated(either([counts for counts, _, _ in taken]))
    for place, (counts, day, value) in enumerate(taken):
        last = [implied(other, day >= others_day) for other, others_day, _ in taken]
        world.constraints.append(implied(pick == place, either([both([counts, *last]), nobody])))
        result = either_symbol(both([pick == place, counts]), value, result)
    return result
