"""Cells of every other type: texts, keys, yes and no, dates, choices, and what a missing value is."""

from datetime import date

import pytest

from lifeseg.model.types import DATE, TEXT, TRUTH, Type
from lifeseg.records.findings import Refused
from lifeseg.records.from_cell import MOST_REMEMBERED, Cells
from tests.records.customers import fact

CHOICE = Type("choice", options=("running", "none", "2G"))
KNOWN = {
    "text": fact("name", "text", TEXT),
    "key": fact("customer_id", "text", TEXT, key=True),
    "truth": fact("partnership", "yes/no", TRUTH),
    "date": fact("since", "date", DATE),
    "choice": fact("programme", "one of", CHOICE),
    "optional": fact("programme", "one of", CHOICE, optional=True),
    "optional key": fact("customer_id", "text", TEXT, key=True, optional=True),
}


def read(known: str, text: str) -> object:
    value = Cells(KNOWN[known])[text]
    return value.key if isinstance(value, Refused) else value


@pytest.mark.parametrize(
    ("known", "text", "value"),
    [
        ("text", " as it is ", " as it is "),
        ("text", "NULL", "NULL"),
        ("text", "1,234", "1,234"),
        ("text", "#1", "#1"),
        ("text", "两行\n文字", "两行\n文字"),
        ("key", "C 19", "C 19"),
        ("truth", "yes", True),
        ("truth", "Y", True),
        ("truth", "TRUE", True),
        ("truth", "1", True),
        ("truth", "是", True),
        ("truth", " no ", False),
        ("truth", "n", False),
        ("truth", "False", False),
        ("truth", "0", False),
        ("truth", "否", False),
        ("date", "2013-06-30", date(2013, 6, 30)),
        ("date", "2013-06-30 00:00:00", date(2013, 6, 30)),
        ("date", "2013-06-30T00:00:00.000000", date(2013, 6, 30)),
        ("date", "2012-02-29", date(2012, 2, 29)),
        ("choice", "2G", "2G"),
        ("choice", " running ", "running"),
        ("choice", "none", "none"),
        ("optional", "", None),
        ("optional", "   ", None),
        ("optional", "none", "none"),
    ],
)
def test_reads(known: str, text: str, value: object) -> None:
    assert read(known, text) == value


@pytest.mark.parametrize(
    ("known", "text", "key"),
    [
        ("text", "", "data-missing-value"),
        ("text", " \t", "data-missing-value"),
        ("text", "#N/A", "data-type.sheet-error"),
        ("text", "#FORMULA", "data-type.sheet-error"),
        ("key", "C1 ", "data-type.blanks"),
        ("key", "\u3000C1", "data-type.blanks"),
        ("optional key", "", "data-missing-value"),
        ("truth", "perhaps", "data-type.truth"),
        ("truth", "1.0", "data-type.truth"),
        ("truth", "NA", "data-type.null-word"),
        ("date", "30/06/2013", "data-type.date"),
        ("date", "2013/6/30", "data-type.date"),
        ("date", "20130630", "data-type.date"),
        ("date", "2013-W26-7", "data-type.date"),
        ("date", "2013-02-30", "data-type.no-such-day"),
        ("date", "2013/13/30", "data-type.no-such-day"),
        ("date", "0000-01-01", "data-type.no-such-day"),
        ("date", "2013-06-30 12:00:00", "data-type.time-of-day"),
        ("date", "2013-06-30T00:00:00+08:00", "data-type.time-of-day"),
        ("date", "41455", "data-type.day-number"),
        ("date", "NaT", "data-type.null-word"),
        ("date", "#VALUE!", "data-type.sheet-error"),
        ("choice", "Running", "data-choice"),
        ("choice", "", "data-missing-value"),
        ("choice", "NULL", "data-type.null-word"),
    ],
)
def test_refuses(known: str, text: str, key: str) -> None:
    assert read(known, text) == key


@pytest.mark.parametrize(
    ("known", "text", "suggestion"),
    [
        ("choice", "Running", "running"),
        ("choice", "runing", "running"),
        ("choice", "elsewhere", None),
        ("date", "2013/6/30", "2013-06-30"),
        ("date", "2013年6月3日", "2013-06-03"),
        ("date", "20130630", "2013-06-30"),
        ("date", "41455", "2013-06-30"),
        ("date", "2013-06-30 12:00", "2013-06-30"),
        ("date", "30/06/2013", None),
        ("key", " C1", "C1"),
    ],
)
def test_suggests(known: str, text: str, suggestion: str | None) -> None:
    refused = Cells(KNOWN[known])[text]
    assert isinstance(refused, Refused)
    assert refused.arguments.get("suggestion") == suggestion


def test_many_texts_are_read_like_single_ones() -> None:
    """Also after so many different ones that they are no longer remembered."""
    cells = Cells(KNOWN["text"])
    texts = [f"text {number}" for number in range(MOST_REMEMBERED + 10)]
    assert cells.read(texts) == texts
    known, missing = cells.read(["text 1", ""])
    assert known == "text 1"
    assert isinstance(missing, Refused)
