"""A plan whose statistics are all known, and how its facts are read, come in; a function from tables as columns to their
results as columns goes out.

Each fact is read, each formula worked out for all rows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, assert_never

import numpy as np

from lifeseg.engines.column_formulas import ColumnFormulas, NotByColumnsError, Rows, there
from lifeseg.engines.column_reading import Array, ColumnReader, Words, pythonic
from lifeseg.engines.column_summaries import summary_of
from lifeseg.engines.column_tables import Columns, Shape, Table, decimals
from lifeseg.engines.python_reading import Reading, UnusualError
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p
from lifeseg.plan.formulas import Statistics, known_scalars, settled

Tables = dict[str, Rows]
Step = Callable[[Tables], None]


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column of a child's table that holds a key of an ancestor."""

    name: str
    entity: str
    fact: str


@dataclass(slots=True)
class ByColumns:
    """Reads tables, works the plan out, and shows the results; UnusualError where something wants a closer look.

    Many threads may call it.
    """

    plan: p.Plan
    statistics: Statistics
    readings: Mapping[str, Reading]
    above: Mapping[str, tuple[KeyColumn, ...]]  # the ancestors' keys, the topmost first
    scalars: Mapping[str, int | None] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    readers: dict[tuple[str, str], ColumnReader] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    done: set[tuple[str, str]] = field(default_factory=set)  # entities and columns that a step fills
    scanned: dict[str, set[str]] = field(default_factory=dict)
    outputs: list[p.Output] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)  # parents before their children

    def __post_init__(self) -> None:
        self.scalars = known_scalars(self.plan, self.statistics)
        for entity, reading in self.readings.items():
            for fact in reading.facts:
                for option in fact.options:
                    self.words.code(option)
                self.readers[entity, fact.name] = ColumnReader(
                    fact, fact.name in reading.keys, self.words, {}
                )
        for step in self.plan.steps:
            if isinstance(step, p.Output):
                self.outputs.append(step)
                self.relation(step.relation)
        waiting = [*self.plan.sources]
        while waiting:
            source = waiting.pop(0)
            if source.parent is not None and not self.readings[source.parent].keys:
                raise NotByColumnsError("children of rows without a key")
            if source.parent is None or source.parent in self.shapes:
                self.shapes[source.entity] = self.shape(source)
            else:
                waiting.append(source)

    def shape(self, source: p.Source) -> Shape:
        """What a table must hold; made after the steps, which tell what is read."""
        own = {
            fact.name: self.readers[source.entity, fact.name] for fact in self.readings[source.entity].facts
        }
        above = {one.name: self.readers[one.entity, one.fact] for one in self.above[source.entity]}
        wanted = self.scanned.get(source.entity, set())
        return Shape(
            entity=source.entity,
            parent=source.parent,
            above=tuple(above),
            keys=self.readings[source.entity].keys,
            readers={**above, **own},
            scans=tuple((fact, column) for fact, column in source.facts if column in wanted),
            dated=source.dated,
            as_of=self.plan.as_of.toordinal(),
            leaf=not self.readings[source.entity].children,
            words=self.words,
        )

    # ---- Making --------------------------------------------------------------------------------

    def relation(self, relation: p.Relation) -> str:
        """Adds the steps that fill the columns of a relation; its entity."""
        match relation:
            case p.Scan():
                self.scanned.setdefault(relation.entity, set()).update(relation.columns)
                return relation.entity
            case p.Extend():
                entity = self.relation(relation.source)
                for column, formula in relation.columns:
                    if self.is_new(entity, column):
                        self.steps.append(self.extended(entity, column, formula))
                return entity
            case p.Attach():
                entity = self.relation(relation.source)
                if isinstance(relation.other, p.Summarise):
                    self.summarised(entity, relation.other)
                else:
                    owner = self.relation(relation.other)
                    for there_, here in relation.columns:
                        if self.is_new(entity, here):
                            self.steps.append(self.attached(entity, here, owner, there_))
                return entity
            case p.Summarise() | p.Saved():
                raise AssertionError("a plan whose statistics are known measures and saves nothing")
            case _:
                assert_never(relation)

    def is_new(self, entity: str, column: str) -> bool:
        new = (entity, column) not in self.done
        self.done.add((entity, column))
        return new

    def extended(self, entity: str, column: str, formula: p.AnyFormula) -> Step:
        evaluate = ColumnFormulas(self.words).formula(settled(formula, self.scalars))

        def step(tables: Tables) -> None:
            rows = tables[entity]
            rows.columns[column] = spread(evaluate(rows), rows.count)

        return step

    def attached(self, entity: str, column: str, owner: str, there_: str) -> Step:
        """The column of the row that each row belongs to."""
        line = [entity]
        while line[-1] != owner:
            line.append(
                next(found.parent for found in self.plan.sources if found.entity == line[-1]) or owner
            )

        def step(tables: Tables) -> None:
            found = tables[owner].columns[there_]
            for below in reversed(line[:-1]):
                places = tables[below].parents
                found = Array(found.values[places], None if found.known is None else found.known[places])
            tables[entity].columns[column] = found

        return step

    def summarised(self, entity: str, group: p.Summarise) -> None:
        below = self.relation(group.source)
        if next(found.parent for found in self.plan.sources if found.entity == below) != entity:
            raise NotByColumnsError("summaries of other rows than children")
        for found in group.summaries:
            if self.is_new(entity, found.name):
                self.steps.append(self.summary(entity, below, found))

    def summary(self, entity: str, below: str, found: p.Summary) -> Step:
        summarise = summary_of(found, self.scalars, self.words)

        def step(tables: Tables) -> None:
            tables[entity].columns[found.name] = summarise(tables[below], tables[entity].count)

        return step

    # ---- Calling -------------------------------------------------------------------------------

    def __call__(self, tables: Mapping[str, Columns]) -> dict[str, dict[str, list[Any]]]:
        read, rows = self.worked_out(tables)
        if any(is_wrong(step, rows[step.entity]) for step in self.outputs):
            raise UnusualError
        return {step.entity: results(step, read[step.entity], rows[step.entity]) for step in self.outputs}

    def worked_out(self, tables: Mapping[str, Columns]) -> tuple[dict[str, Table], Tables]:
        """The tables as they were read, and all columns of the plan."""
        if tables.keys() != self.shapes.keys():
            raise UnusualError
        read: dict[str, Table] = {}
        for entity, shape in self.shapes.items():
            read[entity] = Table(shape, tables[entity], read.get(shape.parent or ""))
        texts = any(shape.scans_texts for shape in self.shapes.values())
        words = Words(self.words.texts) if texts else self.words
        rows = {entity: table.rows(words) for entity, table in read.items()}
        with np.errstate(all="ignore"):  # where something is missing anything may be worked out
            for step in self.steps:
                step(rows)
        return read, rows


