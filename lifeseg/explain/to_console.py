"""An explanation comes in, text for a terminal goes out: aligned columns, places at the margin.

Data is never read as markup, and what could steer the terminal is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rich.cells import cell_len

from lifeseg.explain.catalogue import Catalogue, catalogue
from lifeseg.explain.explanation import Explanation, Line, Table
from lifeseg.explain.layout import clean, pad, wrap
from lifeseg.explain.links import link
from lifeseg.frozen import dataclass

_GAP = 2
_STEP = 2
_LEAST_TEXT = 12
_LEAST_CELL = 18
_NARROW = 72
"""Below so many columns there is no column for notes: they follow the text."""
_PLAIN, _STRONG, _FAINT = "", "bold", "dim"
_VERDICTS = {"yes": "green", "no": "red", "unknown": "red"}


class _Piece(NamedTuple):
    column: int
    text: str
    style: str
    leads: str | None = None  # an address, where a terminal can follow it


@dataclass(frozen=True, slots=True)
class _Page:
    """The columns of a whole explanation: where text, verdict and note begin."""

    width: int
    text: int
    verdict: int
    note: int
    words: Catalogue
    colour: bool
    book: str | None = None


def to_console(explanation: Explanation, width: int = 100, colour: bool = False) -> str:
    """The explanation as lines of at most `width` columns (not below 40), with a line break at the end."""
    width = max(40, width)
    words = catalogue(explanation.language)
    shown = tuple(_prepared(line, narrow=width < _NARROW) for line in explanation.lines)
    page = replace(_page(shown, width, words, colour), book=explanation.book)
    blocks = [_header(explanation, page), _paragraph(explanation.sentence, page)]
    if explanation.detail == 0:
        blocks = blocks[1:]
    if shown:
        blocks.append(_body(shown, page))
    if explanation.more:
        more = words.say("more.lead") + words.say("more.separator").join(explanation.more)
        blocks.append([_draw([_Piece(0, line, _FAINT)], page) for line in wrap(clean(more), width)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _header(explanation: Explanation, page: _Page) -> list[str]:
    name = clean(" · ".join(filter(None, (explanation.key, explanation.name))))
    about = clean(" · ".join(explanation.about))
    start = page.width - cell_len(about)
    if cell_len(name) + _GAP <= start:
        return [_draw([_Piece(0, name, _STRONG), _Piece(start, about, _FAINT)], page)]
    lines = [
        *((line, _STRONG) for line in wrap(name, page.width)),
        *((line, _FAINT) for line in wrap(about, page.width)),
    ]
    return [_draw([_Piece(0, text, style)], page) for text, style in lines]


def _prepared(line: Line, narrow: bool) -> Line:
    """A line whose texts can do no harm, its note behind its text where the terminal is narrow."""
    text, note = clean(line.text), clean(line.note)
    if narrow:
        text, note = " · ".join(filter(None, (text, note))), ""
    return replace(
        line,
        label=clean(line.label),
        text=text,
        note=note,
        place=clean(line.place),
        lines=tuple(_prepared(below, narrow) for below in line.lines),
    )


def _paragraph(text: str, page: _Page) -> list[str]:
    return wrap(clean(text), page.width)


# ---- Columns -----------------------------------------------------------------------------------


def _page(lines: Sequence[Line], width: int, words: Catalogue, colour: bool) -> _Page:
    """Columns as wide as the lines need, the text giving way where the terminal is narrow."""
    flat = [(depth, line) for top in lines for depth, line in _flat(top, 0)]
    labels = [depth * _STEP + cell_len(line.label) for depth, line in flat if line.label and not line.table]
    labels = labels or [cell_len(line.label) for line in lines]
    text = min(max(labels, default=0) + _GAP, max(16, width * 3 // 10))
    verdicts = [cell_len(words.say(f"verdict.{line.verdict}")) for _, line in flat if line.verdict]
    notes = [cell_len(line.note) for _, line in flat]
    room_for_note = min(max(notes, default=0), width // 3)
    behind = (_GAP + max(verdicts) if verdicts else 0) + (_GAP + room_for_note if room_for_note else 0)
    needed = max((_end(depth, line, text) for depth, line in flat if line.verdict or line.note), default=text)
    verdict = max(text + _LEAST_TEXT, min(needed, width - behind)) + _GAP
    note = verdict + (max(verdicts) + _GAP if verdicts else 0)
    return _Page(width, text, verdict, note, words, colour)


def _flat(line: Line, depth: int) -> Iterator[tuple[int, Line]]:
    yield depth, line
    for below in line.lines:
        yield from _flat(below, _below(line, depth))


def _below(line: Line, depth: int) -> int:
    """What stands behind a case's further conditions is as deep as what stands behind its first."""
    return depth if line.role == "part" else depth + 1


def _start(depth: int, line: Line, text: int) -> int:
    """Where a line's text begins: behind its label, in its column without one, or at its own indentation."""
    if line.label:
        return max(text, depth * _STEP + cell_len(line.label) + _GAP)
    return depth * _STEP if line.role in ("clause", "remark") else text


def _end(depth: int, line: Line, text: int) -> int:
    return _start(depth, line, text) + cell_len(line.text)


# ---- Lines -------------------------------------------------------------------------------------


def _body(lines: Iterable[Line], page: _Page) -> list[str]:
    """Decisions one under the other, tables set apart by blank lines."""
    drawn: list[str] = []
    apart = False
    for line in lines:
        if drawn and (apart or line.table is not None):
            drawn.append("")
        drawn += _tree(line, 0, page)
        apart = line.table is not None
    return drawn


