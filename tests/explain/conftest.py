"""The orgcust example, evaluated once, and the traces of its customers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from lifeseg.explain.explanation import Beside, Explanation
from lifeseg.explain.from_trace import explain
from lifeseg.interpreter.results import Results
from lifeseg.interpreter.trace import Trace
from lifeseg.interpreter.tracer import Tracer
from lifeseg.pipeline.stages import check, evaluate, load
from lifeseg.records.population import Population, Rows
from lifeseg.records.source import Source

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2013, 6, 30)


@dataclass(frozen=True)
class Example:
    """The example's results, and what the tests ask of them."""

    results: Results
    population: Population
    trace_of: Callable[[str], Trace]

    @property
    def keys(self) -> list[str]:
        return [key[0] for key in self.results.keys("customer")]

    def trace(self, key: str) -> Trace:
        return self.trace_of(key)

    def changed(self, *changes: tuple[str, tuple[str, ...], str, int]) -> Trace:
        """The trace of a customer with other facts: entity, key, fact, whole number at its scale."""
        model, rows = self.results.model, dict(self.population.rows)
        for entity, key, name, value in changes:
            old = rows[entity]
            values, index = list(old.values), self.results.keys(entity).index(key)
            at = [fact.name for fact in model.entities[entity].facts].index(name)
            values[index] = (*values[index][:at], value, *values[index][at + 1 :])
            rows[entity] = Rows(entity, values, old.parents, old.lines)
        changed = evaluate(model, Population(rows, ""), AS_OF, self.results.baseline)
        customer = self.keys.index(changes[0][1][0])
        return Tracer(changed).trace("customer", customer)

    def explain(self, key: str, **asked: object) -> Explanation:
        """What `lifeseg explain` shows."""
        values = self.results.column("customer", "customer_value")
        own = values[self.keys.index(key)]
        position = 1 + sum(value > own for value in values)
        name = next(fact.value for fact in self.trace(key).record.facts if fact.name == "name")
        places = {"value_level": (position, len(values))}
        known = {word: asked.pop(word) for word in ("run", "ways", "standings", "earlier") if word in asked}
        beside = Beside(name=name, positions=places, **known)
        return explain(self.trace(key), beside, **asked)


@pytest.fixture(scope="session")
def example() -> Example:
    model = check(ROOT / "rules" / "orgcust").good()
    data = ROOT / "examples" / "orgcust"
    sources = {"customer": Source(data / "customers.csv"), "usage": Source(data / "usage.csv")}
    population, _ = load(model, sources)
    results = evaluate(model, population, AS_OF)
    tracer = Tracer(results)
    places = {key[0]: at for at, key in enumerate(results.keys("customer"))}

    @cache
    def trace_of(key: str) -> Trace:
        return tracer.trace("customer", places[key])

    return Example(results, population, trace_of)
