"""The text of a file and what is to be changed in it come in; the new text goes out, the same everywhere else.

Of a table that changes all rows are laid out again, as the formatter would: a wider cell moves those above and below it. A
remark behind a row goes where the row goes; remarks above a row that is taken away stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lifeseg.frozen import dataclass
from lifeseg.syntax import definitions as d
from lifeseg.syntax.row_text import cell_text, text_lines
from lifeseg.workbook.from_policy import Tabled
from lifeseg.workbook.merge import Change, NewRow

BYTE_ORDER_MARK = "\ufeff"
_LINES = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class TableEdit:
    """A table of a file, and its rows as they shall be."""

    node: Tabled
    rows: tuple[NewRow, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """A line and the break behind it, as they stand in the file."""

    text: str
    end: str


def edited(raw: str, file: d.File, changes: Iterable[Change], tables: Iterable[TableEdit]) -> str:
    """`raw` is the text as it lies on the disk, `file` what was read of it."""
    mark = BYTE_ORDER_MARK if raw.startswith(BYTE_ORDER_MARK) else ""
    lines = [Raw(*found) for found in _LINES.findall(raw.removeprefix(BYTE_ORDER_MARK))]
    if len(lines) > 1 and lines[-2].end == "":  # the expression also matches at the very end
        lines.pop()
    for change in sorted(changes, key=lambda one: one.span, reverse=True):
        place = change.span
        text = lines[place.line - 1].text
        text = text[: place.column - 1] + change.text + text[place.end_column - 1 :]
        lines[place.line - 1] = Raw(text, lines[place.line - 1].end)
    ends = {one.span.line: one.span.column for one in file.comments if not one.alone}
    for table in sorted(tables, key=lambda one: one.node.span, reverse=True):
        first, last = table.node.rows[0].span.line, table.node.rows[-1].span.line
        texts = list(laid_out(table, [line.text for line in lines], ends))
        breaks = [lines[first - 1].end or "\n"] * (len(texts) - 1) + [lines[last - 1].end]
        lines[first - 1 : last] = [Raw(*both) for both in zip(texts, breaks, strict=True)]
    return mark + "".join(line.text + line.end for line in lines)


def laid_out(table: TableEdit, lines: Sequence[str], ends: dict[int, int]) -> Iterator[str]:
    """The lines of a table from its heading to its last row, with everything that stands between them."""
    head, *body = table.node.rows
    wide = len(head.conditions)
    texts = [[cell_text(cell) for cell in (*head.conditions, *head.results)]]
    texts += [list(row.texts) for row in table.rows]
    heading, *rows = text_lines([row[:wide] for row in texts], [row[wide:] for row in texts])
    indentation = lines[head.span.line - 1][: head.span.column - 1]
    yield indentation + heading + behind(lines, head.span.line, ends)
    above = remarks_above(table, lines)
    for row, text in zip(table.rows, rows, strict=True):
        if row.origin is None:
            yield indentation + text
        else:
            number = body[row.origin].span.line
            yield from above.pop(row.origin)
            yield lines[number - 1][: body[row.origin].span.column - 1] + text + behind(lines, number, ends)
    yield from above.pop(len(body), [])


def remarks_above(table: TableEdit, lines: Sequence[str]) -> dict[int, list[str]]:
    """The lines between a row and the one before, by row; those of rows that are gone stand above the next one that stays."""
    numbers = [row.span.line for row in table.node.rows]
    staying = sorted(row.origin for row in table.rows if row.origin is not None)
    found: dict[int, list[str]] = {place: [] for place in staying}
    for place in range(len(numbers) - 1):
        between = list(lines[numbers[place] : numbers[place + 1] - 1])
        if place in found:
            found[place] += between
        elif said := [line for line in between if line.strip()]:
            below = next((other for other in staying if other > place), len(numbers) - 1)
            found.setdefault(below, []).extend(said)
    return found


def behind(lines: Sequence[str], number: int, ends: dict[int, int]) -> str:
    """The remark that ends a line, with the blanks before it."""
    if number not in ends:
        return ""
    line = lines[number - 1]
    return line[len(line[: ends[number] - 1].rstrip()) :]
