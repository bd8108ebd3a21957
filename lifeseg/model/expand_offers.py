"""Offers as written come in; the indexes, segments and flags that they stand for go out, as an analyst could write them.

Of each offer: what it is worth to a record (0: it is not open to it), what became of it, and whether it is made. Of all:
who is chosen first, second and so on, and which of those made is worth most. Only the limits of a population, and an
amount of nothing, are calls that no policy can write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model.model import Origin
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

NOTHING = "nothing of"
WITHIN = "within limit"
BEYOND = "beyond limit"
MOST_OFFERS = 30  # each is compared with every other


@dataclass(frozen=True, slots=True)
class Made:
    """A definition that offers stand for, and what it is to a reader."""

    definition: d.Block | d.Segment
    origin: Origin


def expanded(node: d.Offers) -> Iterator[Made]:
    """The definitions, in any order."""
    offers = Expansion(node, tuple(found for found in node.offers[:MOST_OFFERS] if found.worth is not None))
    if not offers.all:
        return
    for offer in offers.all:
        yield Made(offers.worths(offer), "part")
        if offer.cost is not None:
            yield Made(offers.costs(offer), "part")
        yield Made(offers.outcome(offer), "part")
    for place in range(offers.rounds):
        if place:
            yield from (Made(offers.left(offer, place), "step") for offer in offers.all)
        yield Made(offers.chosen(place), "step")
    yield Made(offers.flags(), "result")
    yield Made(offers.best(), "result")


@dataclass(frozen=True, slots=True)
class Expansion:
    node: d.Offers
    all: tuple[d.Offer, ...]

    @property
    def rounds(self) -> int:
        most = self.node.most
        return max(1, min(int(most.value), len(self.all))) if most is not None else 1

    # ---- Of each offer ---------------------------------------------------------------------------

    def worths(self, offer: d.Offer) -> d.Block:
        """What it is worth where its condition holds and nothing excludes it, else nothing."""
        assert offer.worth is not None
        span = offer.name_span
        admitted = [t.Not(name.span, name) for name in (*self.node.excluded, *offer.excluded)]
        condition = offer.condition or t.Truth(span, True)
        test = both([*admitted, condition])
        lines = tuple(
            t.Information(line.span, line.word, t.Number(line.span, Decimal(0), None, "0"))
            for line in offer.information
            if line.word == "if missing"
        )
        return self.index(offer, f"{offer.name}_worth", offer.worth, test, lines)

    def costs(self, offer: d.Offer) -> d.Block:
        """What it costs where it is open."""
        assert offer.cost is not None
        return self.index(offer, f"{offer.name}_cost", offer.cost, self.open(offer, 0), ())

    def index(
        self,
        offer: d.Offer,
        name: str,
        value: t.Expression,
        test: t.Expression,
        lines: tuple[t.Information, ...],
    ) -> d.Block:
        steps = (d.Step(value.span, value, test), d.Step(value.span, nothing(value), None))
        index = d.Index(value.span, name, offer.name_span, None, None, steps, lines)
        return d.Block(offer.span, "indexes", None, None, self.node.entity, (), (index,))

    def outcome(self, offer: d.Offer) -> d.Segment:
        """What became of it, the first reason that holds."""
        span = offer.name_span
        excluded = {last(name): name for name in (*self.node.excluded, *offer.excluded)}
        cases = [case(f"excluded_by_{word}", name.span, name) for word, name in excluded.items()]
        taken = self.taken(offer)
        limits = []
        if offer.most is not None:
            limits.append(("no_places", self.within_places(offer)))
        if self.node.budget is not None and offer.cost is not None:
            limits.append(("over_budget", self.within_budget(offer)))
        for reason, limit in limits:
            cases.append(case(reason, limit.span, both([taken, replace(limit, function=BEYOND)])))
        cases.append(case("made", span, taken))
        for other in self.apart(offer):
            test = both([self.open(offer, 0), self.taken(other)])
            cases.append(case(f"not_with_{other.name}", span, test))
        cases += [case("not_among_best", span, self.open(offer, 0)), case("not_open", span, None)]
        return self.segment(offer, f"{offer.name}_outcome", offer.title, None, cases)

    def segment(
        self, at: d.Named, name: str, title: str | None, where: t.Expression | None, cases: Sequence[d.Case]
    ) -> d.Segment:
        return d.Segment(at.span, name, at.name_span, title, self.node.entity, True, where, (), tuple(cases))

    # ---- The best of them ------------------------------------------------------------------------

    def chosen(self, place: int) -> d.Segment:
        """Of the offers still open the one worth most, the first written where several are."""
        names = [self.worth_name(offer, place) for offer in self.all]
        where = either([self.open(offer, place) for offer in self.all])
        cases = []
        for number, offer in enumerate(self.all):
            rest = [t.Compare(other.span, ">=", names[number], other) for other in names[number + 1 :]]
            test = both([self.open(offer, place), *rest]) if rest else None
            cases.append(case(offer.name, offer.name_span, test))
        return self.segment(self.node, self.round_name(place), self.node.title, where, cases)

    def left(self, offer: d.Offer, place: int) -> d.Block:
        """What an offer is worth to those who were chosen neither it, nor what it is not made with, before."""
        against = (offer.name, *(other.name for other in self.apart(offer)))
        tests = [self.was_chosen(number, against, negated=True) for number in range(place)]
        value = self.worth_name(offer, 0)
        return self.index(offer, f"{offer.name}_worth_{place + 1}", value, both(tests), ())

    def best(self) -> d.Segment:
        """Of the offers made the one worth most."""
        span = self.node.name_span
        made = [named(offer.name, span) for offer in self.all]
        cases = []
        for number, offer in enumerate(self.all):
            worth = self.worth_name(offer, 0)
            rest = [
                either(
                    [
                        t.Not(span, made[after]),
                        t.Compare(span, ">=", worth, self.worth_name(self.all[after], 0)),
                    ]
                )
                for after in range(number + 1, len(self.all))
            ]
            test = both([made[number], *rest]) if rest else None
            cases.append(d.Case(span, offer.name, offer.name_span, offer.title, how(test), test, ()))
        name = f"{self.node.name}_best"
        return self.segment(self.node, name, self.node.title, either(made), cases)

    def flags(self) -> d.Block:
        """The offers that are made: a list in the results, each usable like a yes/no."""
        items = []
        for offer in self.all:
            span = offer.name_span
            outcome = t.Is(
                span, named(f"{offer.name}_outcome", span), False, (named("made", span),), False, False
            )
            lines = tuple(line for line in offer.information if line.word != "if missing")
            items.append(d.Case(offer.span, offer.name, span, offer.title, "when", outcome, lines))
        of, lines = self.node, self.node.information
        return d.Block(of.name_span, "flags", of.name, of.title, of.entity, lines, tuple(items))

    # ---- Conditions ------------------------------------------------------------------------------

    def open(self, offer: d.Offer, place: int) -> t.Expression:
        name = self.worth_name(offer, place)
        return t.Compare(name.span, ">", name, nothing(name))

    def taken(self, offer: d.Offer) -> t.Expression:
        return either([self.was_chosen(place, (offer.name,)) for place in range(self.rounds)])

    def was_chosen(self, place: int, names: Iterable[str], negated: bool = False) -> t.Expression:
        span = self.node.most.span if self.node.most is not None else self.node.name_span
        values = tuple(named(name, span) for name in names)
        subject = named(self.round_name(place), span)
        return t.Is(span, subject, negated, values, len(values) > 1, False)

    def apart(self, offer: d.Offer) -> list[d.Offer]:
        """The offers that it is not made with, whichever of the two says so."""
        own = {last(name) for name in offer.apart}
        return [
            other for other in self.all
            if other is not offer and (other.name in own or any(last(name) == offer.name for name in other.apart))
        ]  # fmt: skip

    def within_places(self, offer: d.Offer) -> t.Call:
        assert offer.most is not None
        span, worth = offer.most.span, self.worth_name(offer, 0)
        one = t.Number(span, Decimal(1), None, "1")
        what = t.Text(span, f"end of the places of {offer.name}")
        return t.Call(
            span, WITHIN, (what, worth, offer.most, worth, one, self.taken(offer)), None, None, None
        )

    def within_budget(self, offer: d.Offer) -> t.Call:
        """Everybody's offers are paid in the order of their worth."""
        assert self.node.budget is not None
        span = self.node.budget.span
        entries: list[t.Expression] = []
        for other in self.all:
            if other.cost is not None:
                taken = self.taken(other)
                test = taken if other.most is None else both([taken, self.within_places(other)])
                entries += [self.worth_name(other, 0), named(f"{other.name}_cost", other.cost.span), test]
        worth = self.worth_name(offer, 0)
        what = t.Text(span, f"end of the budget of {self.node.name}")
        return t.Call(span, WITHIN, (what, worth, self.node.budget, *entries), None, None, None)

    # ---- Names -----------------------------------------------------------------------------------

    def worth_name(self, offer: d.Offer, place: int) -> t.Name:
        return named(f"{offer.name}_worth{f'_{place + 1}' if place else ''}", offer.name_span)

    def round_name(self, place: int) -> str:
        return f"{self.node.name}_{place + 1}"


def case(name: str, span: Span, test: t.Expression | None) -> d.Case:
    return d.Case(span, name, span, None, how(test), test, ())


def how(test: t.Expression | None) -> Literal["when", "otherwise"]:
    return "otherwise" if test is None else "when"


def named(name: str, span: Span) -> t.Name:
    return t.Name(span, (name,))


def last(name: t.Name) -> str:
    return name.parts[-1]


def nothing(like: t.Expression) -> t.Call:
    """An amount of nothing, in the unit of another."""
    return t.Call(like.span, NOTHING, (like,), None, None, None)


def both(tests: Sequence[t.Expression]) -> t.Expression:
    return tests[0] if len(tests) == 1 else t.And(tests[0].span, tuple(tests), False)


def either(tests: Sequence[t.Expression]) -> t.Expression:
    return tests[0] if len(tests) == 1 else t.Or(tests[0].span, tuple(tests), False)
