"""The bytes of a workbook come in; what stands in the sheets that were exported goes out, cell by cell, with findings.

The file may come from anywhere. It is measured before it is unpacked; links and macros are not looked at; a formula counts as
the value that was last worked out for it.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from typing import Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.records.from_xlsx import DAMAGED
from lifeseg.workbook.sheet import FIRST_ROW, HEADING_ROW, BaseSheet, Entry, Filled, FilledLine, FilledSheet
from lifeseg.workbook.to_xlsx import BASE, FORMAT
from lifeseg.workbook.values import EXACT_DIGITS

MOST_BYTES = 10_000_000
MOST_UNPACKED = 60_000_000
MOST_PARTS = 1_000
MOST_ROWS = 20_000
MOST_FOUND = 20

_MERGED = re.compile(rb'<(?:\w{1,20}:)?mergeCell\s[^>]{0,200}?ref="([A-Z0-9:]{1,40})"')
_ROW = re.compile(rb'<(?:\w{1,20}:)?row\s[^>]{0,400}?\br="(\d{1,12})"')
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[ />]")


@dataclass(frozen=True, slots=True)
class Part:
    """What is told of a sheet before openpyxl reads it."""

    merged: tuple[str, ...]
    formulas: bool
    last: int


@dataclass(frozen=True, slots=True)
class Pages:
    """A sheet with the values of its cells, the same with formulas if there are any, and what was told of it."""

    values: Any
    formulas: Any | None
    part: Part


class Findings(list[Diagnostic]):
    """What is wrong with a workbook, the first of it."""

    def add(self, finding: Diagnostic) -> None:
        if len(self) < MOST_FOUND:
            self.append(finding)


def from_xlsx(content: bytes, name: str) -> tuple[Filled | None, list[Diagnostic]]:
    """The exported sheets as they are now; none at all if this is no workbook of ours."""
    found = Findings()
    parts = measured(content, name, found)
    if parts is None:
        return None, found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of decoration it does not understand
        try:
            filled = read(content, parts, name, found)
        except DAMAGED:
            found.add(problem("workbook-file.damaged", None, path=name))
            return None, found
    return filled, found


# ---- Before it is unpacked --------------------------------------------------------------------------


def measured(content: bytes, name: str, found: Findings) -> Mapping[str, Part] | None:
    """What each sheet's part says of itself, if the file is no larger than anybody's workbook would be."""
    if len(content) > MOST_BYTES:
        found.add(problem("workbook-file.large", None, path=name, most=f"{MOST_BYTES:,}"))
        return None
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_UNPACKED:
                found.add(problem("workbook-file.unpacked", None, path=name, most=f"{MOST_UNPACKED:,}"))
                return None
            parts = {}
            for info in infos:
                text = archive.read(info) if info.filename.endswith((".xml", ".rels")) else b""
                if b"<!DOCTYPE" in text.replace(b"\0", b"").upper():
                    found.add(problem("workbook-file.damaged", None, path=name))
                    return None
                parts[info.filename] = part_of(text) if "sheets/" in info.filename else Part((), False, 0)
    except DAMAGED:
        found.add(problem("workbook-file.damaged", None, path=name))
        return None
    return parts


def part_of(text: bytes) -> Part:
    merged = tuple(ref.decode() for ref in _MERGED.findall(text)[:MOST_FOUND])
    return Part(merged, _FORMULA.search(text) is not None, max(map(int, _ROW.findall(text)), default=0))


# ---- Sheets -----------------------------------------------------------------------------------------


def read(content: bytes, parts: Mapping[str, Part], name: str, found: Findings) -> Filled | None:
    import openpyxl

    def load(data_only: bool) -> Mapping[str, Any]:
        book = openpyxl.load_workbook(
            BytesIO(content), read_only=True, data_only=data_only, keep_links=False, keep_vba=False
        )
        return {sheet.title: sheet for sheet in book.worksheets}

    values = load(data_only=True)
    formulas = load(data_only=False) if any(part.formulas for part in parts.values()) else {}
    base = values.get(BASE)
    rows = texts_of(base) if base is not None else []
    if not rows or rows[0][:1] != ("lifeseg",):
        found.add(problem("workbook-file.foreign", None, path=name))
        return None
    if rows[0] != ("lifeseg", FORMAT) or len(rows) < 2 or len(rows[1]) != 4:
        found.add(problem("workbook-file.format", None, path=name))
        return None
    sheets = []
    bases = list(base_sheets(rows[2:]))
    for one in bases:
        page = values.get(one.title)
        if page is None:
            found.add(problem("workbook-sheet", None, sheet=one.title))
            continue
        pages = Pages(page, formulas.get(one.title), parts.get(page._worksheet_path, Part((), False, 0)))
        sheets.append(FilledSheet(one, tuple(lines_of(one, pages, found))))
    ours = {BASE, *(one.title for one in bases)}
    others = tuple(title for title in values if title not in ours)
    return Filled(*rows[1][1:], tuple(sheets), others)


def texts_of(page: Any) -> list[tuple[str, ...]]:
    """The rows of the hidden sheet, without the empty cells at their ends that openpyxl adds."""
    page.reset_dimensions()
    found = []
    for row in page.iter_rows(values_only=True, max_row=MOST_ROWS * 10):
        texts = tuple("" if value is None else str(value) for value in row)
        while texts and not texts[-1]:
            texts = texts[:-1]
        if texts:
            found.append(texts)
    return found


def base_sheets(rows: Sequence[tuple[str, ...]]) -> Iterator[BaseSheet]:
    """The sheets as they were exported; empty cells at the end of a row were there, too."""
    current: BaseSheet | None = None
    for row in rows:
        if row[0] == "sheet" and len(row) > 4 and row[2] in ("rows", "weights", "bands", "parameters"):
            if current is not None:
                yield current
            current = BaseSheet(row[2], row[3], row[1], row[4:], {})  # type: ignore[arg-type] # looked at above
        elif row[0] == "line" and current is not None and len(row) > 1:
            wide = len(current.columns) - 1
            current.lines[row[1]] = (*row[2 : 2 + wide], *("" for _ in range(wide - len(row) + 2)))
    if current is not None:
        yield current


# ---- Rows -------------------------------------------------------------------------------------------


def lines_of(base: BaseSheet, pages: Pages, found: Findings) -> Iterator[FilledLine]:
    """The rows of a sheet beneath its heading; a sheet whose heading is another one has none."""
    for ref in pages.part.merged:
        found.add(problem("workbook-cell.merged", None, sheet=base.title, cell=ref))
    if pages.part.last > MOST_ROWS:
        found.add(problem("workbook-sheet.long", None, sheet=base.title, most=f"{MOST_ROWS:,}"))
        return
    places: list[int] | None = None
    seen: dict[str, int] = {}
    for number, row in enumerate(cells(pages), 1):
        if number == HEADING_ROW:
            places = columns_at(base, row, found)
        if number < FIRST_ROW or places is None:
            continue
        if (line := line_of(base, row, number, places, found)) is None:
            continue
        if line.key is not None and line.key in seen:
            found.add(
                problem(
                    "workbook-row.twice",
                    None,
                    sheet=base.title,
                    cell=f"A{number}",
                    row=line.key,
                    other=seen[line.key],
                )
            )
        elif line.key is not None:
            seen[line.key] = number
        yield line
    if places is None and not any(one.arguments.get("sheet") == base.title for one in found):
        found.add(problem("workbook-heading.none", None, sheet=base.title, columns=", ".join(base.columns)))
    if base.kind != "rows" and not any(one.arguments.get("sheet") == base.title for one in found):
        for key in base.lines:
            if key not in seen:
                found.add(problem("workbook-row.lost", None, sheet=base.title, row=key))


def cells(pages: Pages) -> Iterator[tuple[Any, ...]]:
    """The cells of each row, values and formulas side by side."""
    pages.values.reset_dimensions()
    rows = pages.values.iter_rows(max_row=MOST_ROWS)
    if pages.formulas is None:
        yield from (tuple((cell, None) for cell in row) for row in rows)
        return
    pages.formulas.reset_dimensions()
    for row, other in zip(rows, pages.formulas.iter_rows(max_row=MOST_ROWS), strict=False):
        yield tuple(zip_longest(row, other))


def columns_at(base: BaseSheet, row: Sequence[Any], found: Findings) -> list[int] | None:
    """At which places the columns stand that are read; columns behind them are somebody's own."""
    names = [
        str(cell.value).strip() if cell is not None and cell.value is not None else "" for cell, _ in row
    ]
    places: list[int] = []
    start = 0
    for column in base.columns:
        shown = (
            1 if base.kind != "rows" and len(places) == 1 else 0
        )  # the title stands between name and values
        place = start + shown
        if place >= len(names) or names[place] != column:
            now = names[place] if place < len(names) else ""
            key = "workbook-heading" if now else "workbook-heading.empty"
            found.add(
                problem(
                    key,
                    None,
                    sheet=base.title,
                    cell=f"{letter(place)}{HEADING_ROW}",
                    found=now or None,
                    column=column,
                )
            )
            return None
        places.append(place)
        start = place + 1
    return places


