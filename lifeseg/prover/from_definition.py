"""A definition and a record come in; its value as solver terms is noted in the record, what would trouble it in the world."""

from __future__ import annotations

from typing import assert_never

from lifeseg.functions.exact import DIVISION_DECIMALS, divide_half_away
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
from lifeseg.prover import from_expression as expressions
from lifeseg.prover.terms import Symbol, Term, both, chosen, either, either_symbol, negated, several
from lifeseg.prover.world import Record, World

Tests = list[tuple[str, Symbol]]


def evaluate(world: World, record: Record, name: str) -> None:
    """Notes the value of a definition or of its bands."""
    plain = name.removesuffix("_band")
    definition = world.definitions.get((record.entity, name)) or world.definitions[record.entity, plain]
    record.values[definition.name] = value_of(world, record, definition)
    if isinstance(definition, Score) and definition.bands:
        record.values[f"{definition.name}_band"] = band(world, record, definition)


def value_of(world: World, record: Record, definition: AnyDefinition) -> Symbol:
    match definition:
        case Index():
            return index(world, record, definition)
        case Score():
            return score(world, record, definition)
        case Flag():
            return with_fallback(valued(world, record, definition.condition), definition.if_missing)
        case FlagBlock():
            return Symbol({}, False)
        case Segment() | Lifecycle() | Table():
            return decided(world, record, definition)
        case Rank():
            return rank(world, record, definition)
        case _:
            assert_never(definition)


def valued(world: World, record: Record, node: e.Expression) -> Symbol:
    return expressions.from_expression(world, record, node)


def with_fallback(found: Symbol, fallback: bool | None) -> Symbol:
    if fallback is None or found.missing is False:
        return found
    return Symbol(chosen(found.missing, fallback, found.value))


# ---- Amounts -------------------------------------------------------------------------------------


def index(world: World, record: Record, definition: Index) -> Symbol:
    """Rounded once to its decimals, then capped."""
    value = valued(world, record, definition.formula)
    found = expressions.rounded(value, definition.formula.type, definition.type.scale)
    if definition.low is not None and definition.high is not None:
        found = Symbol(expressions.within(found.value, definition.low, definition.high), found.missing)
    if definition.if_missing is None or found.missing is False:
        return found
    return either_symbol(
        found.missing, expressions.plain(world, definition.if_missing, definition.type), found
    )


def score(world: World, record: Record, definition: Score) -> Symbol:
    """The exact sum of weight times value."""
    leaves = [(leaf, valued(world, record, leaf.value)) for leaf in definition.leaves]
    missing = either([value.missing for _, value in leaves])
    if definition.reweight:
        return reweighted(world, definition, [value for _, value in leaves])
    scale = definition.type.scale - definition.weight_scale
    total = sum(leaf.weight * 10 ** (scale - leaf.value.type.scale) * value.value for leaf, value in leaves)
    found = Symbol(total, missing)
    if definition.if_missing is None or missing is False:
        return found
    return either_symbol(missing, expressions.plain(world, definition.if_missing, definition.type), found)


def reweighted(world: World, definition: Score, values: list[Symbol]) -> Symbol:
    """The sum over the leaves that are there, divided by the sum of their weights."""
    widest = max(leaf.value.type.scale for leaf in definition.leaves)
    total, present = 0, 0
    for leaf, value in zip(definition.leaves, values, strict=True):
        amount = value.value * leaf.weight * 10 ** (widest - leaf.value.type.scale)
        total += chosen(value.missing, 0, amount)
        present += chosen(value.missing, 0, leaf.weight)

    def exactly(amount: int, weight: int) -> int | None:
        return divide_half_away(amount * 10**DIVISION_DECIMALS, weight * 10**widest) if weight else None

    world.note(f"the reweighted {definition.name}")
    found = world.called(
        f"reweighted {widest}", definition.type.maybe(), (Symbol(total), Symbol(present)), exactly
    )
    result = Symbol(found.value, present == 0)
    world.constraints.append(negated(both([present != 0, found.missing])))
    if definition.if_missing is None:
        return result
    return either_symbol(
        result.missing, expressions.plain(world, definition.if_missing, definition.type), result
    )


