"""What learning hands over: policy text without figures, and how the figures are added once it was evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.learning.table import Column, Table
from lifeseg.model.types import kind_text

Evaluated = Mapping[str, Column]
"""The definitions of a draft by name, as the interpreter evaluated the text for each record of the table."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`body` is the text that is evaluated, `names` the definitions whose values the figures need.

    `finished` gives the whole text with its figures, and a line that sums up.
    """

    body: str
    names: tuple[str, ...]
    finished: Callable[[Evaluated], tuple[str, str]]


class NotLearntError(Exception):
    """Nothing can be learnt from this; the finding says why."""

    def __init__(self, key: str, /, **arguments: object) -> None:
        super().__init__(key)
        self.finding = Diagnostic(key, None, {name: str(value) for name, value in arguments.items()})


def refuse(key: str, /, **arguments: object) -> NotLearntError:
    return NotLearntError(key, **arguments)


def numeric(column: Column, wanted: str = "a number") -> Column:
    """The column, which holds numbers that differ."""
    if column.type.kind != "number":
        raise refuse("learn-column", name=column.name, found=kind_text(column.type.kind), wanted=wanted)
    if len(set(column.numbers)) < 2:
        raise refuse("learn-column.constant", name=column.name, rows=f"{len(column.values):,}")
    return column


def enough(table: Table, least: int, wanted: str) -> None:
    """As many records to learn from as it takes."""
    rows = len(table.keys) - len(table.held_out)
    if rows < least:
        entity = table.origin.entity
        raise refuse("learn-rows", rows=f"{rows:,}", entity=entity, wanted=wanted, least=f"{least:,}")
