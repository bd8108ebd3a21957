"""What the parser found for a grammar rule comes in, the tree node of that name goes out; no meaning here.

Each method is named like its rule in `grammar/lifeseg.lark`, or with a `_` where that is a word of Python.
Information lines and attributes come in one order, whatever order they were written in: it has no meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from lifeseg.diagnostics.diagnostic import Span, problem
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t
from lifeseg.syntax.parse_claims import ClaimParts
from lifeseg.syntax.parse_parts import (
    MOST_NAME,
    Bare,
    Children,
    first,
    has,
    pick,
    place,
    token,
    unquote,
)
from lifeseg.syntax.parse_tasks import TaskParts
from lifeseg.syntax.tokens import Token

__all__ = ("MOST_DIGITS", "MOST_NAME", "NodeBuilder")

COMPARISONS = ("=", "<", "<=", ">", ">=")
MOST_DIGITS = 38


class NodeBuilder(TaskParts, ClaimParts):
    """Makes the nodes."""

    def maker(self, rule: str) -> Callable[[Children, Span], Any]:
        """The method for a grammar rule."""
        return getattr(self, rule + "_" if rule in ("is", "and", "or", "not") else rule)  # type: ignore[no-any-return]

    # ---- Expressions --------------------------------------------------------------------------

    def name(self, c: Children, span: Span) -> t.Name:
        return t.Name(span, tuple([self.word(part) for part in c]))

    def number(self, c: Children, span: Span) -> t.Number:
        text = c[0].text
        if len(text) > MOST_DIGITS:
            self.problems.append(problem("number-too-long", span, most=MOST_DIGITS))
        value = Decimal(text)
        if len(c) == 1:
            return t.Number(span, value, None, text)
        if c[1].terminal == "PERCENT":
            return t.Number(span, value.scaleb(-2), "%", text)
        return t.Number(span, value, self.word(c[1]), text)

    def negative_number(self, c: Children, span: Span) -> t.Negate:
        return t.Negate(span, c[-1])

    def text(self, c: Children, span: Span) -> t.Text:
        return t.Text(span, c[0].text[1:-1])

    def day(self, c: Children, span: Span) -> t.Day:
        try:
            return t.Day(span, date.fromisoformat(c[0].text))
        except ValueError:
            self.problems.append(problem("invalid-date", span, text=c[0].text))
            return t.Day(span, date.min)

    def truth(self, c: Children, span: Span) -> t.Truth:
        return t.Truth(span, c[0].terminal == "YES")

    def plus(self, c: Children, span: Span) -> t.Arithmetic:
        return t.Arithmetic(span, c[1].text, c[0], c[2])

    times = plus

    def negate(self, c: Children, span: Span) -> t.Negate:
        return t.Negate(span, c[1])

    def compare(self, c: Children, span: Span) -> t.Compare:
        return t.Compare(span, c[1].text, c[0], c[2])

    def is_(self, c: Children, span: Span, was: bool = False) -> t.Is:
        values = tuple([child for child in c[1:] if not isinstance(child, Token)])
        return t.Is(span, c[0], has(c, "NOT"), values, has(c, "ONE"), was)

    def was(self, c: Children, span: Span) -> t.Is:
        return self.is_(c, span, was=True)

    def is_missing(self, c: Children, span: Span) -> t.IsMissing:
        return t.IsMissing(span, c[0], has(c, "NOT"))

    def not_(self, c: Children, span: Span) -> t.Not:
        return t.Not(span, c[-1])

    def and_(self, c: Children, span: Span) -> t.And:
        return t.And(span, tuple(c), False)

    def and_lines(self, c: Children, span: Span) -> t.And:
        return t.And(span, tuple(c), True)

    def or_(self, c: Children, span: Span) -> t.Or:
        return t.Or(span, tuple(c), False)

    def or_lines(self, c: Children, span: Span) -> t.Or:
        return t.Or(span, tuple(c), True)

    def quantified(self, c: Children, span: Span) -> t.Quantified:
        return t.Quantified(span, c[0].text, c[1], self.carried(c, "where"), c[-1])

    def where(self, c: Children, span: Span) -> Bare:
        return Bare("where", span, c[-1])

    def call(self, c: Children, span: Span) -> t.Call:
        arguments = tuple([child for child in c if not isinstance(child, Token | Bare)])
        over, period, where, manner = (
            self.carried(c, kind) for kind in ("over", "period", "where", "manner")
        )
        return t.Call(span, self.word(c[0]), arguments, over, period, where, manner)

    def known(self, c: Children, span: Span) -> t.Known:
        return t.Known(span, c[-1])

    def manner(self, c: Children, span: Span) -> Bare:
        return Bare("manner", span, t.Manner(span, c[0].text, c[1]))

    def everyone(self, c: Children, span: Span) -> t.Everyone:
        return t.Everyone(span, c[-1])

    def over(self, c: Children, span: Span) -> Bare:
        return Bare("over", span, c[-1])

    def period(self, c: Children, span: Span) -> Bare:
        numbers = [child.text for child in c if child.terminal == "NUMBER"]
        for number in numbers:
            if not number.isdigit():
                self.problems.append(problem("malformed-period.whole", span, text=number))
        bounds = [int(Decimal(number)) for number in numbers]
        return Bare("period", span, t.Period(span, token(c, "NAME") or "", bounds[0], bounds[-1]))

    # ---- Information, parameters, facts -------------------------------------------------------

    def information(self, c: Children, span: Span) -> t.Information:
        words = " ".join(
            child.text for child in c if isinstance(child, Token) and child.terminal != "VERSION"
        )
        value = c[-1] if not isinstance(c[-1], Token) else None
        if words == "formerly":
            value = t.Names(span, pick(c, t.Name))
        if value is None and c[-1].terminal == "VERSION":
            value = t.Text(place(c[-1], self.file), c[-1].text)
        return t.Information(span, words, value)

    def range(self, c: Children, span: Span) -> t.Range:
        return t.Range(span, c[0], c[1])

    def header(self, c: Children, span: Span) -> d.Header:
        return d.Header(*self.named(c, span), uses=pick(c, d.Use), information=self.informed(c))

    def use(self, c: Children, span: Span) -> d.Use:
        return d.Use(span, self.word(c[1]), c[2].text)

    def params(self, c: Children, span: Span) -> d.Block:
        title = unquote(token(c, "TEXT"))
        return d.Block(span, "params", None, title, None, (), pick(c, d.Parameter))

    def parameter(self, c: Children, span: Span) -> d.Parameter:
        value = next(child for child in c if not isinstance(child, Token))
        return d.Parameter(
            *self.named(c, span), value=value, since=pick(c, d.Since), information=self.informed(c)
        )

    def since(self, c: Children, span: Span) -> d.Since:
        return d.Since(span, c[1], c[2])

    def kpis(self, c: Children, span: Span) -> d.Block:
        return self.block(c, span, "kpis", pick(c, d.Kpi))

    def kpi(self, c: Children, span: Span) -> d.Kpi:
        nodes = [child for child in c if not isinstance(child, Token | t.Information | d.Target)]
        targets = pick(c, d.Target)
        for again in targets[1:]:
            self.problems.append(problem("written-twice", again.span, word="target"))
        return d.Kpi(
            *self.named(c, span), value=nodes[-1], by=nodes[0] if len(nodes) > 1 else None,
            target=targets[0] if targets else None, information=self.informed(c),
        )  # fmt: skip

    def target(self, c: Children, span: Span) -> d.Target:
        operator = next(child.text for child in c if isinstance(child, Token) and child.text in COMPARISONS)
        return d.Target(span, operator, c[-1], has(c, "DIFFERENCE"))

    def entity(self, c: Children, span: Span) -> d.Entity:
        return d.Entity(
            *self.named(c, span), parent=first(c, t.Name), dated=self.carried(c, "dated"),
            information=self.informed(c), facts=pick(c, d.Fact),
        )  # fmt: skip

    def dated(self, c: Children, span: Span) -> Bare:
        return Bare("dated", span, c[-1])

    def fact(self, c: Children, span: Span) -> d.Fact:
        kind = first(c, d.FactType)
        assert kind is not None
        written = [
            child.text
            for child in c
            if isinstance(child, Token) and child.terminal in ("KEY", "OPTIONAL", "PERSONAL")
        ]
        attributes = tuple(word for word in d.ATTRIBUTES if word in written)
        for word in attributes:
            if written.count(word) > 1:
                self.problems.append(problem("written-twice", span, word=word))
        changes = pick(c, d.Changes)
        for again in changes[1:]:
            self.problems.append(problem("written-twice", again.span, word="changes"))
        return d.Fact(
            *self.named(c, span), type=kind, step=self.carried(c, "step"), attributes=attributes,
            changes=changes[0] if changes else None, information=self.informed(c),
        )  # fmt: skip

    def changes(self, c: Children, span: Span) -> d.Changes:
        way: Any = next((word for word in ("up", "down", "never") if has(c, word.upper())), "")
        values: Any = pick(c, t.Name | t.Text | t.Truth)  # type: ignore[arg-type]
        return d.Changes(span, way, values, self.carried(c, "by"), self.carried(c, "cost"))

    def changes_by(self, c: Children, span: Span) -> Bare:
        return Bare("by", span, c[-1])

    def changes_cost(self, c: Children, span: Span) -> Bare:
        return Bare("cost", span, c[-1])

    def fact_type(self, c: Children, span: Span) -> d.FactType:
        unit = token(c, "NAME") or unquote(token(c, "TEXT"))
        options = pick(c, t.Name | t.Text)  # type: ignore[arg-type]
        return d.FactType(span, "one of" if options else c[0].text, unit, first(c, t.Range), options)

    type_text = type_count = type_number = type_money = type_share = type_rating = fact_type
    type_truth = type_date = type_duration = type_choice = fact_type

    def attribute_source(self, c: Children, span: Span) -> t.Information:
        return t.Information(span, "source", c[-1])

    def attribute_step(self, c: Children, span: Span) -> Bare:
        return Bare("step", span, c[-1])

    # ---- Indexes, scores, panels --------------------------------------------------------------

    def block(self, c: Children, span: Span, kind: Any, items: tuple[Any, ...]) -> d.Block:
        _, name, _, title = self.named(c, span)
        return d.Block(span, kind, name or None, title, first(c, t.Name), self.informed(c), items)

    def indexes(self, c: Children, span: Span) -> d.Block:
        return self.block(c, span, "indexes", pick(c, d.Index))

    def index(self, c: Children, span: Span) -> d.Index:
        values = [child for child in c if not isinstance(child, Token | d.Step | t.Information)]
        return d.Index(
            *self.named(c, span), value=values[0] if values else None, steps=pick(c, d.Step),
            information=self.informed(c),
        )  # fmt: skip

    def step(self, c: Children, span: Span) -> d.Step:
        return d.Step(span, c[0], None if has(c, "OTHERWISE") else c[-1])

    def score(self, c: Children, span: Span) -> d.Score:
        return d.Score(
            *self.named(c, span), entity=pick(c, t.Name)[0], information=self.informed(c),
            panel=self.carried(c, "weights"), terms=pick(c, d.Term), bands=self.carried(c, "bands", ()),
        )  # fmt: skip

    def use_panel(self, c: Children, span: Span) -> Bare:
        return Bare("weights", span, c[-1])

    def term(self, c: Children, span: Span) -> d.Term:
        return d.Term(*self.named(c, span), weight=self.carried(c, "weight"), terms=pick(c, d.Term))

    def weight(self, c: Children, span: Span) -> Bare:
        return Bare("weight", span, self.number(c, span))

    def bands(self, c: Children, span: Span) -> Bare:
        return Bare("bands", span, pick(c, d.Band))

    def band(self, c: Children, span: Span) -> d.Band:
        threshold = next(
            (child for child in c if not isinstance(child, Token | d.Leaving | t.Information)), None
        )
        return d.Band(
            *self.named(c, span),
            threshold=threshold,
            leaving=first(c, d.Leaving),
            information=self.informed(c),
        )

    def leaving(self, c: Children, span: Span) -> d.Leaving:
        return d.Leaving(span, pick(c, t.Name)[0], c[-1])

    def panel(self, c: Children, span: Span) -> d.Panel:
        return d.Panel(
            *self.named(c, span), judges=first(c, t.Name), information=self.informed(c), rows=pick(c, d.Row)
        )

    def chain(self, c: Children, span: Span) -> d.Chain:
        return d.Chain(
            *self.named(c, span),
            information=self.informed(c),
            states=pick(c, d.ChainState),
            rows=pick(c, d.Row),
        )

    def chain_state(self, c: Children, span: Span) -> d.ChainState:
        return d.ChainState(*self.named(c, span), worth=c[-1])

    # ---- Cases, ranks, tables -----------------------------------------------------------------

    def flags(self, c: Children, span: Span) -> d.Block:
        return self.block(c, span, "flags", pick(c, d.Case))

    def case(self, c: Children, span: Span) -> d.Case:
        how: Any = next((word for word in ("otherwise", "always") if has(c, word.upper())), "when")
        condition = next((child for child in c if not isinstance(child, Token | t.Information)), None)
        return d.Case(*self.named(c, span), how=how, condition=condition, information=self.informed(c))

    def first_match(self, c: Children, span: Span) -> Bare:
        return Bare("first match", span, True)

    def segment(self, c: Children, span: Span) -> d.Segment:
        return d.Segment(
            *self.named(c, span), entity=pick(c, t.Name)[0],
            first_match=self.carried(c, "first match", False),
            where=self.carried(c, "where"), information=self.informed(c), cases=pick(c, d.Case),
        )  # fmt: skip

    def rank(self, c: Children, span: Span) -> d.Rank:
        entity, by = pick(c, t.Name)[:2]
        return d.Rank(
            *self.named(c, span), entity=entity, by=by, where=self.carried(c, "where"),
            information=self.informed(c), classes=pick(c, d.RankClass),
        )  # fmt: skip

    def rank_class(self, c: Children, span: Span) -> d.RankClass:
        how: Any = next(word for word in ("top", "next", "rest") if has(c, word.upper()))
        return d.RankClass(
            *self.named(c, span), how=how, share=first(c, t.Number), of=first(c, t.Name), information=self.informed(c)
        )  # fmt: skip

    def table(self, c: Children, span: Span) -> d.Table:
        return d.Table(
            *self.named(c, span), entity=pick(c, t.Name)[0],
            first_match=self.carried(c, "first match", False),
            where=self.carried(c, "where"), information=self.informed(c), gives=pick(c, d.Given),
            rows=pick(c, d.Row),
        )  # fmt: skip

    def clusters(self, c: Children, span: Span) -> d.Clusters:
        return d.Clusters(
            *self.named(c, span), entity=pick(c, t.Name)[0], where=self.carried(c, "where"),
            information=self.informed(c), gives=pick(c, d.Given), rows=pick(c, d.Row),
        )  # fmt: skip

    def offers(self, c: Children, span: Span) -> d.Offers:
        return d.Offers(
            *self.named(c, span), entity=pick(c, t.Name)[0], most=self.carried(c, "choose"),
            budget=self.carried(c, "budget"), excluded=self.carried(c, "exclude", ()),
            information=self.informed(c), offers=pick(c, d.Offer),
        )  # fmt: skip

    def offer(self, c: Children, span: Span) -> d.Offer:
        condition = next((child for child in c if not isinstance(child, Token | Bare | t.Information)), None)
        return d.Offer(
            *self.named(c, span), condition=condition, worth=self.carried(c, "worth"),
            cost=self.carried(c, "cost"), apart=self.carried(c, "not with", ()),
            most=self.carried(c, "at most"), excluded=self.carried(c, "exclude", ()),
            information=self.informed(c),
        )  # fmt: skip

    def choosing(self, c: Children, span: Span) -> Bare:
        return Bare("choose", span, first(c, t.Number))

    def budget(self, c: Children, span: Span) -> Bare:
        return Bare("budget", span, c[-1])

    def excluded(self, c: Children, span: Span) -> Bare:
        return Bare("exclude", span, pick(c, t.Name))

    def worth(self, c: Children, span: Span) -> Bare:
        return Bare("worth", span, c[-1])

    def cost(self, c: Children, span: Span) -> Bare:
        return Bare("cost", span, c[-1])

    def apart(self, c: Children, span: Span) -> Bare:
        return Bare("not with", span, pick(c, t.Name))

    def places(self, c: Children, span: Span) -> Bare:
        return Bare("at most", span, c[-1])

    def gives(self, c: Children, span: Span) -> d.Given:
        return d.Given(*self.named(c, span), information=self.informed(c))

    def row(self, c: Children, span: Span) -> d.Row:
        return d.Row(span, pick(c, d.Cell), self.carried(c, "results", ()))

    def results(self, c: Children, span: Span) -> Bare:
        return Bare("results", span, tuple(c))

    def cell(self, c: Children, span: Span) -> d.Cell:
        return d.Cell(span, tuple([child for child in c if not isinstance(child, Token)]))

    cell_range = range

    def open_range(self, c: Children, span: Span) -> t.Range:
        return t.Range(span, c[0], c[1], open_end=True)

    def cell_limit(self, c: Children, span: Span) -> d.CellLimit:
        return d.CellLimit(span, c[0].text, c[1])

    def cell_missing(self, c: Children, span: Span) -> d.CellMissing:
        return d.CellMissing(span)

    def cell_was(self, c: Children, span: Span) -> d.CellWas:
        return d.CellWas(span, c[-1])

    def fraction(self, c: Children, span: Span) -> d.Fraction:
        return d.Fraction(span, c[0], c[-1])

    def pair(self, c: Children, span: Span) -> d.Pair:
        return d.Pair(span, c[0], c[1])

    # ---- Lifecycles ---------------------------------------------------------------------------

    def lifecycle(self, c: Children, span: Span) -> d.Lifecycle:
        return d.Lifecycle(
            *self.named(c, span), entity=pick(c, t.Name)[0], information=self.informed(c),
            states=pick(c, d.State), starts=pick(c, d.Start), moves=pick(c, d.Move), stays=pick(c, d.Stay),
            until_settled=self.carried(c, "moves until settled", False),
        )  # fmt: skip

    def state(self, c: Children, span: Span) -> d.State:
        return d.State(*self.named(c, span), terminal=has(c, "TERMINAL"), information=self.informed(c))

    def starting(self, c: Children, span: Span) -> d.Start:
        return d.Start(span, c[1], None if has(c, "OTHERWISE") else c[-1])

    def move(self, c: Children, span: Span) -> d.Move:
        return d.Move(span, c[1], c[2], None if has(c, "ALWAYS") else c[-1])

    def stay(self, c: Children, span: Span) -> d.Stay:
        return d.Stay(span, c[1], c[2])

    def settled(self, c: Children, span: Span) -> Bare:
        return Bare("moves until settled", span, True)

    # ---- Titles -------------------------------------------------------------------------------

    def titles(self, c: Children, span: Span) -> d.Titles:
        found = tuple(child.carries for child in c if isinstance(child, Bare))
        return d.Titles(span, token(c, "NAME") or "", found)

    def title(self, c: Children, span: Span) -> Bare:
        return Bare("title", span, (c[0], t.Text(place(c[1], self.file), c[1].text[1:-1])))

    def change(self, c: Children, span: Span) -> d.Change:
        return d.Change(span, c[-1])
