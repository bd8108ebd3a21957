"""A plan, an engine's operations and its database come in; the steps are executed and what they leave goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlglot import exp

from lifeseg.engines.writer import Formulas, Operations, Queries, ScalarValue, cast, column, number
from lifeseg.plan import tree as p
from lifeseg.plan.statistics import RANKED, StatisticValue, Sums, statistic


class Database(Protocol):
    """What a runner asks of a database."""

    def write(self, entity: str, query: str) -> str:
        """Puts the results of an entity where they shall stay, and says where; the query shows them as they are read."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def keep(self, name: str, query: str) -> str:
        """Saves the rows of a query for this run and gives the table they are in."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A trouble or broken claim: of how many records, and the keys of the first few with the number of cases that held."""

    found: p.Trouble | p.Broken
    entity: str
    count: int
    examples: tuple[tuple[tuple[str, ...], int | None], ...]


MOST_EXAMPLES = 5


@dataclass(slots=True)
class Evaluated:
    """What a run leaves: where the results of each entity are, the statistics by key, what went wrong, the statements.

    Results have the entity's keys under their own names, then the columns of the plan's output.
    """

    results: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    statistics: dict[str, StatisticValue] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


class Run:
    """One execution of a plan in one database."""

    def __init__(self, plan: p.Plan, database: Database, operations: Operations) -> None:
        self.plan, self.database, self.operations = plan, database, operations
        self.scalars: dict[str, ScalarValue] = {}
        self.formulas = Formulas(operations, self.scalars)
        self.saved: dict[str, exp.Expression] = {}
        self.evaluated = Evaluated()

    def execute(self, known: Mapping[str, StatisticValue]) -> Evaluated:
        for key, value in known.items():
            self.learn(self.plan.scalars.get(key, ""), key, value)
        for step in self.plan.steps:
            match step:
                case p.Measure():
                    self.measure(step)
                case p.Save():
                    table = self.keep(f"saved_{step.name}", self.saving(step))
                    self.saved[step.name] = exp.Table(this=exp.to_identifier(table, quoted=True))
                case p.Output():
                    self.put_out(step)
        return self.evaluated

    def learn(self, name: str, key: str, value: StatisticValue) -> None:
        """Statistics are scalars to later formulas; cuts one scalar each."""
        self.evaluated.statistics[key] = value
        if isinstance(value, tuple):
            for place, cut in enumerate(value):
                self.scalars[f"{name}_{place}"] = cut
        else:
            self.scalars[name] = value

    def text(self, query: exp.Expression) -> str:
        return query.sql(dialect=self.operations.dialect)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        self.evaluated.statements.append(statement)
        return self.database.rows(statement)

    def keep(self, name: str, query: exp.Expression) -> str:
        statement = self.text(query)
        self.evaluated.statements.append(statement)
        return self.database.keep(name, statement)

    def queries(self) -> Queries:
        return Queries(self.operations, self.formulas, self.saved)

    # ---- Steps ---------------------------------------------------------------------------------

    def saving(self, step: p.Save) -> exp.Expression:
        return self.queries().select(step.relation, [*map(column, step.columns)])

    def put_out(self, step: p.Output) -> None:
        """The results of an entity; then how many there are, and of how many something is wrong."""
        keys: list[exp.Expr] = [
            exp.alias_(column(f"_k{place}"), name, quoted=True) for place, name in enumerate(step.keys, 1)
        ]
        shown = [exp.alias_(self.operations.shown(found), found.name, quoted=True) for found in step.results]
        query = self.text(self.queries().select(step.relation, [*keys, *shown]))
        self.evaluated.statements.append(query)
        self.evaluated.results[step.entity] = self.database.write(step.entity, query)
        looked_at: tuple[p.Trouble | p.Broken, ...] = (*step.troubles, *step.claims)
        tests = [(found, self.wrong_where(found)) for found in looked_at]
        counted: list[exp.Expr] = [exp.alias_(exp.Count(this=exp.Star()), "rows")]
        for place, (_, test) in enumerate(tests):
            cases = exp.Case(ifs=[exp.If(this=test.copy(), true=number(1))])
            counted.append(exp.alias_(exp.Count(this=cases), f"w{place}"))
        counts = self.rows(self.text(self.queries().select(step.relation, counted)))[0]
        self.evaluated.counts[step.entity] = int(counts[0])
        for (found, test), count in zip(tests, counts[1:], strict=True):
            if count:
                self.evaluated.wrong.append(self.described(step, found, test, int(count)))

    def wrong_where(self, found: p.Trouble | p.Broken) -> exp.Expression:
        """The condition that a record's trouble column, or its verdict of a claim, is not as it should be."""
        if isinstance(found, p.Broken):
            verdict = column(found.column)
            return exp.Paren(this=verdict if found.wrong else exp.Not(this=verdict))
        fewest = 1 if found.otherwise else 0
        several = exp.GT(this=column(found.column), expression=number(1))
        if fewest:
            return exp.Paren(this=several)
        return exp.Paren(this=exp.or_(several, exp.EQ(this=column(found.column), expression=number(0))))

    def described(
        self, step: p.Output, found: p.Trouble | p.Broken, test: exp.Expression, count: int
    ) -> Wrong:
        keys: list[exp.Expr] = [column(f"_k{place}") for place in range(1, len(step.keys) + 1)]
        held: exp.Expr = column(found.column) if isinstance(found, p.Trouble) else exp.Null()
        query = self.queries().select(step.relation, [*keys, exp.alias_(held, "held")]).where(test)
        query = query.order_by(*(key.copy() for key in keys)).limit(MOST_EXAMPLES)
        examples = tuple(
            (tuple(str(part) for part in row[:-1]), None if row[-1] is None else int(row[-1]))
            for row in self.rows(self.text(query))
        )
        return Wrong(found, step.entity, count, examples)

    def measure(self, step: p.Measure) -> None:
        """All sums of the relation in one query; values at ranks in one query for each statistic that asks for them."""
        columns: list[exp.Expression] = []
        for request in step.requests:
            columns += self.sums_of(request)
        named: list[exp.Expr] = [exp.alias_(value, f"m{place}") for place, value in enumerate(columns)]
        found = self.rows(self.text(self.queries().select(step.relation, named)))[0]
        for place, request in enumerate(step.requests):
            sums = Sums(*(None if value is None else int(value) for value in found[place * 6 : place * 6 + 6]))  # type: ignore[arg-type]

            def values_at(asked: p.Request, places: Sequence[int]) -> dict[int, int]:
                return self.values_at(step.relation, asked, places)

            self.learn(request.name, request.key, statistic(request, sums, values_at))

    def sums_of(self, request: p.Request) -> list[exp.Expression]:
        """count, sum, min, max, squares of the value and the count of rows, each only where the function needs it."""
        admitted = self.formulas.sql(request.where) if request.where is not None else None
        rows: exp.Expression = exp.Count(this=exp.Star())
        if admitted is not None:
            rows = exp.Count(this=exp.Case(ifs=[exp.If(this=admitted.copy(), true=number(1))]))
        if request.value is None:
            return [number(0), *([exp.Null()] * 4), rows]
        value = self.formulas.sql(request.value)
        if request.function == "share":
            value = exp.Case(ifs=[exp.If(this=value, true=number(1))])
        if admitted is not None:
            value = exp.Case(ifs=[exp.If(this=admitted.copy(), true=value)])
        function = request.function
        wide = cast(value.copy(), self.operations.wide, self.operations.dialect)
        return [
            exp.Count(this=value.copy()),
            exp.Sum(this=wide.copy()) if function in ("sum", "mean", "deviation") else exp.Null(),
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
            f"FROM ({self.text(inner)}) AS inside WHERE _value IS NOT NULL) AS placed WHERE place IN ({wanted})"
        )
        return {int(place): int(found) for place, found in self.rows(statement)}
