"""A plan and a PostgreSQL connection whose tables hold typed records come in; results as tables go out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlglot import exp

from lifeseg.engines.dates import months_from_parts
from lifeseg.engines.running import Evaluated, Run, Written
from lifeseg.engines.writer import cast, column, number
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p
from lifeseg.plan.statistics import StatisticValue

if TYPE_CHECKING:
    import psycopg

MOST_BYTES = 63
"""Of a name; PostgreSQL cuts the rest off."""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """PostgreSQL's operations."""

    records: Mapping[str, str]
    dialect: str = "postgres"
    narrow: str = "BIGINT"
    wide: str = "NUMERIC"
    materialised: bool | None = True
    keeps_outputs: bool = True
    narrow_sums: bool = False

    def whole_quotient(self, left: exp.Expression, right: exp.Expression, wide: bool) -> exp.Expression:
        if wide:  # numeric division has decimals; div cuts them off
            return exp.Anonymous(this="div", expressions=[left, right])
        sides = [cast(side, self.narrow, self.dialect) for side in (left, right)]  # sums are numeric
        return exp.Paren(this=exp.Div(this=sides[0], expression=sides[1], typed=True, safe=False))

    def shift(self, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        whole = cast(count, "INT", self.dialect)
        if unit == "day":
            return exp.Paren(this=exp.Add(this=day, expression=whole))
        months = exp.Anonymous(this="make_interval", expressions=[exp.Literal.number(0), whole])
        return cast(exp.Paren(this=exp.Add(this=day, expression=months)), "DATE", self.dialect)

    def days_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        return cast(exp.Paren(this=exp.Sub(this=later, expression=earlier)), "BIGINT", self.dialect)

    def part(self, name: str, day: exp.Expression) -> exp.Expression:
        return cast(exp.Extract(this=exp.var(name.upper()), expression=day), "BIGINT", "postgres")

    def months_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        month = exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string("month"), later.copy()])
        span = cast(exp.Literal.string("1 month -1 day"), "INTERVAL", self.dialect)
        last_day = exp.Paren(this=exp.Add(this=month, expression=span))
        return months_from_parts(later, earlier, self.part, last_day)

    def near_root(self, value: exp.Expression) -> exp.Expression:
        root = exp.Sqrt(this=cast(value, "DOUBLE PRECISION", self.dialect))
        whole = exp.Anonymous(this="trunc", expressions=[cast(root, "NUMERIC", self.dialect)])
        return exp.Anonymous(this="greatest", expressions=[whole, number(1)])

    def latest(
        self, value: exp.Expression, order: list[tuple[exp.Expression, p.Kind]], rows: exp.Expression | None
    ) -> exp.Expression:
        """The first of the values in falling order; texts by their characters, whatever the database's language."""
        unknown = exp.Paren(this=exp.Is(this=value.copy(), expression=exp.Null()))
        places = [
            exp.Collate(this=by, expression=exp.var('"C"')) if kind == "text" else by for by, kind in order
        ]
        ordered = [exp.Ordered(this=by, desc=True) for by in (*places, unknown)]
        ordered.append(exp.Ordered(this=value.copy(), desc=True, nulls_first=False))
        listed: exp.Expression = exp.ArrayAgg(this=exp.Order(this=value, expressions=ordered))
        if rows is not None:
            listed = exp.Filter(this=listed, expression=exp.Where(this=rows))
        return exp.Bracket(this=exp.Paren(this=listed), expressions=[number(1)], offset=1)

    def names(self, items: list[tuple[str, exp.Expression]]) -> exp.Expression:
        cases = [exp.Case(ifs=[exp.If(this=test, true=exp.Literal.string(name))]) for name, test in items]
        listed = exp.Array(expressions=[cast(case, "TEXT", self.dialect) for case in cases])
        return exp.Anonymous(this="array_remove", expressions=[listed, exp.Null()])

    def table(self, entity: str, columns: Collection[str] | None = None) -> exp.Expression:
        return exp.Table(this=exp.to_identifier(self.records[entity], quoted=True))

    def shown(self, result: p.Result) -> exp.Expression:
        value: exp.Expression = column(result.column)
        if result.kind != "whole":
            return value
        digits = max(18, len(str(max(abs(result.low), abs(result.high)))), result.scale + 1)
        kind = f"NUMERIC({digits}, {result.scale})"
        if not result.scale:
            return cast(value, kind, self.dialect)
        unit = cast(
            exp.Literal.string("0." + "0" * (result.scale - 1) + "1"),
            f"NUMERIC({result.scale}, {result.scale})",
            self.dialect,
        )
        whole = cast(value, f"NUMERIC({38 - result.scale}, 0)", self.dialect)
        return cast(exp.Paren(this=exp.Mul(this=whole, expression=unit)), kind, self.dialect)

    def equal(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        return exp.EQ(this=left, expression=right)

    def one_of(self, value: str, options: Sequence[str]) -> exp.Expression:
        return exp.Literal.string(value)


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL connection as the runner sees it; what is kept is gone when it closes."""

    connection: psycopg.Connection[tuple[Any, ...]]

    def wants(self, entity: str) -> bool:
        return True

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.encode()).fetchall()

    def write(self, entity: str, table: str, query: str) -> str:
        """A view: the rows are kept already, and shown when they are put where they shall stay."""
        return self.made("VIEW", f"_results_{table}", query)

    def keep(self, name: str, query: str) -> str:
        kept = self.made("TABLE", f"_{name}", query)
        self.connection.execute(f"ANALYZE {temporary(kept)}".encode())
        return kept

    def made(self, kind: str, name: str, query: str) -> str:
        """A temporary view or table in place of an earlier one, and of what was made of that."""
        kept = name if len(name.encode()) <= MOST_BYTES else f"_long_{crc32(name.encode()):08x}_{name[-8:]}"
        self.connection.execute(f"DROP {kind} IF EXISTS {temporary(kept)} CASCADE".encode())
        self.connection.execute(f"CREATE TEMP {kind} {quoted(kept)} AS {query}".encode())
        return kept


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="postgres")


def temporary(name: str) -> str:
    return f"pg_temp.{quoted(name)}"


def run(
    plan: p.Plan, connection: psycopg.Connection[tuple[Any, ...]], records: Mapping[str, str],
    known: Mapping[str, StatisticValue], written: Mapping[str, Written] | None = None,
) -> Evaluated:  # fmt: skip
    """Executes the plan. `records` names a table or view per entity: its key columns `_k1` … and its facts, numbers as
    whole numbers at their scale. `known` are statistics of a baseline; `written` tells how results are shown and counted.
    """
    return Run(plan, Database(connection), PostgreSQL(records), written).execute(known)
