"""What a policy says about itself, as written: tests, and the claims `never` and `assume`."""

from __future__ import annotations

from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.syntax.cells import CellMissing, Row
from lifeseg.syntax.tree import Day, Expression, Name, Node, Number, Text


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    fact: Name
    value: Expression | CellMissing


@dataclass(frozen=True, slots=True)
class Past(Node):
    """`was stage contract since 2013-02-28`: what a given record was in the run before."""

    definition: Name
    case: Name | Text | CellMissing
    since: Day | None


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
    past: tuple[Past, ...]
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
