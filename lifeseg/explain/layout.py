"""Text comes in, text cut to terminal columns goes out: East Asian letters are two wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

_NEVER_FIRST = set("，。、；：！？）》」』”’%…,.;:!?)")
_NEVER_LAST = set("（《「『“‘(")
_HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}


def clean(text: str) -> str:
    """The text on one line, without anything that steers a terminal or hides what is written."""
    text = text.replace("\n", " ").replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if unicodedata.category(letter) in _HIDDEN else letter for letter in text)


def pad(text: str, width: int, right: bool = False) -> str:
    """The text filled up with blanks to so many columns."""
    blanks = " " * max(0, width - cell_len(text))
    return blanks + text if right else text + blanks


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at blanks or between East Asian characters."""
    if cell_len(text) <= width:
        return [text.rstrip()]
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if cell_len(line + piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while cell_len(line) > width:
            fitting = _fitting(line, width)
            lines.append(line[:fitting])
            line = line[fitting:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """The parts between which a line may end, each with the blanks behind it."""
    piece = ""
    for at, letter in enumerate(text):
        piece += letter
        following = text[at + 1 : at + 2]
        if not following or following == " ":
            continue
        wide = cell_len(letter) == 2 or cell_len(following) == 2
        may_break = letter == " " or (wide and following not in _NEVER_FIRST and letter not in _NEVER_LAST)
        if may_break:
            yield piece
            piece = ""
    if piece:
        yield piece


def _fitting(text: str, width: int) -> int:
    """How many characters fit, at least one; a name is rather cut behind one of its underscores."""
    used = 0
    for at, letter in enumerate(text):
        used += cell_len(letter)
        if used > width:
            return text.rfind("_", 0, at) + 1 or max(1, at)
    return len(text)
