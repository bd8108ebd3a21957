"""A plan, an engine's operations and its database come in; the steps are executed and what they leave goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Protocol, TypeVar

from sqlglot import exp

from lifeseg.engines.queries import Queries
from lifeseg.engines.writer import Formulas, Operations, ScalarValue, cast, column, number
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p
from lifeseg.plan.proving import Proof
from lifeseg.plan.pruning import read_by
from lifeseg.plan.statistics import RANKED, StatisticValue, Sums, statistic
from lifeseg.records.engine_failure import NotProvedError, UnusableEngineError
from lifeseg.records.identifiers import identifiers

Asked = TypeVar("Asked", p.Output, p.Measure)


class Database(Protocol):
    """What a runner asks of a database."""

    def write(self, entity: str, table: str, query: str) -> str:
        """Puts the results of an entity where they shall stay, as a `table` or a file called like it, and says where."""

    def wants(self, entity: str) -> bool:
        """Whether the results of an entity are wanted, or only what is counted of them."""

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


@dataclass(frozen=True, slots=True)
class Written:
    """How the results of an entity are written: the keys with their types, the results by name in their order; and
    what is counted besides, in the pass that counts the records: aggregates over the output's columns.
    """

    keys: tuple[p.Result, ...]
    names: tuple[str, ...]
    counted: tuple[exp.Expr, ...] = ()
    helpers: tuple[tuple[tuple[str, exp.Expr], ...], ...] = ()  # layers of columns they read besides
    numbered: bool = False  # columns are c1, c2 …: names may be too long or too alike for a database


@dataclass(slots=True)
class Evaluated:
    """What a run leaves: where the results of each entity are, the statistics by key, what went wrong, the statements.

    Results have the entity's keys under their own names, then the columns of the plan's output.
    """

    results: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    counted: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    statistics: dict[str, StatisticValue] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


class Run:
    """One execution of a plan in one database."""

    def __init__(
        self,
        plan: p.Plan,
        database: Database,
        operations: Operations,
        written: Mapping[str, Written] | None = None,
        proofs: Sequence[Proof] = (),
    ) -> None:
        self.plan, self.database, self.operations = plan, database, operations
        self.unproved = list(proofs)
        self.written = written or {}
        self.scalars: dict[str, ScalarValue] = {}
        self.formulas = Formulas(operations, self.scalars)
        self.saved: dict[str, exp.Expression] = {}
        self.evaluated = Evaluated()

    def execute(self, known: Mapping[str, StatisticValue]) -> Evaluated:
        """Raises NotProvedError where the records are not what the plan takes for granted."""
        try:
            return self.executed(known)
        except UnusableEngineError as error:
            if self.unproved:
                raise NotProvedError from error
            raise

    def executed(self, known: Mapping[str, StatisticValue]) -> Evaluated:
        for key, value in known.items():
            self.learn(self.plan.scalars.get(key, ""), key, value)
        for step in self.plan.steps:
            match step:
                case p.Measure():
                    self.measure(step)
                case p.Save():
                    self.saved[step.name] = self.keep(f"saved_{step.name}", self.saving(step))
                    self.prove(step.name)
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
        return query.sql(dialect=self.operations.dialect, copy=False)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        self.evaluated.statements.append(statement)
        return self.database.rows(statement)

    def keep(self, name: str, query: exp.Expression) -> exp.Table:
        statement = self.text(query)
        self.evaluated.statements.append(statement)
        return exp.Table(this=exp.to_identifier(self.database.keep(name, statement), quoted=True))

    def queries(self) -> Queries:
        return Queries(self.operations, self.formulas, self.saved)

    # ---- Steps ---------------------------------------------------------------------------------

    def saving(self, step: p.Save) -> exp.Expression:
        return self.queries().select(step.relation, [*map(column, step.columns)])

    def prove(self, name: str) -> None:
        """What has been saved shows whether the keys of children are right."""
        for proof in [proof for proof in self.unproved if proof.saved == name]:
            total = exp.select(exp.Sum(this=column(proof.column))).from_(self.saved[name].copy())
            if int(self.rows(self.text(total))[0][0] or 0) != proof.rows:
                raise NotProvedError
            self.unproved.remove(proof)

    def put_out(self, step: p.Output) -> None:
        """The results of an entity; then how many there are, and of how many something is wrong."""
        step = self.kept(step, f"output_{step.table}")
        queries = self.queries()
        if self.database.wants(step.entity):
            query = self.text(queries.select(step.relation, self.columns(step)))
            self.evaluated.statements.append(query)
            self.evaluated.results[step.entity] = self.database.write(step.entity, step.table, query)
        looked_at: tuple[p.Trouble | p.Broken, ...] = (*step.troubles, *step.claims)
        tests = [(found, test) for found in looked_at for test in self.wrong_where(found)]
        written = self.written.get(step.entity, Written((), ()))
        counted: list[exp.Expr] = [exp.alias_(exp.Count(this=exp.Star()), "rows")]
        for place, (_, test) in enumerate(tests):
            cases = exp.Case(ifs=[exp.If(this=test.copy(), true=number(1))])
            counted.append(exp.alias_(exp.Count(this=cases), f"w{place}"))
        counted += [exp.alias_(value, f"c{place}") for place, value in enumerate(written.counted)]
        counts = self.rows(self.text(self.counting(step, counted, written.helpers, queries)))[0]
        self.evaluated.counted[step.entity] = tuple(counts[1 + len(tests) :])
        self.evaluated.counts[step.entity] = int(counts[0])
        for (found, test), count in zip(tests, counts[1 : 1 + len(tests)], strict=True):
            if count:
                self.evaluated.wrong.append(self.described(step, found, test, int(count)))

    def kept(self, step: Asked, name: str) -> Asked:
        """The same over saved rows, where the engine keeps them rather than computing them for each question anew."""
        names: list[str] = sorted(read_by(step))
        if not self.operations.keeps_outputs or not names or isinstance(step.relation, p.Saved):
            return step
        self.saved[name] = self.keep(name, self.queries().select(step.relation, [*map(column, names)]))
        return replace(step, relation=p.Saved(name))

    def counting(
        self,
        step: p.Output,
        counted: Sequence[exp.Expr],
        helpers: Sequence[Sequence[tuple[str, exp.Expr]]],
        queries: Queries | None = None,
    ) -> exp.Expression:
        """Aggregates over the output and a few more columns; of the same queries as before, where there are."""
        queries = queries or self.queries()
        if not helpers:
            return queries.select(step.relation, counted)
        query: exp.Select | None = None
        for layer in helpers:
            more = [exp.Star(), *(exp.alias_(value, name) for name, value in layer)]
            query = queries.select(step.relation, more) if query is None else over(query, more)
        assert query is not None
        return over(query, counted)

    def columns(self, step: p.Output) -> list[exp.Expr]:
        """What is written of an entity, as it is read."""
        written = self.written.get(step.entity)
        if written is None:
            taken = [found.column for found in step.results]
            keys: list[exp.Expr] = []
            for place, name in enumerate(step.keys, 1):
                taken.append(identifiers([name], taken)[name])
                keys.append(exp.alias_(column(f"_k{place}"), taken[-1], quoted=True))
            pairs = [(self.operations.shown(found), found.column) for found in step.results]
            return [*keys, *(exp.alias_(value, name, quoted=True, copy=False) for value, name in pairs)]
        results = {found.name: found for found in step.results}
        typed = [(key.name, replace(key, held=f"_k{place}")) for place, key in enumerate(written.keys, 1)]
        typed += [(name, results[name]) for name in written.names]
        if written.numbered:
            typed = [(f"c{place}", found) for place, (_, found) in enumerate(typed, 1)]
        return [
            exp.alias_(self.operations.shown(found), name, quoted=True, copy=False) for name, found in typed
        ]

    def wrong_where(self, found: p.Trouble | p.Broken) -> list[exp.Expression]:
        """The conditions that a record's trouble column, or its verdict of a claim, is not as it should be: of a trouble
        that no case held, unless there is an otherwise, and that several did.
        """
        if isinstance(found, p.Broken):
            verdict = column(found.column)
            return [exp.EQ(this=verdict, expression=exp.Boolean(this=found.wrong))]
        several = exp.Paren(this=exp.GT(this=column(found.column), expression=number(1)))
        none = exp.Paren(this=exp.EQ(this=column(found.column), expression=number(0)))
        return [several] if found.otherwise else [none, several]

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
        if any(request.function in RANKED or request.entries for request in step.requests):
            step = self.kept(step, f"measured_{step.requests[0].name}")
        columns = [each for request in step.requests for each in self.sums_of(request)]
        named: list[exp.Expr] = [exp.alias_(value, f"m{place}") for place, value in enumerate(columns)]
        found = self.rows(self.text(self.queries().sums(step.relation, named)))[0]
        for place, request in enumerate(step.requests):
            numbers = [None if value is None else int(value) for value in found[place * 6 : place * 6 + 6]]
            sums = Sums(*numbers)  # type: ignore[arg-type]

            def values_at(asked: p.Request, places: Sequence[int]) -> dict[int, int]:
                return self.values_at(step.relation, asked, places)

            def running(asked: p.Request, limits: Sequence[int], reaching: bool) -> list[int | None]:
                return self.running_cuts(step.relation, asked, limits, reaching)

            self.learn(request.name, request.key, statistic(request, sums, values_at, running))

    def sums_of(self, request: p.Request) -> list[exp.Expression]:
        """count, sum, min, max, squares of the value and the count of rows, each only where the function needs it."""
        admitted = self.formulas.sql(request.where) if request.where is not None else None
        rows: exp.Expression = exp.Count(this=exp.Star())
        if admitted is not None:
            rows = exp.Count(this=exp.Case(ifs=[exp.If(this=admitted.copy(), true=number(1))]))
        if request.function == "bringing":
            _, amount, where = self.entry_of(request, 0)
            amount = exp.Case(ifs=[exp.If(this=where, true=amount)]) if where is not None else amount
            return [number(0), exp.Sum(this=amount), *([exp.Null()] * 3), rows]
        if request.value is None:
            return [number(0), *([exp.Null()] * 4), rows]
        value = self.formulas.sql(request.value)
        if request.function == "share":
            value = exp.Case(ifs=[exp.If(this=value, true=number(1))])
        if admitted is not None:
            value = exp.Case(ifs=[exp.If(this=admitted.copy(), true=value)])
        function = request.function
        wide = cast(value.copy(), self.operations.wide, self.operations.dialect)
        summed = wide.copy() if self.operations.narrow_sums else value.copy()
        return [
            exp.Count(this=value.copy()),
            exp.Sum(this=summed) if function in ("sum", "mean", "deviation") else exp.Null(),
            exp.Min(this=value.copy()) if function == "min" else exp.Null(),
            exp.Max(this=value.copy()) if function == "max" else exp.Null(),
            exp.Sum(this=exp.Mul(this=wide, expression=wide.copy()))
            if function == "deviation"
            else exp.Null(),
            rows,
        ]

    def values_at(self, relation: p.Relation, request: p.Request, places: Sequence[int]) -> dict[int, int]:
        """The values at places of the ascending order, by one sort."""
        assert request.value is not None
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

    def entry_of(
        self, request: p.Request, place: int
    ) -> tuple[exp.Expression, exp.Expression, exp.Expression | None]:
        """Value, amount and condition of an entry; amounts as wide as their sum."""
        value, amount, where = request.entries[place]
        wide = cast(self.formulas.sql(amount), self.operations.wide, self.operations.dialect)
        return self.formulas.sql(value), wide, self.formulas.sql(where) if where is not None else None

    def running_cuts(
        self, relation: p.Relation, request: p.Request, limits: Sequence[int], reaching: bool
    ) -> list[int | None]:
        """The largest values at which the amounts so far reach each limit, or the least where they do not exceed it."""
        parts = []
        for place in range(len(request.entries)):
            value, amount, where = self.entry_of(request, place)
            columns = [exp.alias_(value, "_value"), exp.alias_(amount, "_amount")]
            inner = self.queries().select(relation, columns)
            inner = inner.where(where) if where is not None else inner
            parts.append(f"SELECT _value, _amount FROM ({self.text(inner)}) AS part{place}")
        best, test = ("max", ">=") if reaching else ("min", "<=")
        cuts = ", ".join(f"{best}(CASE WHEN so_far {test} {limit} THEN _value END)" for limit in limits)
        statement = (
            f"SELECT {cuts} FROM (SELECT _value, sum(_amount) OVER (ORDER BY _value DESC ROWS BETWEEN UNBOUNDED "
            f"PRECEDING AND CURRENT ROW) AS so_far FROM (SELECT _value, sum(_amount) AS _amount FROM "
            f"({' UNION ALL '.join(parts)}) AS entries WHERE _value IS NOT NULL GROUP BY _value) AS valued) AS summed"
        )
        return [None if found is None else int(found) for found in self.rows(statement)[0]]


def over(query: exp.Select, columns: Sequence[exp.Expr]) -> exp.Select:
    """A query of expressions over the rows of another."""
    inside = exp.Subquery(this=query, alias=exp.to_identifier("_o"))
    return exp.select(*columns, copy=False).from_(inside, copy=False)
