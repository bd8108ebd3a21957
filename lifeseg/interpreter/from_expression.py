"""A core expression comes in; a function from a row to the expression's value goes out. This is the meaning.

Numbers are whole numbers at the type's scale, missing is None, conditions are True, False or None.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import eq, ge, gt, itemgetter, le, lt
from typing import Any, assert_never

from lifeseg.functions.calendar import add_days, add_months, months_between
from lifeseg.functions.exact import DIVISION_DECIMALS, divide_half_away, power, rescale, square_root
from lifeseg.functions.transcendental import exp, ln, logistic
from lifeseg.interpreter import partial
from lifeseg.interpreter.children import aggregate, quantified
from lifeseg.interpreter.link import UNKNOWN, Link, NeedsHistory, NotGiven, Run
from lifeseg.interpreter.results import Row
from lifeseg.model import expression as e
from lifeseg.model.types import MONTH

Pair = Callable[[Any, Any], Any]
Condition = e.Compare | e.OneOf | e.IsMissing | e.Not | e.And | e.Or | e.Was | e.Quantified


def from_expression(link: Link, node: e.Expression) -> Run:
    """The function that evaluates the expression on a row."""
    match node:
        case e.Constant():
            return constantly(node.value)
        case e.Parameter():
            varies = link.dayless and link.model.parameters[node.name].since
            return not_given if varies else constantly(link.parameters[node.name])
        case e.Today():
            return not_given if link.dayless else constantly(link.as_of)
        case e.Field():
            return slot(link, node.entity, node.name, node.up)
        case e.Band():
            return slot(link, node.entity, node.score + "_band", node.up)
        case e.Statistic():
            return statistic(link, node.key)
        case e.Cut():
            return cut(link, node)
        case e.Group():
            return group(link, node)
        case e.Add() | e.Subtract():
            return added(link, node)
        case e.Multiply():
            return strictly(link, node.left, node.right, lambda a, b: a * b)
        case e.Divide():
            return divided(link, node)
        case e.Negate():
            value = from_expression(link, node.value)
            return lambda row: None if (a := value(row)) is None else -a
        case e.Round():
            return rounded(link, node.value, node.type.scale)
        case e.Distance():
            return from_expression(link, node.value)
        case e.Apply():
            return applied(link, node)
        case e.Aggregate():
            return aggregate(link, node, from_expression)
        case e.Choose():
            return chosen(link, node)
        case _:
            return condition(link, node)


def condition(link: Link, node: Condition) -> Run:
    """The function from a row to a verdict: True, False, or None for unknown."""
    match node:
        case e.Compare():
            return compared(link, node)
        case e.OneOf():
            return one_of(link, node)
        case e.IsMissing():
            return missing(link, node)
        case e.Not():
            value = from_expression(link, node.value)
            return lambda row: None if (a := value(row)) is None else not a
        case e.And():
            return joined(link, node.items, False)
        case e.Or():
            return joined(link, node.items, True)
        case e.Quantified():
            return quantified(link, node, from_expression)
        case e.Was():
            return needs_history
        case _:
            assert_never(node)


def constantly(value: Any) -> Run:
    return lambda row: value


def not_given(row: Row) -> Any:
    raise NotGiven


def needs_history(row: Row) -> Any:
    raise NeedsHistory


def slot(link: Link, entity: str, name: str, up: int) -> Run:
    """A fact, definition or band of the row, or of an ancestor's row."""
    place = link.slots[entity][name]
    if up:
        above = ancestor(up)
        plain: Run = lambda row: above(row)[place]  # noqa: E731
    else:
        plain = itemgetter(place)
    return partial.given(plain) if link.partial else plain


def ancestor(up: int) -> Run:
    def climb(row: Row) -> Any:
        for _ in range(up):
            row = row[0]
        return row

    return climb if up > 1 else itemgetter(0)


def statistic(link: Link, key: str) -> Run:
    """A number of the baseline, which is complete before anything that reads it is evaluated; a test without
    records has none.
    """
    statistics = link.statistics

    def read(row: Row) -> Any:
        value = statistics.get(key, UNKNOWN)
        if value is UNKNOWN:
            raise NotGiven
        return value

    return read


def cut(link: Link, node: e.Cut) -> Run:
    cuts, place = statistic(link, node.cuts.key), node.place
    return lambda row: cuts(row)[place]


def group(link: Link, node: e.Group) -> Run:
    value, cuts = from_expression(link, node.value), statistic(link, node.cuts.key)

    def run(row: Row) -> Any:
        amount = value(row)
        return None if amount is None else 1 + sum(cut is not None and amount >= cut for cut in cuts(row))

    return run


def strictly(link: Link, left: e.Expression, right: e.Expression, operation: Pair) -> Run:
    """A missing side gives a missing result."""
    first, second = from_expression(link, left), from_expression(link, right)
    if link.partial:
        return partial.strictly(first, second, operation)

    def run(row: Row) -> Any:
        a = first(row)
        if a is None:
            return None
        b = second(row)
        return None if b is None else operation(a, b)

    return run


def factors(left: e.Expression, right: e.Expression) -> tuple[int, int]:
    """What brings both sides to the larger of their scales."""
    common = max(left.type.scale, right.type.scale)
    return 10 ** (common - left.type.scale), 10 ** (common - right.type.scale)