def line_of(
    base: BaseSheet, row: Sequence[Any], number: int, places: Sequence[int], found: Findings
) -> FilledLine | None:
    """A row with its key; one in which nothing stands is none."""
    entries = [entry_at(base, row, place, number, found) for place in places]
    if all(entry is None or entry.value in (None, "") for entry in entries) and None not in entries:
        return None
    key, *others = entries
    if key is None or None in others:
        return None
    name = str(key.value).strip() if key.value is not None else ""
    if name not in base.lines and (name or base.kind != "rows"):
        which = ".number" if base.kind == "rows" else ".unknown" if name else ".added"
        found.add(problem(f"workbook-row{which}", None, sheet=base.title, cell=key.address, row=name or None))
        return None
    return FilledLine(name or None, number, tuple(one for one in others if one is not None))


def entry_at(base: BaseSheet, row: Sequence[Any], place: int, number: int, found: Findings) -> Entry | None:
    """What stands in a cell; None if it is nothing a policy could say."""
    cell, formula = row[place] if place < len(row) else (None, None)
    address = f"{letter(place)}{number}"
    value = getattr(cell, "value", None)
    if formula is not None and getattr(formula, "data_type", "") == "f" and value is None:
        found.add(problem("workbook-cell.formula", None, sheet=base.title, cell=address))
        return None
    if getattr(cell, "data_type", "") == "e":
        found.add(problem("workbook-cell.failed", None, sheet=base.title, cell=address, text=value))
        return None
    plain = plain_value(value)
    if plain is NotImplemented:
        found.add(problem("workbook-cell.kind", None, sheet=base.title, cell=address, text=shown(value)))
        return None
    return Entry(plain, address, "%" in str(getattr(cell, "number_format", "")))


def plain_value(value: Any) -> Any:
    """A number without the noise behind its last digit, a date, or a text."""
    match value:
        case None | str():
            return value
        case bool():
            return NotImplemented
        case int() | float():
            number = Decimal(f"{value:.{EXACT_DIGITS}g}")
            return number if number.is_finite() else NotImplemented
        case datetime():
            return value.date() if value.time() == time() else NotImplemented
        case date():
            return value
        case _:
            return NotImplemented


def shown(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def letter(place: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
