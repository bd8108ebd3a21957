"""A first day, a rhythm and a last day come in; the days on which a run is due go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Final

from lifeseg.functions.calendar import add_days, add_months

DAYS: Final = {"day": 1, "week": 7}
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def due(first: date, every: str, last: date) -> Iterator[date]:
    """The days from the first to the last one, both included.

    Months are counted from the first day, so none is lost on a short one; and where the first day is the last of its
    month, so are all: 30 June, 31 July.
    """
    at_the_end = (first + timedelta(1)).month != first.month
    for number in count():
        if every in DAYS:
            day = add_days(first, number * DAYS[every])
        else:
            day = add_months(first, number * MONTHS[every])
            day = end_of_month(day) if at_the_end else day
        if day > last:
            return
        yield day


def end_of_month(day: date) -> date:
    return add_months(day.replace(day=1), 1) - timedelta(1)
