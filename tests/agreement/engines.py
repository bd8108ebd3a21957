"""A pair comes in; its outcome on an engine goes out. A new engine is one class here and one entry in ENGINES, or in
SERVERS if something has to be started for it.

Rows go into a database in another order than the interpreter has them, so that no outcome can depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol
from zlib import crc32

import duckdb

from lifeseg.engines import duckdb as on_duckdb
from lifeseg.engines.running import Evaluated, Run
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.plan import tree as p
from lifeseg.plan.from_model import from_model
from lifeseg.records.to_tables import quoted, to_tables
from tests.agreement.columns_form import ColumnsForm
from tests.agreement.compiled_form import CompiledForm
from tests.agreement.outcome import Key, Outcome, existing, of_results
from tests.agreement.pairs import Pair


class Engine(Protocol):
    """Raises `plan.from_expression.Gap` for what it declares not to have."""

    def outcome(self, pair: Pair) -> Outcome: ...


class Interpreter:
    """The reference meaning."""

    def outcome(self, pair: Pair) -> Outcome:
        return of_results(pair, evaluate(pair.model, pair.population, pair.as_of))


class DuckDB:
    """One database for all pairs; of about every tenth each question is computed anew, the others keep what they put out."""

    def __init__(self, threads: int = 2) -> None:
        self.database = duckdb.connect(config={"threads": threads})

    def outcome(self, pair: Pair) -> Outcome:
        number = crc32(pair.name.encode())
        plan = from_model(pair.model, pair.as_of)
        records = to_tables(self.database, pair.model.entities, existing(pair))
        for table in records.values():
            self.shuffle(table, number)
        operations = on_duckdb.DuckDB(records, keeps_outputs=number % 10 != 0)
        evaluated = Run(plan, on_duckdb.Database(self.database), operations).execute({})
        return of_tables(plan, evaluated, lambda table: self.database.table(quoted(table)).fetchall())

    def shuffle(self, table: str, number: int) -> None:
        rows = f"SELECT * FROM {quoted(table)} ORDER BY hash(rowid + {number})"
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS {rows}")


def of_tables(plan: p.Plan, evaluated: Evaluated, rows: Callable[[str], list[tuple[Any, ...]]]) -> Outcome:
    """The outcome of an engine that leaves tables, each with its keys first, then its results in the plan's order."""
    outcome = Outcome(statistics=dict(evaluated.statistics))
    for step in plan.steps:
        if not isinstance(step, p.Output):
            continue
        columns: list[dict[Key, Any]] = [{} for _ in step.results]
        for row in rows(evaluated.results[step.entity]):
            key: Key = tuple(row[: len(step.keys)])
            for column, result, value in zip(columns, step.results, row[len(step.keys) :], strict=True):
                column[key] = plain(result, value)
        for column, result in zip(columns, step.results, strict=True):
            outcome.columns[step.entity, result.name] = column
    for wrong in evaluated.wrong:
        if isinstance(wrong.found, p.Trouble):
            outcome.findings[wrong.entity, "cases", wrong.found.definition] += wrong.count
        else:
            outcome.findings[wrong.entity, wrong.found.kind, wrong.found.title] += wrong.count
    return outcome


def plain(result: p.Result, value: Any) -> Any:
    """A number as a whole number at its scale, a list as a tuple."""
    if isinstance(value, Decimal):
        whole = value.scaleb(result.scale)
        assert whole == int(whole), (result, value)
        return int(whole)
    return tuple(value) if isinstance(value, list) else value


ENGINES: Mapping[str, Callable[[], Engine]] = {
    "duckdb": DuckDB,
    "compiled": CompiledForm,
    "columns": ColumnsForm,
}
SERVERS = ("postgres", "spark")
"""Those in tests/agreement/servers.py, which need something that is running."""