def added(link: Link, node: e.Add | e.Subtract) -> Run:
    sign = 1 if isinstance(node, e.Add) else -1
    if node.type.kind == "date":
        shift = add_months if node.right.type.unit == MONTH else add_days
        return strictly(link, node.left, node.right, lambda day, count: shifted(shift, day, sign * count))
    if node.left.type.kind == "date":
        return strictly(link, node.left, node.right, lambda later, earlier: (later - earlier).days)
    up, down = factors(node.left, node.right)
    return strictly(link, node.left, node.right, lambda a, b: a * up + sign * b * down)


def shifted(shift: Callable[[date, int], date], day: date, count: int) -> date:
    """A day so much later; beyond the years 1 to 9999 it is their first or last day."""
    try:
        return shift(day, count)
    except ValueError:
        return date.max if count > 0 else date.min


def divided(link: Link, node: e.Divide) -> Run:
    """To twelve decimals, half away from zero; by zero it is missing."""
    shift = DIVISION_DECIMALS + node.right.type.scale - node.left.type.scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    if isinstance(node.right, e.Constant) and isinstance(node.right.value, int) and node.right.value > 0:
        value, divisor = from_expression(link, node.left), node.right.value * down
        return lambda row: None if (a := value(row)) is None else divide_half_away(a * up, divisor)

    def quotient(a: int, b: int) -> int | None:
        return divide_half_away(a * up, b * down) if b else None

    return strictly(link, node.left, node.right, quotient)


def rounded(link: Link, inner: e.Expression, decimals: int) -> Run:
    """To so many decimals, half away from zero."""
    value, scale = from_expression(link, inner), inner.type.scale
    if scale == decimals:
        return value
    if scale < decimals:
        up = 10 ** (decimals - scale)
        return lambda row: None if (a := value(row)) is None else a * up
    down = 10 ** (scale - decimals)
    return lambda row: None if (a := value(row)) is None else divide_half_away(a, down)


def applied(link: Link, node: e.Apply) -> Run:
    """The core functions; outside its domain a function is missing."""
    inner = node.arguments[0]
    if node.function == "months_between":
        return strictly(link, inner, node.arguments[1], months_between)
    if node.function in ("least", "greatest"):
        up, down = factors(inner, node.arguments[1])
        pick = min if node.function == "least" else max
        return strictly(link, inner, node.arguments[1], lambda a, b: pick(a * up, b * down))
    if node.function == "power":
        scale = inner.type.scale
        return strictly(link, inner, node.arguments[1], lambda a, exponent: power(a, scale, exponent))
    return transcendental(link, node.function, inner)


def transcendental(link: Link, function: str, inner: e.Expression) -> Run:
    value, scale = from_expression(link, inner), inner.type.scale

    def run(row: Row) -> Any:
        amount = value(row)
        if amount is None:
            return None
        if function == "square_root":
            return square_root(amount, scale) if amount >= 0 else None
        at_twelve = rescale(amount, scale, DIVISION_DECIMALS)
        if function == "ln":
            return ln(at_twelve) if at_twelve > 0 else None
        return exp(at_twelve) if function == "exp" else logistic(at_twelve)

    return run


# ---- Conditions ----------------------------------------------------------------------------------

COMPARISONS: dict[str, Pair] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def compared(link: Link, node: e.Compare) -> Run:
    """Numbers at the larger scale, dates as they are."""
    operation = COMPARISONS[node.operator]
    if node.left.type.kind != "number":
        return strictly(link, node.left, node.right, operation)
    up, down = factors(node.left, node.right)
    if up == down == 1:
        return strictly(link, node.left, node.right, operation)
    return strictly(link, node.left, node.right, lambda a, b: operation(a * up, b * down))


def one_of(link: Link, node: e.OneOf) -> Run:
    subject, values, negated = from_expression(link, node.subject), frozenset(node.values), node.negated
    if node.decided:
        return lambda row: (subject(row) in values) != negated
    return lambda row: None if (a := subject(row)) is None else (a in values) != negated


def missing(link: Link, node: e.IsMissing) -> Run:
    subject, negated = from_expression(link, node.subject), node.negated
    if link.partial:
        asked = partial.missing(subject, node.subject.type.optional)
        return lambda row: asked(row) != negated
    return lambda row: (subject(row) is None) != negated


def joined(link: Link, items: tuple[e.Expression, ...], decisive: bool) -> Run:
    """and (decisive: False), or (True): the decisive verdict wins over unknown, unknown over the other."""
    runs = [from_expression(link, item) for item in items]
    if link.partial:
        return partial.joined(runs, decisive)

    def run(row: Row) -> Any:
        verdict: Any = not decisive
        for item in runs:
            found = item(row)
            if found is decisive:
                return decisive
            if found is None:
                verdict = None
        return verdict

    return run


def chosen(link: Link, node: e.Choose) -> Run:
    """The first step that holds; an unknown one met before gives missing. Values come at the common scale."""
    scale = node.type.scale
    steps = [(from_expression(link, test), at_scale(link, value, scale)) for test, value in node.steps]
    last = at_scale(link, node.otherwise, scale) if node.otherwise is not None else constantly(None)
    if link.partial:
        optional = [test.type.optional for test, _ in node.steps]
        return partial.first_of([(*step, may) for step, may in zip(steps, optional, strict=True)], last)

    def run(row: Row) -> Any:
        for test, value in steps:
            verdict = test(row)
            if verdict:
                return value(row)
            if verdict is None:
                return None
        return last(row)

    return run


def at_scale(link: Link, node: e.Expression, scale: int) -> Run:
    value, up = from_expression(link, node), 10 ** (scale - node.type.scale)
    if up == 1 or node.type.kind != "number":
        return value
    return lambda row: None if (a := value(row)) is None else a * up
