"""A core expression of the model comes in, the plan formula with the same value goes out.

The surroundings say which column a field is, which column a summary of child rows, which scalar a statistic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Literal, assert_never

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.expression import Value
from lifeseg.model.model import Fact, Parameter
from lifeseg.model.types import DAY, DIVISION_DECIMALS, MONTH, Type
from lifeseg.plan import formulas as f
from lifeseg.plan import transcendental as by_steps
from lifeseg.plan import tree as p

KINDS: dict[str, p.Kind] = {
    "number": "whole", "text": "text", "choice": "text", "truth": "truth", "date": "date", "flags": "list",
}  # fmt: skip
LONGEST_POWER = 64


class Gap(Exception):  # noqa: N818 - a declared gap, told to the user, not an error of ours
    """Something the language has and plans do not (yet): the interpreter evaluates it. Carries its name."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression's names stand for at the place it is evaluated."""

    as_of: date
    parameters: dict[str, Parameter]
    field: Callable[[str, str, int], str]  # entity, name, levels up -> column
    band: Callable[[str, str, int], str]  # entity, score, levels up -> column
    cases: Callable[[str, str], str]  # entity, definition -> the column that counts the cases that hold
    shared: Callable[
        [p.AnyFormula], p.AnyFormula
    ]  # a formula that is written more than once -> a column that holds it
    order: Callable[[str], tuple[Fact, ...]]  # entity -> the facts that tell which of its rows is the latest
    most_rows: int  # of an entity
    over_children: Callable[[e.Quantified | e.Aggregate], p.AnyFormula]
    scalar: Callable[[str], str]  # statistic key -> scalar


def bounds(kind: Type) -> tuple[int, int]:
    """The bounds of a number as held."""
    if kind.kind != "number":
        return 0, 0
    return floor(kind.low * 10**kind.scale), -floor(-kind.high * 10**kind.scale)


def floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def column(kind: Type, name: str, optional: bool) -> p.AnyFormula:
    return p.Column(KINDS[kind.kind], *bounds(kind), optional, name)


def lowered(around: Surroundings, node: e.Expression) -> p.AnyFormula:
    """The formula of an expression, at the scale of its type and within its bounds."""
    found = formula(around, node)
    if found.kind != "whole" or isinstance(found, p.Column | p.Literal_ | p.Scalar):
        return found
    return held(f.bounded(found, *bounds(node.type)))


def formula(around: Surroundings, node: e.Expression) -> p.AnyFormula:
    match node:
        case e.Constant():
            return constant(node.value)
        case e.Parameter():
            return constant(around.parameters[node.name].at(around.as_of))
        case e.Today():
            return f.literal(around.as_of)
        case e.Field():
            return column(node.type, around.field(node.entity, node.name, node.up), node.type.optional)
        case e.Band():
            return column(node.type, around.band(node.entity, node.score, node.up), node.type.optional)
        case e.Statistic() | e.Cut():
            return p.Scalar("whole", *bounds(node.type), True, scalar_of(around, node))
        case e.Group():
            return group(around, node)
        case e.Add() | e.Subtract():
            return sum_of(around, node)
        case e.Multiply():
            return f.multiply(lowered(around, node.left), lowered(around, node.right))
        case e.Divide():
            return divided(around, node)
        case e.Negate():
            return f.negate(lowered(around, node.value))
        case e.Round():
            return rescaled(around, lowered(around, node.value), node.value.type.scale, node.type.scale)
        case e.Distance():
            return lowered(around, node.value)
        case e.Apply():
            return applied(around, node)
        case e.Quantified() | e.Aggregate():
            return around.over_children(node)
        case e.Choose():
            return chosen(around, node)
        case e.Compare() | e.OneOf() | e.Was() | e.IsMissing() | e.Not() | e.And() | e.Or():
            return condition(around, node)
        case _:
            assert_never(node)


def scalar_of(around: Surroundings, node: e.Statistic | e.Cut) -> str:
    return around.scalar(node.key) if isinstance(node, e.Statistic) else cut_of(around, node.cuts, node.place)


