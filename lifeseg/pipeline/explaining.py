"""Opened results and a record come in; its explanation and the trace behind it go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.model.expression import Field
from lifeseg.model.model import Rank
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.freshness import Flags, marked
from lifeseg.pipeline.opened import Opened

if TYPE_CHECKING:
    from lifeseg.explain.explanation import Beside, Earlier, Explanation, Way
    from lifeseg.interpreter.results import Results
    from lifeseg.interpreter.trace import DefinitionTrace, Trace

NAME = "name"


def explained(
    opened: Opened,
    entity: str,
    index: int,
    *,
    language: str = "en",
    detail: int = 2,
    why_not: str | None = None,
    show_personal: bool = False,
    titled: bool = False,
    stale: Flags | None = None,
    earlier: Earlier | None = None,
) -> tuple[Explanation, Trace]:
    """Why a record is where it is; flags that are `stale` are marked, and what it was `earlier` is told."""
    from lifeseg.explain.from_trace import explain
    from lifeseg.interpreter.tracer import trace

    traced = marked(handed(trace(opened.results, entity, index), opened, entity, index), stale or {})
    with known_cases():
        ways = nearest_ways(opened.results, entity, index, traced, detail, why_not)
        explanation = explain(
            traced,
            replace(beside_of(opened, entity, index), ways=ways, earlier=earlier),
            language=language,
            detail=detail,
            why_not=why_not,
            show_personal=show_personal,
            titled=titled,
        )
    return explanation, traced


def beside_of(opened: Opened, entity: str, index: int) -> Beside:
    """What people call the record, by which run it was found, and how it stands among all."""
    from lifeseg.explain.explanation import Beside
    from lifeseg.pipeline.standings import standings

    results, looked_up = opened.results, opened.positions is not None
    return Beside(
        name=name_of(results, entity, index),
        run=str(opened.run) if opened.run is not None else None,
        positions=opened.positions or {} if looked_up else positions(results, entity, index),
        standings=opened.standings if looked_up else tuple(standings(results, entity, index)),
    )


@contextmanager
def known_cases() -> Iterator[None]:
    """A case that there is not is said as a finding."""
    from lifeseg.explain.why_not import UnknownCase

    try:
        yield
    except UnknownCase as error:
        names = ", ".join(error.suggestions)
        found = problem("ambiguous-case", None, name=error.case, names=names)
        if not error.ambiguous:
            suggestion = error.suggestions[0] if error.suggestions else None
            found = problem("no-such-name.case", None, name=error.case, suggestion=suggestion)
        raise ConfigurationError([found]) from error


def nearest_ways(
    results: Results, entity: str, index: int, traced: Trace, detail: int, why_not: str | None
) -> list[Way]:
    """The changes of one fact that alter the main decision, all decisions, or lead to the case asked about."""
    if detail < 2:
        return []
    from lifeseg.explain.decisions import decided, decisions, headline
    from lifeseg.explain.offers import is_offers
    from lifeseg.explain.scope import scope_of
    from lifeseg.explain.why_not import find_case
    from lifeseg.pipeline.single_changes import ground_for, single_changes

    scope = scope_of(traced)
    everything = [one for one in decisions(scope) if decided(one)]

    def found(chosen: Sequence[DefinitionTrace], to: str | None = None) -> list[Way]:
        names = [one.name for one in chosen if not is_offers(one)]
        return single_changes(results, entity, index, names, ground_for(traced.record, names), to)

    if why_not is not None:
        asked, case = find_case(scope, why_not)
        return found([asked], case)
    main = found(headline(scope)[::-1]) if detail == 2 else []
    return main or found(everything)


def handed(traced: Trace, opened: Opened, entity: str, index: int) -> Trace:
    """The trace with what is set by hand."""
    if not opened.hand:
        return traced
    from lifeseg.pipeline.overrides import with_hands

    return with_hands(traced, opened, entity, index)


def name_of(results: Results, entity: str, index: int) -> str | None:
    """What people call the record: its fact `name`, if it has one."""
    if NAME not in {fact.name for fact in results.model.entities[entity].facts}:
        return None
    value = results.value(entity, index, NAME)
    return value if isinstance(value, str) else None


def positions(results: Results, entity: str, index: int) -> dict[str, tuple[int, int]]:
    """Of each rank, the record's place by the ranked value and how many are ranked; equal values share a
    place.
    """
    found: dict[str, tuple[int, int]] = {}
    for rank in results.model.of(entity):
        if not isinstance(rank, Rank) or not isinstance(rank.by, Field) or rank.by.up:
            continue
        own = results.value(entity, index, rank.by.name)
        if results.value(entity, index, rank.name) is None or not isinstance(own, int):
            continue
        pairs = zip(results.column(entity, rank.by.name), results.column(entity, rank.name), strict=True)
        values = [value for value, level in pairs if level is not None and isinstance(value, int)]
        found[rank.name] = (1 + sum(value > own for value in values), len(values))
    return found
