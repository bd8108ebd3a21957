"""A plan's relations come in; one query with a named subquery for each relation goes out, in an engine's dialect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from lifeseg.engines.writer import Formulas, Operations, column, number
from lifeseg.plan import tree as p


@dataclass(slots=True)
class Queries:
    """Writes relations as one query with a named subquery for each relation that is used."""

    operations: Operations
    formulas: Formulas
    saved: Mapping[str, exp.Expression]
    named: dict[p.Relation, str] = field(default_factory=dict)
    parts: list[tuple[str, exp.Query, bool]] = field(default_factory=list)

    def select(self, relation: p.Relation, columns: Sequence[exp.Expr]) -> exp.Select:
        """A query of expressions over a relation."""
        uses = Counter(inner_relations(relation))
        source = self.source(relation, uses)
        query = exp.select(*columns, copy=False).from_(source, copy=False)
        for name, part, shared in self.parts:
            marked = self.operations.materialised if shared else None
            query = query.with_(name, as_=part, materialized=marked, copy=False)
        return query

    def source(self, relation: p.Relation, uses: Counter[p.Relation]) -> exp.Expression:
        """Something a FROM can name."""
        if isinstance(relation, p.Scan):
            return self.operations.table(relation.entity)
        if isinstance(relation, p.Saved):
            return self.saved[relation.name].copy()
        if relation not in self.named:
            query = self.query(relation, uses)
            self.named[relation] = f"q{len(self.named) + 1}"
            self.parts.append((self.named[relation], query, uses[relation] > 1))
        return exp.to_table(self.named[relation])

    def query(self, relation: p.Extend | p.Summarise | p.Attach, uses: Counter[p.Relation]) -> exp.Query:
        match relation:
            case p.Extend():
                made = [
                    exp.alias_(self.formulas.sql(value), name, quoted=True)
                    for name, value in relation.columns
                ]
                return exp.select(exp.Star(), *made, copy=False).from_(
                    self.source(relation.source, uses), copy=False
                )
            case p.Summarise():
                keys = [column(key) for key in relation.keys]
                summaries = [
                    exp.alias_(self.summary(found), found.name, quoted=True) for found in relation.summaries
                ]
                query = exp.select(*keys, *summaries, copy=False).from_(
                    self.source(relation.source, uses), copy=False
                )
                return query.group_by(*(column(key) for key in relation.keys), copy=False)
            case p.Attach():
                left = exp.alias_(self.source(relation.source, uses), "l", table=True, copy=False)
                right = exp.alias_(self.source(relation.other, uses), "r", table=True, copy=False)
                columns = [
                    exp.alias_(
                        exp.column(exp.to_identifier(there, quoted=True), table="r"), here, quoted=True
                    )
                    for there, here in relation.columns
                ]
                on = exp.and_(*(exp.EQ(this=at("l", key), expression=at("r", key)) for key in relation.keys))
                everything = exp.Column(this=exp.Star(), table=exp.to_identifier("l"))
                query = exp.select(everything, *columns, copy=False).from_(left, copy=False)
                return query.join(right, on=on, join_type="left", copy=False)
            case _:
                assert_never(relation)

    def summary(self, found: p.Summary) -> exp.Expression:
        """Counts of conditions as sums of 0 and 1, which are right whatever is null."""
        value = self.formulas.sql(found.value)
        match found.function:
            case "count":
                if isinstance(found.value, p.Literal_):
                    return exp.Count(this=exp.Star())
                return exp.Count(this=exp.Case(ifs=[exp.If(this=value, true=number(1))]))
            case "sum":
                return exp.Sum(this=value)
            case "min":
                return exp.Min(this=value)
            case "max":
                return exp.Max(this=value)
            case _:
                raise NotImplementedError(found.function)


def at(table: str, name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def inner_relations(relation: p.Relation) -> Iterator[p.Relation]:
    """Every relation inside, once for each place that reads it."""
    seen: set[p.Relation] = set()
    waiting = [relation]
    while waiting:
        found = waiting.pop()
        inner = [] if isinstance(found, p.Scan | p.Saved) else [found.source]
        if isinstance(found, p.Attach):
            inner.append(found.other)
        for part in inner:
            yield part
            if part not in seen:
                seen.add(part)
                waiting.append(part)
