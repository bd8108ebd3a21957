"""Parser callbacks: the children of a grammar rule come in, the tree node of that name goes out; no meaning here.

Each method is named like its rule in `grammar/lifeseg.lark`. A node's span reaches from its first child to its last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from lark import Token

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

Children = list[Any]
Kind = TypeVar("Kind")


class Bare:
    """A part of a definition that is no node of its own: a marker with what it carries."""

    __slots__ = ("carries", "kind", "span")

    def __init__(self, kind: str, span: Span, carries: Any = None) -> None:
        self.kind, self.span, self.carries = kind, span, carries


def pick(children: Children, kind: type[Kind]) -> tuple[Kind, ...]:
    return tuple(child for child in children if isinstance(child, kind))


def carried(children: Children, kind: str, default: Any = None) -> Any:
    for child in children:
        if isinstance(child, Bare) and child.kind == kind:
            return child.carries
    return default


def has(children: Children, terminal: str) -> bool:
    return any(isinstance(child, Token) and child.type == terminal for child in children)


def token(children: Children, terminal: str) -> str | None:
    for child in children:
        if isinstance(child, Token) and child.type == terminal:
            return str(child)
    return None


def expressions(children: Children) -> Children:
    return [child for child in children if not isinstance(child, Token | Bare)]


def unquote(text: str | None) -> str | None:
    return None if text is None else text[1:-1]


class NodeBuilder:
    """Holds where the parsed definition stands: the file's name and the lines before it."""

    def __init__(self) -> None:
        self.file = ""
        self.lines_before = 0
        self.problems: list[Diagnostic] = []

    def span(self, children: Sequence[Any]) -> Span:
        first, last = self.place(children[0]), self.place(children[-1])
        return Span(self.file, first.line, first.column, last.end_line, last.end_column)

    def place(self, child: Any) -> Span:
        if isinstance(child, Token):
            above = self.lines_before
            line, end_line = child.line or 1, child.end_line or 1
            return Span(self.file, line + above, child.column or 1, end_line + above, child.end_column or 1)
        return child.span  # type: ignore[no-any-return]

    def named(self, children: Children) -> dict[str, Any]:
        """The fields every named node shares: span, name, name_span, title."""
        found = [child for child in children if isinstance(child, Token) and child.type in ("NAME", "TEXT")]
        name = next((child for child in found if child.type == "NAME"), None)
        title = next((child for child in found if child.type == "TEXT"), None)
        span = self.span(children)
        return {
            "span": span,
            "name": "" if name is None else str(name),
            "name_span": span if name is None else self.place(name),
            "title": unquote(title),
        }

    # ---- Expressions --------------------------------------------------------------------------

    def name(self, c: Children) -> t.Name:
        return t.Name(self.span(c), tuple(str(part) for part in c))

    def number(self, c: Children) -> t.Number:
        value, text = Decimal(c[0]), str(c[0])
        if len(c) == 1:
            return t.Number(self.place(c[0]), value, None, text)
        if c[1].type == "PERCENT":
            return t.Number(self.span(c), value.scaleb(-2), "%", text)
        return t.Number(self.span(c), value, str(c[1]), text)

    def negative_number(self, c: Children) -> t.Negate:
        return t.Negate(self.span(c), c[-1])

    def text(self, c: Children) -> t.Text:
        return t.Text(self.place(c[0]), c[0][1:-1])

    def day(self, c: Children) -> t.Day:
        span = self.place(c[0])
        try:
            return t.Day(span, date.fromisoformat(c[0]))
        except ValueError:
            self.problems.append(problem("invalid-date", span, text=c[0]))
            return t.Day(span, date.min)

    def truth(self, c: Children) -> t.Truth:
        return t.Truth(self.place(c[0]), c[0].type == "YES")

    def plus(self, c: Children) -> t.Arithmetic:
        return t.Arithmetic(self.span(c), str(c[1]), c[0], c[2])

    times = plus

    def negate(self, c: Children) -> t.Negate:
        return t.Negate(self.span(c), c[1])

    def compare(self, c: Children) -> t.Compare:
        return t.Compare(self.span(c), str(c[1]), c[0], c[2])

    def is_(self, c: Children, was: bool = False) -> t.Is:
        values = tuple(child for child in c[1:] if not isinstance(child, Token))
        return t.Is(self.span(c), c[0], has(c, "NOT"), values, has(c, "ONE"), was)

    def was(self, c: Children) -> t.Is:
        return self.is_(c, was=True)

    def is_missing(self, c: Children) -> t.IsMissing:
        return t.IsMissing(self.span(c), c[0], has(c, "NOT"))

    def not_(self, c: Children) -> t.Not:
        return t.Not(self.span(c), c[-1])

    def and_(self, c: Children) -> t.And:
        return t.And(self.span(c), tuple(c), False)

    def and_lines(self, c: Children) -> t.And:
        return t.And(self.span(c), tuple(c), True)

    def or_(self, c: Children) -> t.Or:
        return t.Or(self.span(c), tuple(c), False)

    def or_lines(self, c: Children) -> t.Or:
        return t.Or(self.span(c), tuple(c), True)

    def quantified(self, c: Children) -> t.Quantified:
        return t.Quantified(self.span(c), str(c[0]), c[1], carried(c, "where"), c[-1])

    def where(self, c: Children) -> Bare:
        return Bare("where", self.span(c), c[-1])

    def call(self, c: Children) -> t.Call:
        return t.Call(
            self.span(c), str(c[0]), tuple(expressions(c)),
            carried(c, "over"), carried(c, "period"), carried(c, "where"),
        )  # fmt: skip

    def known(self, c: Children) -> t.Known:
        return t.Known(self.span(c), c[-1])

    def everyone(self, c: Children) -> t.Everyone:
        return t.Everyone(self.span(c), c[-1])

    def over(self, c: Children) -> Bare:
        return Bare("over", self.span(c), c[-1])

    def period(self, c: Children) -> Bare:
        numbers = [int(Decimal(child)) for child in c if child.type == "NUMBER"]
        span = self.span(c)
        return Bare("period", span, t.Period(span, token(c, "NAME") or "", numbers[0], numbers[-1]))

    # ---- Information, parameters, facts -------------------------------------------------------

    def information(self, c: Children) -> t.Information:
        value = c[-1] if not isinstance(c[-1], Token) else None
        if token(c, "VERSION"):
            value = t.Text(self.place(c[-1]), str(c[-1]))
        return t.Information(self.span(c), " ".join(child for child in c if isinstance(child, Token) and child.type in (
            "IF", "MISSING", "REWEIGHT") or child is c[0]), value)  # fmt: skip

    panel_information = header_information = information

    def range(self, c: Children) -> t.Range:
        return t.Range(self.span(c), c[0], c[1])

    def header(self, c: Children) -> d.Header:
        return d.Header(**self.named(c), uses=pick(c, d.Use), information=pick(c, t.Information))

    def use(self, c: Children) -> d.Use:
        return d.Use(self.span(c), str(c[1]), str(c[2]))

    def params(self, c: Children) -> d.Block:
        head = self.named([child for child in c if isinstance(child, Token)])
        return d.Block(self.span(c), "params", None, head["title"], None, (), pick(c, d.Parameter))

    def parameter(self, c: Children) -> d.Parameter:
        value = next(child for child in c if not isinstance(child, Token))
        return d.Parameter(
            **self.named(c), value=value, since=pick(c, d.Since), information=pick(c, t.Information)
        )

    def since(self, c: Children) -> d.Since:
        return d.Since(self.span(c), c[1], c[2])

    def entity(self, c: Children) -> d.Entity:
        return d.Entity(
            **self.named(c), parent=next(iter(pick(c, t.Name)), None), dated=carried(c, "dated"),
            information=pick(c, t.Information), facts=pick(c, d.Fact),
        )  # fmt: skip

    def dated(self, c: Children) -> Bare:
        return Bare("dated", self.span(c), c[-1])

    def fact(self, c: Children) -> d.Fact:
        kind: d.FactType = pick(c, d.FactType)[0]
        flags = tuple(str(a) for a in c if isinstance(a, Token) and a.type in ("KEY", "OPTIONAL", "PERSONAL"))
        return d.Fact(
            **self.named(c), type=kind, step=carried(c, "step"), attributes=flags, information=pick(c, t.Information)
        )

    def fact_type(self, c: Children) -> d.FactType:
        unit = token(c, "NAME") or unquote(token(c, "TEXT"))
        options = tuple(child for child in c if isinstance(child, t.Name | t.Text))
        kind = "one of" if options else str(c[0])
        return d.FactType(self.span(c), kind, unit, next(iter(pick(c, t.Range)), None), options)

    type_text = type_count = type_number = type_money = type_share = type_rating = fact_type
    type_truth = type_date = type_duration = type_choice = fact_type

    def attribute_source(self, c: Children) -> t.Information:
        return t.Information(self.span(c), "source", c[-1])

    def attribute_step(self, c: Children) -> Bare:
        return Bare("step", self.span(c), c[-1])

    # ---- Indexes, scores, panels --------------------------------------------------------------

    def block(self, c: Children, kind: Any, items: tuple[Any, ...]) -> d.Block:
        head = self.named([child for child in c if isinstance(child, Token)])
        entity = pick(c, t.Name)[0]
        info = pick(c, t.Information)
        return d.Block(self.span(c), kind, head["name"] or None, head["title"], entity, info, items)

    def indexes(self, c: Children) -> d.Block:
        return self.block(c, "indexes", pick(c, d.Index))

    def index(self, c: Children) -> d.Index:
        steps, info = pick(c, d.Step), pick(c, t.Information)
        values = [child for child in c if not isinstance(child, Token | d.Step | t.Information)]
        return d.Index(**self.named(c), value=values[0] if values else None, steps=steps, information=info)

    def step(self, c: Children) -> d.Step:
        return d.Step(self.span(c), c[0], None if has(c, "OTHERWISE") else c[-1])

    def score(self, c: Children) -> d.Score:
        return d.Score(
            **self.named(c), entity=pick(c, t.Name)[0], information=pick(c, t.Information),
            panel=carried(c, "panel"), terms=pick(c, d.Term), bands=carried(c, "bands", ()),
        )  # fmt: skip

    def use_panel(self, c: Children) -> Bare:
        return Bare("panel", self.span(c), c[-1])

    def term(self, c: Children) -> d.Term:
        return d.Term(**self.named(c), weight=carried(c, "weight"), terms=pick(c, d.Term))

    def weight(self, c: Children) -> Bare:
        return Bare("weight", self.span(c), self.number(c))

    def bands(self, c: Children) -> Bare:
        return Bare("bands", self.span(c), pick(c, d.Band))

    def band(self, c: Children) -> d.Band:
        return d.Band(**self.named(c), threshold=None if has(c, "BELOW") else c[-1])

    def panel(self, c: Children) -> d.Panel:
        return d.Panel(**self.named(c), information=pick(c, t.Information), rows=pick(c, d.Row))

    # ---- Cases, ranks, tables -----------------------------------------------------------------

    def flags(self, c: Children) -> d.Block:
        return self.block(c, "flags", pick(c, d.Case))

    def case(self, c: Children) -> d.Case:
        how: Any = next((w for w in ("otherwise", "always") if has(c, w.upper())), "when")
        condition = next((child for child in c if not isinstance(child, Token | t.Information)), None)
        return d.Case(**self.named(c), how=how, condition=condition, information=pick(c, t.Information))

    def first_match(self, c: Children) -> Bare:
        return Bare("first_match", self.span(c), True)

    def cased(self, c: Children) -> dict[str, Any]:
        return {
            **self.named(c), "entity": pick(c, t.Name)[0], "first_match": carried(c, "first_match", False),
            "where": carried(c, "where"), "information": pick(c, t.Information),
        }  # fmt: skip

    def segment(self, c: Children) -> d.Segment:
        return d.Segment(**self.cased(c), cases=pick(c, d.Case))

    def rank(self, c: Children) -> d.Rank:
        entity, by = pick(c, t.Name)[:2]
        return d.Rank(
            **self.named(c), entity=entity, by=by, where=carried(c, "where"),
            information=pick(c, t.Information), classes=pick(c, d.RankClass),
        )  # fmt: skip

    def rank_class(self, c: Children) -> d.RankClass:
        how: Any = next(word for word in ("top", "next", "rest") if has(c, word.upper()))
        return d.RankClass(**self.named(c), how=how, share=next(iter(pick(c, t.Number)), None))

    def table(self, c: Children) -> d.Table:
        return d.Table(**self.cased(c), gives=pick(c, d.Given), rows=pick(c, d.Row))

    def gives(self, c: Children) -> d.Given:
        return d.Given(**self.named(c))

    def row(self, c: Children) -> d.Row:
        return d.Row(self.span(c), pick(c, d.Cell), carried(c, "results", ()))

    def results(self, c: Children) -> Bare:
        return Bare("results", self.span(c), tuple(c))

    def cell(self, c: Children) -> d.Cell:
        return d.Cell(self.span(c), tuple(child for child in c if not isinstance(child, Token)))

    def cell_range(self, c: Children) -> t.Range:
        return t.Range(self.span(c), c[0], c[1])

    def open_range(self, c: Children) -> t.Range:
        return t.Range(self.span(c), c[0], c[1], open_end=True)

    def cell_limit(self, c: Children) -> d.CellLimit:
        return d.CellLimit(self.span(c), str(c[0]), c[1])

    def cell_missing(self, c: Children) -> d.CellMissing:
        return d.CellMissing(self.span(c))

    def fraction(self, c: Children) -> d.Fraction:
        return d.Fraction(self.span(c), c[0], c[-1])

    def pair(self, c: Children) -> d.Pair:
        return d.Pair(self.span(c), c[0], c[1])

    # ---- Lifecycles ---------------------------------------------------------------------------

    def lifecycle(self, c: Children) -> d.Lifecycle:
        return d.Lifecycle(
            **self.named(c), entity=pick(c, t.Name)[0], information=pick(c, t.Information),
            states=pick(c, d.State), starts=pick(c, d.Start), moves=pick(c, d.Move), stays=pick(c, d.Stay),
            until_settled=carried(c, "settled", False),
        )  # fmt: skip

    def state(self, c: Children) -> d.State:
        return d.State(**self.named(c), terminal=has(c, "TERMINAL"))

    def starting(self, c: Children) -> d.Start:
        return d.Start(self.span(c), c[1], None if has(c, "OTHERWISE") else c[-1])

    def move(self, c: Children) -> d.Move:
        return d.Move(self.span(c), c[1], c[2], None if has(c, "ALWAYS") else c[-1])

    def stay(self, c: Children) -> d.Stay:
        return d.Stay(self.span(c), c[1], c[2])

    def settled(self, c: Children) -> Bare:
        return Bare("settled", self.span(c), True)

    # ---- Tests, claims, titles ----------------------------------------------------------------

    def test(self, c: Children) -> d.Test:
        expected = tuple(child.carries for child in c if isinstance(child, Bare) and child.kind == "expect")
        return d.Test(
            self.span(c), unquote(token(c, "TEXT")) or "", carried(c, "today"), next(iter(pick(c, t.Name)), None),
            next(iter(pick(c, d.Subject)), None), expected, pick(c, d.Row),
        )  # fmt: skip

    def today(self, c: Children) -> Bare:
        return Bare("today", self.span(c), c[-1])

    def expect(self, c: Children) -> Bare:
        return Bare("expect", self.span(c), c[-1])

    def subject(self, c: Children) -> d.Subject:
        values = [child for child in c if isinstance(child, t.Name | t.Text | t.Number)]
        key = values[1] if len(values) > 1 else None
        return d.Subject(self.span(c), values[0], key, pick(c, d.Assignment), pick(c, d.Children))

    def assignment(self, c: Children) -> d.Assignment:
        return d.Assignment(self.span(c), c[0], c[1])

    def children(self, c: Children) -> d.Children:
        return d.Children(self.span(c), c[0], pick(c, d.Row))

    def no_children(self, c: Children) -> d.Children:
        return d.Children(self.span(c), c[-1], ())

    def claim(self, c: Children) -> d.Claim:
        kind: Any = "never" if has(c, "NEVER") else "assume"
        return d.Claim(self.span(c), kind, unquote(token(c, "TEXT")) or "", pick(c, t.Name)[0], c[-1])

    def titles(self, c: Children) -> d.Titles:
        return d.Titles(self.span(c), token(c, "NAME") or "", carried_titles(c))

    def title(self, c: Children) -> Bare:
        return Bare("title", self.span(c), (c[0], t.Text(self.place(c[1]), c[1][1:-1])))

    def change(self, c: Children) -> d.Change:
        return d.Change(self.span(c), c[-1])

    def start(self, c: Children) -> Any:
        return c[0]

    def __getattr__(self, rule: str) -> Callable[[Children], Any]:
        # Rules called like a Python word (`is`, `and`, `or`, `not`) end in an underscore here.
        if rule in ("is", "and", "or", "not"):
            return getattr(self, rule + "_")  # type: ignore[no-any-return]
        raise AttributeError(rule)


def carried_titles(children: Children) -> tuple[tuple[t.Name, t.Text], ...]:
    return tuple(child.carries for child in children if isinstance(child, Bare) and child.kind == "title")