def cut_of(around: Surroundings, cuts: e.Statistic, place: int) -> str:
    """Cuts are a scalar each."""
    return f"{around.scalar(cuts.key)}_{place}"


def held(value: p.AnyFormula) -> p.AnyFormula:
    """The formula itself, if engines can hold what comes out; the checker should have seen to that."""
    if value.kind == "whole" and value.bits > p.MOST_BITS:
        raise Gap("numbers of more than 127 bits")
    return value


def rescaled(around: Surroundings, value: p.AnyFormula, from_scale: int, to_scale: int) -> p.AnyFormula:
    """At another scale; what is rounded may be written twice, for its sign."""
    if to_scale < from_scale and value.low < 0 and not isinstance(value, p.Quotient):
        value = around.shared(value)
    return held(f.rescaled(value, from_scale, to_scale))


def group(around: Surroundings, node: e.Group) -> p.AnyFormula:
    """1 + how many cuts the value reaches; the cuts rise, and nothing reaches one that is null."""
    value = around.shared(lowered(around, node.value))
    low, high = bounds(node.value.type)
    groups = int(node.type.high)
    cuts = [
        p.Scalar("whole", low, high, True, cut_of(around, node.cuts, place)) for place in range(groups - 1)
    ]
    found = f.placed(value, cuts, [f.literal(place) for place in range(1, groups + 1)])
    return f.choose([(f.is_null(value), f.null("whole"))], found) if value.optional else found


def constant(value: Value) -> p.AnyFormula:
    assert not isinstance(value, tuple)
    return f.literal(value)


def condition(
    around: Surroundings, node: e.Compare | e.OneOf | e.Was | e.IsMissing | e.Not | e.And | e.Or
) -> p.AnyFormula:
    match node:
        case e.Compare():
            left, right = aligned(around, node.left, node.right)
            return f.compare(node.operator, left, right)
        case e.OneOf():
            subject = around.shared(lowered(around, node.subject))
            if node.decided:  # it has no case outside its `where`, nor where none or several hold
                subject = replace(subject, optional=True)
            found = f.one_of(subject, node.values)
            if node.decided:
                found = f.surely(found)
            return f.invert(found) if node.negated else found
        case e.Was():
            raise Gap("was")
        case e.IsMissing():
            found = f.is_null(lowered(around, node.subject))
            return f.invert(found) if node.negated else found
        case e.Not():
            return f.invert(lowered(around, node.value))
        case e.And():
            return f.both("and", [lowered(around, item) for item in node.items])
        case e.Or():
            return f.both("or", [lowered(around, item) for item in node.items])
        case _:
            assert_never(node)


def aligned(
    around: Surroundings, left: e.Expression, right: e.Expression
) -> tuple[p.AnyFormula, p.AnyFormula]:
    """Both sides at the larger of their scales."""
    common = max(left.type.scale, right.type.scale)
    one, other = lowered(around, left), lowered(around, right)
    return held(f.rescaled(one, left.type.scale, common)), held(f.rescaled(other, right.type.scale, common))


def sum_of(around: Surroundings, node: e.Add | e.Subtract) -> p.AnyFormula:
    if node.type.kind == "date":
        return shifted(around, node)
    if node.left.type.kind == "date":
        low, high = bounds(node.type)
        later, earlier = lowered(around, node.left), lowered(around, node.right)
        return p.DaysBetween("whole", low, high, later.optional or earlier.optional, later, earlier)
    left, right = aligned(around, node.left, node.right)
    return f.add(left, right) if isinstance(node, e.Add) else f.subtract(left, right)


def shifted(around: Surroundings, node: e.Add | e.Subtract) -> p.AnyFormula:
    day, count = (node.left, node.right) if node.left.type.kind == "date" else (node.right, node.left)
    amount = lowered(around, count)
    if isinstance(node, e.Subtract):
        amount = f.negate(amount)
    amount = around.shared(amount)
    start = around.shared(lowered(around, day))
    assert count.type.unit in (DAY, MONTH)
    unit: Literal["day", "month"] = "month" if count.type.unit == MONTH else "day"
    return p.DateShift("date", 0, 0, start.optional or amount.optional, start, amount, unit)


