"""Trees of dates and counts come in; the tree of the shifted date, or of the months between two, goes out for any dialect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

from sqlglot import exp


class DateOperations(Protocol):
    """What differs between engines."""

    def shift(self, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        """A date so many days or months later; what leaves the years 1 to 9999 is not asked for."""

    def days_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression: ...

    def part(self, name: str, day: exp.Expression) -> exp.Expression:
        """The year, month or day of a date as a whole number."""


def constant(day: date) -> exp.Expression:
    return exp.Cast(this=exp.Literal.string(day.isoformat()), to=exp.DataType.build("DATE"))


def shifted(
    operations: DateOperations, day: exp.Expression, count: exp.Expression, unit: str, ways: tuple[bool, bool]
) -> exp.Expression:
    """A date so many days or months later; beyond the years 1 to 9999 their first or last day.

    `ways` tells whether the count may lead backwards, and forwards.
    """
    cases = []
    if ways[1]:
        beyond: exp.Expression = exp.GT(this=count.copy(), expression=room_after(operations, day, unit))
        cases.append(exp.If(this=beyond, true=constant(date.max)))
    if ways[0]:
        room = exp.Neg(this=exp.Paren(this=room_before(operations, day, unit)))
        beyond = exp.LT(this=count.copy(), expression=exp.Paren(this=room))
        cases.append(exp.If(this=beyond, true=constant(date.min)))
    found = operations.shift(day, count, unit)
    return exp.Case(ifs=cases, default=found) if cases else found


def room_after(operations: DateOperations, day: exp.Expression, unit: str) -> exp.Expression:
    """How many days or months there are from a day to the last one."""
    if unit == "day":
        return operations.days_between(constant(date.max), day.copy())
    last = exp.Literal.number(date.max.year * 12 + date.max.month)
    return exp.Sub(this=last, expression=month_number(operations, day))


def room_before(operations: DateOperations, day: exp.Expression, unit: str) -> exp.Expression:
    """How many there are from the first day on."""
    if unit == "day":
        return operations.days_between(day.copy(), constant(date.min))
    first = exp.Literal.number(date.min.year * 12 + date.min.month)
    return exp.Sub(this=month_number(operations, day), expression=first)


def month_number(operations: DateOperations, day: exp.Expression) -> exp.Expression:
    years = exp.Mul(this=operations.part("year", day.copy()), expression=exp.Literal.number(12))
    return exp.Paren(
        this=exp.Add(this=exp.Paren(this=years), expression=operations.part("month", day.copy()))
    )


def months_from_parts(
    later: exp.Expression,
    earlier: exp.Expression,
    part: Callable[[str, exp.Expression], exp.Expression],
    last_day: exp.Expression,
) -> exp.Expression:
    """The months of the calendar between two days, less one where the earlier day of the month has not come yet.

    `last_day` is the last one of the later day's month.
    """

    def number_of(day: exp.Expression) -> exp.Expression:
        years = exp.Mul(this=part("year", day.copy()), expression=exp.Literal.number(12))
        return exp.Paren(this=exp.Add(this=exp.Paren(this=years), expression=part("month", day.copy())))

    last, due = part("day", last_day), part("day", earlier.copy())
    sooner = exp.If(this=exp.LT(this=last.copy(), expression=due.copy()), true=last)
    here = exp.Case(ifs=[sooner], default=due)
    early = exp.GT(this=exp.Paren(this=here), expression=part("day", later.copy()))
    short = exp.Case(ifs=[exp.If(this=early, true=exp.Literal.number(1))], default=exp.Literal.number(0))
    months = exp.Paren(this=exp.Sub(this=number_of(later), expression=number_of(earlier)))
    return exp.Paren(this=exp.Sub(this=months, expression=short))
