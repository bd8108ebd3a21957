"""The data of a finding: where it is and what it is about; its words live in the catalogue, not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from lifeseg.frozen import dataclass


class Span(NamedTuple):
    """A stretch of a text file: lines and columns count from 1, the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that belongs to a finding; its text is the catalogue entry's label of that name."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Text that, put in place of the span, mends the finding."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: `key` is a catalogue entry, `code` its part before the dot (variants share code and page).

    `arguments` fill the entry's texts; a label or help that names an argument not given is left out. `severity` is that of
    the entry unless it says otherwise.
    """

    key: str
    span: Span | None
    arguments: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None
    severity: str | None = None

    @property
    def code(self) -> str:
        """The kebab-case code under which `lifeseg help` explains the finding."""
        return self.key.partition(".")[0]


class Several(str):
    """The first of several texts and how many more there are, as English says it; a catalogue says it in its language."""

    texts: tuple[str, ...]
    more: int

    def __new__(cls, texts: Sequence[str], count: int) -> Several:
        """The texts to be named, of so many in all."""
        more = count - len(texts)
        made = super().__new__(cls, ", ".join(texts) + (f" and {more:,} more" if more else ""))
        made.texts, made.more = tuple(texts), more
        return made

    @classmethod
    def first(cls, texts: Sequence[str], most: int) -> Several:
        """Of these texts so many are named."""
        return cls(texts[:most], len(texts))


def problem(
    key: str, span: Span | None, /, *labels: Label, fix: Fix | None = None, **arguments: object
) -> Diagnostic:
    """A finding with its arguments turned to text; arguments that are None are left out."""
    words = {
        name: value if isinstance(value, Several) else str(value)
        for name, value in arguments.items()
        if value is not None
    }
    return Diagnostic(key, span, words, labels, fix)
