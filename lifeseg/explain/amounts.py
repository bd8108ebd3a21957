"""Values as the trace writes them come in, values as people read them go out: decimals, units, distances.

Nothing is computed beyond rounding for display, and no rounding hides a difference that decided something.
"""

from __future__ import annotations

import re

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.scope import Named
from lifeseg.functions import exact
from lifeseg.interpreter.trace import DefinitionTrace, FactTrace

DECIMALS = 4
"""Of a score and of an index that is not whole."""

MOST_DECIMALS = 6
"""What is written down has no more."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_GROUPED_FROM = 10_000


def is_number(text: str | None) -> bool:
    return text is not None and _NUMBER.fullmatch(text) is not None


def rounded(text: str, decimals: int | None) -> str:
    """A number at so many decimals, or exactly if None; anything else as it is."""
    if not is_number(text) or len(text) > exact.LONGEST_TEXT:
        return text
    value, scale = exact.from_text(text)
    return exact.to_text(value, scale, decimals)


def size(text: str) -> str:
    """A number without its sign."""
    return text.lstrip("+-") if is_number(text) else text


def sign(text: str | None) -> int:
    """-1, 0 or 1 for a number's sign; 0 for anything else."""
    if text is None or not is_number(text) or not text.strip("+-0."):
        return 0
    return -1 if text.startswith("-") else 1


def decimals_in(text: str) -> int:
    return len(text.partition(".")[2]) if is_number(text) else 0


def decimals_of(named: Named | None, value: str | None) -> int | None:
    """The decimals a value is shown with: four of a score, two where it has a unit, a fact its own."""
    if not isinstance(named, DefinitionTrace) or named.kind not in ("score", "index", "rank"):
        return None
    if named.kind == "index" and (value is None or "." not in rounded(value, None)):
        return None
    return 2 if named.unit else DECIMALS


def apart(value: str, limit: str, distance: str, decimals: int | None) -> tuple[str, str, str]:
    """A value, what it is held against, and how far apart, at the decimals that still show they differ."""
    texts = (value, limit, distance)
    if decimals is None and any(decimals_in(text) > MOST_DECIMALS for text in texts):  # a mean or a quotient
        short = tuple(rounded(text, DECIMALS) if decimals_in(text) > DECIMALS else text for text in texts)
        if not sign(distance) or sign(short[2]):
            return short[0], short[1], size(short[2])
    if decimals is not None and sign(distance) and not sign(rounded(distance, decimals)):
        decimals = None
    return rounded(value, decimals), rounded(limit, decimals), size(rounded(distance, decimals))


def with_unit(value: str, unit: str | None, words: Catalogue) -> str:
    """`5 months`, `1,200,000 CNY`; a number without unit as it is."""
    if unit is None or not is_number(value):
        return value
    if _CURRENCY.match(unit):
        value = grouped(value)
    if not words.knows(f"unit.{unit}"):
        return words.say("unit.other", count=value, unit=unit)
    several = size(value) != "1" and words.knows(f"unit.{unit}s")
    return words.say(f"unit.{unit}s" if several else f"unit.{unit}", count=value)


def grouped(value: str) -> str:
    """Thousands set apart where there are many."""
    whole, point, rest = value.partition(".")
    if not is_number(value) or abs(int(whole)) < _GROUPED_FROM:
        return value
    return f"{int(whole):,}{point}{rest}"


def shown(named: Named | None, value: str | None, unit: str | None, words: Catalogue) -> str:
    """The value of a fact or definition, with its unit."""
    if value is None:
        return words.say("verdict.missing")
    if value in ("yes", "no"):
        return words.say(f"verdict.{value}")
    text = rounded(value, decimals_of(named, value))
    if isinstance(named, FactTrace) and named.kind in ("count", "number") and unit is None:
        return grouped(text)
    return with_unit(text, unit, words)
