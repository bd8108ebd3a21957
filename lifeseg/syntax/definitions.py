"""The definitions of a policy as written: one class for each kind, one for each line inside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.syntax.tree import Day, Expression, Information, Name, Node, Number, Range, Text


@dataclass(frozen=True, slots=True)
class Named(Node):
    name: str
    name_span: Span = field(compare=False, repr=False)  # of the name alone
    title: str | None


@dataclass(frozen=True, slots=True)
class Use(Node):
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Header(Named):
    uses: tuple[Use, ...]
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Since(Node):
    day: Day
    value: Expression


@dataclass(frozen=True, slots=True)
class Parameter(Named):
    value: Expression
    since: tuple[Since, ...]
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Block(Node):
    """The heading that `params`, `indexes`, `flags` and `kpis` share."""

    kind: Literal["params", "indexes", "flags"]
    name: str | None
    title: str | None
    entity: Name | None
    information: tuple[Information, ...]
    items: tuple[Parameter | Index | Case, ...]


@dataclass(frozen=True, slots=True)
class FactType(Node):
    kind: str  # text, count, number, money, share, rating, yes/no, date, days, months, years, one of
    unit: str | None
    range: Range | None
    options: tuple[Name | Text, ...]


@dataclass(frozen=True, slots=True)
class Fact(Named):
    type: FactType
    step: Number | None
    attributes: tuple[str, ...]  # key, optional, personal
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Entity(Named):
    parent: Name | None
    dated: Name | None
    information: tuple[Information, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Step(Node):
    value: Expression
    condition: Expression | None  # None: otherwise


@dataclass(frozen=True, slots=True)
class Index(Named):
    value: Expression | None
    steps: tuple[Step, ...]
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Term(Named):
    weight: Number | None
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Band(Named):
    threshold: Expression | None  # None: below


@dataclass(frozen=True, slots=True)
class Score(Named):
    entity: Name
    information: tuple[Information, ...]
    panel: Name | None
    terms: tuple[Term, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """One cell of a table: items joined by commas; none at all is `-`."""

    items: tuple[Expression | Range | CellLimit | CellMissing | Fraction | Pair, ...]


@dataclass(frozen=True, slots=True)
class CellLimit(Node):
    operator: str
    value: Expression


@dataclass(frozen=True, slots=True)
class CellMissing(Node):
    pass


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    numerator: Number
    denominator: Number


@dataclass(frozen=True, slots=True)
class Pair(Node):
    left: Name
    right: Name


@dataclass(frozen=True, slots=True)
class Row(Node):
    conditions: tuple[Cell, ...]
    results: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Panel(Named):
    information: tuple[Information, ...]
    rows: tuple[Row, ...]  # the first is the heading


@dataclass(frozen=True, slots=True)
class Case(Named):
    how: Literal["when", "otherwise", "always"]
    condition: Expression | None
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Segment(Named):
    entity: Name
    first_match: bool
    where: Expression | None
    information: tuple[Information, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class RankClass(Named):
    how: Literal["top", "next", "rest"]
    share: Number | None


@dataclass(frozen=True, slots=True)
class Rank(Named):
    entity: Name
    by: Name
    where: Expression | None
    information: tuple[Information, ...]
    classes: tuple[RankClass, ...]


@dataclass(frozen=True, slots=True)
class Given(Named):
    """A table's `gives NAME "Title"`: a result case, declared before the rows."""


@dataclass(frozen=True, slots=True)
class Table(Named):
    entity: Name
    first_match: bool
    where: Expression | None
    information: tuple[Information, ...]
    gives: tuple[Given, ...]
    rows: tuple[Row, ...]  # the first is the heading


@dataclass(frozen=True, slots=True)
class State(Named):
    terminal: bool


@dataclass(frozen=True, slots=True)
class Start(Node):
    state: Name
    condition: Expression | None  # None: otherwise


@dataclass(frozen=True, slots=True)
class Move(Node):
    source: Name
    target: Name
    condition: Expression | None  # None: always


@dataclass(frozen=True, slots=True)
class Stay(Node):
    state: Name
    duration: Number


@dataclass(frozen=True, slots=True)
class Lifecycle(Named):
    entity: Name
    information: tuple[Information, ...]
    states: tuple[State, ...]
    starts: tuple[Start, ...]
    moves: tuple[Move, ...]
    stays: tuple[Stay, ...]
    until_settled: bool


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    fact: Name
    value: Expression | CellMissing


@dataclass(frozen=True, slots=True)
class Children(Node):
    """The children of a given record: a table of them, or none at all (`no usage`)."""

    entity: Name
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Subject(Node):
    """`given customer C1 with satisfaction 3`."""

    entity: Name
    key: Name | Text | Number | None
    facts: tuple[Assignment, ...]
    children: tuple[Children, ...]


@dataclass(frozen=True, slots=True)
class Test(Node):
    title: str
    today: Day | None
    entity: Name | None
    given: Subject | None
    expected: tuple[Expression, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Claim(Node):
    """`never` or `assume`, with its title."""

    kind: Literal["never", "assume"]
    title: str
    entity: Name
    condition: Expression


@dataclass(frozen=True, slots=True)
class Titles(Node):
    language: str
    titles: tuple[tuple[Name, Text], ...]


Definition = (
    Header | Block | Entity | Score | Panel | Segment | Rank | Table | Lifecycle | Test | Claim | Titles
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change(Node):
    """`change KIND …`: replaces a definition of a policy that is used."""

    definition: Definition


@dataclass(frozen=True, slots=True)
class Comment(Node):
    text: str
    alone: bool  # on a line of its own


@dataclass(frozen=True, slots=True)
class File:
    """One parsed file: its definitions in the order written, and its comments for the formatter."""

    name: str
    text: str = field(repr=False)
    definitions: tuple[Definition | Change, ...]
    comments: tuple[Comment, ...]
