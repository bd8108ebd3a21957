"""A range that a number or a date should come into comes in; what facts must be like for that goes out.

Where the form of an expression tells the range of the one fact behind it, that range is given; otherwise
everything the value depends on is shifted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from lifeseg.functions.calendar import period_bounds
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Index, Model, Score
from lifeseg.records.generation.alternatives import (
    LITTLE,
    NOTHING,
    Alternatives,
    Range,
    all_of,
    both,
    brood,
    either,
    shifts,
)
from lifeseg.records.generation.constants import Constants, Seen, in_months
from lifeseg.records.generation.design import Pull
from lifeseg.records.generation.influence import Influence

MOST_EARLIER = 8
"""Cases before one, of a first-match definition, that are excluded."""

DAYS_OF_MONTH = Fraction(487, 16)


class Ranges(ABC):
    """Knows one model, at a day, after a sample."""

    def __init__(self, model: Model, as_of: date, influence: Influence, seen: Seen) -> None:
        self.constants, self.influence, self.seen = Constants(model, as_of, seen), influence, seen
        self.definitions = {(found.entity, found.name): found for found in model.definitions}
        self.facts = {(of.name, fact.name): fact for of in model.entities.values() for fact in of.facts}
        self.child: dict[str, int] = {}  # which sibling is meant at present

    @abstractmethod
    def hold(self, node: e.Expression, want: bool) -> Alternatives:
        """What makes a condition hold, or not hold."""

    def reach(self, node: e.Expression, wanted: Range) -> Alternatives:
        """What brings a number or a date into a range."""
        match node:
            case e.Field() if (node.entity, node.name) in self.facts:
                child = self.child.get(node.entity)
                return ((Pull(node.entity, node.name, wanted.low, wanted.high, child=child),),)
            case e.Field():
                return self._definition(self.definitions.get((node.entity, node.name)), wanted)
            case e.Round() | e.Distance():
                return self.reach(node.value, wanted)
            case e.Negate():
                return self.reach(node.value, wanted.scaled(Fraction(-1)))
            case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
                return self._arithmetic(node, wanted)
            case e.Apply() if node.function == "months_between":
                days = e.Subtract(node.span, node.type, *node.arguments)
                return self.reach(days, wanted.scaled(DAYS_OF_MONTH))
            case e.Group():
                return self._group(node, wanted)
            case e.Aggregate():
                return self._aggregate(node, wanted)
            case e.Choose():
                return self._steps(node, wanted)
            case _:
                return self._shifted(node, wanted, None)

    def _definition(self, definition: AnyDefinition | None, wanted: Range) -> Alternatives:
        if definition is None:
            return NOTHING
        seen = self.seen.numbers.get((definition.entity, definition.name))
        if isinstance(definition, Index):
            if (found := self._simple(definition.formula)) is not None:
                return self.reach(found, wanted)
            return self._shifted(definition.formula, wanted, seen)
        if isinstance(definition, Score):
            of = e.Field(definition.span, definition.type, definition.entity, definition.name)
            return self._shifted(of, wanted, seen)
        return NOTHING

    def _simple(self, node: e.Expression) -> e.Expression | None:
        """The expression, if its form tells what a range of it needs: it depends on one thing."""
        match node:
            case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
                sides = [side for side in (node.left, node.right) if self.constants.of(side) is None]
                return node if len(sides) == 1 and self._simple(sides[0]) is not None else None
            case e.Round() | e.Negate():
                return node if self._simple(node.value) is not None else None
            case e.Field() | e.Group() | e.Aggregate() | e.Choose():
                return node
            case e.Apply() if node.function == "months_between":
                return node if sum(self.constants.of(each) is None for each in node.arguments) == 1 else None
            case _:
                return None

    def _arithmetic(self, node: e.Add | e.Subtract | e.Multiply | e.Divide, wanted: Range) -> Alternatives:
        left, right = self.constants.of(node.left), self.constants.of(node.right)
        if right is not None:
            match node:
                case e.Add() | e.Subtract():
                    days = right * (DAYS_OF_MONTH if in_months(node) else 1)
                    return self.reach(node.left, wanted.moved(-days if isinstance(node, e.Add) else days))
                case e.Multiply() if right:
                    return self.reach(node.left, wanted.scaled(1 / right))
                case e.Divide() if right:
                    return self.reach(node.left, wanted.scaled(right))
        if left is not None:
            match node:
                case e.Add():
                    days = left * (DAYS_OF_MONTH if in_months(node) else 1)
                    return self.reach(node.right, wanted.moved(-days))
                case e.Subtract():
                    return self.reach(node.right, wanted.scaled(Fraction(-1)).moved(left))
                case e.Multiply() if left:
                    return self.reach(node.right, wanted.scaled(1 / left))
        return self._shifted(node, wanted, None)

    def _group(self, node: e.Group, wanted: Range) -> Alternatives:
        """The group is one more than the cuts that the value reaches."""
        cuts = self.seen.statistics.get(node.cuts.key)
        if not isinstance(cuts, tuple) or node.type.scale or node.type.high != len(cuts) + 1:
            return self._shifted(node.value, wanted, None)
        known = sorted(Fraction(cut, 10**node.value.type.scale) for cut in cuts if cut is not None)
        low = high = None
        if wanted.low is not None and wanted.low > 1:
            place = -(-wanted.low // 1) - 2
            low = known[place] if place < len(known) else None
        if wanted.high is not None and wanted.high // 1 - 1 < len(known):
            place = wanted.high // 1 - 1
            high = known[place] - LITTLE if place >= 0 else None
        return self.reach(node.value, Range(low, high))

    def _aggregate(self, node: e.Aggregate, wanted: Range) -> Alternatives:
        entity, value = node.children.entity, node.value
        counted = self._counted(node.children)
        if node.function == "count":
            if wanted.high is not None and wanted.high < 1:
                return either(brood(entity, None, 0), self._uncounted(node.children))
            return both(counted, brood(entity, wanted.low, wanted.high))
        if value is None:
            return NOTHING
        one = brood(entity, 1, None)
        if node.function == "share":
            most = wanted.low is not None and wanted.low > 0
            return all_of([self.hold(value, most), counted, one])
        if node.function == "sum":
            three = brood(entity, 2, 4)
            return all_of([self.reach(value, wanted.scaled(Fraction(1, 3))), counted, three])
        if node.function == "deviation":
            return both(counted, one)
        return all_of([self.reach(value, wanted), counted, one])

    def _steps(self, node: e.Choose, wanted: Range) -> Alternatives:
        """The steps whose value lies in the range; those before must not hold."""
        found: Alternatives = ()
        tests: list[Alternatives] = []
        last = [(None, node.otherwise)] if node.otherwise is not None else []
        for test, value in [*node.steps, *last]:
            amount = self.constants.of(value)
            own = [] if test is None else [self.hold(test, True)]
            if amount is None:
                found = either(found, all_of([*own, *tests, self.reach(value, wanted)]))
            elif (wanted.low is None or wanted.low <= amount) and (
                wanted.high is None or amount <= wanted.high
            ):
                found = either(found, all_of([*own, *tests]))
            if test is not None:
                tests = [*tests, self.hold(test, False)][-MOST_EARLIER:]
        return found

    def _shifted(
        self, node: e.Expression, wanted: Range, seen: tuple[Fraction, Fraction] | None
    ) -> Alternatives:
        """Everything the value rises or falls with is moved the same way."""
        signs = {place: sign for place, sign in self.influence.of(node).items() if sign}
        found = []
        for shift in shifts(wanted, seen) if signs else ():
            pulls = [
                Pull(entity, fact, shift=sign * shift, child=self.child.get(entity))
                for (entity, fact), sign in signs.items()
            ]
            found.append(tuple(pulls))
        return found or NOTHING

    def _counted(self, children: e.Children) -> Alternatives:
        """What makes child rows be among those that are asked about."""
        where = NOTHING if children.where is None else self.hold(children.where, True)
        return both(where, self._dated(children, lambda start, end: (start, end - 1)))

    def _uncounted(self, children: e.Children) -> Alternatives:
        """What makes none of them be."""
        where: Alternatives = () if children.where is None else self.hold(children.where, False)
        earlier = () if children.period is None else self._dated(children, lambda start, _: (None, start - 1))
        return either(where, earlier)

    def _dated(
        self, children: e.Children, ends: Callable[[int, int], tuple[int | None, int]]
    ) -> Alternatives:
        """The days of child rows, as the first day of the period and the day after it have it."""
        period = children.period
        if period is None:
            return NOTHING
        unit: Any = period.unit
        start, end = period_bounds(self.constants.as_of, unit, period.first, period.last)
        low, high = ends(start.toordinal(), (end or date.max).toordinal())
        least = None if low is None else Fraction(low)
        child = self.child.get(children.entity)
        return ((Pull(children.entity, period.dated, least, Fraction(high), child=child),),)
