"""The overview of a run comes in; findings about what is empty in it go out: cases, groups and statistics of nobody.

None of this is wrong by itself, and all of it looks like a result: a mean that `if missing` stands for, a class that no
campaign will ever reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, problem
from lifeseg.functions.statistics import TIES
from lifeseg.interpreter.results import BaselineValue
from lifeseg.model import expression as e
from lifeseg.model.model import Model, Rank, Segment, Statistic
from lifeseg.model.walk import nodes
from lifeseg.pipeline.overview import MOST_NAMED, Overview, counted_definitions

MOST_GROUPS = 20
"""Of more groups some are always empty, and percentiles are not meant as groups."""


CUTS = ("tops", "bringing", "spent")
"""Their classes and places are seen among the cases."""


def findings(overview: Overview, only: Sequence[str] | None) -> list[Diagnostic]:
    """What is empty, and what is the same for everybody."""
    return [*empty_cases(overview, only), *about_statistics(overview)]


def empty_cases(overview: Overview, only: Sequence[str] | None) -> Iterator[Diagnostic]:
    """One finding for all cases of segments, ranks and clusters. Customers pass through the states of a lifecycle, and tables
    have results for combinations that are rare.
    """
    empty = [
        f"`{definition.name}.{case}`"
        for definition in counted_definitions(overview.model, only)
        if definition.made == ""
        and isinstance(definition, Segment | Rank)
        and overview.rows[definition.entity]
        for case, count in zip(
            definition.type.options, overview.cases[definition.entity, definition.name], strict=True
        )
        if not count
    ]
    if empty:
        yield problem("case-empty", None, cases=Several.first(empty, MOST_NAMED))


def about_statistics(overview: Overview) -> Iterator[Diagnostic]:
    """Statistics that definitions read, of an entity that has records."""
    values = overview.baseline.statistics
    read = read_by_definitions(overview.model)
    for found in overview.model.statistics:
        if found.key not in read or found.key not in values or not overview.rows.get(found.entity):
            continue
        value = values[found.key]
        if found.function in CUTS:
            continue
        if is_nothing(value) and found.manner not in TIES:
            yield problem("population-empty", found.span, name=found.key)
        elif found.function == "groups" and (empty := empty_groups(value)):
            listed = ", ".join(map(str, empty))
            if found.argument[0] <= MOST_GROUPS:
                yield problem("group-empty", found.span, name=found.key, groups=listed)
        elif overview.rows[found.entity] > 1 and is_same(overview, found):
            yield problem("population-same", found.span, name=found.key)


def read_by_definitions(model: Model) -> set[str]:
    """The keys of statistics that stand in definitions; a KPI without a value shows it by itself."""
    parts = (model.definitions, model.statistics)
    return {node.key for node in nodes(parts) if isinstance(node, e.Statistic)}


def is_nothing(value: BaselineValue) -> bool:
    return value is None or (isinstance(value, tuple) and all(cut is None for cut in value))


def empty_groups(cuts: BaselineValue) -> list[int]:
    """The groups above the first that nobody is in: who reaches one reaches the next as well, or nobody does."""
    assert isinstance(cuts, tuple)
    above = (*cuts[1:], None)
    return [
        group
        for group, (cut, following) in enumerate(zip(cuts, above, strict=True), start=2)
        if cut is None or cut == following
    ]


def is_same(overview: Overview, found: Statistic) -> bool:
    """Whether a deviation is 0, or the least is the greatest where both are asked for."""
    values = overview.baseline.statistics
    if found.function == "deviation":
        return values[found.key] == 0
    if found.function != "max":
        return False
    same = replace(found, function="min", key="", span=found.span)
    least = next(
        (one for one in overview.model.statistics if replace(one, key="", span=found.span) == same), None
    )
    return least is not None and values.get(least.key) == values[found.key]
