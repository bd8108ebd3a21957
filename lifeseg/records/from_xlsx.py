"""A sheet of an Excel workbook comes in; a table of texts goes out, to be typed like one of CSV.

What counts is the value of a cell, not how it is displayed: 30% is 0.3, a date is a date, a formula is what
Excel last worked out for it. Read by openpyxl, which the extra `xlsx` installs.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from xml.etree.ElementTree import ParseError

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.records.findings import at, nearest, shown
from lifeseg.records.source import ROWS_IN_A_BATCH, Batch, Source, Table, UnreadableError
from lifeseg.records.to_cell import FORMULA_WITHOUT_VALUE, to_cell

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

DAMAGED = (
    OSError, zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, EOFError,
    IndexError, AttributeError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl raises on what is no workbook, or a broken one."""

MOST_SHEETS_SHOWN = 8
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[ />]")
_BLOCK = 1024 * 1024


class Sheet(Protocol):
    """What is used of a sheet."""

    title: str

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, values_only: bool) -> Iterator[Sequence[Any]]: ...


@contextmanager
def xlsx_table(source: Source, entity: str) -> Iterator[Table]:
    """Open a workbook; without a declared sheet it is the only one, or the one named like the entity."""
    try:
        import openpyxl
    except ImportError:
        raise UnreadableError(problem("data-format.needs-extra", None, path=source.path)) from None
    books: list[Workbook] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of decoration it does not understand
        try:
            try:
                books.append(openpyxl.load_workbook(source.path, read_only=True, data_only=True))
                if _has_formulas(source.path):
                    books.append(openpyxl.load_workbook(source.path, read_only=True, data_only=False))
            except DAMAGED:
                raise damaged(source.path) from None
            yield _table(source, [_sheet(source, entity, book) for book in books])
        finally:
            for book in books:
                book.close()


def damaged(path: Path) -> UnreadableError:
    return UnreadableError(problem("data-file.damaged", None, path=path, format="an Excel workbook"))


def _has_formulas(path: Path) -> bool:
    """Whether any sheet holds a formula; only then the formulas are read too, which takes twice the time."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "worksheets/" in name and name.endswith(".xml"):
                with archive.open(name) as part:
                    end = b""
                    while block := part.read(_BLOCK):
                        if _FORMULA.search(end + block):
                            return True
                        end = block[-32:]
    return False


def _sheet(source: Source, entity: str, book: Workbook) -> Sheet:
    sheets: dict[str, Sheet] = {sheet.title: sheet for sheet in book.worksheets}
    if not sheets:  # there may be nothing but charts
        raise UnreadableError(problem("data-empty", None, path=source.path))
    wanted = source.sheet or (entity if len(sheets) > 1 else None)
    if wanted is None:
        return next(iter(sheets.values()))
    if wanted in sheets:
        return sheets[wanted]
    listed = ", ".join(shown(name) for name in list(sheets)[:MOST_SHEETS_SHOWN])
    key = "data-sheet" if source.sheet else "data-sheet.several"
    near = nearest(source.sheet or entity, sheets)
    words = problem(key, None, path=source.path, sheet=wanted, sheets=listed, suggestion=near)
    raise UnreadableError(words)


def _table(source: Source, sheets: Sequence[Sheet]) -> Table:
    path = source.path
    for sheet in sheets:
        sheet.reset_dimensions()  # some programs write a wrong size, and rows would be cut off
    rows = _numbered(path, sheets)
    for line, first in rows:
        if any(first):
            heading = tuple(name.strip() for name in first)
            while not heading[-1]:
                heading = heading[:-1]
            return Table(heading, line, _batches(rows, len(heading)), 0)
    raise UnreadableError(problem("data-empty", at(str(path), 1), path=path))


def _numbered(path: Path, sheets: Sequence[Sheet]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet as texts, counted from 1."""
    try:
        if len(sheets) == 1:
            for line, row in enumerate(sheets[0].iter_rows(values_only=True), start=1):
                yield line, [to_cell(value) or "" for value in row]
        else:
            values, formulas = (sheet.iter_rows(values_only=False) for sheet in sheets)
            for line, (row, written) in enumerate(zip(values, formulas, strict=False), start=1):
                yield line, [_computed(cell, formula) for cell, formula in zip(row, written, strict=False)]
    except DAMAGED:
        raise damaged(path) from None


def _computed(cell: Any, formula: Any) -> str:
    """The text of a cell; an empty text that a formula gives is an empty cell, no result is not."""
    if cell.value is None and formula.data_type == "f" and cell.data_type != "str":
        return FORMULA_WITHOUT_VALUE
    return to_cell(cell.value) or ""


def _batches(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Batch]:
    """The rows after the heading, as wide as it; empty ones at the end of the sheet are no rows."""
    lines: list[int] = []
    batch: list[Sequence[str]] = []
    empty: list[int] = []
    for line, row in rows:
        if not any(row):
            empty.append(line)
            continue
        while len(row) > width and not row[-1]:
            row.pop()
        lines += [*empty, line]
        batch += [[""] * width for _ in empty]
        batch.append(row + [""] * (width - len(row)))
        empty.clear()
        if len(batch) >= ROWS_IN_A_BATCH:
            yield Batch(lines, batch, lines[-1])
            lines, batch = [], []
    if batch:
        yield Batch(lines, batch, lines[-1])
