"""Policy text comes in; a syntax tree and the findings about the text go out. Knows nothing of what the text means.

The text is cut where a line starts in the first column, and each piece is parsed by itself, so that one mistake does
not hide the next. Within a piece the lines that hold a mistake are set aside and the rest is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.indenter import DedentError

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.syntax.definitions import Change, Comment, Definition, File
from lifeseg.syntax.errors import explained
from lifeseg.syntax.parser import ready_parser

MOST_CHARACTERS = 4_000_000
MOST_LINE = 4_000
MOST_NAME = 100
MOST_DIGITS = 38
MOST_DEPTH = 60
MOST_ERRORS = 20

_QUOTED_OR_COMMENT = re.compile(r'"[^"\n]*"|#[^\n]*')
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONG_NAME = re.compile(rf"[^\W\d]\w{{{MOST_NAME},}}")
_LONG_NUMBER = re.compile(rf"\d[\d.]{{{MOST_DIGITS},}}")
_OPERATOR = re.compile(r"[-+*/(]|\bnot\b")


def from_text(text: str, file: str) -> tuple[File, tuple[Diagnostic, ...]]:
    """The tree of a policy file and every finding about its form, in the order of the text."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found = list(unreadable(text, file))
    if found:
        return File(file, text, (), ()), tuple(found[:MOST_ERRORS])
    nodes: list[Definition | Change] = []
    for first_line, piece in pieces(text):
        node, problems = parse_piece(piece, first_line, file)
        found += problems
        if node is not None:
            nodes.append(node)
        if len(found) >= MOST_ERRORS:
            break
    return File(file, text, tuple(nodes), tuple(comments(text, file))), tuple(found)


def unreadable(text: str, file: str) -> Iterator[Diagnostic]:
    """What no parser should be given: hostile sizes and characters that a reader cannot see."""
    if len(text) > MOST_CHARACTERS:
        yield problem("file-too-large", Span(file, 1, 1, 1, 2), most=f"{MOST_CHARACTERS:,}", size=f"{len(text):,}")
        return
    for number, line in enumerate(text.split("\n"), 1):
        if bad := _FORBIDDEN.search(line):
            place = Span(file, number, bad.start() + 1, number, bad.start() + 2)
            yield problem("control-character", place, character=f"U+{ord(bad.group()):04X}")
        if len(line) > MOST_LINE:
            yield problem("line-too-long", Span(file, number, 1, number, 2), most=f"{MOST_LINE:,}", size=f"{len(line):,}")
            continue
        if len(line) - len(line.lstrip()) > MOST_DEPTH * 2:
            yield problem("too-deep.indent", Span(file, number, 1, number, 2), most=MOST_DEPTH)
        for pattern, key, most in ((_LONG_NAME, "name-too-long", MOST_NAME), (_LONG_NUMBER, "number-too-long", MOST_DIGITS)):
            if len(line) > most and (match := pattern.search(_QUOTED_OR_COMMENT.sub(blanked, line))):
                yield problem(key, Span(file, number, match.start() + 1, number, match.end() + 1), most=most)


def blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Each stretch that starts in the first column, with the number of its first line."""
    lines = text.split("\n")
    start: int | None = None
    for number, line in enumerate(lines):
        if line and line[0] not in " \t#\r":
            if start is not None:
                yield start + 1, "\n".join(lines[start:number])
            start = number
        elif start is None and line.strip() and not line.lstrip().startswith("#"):
            start = number
    if start is not None:
        yield start + 1, "\n".join(lines[start:])


def parse_piece(piece: str, first_line: int, file: str) -> tuple[Definition | Change | None, list[Diagnostic]]:
    parser, builder = ready_parser()
    found: list[Diagnostic] = []
    lines = piece.rstrip().split("\n")
    while True:
        builder.file, builder.lines_before, builder.problems = file, first_line - 1, []
        try:
            node: Any = parser.parse("\n".join(lines) + "\n")
        except (UnexpectedToken, UnexpectedCharacters, DedentError) as error:
            line = min(max(error_line(error, len(lines)), 1), len(lines))
            found.append(explained(error, lines, line, first_line, file))
            if len(found) >= MOST_ERRORS or not set_aside(lines, line - 1):
                return None, found
            continue
        found += builder.problems
        if not found and (deep := too_deep(node, piece)):
            found.append(deep)
        return (None if found else node), found


def error_line(error: Exception, last: int) -> int:
    if isinstance(error, UnexpectedToken) and error.token.type in ("_NL", "$END", "_DEDENT", "_INDENT"):
        return int(error.line) if error.line and error.line > 0 else last
    if isinstance(error, UnexpectedInput):
        return int(error.line) if error.line and error.line > 0 else last
    return last


def set_aside(lines: list[str], bad: int) -> bool:
    """Blanks the indented entry that holds line `bad`, and says whether anything is left to parse."""
    depths = [depth(line) for line in lines]
    inner = [d for d in depths[1:] if d]
    if bad == 0 or not inner:
        return False
    level = min(inner)
    first = bad
    while first > 1 and not (lines[first].strip() and depths[first] <= level):
        first -= 1
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or depths[last] > level):
        last += 1
    lines[first:last] = [""] * (last - first)
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines[1:])


def depth(line: str) -> int:
    stripped = line.lstrip()
    return 0 if not stripped or stripped.startswith("#") else len(line) - len(stripped)


def too_deep(node: Any, piece: str) -> Diagnostic | None:
    """An expression nested beyond what anybody reads (and beyond what the passes are built for)."""
    if len(_OPERATOR.findall(piece)) <= MOST_DEPTH:
        return None
    stack = [(node, 0)]
    while stack:
        current, level = stack.pop()
        if level > MOST_DEPTH:
            return problem("too-deep", current.span, most=MOST_DEPTH)
        for field in fields(current):
            value = getattr(current, field.name)
            for item in value if isinstance(value, tuple) and not isinstance(value, Span) else (value,):
                if is_dataclass(item):
                    stack.append((item, level + 1))
    return None


def comments(text: str, file: str) -> Iterator[Comment]:
    """The comments, which the parser passes over and the formatter puts back."""
    if "#" not in text:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if "#" not in line:
            continue
        for match in _QUOTED_OR_COMMENT.finditer(line):
            if match.group().startswith("#"):
                span = Span(file, number, match.start() + 1, number, match.end() + 1)
                yield Comment(span, match.group().rstrip(), not line[: match.start()].strip())
