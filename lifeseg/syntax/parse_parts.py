"""The children that the parser found for a node come in; the parts that many nodes have go out: names, markers, lines."""

from __future__ import annotations

import unicodedata
from typing import Any, TypeVar

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.syntax import tree as t
from lifeseg.syntax.tokens import Token

Children = list[Any]
Kind = TypeVar("Kind")

MOST_NAME = 100


class Bare:
    """A part of a definition that is no node of its own: a marker with what it carries."""

    __slots__ = ("carries", "kind", "span")

    def __init__(self, kind: str, span: Span, carries: Any = None) -> None:
        self.kind, self.span, self.carries = kind, span, carries


def pick(children: Children, kind: type[Kind]) -> tuple[Kind, ...]:
    return tuple([child for child in children if isinstance(child, kind)])


def first(children: Children, kind: type[Kind]) -> Kind | None:
    for child in children:
        if isinstance(child, kind):
            return child
    return None


def has(children: Children, terminal: str) -> bool:
    return any(isinstance(child, Token) and child.terminal == terminal for child in children)


def token(children: Children, terminal: str) -> str | None:
    for child in children:
        if isinstance(child, Token) and child.terminal == terminal:
            return child.text
    return None


def place(token: Token, file: str) -> Span:
    return Span(file, token.line, token.column, token.line, token.column + len(token.text))


def unquote(text: str | None) -> str | None:
    return None if text is None else text[1:-1]


class Parts:
    """What every node is made of; `problems` collects what the grammar cannot see."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Diagnostic] = []

    def word(self, token: Token) -> str:
        """A name as it is compared: an accented letter is the same however the keyboard made it."""
        name = token.text
        if len(name) > MOST_NAME:
            self.problems.append(problem("name-too-long", place(token, self.file), most=MOST_NAME))
        if name.isascii():
            return name
        if (plain := unicodedata.normalize("NFKC", name)) != unicodedata.normalize("NFC", name):
            self.problems.append(
                problem("strange-character.wide", place(token, self.file), text=name, instead=plain)
            )
        return unicodedata.normalize("NFC", name)

    def carried(self, c: Children, kind: str, default: Any = None) -> Any:
        """What the marker of a kind carries; a second one is a finding."""
        found = [child for child in c if isinstance(child, Bare) and child.kind == kind]
        for again in found[1:]:
            self.problems.append(problem("written-twice", again.span, word=kind))
        return found[0].carries if found else default

    def informed(self, c: Children) -> tuple[t.Information, ...]:
        """The information lines in canonical order."""
        found = pick(c, t.Information)
        return (
            found if len(found) < 2 else tuple(sorted(found, key=lambda line: t.INFORMATION.index(line.word)))
        )

    def named(self, c: Children, span: Span) -> tuple[Span, str, Span, str | None]:
        """What every named node has first: span, name, the name's span, title."""
        name, title, name_span = "", None, span
        for child in c:
            if isinstance(child, Token):
                if child.terminal == "NAME" and not name:
                    name, name_span = self.word(child), place(child, self.file)
                elif child.terminal == "TEXT":
                    title = child.text[1:-1]
            elif name:
                break
        return span, name, name_span, title