def _tree(line: Line, depth: int, page: _Page) -> Iterator[str]:
    yield from _line(line, depth, page)
    for below in line.lines:
        yield from _tree(below, _below(line, depth), page)
    if line.table is not None:
        yield from _table(line.table, (depth + 1) * _STEP, page)


def _line(line: Line, depth: int, page: _Page) -> Iterator[str]:
    """A line, and the lines its text and note wrap onto."""
    label, text, note, place = line.label, line.text, line.note, line.place
    indent = min(depth * _STEP, page.text)
    labels = wrap(label, page.width - indent)
    start = _start(depth, line, page.text)
    if start > page.verdict - _LEAST_TEXT:
        start = page.text
        yield from (_draw([_label(indent, part, line, page)], page) for part in labels)
        if not (text or note or line.verdict):
            return
        label = ""
    room, place = _room(line, start, place, page)
    texts = wrap(text, room)
    notes = wrap(note, page.width - page.note) if note else []
    for at in range(max(len(texts), len(notes))):
        pieces = [_label(indent, label, line, page)] if at == 0 and label else []
        if at < len(texts):
            pieces.append(_Piece(start, texts[at], _STRONG if line.role == "decision" else _PLAIN))
        if at == 0 and line.verdict:
            pieces.append(
                _Piece(page.verdict, page.words.say(f"verdict.{line.verdict}"), _VERDICTS[line.verdict])
            )
        if at < len(notes):
            pieces.append(_Piece(page.note, notes[at], _PLAIN))
        if at == 0 and place:
            pieces += _margin(pieces, place, page)
        yield _draw(pieces, page)


def _room(line: Line, start: int, place: str, page: _Page) -> tuple[int, str]:
    """How wide the text may be: up to the verdict, or to the margin, whose place gives way to the text."""
    if line.verdict or line.note:
        return page.verdict - _GAP - start, place
    left = page.width - start - cell_len(place) - _GAP
    if place and left >= min(cell_len(line.text), 2 * _LEAST_TEXT):
        return left, place
    return page.width - start, ""


def _label(column: int, text: str, line: Line, page: _Page) -> _Piece:
    style = _PLAIN
    if line.role == "case" and line.verdict:
        style = _VERDICTS["yes" if line.taken else "no"]
    return _Piece(column, text, style, link(page.book, line.anchor))


def _margin(pieces: list[_Piece], place: str, page: _Page) -> list[_Piece]:
    """The place at the right margin, if there is room for it."""
    last = max((piece.column + cell_len(piece.text) for piece in pieces), default=0)
    start = page.width - cell_len(place)
    return [_Piece(start, place, _FAINT)] if last + _GAP <= start else []


def _draw(pieces: Iterable[_Piece], page: _Page) -> str:
    """Pieces at their columns on one line; colour only where the page asks for it."""
    line, at = "", 0
    for piece in pieces:
        if not piece.text:
            continue
        gap = max(piece.column - at, 1 if at else 0)
        at += gap + cell_len(piece.text)
        line += " " * gap + (_styled(piece) if page.colour else piece.text)
    return line


def _styled(piece: _Piece) -> str:
    from rich.color import ColorSystem
    from rich.style import Style

    text = Style.parse(piece.style).render(piece.text, color_system=ColorSystem.STANDARD)
    return f"\x1b]8;;{clean(piece.leads)}\x1b\\{text}\x1b]8;;\x1b\\" if piece.leads else text


# ---- Tables ------------------------------------------------------------------------------------


def _table(table: Table, indent: int, page: _Page) -> Iterator[str]:
    """Rows under their headings; what does not fit beside the rest stands below it, the last column wraps."""
    rows = [tuple(clean(cell) for cell in row) for row in table.rows]
    headings = tuple(clean(column.heading) for column in table.columns)
    cells = [headings, *rows] if any(headings) else rows
    widths = [max((cell_len(row[at]) for row in cells), default=0) for at in range(len(headings))]
    room = page.width - indent
    if sum(widths) + _GAP * (len(widths) - 1) > room:
        widths = [min(width, (room - _GAP) // 2) for width in widths]
    for group in _side_by_side(widths, room):
        starts: dict[int, int] = {}
        for at in group:
            starts[at] = indent + sum(widths[before] + _GAP for before in starts)
        for number, row in enumerate(cells):
            style = _FAINT if number == 0 and any(headings) else _PLAIN
            texts = [pad(row[at], widths[at], table.columns[at].right) for at in group]
            rooms = [page.width - starts[at] if at == group[-1] else widths[at] for at in group]
            yield from _row(texts, list(starts.values()), rooms, style, page)


def _side_by_side(widths: list[int], room: int) -> list[list[int]]:
    """Which columns stand beside each other; the first leads every group."""
    groups: list[list[int]] = [[]]
    used = 0
    for at, width in enumerate(widths):
        least = min(width, _LEAST_CELL) if at == len(widths) - 1 else width
        if len(groups[-1]) > 1 and used + least > room:
            groups.append([0])
            used = widths[0] + _GAP
        groups[-1].append(at)
        used += width + _GAP
    return groups


def _row(texts: list[str], starts: list[int], rooms: list[int], style: str, page: _Page) -> Iterator[str]:
    """A row's cells, with as many lines as the longest takes."""
    cells = [wrap(text.rstrip(), max(2, room)) for text, room in zip(texts, rooms, strict=True)]
    for at in range(max(len(lines) for lines in cells)):
        pieces = (
            _Piece(start, lines[at], style)
            for start, lines in zip(starts, cells, strict=True)
            if at < len(lines)
        )
        yield _draw(pieces, page)
