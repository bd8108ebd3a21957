"""Results of any evaluator come in; one outcome goes out in the form in which outcomes are compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lifeseg.interpreter.results import BaselineValue, Results
from lifeseg.model.expression import Value
from lifeseg.model.model import Model, Score
from lifeseg.plan.from_model import stands_aside
from lifeseg.records.population import Population
from lifeseg.records.to_database import on_the_day
from lifeseg.records.to_tables import keys_of, parents_first
from tests.agreement.pairs import Pair

Key = tuple[Value, ...]
Column = tuple[str, str]  # entity, result


@dataclass
class Outcome:
    """`columns` by entity and result, each value by its record's key; statistics by key; findings counted.

    A finding is told by entity, kind (`cases` for no case or several), and the definition's name or the claim's title.
    """

    columns: dict[Column, dict[Key, Value]] = field(default_factory=dict)
    statistics: dict[str, BaselineValue] = field(default_factory=dict)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def of_results(pair: Pair, results: Results) -> Outcome:
    """The outcome of the interpreter."""
    outcome = Outcome(statistics=dict(results.baseline.statistics))
    for entity, keys in keys_by_entity(pair).items():
        for name in result_names(pair.model, entity):
            values = results.column(entity, name)
            outcome.columns[entity, name] = dict(zip(keys, values, strict=True))
    for finding in results.findings:
        kind = "cases" if finding.kind in ("no-case", "several-cases") else finding.kind
        outcome.findings[finding.entity, kind, finding.definition] += 1
    return outcome


def result_names(model: Model, entity: str) -> list[str]:
    """The definitions of an entity, the bands of a score after it."""
    names = []
    for definition in model.of(entity):
        if stands_aside(definition):
            continue
        names.append(definition.name)
        if isinstance(definition, Score) and definition.bands:
            names.append(definition.name + "_band")
    return names


def keys_by_entity(pair: Pair) -> dict[str, list[Key]]:
    """The key of each record that exists at the as-of date, by entity, in the order of the data."""
    there = existing(pair)
    keys: dict[str, list[Key]] = {}
    for entity in parents_first(pair.model.entities):
        keys[entity.name] = keys_of(entity, there.rows[entity.name], keys.get(entity.parent or ""))
    return keys


def existing(pair: Pair) -> Population:
    """The records that exist at the as-of date."""
    return on_the_day(pair.model.entities, pair.population, pair.as_of)
