"""Months that follow the calendar, and periods counted back from today."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.functions.calendar import (
    UNITS,
    Unit,
    add_days,
    add_months,
    days_between,
    months_between,
    period_bounds,
)

DAY = st.dates()
QUIET_DAY = st.dates(date(1000, 1, 1), date(9000, 12, 31))
UNIT = st.sampled_from(UNITS)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),  # leap year
        ("2026-01-31", 2, "2026-03-31"),  # not by way of February
        ("2026-02-28", 1, "2026-03-28"),  # the last of February is not kept the last
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-07-04", 0, "2026-07-04"),
    ],
)
def test_add_months(day: str, count: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), count) == date.fromisoformat(expected)


def test_add_days() -> None:
    assert add_days(date(2026, 2, 27), 2) == date(2026, 3, 1)
    assert add_days(date(2026, 3, 1), -1) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "count"), [(date(9999, 12, 1), 1), (date(1, 1, 31), -1), (date(2026, 1, 1), 10**9)]
)
def test_months_stay_within_the_calendar(day: date, count: int) -> None:
    with pytest.raises(ValueError, match=f"^{day} and {count} months leave the years 1 to 9999$"):
        add_months(day, count)


@pytest.mark.parametrize(
    ("day", "count"), [(date(9999, 12, 31), 1), (date(1, 1, 1), -1), (date(2026, 1, 1), 10**20)]
)
def test_days_stay_within_the_calendar(day: date, count: int) -> None:
    with pytest.raises(ValueError, match=f"^{day} and {count} days leave the years 1 to 9999$"):
        add_days(day, count)


@given(QUIET_DAY, st.integers(-5000, 5000))
def test_adding_months_moves_the_month_and_at_most_shortens_the_day(day: date, count: int) -> None:
    moved = add_months(day, count)
    assert (moved.year - day.year) * 12 + moved.month - day.month == count
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        ("2026-03-15", "2026-01-15", 2),
        ("2026-03-14", "2026-01-15", 1),
        ("2026-02-28", "2026-01-31", 1),  # 31 January + 1 month is this day
        ("2026-02-27", "2026-01-31", 0),
        ("2028-02-28", "2028-01-31", 0),  # in a leap year the month is full on the 29th
        ("2026-03-30", "2026-01-31", 1),
        ("2026-03-28", "2026-02-28", 1),
        ("2025-02-28", "2024-02-29", 12),
        ("2026-01-15", "2026-01-15", 0),
        ("2026-01-14", "2026-01-15", -1),
        ("2025-12-15", "2026-01-15", -1),
        ("2025-12-14", "2026-01-15", -2),
    ],
)
def test_months_between(later: str, earlier: str, expected: int) -> None:
    assert months_between(date.fromisoformat(later), date.fromisoformat(earlier)) == expected


@settings(max_examples=500)
@given(QUIET_DAY, QUIET_DAY)
def test_months_between_is_the_largest_count_that_does_not_pass(later: date, earlier: date) -> None:
    count = months_between(later, earlier)
    assert add_months(earlier, count) <= later < add_months(earlier, count + 1)


@given(DAY, DAY)
def test_months_between_is_negative_exactly_when_later_comes_first(later: date, earlier: date) -> None:
    assert (months_between(later, earlier) < 0) == (later < earlier)


@given(st.dates(max_value=date(9999, 12, 30)), DAY)
def test_months_between_never_falls_as_time_passes(later: date, earlier: date) -> None:
    assert months_between(later, earlier) <= months_between(later + timedelta(days=1), earlier)


@given(QUIET_DAY, st.integers(-5000, 5000))
def test_months_between_undoes_add_months(day: date, count: int) -> None:
    assert months_between(add_months(day, count), day) == count


@given(QUIET_DAY, st.integers(-100_000, 100_000))
def test_days_between_undoes_add_days(day: date, count: int) -> None:
    assert days_between(add_days(day, count), day) == count


class TestPeriod:
    @pytest.mark.parametrize(
        ("unit", "first", "last", "start", "end"),
        [
            ("day", 0, 0, "2026-08-19", "2026-08-20"),
            ("day", 1, 7, "2026-08-12", "2026-08-19"),
            ("week", 0, 0, "2026-08-17", "2026-08-24"),  # 17 August 2026 is a Monday
            ("week", 1, 2, "2026-08-03", "2026-08-17"),
            ("month", 0, 0, "2026-08-01", "2026-09-01"),
            ("month", 1, 1, "2026-07-01", "2026-08-01"),  # the last complete month
            ("month", 2, 4, "2026-04-01", "2026-07-01"),  # the three before it
            ("month", 8, 8, "2025-12-01", "2026-01-01"),
            ("quarter", 0, 0, "2026-07-01", "2026-10-01"),
            ("quarter", 1, 1, "2026-04-01", "2026-07-01"),
            ("quarter", 1, 4, "2025-07-01", "2026-07-01"),
            ("year", 0, 0, "2026-01-01", "2027-01-01"),
            ("year", 1, 2, "2024-01-01", "2026-01-01"),
        ],
    )
    def test_seen_from_19_august_2026(self, unit: Unit, first: int, last: int, start: str, end: str) -> None:
        bounds = period_bounds(date(2026, 8, 19), unit, first, last)
        assert bounds == (date.fromisoformat(start), date.fromisoformat(end))

    def test_on_the_last_day_of_a_long_month(self) -> None:
        today = date(2026, 3, 31)
        assert period_bounds(today, "month", 1, 1) == (date(2026, 2, 1), date(2026, 3, 1))

    @given(QUIET_DAY, UNIT)
    def test_unit_0_holds_today(self, today: date, unit: Unit) -> None:
        start, end = period_bounds(today, unit, 0, 0)
        assert start <= today < end

    @given(QUIET_DAY, UNIT, st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
    def test_neighbours_meet_without_gap(
        self, today: date, unit: Unit, first: int, more: int, rest: int
    ) -> None:
        middle = first + more
        later = period_bounds(today, unit, first, middle)
        earlier = period_bounds(today, unit, middle + 1, middle + 1 + rest)
        assert earlier[1] is not None
        assert later[1] is not None
        assert earlier[0] < earlier[1] == later[0] < later[1]
        assert period_bounds(today, unit, first, middle + 1 + rest) == (earlier[0], later[1])

    @given(QUIET_DAY, UNIT, st.integers(0, 50))
    def test_is_the_same_seen_from_any_day_of_the_unit(self, today: date, unit: Unit, ago: int) -> None:
        start, end = period_bounds(today, unit, 0, 0)
        assert end is not None
        seen = {period_bounds(day, unit, ago, ago) for day in (start, today, end - timedelta(days=1))}
        assert len(seen) == 1

    @pytest.mark.parametrize(("first", "last"), [(4, 2), (-1, 0), (-2, -1)])
    def test_counts_back_with_the_nearer_end_first(self, first: int, last: int) -> None:
        with pytest.raises(ValueError, match=rf"as in 2\.\.4; it cannot be {first}\.\.{last}$"):
            period_bounds(date(2026, 8, 19), "month", first, last)

    @pytest.mark.parametrize("unit", UNITS)
    def test_at_the_edges_of_the_calendar(self, unit: Unit) -> None:
        assert period_bounds(date(9999, 12, 31), unit, 0, 0)[1] is None
        assert period_bounds(date(1, 1, 1), unit, 1, 1) == (date(1, 1, 1), date(1, 1, 1))
        assert period_bounds(date(1, 1, 1), unit, 0, 1)[0] == date(1, 1, 1)
        start, end = period_bounds(date(9999, 12, 31), unit, 1, 1)
        assert end is not None
        assert start < end <= date(9999, 12, 31)
        assert period_bounds(date(1, 1, 1), unit, 0, 0)[0] == date(1, 1, 1)
