"""A definition of the model comes in; the columns it makes, each a formula over earlier columns, go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from lifeseg.functions.exact import rescale
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
from lifeseg.plan.from_expression import Surroundings, bounds, column, lowered

Made = tuple[str, p.AnyFormula]
TROUBLE = "_cases"
"""Ends the name of the column that counts the cases that hold, where exactly one must."""
RAW = "_raw_"
"""Begins the name of the column that holds an index before it is capped."""


def columns_of(around: Surroundings, definition: AnyDefinition) -> Iterator[list[Made]]:
    """The columns in layers: those of a layer may read the layers before it."""
    match definition:
        case Index():
            yield from index(around, definition)
        case Score():
            yield from score(around, definition)
        case Flag():
            yield [(definition.name, answered(lowered(around, definition.condition), definition.if_missing))]
        case FlagBlock():
            yield [(definition.name, names(around, definition))]
        case Segment() if definition.first_match:
            yield [(definition.name, first_case(around, definition))]
        case Segment():
            yield from unique(around, definition, definition.where, cases(around, definition.cases))
        case Lifecycle():
            yield from unique(around, definition, None, cases(around, definition.starts))
        case Table():
            yield from table(around, definition)
        case Rank():
            yield [(definition.name, rank(around, definition))]
        case _:
            assert_never(definition)


def index(around: Surroundings, definition: Index) -> Iterator[list[Made]]:
    """Rounded to its decimals; then capped, and answered if missing, in a layer of its own: the value is read twice."""
    value = lowered(around, definition.formula)
    if definition.type.kind == "number":
        value = f.rescaled(value, definition.formula.type.scale, definition.type.scale)
    if definition.low is not None and definition.high is not None:
        raw = RAW + definition.name
        yield [(raw, value)]
        value = p.Column("whole", value.low, value.high, value.optional, raw)
        if value.low < definition.low:
            value = f.extreme("greatest", value, f.literal(definition.low))
        if value.high > definition.high:
            value = f.extreme("least", value, f.literal(definition.high))
    if definition.if_missing is not None:
        assert not isinstance(definition.if_missing, tuple)
        value = f.coalesce(value, f.literal(definition.if_missing))
    yield [(definition.name, value)]


# ---- Scores --------------------------------------------------------------------------------------


def score(around: Surroundings, definition: Score) -> Iterator[list[Made]]:
    value = reweighted(around, definition) if definition.reweight else weighted(around, definition)
    if isinstance(definition.if_missing, int):
        value = f.coalesce(value, f.literal(definition.if_missing))
    yield [(definition.name, value)]
    if definition.bands:
        yield [(definition.name + "_band", band(around, definition))]


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
    return f.quotient(f.times(f.total(points), 10**DIVISION_DECIMALS), f.times(f.total(present), 10**widest))


def band(around: Surroundings, definition: Score) -> p.AnyFormula:
    """The first band whose threshold the score reaches."""
    own = column(definition.type, definition.name, definition.type.optional)
    scale = definition.type.scale
    steps: list[tuple[p.AnyFormula, p.AnyFormula]] = []
    last: p.AnyFormula | None = None
    for found in definition.bands:
        if found.threshold is None:
            last = f.literal(found.name)
            continue
        threshold = lowered(around, found.threshold)
        common = max(scale, found.threshold.type.scale)
        limit = f.literal(rescale(threshold.low, found.threshold.type.scale, common))
        above = f.compare(">=", f.rescaled(own, scale, common), limit)
        steps.append((above, f.literal(found.name)))
    if own.optional:
        steps.insert(0, (f.is_null(own), f.null("text")))
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


def cases(around: Surroundings, found: Sequence[Case]) -> list[tuple[str, p.AnyFormula | None]]:
    """Each case with its two-valued verdict; None is `otherwise`."""
    return [
        (case.name, None if case.condition is None else
         f.surely(answered(lowered(around, case.condition), case.if_missing)))
        for case in found
    ]  # fmt: skip


def first_case(around: Surroundings, definition: Segment) -> p.AnyFormula:
    """The first case that holds; an unknown one stops the search."""
    steps: list[tuple[p.AnyFormula, p.AnyFormula]] = []
    last: p.AnyFormula | None = None
    for case in definition.cases:
        if case.condition is None:
            last = f.literal(case.name)
            continue
        verdict = answered(lowered(around, case.condition), case.if_missing)
        if verdict.optional:
            steps.append((f.is_null(verdict), f.null("text")))
        steps.append((verdict, f.literal(case.name)))
    return within(around, definition.where, f.choose(steps, last) if steps else last or f.null("text"))


def within(around: Surroundings, where: e.Expression | None, value: p.AnyFormula) -> p.AnyFormula:
    if where is None:
        return value
    return f.choose([(lowered(around, where), value)], None)


def unique(
    around: Surroundings, definition: Segment | Lifecycle | Table, where: e.Expression | None,
    found: Sequence[tuple[str, p.AnyFormula | None]],
) -> Iterator[list[Made]]:  # fmt: skip
    """The one case that holds; a helper column counts the different cases that do."""
    joined: dict[str, list[p.AnyFormula]] = {}
    last: str | None = None
    for name, verdict in found:
        if verdict is None:
            last = name
        else:
            joined.setdefault(name, []).append(verdict)
    verdicts = {name: f.both("or", items) for name, items in joined.items()}
    helper = definition.name + TROUBLE
    holding = f.total([f.counted(verdict) for verdict in verdicts.values()])
    inside = lowered(around, where) if where is not None else None
    count = holding if inside is None else f.choose([(inside, holding)], None)
    yield [(helper, count)]
    number = p.Column("whole", 0, max(1, holding.high), inside is not None, helper)
    one = [(verdict, f.literal(name)) for name, verdict in verdicts.items()]
    steps = [(f.compare("=", number, f.literal(1)), f.choose(one, None) if one else f.null("text"))]
    if last is not None:
        steps.append((f.compare("=", number, f.literal(0)), f.literal(last)))
    yield [(definition.name, f.choose(steps, None))]


def table(around: Surroundings, definition: Table) -> Iterator[list[Made]]:
    rows: list[tuple[str, p.AnyFormula | None]] = []
    for row in definition.rows:
        tests = [lowered(around, test) for test in row.conditions if test is not None]
        rows.append((row.case, f.surely(f.both("and", tests)) if tests else f.literal(True)))
    if not definition.first_match:
        yield from unique(around, definition, definition.where, rows)
        return
    steps = [(test, f.literal(case)) for case, test in rows if test is not None]
    value = f.choose(steps, None)
    inside = lowered(around, definition.where) if definition.where is not None else None
    count = f.counted(f.both("or", [test for test, _ in steps]))
    yield [
        (definition.name + TROUBLE, count if inside is None else f.choose([(inside, count)], None)),
        (definition.name, within(around, definition.where, value)),
    ]


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
