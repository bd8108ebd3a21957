"""The entities of a policy and their data files come in; a population of records, or what is wrong, goes out.

CSV, Parquet and Excel files, folders of files and tables of DuckDB files are read to the same values. Nothing
is dropped silently: a bad row is an error, or it is set aside with its reasons; what concerns a whole file is an
error always.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import compress
from typing import Literal, NamedTuple

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.model.model import Entity
from lifeseg.records.files import fingerprint, is_several
from lifeseg.records.findings import LINES_OF_A_FILE, MILD, Findings, at, finding, nearest
from lifeseg.records.from_csv import csv_table
from lifeseg.records.from_several import several_table
from lifeseg.records.from_table import Keys, TableReader
from lifeseg.records.heading import Heading, ancestor_columns, match_heading, without
from lifeseg.records.loaded import Loaded, SetAside, SetAsideRow
from lifeseg.records.population import Population, Rows
from lifeseg.records.source import Batch, Source, Table, UnreadableError, facts_named, unreadable

__all__ = ["Loaded", "SetAside", "SetAsideRow", "Source", "load"]

OnBadRow = Literal["fail", "set-aside"]
Progress = Callable[[str, int, int], None]
"""Takes the entity that is being read, how much of its file is read, and the whole (0 where nobody knows)."""

CSV = frozenset({".csv", ".tsv", ".txt"})
PARQUET = frozenset({".parquet", ".pq"})
XLSX = frozenset({".xlsx", ".xlsm"})
DATABASE = frozenset({".duckdb", ".db", ".ddb"})

ONLY_AS_A_REASON = frozenset({"data-orphan.set-aside", "data-duplicate-key.first"})
"""Reasons to set a row aside that say nothing new about the data as a whole."""

MOST_REASONS_SHOWN = 5


def load(
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source],
    on_bad_row: OnBadRow = "fail",
    progress: Progress | None = None,
) -> Loaded:
    """Read the records of all entities.

    Parents are read before their children, whatever the order of `entities`. A population is given unless a
    finding is an error. With "set-aside" rows that cannot be read, and the children of such rows, are left
    out and returned with their reasons; a warning counts them. The fingerprint is that of records.files, in the
    order of `entities`. `progress` is called after every few thousand
    rows.
    """
    loading = _Loading(entities, sources, on_bad_row == "set-aside", progress)
    loading.check_sources()
    with _collector_paused():
        for entity in entities.values():
            loading.read(entity)
    return loading.result()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Python would search millions of new tuples for cycles, again and again: a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def table_of(source: Source, entity: str, wanted: frozenset[str]) -> Iterator[Table]:
    """Open a source, its heading in the policy's names and its constants behind its columns."""
    with whole_table(source, entity, wanted | frozenset(source.columns.values())) as table:
        if not source.columns and not source.constants:
            yield table
            return
        constants = tuple(source.constants.values())
        batches = (
            Batch(lines, [(*row, *constants) for row in rows], done) for lines, rows, done in table.batches
        )
        parts = tuple(part._replace(heading=facts_named(source, part.heading)) for part in table.parts)
        yield replace(table, heading=facts_named(source, table.heading), batches=batches, parts=parts)


def whole_table(source: Source, entity: str, wanted: frozenset[str]) -> AbstractContextManager[Table]:
    """Open a file, a table of a database, or all the files of a folder or pattern."""
    if is_several(source):
        return several_table(source, lambda one: file_table(one, entity, wanted))
    if not source.path.is_file():
        key = "data-file.unreadable" if source.path.exists() else "data-file"
        raise UnreadableError(problem(key, None, path=source.path))
    source.path.open("rb").close()
    return file_table(source, entity, wanted)


def file_table(source: Source, entity: str, wanted: frozenset[str]) -> AbstractContextManager[Table]:
    """Open a file by the end of its name."""
    ending = source.path.suffix.lower()
    if source.table is not None or ending in DATABASE:
        from lifeseg.records.from_database import database_table

        return database_table(source)
    if ending in CSV:
        return csv_table(source, wanted)
    if ending in PARQUET:
        from lifeseg.records.from_parquet import parquet_table

        return parquet_table(source)
    if ending in XLSX:
        from lifeseg.records.from_xlsx import xlsx_table

        return xlsx_table(source, entity)
    key = "data-format.old-excel" if ending == ".xls" else "data-format"
    raise UnreadableError(problem(key, None, path=source.path, ending=ending or None))


class _Done(NamedTuple):
    """An entity that is read: its rows, and its keys unless they cannot be told."""

    rows: Rows
    keys: Keys | None


