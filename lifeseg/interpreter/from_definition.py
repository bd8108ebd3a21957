"""A definition comes in; a function that fills its slot in a row, and says what troubles it, goes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, assert_never

from lifeseg.functions.exact import DIVISION_DECIMALS, divide_half_away
from lifeseg.interpreter import partial
from lifeseg.interpreter.from_expression import (
    at_scale,
    constantly,
    from_expression,
    rounded,
    slot,
    statistic,
)
from lifeseg.interpreter.link import Link, Run
from lifeseg.interpreter.results import Row
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

Decide = Callable[[Row], tuple[str, ...]]
"""The cases that hold: exactly one if all is well."""


def from_definition(link: Link, definition: AnyDefinition) -> Run:
    """The function that evaluates the definition on a row."""
    match definition:
        case Index():
            return index(link, definition)
        case Score():
            return score(link, definition)
        case Flag():
            return flag(link, definition)
        case FlagBlock():
            return flag_block(link, definition)
        case Segment():
            find = first_case if definition.first_match else holding_cases
            return decided(link, definition, definition.where, find(link, definition.cases))
        case Table():
            return table(link, definition)
        case Rank():
            return within(link, definition.where, rank(link, definition))
        case Lifecycle():
            return decided(link, definition, None, holding_cases(link, definition.starts))
        case _:
            assert_never(definition)


def index(link: Link, definition: Index) -> Run:
    """Rounded once to its decimals, then capped."""
    value = rounded(link, definition.formula, definition.type.scale)
    low, high, fallback = definition.low, definition.high, definition.if_missing
    if low is None or high is None:
        if fallback is None:
            return value
        return lambda row: fallback if (a := value(row)) is None else a

    def run(row: Row) -> Any:
        amount = value(row)
        if amount is None:
            return fallback
        return low if amount < low else min(high, amount)

    return run


def score(link: Link, definition: Score) -> Run:
    """The exact sum of weight times value."""
    if definition.reweight:
        return reweighted(link, definition)
    scale = definition.type.scale - definition.weight_scale
    terms = [
        (from_expression(link, leaf.value), leaf.weight * 10 ** (scale - leaf.value.type.scale))
        for leaf in definition.leaves
    ]
    fallback = definition.if_missing
    if link.partial:
        return partial.total(terms, fallback)

    def run(row: Row) -> Any:
        total = 0
        for value, weight in terms:
            amount = value(row)
            if amount is None:
                return fallback
            total += amount * weight
        return total

    return run


def reweighted(link: Link, definition: Score) -> Run:
    """Missing leaves drop out; the sum over the others is divided by the sum of their weights, at twelve decimals."""
    widest = max(leaf.value.type.scale for leaf in definition.leaves)
    terms = [
        (from_expression(link, leaf.value), leaf.weight, 10 ** (widest - leaf.value.type.scale))
        for leaf in definition.leaves
    ]
    up = 10**DIVISION_DECIMALS
    down = 10**widest

    def run(row: Row) -> Any:
        total = present = 0
        for value, weight, shift in terms:
            amount = value(row)
            if amount is not None:
                total += amount * weight * shift
                present += weight
        return divide_half_away(total * up, present * down) if present else definition.if_missing

    return run


def band(link: Link, definition: Score) -> Run:
    """The first band, from the top, whose threshold the score reaches."""
    place = slot(link, definition.entity, definition.name, 0)
    scale = definition.type.scale
    up = max(
        [scale, *(found.threshold.type.scale for found in definition.bands if found.threshold is not None)]
    )
    bands = [
        (found.name, None if found.threshold is None else at_scale(link, found.threshold, up))
        for found in definition.bands
    ]
    factor = 10 ** (up - scale)

    def run(row: Row) -> Any:
        amount = place(row)
        if amount is None:
            return None
        amount *= factor
        return next((name for name, limit in bands if limit is None or amount >= limit(row)), None)

    return run


def flag(link: Link, definition: Flag) -> Run:
    condition, fallback = from_expression(link, definition.condition), definition.if_missing
    if fallback is None:
        return condition
    return lambda row: fallback if (verdict := condition(row)) is None else verdict


def flag_block(link: Link, definition: FlagBlock) -> Run:
    """The names of the flags that hold, in the order of definition."""
    flags = [(name, slot(link, definition.entity, name, 0)) for name in definition.flags]
    return lambda row: tuple(name for name, holds in flags if holds(row))


# ---- Cases ---------------------------------------------------------------------------------------


def within(link: Link, where: e.Expression | None, inner: Run) -> Run:
    """Outside its `where` a definition has no value."""
    if where is None:
        return inner
    test = from_expression(link, where)
    if link.partial:
        return partial.within(test, inner)
    return lambda row: inner(row) if test(row) else None


def verdict_of(link: Link, case: Case) -> Run:
    assert case.condition is not None
    condition, fallback = from_expression(link, case.condition), case.if_missing
    if fallback is None:
        return condition
    return lambda row: fallback if (verdict := condition(row)) is None else verdict


def tests_of(link: Link, cases: Sequence[Case]) -> tuple[list[tuple[str, Run]], tuple[str, ...]]:
    """The cases that have a condition, and the one that takes what is left."""
    tests = [(case.name, verdict_of(link, case)) for case in cases if case.condition is not None]
    return tests, tuple(case.name for case in cases if case.condition is None)


def first_case(link: Link, cases: Sequence[Case]) -> Decide:
    """The first case that holds; one that stays unknown, which the checker has ruled out, would end the search."""
    tests, last = tests_of(link, cases)
    if link.partial:
        return first_given(tests, last)

    def run(row: Row) -> tuple[str, ...]:
        for name, test in tests:
            verdict = test(row)
            if verdict:
                return (name,)
            if verdict is None:
                return ()
        return last

    return run


def first_given(tests: Sequence[tuple[str, Run]], last: tuple[str, ...]) -> Decide:
    """The same where some facts are not given."""
    return partial.first_of([(test, constantly((name,)), False) for name, test in tests], constantly(last))


def holding_cases(link: Link, cases: Sequence[Case]) -> Decide:
    """All cases that hold; `otherwise` if none does."""
    tests, last = tests_of(link, cases)
    if link.partial:
        return partial.any_of(tests, last)
    return lambda row: tuple([name for name, test in tests if test(row)]) or last


def decided(
    link: Link, definition: Segment | Table | Lifecycle, where: e.Expression | None, decide: Decide
) -> Run:
    """The one case that holds; none or several is a trouble of that record, whose value stays empty."""
    troubles = link.troubles

    def run(row: Row) -> Any:
        cases = decide(row)
        if len(cases) == 1:
            return cases[0]
        different = tuple(dict.fromkeys(cases))
        if len(different) == 1:
            return different[0]
        troubles.append(("several-cases" if different else "no-case", definition, row, different))
        return None

    return within(link, where, run)


def table(link: Link, definition: Table) -> Run:
    """The case of the one row, or of the first, whose cells all hold."""
    rows = [
        (row.case, all_of(link, [test for test in row.conditions if test is not None]))
        for row in definition.rows
    ]
    return decided(link, definition, definition.where, row_of(link, definition, rows))


def row_of(link: Link, definition: Table, rows: Sequence[tuple[str, Run]]) -> Decide:
    if link.partial:
        return first_given(rows, ()) if definition.first_match else partial.any_of(rows, ())
    if definition.first_match:
        return lambda row: next(((case,) for case, test in rows if test(row)), ())
    return lambda row: tuple([case for case, test in rows if test(row)])


def all_of(link: Link, cells: Sequence[e.Expression]) -> Run:
    """Whether every cell of a row holds; a row of `-` alone holds of anybody."""
    tests = [from_expression(link, cell) for cell in cells]
    if link.partial:
        return partial.joined(tests, False)
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def rank(link: Link, definition: Rank) -> Run:
    """The first class whose cut the value reaches; an empty class has no cut."""
    value, cuts = from_expression(link, definition.by), statistic(link, definition.cuts)
    names = [found.name for found in definition.classes]

    def run(row: Row) -> Any:
        amount = value(row)
        if amount is None:
            return None
        for name, cut in zip(names, cuts(row), strict=False):
            if cut is not None and amount >= cut:
                return name
        return names[-1]

    return run
