"""A definition of the model comes in; the columns it makes, each a formula over earlier columns, go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Case,
    Flag,
    FlagBlock,
    Index,
    Lifecycle,
    Rank,
    Score,
    Segment,
    Table,
)
from lifeseg.model.types import DIVISION_DECIMALS
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p
from lifeseg.plan.from_expression import Surroundings, bounds, column, held, lowered, rescaled
from lifeseg.plan.shared_columns import Made

Layers = Sequence[Callable[[], list[Made]]]
"""The columns of a definition, layer by layer: those of a layer read the layers before it, and are made after them."""


def columns_of(around: Surroundings, definition: AnyDefinition) -> Layers:
    own = around.field(definition.entity, definition.name, 0)
    match definition:
        case Index():
            return [lambda: [(own, index(around, definition))]]
        case Score():
            return score(around, definition, own)
        case Flag():
            return [lambda: [(own, answered(lowered(around, definition.condition), definition.if_missing))]]
        case FlagBlock():
            return [lambda: [(own, names(around, definition))]]
        case Segment() if definition.first_match:
            return First(around, definition, definition.where).layers(lambda: cases(around, definition.cases))
        case Segment():
            return Unique(around, definition, definition.where).layers(
                lambda: cases(around, definition.cases)
            )
        case Lifecycle():
            return Unique(around, definition, None).layers(lambda: cases(around, definition.starts))
        case Table():
            return table(around, definition)
        case Rank():
            return [lambda: [(own, rank(around, definition))]]
        case _:
            assert_never(definition)


def names_of(around: Surroundings, definition: AnyDefinition) -> list[str]:
    """The columns a definition leaves."""
    found = [around.field(definition.entity, definition.name, 0)]
    if isinstance(definition, Score) and definition.bands:
        found.append(around.band(definition.entity, definition.name, 0))
    if counts_cases(definition):
        found.append(around.cases(definition.entity, definition.name))
    return found


def counts_cases(definition: AnyDefinition) -> bool:
    """Whether there must be a case for everybody within."""
    return isinstance(definition, Segment | Lifecycle | Table)


def index(around: Surroundings, definition: Index) -> p.AnyFormula:
    """Rounded to its decimals; then capped, for which the value is read twice, and answered if missing."""
    value = lowered(around, definition.formula)
    if definition.type.kind == "number":
        value = rescaled(around, value, definition.formula.type.scale, definition.type.scale)
    if definition.low is not None and definition.high is not None:
        for function, limit in (("greatest", definition.low), ("least", definition.high)):
            if value.low < limit if function == "greatest" else value.high > limit:
                value = f.extreme(function, around.shared(value), f.literal(limit))  # type: ignore[arg-type]
    if definition.if_missing is not None:
        assert not isinstance(definition.if_missing, tuple)
        value = f.coalesce(value, f.literal(definition.if_missing))
    return value


# ---- Scores --------------------------------------------------------------------------------------


def score(around: Surroundings, definition: Score, own: str) -> Layers:
    def value() -> list[Made]:
        found = reweighted(around, definition) if definition.reweight else weighted(around, definition)
        if isinstance(definition.if_missing, int):
            found = f.coalesce(found, f.literal(definition.if_missing))
        return [(own, found)]

    if not definition.bands:
        return [value]
    band_column = around.band(definition.entity, definition.name, 0)
    return [value, lambda: [(band_column, band(around, definition, own))]]


def weighted(around: Surroundings, definition: Score) -> p.AnyFormula:
    scale = definition.type.scale - definition.weight_scale
    return f.total(
        [
            f.times(lowered(around, leaf.value), leaf.weight * 10 ** (scale - leaf.value.type.scale))
            for leaf in definition.leaves
        ]
    )


def reweighted(around: Surroundings, definition: Score) -> p.AnyFormula:
    """The sum over the leaves that are there, divided by the sum of their weights."""
    widest = max(leaf.value.type.scale for leaf in definition.leaves)
    points, present = [], []
    for leaf in definition.leaves:
        value = lowered(around, leaf.value)
        shift = leaf.weight * 10 ** (widest - leaf.value.type.scale)
        points.append(f.coalesce(f.times(value, shift), f.literal(0)))
        weight = f.literal(leaf.weight)
        present.append(f.choose([(f.is_null(value), f.literal(0))], weight) if value.optional else weight)
    total = held(f.times(around.shared(f.total(points)), 10**DIVISION_DECIMALS))
    return held(f.quotient(total, f.times(around.shared(f.total(present)), 10**widest)))


def band(around: Surroundings, definition: Score, own: str) -> p.AnyFormula:
    """The first band whose threshold the score reaches."""
    value = column(definition.type, own, definition.type.optional or definition.reweight)
    scale = definition.type.scale
    steps: list[tuple[p.AnyFormula, p.AnyFormula]] = []
    last: p.AnyFormula | None = None
    for found in definition.bands:
        if found.threshold is None:
            last = f.literal(found.name)
            continue
        threshold, of = lowered(around, found.threshold), found.threshold.type.scale
        limit = held(f.rescaled(threshold, of, max(scale, of)))
        steps.append(
            (f.compare(">=", held(f.rescaled(value, scale, max(scale, of))), limit), f.literal(found.name))
        )
    if value.optional:
        steps.insert(0, (f.is_null(value), f.null("text")))
    return f.choose(steps, last) if steps else last or f.null("text")


# ---- Cases ---------------------------------------------------------------------------------------


def answered(verdict: p.AnyFormula, if_missing: bool | None) -> p.AnyFormula:
    return verdict if if_missing is None else f.coalesce(verdict, f.literal(if_missing))


def names(around: Surroundings, definition: FlagBlock) -> p.AnyFormula:
    items = []
    for name in definition.flags:
        held = around.field(definition.entity, name, 0)
        items.append((name, p.Column("truth", 0, 0, False, held)))
    return p.Names("list", 0, 0, False, tuple(items))


def cases(around: Surroundings, found: Sequence[Case]) -> Verdicts:
    return [
        (case.name, None if case.condition is None else
         f.surely(answered(lowered(around, case.condition), case.if_missing)))
        for case in found
    ]  # fmt: skip


def within(around: Surroundings, where: e.Expression | None, value: p.AnyFormula) -> p.AnyFormula:
    if where is None:
        return value
    return f.choose([(lowered(around, where), value)], None)


Verdicts = list[tuple[str, p.AnyFormula | None]]
"""Each case with its two-valued verdict; None is `otherwise`."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A definition of which there must be a case for everybody within its `where`: a column that counts the cases that
    hold, and the case.
    """

    around: Surroundings
    definition: Segment | Lifecycle | Table
    where: e.Expression | None

    @property
    def own(self) -> str:
        return self.around.field(self.definition.entity, self.definition.name, 0)

    @property
    def helper(self) -> str:
        return self.around.cases(self.definition.entity, self.definition.name)

    def inside(self, value: p.AnyFormula) -> p.AnyFormula:
        return within(self.around, self.where, value)


@dataclass(frozen=True, slots=True)
class First(Decided):
    """The first case that holds."""

    def layers(self, found: Callable[[], Verdicts]) -> Layers:
        def made() -> list[Made]:
            verdicts = found()
            steps = [
                (self.around.shared(test), f.literal(case)) for case, test in verdicts if test is not None
            ]
            last = next((f.literal(case) for case, test in verdicts if test is None), None)
            value = f.choose(steps, last) if steps else last or f.null("text")
            count = f.counted(f.both("or", [test for test, _ in steps])) if steps else f.literal(0)
            return [(self.helper, self.inside(count)), (self.own, self.inside(value))]

        return [made]


@dataclass(frozen=True, slots=True)
class Unique(Decided):
    """The one case that holds; first they are counted."""

    def layers(self, found: Callable[[], Verdicts]) -> Layers:
        kept: list[tuple[dict[str, p.AnyFormula], str | None]] = []

        def counting() -> list[Made]:
            kept.append(self.verdicts(found()))
            verdicts = kept[0][0]
            return [
                (self.helper, self.inside(f.total([f.counted(verdict) for verdict in verdicts.values()])))
            ]

        return [counting, lambda: [(self.own, self.chosen(*kept[0]))]]

    def verdicts(self, found: Verdicts) -> tuple[dict[str, p.AnyFormula], str | None]:
        """The verdict of each different case, in a column if it is not simple; and the case of everybody else."""
        joined: dict[str, list[p.AnyFormula]] = {}
        last: str | None = None
        for name, verdict in found:
            if verdict is None:
                last = name
            else:
                joined.setdefault(name, []).append(verdict)
        return {name: self.around.shared(f.both("or", items)) for name, items in joined.items()}, last

    def chosen(self, verdicts: dict[str, p.AnyFormula], last: str | None) -> p.AnyFormula:
        """The one case that holds."""
        number = p.Column("whole", 0, max(1, len(verdicts)), self.where is not None, self.helper)
        one = [(verdict, f.literal(name)) for name, verdict in verdicts.items()]
        steps = [(f.compare("=", number, f.literal(1)), f.choose(one, None) if one else f.null("text"))]
        if last is not None:
            steps.append((f.compare("=", number, f.literal(0)), f.literal(last)))
        return f.choose(steps, None)


def table(around: Surroundings, definition: Table) -> Layers:
    def rows() -> Verdicts:
        found: Verdicts = []
        for row in definition.rows:
            tests = [lowered(around, test) for test in row.conditions if test is not None]
            found.append((row.case, f.surely(f.both("and", tests)) if tests else f.literal(True)))
        return found

    kind = First if definition.first_match else Unique
    return kind(around, definition, definition.where).layers(rows)


def rank(around: Surroundings, definition: Rank) -> p.AnyFormula:
    """The first class whose cut the value reaches; a class without a cut is empty."""
    value = lowered(around, definition.by)
    low, high = bounds(definition.by.type)
    steps: list[tuple[p.AnyFormula, p.AnyFormula]] = []
    if value.optional:
        steps.append((f.is_null(value), f.null("text")))
    for place, found in enumerate(definition.classes[:-1]):
        cut = p.Scalar("whole", low, high, True, f"{around.scalar(definition.cuts)}_{place}")
        steps.append((f.compare(">=", value, cut), f.literal(found.name)))
    return within(around, definition.where, f.choose(steps, f.literal(definition.classes[-1].name)))
