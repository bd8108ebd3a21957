"""The core operations: typed expressions whose names are resolved, the closed set that every evaluator knows.

Whole numbers stand for numbers: a value times 10 ** type.scale. Missing is None. Conditions are three-valued.
A dash after an operation tells its meaning; where it says nothing else, a missing operand gives a missing result.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model.types import Type

Operator = Literal["=", "<", "<=", ">", ">="]
Value = int | str | bool | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Node:
    span: Span = field(compare=False, repr=False)
    type: Type


@dataclass(frozen=True, slots=True)
class Constant(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """The value in force at the as-of date."""

    name: str


@dataclass(frozen=True, slots=True)
class Today(Node):
    """The as-of date."""


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A fact or a definition of the record at hand, or of its parent `up` levels above."""

    entity: str
    name: str
    up: int = 0


@dataclass(frozen=True, slots=True)
class Band(Node):
    """The band of a score; always known where the score is."""

    entity: str
    score: str
    up: int = 0


@dataclass(frozen=True, slots=True)
class Statistic(Node):
    """A number, or a tuple of cuts, from the baseline; `key` names the population statistic."""

    key: str


@dataclass(frozen=True, slots=True)
class Cut(Node):
    """One of the cuts of a statistic, counted from 0; missing where there is none. No policy names one."""

    cuts: Statistic
    place: int


@dataclass(frozen=True, slots=True)
class Group(Node):
    """quantile_group and percentile_rank: 1 + how many of the statistic's cuts the value reaches, times `factor`."""

    value: Expression
    cuts: Statistic


@dataclass(frozen=True, slots=True)
class Add(Node):
    """Exact, at the larger scale. A date plus a number of days or months is a date; what would leave the years
    1 to 9999 is their first or last day.
    """

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Subtract(Node):
    """Exact; date minus date is a number of days, a date minus days or months a date, as above."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Multiply(Node):
    """Exact; scales add up."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Divide(Node):
    """Rounded to twelve decimals, half away from zero; a divisor of zero gives missing."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negate(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A function of the library that the evaluators know by name: least, greatest, power, square_root, exp, ln,
    logistic, months_between. Outside its domain it is missing.
    """

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Round(Node):
    """To type.scale decimals, half away from zero."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Numbers are compared at the larger of both scales, dates and texts as they are."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Distance(Node):
    """How far the record is from the nearest centre of these classes: the sum of squared differences."""

    value: Expression
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`is`: the subject's case is among the values. Of a definition that has none (outside its `where`) this is no."""

    subject: Expression
    values: tuple[str, ...]
    negated: bool
    decided: bool  # a missing subject is "no", not unknown: it belongs to a segment, rank, table or lifecycle


@dataclass(frozen=True, slots=True)
class Was(Node):
    """The case of the previous run is among the values; needs history."""

    entity: str
    name: str
    values: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class IsMissing(Node):
    """Never unknown."""

    subject: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class Not(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class And(Node):
    """No if any is no, else unknown if any is unknown."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Yes if any is yes, else unknown if any is unknown."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Children:
    """Which child rows: those of `entity` dated within the period and for which `where`, never unknown, holds."""

    entity: str
    period: Period | None
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar units before the as-of date, `first`..`last` ago (0 holds today), told by the date fact `dated`."""

    unit: str
    first: int
    last: int
    dated: str


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """some: any row is yes. every: all rows are yes and there is one. no: every row is no (also of no rows)."""

    quantifier: Literal["some", "every", "no"]
    children: Children
    body: Expression


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """count, share, sum, mean, min, max, latest, deviation of `value` over child rows; of no rows missing, count 0.

    `known` passes over rows whose value is missing; otherwise one missing value makes the result missing.
    `share` counts the rows whose `value` (a condition) is yes among all rows.
    """

    function: str
    value: Expression | None
    children: Children
    known: bool


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """The value of the first step whose condition is yes; an unknown condition met before makes it missing."""

    steps: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


Expression = (
    Constant
    | Parameter
    | Today
    | Field
    | Band
    | Statistic
    | Group
    | Cut
    | Add
    | Subtract
    | Multiply
    | Divide
    | Negate
    | Apply
    | Round
    | Distance
    | Compare
    | OneOf
    | Was
    | IsMissing
    | Not
    | And
    | Or
    | Quantified
    | Aggregate
    | Choose
)
