"""A plan's relations come in; one query with a named subquery for each relation goes out, in an engine's dialect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from lifeseg.engines.writer import Formulas, Operations, cast, column, enumeration, number
from lifeseg.plan import tree as p

SURE_BITS = 32
"""Of numbers whose sum has 64 bits, however many rows of a record there are."""

MOST_WRITTEN = 10_000
"""Rows are materialised where a column would need more operations than this, if every layer is written out in the next."""


@dataclass(slots=True)
class Queries:
    """Writes relations as one query with a named subquery for each relation that is used."""

    operations: Operations
    formulas: Formulas
    saved: Mapping[str, exp.Expression]
    named: dict[p.Relation, str] = field(default_factory=dict)
    parts: list[tuple[str, exp.Query, bool]] = field(default_factory=list)
    sizes: dict[p.Relation, dict[str, int]] = field(default_factory=dict)

    def select(self, relation: p.Relation, columns: Sequence[exp.Expr]) -> exp.Select:
        """A query of expressions over a relation."""
        uses = Counter(inner_relations(relation))
        source = self.source(relation, uses)
        query = exp.select(*columns, copy=False).from_(source, copy=False)
        for name, part, shared in self.parts:
            marked = self.operations.materialised if shared else None
            called = exp.TableAlias(this=exp.to_identifier(name))
            query = query.with_(called, as_=part, materialized=marked, copy=False)
        return query

    def sums(self, relation: p.Relation, columns: Sequence[exp.Expr]) -> exp.Select:
        """The same, of which nothing else will be asked."""
        query = self.select(relation, columns)
        if isinstance(relation, p.Scan):
            used = {found.name for value in columns for found in value.find_all(exp.Column)}
            query.from_(self.operations.table(relation.entity, used), copy=False)
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
            self.parts.append((self.named[relation], query, self.apart(relation, uses)))
        return exp.Table(this=exp.to_identifier(self.named[relation]))

    def apart(self, relation: p.Relation, uses: Counter[p.Relation]) -> bool:
        """Whether a relation is worked out by itself: it is read in several places, or its formulas have grown large, which
        optimizers write out in the next layer wherever they stand there.
        """
        return uses[relation] > 1 or max(self.written_out(relation, uses).values(), default=0) > MOST_WRITTEN

    def written_out(self, relation: p.Relation, uses: Counter[p.Relation]) -> dict[str, int]:
        """The operations in each column, were every layer beneath written out in it."""
        if relation not in self.sizes:
            inner: dict[str, int] = {}
            if isinstance(relation, p.Extend | p.Attach) and not self.apart(relation.source, uses):
                inner = self.written_out(relation.source, uses)
            found: dict[str, int] = {}
            if isinstance(relation, p.Extend):
                found = {name: operations_in(formula, inner) for name, formula in relation.columns}
            self.sizes[relation] = inner | found
        return self.sizes[relation]

    def query(self, relation: p.Extend | p.Summarise | p.Attach, uses: Counter[p.Relation]) -> exp.Query:
        match relation:
            case p.Extend():
                made = [
                    exp.alias_(self.formulas.column(value), name, quoted=True, copy=False)
                    for name, value in relation.columns
                ]
                return exp.select(exp.Star(), *made, copy=False).from_(
                    self.source(relation.source, uses), copy=False
                )
            case p.Summarise():
                keys = [column(key) for key in relation.keys]
                summaries = [
                    exp.alias_(self.summary(found), found.name, quoted=True, copy=False)
                    for found in relation.summaries
                ]
                query = exp.select(*keys, *summaries, copy=False).from_(
                    self.source(relation.source, uses), copy=False
                )
                return query.group_by(*(column(key) for key in relation.keys), copy=False)
            case p.Attach():
                left = exp.alias_(self.source(relation.source, uses), "l", table=True, copy=False)
                right = exp.alias_(self.source(relation.other, uses), "r", table=True, copy=False)
                columns = [
                    exp.alias_(at("r", there), here, quoted=True, copy=False)
                    for there, here in relation.columns
                ]
                same = [exp.EQ(this=at("l", key), expression=at("r", key)) for key in relation.keys]
                joined = exp.Join(this=right, side="LEFT", on=exp.and_(*same, copy=False))
                everything = exp.Column(this=exp.Star(), table=exp.to_identifier("l"))
                query = exp.select(everything, *columns, copy=False).from_(left, copy=False)
                query.append("joins", joined)
                return query
            case _:
                assert_never(relation)

    def summary(self, found: p.Summary) -> exp.Expression:
        """Counts of conditions as sums of 0 and 1, which are right whatever is null."""
        value = self.formulas.column(found.value)
        match found.function:
            case "count":
                if isinstance(found.value, p.Literal_):
                    return exp.Count(this=exp.Star())
                return exp.Count(this=exp.Case(ifs=[exp.If(this=value, true=number(1))]))
            case "sum":
                if self.operations.narrow_sums and found.value.bits > SURE_BITS:
                    value = cast(value, self.operations.wide, self.operations.dialect)
                return exp.Sum(this=value)
            case "min":
                return exp.Min(this=value)
            case "max":
                return exp.Max(this=value)
            case "squares":
                wide = cast(value, self.operations.wide, self.operations.dialect)
                return exp.Sum(this=exp.Mul(this=wide, expression=wide.copy()))
            case "latest":
                rows = self.formulas.sql(found.rows) if found.rows is not None else None
                order = [(self.formulas.sql(by), by.kind) for by in found.order]
                return self.operations.latest(value, order, rows)
            case "singles":
                bits = exp.Anonymous(this="bit_or", expressions=[bit_of(value, found.options)])
                rows = exp.Count(this=exp.Star())
                distinct = exp.EQ(this=rows, expression=exp.Anonymous(this="bit_count", expressions=[bits]))
                return exp.Case(ifs=[exp.If(this=distinct, true=rows.copy())])
            case _:
                assert_never(found.function)


def bit_of(value: exp.Expression, options: Sequence[str]) -> exp.Expression:
    """A bit for each text of a few, by its place among them."""
    member = exp.Cast(this=value, to=enumeration(sorted(options)))
    place = exp.Anonymous(this="enum_code", expressions=[member])
    one = cast(number(1), "BIGINT", "duckdb")
    return exp.Paren(this=exp.BitwiseLeftShift(this=one, expression=place))


def operations_in(formula: p.AnyFormula, columns: Mapping[str, int]) -> int:
    """How much is written for a formula; of quotients each side about twice."""
    total = 0
    waiting: list[tuple[object, int]] = [(formula, 1)]
    while waiting:
        found, times = waiting.pop()
        if isinstance(found, tuple):
            waiting.extend((part, times) for part in found)
        elif isinstance(found, p.Column):
            total += times * columns.get(found.name, 1)
        elif isinstance(found, p.Formula):
            total += times
            again = 2 if isinstance(found, p.Quotient) else 1
            waiting.extend([(getattr(found, part), again * times) for part in p.own_fields(type(found))])
    return total


def at(table: str, name: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(table))


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
