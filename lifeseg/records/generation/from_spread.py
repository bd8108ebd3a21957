"""The spread of a fact and the name of its draw come in; SQL for its value goes out.

Only sums, products, integer divisions and exact powers of two are used: every machine gives the same values.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, log2
from typing import assert_never

from lifeseg.functions.calendar import add_months
from lifeseg.records.generation.design import (
    WHOLE,
    Around,
    Before,
    Bell,
    Column,
    EntityDesign,
    Invented,
    Lean,
    Likely,
    Monthly,
    Numbered,
    Often,
    Placed,
    Swell,
)
from lifeseg.records.generation.mixing import DEVIATION, drawn_sql, floored

FINE = 2**20
OCTAVE = 2**16
MILLION = 10**6
MOST_DRAW = 2**19
LAST_DAY = 3_652_059
MOST_OCTAVES = 62
LONG_AGO = 365 * 60
LEAN_WIDTH = DEVIATION // 2

SYLLABLES = (
    "bax", "bri", "cul", "dov", "dra", "fen", "fli", "gar", "gri", "hob", "jun", "kem", "kro", "lix", "mur",
    "nol", "orv", "pix", "plo", "qua", "rud", "ska", "sil", "tev", "tro", "ulm", "vek", "vro", "wex", "yor",
    "zed", "zun",
)  # fmt: skip
"""So many that five bits choose one, of three letters each, and none of them like a name."""


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def literal(value: str | bool) -> str:
    return text(value) if isinstance(value, str) else "true" if value else "false"


def from_spread(column: Column, draw: str, entity: EntityDesign, stream: tuple[object, ...]) -> str:
    """SQL that reads the draw (a deviation is DEVIATION), the row's numbers, its place and its path."""
    spread = column.spread
    match spread:
        case Bell():
            return bell(spread, draw)
        case Swell():
            amount = octaves(draw, spread.median, spread.deviation, spread.high)
            return within(f"{amount} // {spread.step} * {spread.step}", spread.low, spread.high)
        case Lean():
            return lean(spread, draw)
        case Around():
            days = floored(f"{draw} * abs({draw}) * {spread.reach}", DEVIATION**2, FINE)
            return within(f"{spread.centre} + {days}", 1, LAST_DAY)
        case Before():
            days = octaves(draw, spread.median, spread.deviation, LONG_AGO)
            return within(f"{spread.last} - {within(days, 0, LONG_AGO)}", 1, LAST_DAY)
        case Often():
            return often(spread, drawn_sql(*stream))
        case Likely():
            return f"({draw} > {spread.edge * DEVIATION // WHOLE})"
        case Invented():
            return invented(spread, drawn_sql(*stream), drawn_sql(*stream, "more"))
        case Numbered():
            return f"({text(spread.prefix)} || t)"
        case Placed():
            return placed(spread)
        case Monthly():
            months = range(entity.brood.most if entity.brood is not None else 1)
            most = (spread.last.year - date.min.year) * 12 + spread.last.month - 1  # to January of the year 1
            starts = [add_months(spread.last, -min(month, most)).toordinal() for month in months]
            return f"list_extract({starts}::BIGINT[], j + 1)"
        case _:
            assert_never(spread)


def within(number: str, low: int, high: int) -> str:
    return f"least(greatest({number}, {low}), {high})"


def bell(spread: Bell, draw: str) -> str:
    slope = round(spread.deviation * FINE / DEVIATION)
    start = round((spread.centre + Fraction(1, 2)) * FINE)
    steps = within(floored(f"{draw} * {slope} + {start}", FINE, 2**40), 0, spread.steps)
    return f"({spread.low} + {steps} * {spread.step})"


def octaves(draw: str, median: int, deviation: Fraction, high: int) -> str:
    """The median times two to the power of draw times deviation; between powers of two a parabola stands
    in.
    """
    slope = round(deviation * OCTAVE * OCTAVE / DEVIATION)
    start = round(log2(median) * OCTAVE)
    top = min(ceil(log2(max(high, 1))) + 1, MOST_OCTAVES) * OCTAVE
    power = within(f"{start} + {floored(f'{draw} * {slope}', OCTAVE, 2**30)}", 0, top)
    rest = f"({power} & {OCTAVE - 1})"
    mantissa = f"({OCTAVE} + ({rest} * (43026 + {rest} * 22510 // {OCTAVE})) // {OCTAVE})"
    whole = f"CAST(CAST(1 AS BIGINT) << ({power} // {OCTAVE}) AS DOUBLE)"
    return f"CAST(floor({mantissa} * {whole} / {OCTAVE}) AS BIGINT)"


def lean(spread: Lean, draw: str) -> str:
    """The draw pressed between 0 and a million, squared, so that one end is thick."""
    pressed = f"(abs({draw}) + {draw} + {LEAN_WIDTH}) * 1120000 // (2 * (abs({draw}) + {LEAN_WIDTH})) - 60000"
    share = within(f"({pressed})", 0, MILLION)
    if spread.upward:
        share = f"({MILLION} - {share})"
    share = f"({share} * {share} // {MILLION})"
    if spread.upward:
        share = f"({MILLION} - {share})"
    steps = f"least({share} * {spread.steps + 1} // {MILLION}, {spread.steps})"
    return f"({spread.low} + {steps} * {spread.step})"


def often(spread: Often, chance: str) -> str:
    if len(spread.values) == 1:
        return literal(spread.values[0])
    tests = zip(spread.edges[:-1], spread.values[:-1], strict=True)
    cases = " ".join(f"WHEN {chance} < {edge} THEN {literal(value)}" for edge, value in tests)
    return f"(CASE {cases} ELSE {literal(spread.values[-1])} END)"


def invented(spread: Invented, chance: str, more: str) -> str:
    """A word of two or three syllables and one of two: `Vroquabax Tevlix`."""
    small = "".join(SYLLABLES)
    capital = "".join(syllable.title() for syllable in SYLLABLES)

    def syllable(letters: str, bits: int) -> str:
        return f"substr('{letters}', (({chance} >> {bits}) & 31) * 3 + 1, 3)"

    third = f"CASE WHEN (({chance} >> 25) & 1) = 1 THEN {syllable(small, 10)} ELSE '' END"
    first = f"{syllable(capital, 0)} || {syllable(small, 5)} || {third}"
    words = f"({first} || ' ' || {syllable(capital, 15)} || {syllable(small, 20)})"
    if not spread.known:
        return words
    known = ", ".join(map(text, spread.known))
    one = f"list_extract([{known}], ({more} >> 1) % {len(spread.known)} + 1)"
    return f"(CASE WHEN ({more} & 1) = 0 THEN {one} ELSE {words} END)"


def placed(spread: Placed) -> str:
    turn = f"(place // {spread.every} % {spread.steps})"
    if spread.values:
        return f"list_extract([{', '.join(map(literal, spread.values))}], {turn} + 1)"
    return f"({spread.low} + {turn} * {spread.step})"
