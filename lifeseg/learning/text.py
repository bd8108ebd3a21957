"""Names, titles, numbers and figures come in; pieces of policy text go out, quoted and rounded."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from lifeseg.functions.exact import divide_half_away, to_text
from lifeseg.learning.table import Origin, Table
from lifeseg.model.types import DAY, MONTH, Type

DIGITS = 4
"""Significant digits of a learnt spread; centres have as many decimals."""

REMARK = "# "
WORDS = frozenset(
    [
        "missing",
        "yes",
        "no",
        "not",
        "one",
        "and",
        "or",
        "some",
        "every",
        "known",
        "all",
        "when",
        "otherwise",
        "always",
        "today",
    ]
)
"""What a choice may be called, and yet means something else where it stands bare."""

WIDE = ("W", "F")


def quoted(text: str) -> str:
    """A title; what cannot stand in one is left out."""
    return '"' + " ".join(text.replace('"', "'").split()) + '"'


def case(value: str) -> str:
    """A choice as a policy writes it."""
    return value if value.isidentifier() and value.lower() not in WORDS else f'"{value}"'


def decimal(value: Fraction | float, decimals: int, *, padded: bool = False) -> str:
    """A number rounded half away from zero, without trailing zeros unless asked for."""
    exact = Fraction(value)
    whole = divide_half_away(exact.numerator * 10**decimals, exact.denominator)
    return to_text(whole, decimals, decimals if padded else None)


def amount(number: str, kind: Type) -> str:
    """A number with its unit, where that can be written; a plain number otherwise."""
    if kind.unit in (DAY, MONTH):
        return f"{number} {kind.unit[0][0]}{'' if number == '1' else 's'}"
    if len(kind.unit) == 1 and kind.unit[0][1] == 1 and kind.unit[0][0].isidentifier():
        return f"{number} {kind.unit[0][0]}"
    return number


def writable(kind: Type) -> bool:
    """Whether a number of this unit can be written in a formula."""
    return not kind.unit or amount("1", kind) != "1"


def decimals_for(spread: float) -> int:
    """So many decimals that the spread keeps its significant digits."""
    return max(0, min(9, DIGITS - 1 - math.floor(math.log10(spread)))) if spread > 0 else 0


def between(below: int | None, from_: int, scale: int) -> str:
    """The shortest number above one value and at most another: a threshold that parts them."""
    if below is None:
        return to_text(from_, scale)
    for decimals in range(-scale_of(from_), scale + 1):
        unit = Fraction(10) ** (scale - decimals)
        cut = Fraction(from_) // unit * unit
        if below < cut:
            return to_text(int(cut), scale)
    return to_text(from_, scale)


def scale_of(value: int) -> int:
    return max(0, len(str(abs(value))) - 1)


def exact(text: str) -> Fraction:
    return Fraction(Decimal(text))


# ---- Remarks -------------------------------------------------------------------------------------


def remarks(lines: Iterable[str]) -> str:
    """Lines as comments."""
    return "".join(f"{REMARK}{line}".rstrip() + "\n" for line in lines)


def breadth(text: str) -> int:
    """Columns a text takes; Chinese takes two a sign."""
    return sum(2 if unicodedata.east_asian_width(sign) in WIDE else 1 for sign in text)


def columns(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table in comments, the first column to the left, the others to the right."""
    every = [heading, *rows]
    widths = [max(breadth(row[place]) for row in every) for place in range(len(heading))]
    lines = []
    for row in every:
        cells = [row[0] + " " * (widths[0] - breadth(row[0]))]
        cells += [" " * (size - breadth(cell)) + cell for cell, size in zip(row[1:], widths[1:], strict=True)]
        lines.append("  " + "  ".join(cells))
    return lines


def provenance(table: Table, what: str) -> list[str]:
    """What every learnt text says first: by what, from what, of how many."""
    origin: Origin = table.origin
    rows, out = len(table.keys), len(table.held_out)
    among = f" in {origin.where}" if origin.where else ""
    held = f", {out:,} of them held out for checking" if out else ""
    return [
        f"{what}, learnt by `{origin.command}`.",
        f"Policy {origin.policy} as of {origin.as_of}, {rows:,} records of {origin.entity}{among}{held}.",
        f"Data {origin.data}, seed {origin.seed}. Figures are those of this very text, after rounding.",
    ]


def percent(part: int | float, whole: int | float = 1) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
