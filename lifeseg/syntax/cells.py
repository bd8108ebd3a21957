"""The rows of tables as written: decision tables, expert panels, tests and the children of a given record."""

from __future__ import annotations

from lifeseg.frozen import dataclass
from lifeseg.syntax.tree import Expression, Name, Node, Number, Range


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """One cell of a table: items joined by commas; none at all is `-`."""

    items: tuple[Expression | Range | CellLimit | CellMissing | CellWas | Fraction | Pair, ...]


@dataclass(frozen=True, slots=True)
class CellLimit(Node):
    operator: str
    value: Expression


@dataclass(frozen=True, slots=True)
class CellMissing(Node):
    pass


@dataclass(frozen=True, slots=True)
class CellWas(Node):
    """The heading of a column of a test: what a record was in the run before."""

    definition: Name


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
