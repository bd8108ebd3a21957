"""A pair comes in; its outcome on an engine goes out. A new engine is one class here and one entry in ENGINES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

import duckdb

from lifeseg.engines import duckdb as on_duckdb
from lifeseg.engines.running import Evaluated
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.plan import tree as p
from lifeseg.plan.from_model import from_model
from lifeseg.records.to_tables import to_tables
from tests.agreement.outcome import Key, Outcome, of_results
from tests.agreement.pairs import Pair


class Engine(Protocol):
    """Raises `plan.from_expression.Gap` for what it declares not to have."""

    def outcome(self, pair: Pair) -> Outcome: ...


class Interpreter:
    """The reference meaning."""

    def outcome(self, pair: Pair) -> Outcome:
        return of_results(pair, evaluate(pair.model, pair.population, pair.as_of))


class DuckDB:
    """One database for all pairs."""

    def __init__(self, threads: int = 2) -> None:
        self.database = duckdb.connect(config={"threads": threads})

    def outcome(self, pair: Pair) -> Outcome:
        plan = from_model(pair.model, pair.as_of)
        records = to_tables(self.database, pair.model.entities, pair.population)
        evaluated = on_duckdb.run(plan, self.database, records, {})

        def rows(table: str) -> list[tuple[Any, ...]]:
            return self.database.table(table).fetchall()

        return of_tables(plan, evaluated, rows)


def of_tables(plan: p.Plan, evaluated: Evaluated, rows: Callable[[str], list[tuple[Any, ...]]]) -> Outcome:
    """The outcome of an engine that leaves tables, each with its keys first, then its results in the plan's order."""
    outcome = Outcome(statistics=dict(evaluated.statistics))
    for step in plan.steps:
        if not isinstance(step, p.Output):
            continue
        for result in step.results:
            outcome.columns[step.entity, result.name] = {}
        for row in rows(evaluated.results[step.entity]):
            key: Key = tuple(row[: len(step.keys)])
            for result, value in zip(step.results, row[len(step.keys) :], strict=True):
                outcome.columns[step.entity, result.name][key] = plain(result, value)
    for wrong in evaluated.wrong:
        kind = "cases" if isinstance(wrong.found, p.Trouble) else wrong.found.kind
        name = wrong.found.definition if isinstance(wrong.found, p.Trouble) else wrong.found.title
        outcome.findings[wrong.entity, kind, name] += wrong.count
    return outcome


def plain(result: p.Result, value: Any) -> Any:
    """A number as a whole number at its scale, a list as a tuple."""
    if isinstance(value, Decimal):
        whole = value.scaleb(result.scale)
        assert whole == int(whole), (result, value)
        return int(whole)
    return tuple(value) if isinstance(value, list) else value


ENGINES: Mapping[str, Callable[[], Engine]] = {"duckdb": DuckDB}
