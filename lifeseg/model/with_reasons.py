"""A model comes in; the model that also tells of every record why goes out: `NAME why`, the clause that decided, in the
policy's words, or the band or class whose threshold is nearest; `NAME margin`, how far it is from its threshold; of a score
the `NAME reason 1` to `3` that cost it most.

They are definitions like any other, under names that no policy can write, so that nothing that evaluates, plans or computes
knows of them. Which clause decides is told in `decisive.py`, the order of reasons in `reasons.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.by_hand import by_hand, by_rules
from lifeseg.model.decisive import Clauses, Pick, choose, fitting, may_be_unknown, optional, whole
from lifeseg.model.model import (
    AnyDefinition,
    Case,
    Entity,
    Index,
    Lifecycle,
    Model,
    Origin,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.model.personal import all_personal
from lifeseg.model.quoting import Words, words_of
from lifeseg.model.reasons import Reason, reasons
from lifeseg.model.types import TRUTH, Type, number
from lifeseg.model.walk import nodes
from lifeseg.model.with_past import spot, titled

WHY = {"en": "{}: why", "zh": "{}：原因"}
MARGIN = {"en": "{}: margin", "zh": "{}：差距"}
REASON = {"en": "{}: reason {}", "zh": "{}：理由{}"}
REASONS = 3
BROADEST = 10**37  # what engines hold in between


def why(name: str) -> str:
    return f"{name} why"


def margin(name: str) -> str:
    return f"{name} margin"


def reason(name: str, place: int) -> str:
    return f"{name} reason {place}"


def with_reasons(model: Model) -> Model:
    """The model with reasons behind each decision and each score that an analyst has written."""
    known = {(one.entity, one.name): one for one in model.definitions}
    words, hidden = words_of(model), all_personal(model)
    found: list[AnyDefinition] = []
    for one in model.definitions:
        found.append(one)
        if not one.made:
            rules = known.get((one.entity, by_rules(one.name)), one)
            found += Told(one, model.entities[one.entity], words, hidden).all(rules)
    return replace(model, definitions=tuple(found))


@dataclass(frozen=True, slots=True)
class Told:
    """What is added for one definition."""

    definition: AnyDefinition
    entity: Entity
    words: Words
    personal: frozenset[tuple[str, str]]

    def all(self, rules: AnyDefinition) -> Iterator[AnyDefinition]:
        """The definitions behind this one; `rules` are its own, where it may be set by hand."""
        if isinstance(rules, Segment | Table | Lifecycle):
            yield from self.decision(rules, self.cases_of(rules))
        elif isinstance(rules, Score):
            if any(band.threshold is not None for band in rules.bands):
                yield from self.bands(rules)
            yield from self.reasons(rules)
        elif isinstance(rules, Rank) and self.definition is rules:
            yield from self.classes(rules)

    # ---- Decisions --------------------------------------------------------------------------------

    def cases_of(self, rules: Segment | Table | Lifecycle) -> Sequence[Case]:
        """The cases, or the rows down to one of `-` alone, which like `otherwise` has no condition."""
        if isinstance(rules, Table):
            rows = [[test for test in row.conditions if test is not None] for row in rules.rows]
            reached = next((place for place, tests in enumerate(rows, 1) if not tests), len(rows))
            return [
                Case(row.case, {}, row.span, {}, joined(e.And, tests) if tests else None, None)
                for row, tests in list(zip(rules.rows, rows, strict=True))[:reached]
            ]
        return rules.starts if isinstance(rules, Lifecycle) else rules.cases

    def decision(self, rules: AnyDefinition, cases: Sequence[Case]) -> Iterator[AnyDefinition]:
        """The clause that decided for the case that was taken."""
        span = spot(self.definition.span)
        clauses = Clauses(span, self.personal)
        steps = [
            (self.is_case(name), self.taken(clauses, name, cases))
            for name in dict.fromkeys(case.name for case in cases)
        ]
        steps = [(test, pick) for test, pick in steps if pick is not None]
        hand = next((fact for fact in self.entity.facts if fact.name == by_hand(self.definition.name)), None)
        if hand is not None:
            field = e.Field(span, hand.type, self.entity.name, hand.name)
            set_ = e.IsMissing(span, TRUTH, field, True)
            steps.insert(0, (set_, clauses.alone(set_)))
        if steps:
            decided = choose(span, [(test, pick.number) for test, pick in steps if pick], None)
            yield from self.told(clauses, decided, self.texts(clauses, rules))

    def is_case(self, name: str) -> e.Expression:
        one = self.definition
        span = spot(one.span)
        return e.OneOf(span, TRUTH, self.own(one.name, one.type.maybe()), (name,), False, True)

    def taken(self, clauses: Clauses, name: str, cases: Sequence[Case]) -> Pick | None:
        """What decided for one case: the first of its conditions that holds, or that no other case does."""
        own = [case for case in cases if case.name == name]
        conditions = [case.condition for case in own if case.condition is not None]
        others = [case.condition for case in cases if case.condition is not None]
        last: Pick | None = None
        if len(conditions) == len(own):
            last, conditions = clauses.any(conditions[-1], True), conditions[:-1]
        elif others:
            last = clauses.any(joined(e.Or, others), False)
        if last is None:
            return None
        steps = [(clauses.surely(condition, True), clauses.pick(condition, True)) for condition in conditions]
        return clauses.chosen(steps, last)

    def texts(self, clauses: Clauses, rules: AnyDefinition) -> list[str]:
        """Each clause in the policy's words; a cell of a table has its column in front."""
        columns: dict[Span, str] = {}
        if isinstance(rules, Table):
            for row in rules.rows:
                for column, cell in zip(rules.columns, row.conditions, strict=True):
                    within = [one for one in nodes(cell) if isinstance(one, e.Node)]
                    columns |= {one.span: self.words.quote(column) for one in within}
        found = []
        for one in clauses.found:
            text, heading = self.words.quote(one.clause), columns.get(one.clause.span)
            found.append(text if heading in (None, text) else f"{heading}: {text}")
        return found

    def told(self, clauses: Clauses, decided: e.Expression, texts: Sequence[str]) -> Iterator[AnyDefinition]:
        """The number of the clause, its words, and its distance."""
        name, span = self.definition.name, spot(self.definition.span)
        yield self.index(f"{name} clause", decided, "aside")
        number_ = self.own(f"{name} clause", decided.type)
        yield self.index(
            why(name), choose(span, [(self.at(number_, n), self.text(t)) for n, t in enumerate(texts)], None),
            titles=titled(self.definition.titles, WHY),
        )  # fmt: skip
        there = [(n, one.distance) for n, one in enumerate(clauses.found) if one.distance is not None]
        if there:
            value = choose(span, [(self.at(number_, n), distance) for n, distance in there], None)
            decimals = fitting([distance for _, distance in there])
            yield self.index(
                margin(name), value, decimals=decimals, titles=titled(self.definition.titles, MARGIN)
            )

    # ---- Thresholds -------------------------------------------------------------------------------

    def bands(self, score: Score) -> Iterator[AnyDefinition]:
        """The band whose threshold is nearest."""
        own = self.own(score.name, score.type.maybe(score.reweight))
        found = [
            (band.name, self.reaches(band.span, own, band.threshold))
            for band in score.bands
            if band.threshold is not None
        ]
        return self.near(found, [own] if own.type.optional else [])

    def classes(self, rank: Rank) -> Iterator[AnyDefinition]:
        """The class whose cut is nearest; the last class is the rest, and an empty one has no cut."""
        span, of = spot(rank.span), rank.by.type
        statistic = e.Statistic(span, of, rank.cuts)
        cuts = [e.Cut(span, of.maybe(), statistic, place) for place in range(len(rank.classes) - 1)]
        found = [
            (one.name, self.reaches(span, rank.by, cut)) for one, cut in zip(rank.classes, cuts, strict=False)
        ]
        some = joined(e.Or, [e.IsMissing(span, TRUTH, cut, True) for cut in cuts])
        return self.near(found, [self.own(rank.name, rank.type.maybe())], some)

    def reaches(self, span: Span, value: e.Expression, threshold: e.Expression) -> e.Compare:
        return e.Compare(span, TRUTH.maybe(optional(value, threshold)), ">=", value, threshold)

    def near(
        self,
        thresholds: Sequence[tuple[str, e.Compare]],
        needed: Sequence[e.Expression],
        *tests: e.Expression,
    ) -> Iterator[AnyDefinition]:
        """The name whose threshold is nearest, and the distance from it, of two as near the higher one; where what is needed
        is not missing and the tests hold.
        """
        span = spot(self.definition.span)
        clauses = Clauses(span, self.personal)
        picks = [clauses.alone(test) for _, test in thresholds]
        if picks[0].apart is None:
            return
        number_ = self.nearest([test for _, test in thresholds], picks) or clauses.nearest(picks).number
        tests = (*(e.IsMissing(span, TRUTH, one, True) for one in needed), *tests)
        if tests:
            number_ = choose(span, [(joined(e.And, tests), number_)], None)
        yield from self.told(clauses, number_, [name for name, _ in thresholds])

    def nearest(self, tests: Sequence[e.Compare], picks: Sequence[Pick]) -> e.Expression | None:
        """The number of the nearest threshold, where none is missing: they fall, and half way between two is the edge."""
        span = spot(self.definition.span)
        if any(test.right.type.optional for test in tests):
            return None
        steps = [
            (self.reaches(span, added(upper.left, upper.left), added(upper.right, lower.right)), pick.number)
            for upper, lower, pick in zip(tests, tests[1:], picks, strict=False)
        ]
        return choose(span, steps, picks[-1].number) if steps else picks[-1].number

    # ---- Scores -----------------------------------------------------------------------------------

    def reasons(self, score: Score) -> Iterator[AnyDefinition]:
        """The terms that cost it most: each is a number that no two share, the points lost before its place."""
        span = spot(score.span)
        terms = [(one, self.lost(score, one, place)) for place, one in enumerate(reasons(score))]
        if not terms or max(abs(kind.type.low) + kind.type.high for _, kind in terms) > BROADEST:
            return
        names = [f"{score.name} lost {place}" for place in range(1, len(terms) + 1)]
        for name, (_, value) in zip(names, terms, strict=True):
            yield self.index(name, value, "aside", decimals=value.type.scale)
        lost = [self.own(name, value.type) for name, (_, value) in zip(names, terms, strict=True)]
        largest = yield from self.largest(score.name, lost)
        least = lost[0].type.scale
        nothing = e.Constant(span, number(least, 0, Fraction(len(terms), 10**least)), len(terms))
        for place, own in enumerate(largest, 1):
            steps: list[tuple[e.Expression, e.Expression]] = [
                (e.Compare(span, TRUTH, "=", own, one), self.text(term.code))
                for (term, _), one in zip(terms, lost, strict=True)
            ]
            told = choose(
                span, [(e.Compare(span, TRUTH, ">", own, nothing), choose(span, steps, None))], None
            )
            titles = {
                language: REASON.get(language, REASON["en"]).format(title, place)
                for language, title in score.titles.items()
            }
            yield self.index(reason(score.name, place), told, titles=titles)

    def largest(
        self, name: str, values: Sequence[e.Expression], first: int = 1
    ) -> Generator[AnyDefinition, None, Sequence[e.Expression]]:
        """The largest few of several in falling order: those of both halves merged, each as a definition of its own."""
        if len(values) == 1:
            return values
        half = len(values) // 2
        left = yield from self.largest(name, values[:half], first)
        right = yield from self.largest(name, values[half:], first + half)
        found = []
        for place in range(1, min(REASONS, len(values)) + 1):
            value = in_place(place, left, right)
            made = f"{name} largest {place} of {first} to {first + len(values) - 1}"
            yield self.index(made, value, "aside", decimals=value.type.scale)
            found.append(self.own(made, value.type))
        return found

    def lost(self, score: Score, one: Reason, place: int) -> e.Expression:
        """count × points lost + what tells ties apart; no reason is more than the count."""
        span, count = spot(score.span), len(score.leaves)
        scale = max(leaf.value.type.scale for leaf in score.leaves)
        value = one.leaf.value
        weight = one.leaf.weight * count
        unit = Fraction(1, 10**scale)
        best = Fraction(one.best, 10**value.type.scale) * weight + (count - place) * unit
        most = e.Constant(span, number(scale, best, best), int(best / unit))
        ends = (value.type.low * weight, value.type.high * weight)
        low, high = min(ends), max(ends)
        of = replace(number(value.type.scale, low, high), optional=value.type.optional)
        cost = e.Multiply(span, of, value, whole(span, weight))
        kind = replace(number(scale, best - high, best - low), optional=value.type.optional)
        left: e.Expression = e.Subtract(span, kind, most, cost)
        if not value.type.optional:
            return left
        none = e.Constant(span, number(scale, 0, 0), 0)
        return choose(span, [(e.IsMissing(span, TRUTH, value, False), none)], left)

    # ---- Parts ------------------------------------------------------------------------------------

    def own(self, name: str, kind: Type) -> e.Field:
        one = self.definition
        return e.Field(spot(one.span), kind, one.entity, name)

    def at(self, number_: e.Expression, value: int) -> e.Expression:
        span = spot(self.definition.span)
        return e.Compare(span, TRUTH.maybe(number_.type.optional), "=", number_, whole(span, value))

    def text(self, text: str) -> e.Constant:
        return e.Constant(spot(self.definition.span), Type("choice", options=(text,)), text)

    def index(
        self,
        name: str,
        formula: e.Expression,
        made: Origin = "reason",
        *,
        decimals: int = 0,
        titles: dict[str, str] | None = None,
    ) -> Index:
        one, of = self.definition, formula.type
        kind = replace(of, scale=decimals) if of.kind == "number" else of
        return Index(
            name, titles or {}, one.span, {}, one.entity, kind, None, formula, None, None, None, made=made
        )


