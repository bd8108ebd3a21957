"""A model, records and an as-of date come in; every definition of every record goes out. Knows nothing of files.

Definitions are evaluated one after the other over all rows, in the model's order, so that a population statistic is
computed when everything it summarises is there and nothing that reads it has been asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

from lifeseg.interpreter.baseline import LackingError, computed
from lifeseg.interpreter.from_definition import band, from_definition
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import FIRST_SLOT, Link, Run, linked
from lifeseg.interpreter.results import Baseline, BaselineValue, Finding, Results, Row
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, FlagBlock, Model, Rank, Score, Statistic
from lifeseg.model.walk import nodes
from lifeseg.records.population import Population

Progress = Callable[[str, int, int], None]
"""Called with a definition's name, how many are done and how many there are."""


def evaluate(
    model: Model,
    population: Population,
    as_of: date,
    *,
    baseline: Baseline | None = None,
    only: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Results:
    """Evaluates all definitions, or `only` those named and what they need.

    With a baseline its statistics are used and not computed from the records. Raises LackingError where a
    baseline of other records lacks one.
    """
    statistics: dict[str, BaselineValue] = dict(baseline.statistics) if baseline else {}
    link = linked(model, as_of, statistics)
    rows = rows_of(link, population)
    counts = {entity: len(found) for entity, found in rows.items()}
    link.frozen = baseline is not None and dict(baseline.counts) != counts
    wanted = definitions_for(model, only)
    for place, definition in enumerate(wanted):
        if progress:
            progress(definition.name, place, len(wanted))
        complete(link, definition, rows)
        evaluate_into(link, definition, rows[definition.entity])
    findings = troubles_of(link, rows)
    if only is None:
        findings += claims_of(link, rows)
        complete_for_tests(link, rows)
    finished = Baseline(statistics, baseline.counts if baseline else counts)
    return Results(model, as_of, finished, rows, link.slots, tuple(findings))


def rows_of(link: Link, population: Population) -> dict[str, list[Row]]:
    """The records as rows, parents and children joined; rows dated after the as-of date do not exist yet."""
    model = link.model
    rows: dict[str, list[Row]] = {}
    placed: dict[str, list[Row | None]] = {}
    children = {
        name: [other.name for other in model.entities.values() if other.parent == name]
        for name in model.entities
    }
    for name in parents_first(model):
        entity, found = model.entities[name], population.rows[name]
        width = FIRST_SLOT + len(link.slots[name])
        empty = [None] * (width - FIRST_SLOT - len(entity.facts))
        above = placed[entity.parent] if entity.parent else None
        dated = link.slots[name][entity.dated] if entity.dated else None
        rows[name], placed[name] = [], []
        for place, values in enumerate(found.values):
            parent = above[found.parents[place]] if above is not None else None
            row: Row = [parent, {child: [] for child in children[name]}, *values, *empty]
            gone = (above is not None and parent is None) or (dated is not None and row[dated] > link.as_of)
            placed[name].append(None if gone else row)
            if not gone:
                rows[name].append(row)
                if parent is not None:
                    parent[1][name].append(row)
    return rows


def parents_first(model: Model) -> list[str]:
    ordered: list[str] = []
    while len(ordered) < len(model.entities):
        for name, entity in model.entities.items():
            if name not in ordered and (entity.parent is None or entity.parent in ordered):
                ordered.append(name)
    return ordered


def evaluate_into(link: Link, definition: AnyDefinition, rows: list[Row]) -> None:
    slots = link.slots[definition.entity]
    assign(slots[definition.name], from_definition(link, definition), rows)
    if isinstance(definition, Score) and definition.bands:
        assign(slots[definition.name + "_band"], band(link, definition), rows)


def assign(place: int, run: Run, rows: list[Row]) -> None:
    for row in rows:
        row[place] = run(row)


def complete(link: Link, part: object, rows: dict[str, list[Row]]) -> None:
    """Every statistic read somewhere in a definition or claim is in the baseline afterwards."""
    for node in nodes(part):
        if isinstance(node, e.Statistic):
            add_statistic(link, node.key, rows)
        elif isinstance(node, Rank):
            add_statistic(link, node.cuts, rows)


def complete_for_tests(link: Link, rows: dict[str, list[Row]]) -> None:
    """The statistics that only the policy's tests ask for."""
    if not link.frozen:
        for found in link.model.statistics:
            add_statistic(link, found.key, rows)


def add_statistic(link: Link, key: str, rows: dict[str, list[Row]]) -> None:
    if key in link.statistics:
        return
    if link.frozen:
        raise LackingError(key)
    found = link.by_key[key]
    complete(link, found.parts, rows)
    link.statistics[key] = computed(link, found, rows[found.entity])


def definitions_for(model: Model, only: Collection[str] | None) -> list[AnyDefinition]:
    """The definitions of those names and all they need, in the model's order."""
    if only is None:
        return list(model.definitions)
    statistics = {found.key: found for found in model.statistics}
    wanted: set[tuple[str, str]] = set()
    for definition in reversed(model.definitions):
        if definition.name in only or (definition.entity, definition.name) in wanted:
            wanted.add((definition.entity, definition.name))
            wanted |= needed(definition, statistics)
    return [found for found in model.definitions if (found.entity, found.name) in wanted]


def needed(part: object, statistics: Mapping[str, Statistic]) -> set[tuple[str, str]]:
    """What a definition reads, also through statistics."""
    found: set[tuple[str, str]] = set()
    for node in nodes(part):
        if isinstance(node, e.Field):
            found.add((node.entity, node.name))
        elif isinstance(node, e.Band):
            found.add((node.entity, node.score))
        elif isinstance(node, e.Statistic):
            found |= needed(statistics[node.key].parts, statistics)
        elif isinstance(node, Rank):
            found |= needed(statistics[node.cuts].parts, statistics)
        elif isinstance(node, FlagBlock):
            found |= {(node.entity, name) for name in node.flags}
    return found


# ---- Findings ------------------------------------------------------------------------------------


def troubles_of(link: Link, rows: dict[str, list[Row]]) -> list[Finding]:
    """Records for which a unique definition found no case, or several."""
    if not link.troubles:
        return []
    places = {id(row): place for found in rows.values() for place, row in enumerate(found)}
    findings = []
    for kind, found, row, cases in link.troubles:
        findings.append(Finding(kind, found.name, found.entity, places[id(row)], cases, found.span))
    return findings


def claims_of(link: Link, rows: dict[str, list[Row]]) -> list[Finding]:
    """Records of which a `never` holds, or an `assume` is false."""
    findings = []
    for claim in link.model.claims:
        complete(link, claim.condition, rows)
        test, wrong = from_expression(link, claim.condition), claim.kind == "never"
        for place, row in enumerate(rows[claim.entity]):
            if test(row) is wrong:
                findings.append(Finding(claim.kind, claim.title, claim.entity, place, (), claim.span))
    return findings
