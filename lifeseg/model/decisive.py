"""A condition and what it came to go in; which of its clauses decided, and how near that was, go out as expressions.

Of clauses that only hold together, and of those that all fail, the one decides that is nearest to its threshold, in its own
unit; of clauses one of which is enough, the first one written. A clause without a threshold is farther than any with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.types import DAY, INDEX_DECIMALS, TRUTH, Type, number
from lifeseg.model.walk import nodes

MOST = Fraction(2**63 - 1)  # what a result may be
LONGEST = 3_700_000  # days between two dates


@dataclass(frozen=True, slots=True)
class Decisive:
    """A clause that may decide, and its distance: left side minus right side, at any scale; None where it has none."""

    clause: e.Expression
    distance: e.Expression | None


@dataclass(frozen=True, slots=True)
class Pick:
    """The number of the clause that decides, and how far it is from its threshold, never negative."""

    number: e.Expression
    apart: e.Expression | None


@dataclass(slots=True)
class Clauses:
    """The clauses of one definition, numbered as they are asked for."""

    span: Span
    personal: frozenset[tuple[str, str]]
    found: list[Decisive] = field(default_factory=list)

    def pick(self, node: e.Expression, holds: bool) -> Pick:
        """What decides of a condition of which the verdict is known."""
        match node:
            case e.Not():
                return self.pick(node.value, not holds)
            case e.And() | e.Or() if isinstance(node, e.And) == holds:
                return self.nearest([self.pick(item, holds) for item in node.items])
            case e.And() | e.Or():
                return self.first(node.items, holds)
            case _:
                return self.alone(node)

    def any(self, node: e.Expression, holds: bool) -> Pick:
        """The same where it may have stayed unknown."""
        if not may_be_unknown(node):
            return self.pick(node, holds)
        missing = e.IsMissing(self.span, TRUTH, node, False)
        return self.chosen([(missing, self.unknown(node))], self.pick(node, holds))

    def unknown(self, node: e.Expression) -> Pick:
        """The first clause that is unknown; how near it is nobody knows."""
        match node:
            case e.Not():
                return self.unknown(node.value)
            case e.And() | e.Or():
                items = [item for item in node.items if may_be_unknown(item)] or [node.items[0]]
                steps = [
                    (e.IsMissing(self.span, TRUTH, item, False), self.unknown(item)) for item in items[:-1]
                ]
                return self.chosen(steps, self.unknown(items[-1]))
            case _:
                return Pick(self.alone(node).number, None)

    def alone(self, node: e.Expression) -> Pick:
        distance = self.distance(node)
        written = [(one.clause, one.clause.span) for one in self.found]
        if (node, node.span) not in written:
            self.found.append(Decisive(node, distance))
            written.append((node, node.span))
        number_ = whole(self.span, written.index((node, node.span)))
        return Pick(number_, apart(self.span, distance) if distance is not None else None)

    def nearest(self, picks: Sequence[Pick]) -> Pick:
        """The one nearest to its threshold, of several the first."""
        best = picks[0]
        for other in picks[1:]:
            best = self.nearer(best, other)
        return best

    def nearer(self, one: Pick, other: Pick) -> Pick:
        if other.apart is None:
            return one
        if one.apart is None:
            kept = self.present(other.apart)
            return other if kept is None else self.chosen([(kept, other)], one)
        test: e.Expression = e.Compare(
            self.span, TRUTH.maybe(optional(other.apart, one.apart)), "<", other.apart, one.apart
        )
        if one.apart.type.optional:
            missing = e.IsMissing(self.span, TRUTH, one.apart, False)
            test = e.Or(self.span, test.type, (missing, test))
        kept = self.present(other.apart)
        if kept is not None:
            test = e.And(self.span, TRUTH, (kept, test))
        return self.chosen([(test, other)], one)

    def present(self, value: e.Expression) -> e.Expression | None:
        """That a value is there, if it may be missing."""
        return e.IsMissing(self.span, TRUTH, value, True) if value.type.optional else None

    def first(self, items: Sequence[e.Expression], holds: bool) -> Pick:
        """The first of the clauses that has the verdict; that one of them has is known."""
        steps = [(self.surely(item, holds), self.pick(item, holds)) for item in items[:-1]]
        return self.chosen(steps, self.pick(items[-1], holds))

    def surely(self, node: e.Expression, holds: bool) -> e.Expression:
        """That a condition has a verdict; never unknown."""
        test = node if holds else e.Not(self.span, node.type, node)
        if not may_be_unknown(node):
            return test
        return e.And(self.span, TRUTH, (e.IsMissing(self.span, TRUTH, node, True), test))

    def chosen(self, steps: Sequence[tuple[e.Expression, Pick]], otherwise: Pick) -> Pick:
        if not steps:
            return otherwise
        numbers = [pick.number for _, pick in steps]
        tests = [test for test, _ in steps]
        number_ = choose(self.span, list(zip(tests, numbers, strict=True)), otherwise.number)
        aparts = [pick.apart for _, pick in steps]
        if otherwise.apart is None and not any(aparts):
            return Pick(number_, None)
        given = [missing(self.span, one, [*aparts, otherwise.apart]) for one in aparts]
        last = otherwise.apart
        return Pick(number_, choose(self.span, list(zip(tests, given, strict=True)), last))

    # ---- Distances ----------------------------------------------------------------------------

    def distance(self, node: e.Expression) -> e.Expression | None:
        """How far a clause is from where its verdict turns; of a personal fact it is not told."""
        if any((one.entity, one.name) in self.personal for one in fields_in(node)):
            return None
        match node:
            case e.Compare():
                return difference(node)
            case e.Quantified():
                return self.of_children(node)
            case _:
                return None

    def of_children(self, node: e.Quantified) -> e.Expression | None:
        """Of the row that decides: of `every` the one that is worst, of `some` and `no` the one that is best."""
        body = node.body
        if not isinstance(body, e.Compare) or body.operator == "=":
            return None
        inner = difference(body)
        if inner is None:
            return None
        upwards = body.operator in (">", ">=")
        function = "max" if upwards == (node.quantifier != "every") else "min"
        return e.Aggregate(self.span, inner.type.maybe(), function, inner, node.children, True)


def may_be_unknown(node: e.Expression) -> bool:
    """Whether a condition may have no verdict; what was made of others is not always typed so."""
    match node:
        case e.And() | e.Or():
            return any(map(may_be_unknown, node.items))
        case e.Not():
            return may_be_unknown(node.value)
        case _:
            return node.type.optional


def difference(node: e.Compare) -> e.Expression | None:
    """Left minus right: numbers, or the days between dates. Sums of squares, by which centres are compared, say nothing."""
    left, right = node.left.type, node.right.type
    if left.kind == "date" and right.kind == "date":
        days = number(0, -LONGEST, LONGEST, DAY)
        return e.Subtract(node.span, days.maybe(optional(node.left, node.right)), node.left, node.right)
    if left.kind != "number" or right.kind != "number" or isinstance(node.left, e.Distance):
        return None
    low, high = left.low - right.high, left.high - right.low
    if max(abs(low), abs(high)) > MOST:
        return None
    scale = max(left.scale, right.scale)
    kind = number(scale, low, high, left.unit or right.unit)
    return e.Subtract(node.span, kind.maybe(optional(node.left, node.right)), node.left, node.right)


def fitting(distances: Sequence[e.Expression]) -> int:
    """The decimals at which all of them can be told."""
    scale = min(INDEX_DECIMALS, max((one.type.scale for one in distances), default=0))
    widest = max((max(abs(one.type.low), abs(one.type.high)) for one in distances), default=Fraction(0))
    while scale and widest * 10**scale > MOST:
        scale -= 1
    return scale


def apart(span: Span, distance: e.Expression) -> e.Expression:
    of = distance.type
    turned = Type("number", of.optional, of.unit, of.scale, -of.high, -of.low)
    kind = Type(
        "number", of.optional, of.unit, of.scale, max(Fraction(0), of.low, -of.high), max(of.high, -of.low)
    )
    return e.Apply(span, kind, "greatest", (distance, e.Negate(span, turned, distance)))


def choose(
    span: Span, steps: Sequence[tuple[e.Expression, e.Expression]], otherwise: e.Expression | None
) -> e.Expression:
    """The value of the first step that holds; `otherwise` None is a missing value."""
    kinds = [value.type for _, value in steps] + ([otherwise.type] if otherwise is not None else [])
    texts = tuple(dict.fromkeys(option for kind in kinds for option in kind.options))
    kind = Type(
        kinds[0].kind,
        otherwise is None or any(kind.optional for kind in kinds),
        kinds[0].unit,
        max(kind.scale for kind in kinds),
        min(kind.low for kind in kinds),
        max(kind.high for kind in kinds),
        texts,
    )
    return e.Choose(span, kind, tuple(steps), otherwise)


def missing(span: Span, value: e.Expression | None, like: Sequence[e.Expression | None]) -> e.Expression:
    """A value, or a missing one of the kind of others."""
    if value is not None:
        return value
    of = next(other.type for other in like if other is not None)
    return e.Constant(span, Type(of.kind, True, of.unit, 0, Fraction(0), Fraction(0)), None)


def whole(span: Span, value: int) -> e.Constant:
    return e.Constant(span, number(0, value, value), value)


def optional(*values: e.Expression) -> bool:
    return any(value.type.optional for value in values)


def fields_in(node: e.Expression) -> list[e.Field]:
    return [one for one in nodes(node) if isinstance(one, e.Field)]
