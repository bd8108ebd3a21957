"""A value of a sheet or of a Python record comes in; the text that a CSV file would hold for it goes out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

FORMULA_WITHOUT_VALUE = "#FORMULA"
"""What stands for a formula that a program wrote into a sheet and that no spreadsheet has worked out yet."""


def to_cell(value: object) -> str | None:
    """The text of a value, empty for a missing one; None for what no cell can hold."""
    match value:
        case None:
            return ""
        case str():
            return str(value)
        case bool():
            return "true" if value else "false"
        case int():
            return _whole(value)
        case float():
            return repr(float(value))
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case Decimal() | timedelta():
            return str(value)
        case _:
            return None


def _whole(value: int) -> str | None:
    """A whole number; None where it is so long that Python refuses to write it."""
    return str(int(value)) if value.bit_length() < 4_000 else None
