"""The text of a number comes in; a whole number of units at a scale, or why there is none, goes out.

Numbers are exact decimals: no binary fraction is ever made of them. A number that a binary fraction has made
(0.30000000000000004) is read as the nearest step; what is further off is reported and never rounded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from lifeseg.functions.exact import to_text
from lifeseg.model.model import Fact
from lifeseg.model.types import MONTH
from lifeseg.records.findings import Refused

LONGEST_TEXT = 400
MOST_DIGITS = 30  # of the usual way of writing
LARGEST = 2**63 - 1
NEAR = 10**9
"""A number is read as the nearest step if it is off by at most one part in so many; see `on_step`."""

NULL_WORDS = frozenset(
    {"null", "na", "n/a", "nil", "none", "missing", "unknown", "-", "--", "\\n", ".", "?", "无", "空"}
)
NOT_FINITE = frozenset({"nan", "inf", "infinity"})

_NUMBER = r"([+-]?)(?:([0-9]+)\.?([0-9]*)|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,3}))?"
_THOUSANDS = r"[+-]?[0-9]{1,3}(?:([,'’_ \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?"
_DECIMAL_COMMA = r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:[. ][0-9]{3})+),[0-9]+"
_WITH_UNIT = r"[^0-9.+-]{0,4}\s*([+-]?[0-9][0-9.]*)\s*[^0-9.,]{0,12}"


def exact(text: str) -> tuple[int, int] | None:
    """A number as (value, decimals), meaning value / 10 ** decimals; None if the text is none."""
    found = re.fullmatch(_NUMBER, text) if len(text) <= LONGEST_TEXT else None
    if found is None:
        return None
    sign, whole, behind, only_behind, exponent = found.groups()
    behind = behind or only_behind or ""
    value, decimals = int(sign + (whole or "") + behind), len(behind) - int(exponent or 0)
    return (value * 10 ** max(0, -decimals), max(0, decimals))


def on_step(value: int, decimals: int, scale: int, step: int) -> int | None:
    """The number at a scale, if it is a whole number of steps, or as near to one as binary fractions are.

    Near is a part in 10^9 of the number or, about zero, of the step; but never a tenth of the step, so that a
    decimal too many is reported of a large number too.
    """
    dividend: int = value * 10**scale
    divisor: int = 10**decimals * step
    steps, rest = divmod(dividend, divisor)
    if rest:
        steps += 1 if 2 * rest >= divisor else 0
        distance = abs(dividend - steps * divisor)
        if distance * NEAR > max(abs(dividend), divisor) or distance * 10 >= divisor:
            return None
    return steps * step


def number_reader(fact: Fact) -> Callable[[str], int | Refused]:
    """What reads the cells of a numeric fact: first the usual way of writing, then all others with care."""
    scale, step = fact.type.scale, fact.step
    low, high = bounds(fact)
    factor = 12 if fact.kind == "years" and fact.type.unit == MONTH else 1
    powers: list[int] = [10 ** (scale - behind) * factor for behind in range(scale + 1)]

    def read(text: str) -> int | Refused:
        whole, _, behind = text.partition(".")
        signed = whole + behind
        digits = signed[1:] if text[:1] == "-" else signed
        if digits.isdigit() and digits.isascii() and len(digits) <= MOST_DIGITS and len(behind) <= scale:
            value = int(signed) * powers[len(behind)]
            if low <= value <= high and not value % step:
                return value
        return carefully(text.strip(), fact, factor)

    return read


def bounds(fact: Fact) -> tuple[int, int]:
    """The least and the greatest value at the fact's scale.

    A fact without a range has the one that its type assumes, because the checker reckons with it.
    """
    if fact.type.low == fact.type.high and not fact.bounded:
        return -LARGEST, LARGEST
    unit = 10**fact.type.scale
    return ceil(fact.type.low * unit), floor(fact.type.high * unit)


def carefully(text: str, fact: Fact, factor: int) -> int | Refused:
    """Any way a number may be written: with an exponent, in percent, with its unit, by a binary fraction."""
    bare, shift = without_unit(text, fact.kind)
    found = exact(bare)
    if found is None:
        return why_no_number(text)
    value, decimals = found[0] * factor, found[1] + shift
    at_scale = on_step(value, decimals, fact.type.scale, fact.step)
    low, high = bounds(fact)
    if at_scale is None:
        unit = 10**fact.type.scale
        if low * 10**decimals <= value * unit <= high * 10**decimals:
            return Refused("data-step", {"step": plain(Fraction(fact.step, unit * factor))})
    elif low <= at_scale <= high:
        return at_scale
    limits = {"low": plain(Fraction(low, 10**fact.type.scale * factor))}
    limits["high"] = plain(Fraction(high, 10**fact.type.scale * factor))
    return Refused("data-range" if fact.bounded else "data-range.assumed", limits)


def without_unit(text: str, kind: str) -> tuple[str, int]:
    """The number without the unit that its kind allows, and by how many decimals that unit shifts it."""
    if kind == "share" and text.endswith("%"):
        return text[:-1].rstrip(), 2
    if kind in ("days", "months", "years") and text.endswith((kind, kind[:-1])):
        return text.removesuffix("s").removesuffix(kind[:-1]).rstrip(), 0
    return text, 0


def why_no_number(text: str) -> Refused:
    """The likeliest reason why a text is no number, with a better way to write it where one is plain."""
    if len(text) > LONGEST_TEXT:
        return Refused("data-type")
    word = text.lower()
    if word.lstrip("+-") in NOT_FINITE:
        return Refused("data-type.not-finite")
    if word in NULL_WORDS:
        return Refused("data-type.null-word")
    if text.startswith("#"):
        return Refused("data-type.sheet-error")
    if found := re.fullmatch(_THOUSANDS, text):
        return Refused("data-type.thousands", {"suggestion": text.replace(found[1], "")})
    if re.fullmatch(_DECIMAL_COMMA, text):
        whole, _, behind = text.replace(" ", "").rpartition(",")
        return Refused("data-type.decimal-comma", {"suggestion": f"{whole.replace('.', '')}.{behind}"})
    if text.endswith("%") and exact(text[:-1].rstrip()):
        return Refused("data-type.percent")
    ordinary = unicodedata.normalize("NFKC", text).replace("−", "-").replace("。", ".")
    if ordinary != text and exact(ordinary):
        return Refused("data-type.wide-digits", {"suggestion": ordinary})
    if (found := re.fullmatch(_WITH_UNIT, text)) and exact(found[1]):
        return Refused("data-type.with-unit", {"suggestion": found[1]})
    return Refused("data-type")


def plain(number: Fraction) -> str:
    """A number of a declaration in words: a decimal where it is one."""
    for scale in range(19):
        scaled = number * 10**scale
        if scaled.denominator == 1:
            return to_text(scaled.numerator, scale)
    return str(number)
