"""A plan and a DuckDB database with typed records come in; results as tables, statistics and findings go out.

Reads no files: `records` names a table or view per entity with key columns `_k1` … and facts as whole numbers, texts,
truths and dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlglot import exp

from lifeseg.engines.writer import Formulas, Queries, ScalarValue, cast, column, number
from lifeseg.plan import tree as p
from lifeseg.plan.statistics import RANKED, StatisticValue, Sums, statistic


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
        return exp.to_table(exp.to_identifier(self.records[entity], quoted=True).sql(dialect=self.dialect))

    def equal(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        return exp.EQ(this=left, expression=right)


@dataclass(slots=True)
class Evaluated:
    """What a run leaves: a table of results per entity, the statistics by key, and the plan's scalars."""

    results: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, StatisticValue] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


def run(
    plan: p.Plan, database: duckdb.DuckDBPyConnection, records: Mapping[str, str], known: Mapping[str, StatisticValue]
) -> Evaluated:
    """Executes the plan; `known` are statistics of a baseline."""
    return Run(plan, database, DuckDB(records)).execute(known)


class Run:
    """One execution of a plan in one database."""

    def __init__(self, plan: p.Plan, database: duckdb.DuckDBPyConnection, operations: DuckDB) -> None:
        self.plan, self.database, self.operations = plan, database, operations
        self.scalars: dict[str, ScalarValue] = {}
        self.formulas = Formulas(operations, self.scalars)
        self.saved: dict[str, exp.Expression] = {}
        self.evaluated = Evaluated()

    def execute(self, known: Mapping[str, StatisticValue]) -> Evaluated:
        for key, value in known.items():
            self.keep(self.plan.scalars.get(key, ""), key, value)
        for step in self.plan.steps:
            match step:
                case p.Measure():
                    self.measure(step)
                case p.Save():
                    self.save(step)
                case p.Output():
                    self.output(step)
        return self.evaluated

    def keep(self, name: str, key: str, value: StatisticValue) -> None:
        """Statistics are scalars to later formulas; cuts one scalar each."""
        self.evaluated.statistics[key] = value
        if isinstance(value, tuple):
            for place, cut in enumerate(value):
                self.scalars[f"{name}_{place}"] = cut
        else:
            self.scalars[name] = value

    def text(self, query: exp.Expression) -> str:
        return query.sql(dialect=self.operations.dialect)

    def do(self, statement: str) -> duckdb.DuckDBPyConnection:
        self.evaluated.statements.append(statement)
        return self.database.execute(statement)

    def queries(self) -> Queries:
        return Queries(self.operations, self.formulas, self.saved)

    def save(self, step: p.Save) -> None:
        query = self.queries().select(step.relation, [*map(column, step.columns)])
        target = exp.to_identifier(f"_saved_{step.name}", quoted=True)
        self.do(f"CREATE OR REPLACE TEMP TABLE {self.text(target)} AS {self.text(query)}")
        self.saved[step.name] = exp.to_table(self.text(target))

    def measure(self, step: p.Measure) -> None:
        """All sums of the relation in one query; values at ranks in one query for each statistic that asks for them."""
        columns: list[exp.Expression] = []
        for request in step.requests:
            columns += self.sums_of(request)
        query = self.queries().select(step.relation, columns)
        found = self.do(self.text(query)).fetchone()
        assert found is not None
        for place, request in enumerate(step.requests):
            count, total, least, greatest, squares, rows = found[place * 6 : place * 6 + 6]
            sums = Sums(count, total, least, greatest, squares, rows)

            def values_at(asked: p.Request, places: Sequence[int]) -> dict[int, int]:
                return self.values_at(step.relation, asked, places)

            self.keep(request.name, request.key, statistic(request, sums, values_at))

    def sums_of(self, request: p.Request) -> list[exp.Expression]:
        """count, sum, min, max, squares of the value and the count of rows, each only where the function needs it."""
        admitted = self.formulas.sql(request.where) if request.where is not None else None
        rows: exp.Expression = exp.Count(this=exp.Star())
        if admitted is not None:
            rows = exp.Count(this=exp.Case(ifs=[exp.If(this=admitted.copy(), true=number(1))]))
        if request.value is None:
            return [exp.Null()] * 5 + [rows]
        value = self.formulas.sql(request.value)
        if request.function == "share":
            value = exp.Case(ifs=[exp.If(this=value, true=number(1))])
        if admitted is not None:
            value = exp.Case(ifs=[exp.If(this=admitted.copy(), true=value)])
        function = request.function
        wide = cast(value.copy(), self.operations.wide, self.operations.dialect)
        return [
            exp.Count(this=value.copy()),
            exp.Sum(this=value.copy()) if function in ("sum", "mean", "deviation") else exp.Null(),
            exp.Min(this=value.copy()) if function == "min" else exp.Null(),
            exp.Max(this=value.copy()) if function == "max" else exp.Null(),
            exp.Sum(this=exp.Mul(this=wide, expression=wide.copy())) if function == "deviation" else exp.Null(),
            rows,
        ]

    def values_at(self, relation: p.Relation, request: p.Request, places: Sequence[int]) -> dict[int, int]:
        """The values at places of the ascending order, by one sort."""
        assert request.value is not None and request.function in RANKED
        value = exp.alias_(self.formulas.sql(request.value), "_value")
        inner = self.queries().select(relation, [value])
        if request.where is not None:
            inner = inner.where(self.formulas.sql(request.where))
        wanted = ", ".join(str(place) for place in sorted(set(places)))
        statement = (
            f"SELECT place, _value FROM (SELECT _value, row_number() OVER (ORDER BY _value) AS place "
            f"FROM ({self.text(inner)}) WHERE _value IS NOT NULL) WHERE place IN ({wanted})"
        )
        rows: list[Any] = self.do(statement).fetchall()
        return {int(place): int(found) for place, found in rows}

    def output(self, step: p.Output) -> None:
        keys = [exp.alias_(column(f"_k{place}"), name, quoted=True) for place, name in enumerate(step.keys, 1)]
        results = [column(result.name) for result in step.results]
        helpers = [column(found.column) for found in (*step.troubles, *step.claims)]
        query = self.queries().select(step.relation, [*keys, *results, *helpers])
        target = exp.to_identifier(f"_results_{step.entity}", quoted=True)
        self.do(f"CREATE OR REPLACE TEMP TABLE {self.text(target)} AS {self.text(query)}")
        self.evaluated.results[step.entity] = f"_results_{step.entity}"
