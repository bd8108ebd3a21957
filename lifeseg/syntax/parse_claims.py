"""What the parser found for the rules of tests and claims comes in, its nodes go out."""

from __future__ import annotations

from typing import Any

from lifeseg.diagnostics.diagnostic import Span, problem
from lifeseg.syntax import claims as d
from lifeseg.syntax import tree as t
from lifeseg.syntax.cells import Row
from lifeseg.syntax.parse_parts import Bare, Children, Parts, first, pick, place, token, unquote


class ClaimParts(Parts):
    """The methods are named like the rules of the grammar."""

    def test(self, c: Children, span: Span) -> d.Test:
        expected = tuple(child.carries for child in c if isinstance(child, Bare) and child.kind == "expect")
        subjects = pick(c, d.Subject)
        for again in subjects[1:]:
            self.problems.append(problem("written-twice", again.span, word="given"))
        return d.Test(
            span, unquote(token(c, "TEXT")) or "", self.carried(c, "today"), first(c, t.Name),
            first(c, d.Subject), expected, pick(c, Row),
        )  # fmt: skip

    def today(self, c: Children, span: Span) -> Bare:
        return Bare("today", span, c[-1])

    def expect(self, c: Children, span: Span) -> Bare:
        return Bare("expect", span, c[-1])

    def subject(self, c: Children, span: Span) -> d.Subject:
        entity = c[1]
        key = c[2] if len(c) > 2 and isinstance(c[2], t.Name | t.Text | t.Number) else None
        return d.Subject(span, entity, key, pick(c, d.Assignment), pick(c, d.Past), pick(c, d.Children))

    def assignment(self, c: Children, span: Span) -> d.Assignment:
        return d.Assignment(span, c[0], c[1])

    def past(self, c: Children, span: Span) -> d.Past:
        return d.Past(span, t.Name(place(c[1], self.file), (self.word(c[1]),)), c[2], first(c, t.Day))

    def children(self, c: Children, span: Span) -> d.Children:
        return d.Children(span, c[0], pick(c, Row))

    def no_children(self, c: Children, span: Span) -> d.Children:
        return d.Children(span, c[-1], ())

    def claim(self, c: Children, span: Span) -> d.Claim:
        kind: Any = c[0].text
        return d.Claim(span, kind, c[1].text[1:-1], c[2], c[-1])
