"""Findings about data come in, as many as there are; a screenful that counts the rest goes out.

The pattern of a finding is its code, its file and its column: the first five of a pattern are listed, the
others counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem

MOST_OF_A_PATTERN = 5
SCREENFUL = 20
LONGEST_VALUE = 40

MILD = frozenset({
    "data-empty.children", "data-empty.child-table", "data-empty.blank-rows", "data-missing-column.optional",
    "data-set-aside",
    "data-more", "data-more.rows", "data-more.all", "data-unknown-column", "data-unknown-column.unnamed",
})  # fmt: skip
"""Warnings and notes; every other finding about data is an error, and there is no population."""

ABOUT_THE_HEADING = frozenset({"data-missing-column", "data-unknown-column", "data-duplicate-column"})
"""Codes whose findings are alike although each is about another column."""


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """Why a cell has no value: a catalogue entry, and what its words need beside the cell and the column."""

    key: str
    arguments: Mapping[str, str] = field(default_factory=dict)


class _Pattern:
    """How many findings there are of a kind, and the first of them: those to be listed and one more."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Diagnostic] = []


class Findings:
    """Collects findings; `failed` when one of them is an error."""

    def __init__(self) -> None:
        self._patterns: dict[tuple[str, str, str], _Pattern] = {}
        self.failed = False

    def add(self, found: Diagnostic) -> None:
        file = found.span.file if found.span else ""
        column = "" if found.code in ABOUT_THE_HEADING else found.arguments.get("column", "")
        pattern = self._patterns.setdefault((found.code, file, column), _Pattern())
        pattern.count += 1
        if len(pattern.first) <= MOST_OF_A_PATTERN:
            pattern.first.append(found)
        self.failed = self.failed or found.key not in MILD

    def add_all(self, found: Iterable[Diagnostic]) -> None:
        for diagnostic in found:
            self.add(diagnostic)

    def listed(self) -> tuple[Diagnostic, ...]:
        """At most a screenful, errors first, then by row: fewer of each pattern the more there are."""
        files = list(dict.fromkeys(file for _, file, _ in self._patterns))
        patterns = sorted(self._patterns.values(), key=lambda pattern: _order(pattern.first[0], files))
        lines: list[Diagnostic] = []
        for most in range(MOST_OF_A_PATTERN, 0, -1):
            lines = [line for pattern in patterns for line in _shortened(pattern, most)]
            if len(lines) <= SCREENFUL:
                return tuple(lines)
        kept = lines[: SCREENFUL - 1]
        located = sum(line.code != "data-more" for line in kept)
        rest = sum(pattern.count for pattern in patterns) - located
        return (*kept, problem("data-more.all", None, count=rest))


def _order(found: Diagnostic, files: list[str]) -> tuple[bool, int, int]:
    file, line = (found.span.file, found.span.line) if found.span else ("", 0)
    return found.key in MILD, files.index(file), line


def _shortened(pattern: _Pattern, most: int) -> list[Diagnostic]:
    if pattern.count <= most:
        return pattern.first[:most]
    following = pattern.first[most]
    column = None if following.code in ABOUT_THE_HEADING else following.arguments.get("column")
    key = "data-more" if column else "data-more.rows"
    more = problem(key, following.span, count=pattern.count - most, column=column, like=following.code)
    return [*pattern.first[:most], more]


def finding(key: str, span: Span | None, words: Mapping[str, object]) -> Diagnostic:
    """A finding whose words are at hand together; those that are None are left out."""
    return Diagnostic(key, span, {name: str(word) for name, word in words.items() if word is not None})


def at(file: str, line: int) -> Span:
    """The place of a finding in a data file: its row, from which column is not known."""
    return Span(file, line, 1, line, 2)


LINES_OF_A_FILE = 1 << 40
"""Rows of several files are numbered through: those of each file from the next multiple of this."""


def located(files: Sequence[str], line: int) -> Span:
    """The place of a finding in one of several files."""
    number, within = divmod(line, LINES_OF_A_FILE)
    return at(files[number], within)


def row_in_words(files: Sequence[str], line: int) -> str:
    """A row as a message names it: the file too where there are several."""
    number, within = divmod(line, LINES_OF_A_FILE)
    return str(within) if len(files) == 1 else f"{within} of {files[number]}"


def shown(text: str) -> str:
    """A value as a message shows it: on one line, without control characters, at most 40 characters."""
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    return "".join(letter if letter.isprintable() else "⏎" if letter == "\n" else "�" for letter in text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one known word that a misspelt one resembles, whatever the case of its letters."""
    import difflib  # not needed as long as everything is spelt correctly

    if len(word) > 2 * LONGEST_VALUE:
        return None
    by_lower_case = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.66)
    return by_lower_case[found[0]] if found else None
