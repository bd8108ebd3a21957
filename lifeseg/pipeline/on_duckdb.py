"""A model, a setting and a wish come in; a DuckDB database with the records goes out, and a place for the results."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import ConfigurationError, DataError, refusal
from lifeseg.pipeline.lookup import remember_plain
from lifeseg.pipeline.past import Past, results_in
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Progress, named
from lifeseg.pipeline.wish import Wish
from lifeseg.records.engine_failure import NotProvedError
from lifeseg.records.source import Limits, Source
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lifeseg.engines.running import Database
    from lifeseg.engines.writer import Operations
    from lifeseg.plan import tree as p
    from lifeseg.plan.proving import Proof
    from lifeseg.records.changed_files import Noted
    from lifeseg.records.loaded import Loaded
    from lifeseg.records.table_results import ResultTable
    from lifeseg.records.to_database import Stored


@dataclass(frozen=True, slots=True)
class OnDuckDB:
    """A database in memory; results are written while they are computed, and put in place at the end."""

    model: Model
    connection: DuckDBPyConnection
    stored: Stored
    wish: Wish
    work: Path | None
    dialect: str = "duckdb"
    sources: Mapping[str, Source] = field(default_factory=dict)
    files: tuple[Noted, ...] = ()
    alone: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    wanted: frozenset[str] | None = None
    """The entities whose results somebody reads; None: all."""

    @property
    def records(self) -> Mapping[str, str]:
        assert self.stored.records is not None
        return self.stored.records

    @property
    def loaded(self) -> Loaded:
        return self.stored.loaded

    @property
    def database(self) -> Database:
        """Results are written if somebody asked for them; of those that only the store reads, what it reads."""
        from lifeseg.engines.duckdb import Database

        wanted = self.wanted
        if self.wish.folder is None:
            wanted = frozenset(results_in(self.model, self.work, "parquet") if self.work is not None else ())
        return Database(self.connection, self.work, self.wish.file_format, wanted)

    @property
    def operations(self) -> Operations:
        from lifeseg.engines.duckdb import DuckDB

        return DuckDB(self.records, as_text=self.wish.file_format == "csv", alone=self.alone)

    def proving(self, plan: p.Plan) -> tuple[p.Plan, tuple[Proof, ...]]:
        """Keys that nothing has looked at yet are proved by the plan on its way, or else now."""
        from lifeseg.plan.proving import Children, Proof, proving
        from lifeseg.records.typed import first, misplaced, quoted

        proofs: list[Proof] = []
        for found, parent in self.stored.unproved.values():
            keys = [f"_k{place}" for place in range(1, found.keys + 1)]
            children = Children(found.entity, parent.entity, tuple(keys[:-1]), keys[-1], found.options)
            column = f"_proof{len(proofs)}"
            steps = proving(plan.steps, children, column)
            if steps is not None:
                plan = replace(plan, steps=steps[0])
                rows = int(first(self.connection, f"SELECT count(*) FROM {quoted(found.everything)}"))
                proofs.append(Proof(steps[1], column, rows))
            elif any(first(self.connection, query) for query in misplaced(found, parent)):
                raise NotProvedError
        return plan, tuple(proofs)

    def fingerprint(self) -> str:
        if self.stored.plain:
            remember_plain(self.model, self.stored.fingerprint)
        return self.stored.fingerprint

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def put(self, tables: list[ResultTable], described: Mapping[str, Any]) -> tuple[str, ...]:
        if self.work is None or self.wish.out is None:
            return ()
        if self.wish.in_file:
            if self.stored.plain:
                self.note_files()
            put_file(self.connection, self.work / self.wish.out.name, self.wish.out, described)
            return ()
        files = [f"{table.entity}.{self.wish.file_format}" for table in tables]
        kept.put_in_place(self.work, self.wish.out, files, {**described, "prints": prints(self.work, files)})
        return ()

    def note_files(self) -> None:
        """What the next run finds out by, which files have changed."""
        from lifeseg.records.changed_files import count_families, note, since, top_of
        from lifeseg.records.duckdb_results import OWN

        found = since((), self.files)
        width = len(top_of(self.model.entities).keys)
        if not count_families(self.connection, self.sources, self.stored.typed, found, width, False):
            return
        note(self.connection, OWN, self.model.entities, self.sources, self.stored.typed, found)


def put_file(connection: DuckDBPyConnection, new: Path, out: Path, described: Mapping[str, Any]) -> None:
    """A finished DuckDB file in the place of the one that was there."""
    from lifeseg.records import duckdb_results

    duckdb_results.describe(connection, described)
    duckdb_results.close(connection)
    with usable_results(), kept.refusing(out):
        duckdb_results.replace(new, out, shown_path(out))


@contextmanager
def staged(wish: Wish, folder: Path) -> Iterator[Path]:
    """A folder for the new results; a file that they are to replace must be one of results."""
    from lifeseg.records.duckdb_results import settle

    if wish.in_file and wish.out is not None:
        with usable_results():
            settle(wish.out, shown_path(wish.out))
    with kept.staged(folder) as work:
        yield work


@contextmanager
def usable_results() -> Iterator[None]:
    """What is not a file of results is said as a finding."""
    from lifeseg.records.duckdb_results import UnusableResultsError

    try:
        yield
    except UnusableResultsError as error:
        raise ConfigurationError([error.finding]) from error


def prints(folder: Path, files: list[str]) -> dict[str, str]:
    """The fingerprints of result files, by which the next run knows them again."""
    from lifeseg.records.files import print_of

    return {name: print_of(folder / name) for name in files}


@contextmanager
def spilling(limits: Limits) -> Iterator[Path]:
    """A folder for what does not fit in memory; what the system refuses is said as a finding."""
    from lifeseg.records import to_database

    with ExitStack() as stack:
        try:
            folder = stack.enter_context(to_database.spilling(limits))
        except OSError as error:
            place = shown_path(limits.temp_directory or Path(tempfile.gettempdir()))
            raise refusal("cannot-write.temporary", path=place, reason=reason(error)) from error
        yield folder


def file_for_results(
    connection: DuckDBPyConnection, wish: Wish, work: Path | None, sources: Mapping[str, Source]
) -> tuple[Noted, ...]:
    """Makes a DuckDB file for results, if they go into one, and gives the data files as they are before any is read."""
    from lifeseg.records.changed_files import files_now
    from lifeseg.records.duckdb_results import make

    if not wish.in_file or wish.out is None or work is None:
        return ()
    make(connection, work / wish.out.name)
    return tuple(files_now(sources))


@contextmanager
def opened(
    model: Model, setting: Setting, wish: Wish, progress: Progress | None = None, past: Past | None = None
) -> Iterator[OnDuckDB]:
    """The data within reach of queries, which reach nothing else but the folder of the results."""
    from lifeseg.records import to_database

    sources = data_sources(setting, model)
    limits = setting.workspace.limits if setting.workspace is not None else Limits()
    with ExitStack() as stack:
        work = past.folder if past is not None and past.keeps else None
        if wish.folder is not None:
            work = stack.enter_context(staged(wish, wish.folder))
        temporary = stack.enter_context(spilling(limits))
        connection = stack.enter_context(to_database.database(limits, temporary))
        to_database.sparing(connection, len(model.definitions))
        reading = named("reading {}", progress)
        reached = [temporary, *([work] if work is not None else [])]
        if past is not None:
            reached += [path.parent for path in past.files.values()]
        to_database.enclose(connection, sources, reached)
        files = file_for_results(connection, wish, work, sources)
        stored = to_database.store(
            connection,
            model.entities,
            sources,
            setting.day(),
            temporary,
            wish.on_bad_row,
            reading,
            wish.trusting,
        )
        if stored.records is None:
            raise DataError(stored.loaded.diagnostics)
        alone: dict[str, tuple[str, frozenset[str]]] = {}
        if past is not None:
            from lifeseg.records.memory import views_with_memory

            views, alone = views_with_memory(connection, stored.records, model.entities, past.files)
            stored = replace(stored, records=views)
        yield OnDuckDB(model, connection, stored, wish, work, sources=sources, files=files, alone=alone)
