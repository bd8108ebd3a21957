"""Words of a policy come in, what a workbook shows for them goes out, and the other way round.

A number keeps the way it was written: 0.60 that becomes 0.7 is written `0.70`, 30% that becomes 0.35 is written `35%`.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lifeseg.frozen import dataclass
from lifeseg.workbook.sheet import Entry

_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(%| [^\W\d]\w*)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
EXACT_DIGITS = 15
"""A workbook keeps no more digits of a number than these; longer ones are shown as text."""


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it was written: how many decimals, and the unit or `%` behind it."""

    amount: Decimal
    decimals: int
    unit: str

    @property
    def value(self) -> Decimal:
        return self.amount.scaleb(-2) if self.unit == "%" else self.amount


def written(text: str) -> Written | None:
    """The text as a number, if it is nothing else."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    decimals = found[3] or ""
    return Written(Decimal(f"{found[1]}{found[2]}.{decimals or 0}"), len(decimals), (found[4] or "").strip())


def shown(text: str, units: bool) -> tuple[Decimal | date | str, str]:
    """What a cell holds for these words, and its number format; `units`: a unit is shown in a column of its own."""
    number = written(text)
    exact = number is not None and len(number.value.as_tuple().digits) <= EXACT_DIGITS
    if number is not None and exact and (units or number.unit in ("", "%")):
        decimals = "." + "0" * number.decimals if number.decimals else ""
        return number.value, f"0{decimals}{'%' if number.unit == '%' else ''}"
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text), "yyyy-mm-dd"
        except ValueError:
            pass
    return text, "@"


def unit_of(text: str) -> str:
    """The unit of a number, to be shown beside it."""
    number = written(text)
    return number.unit if number is not None and number.unit != "%" else ""


def words(entry: Entry, before: str) -> str:
    """What is to be written for a cell that held other words before; the same ones if it says the same."""
    was = written(before)
    value = entry.value
    if isinstance(value, str):
        value = value.strip()
        now = written(value)
        if was is not None and was.unit not in ("", "%") and now is not None and now.unit == "":
            return f"{value} {was.unit}"
        return value
    if isinstance(value, Decimal):
        if was is not None:
            return before if value == was.value else number_text(value, was)
        return number_text(value, Written(value, 0, "%" if entry.percent else ""))
    return "" if value is None else value.isoformat()


def number_text(value: Decimal, like: Written) -> str:
    """A number with at least the decimals of another, and with its unit."""
    amount = value.scaleb(2) if like.unit == "%" else value
    plain = f"{amount.normalize():f}"
    needed = len(plain.partition(".")[2])
    text = f"{amount:.{max(needed, like.decimals)}f}"
    return text + (like.unit if like.unit in ("", "%") else f" {like.unit}")
