"""The syntax tree: what an analyst wrote, with its place, and nothing about what it means."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Named(Node):
    name: str
    name_span: Span = field(compare=False, repr=False)  # of the name alone
    title: str | None


# ---- Expressions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name(Node):
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number(Node):
    value: Decimal  # 30% is 0.30 with unit "%"
    unit: str | None
    text: str = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Day(Node):
    value: date


@dataclass(frozen=True, slots=True)
class Truth(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Period(Node):
    unit: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    arguments: tuple[Expression, ...]
    over: Name | Everyone | None
    period: Period | None
    where: Expression | None
    manner: Manner | None = None


@dataclass(frozen=True, slots=True)
class Manner(Node):
    """`ties lower`, `interpolation nearest`: how a place in the population is taken."""

    word: str
    choice: Name


@dataclass(frozen=True, slots=True)
class Everyone(Node):
    """`all customer`: the population."""

    entity: Name


@dataclass(frozen=True, slots=True)
class Known(Node):
    """`known annual_income`: missing values are passed over."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Negate(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare(Node):
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Is(Node):
    subject: Expression
    negated: bool
    values: tuple[Name | Text, ...]
    listed: bool  # written `one of`
    was: bool  # about the previous run


@dataclass(frozen=True, slots=True)
class IsMissing(Node):
    subject: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class Not(Node):
    value: Expression


@dataclass(frozen=True, slots=True)
class And(Node):
    items: tuple[Expression, ...]
    lines: bool  # written on lines of their own


@dataclass(frozen=True, slots=True)
class Or(Node):
    items: tuple[Expression, ...]
    lines: bool


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    quantifier: str  # some, every, no
    child: Name
    where: Expression | None
    body: Expression


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`a..b`, or `a..<b`, which only stands in table cells."""

    low: Expression
    high: Expression
    open_end: bool = False


Expression = (
    Name | Number | Text | Day | Truth | Call | Everyone | Known | Negate | Arithmetic | Compare
    | Is | IsMissing | Not | And | Or | Quantified
)  # fmt: skip


# The canonical order of information lines, which has no meaning.
INFORMATION = (
    "language", "version", "category", "source", "owner", "refresh", "use_for", "note", "formerly", "population", "method",
    "average", "random_index", "consistency", "screen below", "discount", "horizon", "unit", "decimals", "range", "ties",
    "if missing", "if missing reweight",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names(Node):
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Information(Node):
    """A line such as `source "billing"` or `if missing 0.5`."""

    word: str
    value: Expression | Range | Names | None  # None: the word says it all
