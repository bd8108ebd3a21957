"""Makers of formulas: each settles the bounds, and whether the result can be null, of what it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import isqrt
from typing import Literal, assert_never

from lifeseg.functions.exact import divide_half_away
from lifeseg.plan import tree as p


def literal(value: int | str | bool | date | None) -> p.AnyFormula:
    kind: p.Kind = "whole"
    if isinstance(value, bool):
        kind = "truth"
    elif isinstance(value, str):
        kind = "text"
    elif isinstance(value, date):
        kind = "date"
    bound = value if kind == "whole" and isinstance(value, int) else 0
    return p.Literal_(kind, bound, bound, value is None, value)


def null(kind: p.Kind) -> p.AnyFormula:
    return p.Literal_(kind, 0, 0, True, None)


def is_nothing(value: p.AnyFormula) -> bool:
    return isinstance(value, p.Literal_) and value.value is None


def add(left: p.AnyFormula, right: p.AnyFormula) -> p.AnyFormula:
    if is_nothing(left) or is_nothing(right):
        return null("whole")
    if is_constant(left) and is_constant(right):
        return literal(left.low + right.low)
    if is_number(left, 0):
        return right
    if is_number(right, 0):
        return left
    return p.Binary(
        "whole",
        left.low + right.low,
        left.high + right.high,
        left.optional or right.optional,
        "+",
        left,
        right,
    )


def subtract(left: p.AnyFormula, right: p.AnyFormula) -> p.AnyFormula:
    if is_nothing(left) or is_nothing(right):
        return null("whole")
    if is_constant(left) and is_constant(right):
        return literal(left.low - right.low)
    if is_number(right, 0):
        return left
    return p.Binary(
        "whole",
        left.low - right.high,
        left.high - right.low,
        left.optional or right.optional,
        "-",
        left,
        right,
    )


def multiply(left: p.AnyFormula, right: p.AnyFormula) -> p.AnyFormula:
    if is_nothing(left) or is_nothing(right):
        return null("whole")
    if is_number(right, 1):
        return left
    if is_number(left, 1):
        return right
    if is_constant(left) and is_constant(right):
        return literal(left.low * right.low)
    if isinstance(left, p.Binary) and left.operator == "*" and is_constant(left.right) and is_constant(right):
        return multiply(left.left, literal(left.right.low * right.low))
    ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return p.Binary("whole", min(ends), max(ends), left.optional or right.optional, "*", left, right)


def times(value: p.AnyFormula, factor: int) -> p.AnyFormula:
    return multiply(value, literal(factor))


def is_constant(value: p.AnyFormula) -> bool:
    return isinstance(value, p.Literal_) and value.kind == "whole" and value.value is not None


def is_number(value: p.AnyFormula, number: int) -> bool:
    return is_constant(value) and value.low == number


def quotient(left: p.AnyFormula, right: p.AnyFormula) -> p.AnyFormula:
    """To the nearest whole number, halves away from zero; a division that is always exact is taken off its factor."""
    if is_nothing(left) or is_nothing(right) or is_number(right, 0):
        return null("whole")
    if is_constant(right) and right.low > 0:
        exact = without_factor(left, right.low)
        if exact is not None:
            return exact
    if is_constant(left) and is_constant(right):
        return literal(divide_half_away(left.low, right.low))
    zero = right.low <= 0 <= right.high
    widest = max(abs(left.low), abs(left.high))
    if is_constant(right) and right.low > 0:
        low, high = divide_half_away(left.low, right.low), divide_half_away(left.high, right.low)
    elif right.low > 0:
        low = min(divide_half_away(left.low, right.low), divide_half_away(left.low, right.high))
        high = max(divide_half_away(left.high, right.low), divide_half_away(left.high, right.high))
    else:
        low, high = -widest, widest
    return p.Quotient("whole", low, high, left.optional or right.optional or zero, left, right)


def whole(left: p.AnyFormula, right: p.AnyFormula) -> p.AnyFormula:
    """Rounded down; neither side is negative."""
    if is_nothing(left) or is_nothing(right) or is_number(right, 0):
        return null("whole")
    if is_number(right, 1):
        return left
    if is_constant(left) and is_constant(right):
        return literal(left.low // right.low)
    low, high = max(left.low, 0) // max(right.high, 1), max(left.high, 0) // max(right.low, 1)
    return p.Whole("whole", low, high, left.optional or right.optional or right.low <= 0, left, right)


def near_root(value: p.AnyFormula) -> p.AnyFormula:
    """Near the square root: at least 1, and no farther off than the bounds say."""
    if is_nothing(value):
        return null("whole")
    return p.NearRoot("whole", 1, 2 * isqrt(value.high) + 2, value.optional, value)


def bounded(value: p.AnyFormula, low: int, high: int) -> p.AnyFormula:
    """The formula with bounds that are known to be narrower than its parts tell."""
    return replace(value, low=max(low, value.low), high=min(high, value.high))


def without_factor(value: p.AnyFormula, divisor: int) -> p.AnyFormula | None:
    """The value divided by a divisor of its constant factor."""
    if is_constant(value) and value.low % divisor == 0:
        return literal(value.low // divisor)
    scaled = isinstance(value, p.Binary) and value.operator == "*" and is_constant(value.right)
    if scaled and isinstance(value, p.Binary) and value.right.low % divisor == 0:
        return multiply(value.left, literal(value.right.low // divisor))
    if isinstance(value, p.Binary) and value.operator in "+-":
        left, right = without_factor(value.left, divisor), without_factor(value.right, divisor)
        if left is not None and right is not None:
            return add(left, right) if value.operator == "+" else subtract(left, right)
    return None


def negate(value: p.AnyFormula) -> p.AnyFormula:
    if is_constant(value):
        return literal(-value.low)
    return subtract(literal(0), value)


def rescaled(value: p.AnyFormula, from_scale: int, to_scale: int) -> p.AnyFormula:
    """At another scale: exact upwards, rounded half away from zero downwards."""
    if to_scale >= from_scale:
        return times(value, 10 ** (to_scale - from_scale))
    return quotient(value, literal(10 ** (from_scale - to_scale)))


def extreme(function: Literal["least", "greatest"], left: p.AnyFormula, right: p.AnyFormula) -> p.AnyFormula:
    if is_nothing(left) or is_nothing(right):
        return null("whole")
    if is_constant(right):  # a null left is not beyond any limit, and stays null
        beyond = compare(">" if function == "least" else "<", left, right)
        capped = choose([(beyond, right)], left)
        bounds = (min(left.low, right.low), min(left.high, right.low))
        if function == "greatest":
            bounds = (max(left.low, right.low), max(left.high, right.low))
        return replace(capped, low=bounds[0], high=bounds[1])
    pick = min if function == "least" else max
    low, high = pick(left.low, right.low), pick(left.high, right.high)
    return p.Extreme("whole", low, high, left.optional or right.optional, function, left, right)


def compare(
    operator: Literal["=", "<", "<=", ">", ">="], left: p.AnyFormula, right: p.AnyFormula
) -> p.AnyFormula:
    return p.Compare("truth", 0, 0, left.optional or right.optional, operator, left, right)


def one_of(subject: p.AnyFormula, values: Sequence[str]) -> p.AnyFormula:
    return p.OneOf("truth", 0, 0, subject.optional, subject, tuple(values))


def is_null(subject: p.AnyFormula) -> p.AnyFormula:
    return p.IsNull("truth", 0, 0, False, subject)


def invert(value: p.AnyFormula) -> p.AnyFormula:
    if isinstance(value, p.Not):
        return value.value
    return p.Not("truth", 0, 0, value.optional, value)


def both(operator: Literal["and", "or"], items: Sequence[p.AnyFormula]) -> p.AnyFormula:
    if len(items) == 1:
        return items[0]
    return p.Both("truth", 0, 0, any(item.optional for item in items), operator, tuple(items))


def choose(
    steps: Sequence[tuple[p.AnyFormula, p.AnyFormula]], otherwise: p.AnyFormula | None
) -> p.AnyFormula:
    if not steps:
        assert otherwise is not None
        return otherwise
    values = [value for _, value in steps] + ([otherwise] if otherwise is not None else [])
    optional = otherwise is None or any(value.optional for value in values)
    kind = values[0].kind
    low, high = min(value.low for value in values), max(value.high for value in values)
    return p.Choose(kind, low, high, optional, tuple(steps), otherwise)


def coalesce(value: p.AnyFormula, instead: p.AnyFormula) -> p.AnyFormula:
    if not value.optional:
        return value
    low, high = min(value.low, instead.low), max(value.high, instead.high)
    return p.Coalesce(value.kind, low, high, instead.optional, value, instead)


def surely(condition: p.AnyFormula) -> p.AnyFormula:
    """The condition with unknown counted as no."""
    return coalesce(condition, literal(False))


def total(items: Sequence[p.AnyFormula]) -> p.AnyFormula:
    found = literal(0)
    for item in items:
        found = add(found, item)
    return found


def counted(condition: p.AnyFormula) -> p.AnyFormula:
    """1 where the condition is true, else 0."""
    return choose([(condition, literal(1))], literal(0))


# ---- Choosing by place ---------------------------------------------------------------------------


def placed(
    value: p.AnyFormula, cuts: Sequence[p.AnyFormula], results: Sequence[p.AnyFormula]
) -> p.AnyFormula:
    """The result of the place of a value among rising cuts: the first below all, the last from the last cut on.

    The value is compared by halves, so it should be simple. A cut that is null is above everything; so are those behind it.
    """
    if not cuts:
        return results[0]
    middle = len(cuts) // 2
    above = placed(value, cuts[middle + 1 :], results[middle + 1 :])
    below = placed(value, cuts[:middle], results[: middle + 1])
    return choose([(compare(">=", value, cuts[middle]), above)], below)


# ---- Scalars -------------------------------------------------------------------------------------


Statistics = Mapping[str, int | tuple[int | None, ...] | None]


def known_scalars(plan: p.Plan, statistics: Statistics) -> dict[str, int | None]:
    """What the scalars of a plan are worth; cuts are a scalar each."""
    scalars: dict[str, int | None] = {}
    for key, scalar in plan.scalars.items():
        found = statistics.get(key)
        if isinstance(found, tuple):
            scalars.update({f"{scalar}_{place}": cut for place, cut in enumerate(found)})
        else:
            scalars[scalar] = found
    return scalars


def settled(node: p.AnyFormula, scalars: Mapping[str, int | None]) -> p.AnyFormula:
    """The formula with the statistics measured so far in place of scalars, bounds and nulls told anew."""
    match node:
        case p.Scalar():
            return literal(scalars[node.name]) if scalars.get(node.name) is not None else null(node.kind)
        case p.Column() | p.Literal_():
            return node
        case p.Binary():
            left, right = settled(node.left, scalars), settled(node.right, scalars)
            return narrowed({"+": add, "-": subtract, "*": multiply}[node.operator](left, right), node)
        case p.Quotient():
            return narrowed(quotient(settled(node.left, scalars), settled(node.right, scalars)), node)
        case p.Whole():
            return narrowed(whole(settled(node.left, scalars), settled(node.right, scalars)), node)
        case p.NearRoot():
            return near_root(settled(node.value, scalars))
        case p.Extreme():
            made = extreme(node.function, settled(node.left, scalars), settled(node.right, scalars))
            return narrowed(made, node)
        case p.Choose():
            steps = [(settled(test, scalars), settled(value, scalars)) for test, value in node.steps]
            made = choose(steps, settled(node.otherwise, scalars) if node.otherwise is not None else None)
            return narrowed(made, node)
        case p.Coalesce():
            return coalesce(settled(node.value, scalars), settled(node.instead, scalars))
        case p.Compare() | p.OneOf() | p.IsNull() | p.Not() | p.Both():
            return settled_condition(node, scalars)
        case p.DateShift():
            day, count = settled(node.day, scalars), settled(node.count, scalars)
            return replace(node, day=day, count=count, optional=day.optional or count.optional)
        case p.DaysBetween() | p.MonthsBetween():
            later, earlier = settled(node.later, scalars), settled(node.earlier, scalars)
            return replace(node, later=later, earlier=earlier, optional=later.optional or earlier.optional)
        case p.Names():
            return replace(node, items=tuple((name, settled(test, scalars)) for name, test in node.items))
        case _:
            assert_never(node)


def narrowed(value: p.AnyFormula, node: p.AnyFormula) -> p.AnyFormula:
    """The value with the bounds of a formula that it equals, where those are narrower."""
    if value.kind != "whole" or is_constant(value) or is_nothing(value):
        return value
    low, high = max(value.low, node.low), min(value.high, node.high)
    return (
        replace(value, low=low, high=high)
        if (low, high) != (value.low, value.high) and low <= high
        else value
    )


def settled_condition(
    node: p.Compare | p.OneOf | p.IsNull | p.Not | p.Both, scalars: Mapping[str, int | None]
) -> p.AnyFormula:
    match node:
        case p.Compare():
            return compare(node.operator, settled(node.left, scalars), settled(node.right, scalars))
        case p.OneOf():
            return one_of(settled(node.subject, scalars), node.values)
        case p.IsNull():
            return is_null(settled(node.subject, scalars))
        case p.Not():
            return invert(settled(node.value, scalars))
        case p.Both():
            return both(node.operator, [settled(item, scalars) for item in node.items])
        case _:
            assert_never(node)


def texts_of(node: p.AnyFormula) -> tuple[str, ...] | None:
    """The texts that a formula can give, in their order, if it chooses among constants."""
    found: set[str] = set()
    waiting: list[p.AnyFormula] = [node]
    while waiting:
        match waiting.pop():
            case p.Literal_(value=str(text)):
                found.add(text)
            case p.Literal_(value=None):
                pass
            case p.Choose() as choice:
                waiting += [value for _, value in choice.steps]
                waiting += [choice.otherwise] if choice.otherwise is not None else []
            case _:
                return None
    return tuple(sorted(found)) or None
