"""The book of a policy as plain data: chapters of entries, each made of a few kinds of block; no HTML, no files."""

from __future__ import annotations

from fractions import Fraction as Ratio
from typing import Literal

from lifeseg.frozen import dataclass

Titles = tuple[str, ...]
"""A title in each language of the book; the first is never empty."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A few words; `target` is the anchor of what they name."""

    text: str
    target: str = ""
    kind: Literal["", "name", "value", "yes", "no", "code", "strong"] = ""


Words = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Number:
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    piece: Piece


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands and the signs between them: `a + b - c`; a sign before the first makes it negative."""

    parts: tuple[Formula | str, ...]


@dataclass(frozen=True, slots=True)
class Over:
    above: Formula
    below: Formula


@dataclass(frozen=True, slots=True)
class Raised:
    base: Formula
    exponent: Formula


@dataclass(frozen=True, slots=True)
class Root:
    value: Formula


@dataclass(frozen=True, slots=True)
class Bracketed:
    value: Formula


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of some amounts; of an aggregate `among` says whose they are."""

    function: str
    arguments: tuple[Formula, ...]
    among: Words = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A condition or anything else that is words."""

    words: Words


Formula = Number | Name | Chain | Over | Raised | Root | Bracketed | Applied | Said


@dataclass(frozen=True, slots=True)
class Paragraph:
    words: Words


@dataclass(frozen=True, slots=True)
class Typeset:
    """`subject` = `formula`."""

    subject: Words
    formula: Formula


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines of words, or a formula; `bar` is drawn so long a part of the greatest."""

    lines: tuple[Words, ...] = ()
    formula: Formula | None = None
    bar: Ratio | None = None
    depth: int = 0
    also: str = ""  # the title in the other language
    name: str = ""  # what the policy calls it


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`numbers` are the columns of numbers; the first column names the rows if `named`."""

    caption: str
    heads: tuple[Words, ...]
    rows: tuple[Row, ...]
    numbers: frozenset[int] = frozenset()
    named: bool = True


@dataclass(frozen=True, slots=True)
class FlowState:
    name: str
    titles: Titles
    start: bool
    terminal: bool
    count: str = ""  # how many are in it, where that is told


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture of a lifecycle: its states, and the moves between them by name; `counts` stand at those that are told."""

    caption: str
    states: tuple[FlowState, ...]
    moves: tuple[tuple[str, str], ...]
    counts: tuple[tuple[tuple[str, str], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list of lines."""

    lines: tuple[Words, ...]


Block = Paragraph | Typeset | Table | Flow | Items


# ---- The book ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A definition: what it is, what it is made of, what is known about it, and the policy's own text."""

    anchors: tuple[str, ...]
    kind: str
    name: str
    titles: Titles
    place: str
    blocks: tuple[Block, ...]
    facts: tuple[tuple[str, Words], ...] = ()  # what it says of itself, and where it is used
    text: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    titles: Titles
    anchor: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    titles: Titles
    anchor: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """`languages`: the first is the one it speaks in; titles stand in all of them."""

    languages: tuple[str, ...]
    titles: Titles
    name: str
    version: str
    content_hash: str
    notes: tuple[tuple[str, Words], ...]
    chapters: tuple[Chapter, ...]
    contents: str  # the word for the table of contents
    text_label: str  # the word above the policy's own text