def joined(kind: type[e.And | e.Or], items: Sequence[e.Expression]) -> e.Expression:
    """Several conditions as one, of which it is known whether it may be unknown."""
    unknown = TRUTH.maybe(any(map(may_be_unknown, items)))
    return items[0] if len(items) == 1 else kind(spot(items[0].span), unknown, tuple(items))


def added(left: e.Expression, right: e.Expression) -> e.Expression:
    """The sum of two numbers."""
    scale, low, high = (
        max(left.type.scale, right.type.scale), left.type.low + right.type.low, left.type.high + right.type.high,
    )  # fmt: skip
    return e.Add(left.span, number(scale, low, high).maybe(optional(left, right)), left, right)


def in_place(place: int, left: Sequence[e.Expression], right: Sequence[e.Expression]) -> e.Expression:
    """The value in a place of the falling order, of two parts in falling order: the largest of those below which, for some
    way to divide the places, both parts have fewer.
    """
    ways = [part[place - 1] for part in (left, right) if place <= len(part)]
    ways += [
        extreme("least", left[own - 1], right[place - own - 1])
        for own in range(max(1, place - len(right)), min(place - 1, len(left)) + 1)
    ]
    found = ways[0]
    for other in ways[1:]:
        found = extreme("greatest", found, other)
    return found


def extreme(function: str, left: e.Expression, right: e.Expression) -> e.Expression:
    """The least or greatest of two numbers that are not missing."""
    pick = min if function == "least" else max
    kind = number(
        max(left.type.scale, right.type.scale),
        pick(left.type.low, right.type.low),
        pick(left.type.high, right.type.high),
    )
    return e.Apply(left.span, kind, function, (left, right))