class _Loading:
    """The state of one call of `load`."""

    def __init__(
        self,
        entities: Mapping[str, Entity],
        sources: Mapping[str, Source],
        setting_aside: bool,
        progress: Progress | None,
    ) -> None:
        self.entities, self.sources = entities, sources
        self.setting_aside, self.progress = setting_aside, progress
        self.findings = Findings()
        self.done: dict[str, _Done] = {}
        self.set_aside: dict[str, SetAside] = {}

    def check_sources(self) -> None:
        for name in self.sources:
            if name not in self.entities:
                suggestion = nearest(name, self.entities)
                self.findings.add(problem("data-file.no-entity", None, entity=name, suggestion=suggestion))

    def result(self) -> Loaded:
        population = None
        if not self.findings.failed:
            rows = {name: self.done[name].rows for name in self.entities}
            population = Population(rows, fingerprint(self.sources[name] for name in self.entities))
        set_aside = tuple(self.set_aside[name] for name in self.entities if name in self.set_aside)
        return Loaded(population, self.findings.listed(), set_aside)

    def read(self, entity: Entity) -> None:
        """Read one entity, its parent first; a file that cannot be read leaves a finding and no rows."""
        if entity.name in self.done:
            return
        self.done[entity.name] = _Done(Rows(entity.name), None)
        parent = self.entities[entity.parent] if entity.parent is not None else None
        if parent is not None:
            self.read(parent)
        source = self.sources.get(entity.name)
        if source is None:
            self.findings.add(problem("data-file.not-given", None, entity=entity.name))
            return
        if parent is not None and not parent.keys:
            place = at(str(source.path), 1)
            self.findings.add(problem("data-orphan.no-key", place, entity=entity.name, parent=parent.name))
            return
        try:
            self._read_file(entity, source)
        except UnreadableError as error:
            self.findings.add(error.diagnostic)
        except OSError as error:
            self.findings.add(unreadable(source.path, error).diagnostic)

    def _read_file(self, entity: Entity, source: Source) -> None:
        reasons: defaultdict[int, list[Diagnostic]] = defaultdict(list)

        def report(line: int, found: Diagnostic) -> None:
            if self.setting_aside:
                reasons[line].append(found)
            elif found.key not in ONLY_AS_A_REASON:
                self.findings.add(found)

        with self._open(entity, source) as table:
            files = table.files(str(source.path))
            heading = self._heading(entity, table, files[0])
            if not self._parts_fit(entity, table):
                return
            parents = self.done[entity.parent].keys if entity.parent is not None else None
            reader = TableReader(entity, heading, parents, files, report)
            for batch in table.batches:
                reader.take(batch)
                if self.progress is not None:
                    self.progress(entity.name, batch.done, table.total)
        keys = reader.keys() if reader.has_keys else None
        self.done[entity.name] = _Done(reader.rows, keys)
        self._count(entity, reader, table, str(source.path))
        if reasons:
            self._put_aside(entity, source, reader.count, reasons)

    def _open(self, entity: Entity, source: Source) -> AbstractContextManager[Table]:
        names = [name for name, _ in ancestor_columns(self.entities, entity)]
        wanted = frozenset([*names, *(fact.name for fact in entity.facts)])
        return table_of(source, entity.name, wanted)

    def _heading(self, entity: Entity, table: Table, file: str) -> Heading:
        place = at(file, table.line)
        heading, found = match_heading(self.entities, entity, table.heading, place)
        if any(finding.key == "data-missing-column.heading" for finding in found):
            raise UnreadableError(found[0])
        self.findings.add_all(found)
        for column in (*heading.ancestors, *heading.own):
            held = None if column.position is None else table.unsuitable.get(column.position)
            if held is not None:
                self.findings.add(problem("data-type.column", place, column=column.name, held=held))
        return without(heading, table.unsuitable)

    def _parts_fit(self, entity: Entity, table: Table) -> bool:
        """Whether every one of several files has the columns that all must have."""
        wrong = [
            found
            for part in table.parts
            if part.heading != table.heading
            for found in match_heading(self.entities, entity, part.heading, at(part.file, table.line))[1]
            if found.key not in MILD
        ]
        self.findings.add_all(wrong)
        return not wrong

    def _count(self, entity: Entity, reader: TableReader, table: Table, file: str) -> None:
        """Nothing at all is loud; empty rows are said."""
        place = at(file, table.line)
        if not reader.count:
            key = "data-empty.children" if entity.parent is not None else "data-empty.rows"
            self.findings.add(problem(key, place, path=file, entity=entity.name))
        if reader.blank:
            self.findings.add(problem("data-empty.blank-rows", place, count=reader.blank, path=file))

    def _put_aside(
        self, entity: Entity, source: Source, total: int, reasons: Mapping[int, list[Diagnostic]]
    ) -> None:
        """Read the file once more for the cells of the bad rows, as they were written."""
        rows: list[SetAsideRow] = []
        with self._open(entity, source) as table:
            for lines, cells, _ in table.batches:
                wanted = [line in reasons for line in lines]
                for line, row in compress(zip(lines, cells, strict=True), wanted):
                    number, within = divmod(line, LINES_OF_A_FILE)
                    file = table.parts[number].file if table.parts else ""
                    rows.append(SetAsideRow(within, tuple(row), tuple(reasons[line]), file))
        self.set_aside[entity.name] = SetAside(entity.name, table.heading, tuple(rows))
        counts = Counter((found.code, found.arguments.get("column")) for row in rows for found in row.reasons)
        common = ", ".join(
            f"{code} in `{column}` ({count})" if column else f"{code} ({count})"
            for (code, column), count in counts.most_common(MOST_REASONS_SHOWN)
        )
        all_of_them = len(rows) == total and entity.parent is None
        key = "data-empty.set-aside" if all_of_them else "data-set-aside"
        words = {"count": len(rows), "total": total, "entity": entity.name, "reasons": common}
        self.findings.add(finding(key, None, words))
