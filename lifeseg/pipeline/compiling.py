"""A checked policy, a day and a baseline come in; a function from one record to its results goes out, for services that
decide often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lifeseg.model.model import Entity, Model
from lifeseg.pipeline.by_engine import planned
from lifeseg.pipeline.errors import DataError, refusal
from lifeseg.pipeline.overview import findings, wrong_of
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.findings import Refused
from lifeseg.records.from_cell import Cells
from lifeseg.records.from_mapping import from_mapping
from lifeseg.records.to_cell import to_cell

if TYPE_CHECKING:
    from lifeseg.engines.compiled import Evaluate, Layout
    from lifeseg.interpreter.results import Baseline

Record = Mapping[str, object]


class UnusualError(Exception):
    """The record wants the careful reader, which says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How the records of an entity are read: every fact by name, and which of them the function takes, in its order."""

    facts: Mapping[str, Cells]
    taken: tuple[str, ...]
    keys: tuple[str, ...]
    names: frozenset[str]
    children: tuple[tuple[str, Reader], ...]
    unread: tuple[str, ...]  # child entities that no definition reads

    def row(self, record: Record) -> list[Any]:
        if not self.names.issuperset(record):
            raise UnusualError
        values: dict[str, Any] = {}
        for name, cells in self.facts.items():
            text = to_cell(record.get(name))
            value = cells[text] if text is not None else None
            if text is None or type(value) is Refused:
                raise UnusualError
            values[name] = value
        return [values, [values[name] for name in self.taken], *self.below(record)]

    def below(self, record: Record) -> list[list[list[Any]]]:
        if any(record.get(name) for name in self.unread):
            raise UnusualError
        found = []
        for name, reader in self.children:
            given = record.get(name) or ()
            if not isinstance(given, list | tuple) or not all(isinstance(one, Mapping) for one in given):
                raise UnusualError
            rows = [reader.row(one) for one in given]
            keys = {tuple(row[0][key] for key in reader.keys) for row in rows}
            if reader.keys and len(keys) != len(rows):
                raise UnusualError
            found.append(rows)
        return found


@dataclass(frozen=True, slots=True)
class Compiled:
    """Decides about one record, or many. Keeps nothing between calls, so that threads may share it.

    Called with a record, as `Policy.evaluate` takes it, it gives the same results, or raises the same DataError.
    """

    model: Model
    as_of: date
    entity: str
    only: tuple[str, ...] | None
    baseline: Baseline
    layout: Layout = field(repr=False)
    function: Evaluate = field(repr=False)
    reader: Reader = field(repr=False)
    show: Callable[[list[Any], list[Any]], dict[str, Any] | None] = field(repr=False)

    def __call__(self, record: Record) -> dict[str, Any]:
        try:
            row = self.reader.row(record)
        except UnusualError:
            return self.carefully(record)
        shown = self.show(row, self.function(arranged(row)))
        return shown if shown is not None else self.carefully(record)

    def batch(self, records: Iterable[Record]) -> list[dict[str, Any]]:
        """The results of many records, in their order."""
        return [self(record) for record in records]

    def carefully(self, record: Record) -> dict[str, Any]:
        """By the reference: for what is unusual, and to say what is wrong."""
        from lifeseg.pipeline.policy import Results

        loaded = from_mapping(self.model.entities, record, self.entity)
        if loaded.population is None:
            raise DataError(loaded.diagnostics)
        results = evaluate(self.model, loaded.population, self.as_of, self.baseline, self.only)
        if results.findings:
            raise DataError(findings(wrong_of(results)), self.model.sources)
        found = Results(results, loaded.population.fingerprint).record(self.entity, 0)
        return chosen(self.model, self.entity, found, self.only)


def chosen(model: Model, entity: str, found: dict[str, Any], only: Sequence[str] | None) -> dict[str, Any]:
    """Only the keys and what was asked for."""
    if only is None:
        return found
    keys = {fact.name for fact in model.entities[entity].keys}
    kept: dict[str, Any] = {}
    for name, value in found.items():
        if name in model.entities:
            kept[name] = [chosen(model, name, one, only) for one in value]
        elif name in keys or name.removesuffix("_band") in only or name in only:
            kept[name] = value
    return kept


def arranged(row: list[Any]) -> list[Any]:
    """What the function takes: the facts it reads, then its children's rows."""
    return [*row[1], *([arranged(child) for child in rows] for rows in row[2:])]


def compiled(
    model: Model, as_of: date, baseline: Baseline, entity: str, only: Sequence[str] | None
) -> Compiled:
    from lifeseg.engines.compiled import compiled as build

    plan = planned(model, as_of, only, [found.key for found in model.statistics])
    try:
        made = build(plan, entity, baseline.statistics)
    except (NotImplementedError, AssertionError) as gap:
        raise refusal("engine-gap", construct=str(gap), engine="compiled") from gap
    reader = reader_of(model, model.entities[entity], made.layout)
    show = shower(model, made.layout)
    names = tuple(only) if only is not None else None
    return Compiled(model, as_of, entity, names, baseline, made.layout, made.evaluate, reader, show)


def reader_of(model: Model, entity: Entity, layout: Layout) -> Reader:
    below = [child.name for child in model.entities.values() if child.parent == entity.name]
    children = tuple(
        (child.entity, reader_of(model, model.entities[child.entity], child)) for child in layout.children
    )
    read = {name for name, _ in children}
    facts = {fact.name: Cells(fact) for fact in entity.facts}
    keys = tuple(fact.name for fact in entity.keys)
    unread = tuple(name for name in below if name not in read)
    return Reader(facts, layout.facts, keys, frozenset([*facts, *below]), children, unread)


def shower(model: Model, layout: Layout) -> Callable[[list[Any], list[Any]], dict[str, Any] | None]:
    """Results as Python has them; None where something is wrong with the record."""
    entity = model.entities[layout.entity]
    keys = [(fact.name, scale_of(fact.type.kind, fact.type.scale)) for fact in entity.keys]
    results = [(found.name, scale_of(found.kind, found.scale)) for found in layout.results]
    width, troubles = len(results), layout.troubles
    first_claim = width + len(troubles)
    children = [(child.entity, shower(model, child)) for child in layout.children]
    first_child = first_claim + len(layout.claims)
    others = [child.name for child in model.entities.values() if child.parent == entity.name]

    def show(row: list[Any], found: list[Any]) -> dict[str, Any] | None:
        for trouble, count in zip(troubles, found[width:first_claim], strict=True):
            if count != 1 and not (count == 0 and trouble.otherwise) and count is not None:
                return None
        for claim, verdict in zip(layout.claims, found[first_claim:first_child], strict=True):
            if verdict is claim.wrong:
                return None
        shown = {name: plain(row[0][name], scale) for name, scale in keys}
        for (name, scale), value in zip(results, found, strict=False):
            shown[name] = plain(value, scale)
        for name in others:
            shown[name] = []
        for (name, below), rows, values in zip(children, row[2:], found[first_child:], strict=True):
            inner = [below(one, value) for one, value in zip(rows, values, strict=True)]
            if None in inner:
                return None
            shown[name] = inner
        return shown

    return show


def scale_of(kind: str, scale: int) -> int | None:
    return scale if kind in ("whole", "number") else None


def plain(value: Any, scale: int | None) -> Any:
    if scale is not None and value is not None:
        return Decimal(value).scaleb(-scale)
    return list(value) if isinstance(value, tuple) else value
