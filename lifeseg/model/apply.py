"""Calls of core functions come in; typed Apply nodes with bounds go out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lifeseg.functions.exact import LARGEST_EXPONENT, power
from lifeseg.functions.transcendental import LN_LARGEST
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import (
    MOST_INTERMEDIATE,
    MOST_SCALE,
    common_scale,
    fits,
    same_unit,
    widest,
    within_bounds,
)
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.from_expression import from_expression, whole_number
from lifeseg.model.types import DIVISION_DECIMALS, MONTH, Type, kind_text, number, rounded
from lifeseg.syntax import tree as t

EXP_MOST = Fraction(16)
LONGEST_POWER = 64  # of an exponent that is an amount
LN_MOST = Fraction(LN_LARGEST, 10**DIVISION_DECIMALS)


def applied(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """The node for a core function, its arguments checked."""
    if tree.function in ("round", "power"):
        return with_whole(context, scope, tree)
    arguments = [from_expression(context, scope, argument) for argument in tree.arguments]
    if tree.function == "months_between":
        return between(context, tree, arguments)
    numbers(context, tree, arguments)
    if tree.function in ("least", "greatest"):
        return extreme(context, tree, arguments)
    return transcendental(context, tree, arguments[0])


def numbers(context: Context, tree: t.Call, arguments: Sequence[e.Expression]) -> None:
    for argument in arguments:
        if argument.type.kind != "number":
            context.report(
                "not-a-number", argument.span, kind=kind_text(argument.type.kind), operator=tree.function
            )
            raise Unresolved


def between(context: Context, tree: t.Call, arguments: list[e.Expression]) -> e.Expression:
    for argument in arguments:
        if argument.type.kind != "date":
            found = kind_text(argument.type.kind)
            context.report("not-comparable.dates", argument.span, kind=found, operator=tree.function)
            raise Unresolved
    kind = number(0, -120_000, 120_000, MONTH).maybe(any(argument.type.optional for argument in arguments))
    return e.Apply(tree.span, kind, tree.function, tuple(arguments))


def extreme(context: Context, tree: t.Call, arguments: list[e.Expression]) -> e.Expression:
    left, right = same_unit(context, tree.span, *arguments)
    a, b = left.type, right.type
    pick = min if tree.function == "least" else max
    scale = common_scale(context, tree.span, a, b)
    low, high = pick(a.low, b.low), pick(a.high, b.high)
    kind = Type("number", a.optional or b.optional, a.unit, scale, low, high, fixed=a.fixed and b.fixed)
    return e.Apply(tree.span, kind, tree.function, (left, right))


def with_whole(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """round and power, whose second argument is a whole number."""
    value = from_expression(context, scope, tree.arguments[0])
    numbers(context, tree, [value])
    if tree.function == "round":
        kind = rounded(value.type, whole_number(context, tree.arguments[1], 0, DIVISION_DECIMALS))
        within_bounds(context, tree.span, kind)
        return e.Round(tree.span, kind, value)
    exponent = exponent_of(context, scope, tree.arguments[1])
    of = exponent.type
    if value.type.unit and not of.low == of.high == 1:
        context.report("unit-mismatch.power", value.span)
        raise Unresolved
    low, high = power_bounds(context, tree, value.type, int(of.low), int(of.high))
    optional = value.type.optional or of.optional
    kind = Type("number", optional, value.type.unit, DIVISION_DECIMALS, low, high)
    return e.Apply(tree.span, kind, "power", (value, exponent))


def exponent_of(context: Context, scope: Scope, tree: t.Expression) -> e.Expression:
    """A plain whole number; or a whole amount of the record, whose range is small enough to write all powers out."""
    if isinstance(tree, t.Number | t.Negate):
        exponent = whole_number(context, tree, 0, LARGEST_EXPONENT)
        return e.Constant(tree.span, number(0, exponent, exponent), exponent)
    found = from_expression(context, scope, tree)
    kind = found.type
    if kind.kind != "number" or kind.unit or kind.scale or not 0 <= kind.low <= kind.high <= LONGEST_POWER:
        context.report("function-arguments.exponent", tree.span, most=LONGEST_POWER)
        raise Unresolved
    return found


def power_bounds(
    context: Context, tree: t.Call, of: Type, first: int, last: int
) -> tuple[Fraction, Fraction]:
    """The least and greatest power, rounded as powers are; no step on the way may leave 38 digits."""
    size = max(widest(of), Fraction(1))
    digits = len(str(int(size))) - 1
    if last * digits > MOST_SCALE:
        fits(context, tree.span, MOST_INTERMEDIATE)
    fits(context, tree.span, 2 * size**last * 10 ** (DIVISION_DECIMALS + of.scale))
    bases = [of.low, of.high, *([Fraction(0)] if of.low < 0 < of.high else [])]
    ends = [raised(base, of.scale, exponent) for base in bases for exponent in range(first, last + 1)]
    return min(ends), max(ends)


def raised(value: Fraction, scale: int, exponent: int) -> Fraction:
    return Fraction(power(int(value * 10**scale), scale, exponent), 10**DIVISION_DECIMALS)


def transcendental(context: Context, tree: t.Call, value: e.Expression) -> e.Expression:
    """square_root, exp, ln, logistic: plain numbers only; outside their domain the result is missing."""
    if value.type.unit:
        context.report("unit-mismatch.plain", value.span, name=tree.function)
        raise Unresolved
    if value.type.scale > DIVISION_DECIMALS:
        value = e.Round(value.span, rounded(value.type, DIVISION_DECIMALS), value)
    of = value.type
    fits(context, value.span, widest(of) * 10**DIVISION_DECIMALS)
    low, high, optional = Fraction(0), Fraction(1), of.optional
    if tree.function == "square_root":
        fits(context, value.span, of.high * 10 ** (2 * DIVISION_DECIMALS))
        high, optional = greatest_root(of), optional or of.low < 0
    elif tree.function == "exp":
        if of.high > EXP_MOST:
            context.report("out-of-range", value.span, name="exp", most=EXP_MOST, found=float(of.high))
            raise Unresolved
        high = Fraction(8_886_111)
    elif tree.function == "ln":
        if of.high > LN_MOST:
            context.report("out-of-range", value.span, name="ln", most=9_223_372, found=float(of.high))
            raise Unresolved
        low, high, optional = Fraction(-28), Fraction(17), optional or of.low <= 0
    kind = Type("number", optional, (), DIVISION_DECIMALS, low, high)
    return e.Apply(tree.span, kind, tree.function, (value,))


def greatest_root(of: Type) -> Fraction:
    """A whole number no smaller than the root of the largest value."""
    whole = 1
    while whole * whole < of.high:
        whole *= 2
    return Fraction(whole)
