"""Amounts as text with what is known of them: unit, decimals, bounds, whether they may be missing.

The bounds follow the rules of the language, so that nearly all policies made of these amounts are accepted. What would
leave those rules is None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

Unit = tuple[tuple[str, int], ...]

NO_UNIT: Unit = ()
DAY: Unit = (("day", 1),)
MONTH: Unit = (("month", 1),)

DIVISION_DECIMALS = 12
MOST_SCALE = 24
MOST_INTERMEDIATE = 2**120
MOST_RESULT = 2**63 - 1

ATOM, MINUS, TIMES, PLUS = range(1, 5)


@dataclass(frozen=True)
class Amount:
    """`level` tells how loosely the text binds; `literal` a number as it stands; `varying`: it divides by what varies."""

    text: str
    unit: Unit
    scale: int
    low: Fraction
    high: Fraction
    level: int = ATOM
    optional: bool = False
    literal: bool = False
    varying: bool = False
    own: bool = False  # it says something of the record at hand, not only of its parent or the population


def bracketed(amount: Amount, level: int) -> str:
    """The text as it may stand where only what binds at least as tightly as `level` may."""
    return amount.text if amount.level <= level else f"({amount.text})"


def fits(amount: Amount) -> Amount | None:
    widest = max(abs(amount.low), abs(amount.high)) * 10**amount.scale
    return amount if widest < MOST_INTERMEDIATE and amount.scale <= MOST_SCALE else None


def joined(left: Amount, right: Amount) -> dict[str, bool]:
    """What an operation on two amounts takes from both."""
    return {
        "optional": left.optional or right.optional,
        "varying": left.varying or right.varying,
        "own": left.own or right.own,
    }


def plus(left: Amount, right: Amount, sign: str) -> Amount | None:
    if left.unit != right.unit:
        return None
    low, high = (left.low + right.low, left.high + right.high)
    if sign == "-":
        low, high = left.low - right.high, left.high - right.low
    text = f"{bracketed(left, PLUS)} {sign} {bracketed(right, TIMES)}"
    scale = max(left.scale, right.scale)
    return fits(Amount(text, left.unit, scale, low, high, PLUS, **joined(left, right)))


def times(left: Amount, right: Amount) -> Amount | None:
    ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    text = f"{bracketed(left, TIMES)} * {bracketed(right, MINUS)}"
    unit = product(left.unit, right.unit, 1)
    return fits(
        Amount(text, unit, left.scale + right.scale, min(ends), max(ends), TIMES, **joined(left, right))
    )


def over(left: Amount, right: Amount) -> Amount | None:
    """A quotient; where the divisor may be zero it may be missing."""
    if right.low == right.high == 0:
        return None
    finest = Fraction(1, 10**right.scale)
    zero = right.low <= 0 <= right.high
    ends = [right.low or finest, right.high or -finest]
    if right.low < 0 < right.high:
        ends += [finest, -finest]
    if max(abs(left.low), abs(left.high)) * 10 ** (DIVISION_DECIMALS + right.scale) >= MOST_INTERMEDIATE:
        return None
    quotients = [a / b for a in (left.low, left.high) for b in ends]
    text = f"{bracketed(left, TIMES)} / {bracketed(right, MINUS)}"
    unit = product(left.unit, right.unit, -1)
    made = Amount(text, unit, DIVISION_DECIMALS, min(quotients), max(quotients), TIMES, **joined(left, right))
    return fits(
        replace(
            made, optional=made.optional or zero, varying=left.varying or right.varying or not right.literal
        )
    )


def negative(amount: Amount) -> Amount:
    text = f"-{bracketed(amount, ATOM)}"
    return replace(amount, text=text, level=MINUS, low=-amount.high, high=-amount.low)


def called(function: str, *arguments: Amount, **changes: object) -> Amount:
    """A call that keeps the first argument's type but for what is said."""
    text = f"{function}({', '.join(argument.text for argument in arguments)})"
    first = arguments[0]
    for other in arguments[1:]:
        first = replace(first, **joined(first, other))
    return replace(first, text=text, level=ATOM, literal=False, **changes)  # type: ignore[arg-type]


def product(left: Unit, right: Unit, sign: int) -> Unit:
    powers = dict(left)
    for name, exponent in right:
        powers[name] = powers.get(name, 0) + sign * exponent
    return tuple(sorted((name, exponent) for name, exponent in powers.items() if exponent))


def decimal_text(value: Fraction, decimals: int) -> str:
    """The number as it is written; it has no more decimals than these."""
    whole = value * 10**decimals
    assert whole.denominator == 1, (value, decimals)
    digits = str(abs(whole.numerator)).rjust(decimals + 1, "0")
    before, behind = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return ("-" if whole < 0 else "") + before + ("." + behind if behind else "")


def rounded_up(value: Fraction, decimals: int) -> Fraction:
    """The least number of so many decimals that is not smaller."""
    unit = 10**decimals
    return Fraction(-((-value * unit) // 1), unit)


def rounded_down(value: Fraction, decimals: int) -> Fraction:
    unit = 10**decimals
    return Fraction((value * unit) // 1, unit)
