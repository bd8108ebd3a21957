"""What an engine left of an entity's results, and how the tables that are made of it are described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from decimal import Decimal

from lifeseg.frozen import dataclass
from lifeseg.records.result_sums import Cell
from lifeseg.records.to_results import Column

MARK = "Results of lifeseg"
"""Begins the comment on every table that a run makes; without it a table is somebody else's."""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The results of an entity: the table the engine left, the columns it has in this order (keys first), and their
    titles by name.
    """

    entity: str
    left: str
    columns: tuple[Column, ...]
    title: str
    titles: Mapping[str, str] = field(default_factory=dict)


def cells(rows: Iterable[Sequence[object]]) -> Iterator[list[Cell]]:
    """Rows of an engine as files have them: numbers without trailing zeros, yes and no, days as 2013-06-30."""
    for row in rows:
        yield [cell(value) for value in row]


def cell(value: object) -> Cell:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case Decimal():
            plain = format(value, "f")
            return plain.rstrip("0").rstrip(".") if "." in plain else plain
        case list() | tuple():
            return tuple(map(str, value))
        case _:
            return str(value)
