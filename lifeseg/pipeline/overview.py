"""The results of a run come in; what its summary and its findings tell of them goes out, whatever evaluated them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, Lifecycle, Model, Rank, Segment, Table
from lifeseg.model.personal import shown_key

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline, Finding, Results

MOST_NAMED = 5
"""Records that a finding about results names; the others are counted."""
MOST_RESULTS = 12
"""Results of a table that a summary counts: of more a reader would not see the wood for the trees."""
NEAR = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong with how many records: the first of them by key, and the cases that several hold of."""

    kind: str
    name: str
    entity: str
    count: int
    keys: tuple[tuple[str, ...], ...]
    cases: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Overview:
    """Records by entity, cases by entity and definition, and how many of the first entity are near a threshold."""

    model: Model
    as_of: date
    baseline: Baseline
    rows: dict[str, int]
    cases: dict[tuple[str, str], tuple[int, ...]]
    near: int
    wrong: tuple[Wrong, ...] = field(default=())


def counted_definitions(model: Model, only: Sequence[str] | None) -> list[AnyDefinition]:
    """The decisions about entities without a parent, in the order of the text: what a summary counts."""
    from lifeseg.pipeline.kept import in_order_of_text

    return [
        definition
        for entity in model.entities.values()
        if entity.parent is None
        for definition in in_order_of_text(model, entity.name)
        if (
            isinstance(definition, Lifecycle | Segment | Rank)
            or (isinstance(definition, Table) and len(definition.type.options) <= MOST_RESULTS)
        )
        and definition.made != "step"
        and (only is None or definition.name in only)
    ]


def first_entity(model: Model) -> str | None:
    """The entity whose records a summary counts as near a threshold."""
    return next((entity.name for entity in model.entities.values() if entity.parent is None), None)


def of_results(results: Results, only: Sequence[str] | None) -> Overview:
    """The overview of what the interpreter gave."""
    from lifeseg.pipeline.listing import near_threshold

    cases: dict[tuple[str, str], tuple[int, ...]] = {}
    for definition in counted_definitions(results.model, only):
        counts = Counter(results.column(definition.entity, definition.name))
        cases[definition.entity, definition.name] = tuple(
            counts[option] for option in definition.type.options
        )
    entity = first_entity(results.model)
    near = len(near_threshold(results, entity, NEAR)) if entity is not None and only is None else 0
    rows = {name: len(found) for name, found in results.rows.items()}
    return Overview(
        results.model, results.as_of, results.baseline, rows, cases, near, tuple(wrong_of(results))
    )


# ---- What is wrong -----------------------------------------------------------------------------


def wrong_of(results: Results) -> list[Wrong]:
    """What went wrong for whom, together for each definition or claim."""
    by_place: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in results.findings:
        by_place.setdefault((finding.kind, finding.definition, finding.entity), []).append(finding)
    return [together(results, found) for found in by_place.values()]


def together(results: Results, found: Sequence[Finding]) -> Wrong:
    first = found[0]
    named = sorted(found, key=lambda finding: sort_key(results, first.entity, finding.index))[:MOST_NAMED]
    rows = results.rows[first.entity]
    keys = tuple(results.key(first.entity, rows[finding.index]) for finding in named)
    cases = cases_in_order(
        results.model, first.definition, first.entity, [finding.cases for finding in named]
    )
    return Wrong(first.kind, first.definition, first.entity, len(found), keys, cases, first.span)


def cases_in_order(model: Model, name: str, entity: str, found: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """All cases among those found, in the order of the definition."""
    options = next((d.type.options for d in model.of(entity) if d.name == name), ())
    named = dict.fromkeys(case for cases in found for case in cases)
    return (*(case for case in options if case in named), *(case for case in named if case not in options))


def sort_key(results: Results, entity: str, index: int) -> tuple[Any, ...]:
    """The key by its values, as engines order records."""
    model, row = results.model, results.rows[entity][index]
    parts: list[tuple[Any, ...]] = []
    name: str | None = entity
    while name is not None:
        keys = model.entities[name].keys
        own = tuple(row[results.slots[name][fact.name]] for fact in keys)
        if not keys:
            own = (next(place for place, other in enumerate(row[0][1][name]) if other is row),)
        parts.insert(0, own)
        row, name = row[0], model.entities[name].parent
    return tuple(value for part in parts for value in part)


def findings(model: Model, wrong: Sequence[Wrong]) -> list[Diagnostic]:
    """One finding for each definition or claim that went wrong, naming the first records (but no personal keys) and
    counting the others.
    """
    return [one_finding(model, found) for found in wrong]


def one_finding(model: Model, found: Wrong) -> Diagnostic:
    named = ["/".join(shown_key(model, found.entity, key)) for key in found.keys]
    key = f"result-{found.kind}" if found.kind in ("no-case", "several-cases") else f"{found.kind}-broken"
    return problem(
        key,
        found.span,
        name=found.name,
        entity=found.entity,
        records=Several(named, found.count),
        count=f"{found.count:,}",
        cases=", ".join(found.cases) or None,
    )
