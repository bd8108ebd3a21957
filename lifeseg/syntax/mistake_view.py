"""A mistake comes in; what is asked about it to explain it goes out: the words around it and their places."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.syntax.parser import Mistake, Parser
from lifeseg.syntax.tokens import LAYOUT, Token

KINDS = (
    "policy", "params", "kpis", "entity", "indexes", "score", "weights", "flags", "segment", "rank", "table",
    "clusters", "chain", "offers", "tasks", "lifecycle", "test", "never", "assume", "titles", "change",
)  # fmt: skip

LONGEST_WORD = 40


def closest(word: str, words: Iterable[str]) -> str | None:
    """The word that is most like another, if it is much like it."""
    found = difflib.get_close_matches(word.lower(), list(words), 1, 0.7) if len(word) <= LONGEST_WORD else ()
    return next(iter(found), None)


class View:
    """A mistake with what stands around it."""

    def __init__(self, mistake: Mistake, parser: Parser, lines: Sequence[str], file: str) -> None:
        self.mistake, self.parser, self.lines, self.file = mistake, parser, lines, file
        self.entry, self.index, self.expected = mistake.entry, mistake.index, mistake.expected
        self.token: Token = self.entry[self.index]
        self.text = self.token.text
        self.before: Token | None = self.entry[self.index - 1] if self.index else None
        self.after: Token | None = self.entry[self.index + 1] if self.index + 1 < len(self.entry) else None

    @property
    def at_heading(self) -> bool:
        return self.entry is self.mistake.piece.entries[0]

    @property
    def kind(self) -> str:
        """The word that says what is being defined."""
        words = [token.text for token in self.mistake.piece.entries[0][:2]]
        return words[-1] if words[0] == "change" else words[0]

    @property
    def name(self) -> str:
        """The name of what is being defined, or its title, as written."""
        heading = self.mistake.piece.entries[0]
        return next((token.text for token in heading[1:3] if token.kind in ("NAME", "TEXT")), "")

    @property
    def on_line(self) -> list[Token]:
        """The words and signs of the line, from the first on."""
        return [token for token in self.entry if token.line == self.token.line and token.kind not in LAYOUT]

    @property
    def first(self) -> Token:
        """The first word of the line."""
        return (self.on_line or [self.token])[0]

    @property
    def after_kind(self) -> str:
        return self.after.kind if self.after is not None else ""

    def line_above(self) -> list[Token]:
        """The words of the last line of the entry before."""
        entries = self.mistake.piece.entries
        place = next(number for number, entry in enumerate(entries) if entry is self.entry)
        words = [token for token in entries[place - 1] if token.kind not in LAYOUT]
        return [token for token in words if token.line == words[-1].line]

    @property
    def ends_line(self) -> bool:
        return self.token.kind in LAYOUT

    @property
    def line(self) -> str:
        return self.lines[self.token.line - 1]

    def span(self, first: Token | None = None, last: Token | None = None) -> Span:
        """The place of a token (the one that does not fit), or from one to another."""
        first = first or self.token
        last = last or first
        return Span(self.file, first.line, first.column, last.line, last.column + max(len(last.text), 1))

    def end_of_line(self) -> Span:
        """Where the line ends that should have gone on."""
        place = self.before or self.token
        column = place.column + len(place.text)
        return Span(self.file, place.line, column, place.line, column + 1)

    def whole_line(self) -> Span:
        start = len(self.line) - len(self.line.lstrip()) + 1
        return Span(
            self.file, self.token.line, start, self.token.line, max(len(self.line.rstrip()), start) + 1
        )

    def part(self, column: int, end: int) -> Span:
        """A stretch of the line, by columns."""
        return Span(self.file, self.token.line, column, self.token.line, end)

    def close_up(self, left: Token | None, right: Token | None) -> bool:
        """True if nothing stands between two tokens."""
        if left is None or right is None:
            return False
        return left.line == right.line and left.column + len(left.text) == right.column

    def would_read(self, first: int, last: int, *instead: Token) -> bool:
        """True if the line fit when these tokens stood in place of those from `first` up to `last`."""
        rest = self.entry[last:]
        end = next((place for place, token in enumerate(rest) if token.kind in LAYOUT), len(rest))
        return self.parser.reads(self.mistake.ground, [*self.entry[:first], *instead, *rest[: end + 1]])

    def made(self, terminal: str, text: str = "") -> Token:
        return Token(terminal, None, text, self.token.line, self.token.column)

    def spelling(self, terminal: str) -> str | None:
        """The word or sign of a terminal, if it has only one."""
        return next((word for word, kind in self.parser.literals.items() if kind == terminal), None)

    def expected_words(self) -> dict[str, str]:
        """The words that would fit here, with their terminals."""
        return {
            word: kind
            for word, kind in self.parser.literals.items()
            if kind in self.expected and word[0].isalpha()
        }
