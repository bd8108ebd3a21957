"""Policy text comes in; its syntax tree and the findings about it go out. Knows nothing of what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from lifeseg.bundled import grammar_text
from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.syntax.definitions import Change, Comment, Definition, File
from lifeseg.syntax.errors import explained
from lifeseg.syntax.from_parse import NodeBuilder
from lifeseg.syntax.mistake_view import KINDS
from lifeseg.syntax.parse_tables import Tables, tables_of
from lifeseg.syntax.parser import Parser
from lifeseg.syntax.tokens import Piece, Reader, Remark, Scanner

MOST_CHARACTERS = 2_000_000
MOST_LINE = 4_000
MOST_DEPTH = 60
MOST_NESTING = 1_000  # operators on one line: deeper than MOST_DEPTH however they stand
MOST_ERRORS = 20

# After one of these the lines below are likely to be in the first column for the same reason.
UNINDENTED = ("unknown-definition", "empty-definition", "bad-indentation.first-column")

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\ufeff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_INDENTED = re.compile(r"^([ \t]+)[^ \t\n#]", re.MULTILINE)


@lru_cache(maxsize=1)
def language() -> tuple[Tables, Scanner]:
    tables = tables_of(grammar_text())
    return tables, Scanner(tables["patterns"], tables["literals"])


def from_text(text: str, file: str) -> tuple[File, tuple[Diagnostic, ...]]:
    """The tree of a policy file and every finding about its form, in the order of the text."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = list(unreadable(text, file))
    if found:
        return File(file, text, (), ()), tuple(found[:MOST_ERRORS])
    tables, scanner = language()
    reader = Reader(scanner)
    reader.read(text)
    builder = NodeBuilder(file)
    parser = Parser(tables, builder.maker)
    nodes: list[Definition | Change] = []
    lines = text.split("\n")
    unindented = False
    for piece in reader.pieces:
        if unindented and lone_line(piece, lines):
            continue
        node, problems = parsed(piece, parser, lines, file)
        unindented = bool(problems) and problems[-1].key in UNINDENTED
        found += problems
        if node is not None:
            nodes.append(node)
        if len(found) >= MOST_ERRORS:
            break
    found += builder.problems
    return File(file, text, tuple(nodes), comments(reader.remarks, file)), in_order(found)


def lone_line(piece: Piece, lines: Sequence[str]) -> bool:
    """A line in the first column right below one that begins no definition: the same mistake again."""
    first = piece.entries[0][0]
    return len(piece.entries) == 1 and first.text not in KINDS and bool(lines[first.line - 2].strip())


def in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(found, key=lambda finding: finding.span or ("", 0))[:MOST_ERRORS])


def unreadable(text: str, file: str) -> Iterator[Diagnostic]:
    """What no parser should be given: hostile sizes and characters that a reader cannot see."""
    if len(text) > MOST_CHARACTERS:
        place = Span(file, 1, 1, 1, 2)
        yield problem("file-too-large", place, most=f"{MOST_CHARACTERS:,}", size=f"{len(text):,}")
        return
    lines = text.split("\n")
    if _FORBIDDEN.search(text):
        for number, line in enumerate(lines, 1):
            if bad := _FORBIDDEN.search(line):
                place = Span(file, number, bad.start() + 1, number, bad.start() + 2)
                yield problem("control-character", place, character=f"U+{ord(bad.group()):04X}")
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_LINE:
            place = Span(file, number, 1, number, 2)
            yield problem("line-too-long", place, most=f"{MOST_LINE:,}", size=f"{len(line):,}")
    if "\t" in text:
        yield from mixed_indentation(text, file)


def mixed_indentation(text: str, file: str) -> Iterator[Diagnostic]:
    """The first line that is indented otherwise than the lines before: nobody sees how wide a tab is."""
    style = ""
    for match in _INDENTED.finditer(text):
        style = style or match[1][0]
        if match[1].strip(style):
            line = text.count("\n", 0, match.start()) + 1
            place = Span(file, line, 1, line, len(match[1]) + 1)
            yield problem("bad-indentation.mixed", place, style="tabs" if style == "\t" else "blanks")
            return


def parsed(piece: Piece, parser: Parser, lines: Sequence[str], file: str) -> tuple[Any, list[Diagnostic]]:
    first = piece.entries[0][0]
    place = Span(file, first.line, first.column, first.line, first.column + len(first.text))
    if first.column > 1:
        return None, [problem("bad-indentation.definition", place, word=first.text)]
    if piece.deepest > MOST_DEPTH or piece.busiest > MOST_NESTING:
        return None, [problem("too-deep", place, most=MOST_DEPTH)]
    node, mistakes = parser.parse(piece, file, MOST_ERRORS)
    if node is not None and piece.busiest > MOST_DEPTH and (deep := too_deep(node)) is not None:
        return None, [problem("too-deep", deep, most=MOST_DEPTH)]
    return node, [explained(mistake, parser, lines, file) for mistake in mistakes]


def too_deep(node: Any) -> Span | None:
    """An expression nested beyond what anybody reads (and beyond what the passes are built for)."""
    stack = [(node, 0)]
    while stack:
        current, level = stack.pop()
        if level > MOST_DEPTH:
            span: Span = current.span
            return span
        for field in fields(current):
            value = getattr(current, field.name)
            items = value if isinstance(value, tuple) and not isinstance(value, Span) else (value,)
            stack += [(item, level + 1) for item in items if is_dataclass(item)]
    return None


def comments(remarks: Sequence[Remark], file: str) -> tuple[Comment, ...]:
    """The comments, which the parser passes over and the formatter puts back."""
    return tuple(
        Comment(
            Span(file, remark.line, remark.column, remark.line, remark.column + len(remark.text)),
            remark.text,
            remark.alone,
        )
        for remark in remarks
    )
