"""A condition of a policy and what a sample has shown come in; what its facts must be like for it to hold
goes out.

The answer is a choice of alternatives, each a set of pulls: exact ranges and values where the form of the
condition gives them, otherwise a shift of everything the value depends on. It is a good guess, to be tried,
and no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Fact, Flag, Lifecycle, Model, Rank, Score, Segment, Table
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
)
from lifeseg.records.generation.constants import Seen
from lifeseg.records.generation.design import Pull
from lifeseg.records.generation.from_range import MOST_EARLIER, Ranges
from lifeseg.records.generation.influence import Influence

MOST_CHILDREN_TOLD_APART = 4


class Demands(Ranges):
    """Finds what would make conditions of one model hold, at a day, after a sample."""

    def __init__(self, model: Model, as_of: date, influence: Influence, seen: Seen) -> None:
        super().__init__(model, as_of, influence, seen)
        self.start()

    # ---- Definitions ------------------------------------------------------------------------------

    def start(self) -> None:
        """Forgets which siblings were told apart for an earlier question."""
        self._some: dict[str, list[e.Expression]] = {}
        self._known: dict[tuple[object, ...], Alternatives] = {}

    def case(self, definition: AnyDefinition, case: str) -> Alternatives:
        """What makes a record have a case, a score a band, a flag `yes` or `no`."""
        place = (definition.entity, definition.name, case, *sorted(self.child.items()))
        if place not in self._known:
            self._known[place] = self._case(definition, case)
        return self._known[place]

    def _case(self, definition: AnyDefinition, case: str) -> Alternatives:
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
                return self.hold(definition.condition, case == "yes")
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
        return self.case(definition, "yes" if want else "no") if isinstance(definition, Flag) else NOTHING

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
        if not isinstance(subject, e.Field):
            return NOTHING
        if (subject.entity, subject.name) not in self.facts:
            definition = self.definitions.get((subject.entity, subject.name))
            where = definition.where if isinstance(definition, Segment | Table | Rank) else None
            return self.hold(where, not want) if where is not None else NOTHING
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
        told = self._some.setdefault(entity, [])
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
