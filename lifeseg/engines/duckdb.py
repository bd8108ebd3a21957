"""A plan and a DuckDB database with typed records come in; results as tables, statistics and findings go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlglot import exp

from lifeseg.engines.running import Evaluated, Run
from lifeseg.engines.writer import cast
from lifeseg.plan import tree as p
from lifeseg.plan.statistics import StatisticValue


@dataclass(frozen=True, slots=True)
class DuckDB:
    """DuckDB's operations."""

    records: Mapping[str, str]
    dialect: str = "duckdb"
    narrow: str = "BIGINT"
    wide: str = "HUGEINT"
    materialised: bool | None = True

    def whole_quotient(self, left: exp.Expression, right: exp.Expression, wide: bool) -> exp.Expression:
        return exp.Paren(this=exp.IntDiv(this=left, expression=right))

    def shift(self, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        interval = exp.Anonymous(this=f"to_{unit}s", expressions=[cast(count, "INTEGER", self.dialect)])
        return cast(exp.Paren(this=exp.Add(this=day, expression=interval)), "DATE", self.dialect)

    def days_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        return exp.Paren(this=exp.Sub(this=later, expression=earlier))

    def names(self, items: list[tuple[str, exp.Expression]]) -> exp.Expression:
        cases = [exp.Case(ifs=[exp.If(this=test, true=exp.Literal.string(name))]) for name, test in items]
        listed = exp.Anonymous(this="list_value", expressions=list(cases))
        return exp.Anonymous(
            this="list_filter",
            expressions=[listed, exp.Lambda(this=exp.Not(this=exp.Is(this=exp.column("x"), expression=exp.Null())),
                                            expressions=[exp.to_identifier("x")])],
        )  # fmt: skip

    def table(self, entity: str) -> exp.Expression:
        return exp.Table(this=exp.to_identifier(self.records[entity], quoted=True))

    def equal(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        return exp.EQ(this=left, expression=right)


@dataclass(frozen=True, slots=True)
class Database:
    """A DuckDB connection as the runner sees it."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement).fetchall()

    def keep(self, name: str, query: str) -> str:
        table = exp.to_identifier(f"_{name}", quoted=True).sql(dialect="duckdb")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
        return f"_{name}"


def run(
    plan: p.Plan, connection: duckdb.DuckDBPyConnection, records: Mapping[str, str], known: Mapping[str, StatisticValue]
) -> Evaluated:
    """Executes the plan. `records` names a table or view per entity: its key columns `_k1` … and its facts, numbers as
    whole numbers at their scale. `known` are statistics of a baseline.
    """
    return Run(plan, Database(connection), DuckDB(records)).execute(known)
