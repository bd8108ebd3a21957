"""A checked policy and an engine come in; the statements of a run go out, formatted, with the names of the definitions
that each subquery computes.

Statistics that an earlier statement measures stand as named placeholders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from lifeseg.model.model import Model
from lifeseg.pipeline.by_engine import planned
from lifeseg.pipeline.errors import refusal

if TYPE_CHECKING:
    from lifeseg.plan import tree as p

ENGINES = ("duckdb", "postgres", "spark")


def statements(model: Model, as_of: date, engine: str, only: Sequence[str] | None) -> str:
    """Everything an engine is asked, in order."""
    plan = planned(model, as_of, only)
    writing = Writing(model, plan, operations_of(engine, model))
    try:
        parts = [part for step in plan.steps for part in writing.step(step)]
    except NotImplementedError as gap:
        raise refusal("engine-gap", construct=str(gap), engine=engine) from gap
    head = f"-- {model.name} {model.version}, as of {as_of}, for {engine}\n"
    head += "-- The tables hold typed records: keys as _k1, _k2 …, numbers as whole numbers at their scale"
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
    """Writes the steps of a plan; the names of what is saved are those of the plan."""

    def __init__(self, model: Model, plan: p.Plan, operations: Any) -> None:
        self.titles = {found.name: found.titles.get("en", "") for found in model.definitions}
        self.plan, self.operations = plan, operations
        self.saved: dict[str, Any] = {}

    def step(self, step: p.Step) -> Iterator[str]:
        from sqlglot import exp

        from lifeseg.engines.writer import column
        from lifeseg.plan import tree

        match step:
            case tree.Measure():
                yield from self.measured(step)
            case tree.Save():
                self.saved[step.name] = exp.Table(this=exp.to_identifier(step.name, quoted=True))
                query = self.written(step.relation, [*map(column, step.columns)])
                yield f"-- Keeps {step.name}\nCREATE TEMPORARY TABLE {step.name} AS\n{query};"
            case tree.Output():
                keys = [exp.alias_(column(f"_k{n}"), key, quoted=True) for n, key in enumerate(step.keys, 1)]
                shown = [exp.alias_(self.operations.shown(r), r.name, quoted=True) for r in step.results]
                query = self.written(step.relation, [*keys, *shown])
                yield f"-- The results of {step.entity}\n{query};"

    def measured(self, step: p.Measure) -> Iterator[str]:
        """The statistics of one pass; of those by rank the values that are ranked."""
        from sqlglot import exp

        from lifeseg.engines.running import Run

        run = Run(self.plan, None, self.operations)  # type: ignore[arg-type]
        run.formulas = self.formulas()
        columns: list[Any] = []
        for request in step.requests:
            sums = zip(
                ("count", "total", "least", "greatest", "squares", "rows"), run.sums_of(request), strict=True
            )
            kept = [(role, value) for role, value in sums if not isinstance(value, exp.Null | exp.Literal)]
            columns += [exp.alias_(value, f"{request.name}_{role}", quoted=True) for role, value in kept]
        told = "\n".join(f"-- :{request.name} is {request.key}" for request in step.requests)
        yield f"{told}\n{self.written(step.relation, columns)};"

    def formulas(self) -> Any:
        from lifeseg.engines.writer import Formulas

        class Named(Formulas):
            """Statistics stay names."""

            def sql(self, node: Any) -> Any:
                return self.written(node)

        return Named(self.operations, {})

    def written(self, relation: p.Relation, columns: Sequence[Any]) -> str:
        from lifeseg.engines.queries import Queries

        queries = Queries(self.operations, self.formulas(), self.saved)
        query = queries.select(relation, columns)
        with_ = query.args.pop("with_", None)
        parts = [
            f"{part.alias} AS{marked(part)} (\n{self.laid_out(part.this)}\n)"
            for part in (with_.expressions if with_ is not None else ())
        ]
        head = "WITH " + ",\n".join(parts) + "\n" if parts else ""
        return head + self.laid_out(query, "")

    def laid_out(self, query: Any, indent: str = "  ") -> str:
        """A column a line, with the title of the definition it is."""
        lines = [f"{indent}SELECT"]
        last = len(query.expressions) - 1
        for place, found in enumerate(query.expressions):
            comma = "," if place < last else ""
            title = self.titles.get(found.alias)
            lines.append(f"{indent}  {self.plain(found)}{comma}" + (f"  -- {safe(title)}" if title else ""))
        rest = query.copy()
        rest.set("expressions", [])
        tail = self.plain(rest).removeprefix("SELECT").strip()
        return "\n".join([*lines, f"{indent}{tail}"])

    def plain(self, node: Any) -> str:
        text: str = node.sql(dialect=self.operations.dialect)
        return text


def marked(part: Any) -> str:
    """Whether a subquery that is read several times is computed once."""
    return " MATERIALIZED" if part.args.get("materialized") else ""


def safe(title: str) -> str:
    """A title on one line, which cannot end its comment."""
    return " ".join(title.split())
