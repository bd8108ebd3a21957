"""Dates and whole numbers come in, dates and whole numbers of months or days go out.

Calendar months and days are different durations and are never converted. A month later
is the same day of the next month or, where that month is too short, its last day: one
month after 31 January is the last of February. The module knows no clock: `today` is
always an argument. Dates lie in the years 1 to 9999; what would leave them raises
ValueError.

Source: `Time is explicit` and `Periods` in the language reference.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Final, Literal, assert_never, get_args

Unit = Literal["day", "week", "month", "quarter", "year"]
"""What a period counts in. A week begins on Monday (ISO 8601), a quarter in January,
April, July or October."""

UNITS: Final[tuple[Unit, ...]] = get_args(Unit)


def add_months(day: date, count: int) -> date:
    """Return the date `count` calendar months later (earlier for a negative count).

    The day of the month stays, or becomes the last of a month that is too short. So two
    steps of one month can differ from one step of two: 31 January, 28 February, 28 March,
    but 31 January plus 2 months is 31 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError(f"{day.isoformat()} and {count} months leave the years 1 to 9999")
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def add_days(day: date, count: int) -> date:
    """Return the date `count` days later (earlier for a negative count)."""
    try:
        return day + timedelta(days=count)
    except OverflowError:
        raise ValueError(f"{day.isoformat()} and {count} days leave the years 1 to 9999") from None


def days_between(later: date, earlier: date) -> int:
    """Return the days from `earlier` to `later`; negative when `later` comes first."""
    return later.toordinal() - earlier.toordinal()


def months_between(later: date, earlier: date) -> int:
    """Return the whole calendar months from `earlier` to `later`.

    It is the largest count with add_months(earlier, count) <= later, whichever date comes
    first. So it never falls when `later` moves on, a month is complete on the day
    that `add_months` names, and the answer is negative exactly when `later` comes first:
    -1 from a day up to a month before.
    """
    count = (later.year - earlier.year) * 12 + later.month - earlier.month
    last = monthrange(later.year, later.month)[1]
    if min(earlier.day, last) > later.day:
        return count - 1
    return count


def period_bounds(today: date, unit: Unit, first: int, last: int) -> tuple[date, date | None]:
    """Return the first day of a period and the day after its end.

    The period covers the units `first` to `last` before the one that holds today, both
    included: 1, 1 months is the last complete calendar month; 2, 4 months are the three
    before it; 0, 0 is the unit that holds today, to its end. A date d lies in the period
    when start <= d < end. What would lie before the year 1 begins and ends on its first
    day; a period that touches the last unit of the year 9999 has no end.
    """
    if not 0 <= first <= last:
        raise ValueError(
            "a period counts back from the unit that holds today, the nearer end first, "
            f"as in 2..4; it cannot be {first}..{last}"
        )
    start, end = _unit_start(today, unit, last), _unit_start(today, unit, first - 1)
    return start or date.min, end or (date.min if first else None)


def _unit_start(today: date, unit: Unit, ago: int) -> date | None:
    """Return the first day of the unit `ago` units before the one that holds today, if a date can be that day."""
    match unit:
        case "day":
            return _moved(add_days, today, -ago)
        case "week":
            return _moved(add_days, today, -today.weekday() - 7 * ago)
        case "month":
            months = 1
        case "quarter":
            months = 3
        case "year":
            months = 12
        case _:
            assert_never(unit)
    into_unit = (today.month - 1) % months
    return _moved(add_months, today.replace(day=1), -into_unit - ago * months)


def _moved(add: Callable[[date, int], date], day: date, count: int) -> date | None:
    try:
        return add(day, count)
    except ValueError:
        return None
