"""A condition of a policy and what a sample has shown come in; what its facts must be like for it to hold goes out.

The answer is a choice of alternatives, each a set of pulls: exact ranges and values where the form of the condition
gives them, otherwise a shift of everything the value depends on. It is a good guess, to be tried, and no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from lifeseg.functions.calendar import period_bounds
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Fact,
    Flag,
    Index,
    Lifecycle,
    Model,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.records.generation.alternatives import (
    LITTLE,
    MIRRORED,
    NOTHING,
    OPPOSITE,
    Alternatives,
    Operator,
    Range,
    all_of,
    any_of,
    both,
    brood,
    either,
    range_of,
    shifts,
)
from lifeseg.records.generation.constants import Constants, Seen, in_months
from lifeseg.records.generation.design import Pull
from lifeseg.records.generation.influence import Influence

MOST_EARLIER = 8  # cases before one, of a first-match definition, that are excluded
DAYS_OF_MONTH = Fraction(487, 16)
MOST_CHILDREN_TOLD_APART = 4


class Demands:
    """Finds what would make conditions of one model hold, at a day, after a sample."""

    def __init__(self, model: Model, as_of: date, influence: Influence, seen: Seen) -> None:
        self.constants, self.influence, self.seen = Constants(model, as_of, seen), influence, seen
        self.definitions = {(found.entity, found.name): found for found in model.definitions}
        self.facts = {(of.name, fact.name): fact for of in model.entities.values() for fact in of.facts}
        self.some: dict[str, list[e.Expression]] = {}
        self.child: dict[str, int] = {}  # which sibling is meant at present

    # ---- Definitions ------------------------------------------------------------------------------

    def case(self, definition: AnyDefinition, case: str) -> Alternatives:
        """What makes a record have a case, or a score a band."""
        match definition:
            case Segment():
                inner = self._among(definition.cases, case, definition.first_match)
                return both(self._within(definition.where), inner)
            case Lifecycle():
                return self._among(definition.starts, case, False)
            case Table():
                return both(self._within(definition.where), self._row(definition, case))
            case Rank():
                return both(self._within(definition.where), self._rank(definition, case))
            case Score():
                return self._band(definition, case)
            case Flag():
                return self.hold(definition.condition, True)
            case _:
                return NOTHING

    def _within(self, where: e.Expression | None) -> Alternatives:
        return NOTHING if where is None else self.hold(where, True)

    def _among(self, cases: Sequence[object], name: str, in_order: bool) -> Alternatives:
        found: Alternatives = ()
        for place, case in enumerate(cases):
            if getattr(case, "name", None) != name:
                continue
            condition = getattr(case, "condition", None)
            others = cases[:place] if in_order else () if condition is not None else cases
            tests = [getattr(other, "condition", None) for other in others[-MOST_EARLIER:]]
            excluded = [self.hold(test, False) for test in tests if test is not None]
            own = NOTHING if condition is None else self.hold(condition, True)
            found = either(found, all_of([own, *excluded]))
        return found

    def _row(self, definition: Table, case: str) -> Alternatives:
        found: Alternatives = ()
        for place, row in enumerate(definition.rows):
            if row.case == case:
                tests = [self.hold(test, True) for test in row.conditions if test is not None]
                if definition.first_match:
                    tests += [self._not_row(other.conditions) for other in definition.rows[:place]][
                        -MOST_EARLIER:
                    ]
                found = either(found, all_of(tests))
        return found

    def _not_row(self, conditions: Sequence[e.Expression | None]) -> Alternatives:
        return any_of([self.hold(test, False) for test in conditions if test is not None])

    def _rank(self, definition: Rank, name: str) -> Alternatives:
        cuts = self.seen.statistics.get(definition.cuts)
        place = next((at for at, found in enumerate(definition.classes) if found.name == name), None)
        if not isinstance(cuts, tuple) or place is None:
            return NOTHING
        scale = 10**definition.by.type.scale
        ends = [None if cut is None else Fraction(cut, scale) for cut in cuts]
        low = ends[place] if place < len(ends) else None
        above = ends[place - 1] if place and ends[place - 1] is not None else None
        return self.reach(definition.by, Range(low, None if above is None else above - LITTLE))

    def _band(self, definition: Score, name: str) -> Alternatives:
        thresholds = [
            None if band.threshold is None else self.constants.of(band.threshold) for band in definition.bands
        ]
        for place, band in enumerate(definition.bands):
            if band.name == name:
                above = thresholds[place - 1] if place else None
                wanted = Range(thresholds[place], None if above is None else above - LITTLE)
                return self._definition(definition, wanted)
        return ()

    # ---- Conditions -------------------------------------------------------------------------------

    def hold(self, node: e.Expression, want: bool) -> Alternatives:
        """What makes a condition hold, or not hold."""
        match node:
            case e.Constant():
                return NOTHING if node.value is want else ()
            case e.Field():
                return self._truth(node, want)
            case e.Not():
                return self.hold(node.value, not want)
            case e.And() | e.Or():
                parts = [self.hold(item, want) for item in node.items]
                return all_of(parts) if isinstance(node, e.And) is want else any_of(parts)
            case e.Compare():
                if want:
                    return self._comparison(node.left, node.operator, node.right)
                return any_of(
                    [self._comparison(node.left, other, node.right) for other in OPPOSITE[node.operator]]
                )
            case e.OneOf():
                return self._one_of(node, want is not node.negated)
            case e.IsMissing():
                return self._missing(node.subject, want is not node.negated)
            case e.Quantified():
                return self._quantified(node, want)
            case _:
                return NOTHING

    def _truth(self, node: e.Field, want: bool) -> Alternatives:
        if (node.entity, node.name) in self.facts:
            return ((self._pull(node, values=(want,)),),)
        definition = self.definitions.get((node.entity, node.name))
        return self.hold(definition.condition, want) if isinstance(definition, Flag) else NOTHING

    def _pull(
        self, node: e.Field, values: tuple[str | bool, ...] | None = None, missing: bool | None = None
    ) -> Pull:
        child = self.child.get(node.entity)
        return Pull(node.entity, node.name, values=values, missing=missing, child=child)

    def _comparison(self, left: e.Expression, operator: Operator, right: e.Expression) -> Alternatives:
        if left.type.kind not in ("number", "date"):
            return NOTHING
        if (end := self.constants.of(right)) is not None:
            return self.reach(left, range_of(operator, end))
        if (end := self.constants.of(left)) is not None:
            return self.reach(right, range_of(MIRRORED[operator], end))
        difference = e.Subtract(left.span, left.type, left, right)
        return self._shifted(difference, range_of(operator, Fraction(0)), None)

    def _one_of(self, node: e.OneOf, want: bool) -> Alternatives:
        subject = node.subject
        if isinstance(subject, e.Band):
            score = self.definitions.get((subject.entity, subject.score))
            if not isinstance(score, Score):
                return NOTHING
            names = [band.name for band in score.bands if (band.name in node.values) is want]
            return any_of([self._band(score, name) for name in names])
        if not isinstance(subject, e.Field):
            return NOTHING
        fact = self.facts.get((subject.entity, subject.name))
        if fact is not None:
            return self._options(subject, fact, node.values, want)
        definition = self.definitions.get((subject.entity, subject.name))
        if definition is None:
            return NOTHING
        names = [name for name in definition.type.options if (name in node.values) is want]
        return any_of([self.case(definition, name) for name in names])

    def _options(self, subject: e.Field, fact: Fact, values: tuple[str, ...], want: bool) -> Alternatives:
        if fact.type.kind != "choice":
            return ((self._pull(subject, values=values),),) if want else NOTHING
        options = tuple(option for option in fact.type.options if (option in values) is want)
        return ((self._pull(subject, values=options),),) if options else ()

    def _missing(self, subject: e.Expression, want: bool) -> Alternatives:
        if not isinstance(subject, e.Field) or (subject.entity, subject.name) not in self.facts:
            return NOTHING
        if not subject.type.optional:
            return () if want else NOTHING
        return ((self._pull(subject, missing=want),),)

    def _quantified(self, node: e.Quantified, want: bool) -> Alternatives:
        """One sibling is meant by `some` and by what denies `every` and `no`, all of them otherwise."""
        body = self._of_children(node.children, node.body, node.quantifier != "no")
        denied = self._of_children(node.children, node.body, node.quantifier == "no")
        entity = node.children.entity
        if node.quantifier == "some":
            return self._of_one(node, True) if want else either(denied, brood(entity, None, 0))
        if want:
            return (
                both(body, brood(entity, 1, None))
                if node.quantifier == "every"
                else either(body, brood(entity, None, 0))
            )
        return self._of_one(node, node.quantifier == "no")

    def _of_children(self, children: e.Children, body: e.Expression | None, want: bool) -> Alternatives:
        inner = NOTHING if body is None else self.hold(body, want)
        return all_of([inner, self._counted(children)])

    def _of_one(self, node: e.Quantified, want: bool) -> Alternatives:
        entity = node.children.entity
        told = self.some.setdefault(entity, [])
        wanted = node.body if want else e.Not(node.span, node.type, node.body)
        if wanted not in told and len(told) < MOST_CHILDREN_TOLD_APART:
            told.append(wanted)
        place = told.index(wanted) if wanted in told else 0
        before = self.child.get(entity)
        self.child[entity] = place
        found = self._of_children(node.children, node.body, want)
        if before is None:
            del self.child[entity]
        else:
            self.child[entity] = before
        return both(found, brood(entity, place + 1, None))

    def _counted(self, children: e.Children) -> Alternatives:
        """What makes child rows be among those that are asked about."""
        found = [] if children.where is None else [self.hold(children.where, True)]
        if children.period is not None:
            period = children.period
            unit: object = period.unit
            start, end = period_bounds(self.constants.as_of, unit, period.first, period.last)  # type: ignore[arg-type]
            low, high = Fraction(start.toordinal()), Fraction(end.toordinal() - 1)
            child = self.child.get(children.entity)
            found.append(((Pull(children.entity, period.dated, low, high, child=child),),))
        return all_of(found)

    # ---- Numbers ----------------------------------------------------------------------------------

    def reach(self, node: e.Expression, wanted: Range) -> Alternatives:
        """What brings a number or a date into a range."""
        match node:
            case e.Field() if (node.entity, node.name) in self.facts:
                child = self.child.get(node.entity)
                return ((Pull(node.entity, node.name, wanted.low, wanted.high, child=child),),)
            case e.Field():
                return self._definition(self.definitions.get((node.entity, node.name)), wanted)
            case e.Round():
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
        """The expression, if its form tells what a range of it needs: it depends on one thing in one place."""
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
            if wanted.high is not None and wanted.high < 1 and counted is not NOTHING:
                return brood(entity, None, 0)
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