def band(world: World, record: Record, definition: Score) -> Symbol:
    """The first band, from the top, whose threshold the score reaches."""
    amount = record.values[definition.name]
    thresholds = [found.threshold for found in definition.bands if found.threshold is not None]
    scale = max([definition.type.scale, *(threshold.type.scale for threshold in thresholds)])
    size = amount.value * 10 ** (scale - definition.type.scale)
    above: Term = False
    values: dict[str, Term] = {}
    for found in definition.bands:
        reached: Term = True
        if found.threshold is not None:
            limit = valued(world, record, found.threshold)
            reached = size >= limit.value * 10 ** (scale - found.threshold.type.scale)
        values[found.name] = both([reached, negated(above)])
        above = either([above, reached])
    return Symbol(values, either([amount.missing, negated(above)]))


def rank(world: World, record: Record, definition: Rank) -> Symbol:
    """The first class whose cut the value reaches; any cuts that the population may have."""
    amount = valued(world, record, definition.by)
    cuts = world.statistic(definition.cuts, definition.by.type)
    assert isinstance(cuts, tuple)
    values: dict[str, Term] = {}
    above: Term = False
    names = [found.name for found in definition.classes]
    for name, cut in zip(names, cuts, strict=False):
        reached = both([negated(cut.missing), amount.value >= cut.value, negated(above)])
        values[name] = reached
        above = either([above, reached])
    values[names[-1]] = either([values.get(names[-1], False), negated(above)])
    return outside(world, record, definition.where, Symbol(values, amount.missing))


# ---- Cases ---------------------------------------------------------------------------------------


def outside(world: World, record: Record, where: e.Expression | None, inner: Symbol) -> Symbol:
    """Outside its `where` a definition has no value."""
    if where is None:
        return inner
    return Symbol(inner.value, either([negated(valued(world, record, where).yes()), inner.missing]))


def scope(world: World, record: Record, definition: AnyDefinition) -> Term:
    """That a definition is about the record."""
    where = getattr(definition, "where", None)
    return True if where is None else valued(world, record, where).yes()


def tests_of(world: World, record: Record, definition: Segment | Lifecycle | Table) -> Tests:
    """The condition of each case or row, in their order; that of `otherwise` is that no other holds."""
    if isinstance(definition, Table):
        return [(row.case, row_test(world, record, row.conditions)) for row in definition.rows]
    cases = definition.starts if isinstance(definition, Lifecycle) else definition.cases
    tests = [(case.name, case_test(world, record, case)) for case in cases if case.condition is not None]
    held = either([test.yes() for _, test in tests])
    rest = [(case.name, Symbol(negated(held))) for case in cases if case.condition is None]
    return tests + rest


def case_test(world: World, record: Record, case: Case) -> Symbol:
    assert case.condition is not None
    return with_fallback(valued(world, record, case.condition), case.if_missing)


def row_test(world: World, record: Record, cells: tuple[e.Expression | None, ...]) -> Symbol:
    """All cells of a row, each two-valued."""
    return Symbol(both([valued(world, record, cell).yes() for cell in cells if cell is not None]))


def decided(world: World, record: Record, definition: Segment | Lifecycle | Table) -> Symbol:
    """The one case that holds, or the first; none or several trouble the record, whose value stays empty."""
    tests = tests_of(world, record, definition)
    first_match = not isinstance(definition, Lifecycle) and definition.first_match
    values: dict[str, Term] = {}
    if first_match:
        still: Term = True
        for name, test in tests:
            values[name] = either([values.get(name, False), both([still, test.yes()])])
            still = both([still, test.no()])
        many: Term = False
    else:
        for name, test in tests:
            values[name] = either([values.get(name, False), test.yes()])
        many = several(list(values.values()))
    none = negated(either(values.values()))
    within = scope(world, record, definition)
    world.troubles[record.number, definition.name] = (both([within, none]), both([within, many]))
    if many is not False:
        values = {name: both([holds, negated(many)]) for name, holds in values.items()}
    return Symbol(values, either([negated(within), none, many]))