def results(step: p.Output, table: Table, rows: Rows) -> dict[str, list[Any]]:
    """The keys as they were read, then the results, as Python has them."""
    found = table.shown_keys()
    for result in step.results:
        values = pythonic(result.kind, rows.columns[result.column], rows.count, rows.words)
        if result.kind == "whole":
            values = decimals(values, result.scale)
        elif result.kind == "list":
            values = [None if value is None else [*value] for value in values]
        found[result.name] = values
    return found


def spread(array: Array, count: int) -> Array:
    """A value for each row."""
    values, known = array
    if values.shape == (count,) and (known is None or known.shape == (count,)):
        return array
    return Array(
        np.broadcast_to(values, count),
        known if known is None else np.broadcast_to(known, count),
    )


def is_wrong(step: p.Output, rows: Rows) -> bool:
    """Whether a row has no case or several somewhere, or breaks a claim."""
    for trouble in step.troubles:
        cases = rows.columns[trouble.column]
        right = (cases.values == 1) | ((cases.values == 0) if trouble.otherwise else np.False_)
        if there(~right, cases.known).any():
            return True
    claims = [(rows.columns[claim.column], claim.wrong) for claim in step.claims]
    return any(there(verdict.values == wrong, verdict.known).any() for verdict, wrong in claims)
