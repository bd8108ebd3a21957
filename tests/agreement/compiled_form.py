"""A pair comes in; its outcome by the compiled per-record form goes out, one record with its children at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from lifeseg.engines.compiled import compiled, layout_of
from lifeseg.engines.python_reading import Reading
from lifeseg.engines.python_scope import Layout
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.pipeline.compiling import reading_of
from lifeseg.plan import tree as p
from lifeseg.plan.from_model import from_model
from lifeseg.records.population import Population
from tests.agreement.as_mapping import as_mapping, in_json
from tests.agreement.outcome import Key, Outcome, existing, keys_by_entity
from tests.agreement.pairs import Pair

Places = dict[str, dict[int, list[int]]]


@dataclass
class Records:
    """The records of a pair: which are whose children, which exist, and the key of each."""

    pair: Pair
    population: Population
    children: Places
    keys: dict[str, list[Key]]
    outcome: Outcome = field(default_factory=Outcome)

    def gather(self, layout: Layout, place: int, given: Sequence[Any]) -> None:
        """Puts what the function gives of a record and its children into the outcome."""
        key = self.keys[layout.entity][place]
        rest = iter(given)
        for result in layout.results:
            self.outcome.columns[layout.entity, result.name][key] = next(rest)
        for looked_at in (*layout.troubles, *layout.claims):
            if wrong(looked_at, next(rest)):
                count(self.outcome, layout.entity, looked_at)
        for child, rows in zip(layout.children, rest, strict=True):
            for one, row in zip(self.children[child.entity][place], rows, strict=True):
                self.gather(child, one, row)


def count(outcome: Outcome, entity: str, looked_at: p.Trouble | p.Broken) -> None:
    if isinstance(looked_at, p.Trouble):
        outcome.findings[entity, "cases", looked_at.definition] += 1
    else:
        outcome.findings[entity, looked_at.kind, looked_at.title] += 1


def wrong(looked_at: p.Trouble | p.Broken, value: Any) -> bool:
    if isinstance(looked_at, p.Broken):
        return value is looked_at.wrong
    return value is not None and (value > 1 or (value == 0 and not looked_at.otherwise))


class CompiledForm:
    """With the statistics of a whole run by the interpreter, as a service has them."""

    def outcome(self, pair: Pair) -> Outcome:
        statistics = evaluate(pair.model, pair.population, pair.as_of).baseline.statistics
        plan = from_model(pair.model, pair.as_of, known=statistics)
        outputs = {step.entity: step for step in plan.steps if isinstance(step, p.Output)}
        readings = {one.name: lenient(reading_of(pair.model, one)) for one in pair.model.entities.values()}
        population = existing(pair)
        records = Records(pair, population, children_of(population), keys_by_entity(pair))
        records.outcome.statistics = dict(statistics)
        for entity in pair.model.entities.values():
            if entity.parent is None:
                functions = compiled(plan, entity.name, statistics, readings, shown=False)
                layout = layout_of(plan, outputs, entity.name)
                prepare(records.outcome, layout)
                for place in range(len(population.rows[entity.name].values)):
                    record = as_mapping(pair.model, population, entity, place)
                    given = functions.patiently(record)
                    with suppress(KeyError):  # a decimal is nothing that it can look up
                        assert functions.quickly(record) == given
                    plain = as_mapping(pair.model, population, entity, place, in_json)
                    assert functions.patiently(plain) == given
                    assert functions.quickly(plain) == given
                    records.gather(layout, place, given)
        return records.outcome


def lenient(reading: Reading) -> Reading:
    """Numbers are read as ever; generated texts stay as they are, also those that no cell could hold."""
    facts = [
        fact if fact.scale is not None else replace(fact, read=lambda value: value) for fact in reading.facts
    ]
    return replace(reading, facts=tuple(facts))


def prepare(outcome: Outcome, layout: Layout) -> None:
    """A column for each result, also of entities without records."""
    for result in layout.results:
        outcome.columns[layout.entity, result.name] = {}
    for child in layout.children:
        prepare(outcome, child)


def children_of(population: Population) -> Places:
    found: Places = {}
    for name, rows in population.rows.items():
        found[name] = defaultdict(list)
        for place, parent in enumerate(rows.parents):
            found[name][parent].append(place)
    return found
