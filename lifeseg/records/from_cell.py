"""The text of one cell and the fact it belongs to come in; its typed value, or why it has none, goes out.

Every format of file and every Python record goes through here, so that a value means the same wherever it
comes from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import assert_never

from lifeseg.model.expression import Value
from lifeseg.model.model import Fact
from lifeseg.records.findings import Refused, nearest
from lifeseg.records.number import NULL_WORDS, number_reader
from lifeseg.records.to_cell import FORMULA_WITHOUT_VALUE

MOST_REMEMBERED = 32_768
LONGEST_REMEMBERED = 64
MOST_OPTIONS_SHOWN = 8

TRUTHS = {
    "yes": True, "y": True, "true": True, "1": True, "是": True,
    "no": False, "n": False, "false": False, "0": False, "否": False,
}  # fmt: skip
"""How yes and no are written in data, whatever the case of the letters."""

WANTED = {
    "text": "a text", "count": "a whole number", "number": "a number", "money": "an amount of money",
    "share": "a share", "rating": "a rating", "yes/no": "yes or no", "date": "a date",
    "days": "a number of days", "months": "a number of months", "years": "a number of years",
    "one of": "a choice",
}  # fmt: skip

SHEET_ERRORS = frozenset({
    "#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA",
    FORMULA_WITHOUT_VALUE,
})  # fmt: skip

_DATE = r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_DATE_AND_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}\S*"
_OTHER_DATE = r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
_FIRST_SHEET_DAY = date(1899, 12, 30)

Reader = Callable[[str], Value | Refused]


class Cells(dict[str, Value | Refused]):
    """The values of a column by their texts: `cells[text]` reads a text, and remembers what it means."""

    __slots__ = ("_missing", "_read")

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self._read = reader(fact)
        may_be_missing = fact.type.optional and not fact.key
        self._missing = None if may_be_missing else Refused("data-missing-value")

    def __missing__(self, text: str) -> Value | Refused:
        value = self._read(text) if text and not text.isspace() else self._missing
        if len(text) <= LONGEST_REMEMBERED and type(value) is not Refused:
            self[text] = value
        return value

    def read(self, texts: Sequence[str]) -> list[Value | Refused]:
        """The values of many texts. Where nearly every text is another one, remembering does not pay."""
        if len(self) < MOST_REMEMBERED:
            return list(map(self.__getitem__, texts))
        missing, read = self._missing, self._read
        return [read(text) if text and not text.isspace() else missing for text in texts]


def reader(fact: Fact) -> Reader:
    """What reads a cell of a fact that is not empty."""
    match fact.type.kind:
        case "number":
            return number_reader(fact)
        case "text":
            return _key if fact.key else _text
        case "truth":
            return _truth
        case "date":
            return _date_reader(fact) if fact.bounded else _date
        case "choice":
            return _choice_reader(fact.type.options)
        case "flags":
            raise ValueError(f"`{fact.name}`: a list of flags is no fact")
        case _:
            assert_never(fact.type.kind)


def _text(text: str) -> str | Refused:
    """A text stays as it is, blanks around it included."""
    if text[0] == "#" and text in SHEET_ERRORS:
        return Refused("data-type.sheet-error")
    return text


def _key(text: str) -> str | Refused:
    """A key is what rows are joined by: blanks around it, which nobody sees, would tear them apart."""
    if text != text.strip():
        return Refused("data-type.blanks", {"suggestion": text.strip()})
    return _text(text)


def _truth(text: str) -> bool | Refused:
    value = TRUTHS.get(text.strip().lower())
    return _strange(text, "data-type.truth") if value is None else value


def _choice_reader(options: tuple[str, ...]) -> Reader:
    known = {option: option for option in options}
    listed = ", ".join(options[:MOST_OPTIONS_SHOWN]) + (", …" if len(options) > MOST_OPTIONS_SHOWN else "")

    def read(text: str) -> str | Refused:
        value = known.get(text) or known.get(text.strip())
        if value is not None:
            return value
        if text.strip().lower() in NULL_WORDS:
            return Refused("data-type.null-word")
        arguments = {"options": listed}
        if near := nearest(text.strip(), options):
            arguments["suggestion"] = near
        return Refused("data-choice", arguments)

    return read


def _date(text: str) -> date | Refused:
    text = text.strip()
    found = re.fullmatch(_DATE, text)
    if found is None:
        return _why_no_date(text)
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        return Refused("data-type.no-such-day")


def _date_reader(fact: Fact) -> Reader:
    """What reads the cells of a date with a range: the days from the first to the last, both included."""
    first, last = int(fact.type.low), int(fact.type.high)
    limits = {"low": date.fromordinal(first).isoformat(), "high": date.fromordinal(last).isoformat()}

    def read(text: str) -> Value | Refused:
        day = _date(text)
        within = isinstance(day, Refused) or first <= day.toordinal() <= last
        return day if within else Refused("data-range", limits)

    return read


def _why_no_date(text: str) -> Refused:
    if re.fullmatch(_DATE_AND_TIME, text):
        return Refused("data-type.time-of-day", {"suggestion": text[:10]})
    if found := re.fullmatch(_OTHER_DATE, text):
        year, month, day = (int(part) for part in found.groups() if part)
        try:
            return Refused("data-type.date", {"suggestion": date(year, month, day).isoformat()})
        except ValueError:
            return Refused("data-type.no-such-day")
    if re.fullmatch(r"[2-7][0-9]{4}(?:\.0)?", text):
        day_meant = _FIRST_SHEET_DAY + timedelta(days=int(text[:5]))
        return Refused("data-type.day-number", {"suggestion": day_meant.isoformat()})
    return _strange(text, "data-type.date")


def _strange(text: str, otherwise: str) -> Refused:
    """A word for a missing value, an error of a spreadsheet, or just not what is wanted."""
    if text.strip().lower() in NULL_WORDS | {"nan", "nat"}:
        return Refused("data-type.null-word")
    return Refused("data-type.sheet-error" if text.strip() in SHEET_ERRORS else otherwise)
