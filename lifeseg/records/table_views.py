"""Entities and their tables come in; what any engine does to make typed views of them goes out, but for the SQL.

A view has the key columns `_k1`, `_k2` … (ancestors' first) and the facts as engines hold them. Every row of every table
is looked at before anything is evaluated. How that is said in an engine's SQL, its own module knows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity
from lifeseg.records.findings import Findings, nearest
from lifeseg.records.heading import Heading, match_heading
from lifeseg.records.identifiers import identifiers
from lifeseg.records.source import Source, TableName
from lifeseg.records.table_checks import (
    Cell,
    Check,
    duplicate_finding,
    empty_finding,
    example,
    orphan_finding,
    row_finding,
)
from lifeseg.records.to_tables import PREFIX, parents_first

Sql = TypeVar("Sql")

Found = tuple[int, Sequence[Sequence[Any]]]
"""How many rows there are, and the first of them."""


@dataclass(frozen=True, slots=True)
class Records:
    """The view of each entity and how many records it has; no views if anything is wrong. Findings may be mild ones."""

    views: Mapping[str, str]
    counts: Mapping[str, int]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Typed(Generic[Sql]):
    """An entity's columns over a table: its keys, its facts, and the rows they are read from."""

    entity: Entity
    shown: str
    rows: Sql
    keys: tuple[Cell[Sql], ...]
    facts: tuple[Cell[Sql], ...]
    order: Sql | None = None  # what rows without a key are numbered by

    @property
    def cells(self) -> tuple[Cell[Sql], ...]:
        known = {cell.column for cell in self.keys}
        return (*self.keys, *(cell for cell in self.facts if cell.column not in known))


class Views(ABC, Generic[Sql]):
    """The making of the views of one run; what is wrong gathers in `findings`."""

    def __init__(self, entities: Mapping[str, Entity], as_of: date) -> None:
        self.entities, self.as_of = entities, as_of
        self.findings = Findings()
        self.typed: dict[str, Typed[Sql]] = {}
        self.sound: set[str] = set()  # entities whose keys are what they should be
        self.counts: dict[str, int] = {}

    def made(self, sources: Mapping[str, Source | TableName]) -> Records:
        """Reads and checks every source; the views are made if nothing is wrong."""
        for name in sources:
            if name not in self.entities:
                suggestion = nearest(name, self.entities)
                self.findings.add(problem("data-file.no-entity", None, entity=name, suggestion=suggestion))
        for entity in parents_first(self.entities):
            self.read(entity, sources.get(entity.name))
        views: dict[str, str] = {}
        if not self.findings.failed:
            views = {name: PREFIX + plain for name, plain in identifiers(self.entities).items()}
            for entity in parents_first(self.entities):
                self.show(entity, views)
        return Records(views, self.counts if views else {}, self.findings.listed())

    def read(self, entity: Entity, source: Source | TableName | None) -> None:
        parent = self.entities[entity.parent] if entity.parent is not None else None
        if source is None:
            self.findings.add(problem("data-file.not-given", None, entity=entity.name))
        elif parent is not None and not parent.keys:
            self.findings.add(problem("data-orphan.no-key", None, entity=entity.name, parent=parent.name))
        elif (typed := self.over(entity, source)) is not None:
            self.typed[entity.name] = typed
            self.check(typed)

    def heading(self, entity: Entity, names: Sequence[str], shown: str) -> Heading | None:
        """Which column is which fact; none where one that is needed is not there or stands there twice."""
        heading, found = match_heading(self.entities, entity, names, Span(shown, 1, 1, 1, 2))
        self.findings.add_all(found)
        if any(finding.code in ("data-missing-column", "data-duplicate-column") and
               finding.key != "data-missing-column.optional" for finding in found):  # fmt: skip
            return None
        return heading

    def dated_above(self, entity: Entity) -> bool:
        """Whether rows may be left out because something above them is dated later."""
        above = self.entities[entity.parent] if entity.parent is not None else None
        return above is not None and (above.dated is not None or self.dated_above(above))

    # ---- Checks ----------------------------------------------------------------------------------

    def check(self, typed: Typed[Sql]) -> None:
        """Every cell in one pass; then keys that come twice and rows without a parent, if the keys are sound."""
        asked = [(cell, check) for cell in typed.cells for check in cell.checks]
        total, *counts = self.counted(typed, [check.test for _, check in asked])
        self.counts[typed.entity.name] = total
        if not total:
            self.findings.add(empty_finding(typed.entity, typed.shown))
        wrong = [(cell, check, count) for (cell, check), count in zip(asked, counts, strict=True) if count]
        facts = [key.fact for key in typed.keys]
        for cell, check, count in wrong:
            examples = [example(facts, row[:-1], row[-1]) for row in self.examples(typed, cell, check)]
            self.findings.add(row_finding(check, cell, typed.shown, (count, total), examples))
        if not {cell.column for cell, _, _ in wrong} & {cell.column for cell in typed.keys}:
            self.sound.add(typed.entity.name)
            self.check_keys(typed)
            self.check_parents(typed, total)

    def check_keys(self, typed: Typed[Sql]) -> None:
        if not typed.entity.keys:
            return
        count, rows = self.repeated(typed)
        if count:
            examples = [example([cell.fact for cell in typed.keys], row) for row in rows]
            self.findings.add(duplicate_finding(typed.entity, typed.shown, count, examples))

    def check_parents(self, typed: Typed[Sql], total: int) -> None:
        parent = typed.entity.parent
        if parent is None or parent not in self.sound:
            return
        above = self.typed[parent]
        mine = typed.keys[: len(above.keys)]
        count, rows = self.orphans(typed, mine, above)
        if count:
            examples = [example([cell.fact for cell in mine], row) for row in rows]
            self.findings.add(orphan_finding(typed.entity, typed.shown, (count, total), examples))

    # ---- In the engine's own words ---------------------------------------------------------------

    @abstractmethod
    def over(self, entity: Entity, source: Source | TableName) -> Typed[Sql] | None:
        """The entity's columns over its source; None with a finding where they cannot be read."""

    @abstractmethod
    def counted(self, typed: Typed[Sql], tests: Sequence[Sql]) -> Sequence[int]:
        """How many rows there are, and for how many each test is true, in one pass."""

    @abstractmethod
    def examples(self, typed: Typed[Sql], cell: Cell[Sql], check: Check[Sql]) -> Sequence[Sequence[Any]]:
        """The keys as written, and the cell, of the first rows that are wrong."""

    @abstractmethod
    def repeated(self, typed: Typed[Sql]) -> Found:
        """The keys that stand in several rows."""

    @abstractmethod
    def orphans(self, typed: Typed[Sql], mine: Sequence[Cell[Sql]], above: Typed[Sql]) -> Found:
        """The rows whose parent's key no parent has."""

    @abstractmethod
    def show(self, entity: Entity, views: Mapping[str, str]) -> None:
        """Makes the view of the rows there are on the as-of date: those dated later, with what belongs to them, are not."""
