"""Typed operands come in, a typed arithmetic node goes out: units, scales and bounds are settled here, once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model import expression as e
from lifeseg.model.context import Context, Unresolved
from lifeseg.model.types import (
    DATE,
    DAY,
    DIVISION_DECIMALS,
    MONTH,
    Type,
    kind_text,
    number,
    product,
    unit_text,
)

MOST_INTERMEDIATE = Fraction(2**127)
MOST_SCALE = 36


def constant(span: Span, value: Decimal, unit: Type | None = None) -> e.Constant:
    """A literal as the fewest decimals hold it."""
    exponent = value.as_tuple().exponent
    scale = max(0, -int(exponent))
    exact = Fraction(value)
    kind = replace(number(scale, exact, exact, unit.unit if unit else ()), fixed=unit is None)
    return e.Constant(span, kind, int(value.scaleb(scale)))


def arithmetic(
    context: Context, span: Span, operator: str, left: e.Expression, right: e.Expression
) -> e.Expression:
    """The node for `left operator right`, or a finding."""
    if operator in "+-" and "date" in (left.type.kind, right.type.kind):
        return dated(context, span, operator, left, right)
    for side in (left, right):
        if side.type.kind != "number":
            context.report("not-a-number", side.span, kind=kind_text(side.type.kind), operator=operator)
            raise Unresolved
    if operator in "+-":
        left, right = same_unit(context, span, left, right)
        return added(context, span, operator, left, right)
    return multiplied(context, span, left, right) if operator == "*" else divided(context, span, left, right)


def dated(
    context: Context, span: Span, operator: str, left: e.Expression, right: e.Expression
) -> e.Expression:
    """Dates: plus or minus whole days or months, or the days between two."""
    optional = left.type.optional or right.type.optional
    if left.type.kind == "date" and right.type.kind == "date" and operator == "-":
        return e.Subtract(span, number(0, -3_700_000, 3_700_000, DAY).maybe(optional), left, right)
    if left.type.kind == "date" and right.type.kind == "number" and right.type.unit in (DAY, MONTH):
        if right.type.scale:
            context.report("unit-mismatch.whole", right.span)
            raise Unresolved
        kind = DATE.maybe(optional)
        return e.Add(span, kind, left, right) if operator == "+" else e.Subtract(span, kind, left, right)
    wrong = right if left.type.kind == "date" else left
    what = unit_text(wrong.type.unit) if wrong.type.kind == "number" else kind_text(wrong.type.kind)
    context.report("unit-mismatch.date", wrong.span, found=what, operator=operator)
    raise Unresolved


def same_unit(
    context: Context, span: Span, left: e.Expression, right: e.Expression
) -> tuple[e.Expression, e.Expression]:
    """Both sides in one unit: a bare number takes its neighbour's, except beside money and durations."""
    if left.type.unit == right.type.unit:
        return left, right
    for bare, other, flip in ((left, right, False), (right, left, True)):
        if bare.type.fixed and not bare.type.unit:
            if demands_unit(context, other.type):
                shown = bare.value if isinstance(bare, e.Constant) and not bare.type.scale else "…"
                unit = unit_text(other.type.unit)
                context.report("unit-mismatch.bare", bare.span, unit=unit, number=shown)
                raise Unresolved
            taken = replace(bare, type=replace(bare.type, unit=other.type.unit))
            return (other, taken) if flip else (taken, other)
    key = "unit-mismatch"
    if {left.type.unit, right.type.unit} == {DAY, MONTH}:
        key = "unit-mismatch.duration"
    elif is_money(context, left.type) and is_money(context, right.type):
        key = "mixed-currencies"
    context.report(key, span, left=unit_text(left.type.unit), right=unit_text(right.type.unit))
    raise Unresolved


def demands_unit(context: Context, kind: Type) -> bool:
    return kind.unit in (DAY, MONTH) or is_money(context, kind)


def is_money(context: Context, kind: Type) -> bool:
    return any(name in context.currencies for name, _ in kind.unit)


def added(
    context: Context, span: Span, operator: str, left: e.Expression, right: e.Expression
) -> e.Expression:
    a, b = left.type, right.type
    low, high = (a.low + b.low, a.high + b.high) if operator == "+" else (a.low - b.high, a.high - b.low)
    kind = Type(
        "number",
        a.optional or b.optional,
        a.unit,
        max(a.scale, b.scale),
        low,
        high,
        fixed=a.fixed and b.fixed,
    )
    within_bounds(context, span, kind)
    return e.Add(span, kind, left, right) if operator == "+" else e.Subtract(span, kind, left, right)


def multiplied(context: Context, span: Span, left: e.Expression, right: e.Expression) -> e.Expression:
    a, b = left.type, right.type
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    kind = Type(
        "number",
        a.optional or b.optional,
        product(a.unit, b.unit),
        a.scale + b.scale,
        min(ends),
        max(ends),
        fixed=a.fixed and b.fixed,
    )
    within_bounds(context, span, kind)
    return e.Multiply(span, kind, left, right)


def divided(context: Context, span: Span, left: e.Expression, right: e.Expression) -> e.Expression:
    a, b = left.type, right.type
    if b.low == 0 == b.high:
        context.report("division-by-zero", right.span)
        raise Unresolved
    zero = b.low <= 0 <= b.high
    finest = Fraction(1, 10**b.scale)  # the smallest size of a divisor that is not zero
    ends = [b.low or finest, b.high or -finest]
    if zero:
        ends += [finest, -finest] if b.low < 0 < b.high else []
    quotients = [x / y for x in (a.low, a.high) for y in ends]
    unit = product(a.unit, b.unit, -1)
    optional = a.optional or b.optional or zero
    kind = Type("number", optional, unit, DIVISION_DECIMALS, min(quotients), max(quotients))
    widest = max(abs(a.low), abs(a.high)) * 10 ** (DIVISION_DECIMALS + b.scale)
    if widest >= MOST_INTERMEDIATE:
        context.report("out-of-64-bits.intermediate", span)
        raise Unresolved
    within_bounds(context, span, kind)
    return e.Divide(span, replace(kind, fixed=a.fixed and b.fixed), left, right)


def negated(span: Span, value: e.Expression) -> e.Expression:
    """Minus a value; minus a literal is a literal."""
    kind = replace(value.type, low=-value.type.high, high=-value.type.low)
    if isinstance(value, e.Constant) and isinstance(value.value, int):
        return e.Constant(span, kind, -value.value)
    return e.Negate(span, kind, value)


def within_bounds(context: Context, span: Span, kind: Type) -> None:
    """Intermediates fit 128 bits, or the text is refused."""
    widest = max(abs(kind.low), abs(kind.high)) * 10**kind.scale
    if widest >= MOST_INTERMEDIATE or kind.scale > MOST_SCALE:
        context.report("out-of-64-bits.intermediate", span)
        raise Unresolved
