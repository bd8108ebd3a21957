"""The sheets of a workbook as data: what a policy says in rows, and what somebody has filled in since.

A cell holds the policy's own words, such as `0.48`, `12..<18` or `30%`; how they look in a workbook is told elsewhere.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass

Kind = Literal["rows", "weights", "bands", "parameters"]
"""Rows of a table may be added, removed and put in another order; of the others only the cells change."""

Role = Literal["key", "shown", "edited", "result"]
"""What a column is for: to tell rows apart, to be read only, or to be edited; a result is edited, too."""

FORMS: dict[Kind, str] = {
    "weights": "weight", "bands": "expression", "parameters": "expression", "rows": "cell"
}  # fmt: skip
"""What the cells of a sheet are in the grammar."""

HEADING_ROW = 3
FIRST_ROW = 4


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    title: str
    role: Role

    @property
    def counts(self) -> bool:
        """Whether it is read back."""
        return self.role != "shown"


@dataclass(frozen=True, slots=True)
class Line:
    """A row: a text for each column, and where it stands; None where there is nothing to edit. `within` is the definition."""

    key: str
    texts: tuple[str, ...]
    spans: tuple[Span | None, ...]
    remark: str | None
    within: Span


@dataclass(frozen=True, slots=True)
class Sheet:
    """`name` is that of the definition, `of` its entity; or the kind where there is one sheet for all of them."""

    kind: Kind
    name: str
    heading: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    of: str | None = None

    @property
    def id(self) -> tuple[Kind, str]:
        """What tells it apart: tables of two entities may have one name."""
        return self.kind, f"{self.name} of {self.of}" if self.of else self.name

    def edited(self, line: Line) -> tuple[str, ...]:
        """The texts that may be edited, in the order of the columns."""
        return tuple(
            text
            for text, column in zip(line.texts, self.columns, strict=True)
            if column.role in ("edited", "result")
        )


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of one version of a policy."""

    policy: str
    version: str
    content_hash: str
    sheets: tuple[Sheet, ...]


# ---- As it comes back -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a cell now: nothing, a text, a number or a date; `percent`: it is shown as so many of a hundred."""

    value: Decimal | date | str | None
    address: str
    percent: bool = False


@dataclass(frozen=True, slots=True)
class FilledLine:
    """The edited cells of a row; a new row has no key."""

    key: str | None
    row: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class BaseSheet:
    """A sheet as it was exported: what the columns are called that are read back, and the edited texts by key, in order."""

    kind: Kind
    name: str
    title: str
    columns: tuple[str, ...]
    lines: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FilledSheet:
    base: BaseSheet
    lines: tuple[FilledLine, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A workbook as it came back: of which policy it was exported, the sheets, and the titles of sheets that are not ours."""

    policy: str
    version: str
    content_hash: str
    sheets: tuple[FilledSheet, ...]
    others: tuple[str, ...]
