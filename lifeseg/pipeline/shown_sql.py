"""A checked policy and an engine come in; the statements of a run go out, laid out to be read and reviewed.

Each subquery bears the names of the definitions it computes, each column the title of its definition. Statistics that an
earlier statement measures stand as named placeholders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lifeseg.model.model import Model
from lifeseg.pipeline.by_engine import planned
from lifeseg.pipeline.errors import refusal

if TYPE_CHECKING:
    from lifeseg.plan import tree as p

ENGINES = ("duckdb", "postgres", "spark")
LONGEST_LINE = 110
MOST_ON_A_LINE = 80
BREAKS = frozenset({"+", "AS", "AND", "OR", "WHEN", "THEN", "ELSE", "END"})
HEAD = """\
-- {name} {version}, as of {day}, for {engine}
-- The tables are named like the entities and hold their records as lifeseg has read and checked them:
--   the keys as _k1, _k2 …, those of the entities above first; facts under their names;
--   numbers as whole numbers, so that nothing is rounded: an amount with two decimals in hundredths.
-- {mark}name stands for a statistic of the population that a statement above it measures."""


def statements(model: Model, as_of: date, engine: str, only: Sequence[str] | None) -> str:
    """Everything an engine is asked, in order."""
    plan = planned(model, as_of, only)
    writing = Writing(model, plan, operations_of(engine, model))
    try:
        parts = [part for step in plan.steps for part in writing.step(step)]
    except NotImplementedError as gap:
        raise refusal("engine-gap", construct=str(gap), engine=engine) from gap
    mark = "$" if engine == "duckdb" else ":"
    head = HEAD.format(name=model.name, version=model.version, day=as_of, engine=engine, mark=mark)
    return "\n\n".join([head, *parts]) + "\n"


def operations_of(engine: str, model: Model) -> Any:
    """The engine's operations over tables named like the entities."""
    tables = {entity: entity for entity in model.entities}
    if engine == "postgres":
        from lifeseg.engines.postgres import PostgreSQL

        return PostgreSQL(tables)
    if engine == "spark":
        from lifeseg.engines.spark import Spark

        return Spark(tables)
    from lifeseg.engines.duckdb import DuckDB

    return DuckDB(tables)


