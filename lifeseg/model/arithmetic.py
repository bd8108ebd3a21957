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
    nearest,
    number,
    product,
    unit_text,
    written_with,
)

MOST_INTERMEDIATE = Fraction(10**38)
"""What 128-bit integers and the 38 digits of Spark's decimals both hold."""

MOST_SCALE = 36


def constant(span: Span, value: Decimal, unit: Type | None = None) -> e.Constant:
    """A literal as the fewest decimals hold it."""
    exact = Fraction(value)
    scale = max(0, -int(value.as_tuple().exponent))
    kind = Type("number", False, unit.unit if unit else (), scale, exact, exact, fixed=unit is None)
    return e.Constant(span, kind, exact.numerator * 10**scale // exact.denominator)


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
                written = written_with(shown, other.type.unit)
                context.report("unit-mismatch.bare", bare.span, unit=unit, written=written)
                raise Unresolved
            taken = replace(bare, type=replace(bare.type, unit=other.type.unit))
            return (other, taken) if flip else (taken, other)
    key = "unit-mismatch"
    if {left.type.unit, right.type.unit} == {DAY, MONTH}:
        key = "unit-mismatch.duration"
    elif mixed(currencies(context, left.type), currencies(context, right.type)):
        key = "mixed-currencies"
    context.report(key, span, left=unit_text(left.type.unit), right=unit_text(right.type.unit))
    raise Unresolved


def demands_unit(context: Context, kind: Type) -> bool:
    return kind.unit in (DAY, MONTH) or bool(currencies(context, kind))


def mixed(left: set[str], right: set[str]) -> bool:
    return bool(left and right) and left != right


def currencies(context: Context, kind: Type) -> set[str]:
    return {name for name, _ in kind.unit} & context.currencies


def added(
    context: Context, span: Span, operator: str, left: e.Expression, right: e.Expression
) -> e.Expression:
    a, b = left.type, right.type
    low, high = (a.low + b.low, a.high + b.high) if operator == "+" else (a.low - b.high, a.high - b.low)
    scale = common_scale(context, span, a, b)
    kind = Type("number", a.optional or b.optional, a.unit, scale, low, high, fixed=a.fixed and b.fixed)
    within_bounds(context, span, kind)
    return e.Add(span, kind, left, right) if operator == "+" else e.Subtract(span, kind, left, right)


def multiplied(context: Context, span: Span, left: e.Expression, right: e.Expression) -> e.Expression:
    a, b = left.type, right.type
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    unit, fixed = product(a.unit, b.unit), a.fixed and b.fixed
    optional, scale = a.optional or b.optional, a.scale + b.scale
    kind = Type("number", optional, unit, scale, min(ends), max(ends), fixed=fixed)
    within_bounds(context, span, kind)
    return e.Multiply(span, kind, left, right)


def divided(context: Context, span: Span, left: e.Expression, right: e.Expression) -> e.Expression:
    """The quotient at twelve decimals; a divisor that may be zero makes it optional."""
    a, b = left.type, right.type
    if b.low == 0 == b.high:
        context.report("division-by-zero", right.span)
        raise Unresolved
    finest = Fraction(1, 10**b.scale)  # the smallest size of a divisor that is not zero
    ends = [b.low or finest, b.high or -finest]
    zero = b.low <= 0 <= b.high
    if b.low < 0 < b.high:
        ends += [finest, -finest]
    quotients = [nearest(x / y, DIVISION_DECIMALS) for x in (a.low, a.high) for y in ends]
    unit, optional = product(a.unit, b.unit, -1), a.optional or b.optional or zero
    low, high = min(quotients), max(quotients)
    kind = Type("number", optional, unit, DIVISION_DECIMALS, low, high, fixed=a.fixed and b.fixed)
    within_bounds(context, span, kind)
    fits(context, span, widest(a) * 10 ** (DIVISION_DECIMALS + b.scale))
    return e.Divide(span, kind, left, right)


def negated(span: Span, value: e.Expression) -> e.Expression:
    """Minus a value; minus a literal is a literal."""
    kind = replace(value.type, low=-value.type.high, high=-value.type.low)
    if isinstance(value, e.Constant) and isinstance(value.value, int):
        return e.Constant(span, kind, -value.value)
    return e.Negate(span, kind, value)


# ---- Bounds --------------------------------------------------------------------------------------


def widest(kind: Type) -> Fraction:
    """How far from zero a value may lie."""
    return max(abs(kind.low), abs(kind.high))


def within_bounds(context: Context, span: Span, kind: Type) -> None:
    """Intermediates have at most 38 digits, or the text is refused."""
    if kind.scale > MOST_SCALE:
        context.report("out-of-64-bits.intermediate", span)
        raise Unresolved
    fits(context, span, widest(kind) * 10**kind.scale)


def fits(context: Context, span: Span, size: Fraction) -> None:
    """A whole number that an evaluator meets on its way has at most 38 digits."""
    if size >= MOST_INTERMEDIATE:
        context.report("out-of-64-bits.intermediate", span)
        raise Unresolved


def common_scale(context: Context, span: Span, *kinds: Type) -> int:
    """The scale at which values of all types are compared, added or chosen from; each must fit there."""
    scale = max(kind.scale for kind in kinds)
    for kind in kinds:
        if kind.scale != scale:
            fits(context, span, widest(kind) * 10**scale)
    return scale
