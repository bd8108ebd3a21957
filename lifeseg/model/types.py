"""The types of values: what a number counts and how finely, what a choice may be, whether it may be missing."""

from __future__ import annotations

from dataclasses import field, replace
from fractions import Fraction
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.functions import exact

Kind = Literal["number", "text", "truth", "date", "choice", "flags"]

INDEX_DECIMALS = 6
DIVISION_DECIMALS = exact.DIVISION_DECIMALS

Unit = tuple[tuple[str, int], ...]
"""A product of units with their exponents, sorted by name: CNY a month is (("CNY", 1), ("month", -1))."""

NO_UNIT: Unit = ()
DAY: Unit = (("day", 1),)
MONTH: Unit = (("month", 1),)


@dataclass(frozen=True, slots=True)
class Type:
    """A value's type. A number is held as a whole number of 10 ** -scale; low and high, which are such numbers
    too, bound it in natural units.

    `optional` values may be missing; a `fixed` number stands for itself (a literal) and takes its neighbour's
    unit.
    """

    kind: Kind
    optional: bool = False
    unit: Unit = NO_UNIT
    scale: int = 0
    low: Fraction = field(default=Fraction(0), hash=False)  # slow to hash, and rarely all that differs
    high: Fraction = field(default=Fraction(0), hash=False)
    options: tuple[str, ...] = ()
    fixed: bool = False

    def known(self) -> Type:
        return replace(self, optional=False) if self.optional else self

    def maybe(self, optional: bool = True) -> Type:
        return replace(self, optional=True) if optional and not self.optional else self


TRUTH = Type("truth")
TEXT = Type("text")
DATE = Type("date")


def number(scale: int, low: Fraction | int, high: Fraction | int, unit: Unit = NO_UNIT) -> Type:
    return Type("number", unit=unit, scale=scale, low=Fraction(low), high=Fraction(high))


def rounded(kind: Type, decimals: int) -> Type:
    """The type of a number rounded to so many decimals: rounding never changes which of two is the larger."""
    return replace(kind, scale=decimals, low=nearest(kind.low, decimals), high=nearest(kind.high, decimals))


def nearest(value: Fraction, decimals: int) -> Fraction:
    """The number rounded to so many decimals, half away from zero."""
    unit = 10**decimals
    if unit % value.denominator == 0:
        return value
    return Fraction(exact.divide_half_away(value.numerator * unit, value.denominator), unit)


def product(left: Unit, right: Unit, sign: int = 1) -> Unit:
    """The unit of a product (sign 1) or a quotient (sign -1)."""
    powers = dict(left)
    for name, exponent in right:
        powers[name] = powers.get(name, 0) + sign * exponent
    return tuple(sorted((name, exponent) for name, exponent in powers.items() if exponent))


def unit_text(unit: Unit) -> str:
    """The unit in words: `CNY`, `CNY/month`, `CNY²`; a plain number is `no unit`."""
    if not unit:
        return "no unit"
    above = [name + _power(exponent) for name, exponent in unit if exponent > 0]
    below = [name + _power(-exponent) for name, exponent in unit if exponent < 0]
    return "/".join(["·".join(above) or "1", *below])


def written_with(number: object, unit: Unit) -> str:
    """A number with its unit, as the language writes it: `5 CNY`, `5 CNY / 1 month`."""
    above = [name for name, exponent in unit for _ in range(exponent)]
    below = [name for name, exponent in unit for _ in range(-exponent)]
    first = f"{number} {above[0]}" if above else f"{number}"
    return first + "".join(f" * 1 {name}" for name in above[1:]) + "".join(f" / 1 {name}" for name in below)


def _power(exponent: int) -> str:
    return "" if exponent == 1 else "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(exponent))


def kind_text(kind: Kind) -> str:
    return {
        "number": "a number",
        "text": "a text",
        "truth": "a yes/no",
        "date": "a date",
        "choice": "a choice",
        "flags": "a list of flags",
    }[kind]