class Writing:
    """Writes the steps of a plan."""

    def __init__(self, model: Model, plan: p.Plan, operations: Any) -> None:
        from lifeseg.pipeline.sql_names import names_of

        self.plan, self.operations = plan, operations
        self.names = names_of(model, plan)
        self.saved: dict[str, Any] = {}

    def step(self, step: p.Step) -> Iterator[str]:
        from sqlglot import exp

        from lifeseg.engines.writer import column
        from lifeseg.plan import tree

        match step:
            case tree.Measure():
                yield from self.measured(step)
            case tree.Save():
                name = exp.to_identifier(step.name, quoted=True)
                self.saved[step.name] = exp.Table(this=name)
                query = self.written(step.relation, [*map(column, step.columns)])
                told = f"-- {one_line(step.name)}: rows that are read again below"
                yield f"{told}\nCREATE TEMPORARY TABLE {self.plain(name)} AS\n{query};"
            case tree.Output():
                keys = [exp.alias_(column(f"_k{n}"), key, quoted=True) for n, key in enumerate(step.keys, 1)]
                shown = [exp.alias_(self.operations.shown(r), r.name, quoted=True) for r in step.results]
                query = self.written(step.relation, [*keys, *shown])
                yield f"-- The results of {one_line(step.entity)}\n{query};"

    def measured(self, step: p.Measure) -> Iterator[str]:
        """The sums of one pass, from which statistics are worked out; of those by rank also the values in their order."""
        from sqlglot import exp

        from lifeseg.engines.running import Run
        from lifeseg.plan.statistics import RANKED

        run = Run(self.plan, None, self.operations)  # type: ignore[arg-type]
        run.formulas = self.formulas()
        columns: list[Any] = []
        for request in step.requests:
            roles = ("count", "total", "least", "greatest", "squares", "rows")
            sums = zip(roles, run.sums_of(request), strict=True)
            kept = [(role, value) for role, value in sums if not isinstance(value, exp.Null | exp.Literal)]
            name = self.names.scalars[request.name]
            columns += [exp.alias_(value, f"{name}_{role}", quoted=True) for role, value in kept]
        told = [f"-- {self.names.scalars[one.name]}: {one_line(one.key)}" for one in step.requests]
        yield "\n".join([*told, f"{self.written(step.relation, columns)};"])
        for request in step.requests:
            if request.function in RANKED and request.value is not None:
                value = exp.alias_(self.formulas().sql(request.value), "value")
                where = self.formulas().sql(request.where) if request.where is not None else None
                query = self.written(step.relation, [value], where, order=True)
                name = self.names.scalars[request.name]
                yield f"-- {name}: the values from which the cuts are taken, by their places\n{query};"
            for place in range(len(request.entries)):
                found, amount, where = run.entry_of(request, place)
                columns = [exp.alias_(found, "value"), exp.alias_(amount, "amount")]
                query = self.written(step.relation, columns, where, order=True)
                name = self.names.scalars[request.name]
                yield f"-- {name}: the cuts are where the sums of the amounts, from the last, come to a limit\n{query};"

    def formulas(self) -> Any:
        from lifeseg.engines.writer import Formulas

        class Named(Formulas):
            """Statistics stay names."""

            def settled(self, node: Any) -> Any:
                return node

        return Named(self.operations, {})

    def written(
        self, relation: p.Relation, columns: Sequence[Any], where: Any = None, *, order: bool = False
    ) -> str:
        from sqlglot import exp

        from lifeseg.engines.queries import Queries

        queries = Queries(self.operations, self.formulas(), self.saved)
        query = queries.select(relation, columns)
        query = query.where(where) if where is not None else query
        query = query.order_by(exp.column("value")) if order else query
        steps = {short: self.names.steps[found] for found, short in queries.named.items()}
        with_ = query.args.pop("with_", None)
        parts = []
        for part in with_.expressions if with_ is not None else ():
            name = self.plain(exp.to_identifier(steps[part.alias], quoted=True))
            parts.append(
                f"{name} AS{marked(part)} (\n{self.laid_out(self.renamed(part.this, steps), '  ')}\n)"
            )
        head = "WITH " + ",\n".join(parts) + "\n" if parts else ""
        return head + self.laid_out(self.renamed(query, steps), "")

    def renamed(self, query: Any, steps: dict[str, str]) -> Any:
        """The query with names that people know."""
        from sqlglot import exp

        for found in query.find_all(exp.Identifier, exp.Placeholder, exp.Table):
            if isinstance(found, exp.Table) and found.name in steps and not found.this.args.get("quoted"):
                found.set("this", exp.to_identifier(steps[found.name], quoted=True))
            elif isinstance(found, exp.Placeholder):
                name, cut = self.scalar(found.name)
                found.set("this", name + cut)
            elif isinstance(found, exp.Identifier) and found.name in self.names.columns:
                found.set("this", self.names.columns[found.name])
        return lighter(query)

    def scalar(self, name: str) -> tuple[str, str]:
        """A statistic's new name; of one of several cuts its number after it."""
        if name in self.names.scalars:
            return self.names.scalars[name], ""
        start, _, place = name.rpartition("_")
        return self.names.scalars[start], f"_{place}"

    def laid_out(self, query: Any, indent: str) -> str:
        """A column a line, with the title of the definition it is."""
        lines = [f"{indent}SELECT"]
        last = len(query.expressions) - 1
        for place, found in enumerate(query.expressions):
            comma = "," if place < last else ""
            title = self.names.titles.get(found.alias)
            comment = f"  -- {one_line(title)}" if title else ""
            if (
                found.alias
                and found.alias == found.this.name
                and found.this.key == "column"
                and not found.this.table
            ):
                found = found.this
            lines.append(self.fitted(found, f"{indent}  ", comma, comment))
        rest = query.copy()
        rest.set("expressions", [])
        tail = self.plain(rest).removeprefix("SELECT").strip()
        if len(tail) + len(indent) > LONGEST_LINE:
            tail = self.plain(rest, pretty=True).removeprefix("SELECT").strip().replace("\n", f"\n{indent}")
        return "\n".join([*lines, f"{indent}{tail}"])

    def fitted(self, node: Any, indent: str, comma: str, comment: str) -> str:
        """An expression on a line, or on several where it is long."""
        text = f"{indent}{self.plain(node)}{comma}{comment}"
        if len(text) <= LONGEST_LINE:
            return text
        long = f"{self.plain(node, pretty=True)}{comma}".replace("\n", f"\n{indent}")
        return f"{indent}{comment.strip()}\n{indent}{long}" if comment else f"{indent}{long}"

    def plain(self, node: Any, *, pretty: bool = False) -> str:
        from sqlglot import exp

        dialect = self.operations.dialect
        if not pretty:
            text: str = node.sql(dialect=dialect)
            return text

        def whole(part: Any) -> Any:
            short = (
                isinstance(part, exp.Paren | exp.Case) and len(part.sql(dialect=dialect)) <= MOST_ON_A_LINE
            )
            return exp.Var(this=part.sql(dialect=dialect)) if short else part

        text = node.transform(whole).sql(dialect=dialect, pretty=True, max_text_width=MOST_ON_A_LINE)
        return broken(text, dialect)


def lighter(query: Any) -> Any:
    """The same without brackets that say nothing: around products in sums, the first part of a sum, a whole condition."""
    from sqlglot import exp

    sums, conditions = (exp.Add, exp.Sub), (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ)
    for paren in list(query.find_all(exp.Paren)):
        inner, parent = paren.this, paren.parent
        first = paren.arg_key == "this"
        in_sum = isinstance(parent, sums) and isinstance(inner, (*sums, exp.Mul) if first else exp.Mul)
        joined = isinstance(parent, exp.And | exp.Or) and isinstance(inner, conditions)
        alone = isinstance(parent, exp.Alias | exp.If | exp.Paren) and first
        if in_sum or joined or alone:
            paren.replace(inner)
    return query


def broken(text: str, dialect: str) -> str:
    """The text with line ends before operators where lines are still long; texts in quotes stay whole."""
    from sqlglot import Dialect, TokenType

    words = (TokenType.STRING, TokenType.IDENTIFIER)
    tokens = [one for one in Dialect.get_or_raise(dialect).tokenize(text) if one.token_type not in words]
    starts = [token.start for token in tokens if token.text.upper() in BREAKS]
    written, done, begun = "", 0, 0
    for start, following in pairwise([*starts, len(text)]):
        written, done = written + text[done:start], start
        begun = written.rfind("\n") + 1
        line = written[begun:]
        piece = text[start:following].partition("\n")[0]
        if line.strip() and len(line) + len(piece) > LONGEST_LINE - 10:
            indent = " " * (len(line) - len(line.lstrip()) + 2)
            written = written.rstrip(" ") + "\n" + indent
    return written + text[done:]


def marked(part: Any) -> str:
    """Whether a subquery that is read several times is computed once."""
    return " MATERIALIZED" if part.args.get("materialized") else ""


def one_line(title: str) -> str:
    """A title on one line, which cannot end its comment."""
    return " ".join(title.split())
