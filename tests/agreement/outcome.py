"""Results of any evaluator come in; one outcome goes out in the form in which outcomes are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lifeseg.interpreter.results import BaselineValue, Results
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Model, Score
from lifeseg.records.population import Population
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
    for entity, keys in existing_keys(pair).items():
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
        names.append(definition.name)
        if isinstance(definition, Score) and definition.bands:
            names.append(definition.name + "_band")
    return names


def existing_keys(pair: Pair) -> dict[str, list[Key]]:
    """The key of each record that exists at the as-of date, by entity, in the order of the data."""
    there: dict[str, list[bool]] = {}
    keys: dict[str, list[Key]] = {}
    for entity in parents_first(pair.model.entities):
        there[entity.name] = existing(pair, entity, there.get(entity.parent or ""))
        keys[entity.name] = keys_of(entity, pair.population.rows[entity.name], keys.get(entity.parent or ""))
    return {
        name: [key for key, exists in zip(keys[name], there[name], strict=True) if exists] for name in pair.model.entities
    }


def existing(pair: Pair, entity: Entity, above: Sequence[bool] | None) -> list[bool]:
    """A record dated after the as-of date does not exist yet, nor do records beneath it."""
    rows = pair.population.rows[entity.name]
    there = [True] * len(rows.values)
    if entity.dated is not None:
        place = [fact.name for fact in entity.facts].index(entity.dated)
        there = [values[place] <= pair.as_of for values in rows.values]  # type: ignore[operator]
    if above is not None:
        there = [exists and above[parent] for exists, parent in zip(there, rows.parents, strict=True)]
    return there


def shuffled(population: Population, order: Mapping[str, Sequence[int]]) -> Population:
    """The same records in another order: `order` has the places of the old rows."""
    from lifeseg.records.population import Rows

    places = {name: {old: new for new, old in enumerate(found)} for name, found in order.items()}
    rows = {}
    for name, found in population.rows.items():
        moved = Rows(name, [found.values[old] for old in order[name]])
        moved.lines = [found.lines[old] for old in order[name]]
        rows[name] = moved
    return Population(rows, population.fingerprint), places  # type: ignore[return-value]
