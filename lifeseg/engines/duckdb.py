"""A plan and a DuckDB database with typed records come in; results as tables, statistics and findings go out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.engines.dates import months_from_parts
from lifeseg.engines.running import Evaluated, Run
from lifeseg.engines.writer import cast, column, enumeration, number
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p
from lifeseg.plan.statistics import StatisticValue
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.files import PARQUET, table_of_results

FULL = ("No space left", "File too large", "quota exceeded")  # what systems say of a disk or an allowance
EXACT_DIGITS = (
    15  # of a whole number that is still itself after a division and a multiplication in floating point
)
MOST_NAMES = 5
"""Of so many flags every list that they can make is written out."""


@dataclass(frozen=True, slots=True)
class DuckDB:
    """DuckDB's operations."""

    records: Mapping[str, str]
    as_text: bool = (
        False  # results as CSV files have them: yes and no, lists as JSON, numbers without trailing zeros
    )
    dialect: str = "duckdb"
    narrow: str = "BIGINT"
    wide: str = "HUGEINT"
    materialised: bool | None = True
    keeps_outputs: bool = False
    narrow_sums: bool = False
    alone: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    """The records without what is joined to them, and the columns that are."""

    def whole_quotient(self, left: exp.Expression, right: exp.Expression, wide: bool) -> exp.Expression:
        return exp.Paren(this=exp.IntDiv(this=left, expression=right))

    def shift(self, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        interval = exp.Anonymous(this=f"to_{unit}s", expressions=[cast(count, "INTEGER", self.dialect)])
        return cast(exp.Paren(this=exp.Add(this=day, expression=interval)), "DATE", self.dialect)

    def days_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        return exp.Paren(this=exp.Sub(this=later, expression=earlier))

    def part(self, name: str, day: exp.Expression) -> exp.Expression:
        return exp.Anonymous(this=name, expressions=[day])

    def months_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        last_day = exp.Anonymous(this="last_day", expressions=[later.copy()])
        return months_from_parts(later, earlier, self.part, last_day)

    def near_root(self, value: exp.Expression) -> exp.Expression:
        root = cast(exp.Sqrt(this=cast(value, "DOUBLE", self.dialect)), self.wide, self.dialect)
        return exp.Anonymous(this="greatest", expressions=[root, number(1)])

    def latest(
        self, value: exp.Expression, order: list[tuple[exp.Expression, p.Kind]], rows: exp.Expression | None
    ) -> exp.Expression:
        unknown = exp.Paren(this=exp.Is(this=value.copy(), expression=exp.Null()))
        place = exp.Anonymous(this="row", expressions=[*(by for by, _ in order), unknown, value.copy()])
        held = exp.Anonymous(this="row", expressions=[value])
        found: exp.Expression = exp.Anonymous(this="arg_max", expressions=[held, place])
        if rows is not None:
            found = exp.Filter(this=found, expression=exp.Where(this=rows))
        return exp.Anonymous(this="struct_extract", expressions=[found, number(1)])

    def names(self, items: list[tuple[str, exp.Expression]]) -> exp.Expression:
        """Of few names one of the lists there can be, which are constants."""
        if len(items) <= MOST_NAMES and all(isinstance(test, exp.Column) for _, test in items):
            return self.chosen_list(items, (), sorted(name for name, _ in items))
        literals = [exp.Literal.string(name) for name, _ in items]
        listed = self.listed(literals, sorted(name for name, _ in items))
        tests = [exp.Coalesce(this=test, expressions=[exp.false()]) for _, test in items]
        mask = exp.Anonymous(this="list_value", expressions=tests)
        return exp.Anonymous(this="list_where", expressions=[listed, mask])

    def listed(self, names: list[exp.Literal], options: Sequence[str]) -> exp.Expression:
        kind = exp.DataType(this=exp.DataType.Type.TEXT) if self.as_text else enumeration(options)
        several = exp.DataType(this=exp.DataType.Type.ARRAY, expressions=[kind], nested=True)
        return exp.Cast(this=exp.Anonymous(this="list_value", expressions=names), to=several)

    def chosen_list(
        self, items: list[tuple[str, exp.Expression]], so_far: tuple[str, ...], options: Sequence[str]
    ) -> exp.Expression:
        if not items:
            return self.listed([exp.Literal.string(name) for name in so_far], options)
        (name, test), *rest = items
        there, not_there = (self.chosen_list(rest, way, options) for way in ((*so_far, name), so_far))
        return exp.Case(ifs=[exp.If(this=test.copy(), true=there)], default=not_there)

    def table(self, entity: str, columns: Collection[str] | None = None) -> exp.Expression:
        name, joined = self.alone.get(entity, (self.records[entity], frozenset()))
        if columns is None or not joined.isdisjoint(columns):
            name = self.records[entity]
        return exp.Table(this=exp.to_identifier(name, quoted=True))

    def shown(self, result: p.Result) -> exp.Expression:
        """The quickest way that gives the decimal exactly: in 64 bits, else by floating point, else in 128 bits."""
        return self.written(result) if self.as_text else self.held(result)

    def written(self, result: p.Result) -> exp.Expression:
        value = column(result.column)
        if result.kind == "truth":
            cases = [exp.If(this=value, true=exp.Literal.string("yes"))]
            cases.append(exp.If(this=exp.Not(this=value.copy()), true=exp.Literal.string("no")))
            return exp.Case(ifs=cases)
        if result.kind == "list":
            joined = exp.Anonymous(this="array_to_string", expressions=[value, exp.Literal.string('", "')])
            whole = exp.DPipe(
                this=exp.DPipe(this=exp.Literal.string('["'), expression=joined),
                expression=exp.Literal.string('"]'),
            )
            empty = exp.EQ(
                this=exp.Anonymous(this="len", expressions=[value.copy()]), expression=exp.Literal.number(0)
            )
            return exp.Case(ifs=[exp.If(this=empty, true=exp.Literal.string("[]"))], default=whole)
        text: exp.Expression = cast(self.held(result), "VARCHAR", self.dialect)
        for ending in "0." if result.kind == "whole" and result.scale else "":
            text = exp.Anonymous(this="rtrim", expressions=[text, exp.Literal.string(ending)])
        return text

    def held(self, result: p.Result) -> exp.Expression:
        value: exp.Expression = column(result.column)
        if result.kind != "whole":
            return value
        digits = max(len(str(max(abs(result.low), abs(result.high)))), result.scale + 1)
        kind = f"DECIMAL({18 if digits <= 18 else 38}, {result.scale})"
        if not result.scale:
            return cast(value, kind, self.dialect)
        unit = cast(
            exp.Literal.string("0." + "0" * (result.scale - 1) + "1"),
            f"DECIMAL({result.scale}, {result.scale})",
            self.dialect,
        )
        room = 18 - result.scale  # with so few digits all is reckoned in 64 bits
        if digits <= room:
            return exp.Mul(this=cast(value, f"DECIMAL({room}, 0)", self.dialect), expression=unit)
        if digits <= EXACT_DIGITS:
            quotient = exp.Div(
                this=cast(value, "DOUBLE", self.dialect), expression=exp.Literal.number(f"1e{result.scale}")
            )
            return cast(exp.Paren(this=quotient), kind, self.dialect)
        whole = cast(value, f"DECIMAL({min(38 - result.scale, digits)}, 0)", self.dialect)
        return cast(exp.Paren(this=exp.Mul(this=whole, expression=unit)), kind, self.dialect)

    def equal(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        return exp.EQ(this=left, expression=right)

    def one_of(self, value: str, options: Sequence[str]) -> exp.Expression:
        """A member of an enumeration: a byte instead of sixteen; it counts as its text wherever it meets others."""
        return exp.Cast(this=exp.Literal.string(value), to=enumeration(options))


@dataclass(frozen=True, slots=True)
class Database:
    """A DuckDB connection as the runner sees it; results go to files, into a database that is attached, or to tables where
    no folder is given.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path | None = None
    file_format: str = "parquet"
    wanted: frozenset[str] | None = None
    """The entities whose results are wanted, and not only what is counted of them; None: all."""

    def wants(self, entity: str) -> bool:
        return self.wanted is None or entity in self.wanted

    def write(self, entity: str, table: str, query: str) -> str:
        if self.folder is None:
            return self.keep(f"results_{table}", query)
        if self.file_format == "duckdb":
            self.attempt(f"CREATE TABLE {table_of_results(table)} AS {query}")
            return table_of_results(table)
        path = self.folder / f"{entity}.{self.file_format}"
        options = PARQUET if self.file_format == "parquet" else "FORMAT csv, HEADER"
        name = exp.Literal.string(str(path)).sql(dialect="duckdb")
        self.attempt(f"COPY ({query}) TO {name} ({options})")
        return str(path)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.attempt(statement)

    def keep(self, name: str, query: str) -> str:
        table = exp.to_identifier(f"_{name}", quoted=True).sql(dialect="duckdb")
        self.attempt(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
        return f"_{name}"

    def attempt(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(statement).fetchall()
        except duckdb.Error as error:
            raise UnusableEngineError(failure(error)) from error


def failure(error: duckdb.Error) -> Diagnostic:
    """What DuckDB says, as a finding."""
    said = str(error).partition("\n")[0].strip()
    if "exception_message" in said:
        said = said.partition('"exception_message":"')[2].partition('","')[0].replace('\\"', '"')
    key = "engine-failed.disk-full" if any(word in said for word in FULL) else "engine-failed"
    if isinstance(error, duckdb.OutOfMemoryException):
        key = "engine-failed.memory"
    if key != "engine-failed":
        said = said.partition(" Error: ")[2] or said
    return problem(key, None, engine="DuckDB", reason=said)


def run(
    plan: p.Plan, connection: duckdb.DuckDBPyConnection, records: Mapping[str, str], known: Mapping[str, StatisticValue],
    folder: Path | None = None,
) -> Evaluated:  # fmt: skip
    """Executes the plan. `records` names a table or view per entity: its key columns `_k1` … and its facts, numbers as
    whole numbers at their scale. `known` are statistics of a baseline.
    """
    return Run(plan, Database(connection, folder), DuckDB(records)).execute(known)
