"""Whole numbers at a known scale come in, whole numbers at a known scale go out.

A number of a policy is held as an ``int`` together with a scale that is known from the
policy text alone: the number is ``value / 10**scale``. This module says what rounding,
division, mean, square root and power mean for such numbers, and how they are read and
written. It knows nothing of facts, of missing values in a policy, or of engines.

Source: `Numbers agree to the last bit, everywhere` in the language reference. There is
one rule for all rounding: to the nearest, and a half goes away from zero.
"""

import math
import re
from fractions import Fraction
from typing import Final

DIVISION_DECIMALS: Final = 12
"""Decimals of every quotient, mean, square root and power."""

LARGEST_EXPONENT: Final = 600
"""The largest exponent `power` takes."""

LONGEST_TEXT: Final = 1000
"""The most characters `from_text` reads; longer texts are no numbers of a policy."""

_DIVISION_UNIT: Final = 10**DIVISION_DECIMALS
_PLAIN_NUMBER: Final = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")


def divide_half_away(n: int, d: int) -> int:
    """Return the whole number nearest to n / d; a half goes away from zero.

    Either sign is allowed for both. A divisor of 0 raises ZeroDivisionError: the
    checker has proved it impossible, or the caller has already answered `missing`.
    """
    if d < 0:
        n, d = -n, -d
    if n >= 0:
        return (n + (d >> 1)) // d
    return -(((d >> 1) - n) // d)


def rescale(value: int, from_scale: int, to_scale: int) -> int:
    """Return the same number at another scale.

    Exact when decimals are added; rounded half away from zero when they are dropped.
    """
    if to_scale >= from_scale:
        extended: int = value * 10 ** (to_scale - from_scale)
        return extended
    return divide_half_away(value, 10 ** (from_scale - to_scale))


def quotient(a: int, scale_a: int, b: int, scale_b: int) -> int | None:
    """Return a / b at 12 decimals, or None when b is 0.

    It is rounded once: the dividend is extended first, then divided.
    """
    if b == 0:
        return None
    shift = DIVISION_DECIMALS + scale_b - scale_a
    if shift >= 0:
        return divide_half_away(a * 10**shift, b)
    return divide_half_away(a, b * 10**-shift)


def mean(total: int, count: int, scale: int) -> int | None:
    """Return total / count at 12 decimals, or None when nothing was counted.

    `total` is the exact sum at `scale`, `count` the number of values in it.
    """
    return quotient(total, scale, count, 0)


def nearest_root(numerator: int, denominator: int) -> int:
    """Return the whole number nearest to the square root of numerator / denominator.

    The numerator is at least 0, the denominator above 0. First the largest whole number
    not above the root is found, then it is corrected upwards when the root lies at or
    beyond the half: a half goes away from zero. All comparisons are exact.
    """
    root = math.isqrt(numerator // denominator)
    if 4 * numerator >= (2 * root + 1) ** 2 * denominator:
        return root + 1
    return root


def square_root(value: int, scale: int) -> int:
    """Return the square root of a number at 12 decimals, rounded to the nearest.

    Up to scale 24 no root lies on a half: the square of a half has a quarter left over.
    Beyond scale 24 it can (the root of 25 at scale 26 is half a unit), and then the half
    goes away from zero as everywhere. A negative number raises ValueError: it has no
    root, and the checker demands a range without negative numbers.
    """
    if value < 0:
        raise ValueError(f"a negative number has no square root, but got {to_text(value, scale)}")
    extra = 2 * DIVISION_DECIMALS - scale
    if extra >= 0:
        return nearest_root(value * 10**extra, 1)
    return nearest_root(value, 10**-extra)


def power(value: int, scale: int, exponent: int) -> int:
    """Return a number to a whole exponent 0..600, at 12 decimals.

    The steps are part of the meaning, from left to right: start with 1 at 12 decimals;
    as many times as the exponent says, multiply by the number (exact, at its own scale)
    and round the product to 12 decimals, half away from zero. So the exponent 1 gives the
    number at 12 decimals, and the exponent 0 gives 1, for 0 too.
    """
    if not 0 <= exponent <= LARGEST_EXPONENT:
        raise ValueError(f"an exponent is a whole number from 0 to {LARGEST_EXPONENT}, not {exponent}")
    unit = 10**scale
    result = _DIVISION_UNIT
    for _ in range(exponent):
        result = divide_half_away(result * value, unit)
    return result


def from_text(text: str) -> tuple[int, int]:
    """Read plain decimal notation and return the value with the scale as written.

    `0.4800` gives (4800, 4): digits written behind the point are kept, even zeros. A sign
    may stand in front. Exponents, separators of thousands, blanks and digits other than
    0 to 9 are no plain notation and raise ValueError.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a number of {len(text)} characters is too long")
    found = _PLAIN_NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a number; numbers are written like 12 or -0.48")
    sign, whole, behind = found.group(1), found.group(2), found.group(3) or ""
    digits = int(whole + behind)
    return (-digits if sign == "-" else digits), len(behind)


def to_text(value: int, scale: int, decimals: int | None = None) -> str:
    """Write a number in plain decimal notation, never with an exponent.

    Without `decimals` it is written exactly and without trailing zeros. With `decimals`
    it is rounded half away from zero and has exactly so many digits behind the point.
    Zero has no sign, also when rounding made it.
    """
    if decimals is not None:
        value = rescale(value, scale, decimals)
        scale = decimals
    digits = str(abs(value)).rjust(scale + 1, "0")
    whole, behind = digits[: len(digits) - scale], digits[len(digits) - scale :]
    if decimals is None:
        behind = behind.rstrip("0")
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{behind}" if behind else f"{sign}{whole}"


def fraction_text(value: Fraction, most: int = 12) -> str:
    """A fraction in decimal notation: exactly where its decimals end, else rounded half away from zero to `most` of them."""
    scale = next((scale for scale in range(2 * most + 1) if (value * 10**scale).denominator == 1), most)
    return to_text(divide_half_away(value.numerator * 10**scale, value.denominator), scale)
