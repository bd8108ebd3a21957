"""The formulas of a plan, in whole numbers: what a column is worth in terms of others. Knows no engine and no model.

Every number is a whole number; scales are settled. `Kind` says how a column is held; `bits` how wide a whole number can
become (at most 127), so that an engine may compute in 64 bits where that is enough. Conditions are three-valued as in
SQL. Names of tables and columns are plain identifiers made by the planner (naming.py); engines quote them. An engine may
write an operand more than once, so the planner gives those that are not simple a column of their own (shared_columns.py).
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Literal

from lifeseg.frozen import dataclass

Kind = Literal["whole", "text", "truth", "date", "list"]
MOST_BITS = 127


# ---- Formulas ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Formula:
    kind: Kind
    low: int  # bounds of a whole number; 0..0 for other kinds
    high: int
    optional: bool  # may be null

    @property
    def bits(self) -> int:
        """The width a whole number needs, sign included."""
        return 1 + max(self.low.bit_length(), self.high.bit_length())


_OWN: dict[type[Formula], tuple[str, ...]] = {}


def own_fields(kind: type[Formula]) -> tuple[str, ...]:
    """The fields of a kind of formula that may hold others."""
    if kind not in _OWN:
        _OWN[kind] = tuple(each.name for each in fields(kind) if each.name not in Formula.__slots__)
    return _OWN[kind]


@dataclass(frozen=True, slots=True)
class Column(Formula):
    name: str


@dataclass(frozen=True, slots=True)
class Literal_(Formula):  # noqa: N801 - typing has the bare name
    value: int | str | bool | date | None


@dataclass(frozen=True, slots=True)
class Scalar(Formula):
    """A statistic of an earlier pass: one value for the whole run."""

    name: str


@dataclass(frozen=True, slots=True)
class Binary(Formula):
    """+ - * on whole numbers."""

    operator: Literal["+", "-", "*"]
    left: AnyFormula
    right: AnyFormula


@dataclass(frozen=True, slots=True)
class Quotient(Formula):
    """left / right to the nearest whole number, halves away from zero; null where right is 0."""

    left: AnyFormula
    right: AnyFormula


@dataclass(frozen=True, slots=True)
class Whole(Formula):
    """left / right rounded down, of left and right that are not negative; null where right is 0."""

    left: AnyFormula
    right: AnyFormula


@dataclass(frozen=True, slots=True)
class NearRoot(Formula):
    """A whole number, at least 1, near the square root of a value that is not negative: 12 digits of it are right.

    The one place where an engine may use floating point: whatever it gives, what is made of it is exact.
    """

    value: AnyFormula


@dataclass(frozen=True, slots=True)
class Extreme(Formula):
    """The least or greatest of two; null if either is."""

    function: Literal["least", "greatest"]
    left: AnyFormula
    right: AnyFormula


@dataclass(frozen=True, slots=True)
class Compare(Formula):
    operator: Literal["=", "<", "<=", ">", ">="]
    left: AnyFormula
    right: AnyFormula


@dataclass(frozen=True, slots=True)
class OneOf(Formula):
    """Null where the subject is."""

    subject: AnyFormula
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Formula):
    subject: AnyFormula


@dataclass(frozen=True, slots=True)
class Not(Formula):
    value: AnyFormula


@dataclass(frozen=True, slots=True)
class Both(Formula):
    """and, or."""

    operator: Literal["and", "or"]
    items: tuple[AnyFormula, ...]


@dataclass(frozen=True, slots=True)
class Choose(Formula):
    """The value of the first step whose condition is true; null without otherwise."""

    steps: tuple[tuple[AnyFormula, AnyFormula], ...]
    otherwise: AnyFormula | None


@dataclass(frozen=True, slots=True)
class Coalesce(Formula):
    value: AnyFormula
    instead: AnyFormula


@dataclass(frozen=True, slots=True)
class DateShift(Formula):
    """A date plus a whole number of days or calendar months (31 January and a month: the last of February).

    Beyond the years 1 to 9999 it is their first or last day.
    """

    day: AnyFormula
    count: AnyFormula
    unit: Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class DaysBetween(Formula):
    later: AnyFormula
    earlier: AnyFormula


@dataclass(frozen=True, slots=True)
class MonthsBetween(Formula):
    """The largest count of months that, added to the earlier date, gives none after the later one."""

    later: AnyFormula
    earlier: AnyFormula


@dataclass(frozen=True, slots=True)
class Names(Formula):
    """The list of the names whose condition is true, in this order."""

    items: tuple[tuple[str, AnyFormula], ...]


AnyFormula = (
    Column | Literal_ | Scalar | Binary | Quotient | Whole | NearRoot | Extreme | Compare | OneOf | IsNull | Not | Both
    | Choose | Coalesce | DateShift | DaysBetween | MonthsBetween | Names
)  # fmt: skip
