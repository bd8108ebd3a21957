"""The sheets of a policy come in; the bytes of a workbook go out, the same ones for the same sheets.

What may be edited is white, everything else grey; in sheets whose rows are fixed it is locked as well, without a password.
A text never becomes a formula. What was exported is kept in a hidden sheet, so that it is known later what was edited.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lifeseg.syntax.row_text import width
from lifeseg.workbook.sheet import FIRST_ROW, HEADING_ROW, Book, Line, Sheet
from lifeseg.workbook.values import shown

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

BASE = "lifeseg"
"""The hidden sheet."""

FORMAT = "1"
FIXED = ("weights", "bands", "parameters")
RESERVED = (BASE, "history", *FIXED)
MOST_TITLE = 31
HINTS = {
    True: "Change, add, remove and reorder rows; leave `row` as it is, and empty in a new row.",
    False: "Change the white cells.",
}
LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 - the workbook's properties know no zone
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def to_xlsx(book: Book) -> bytes:
    """A workbook; openpyxl is imported here because it takes its time."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    titles = sheet_titles(book.sheets)
    for sheet, title in zip(book.sheets, titles, strict=True):
        write_sheet(workbook.create_sheet(title), sheet)
    write_base(workbook.create_sheet(BASE), book, titles)
    properties = workbook.properties
    properties.creator, properties.created, properties.title = "lifeseg", LONG_AGO, book.policy
    return same_bytes(workbook)


def sheet_titles(sheets: Sequence[Sheet]) -> list[str]:
    """What the sheets are called: as the definition, if a workbook allows it; each title once."""
    taken = set(RESERVED)
    titles = []
    for sheet in sheets:
        title, count = sheet.name[:MOST_TITLE], 1
        while sheet.kind == "rows" and title.casefold() in taken:
            count += 1
            title = f"{sheet.name[: MOST_TITLE - 4]} {count}"
        taken.add(title.casefold())
        titles.append(title)
    return titles


# ---- What people see --------------------------------------------------------------------------------


def write_sheet(page: Worksheet, sheet: Sheet) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    free = sheet.kind == "rows"
    put(page, 1, 1, sheet.heading)
    page.cell(1, 1).font = Font(bold=True)
    for number, column in enumerate(sheet.columns, 1):
        put(page, 2, number, column.title if free else "", locked=True)
        put(page, HEADING_ROW, number, column.name, locked=True)
        heading: Any = page.cell(HEADING_ROW, number)
        heading.font = Font(bold=True)
    first: Any = page.cell(HEADING_ROW, 1)
    first.comment = Comment(HINTS[free], "lifeseg", height=100, width=300)
    for row, line in enumerate(sheet.lines, FIRST_ROW):
        write_line(page, row, sheet, line)
    page.freeze_panes = f"B{FIRST_ROW}"
    for number, column in enumerate(sheet.columns, 1):
        texts = [column.name, *(line.texts[number - 1] for line in sheet.lines)]
        wide = max(8, min(60, 2 + max(width(text) for text in texts)))
        page.column_dimensions[get_column_letter(number)].width = wide
    if not free:
        page.protection.sheet = True
        page.protection.formatColumns = page.protection.formatCells = False  # allowed


def write_line(page: Worksheet, row: int, sheet: Sheet, line: Line) -> None:
    from openpyxl.comments import Comment

    free = sheet.kind == "rows"
    for number, (column, text, span) in enumerate(zip(sheet.columns, line.texts, line.spans, strict=True), 1):
        if column.role == "key" and free:
            page.cell(row, number, int(text))
            paint(page.cell(row, number), locked=True)
        elif column.role in ("edited", "result"):
            value, form = shown(text, units=not free)
            put(page, row, number, value, form, locked=span is None, result=column.role == "result")
        else:
            put(page, row, number, text, locked=True)
    if line.remark is not None:
        first: Any = page.cell(row, 1)
        first.comment = Comment(line.remark, "policy", height=100, width=300)


def put(
    page: Worksheet,
    row: int,
    column: int,
    value: Any,
    form: str = "@",
    *,
    locked: bool = False,
    result: bool = False,
) -> None:
    """A value in a cell; a text stays one, whatever it begins with, also when somebody edits it."""
    cell: Any = page.cell(row, column)
    if isinstance(value, str):
        if value:
            cell.value = value
            cell.data_type = "s"
            cell.quotePrefix = value[0] in "=+-@"
    else:
        cell.value = value
    cell.number_format = form
    paint(cell, locked=locked, result=result)


def paint(cell: Any, *, locked: bool, result: bool = False) -> None:
    from openpyxl.styles import Border, PatternFill, Protection, Side

    if cell.row < HEADING_ROW - 1:
        return
    cell.protection = Protection(locked=locked)
    if locked:
        cell.fill = PatternFill("solid", fgColor="EEEEEE")
    elif result:
        cell.fill = PatternFill("solid", fgColor="EAF3FB")
    if cell.row >= HEADING_ROW:
        thin = Side(style="thin", color="D0D0D0")
        cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)


# ---- What is remembered -----------------------------------------------------------------------------


def write_base(page: Worksheet, book: Book, titles: Sequence[str]) -> None:
    """Which policy it was, and all that may be edited as it was, row by row."""
    rows: list[tuple[str, ...]] = [
        ("lifeseg", FORMAT),
        ("policy", book.policy, book.version, book.content_hash),
    ]
    for sheet, title in zip(book.sheets, titles, strict=True):
        rows.append(
            (
                "sheet",
                title,
                sheet.kind,
                sheet.id[1],
                *(column.name for column in sheet.columns if column.counts),
            )
        )
        rows += [("line", line.key, *sheet.edited(line)) for line in sheet.lines]
    for row, texts in enumerate(rows, 1):
        for number, text in enumerate(texts, 1):
            put(page, row, number, text)
    page.sheet_state = "veryHidden"


# ---- The same twice ---------------------------------------------------------------------------------


def same_bytes(workbook: Workbook) -> bytes:
    """The workbook without the time of day at which it was made."""
    made, fixed = BytesIO(), BytesIO()
    workbook.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            part = zipfile.ZipInfo(name, ZIP_EPOCH)
            part.compress_type, part.external_attr, part.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            new.writestr(part, content)
    return fixed.getvalue()
