"""A plan and a Spark session with typed records come in; results as temporary views, still distributed, go out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lifeseg.engines.dates import months_from_parts
from lifeseg.engines.running import Evaluated, Run, Written
from lifeseg.engines.writer import cast, column, number
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p
from lifeseg.plan.statistics import StatisticValue

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MOST_DIGITS = 38
STEP_DIGITS = 6
MOST_REPEATED = 12
"""The parts of a dividend that is written wherever a division names it."""

Division = Callable[[exp.Expression, exp.Expression], exp.Expression]


@dataclass(frozen=True, slots=True)
class Spark:
    """Spark's operations."""

    records: Mapping[str, str]
    dialect: str = "spark"
    narrow: str = "BIGINT"
    wide: str = "DECIMAL(38, 0)"
    materialised: bool | None = None
    keeps_outputs: bool = True
    narrow_sums: bool = True

    def whole_quotient(self, left: exp.Expression, right: exp.Expression, wide: bool) -> exp.Expression:
        """`div` gives a 64-bit number also of decimals, and decimal division rounds and has room for 32 digits before
        its six decimals: so the rest is taken off first, and a small divisor divides in two steps.
        """
        if not wide:
            return exp.Paren(this=exp.IntDiv(this=left, expression=right))
        constant = right.this if isinstance(right, exp.Cast) else right
        if sum(1 for _ in left.walk()) > MOST_REPEATED:
            return self.once(left, right, lambda value, by: self.divided(value, by, constant))
        return self.divided(left, right, constant)

    def divided(
        self, left: exp.Expression, right: exp.Expression, constant: exp.Expression
    ) -> exp.Expression:
        if isinstance(constant, exp.Literal):
            return (
                self.in_two_steps(left, right)
                if len(constant.name) <= MOST_DIGITS - STEP_DIGITS
                else self.exactly(left, right)
            )
        small = exp.LT(this=right, expression=exp.Literal.number(10 ** (MOST_DIGITS - STEP_DIGITS - 1)))
        steps = self.in_two_steps(left.copy(), right.copy())
        return exp.Case(ifs=[exp.If(this=small, true=steps)], default=self.exactly(left, right.copy()))

    def once(self, left: exp.Expression, right: exp.Expression, made: Division) -> exp.Expression:
        """What is made of two values that are written, and worked out, once however often it names them: division names
        its sides several times, and a chain of divisions would be written out thousands of times.
        """
        named = [exp.Literal.string("l"), left, exp.Literal.string("r"), right]
        held = exp.Anonymous(
            this="array", expressions=[exp.Anonymous(this="named_struct", expressions=named)]
        )
        sides = [exp.Dot(this=exp.to_identifier("v"), expression=exp.to_identifier(side)) for side in "lr"]
        body = exp.Lambda(this=made(*sides), expressions=[exp.to_identifier("v")])
        found = exp.Anonymous(this="transform", expressions=[held, body])
        return exp.Anonymous(this="element_at", expressions=[found, exp.Literal.number(1)])

    def in_two_steps(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        """By a million times the divisor, and what that leaves by the divisor."""
        million = exp.Literal.number(10**STEP_DIGITS)
        larger = cast(exp.Paren(this=exp.Mul(this=right, expression=million)), self.wide, self.dialect)
        rest = exp.Paren(this=exp.Mod(this=left, expression=larger))
        above = exp.Mul(this=self.exactly(left.copy(), larger.copy()), expression=million.copy())
        return cast(
            exp.Paren(this=exp.Add(this=above, expression=self.exactly(rest, right.copy()))),
            self.wide,
            self.dialect,
        )

    def exactly(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        rest = exp.Mod(this=left, expression=right)
        whole = exp.Paren(this=exp.Sub(this=left.copy(), expression=exp.Paren(this=rest)))
        quotient = exp.Div(this=whole, expression=right.copy(), typed=False, safe=False)
        return cast(exp.Paren(this=quotient), self.wide, self.dialect)

    def shift(self, day: exp.Expression, count: exp.Expression, unit: str) -> exp.Expression:
        function = "add_months" if unit == "month" else "date_add"
        return exp.Anonymous(this=function, expressions=[day, cast(count, "INT", self.dialect)])

    def days_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        days = exp.Anonymous(this="datediff", expressions=[later, earlier])
        return cast(days, "BIGINT", self.dialect)

    def part(self, name: str, day: exp.Expression) -> exp.Expression:
        return exp.Anonymous(this=name, expressions=[day])

    def months_between(self, later: exp.Expression, earlier: exp.Expression) -> exp.Expression:
        last_day = exp.Anonymous(this="last_day", expressions=[later.copy()])
        return cast(months_from_parts(later, earlier, self.part, last_day), self.narrow, self.dialect)

    def near_root(self, value: exp.Expression) -> exp.Expression:
        root = cast(exp.Sqrt(this=cast(value, "DOUBLE", self.dialect)), self.wide, self.dialect)
        return exp.Anonymous(this="greatest", expressions=[root, cast(number(1), self.wide, self.dialect)])

    def latest(
        self, value: exp.Expression, order: list[tuple[exp.Expression, p.Kind]], rows: exp.Expression | None
    ) -> exp.Expression:
        unknown = exp.Paren(this=exp.Is(this=value.copy(), expression=exp.Null()))
        place = exp.Anonymous(this="struct", expressions=[*(by for by, _ in order), unknown, value.copy()])
        held = exp.Anonymous(this="named_struct", expressions=[exp.Literal.string("held"), value])
        found: exp.Expression = exp.Anonymous(this="max_by", expressions=[held, place])
        if rows is not None:
            found = exp.Filter(this=found, expression=exp.Where(this=rows))
        return exp.Dot(this=found, expression=exp.to_identifier("held"))

    def names(self, items: list[tuple[str, exp.Expression]]) -> exp.Expression:
        cases = [exp.Case(ifs=[exp.If(this=test, true=exp.Literal.string(name))]) for name, test in items]
        listed = exp.Anonymous(
            this="array", expressions=[cast(case, "STRING", self.dialect) for case in cases]
        )
        return exp.Anonymous(this="array_compact", expressions=[listed])

    def table(self, entity: str, columns: Collection[str] | None = None) -> exp.Expression:
        return exp.Table(this=exp.to_identifier(self.records[entity], quoted=True))

    def shown(self, result: p.Result) -> exp.Expression:
        """Spark takes decimals off a product that may need more than 38 digits; what is so wide goes by way of a text."""
        value: exp.Expression = column(result.column)
        if result.kind != "whole":
            return value
        whole = len(str(max(abs(result.low), abs(result.high))))
        kind = f"DECIMAL({max(18, whole, result.scale + 1)}, {result.scale})"
        if not result.scale:
            return cast(value, kind, self.dialect)
        if whole + result.scale >= MOST_DIGITS:
            texts = [cast(value, "STRING", self.dialect), exp.Literal.string(f"E-{result.scale}")]
            return cast(exp.Anonymous(this="concat", expressions=texts), kind, self.dialect)
        unit = cast(
            exp.Literal.string("0." + "0" * (result.scale - 1) + "1"),
            f"DECIMAL({result.scale}, {result.scale})",
            self.dialect,
        )
        narrow = cast(value, f"DECIMAL({whole}, 0)", self.dialect)
        return cast(exp.Paren(this=exp.Mul(this=narrow, expression=unit)), kind, self.dialect)

    def equal(self, left: exp.Expression, right: exp.Expression) -> exp.Expression:
        return exp.EQ(this=left, expression=right)

    def one_of(self, value: str, options: Sequence[str]) -> exp.Expression:
        return exp.Literal.string(value)


@dataclass(frozen=True, slots=True)
class Database:
    """A Spark session as the runner sees it; what is kept is cached where it was computed."""

    session: SparkSession

    def wants(self, entity: str) -> bool:
        return True

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(statement).collect()]

    def write(self, entity: str, table: str, query: str) -> str:
        """A view: the rows are kept already, and shown when they are put where they shall stay."""
        view = f"_results_{table}"
        self.session.sql(query).createOrReplaceTempView(quoted(view))
        return view

    def keep(self, name: str, query: str) -> str:
        view = f"_{name}"
        if self.session.catalog.tableExists(quoted(view)):
            self.session.table(quoted(view)).unpersist()
        opaque(self.session.sql(query)).cache().createOrReplaceTempView(quoted(view))
        return view


def opaque(frame: DataFrame) -> DataFrame:
    """The same rows to queries that need not be planned together with the one that made them: a plan that holds the
    plans of all that was kept before grows without end. The rows know how to come again if an executor is lost.
    """
    from pyspark.sql import DataFrame

    session, made = frame.sparkSession, frame._jdf
    rows = made.queryExecution().toRdd()
    return DataFrame(session._jsparkSession.internalCreateDataFrame(rows, made.schema(), False), session)


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="spark")


def run(
    plan: p.Plan, session: SparkSession, records: Mapping[str, str], known: Mapping[str, StatisticValue],
    written: Mapping[str, Written] | None = None,
) -> Evaluated:  # fmt: skip
    """Executes the plan. `records` names a view per entity: its key columns `_k1` … and its facts, numbers as whole
    numbers at their scale. `known` are statistics of a baseline. The session is one of records/spark_session, which sets
    what exact results ask for.
    """
    return Run(plan, Database(session), Spark(records), written).execute(known)
