"""The definitions of a policy as written, a class for each kind and each line inside; all are found here."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.syntax.cells import Cell, CellLimit, CellMissing, CellWas, Fraction, Pair, Row
from lifeseg.syntax.claims import Assignment, Children, Claim, Past, Subject, Test
from lifeseg.syntax.lifecycles import Lifecycle, Move, Start, State, Stay
from lifeseg.syntax.tasks import Task, Tasks, TaskTarget
from lifeseg.syntax.tree import Day, Expression, Information, Name, Named, Node, Number, Range, Text, Truth

__all__ = (
    "ATTRIBUTES",
    "Assignment",
    "Band",
    "Block",
    "Case",
    "Cell",
    "CellLimit",
    "CellMissing",
    "CellWas",
    "Chain",
    "ChainState",
    "Change",
    "Changes",
    "Children",
    "Claim",
    "Clusters",
    "Comment",
    "Definition",
    "Entity",
    "Fact",
    "FactType",
    "File",
    "Fraction",
    "Given",
    "Header",
    "Index",
    "Kpi",
    "Leaving",
    "Lifecycle",
    "Move",
    "Named",
    "Offer",
    "Offers",
    "Pair",
    "Panel",
    "Parameter",
    "Past",
    "Rank",
    "RankClass",
    "Row",
    "Score",
    "Segment",
    "Since",
    "Start",
    "State",
    "Stay",
    "Step",
    "Subject",
    "Table",
    "Target",
    "Task",
    "TaskTarget",
    "Tasks",
    "Term",
    "Test",
    "Titles",
    "Use",
)  # fmt: skip
ATTRIBUTES = ("key", "optional", "personal")


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
class Target(Node):
    """`target > 10%`, or `target difference <= 20%` between the cases that a KPI is split by."""

    operator: str
    limit: Expression
    difference: bool


@dataclass(frozen=True, slots=True)
class Kpi(Named):
    value: Expression
    by: Name | None
    target: Target | None
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Block(Node):
    """The heading that `params`, `indexes`, `flags` and `kpis` share."""

    kind: Literal["params", "indexes", "flags", "kpis"]
    name: str | None
    title: str | None
    entity: Name | None
    information: tuple[Information, ...]
    items: tuple[Parameter | Index | Case | Kpi, ...]


@dataclass(frozen=True, slots=True)
class FactType(Node):
    kind: str  # text, count, number, money, share, rating, yes/no, date, days, months, years, one of
    unit: str | None
    range: Range | None
    options: tuple[Name | Text, ...]


@dataclass(frozen=True, slots=True)
class Changes(Node):
    """How a fact may be made another: `changes down by 1 month cost 200 CNY`, `changes to yes`, `changes never`."""

    way: Literal["", "up", "down", "never"]
    values: tuple[Name | Text | Truth, ...]
    by: Number | None
    cost: Number | None


@dataclass(frozen=True, slots=True)
class Fact(Named):
    type: FactType
    step: Number | None
    attributes: tuple[str, ...]  # some of ATTRIBUTES, in that order
    changes: Changes | None
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
class Leaving(Node):
    """`leaving stable below 0.44`: down to where whoever was in the band above stays there."""

    band: Name
    threshold: Expression


@dataclass(frozen=True, slots=True)
class Band(Named):
    threshold: Expression | None  # None: below
    leaving: Leaving | None
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Score(Named):
    entity: Name
    information: tuple[Information, ...]
    panel: Name | None
    terms: tuple[Term, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Panel(Named):
    judges: Name | None  # another panel, whose rows these are too
    information: tuple[Information, ...]
    rows: tuple[Row, ...]  # the first is the heading


@dataclass(frozen=True, slots=True)
class ChainState(Named):
    worth: Expression


@dataclass(frozen=True, slots=True)
class Chain(Named):
    """The rates at which states follow each other from one period to the next."""

    information: tuple[Information, ...]
    states: tuple[ChainState, ...]
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
    of: Name | None  # what it is a share of, if not of the number of records
    information: tuple[Information, ...]


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

    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Table(Named):
    entity: Name
    first_match: bool
    where: Expression | None
    information: tuple[Information, ...]
    gives: tuple[Given, ...]
    rows: tuple[Row, ...]  # the first is the heading


@dataclass(frozen=True, slots=True)
class Clusters(Named):
    """A table of centres: of whatever is nearest to a row of numbers, the case on its right."""

    entity: Name
    where: Expression | None
    information: tuple[Information, ...]
    gives: tuple[Given, ...]
    rows: tuple[Row, ...]  # the first is the heading


@dataclass(frozen=True, slots=True)
class Offer(Named):
    condition: Expression | None  # None: always
    worth: Expression | None
    cost: Expression | None
    apart: tuple[Name, ...]  # the offers it is not made with
    most: Expression | None  # to how many records at most
    excluded: tuple[Name, ...]
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Offers(Named):
    """The few most valuable of some offers, to everybody who is not excluded."""

    entity: Name
    most: Number | None
    budget: Expression | None
    excluded: tuple[Name, ...]
    information: tuple[Information, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Titles(Node):
    language: str
    titles: tuple[tuple[Name, Text], ...]


Definition = (
    Header | Block | Entity | Score | Panel | Chain | Segment | Rank | Table | Clusters | Offers | Tasks | Lifecycle | Test
    | Claim | Titles
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
