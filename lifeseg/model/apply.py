"""Calls of core functions come in; typed Apply nodes with bounds go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from lifeseg.model import expression as e
from lifeseg.model.arithmetic import MOST_INTERMEDIATE, same_unit
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.from_expression import from_expression, whole_number
from lifeseg.model.types import DIVISION_DECIMALS, MONTH, Type, kind_text, number
from lifeseg.syntax import tree as t

EXP_MOST = Fraction(16)


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
    pick = min if tree.function == "least" else max
    kind = Type(
        "number",
        left.type.optional or right.type.optional,
        left.type.unit,
        max(left.type.scale, right.type.scale),
        pick(left.type.low, right.type.low),
        pick(left.type.high, right.type.high),
        fixed=left.type.fixed and right.type.fixed,
    )
    return e.Apply(tree.span, kind, tree.function, (left, right))


def with_whole(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    value = from_expression(context, scope, tree.arguments[0])
    numbers(context, tree, [value])
    if tree.function == "round":
        decimals = whole_number(context, tree.arguments[1], 0, DIVISION_DECIMALS)
        half = Fraction(1, 2 * 10**decimals)
        kind = replace(value.type, scale=decimals, low=value.type.low - half, high=value.type.high + half)
        return e.Round(tree.span, kind, value)
    exponent = whole_number(context, tree.arguments[1], 0, 600)
    if value.type.unit and exponent != 1:
        context.report("unit-mismatch.power", value.span)
        raise Unresolved
    widest = max(abs(value.type.low), abs(value.type.high), Fraction(1))
    if (
        exponent * (len(str(int(widest))) - 1) > 26
        or widest**exponent * 10**DIVISION_DECIMALS >= MOST_INTERMEDIATE / 10**12
    ):
        context.report("out-of-64-bits.intermediate", tree.span)
        raise Unresolved
    ends = [
        value.type.low**exponent,
        value.type.high**exponent,
        *([Fraction(0)] if value.type.low < 0 else []),
    ]
    kind = Type("number", value.type.optional, value.type.unit, DIVISION_DECIMALS, min(ends), max(ends))
    power = e.Constant(tree.arguments[1].span, number(0, exponent, exponent), exponent)
    return e.Apply(tree.span, kind, "power", (value, power))


def transcendental(context: Context, tree: t.Call, value: e.Expression) -> e.Expression:
    """square_root, exp, ln, logistic: plain numbers only; outside their domain the result is missing."""
    of = value.type
    if of.unit:
        context.report("unit-mismatch.plain", value.span, name=tree.function)
        raise Unresolved
    if of.scale > DIVISION_DECIMALS:
        scale = replace(of, scale=DIVISION_DECIMALS)
        value = e.Round(value.span, scale, value)
    low, high, optional = Fraction(0), Fraction(1), of.optional
    if tree.function == "square_root":
        high, optional = greatest_root(of), optional or of.low < 0
    elif tree.function == "exp":
        if of.high > EXP_MOST:
            context.report("out-of-range", value.span, name="exp", most=EXP_MOST, found=float(of.high))
            raise Unresolved
        high = Fraction(8_886_111)
    elif tree.function == "ln":
        if of.high >= Fraction(2**63, 10**DIVISION_DECIMALS):
            context.report("out-of-range", value.span, name="ln", most=9_223_372, found=float(of.high))
            raise Unresolved
        low, high, optional = Fraction(-28), Fraction(17), optional or of.low <= 0
    return e.Apply(
        tree.span, Type("number", optional, (), DIVISION_DECIMALS, low, high), tree.function, (value,)
    )


def greatest_root(of: Type) -> Fraction:
    """A whole number no smaller than the root of the largest value."""
    whole = 1
    while whole * whole < of.high:
        whole *= 2
    return Fraction(whole)