def divided(around: Surroundings, node: e.Divide) -> p.AnyFormula:
    """To twelve decimals."""
    shift = DIVISION_DECIMALS + node.right.type.scale - node.left.type.scale
    left, right = around.shared(lowered(around, node.left)), around.shared(lowered(around, node.right))
    above, below = held(f.times(left, 10 ** max(shift, 0))), held(f.times(right, 10 ** max(-shift, 0)))
    return f.quotient(above, below)


def applied(around: Surroundings, node: e.Apply) -> p.AnyFormula:
    match node.function:
        case "least" | "greatest":
            left, right = aligned(around, node.arguments[0], node.arguments[1])
            return f.extreme(node.function, around.shared(left), around.shared(right))
        case "power":
            return power(around, node)
        case "months_between":
            later, earlier = (around.shared(lowered(around, argument)) for argument in node.arguments)
            low, high = bounds(node.type)
            return p.MonthsBetween("whole", low, high, later.optional or earlier.optional, later, earlier)
        case _:
            return transcendental(around, node)


def transcendental(around: Surroundings, node: e.Apply) -> p.AnyFormula:
    """The checker has rounded the argument to at most twelve decimals."""
    inner = node.arguments[0]
    value, scale = lowered(around, inner), inner.type.scale
    if node.function == "square_root":
        if (
            scale > DIVISION_DECIMALS
            or max(value.high, 0) * 10 ** (2 * DIVISION_DECIMALS - scale) >= by_steps.MOST_ROOT
        ):
            raise Gap("square_root above 85070591730234")
        return by_steps.square_root(value, scale, around.shared)
    at_twelve = held(f.rescaled(value, scale, DIVISION_DECIMALS))
    match node.function:
        case "ln":
            return by_steps.ln(at_twelve, around.shared)
        case "exp":
            return by_steps.exp(at_twelve, around.shared)
        case "logistic":
            return by_steps.logistic(at_twelve, around.shared)
        case _:
            raise Gap(node.function)


def power(around: Surroundings, node: e.Apply) -> p.AnyFormula:
    """From 1, multiplied left to right, rounded to twelve decimals after each step."""
    first, last = int(node.arguments[1].type.low), int(node.arguments[1].type.high)
    if last > LONGEST_POWER:
        raise Gap(f"power above {LONGEST_POWER}")
    base, scale = around.shared(lowered(around, node.arguments[0])), node.arguments[0].type.scale
    powers = [f.literal(10**DIVISION_DECIMALS)]
    for _ in range(last):
        product = held(f.multiply(powers[-1], base))
        powers.append(around.shared(f.rescaled(product, DIVISION_DECIMALS + scale, DIVISION_DECIMALS)))
    if first == last and not node.arguments[1].type.optional and (last or not base.optional):
        return powers[last]
    exponent = around.shared(lowered(around, node.arguments[1]))
    unknown = [f.is_null(side) for side in (base, exponent) if side.optional]
    steps = [(test, f.null("whole")) for test in unknown]
    steps += [(f.compare("=", exponent, f.literal(step)), powers[step]) for step in range(first, last)]
    return f.choose(steps, powers[last])


def chosen(around: Surroundings, node: e.Choose) -> p.AnyFormula:
    """An unknown condition met before the first that holds gives null."""
    steps = []
    for test, value in node.steps:
        when = lowered(around, test)
        if when.optional:
            when = around.shared(when)
            steps.append((f.is_null(when), f.null(KINDS[node.type.kind])))
        steps.append((when, scaled(around, value, node.type)))
    otherwise = scaled(around, node.otherwise, node.type) if node.otherwise is not None else None
    return f.choose(steps, otherwise)


def scaled(around: Surroundings, node: e.Expression, kind: Type) -> p.AnyFormula:
    value = lowered(around, node)
    return value if kind.kind != "number" else held(f.rescaled(value, node.type.scale, kind.scale))
