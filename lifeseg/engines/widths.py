"""A plan formula comes in; how an engine computes it goes out: how wide, and whether floating point is sure to be right."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from lifeseg.plan import tree as p

NARROW_BITS = 64
EXACT_IN_DOUBLE = 54  # bits, sign included, of whole numbers that floating point holds exactly
LARGEST_MARGIN = 0.25


def by_floating(node: p.Quotient) -> tuple[p.AnyFormula, float, float] | None:
    """How a wide quotient by constants is found in floating point: value, factor, and how near a half is too near.

    value * factor is off by at most two roundings of the result (2 ** -51 of it); a quotient of a quotient also by half a
    unit of the inner one. Farther than that from a half, rounding it is exact; nearer, the whole numbers decide.
    """
    inner = node.left if isinstance(node.left, p.Quotient) else None
    dividend = inner.left if inner is not None else node.left
    divisors = [node.right, *([inner.right] if inner is not None else [])]
    if not all(isinstance(divisor, p.Literal_) and divisor.low > 0 for divisor in divisors):
        return None
    value, times = dividend, 1
    if isinstance(dividend, p.Binary) and dividend.operator == "*" and isinstance(dividend.right, p.Literal_):
        value, times = dividend.left, dividend.right.low
    if value.low < 0 or times <= 0 or value.bits > EXACT_IN_DOUBLE or dividend.bits <= NARROW_BITS:
        return None
    factor = Fraction(times, prod(divisor.low for divisor in divisors))
    error = value.high * factor / 2**51 + (Fraction(1, 2 * node.right.low) if inner is not None else 0)
    margin = float(2 * error) + 1e-9
    return (value, float(factor), margin) if margin < LARGEST_MARGIN else None


def is_loose(node: p.AnyFormula) -> bool:
    """Whether only constants decide the type of a whole number, so that an engine takes the narrowest one for it."""
    match node:
        case p.Literal_() | p.Scalar():
            return True
        case p.Binary() | p.Quotient() | p.Whole() | p.Extreme():
            return is_loose(node.left) and is_loose(node.right)
        case p.Choose():
            return all(is_loose(value) for value in values_of(node))
        case p.Coalesce():
            return is_loose(node.value) and is_loose(node.instead)
        case _:
            return False


def is_wide(node: p.AnyFormula) -> bool:
    """Whether an engine computes a whole number in its wide type."""
    if node.bits > NARROW_BITS:
        return True
    match node:
        case p.Binary() | p.Extreme():
            return is_wide(node.left) or is_wide(node.right)
        case p.Choose():
            return any(is_wide(value) for value in values_of(node))
        case p.Coalesce():
            return is_wide(node.value) or is_wide(node.instead)
        case p.NearRoot():
            return True
        case _:
            return False


def values_of(node: p.Choose) -> list[p.AnyFormula]:
    return [value for _, value in node.steps] + ([node.otherwise] if node.otherwise is not None else [])
