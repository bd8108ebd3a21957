"""Policy text comes in; its definitions as tokens, and its comments, go out. Knows no rule of the grammar.

What starts in the first column is a piece of its own, so that one mistake cannot hide the next definition. A
piece is cut into its heading and the entries beneath it, for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field

from lifeseg.frozen import dataclass

END = "$END"
ASTRAY = "_ASTRAY"  # before a line whose indentation fits no line above
STRANGE = "_STRANGE"  # a character that no token has
LAYOUT = frozenset({"_NL", "_INDENT", "_DEDENT", ASTRAY, END})

_GOES_ON = re.compile(r"(and|or)\b")
_NESTING = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "LPAR", "RPAR", "NOT", "COLON"})


class Token:
    """A word, sign, number or text; or a change of lines, which has no text. None is on two lines."""

    __slots__ = ("column", "kind", "line", "literal", "terminal", "text")

    def __init__(self, kind: str, literal: str | None, text: str, line: int, column: int) -> None:
        self.kind = kind  # the terminal by its looks: NAME, NUMBER, …
        self.literal = literal  # the terminal it is wherever the grammar expects this very word or sign
        self.terminal = kind  # what the parser took it for
        self.text, self.line, self.column = text, line, column

    def __repr__(self) -> str:
        return f"{self.kind}({self.text!r}, {self.line}:{self.column})"


@dataclass(slots=True)
class Piece:
    """What starts in the first column; the entries are its heading, each entry beneath it, and its end."""

    entries: list[list[Token]]
    deepest: int = 0  # brackets within brackets, blocks within blocks
    busiest: int = 0  # signs and words on one line (or in brackets over lines) that may nest expressions


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, its place, and whether the line is its own."""

    text: str
    line: int
    column: int
    alone: bool


class Scanner:
    """The patterns of a grammar, ready to cut a line into tokens."""

    def __init__(self, patterns: Sequence[tuple[str, str]], literals: Mapping[str, str]) -> None:
        named = [f"(?P<{name}>{pattern})" for name, pattern in patterns if name != "BLANK"]
        self.find = re.compile("[ \t]*(?:" + "|".join([*named, f"(?P<{STRANGE}>[^ \t])"]) + ")").finditer
        self.literals = literals


@dataclass(slots=True)
class Reader:
    """Reads a text line by line; its pieces and remarks grow."""

    scanner: Scanner
    pieces: list[Piece] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    piece: Piece | None = None
    entry: list[Token] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)  # the indentations of the blocks that are open
    brackets: int = 0
    nesting: int = 0

    def read(self, text: str) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            body = line.lstrip(" \t")
            indentation = len(line) - len(body)
            if body[:1] == "#":
                self.remarks.append(Remark(body.rstrip(), number, indentation + 1, alone=True))
            elif body:
                goes_on = self.open_line(line, number, indentation)
                self.read_line(line, number, goes_on)
        self.close_piece()

    def open_line(self, line: str, number: int, indentation: int) -> bool:
        """Says what the change of lines means, as tokens; True if the line goes on with a condition above."""
        if not indentation or self.piece is None:
            self.close_piece()
            self.piece = Piece([])
            self.levels = [0]
            return False
        if self.brackets > 0:
            return False
        if _GOES_ON.match(line, indentation):
            return True
        self.end_of_line()
        self.indent(len(line[:indentation].expandtabs(8)), number, indentation + 1)
        return False

    def indent(self, width: int, number: int, column: int) -> None:
        levels = self.levels
        if width > levels[-1]:
            levels.append(width)
            if self.piece is not None:
                self.piece.deepest = max(self.piece.deepest, len(levels))
            self.entry.append(Token("_INDENT", None, "", number, column))
        while width < levels[-1] and len(levels) > 2:
            levels.pop()
            self.entry.append(Token("_DEDENT", None, "", number, column))
        if len(levels) == 2:
            self.close_entry()
        if width != levels[-1]:
            self.entry.append(Token(ASTRAY, None, "", number, column))

    def read_line(self, line: str, number: int, goes_on: bool) -> None:
        entry, literals = self.entry, self.scanner.literals
        for match in self.scanner.find(line):
            kind = match.lastgroup or STRANGE
            text = match[kind]
            column = match.end() - len(text) + 1
            if kind == "COMMENT":
                self.remarks.append(Remark(text.rstrip(), number, column, alone=False))
                continue
            literal = literals.get(text)
            if goes_on:
                kind, literal, goes_on = f"_{text.upper()}_LINE", None, False
            elif literal in _NESTING:
                self.count(literal)
            entry.append(Token(kind, literal, text, number, column))

    def count(self, sign: str | None) -> None:
        if sign == "LPAR":
            self.brackets += 1
            if self.piece is not None:
                self.piece.deepest = max(self.piece.deepest, self.brackets)
        elif sign == "RPAR":
            self.brackets -= 1
        self.nesting += 1
        if self.piece is not None:
            self.piece.busiest = max(self.piece.busiest, self.nesting)

    def end_of_line(self) -> None:
        last, self.nesting = self.entry[-1], 0
        self.entry.append(Token("_NL", None, "", last.line, last.column + len(last.text)))

    def close_entry(self) -> None:
        if self.piece is not None and self.entry:
            self.piece.entries.append(self.entry)
        self.entry = []

    def close_piece(self) -> None:
        if self.piece is None:
            return
        self.end_of_line()
        last = self.entry[-1]
        for level in range(len(self.levels) - 1, 0, -1):
            if level == 1:
                self.close_entry()
            self.entry.append(Token("_DEDENT", None, "", last.line, last.column))
        self.entry.append(Token(END, None, "", last.line, last.column))
        self.close_entry()
        self.pieces.append(self.piece)
        self.piece, self.brackets = None, 0
