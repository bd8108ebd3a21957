"""Findings and the texts they are about come in; text for a terminal goes out: line, caret, help."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from lifeseg.diagnostics.catalogue import Worded, shown, words
from lifeseg.diagnostics.diagnostic import Diagnostic, Span

WIDTH = 100
TAB = 8
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
SEVERITY_WORDS = {"zh": {"error": "错误", "warning": "警告", "note": "提示"}}
HELP_WORDS = {"zh": "办法"}
# What no line break may divide: a wide character and the punctuation after it, a word, words in back-ticks.
_WIDE = "\u2e80-\u303f\u3040-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60"
_CLOSING = "，。；：！？、）》」』"
_UNIT = re.compile(rf" *(?:[{_WIDE}]|`[^`]{{1,60}}`[^ {_WIDE}`]*|[^ {_WIDE}`]+|`)[{_CLOSING}]*| ")


def render(
    findings: Sequence[Diagnostic],
    sources: Mapping[str, str],
    language: str = "en",
    *,
    width: int = WIDTH,
    colour: bool = False,
) -> str:
    """The findings one after the other, each ending in a line break; nothing if there are none."""
    lines = list(all_lines(findings, sources, language, width))
    if not colour:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    page = io.StringIO()
    console = Console(
        file=page,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        no_color=False,
        width=width,
    )
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)
    return page.getvalue()


def colour_wanted(stream: TextIO) -> bool:
    """Whether a stream should be written in colour: a terminal whose user did not say NO_COLOR."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def all_lines(
    findings: Sequence[Diagnostic], sources: Mapping[str, str], language: str, width: int
) -> Iterator[Text]:
    """Every finding; help that was given once is not given again."""
    helped: set[tuple[str, str]] = set()
    for finding in findings:
        worded = words(finding, language)
        yield from finding_lines(finding, worded, sources, language, width)
        if worded.help is not None and (worded.code, worded.help) not in helped:
            helped.add((worded.code, worded.help))
            yield from help_lines(worded, language, width)


def finding_lines(
    finding: Diagnostic, worded: Worded, sources: Mapping[str, str], language: str, width: int
) -> Iterator[Text]:
    """One finding: its message and each place it is about."""
    style = STYLES[worded.severity]
    name = SEVERITY_WORDS.get(language, {}).get(worded.severity, worded.severity)
    head, *more = wrapped(f"{name}[{worded.code}]: {worded.message}", width, 2)
    mark = head.index("]") + 1
    yield Text.assemble((head[:mark], style), (head[mark:], "bold"))
    for line in more:
        yield Text(line, "bold")
    for place in places(finding.span, worded):
        yield from place_lines(place, finding.span, sources, style, width)


def help_lines(worded: Worded, language: str, width: int) -> Iterator[Text]:
    word = HELP_WORDS.get(language, "help")
    said = f"  {word}: {worded.help} · lifeseg\N{NO-BREAK SPACE}help\N{NO-BREAK SPACE}{worded.code}"
    first, *more = wrapped(said, width, 4 + cell_len(word))
    mark = first.index(":") + 1
    yield Text.assemble((first[:mark], "bold"), first[mark:])
    for line in more:
        yield Text(line)


# ---- Places ------------------------------------------------------------------------------------

Place = Sequence[tuple[Span, str | None]]
"""The stretches to mark in one file, each with its text; the finding's own comes first."""


def places(span: Span | None, worded: Worded) -> Sequence[Place]:
    """The stretches to mark, file by file, the finding's own file first."""
    marked: dict[str, list[tuple[Span, str | None]]] = {}
    if span is not None:
        marked[span.file] = [(span, worded.label)]
    for other, text in worded.labels:
        marked.setdefault(other.file, []).append((other, text))
    return list(marked.values())


def place_lines(
    place: Place, main: Span | None, sources: Mapping[str, str], style: str, width: int
) -> Iterator[Text]:
    """`file:line:column`, then each marked line with its gutter and the marks beneath it."""
    first, _ = place[0]
    yield Text(f"  {shown(first.file)}:{first.line}:{first.column}", "cyan")
    lines = sources[first.file].removeprefix("\ufeff").split("\n") if first.file in sources else []
    digits = max(3, len(str(max(span.line for span, _ in place))))
    room = max(width - digits - 5, 20)
    line_above = 0
    for span, text in place:
        if not 1 <= span.line <= len(lines):
            if text is not None:
                yield from map(Text, wrapped(f"  {span.line:>{digits}}   {text}", width, digits + 5))
            continue
        window, start, length = windowed(lines[span.line - 1].rstrip("\r"), span, room)
        if span.line != line_above:
            yield Text.assemble((f"  {span.line:>{digits}} | ", "dim"), window)
        line_above = span.line
        caret, mark_style = ("^", style) if span is main else ("-", "cyan")
        for line in mark_lines(caret, start, length, text, room):
            yield Text.assemble((f"  {'':>{digits}} | ", "dim"), (line, mark_style))


def mark_lines(caret: str, start: int, length: int, text: str | None, room: int) -> list[str]:
    """The carets with the text after them, or beneath them where it does not fit."""
    marks = " " * start + caret * length
    if text is None:
        return [marks]
    if start + length + 1 + cell_len(text) <= room:
        return [f"{marks} {text}"]
    indent = min(start, room // 2)
    return [marks, *wrapped(" " * indent + text, room, indent)]


def windowed(source: str, span: Span, room: int) -> tuple[str, int, int]:
    """The line in at most `room` columns, the column where the marks start, and how many columns they cover.

    A line that is too long is cut around the marks, with `…` where something was left out.
    """
    begin = min(span.column - 1, len(source))
    end = min(span.end_column - 1, len(source)) if span.end_line == span.line else len(source)
    skipped = max(0, begin - 2 * room)
    cells = as_shown(source[skipped : begin + 2 * room])
    begin, end = begin - skipped, min(end - skipped, len(cells))
    first, last = 0, len(cells)
    if skipped or breadth(cells) > room:
        first = last = begin
        while first > 0 and breadth(cells[first - 1 : begin]) <= room // 3:
            first -= 1
        while last < len(cells) and breadth(cells[first : last + 1]) <= room - 2:
            last += 1
        while first > 0 and breadth(cells[first - 1 : last]) <= room - 2:
            first -= 1
    left, right = "…" if skipped or first else "", "…" if last < len(cells) else ""
    start = len(left) + breadth(cells[first:begin])
    return left + "".join(cells[first:last]) + right, start, max(1, breadth(cells[begin : min(end, last)]))


def as_shown(source: str) -> list[str]:
    """Each character as the terminal shows it: a tab as spaces, what cannot be seen as a mark that can."""
    cells: list[str] = []
    column = 0
    for character in source:
        cells.append(" " * (TAB - column % TAB) if character == "\t" else shown(character))
        column += cell_len(cells[-1])
    return cells


def breadth(cells: Sequence[str]) -> int:
    return sum(map(cell_len, cells))


# ---- Lines -------------------------------------------------------------------------------------


def wrapped(text: str, width: int, indent: int) -> list[str]:
    """Text in lines of at most `width` columns, broken at spaces and between Chinese characters."""
    lines = [""]
    used = 0
    for unit in _UNIT.findall(text):
        wide = cell_len(unit)
        if used + cell_len(unit.rstrip(" ")) > width and used > indent:
            lines.append(" " * indent)
            used, unit = indent, unit.lstrip(" ")
            wide = cell_len(unit)
        lines[-1] += unit
        used += wide
    return [line.rstrip(" ").replace("\N{NO-BREAK SPACE}", " ") for line in lines]
