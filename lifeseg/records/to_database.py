"""Entities, their sources and a day come in; a DuckDB database with a table or view of typed records for each entity
goes out.

Plain files are read as they are, in their columns, by views; where a file is not plain, or anything in it is not
plainly valid, the careful reader of from_files takes over and gives the records, or says what is wrong. The database
reaches nothing but the folders of the sources and of the results, and loads no extension.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Literal
from uuid import uuid4

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity
from lifeseg.records.files import files_of, fingerprint
from lifeseg.records.from_files import Loaded, load
from lifeseg.records.population import Population, Rows
from lifeseg.records.source import Limits, Source
from lifeseg.records.to_results import alive
from lifeseg.records.to_tables import parents_first, to_tables
from lifeseg.records.typed import (
    CATALOGUE,
    NotPlainError,
    Typed,
    catalogue_of,
    exactly,
    few_keys,
    is_last,
    quoted,
    suspicious,
    text,
    typed_view,
)

SPILLING = "lifeseg-spilling-"
SMALL_CSV = 4 * 1024 * 1024
"""CSV files of less than that are read carefully at once, which also tells of blank lines."""

MANY_COLUMNS = 500

Progress = Callable[[str, int, int], None]
OnBadRow = Literal["fail", "set-aside"]


@dataclass(frozen=True, slots=True)
class Stored:
    """The table or view of each entity, or None and the findings why not."""

    records: Mapping[str, str] | None
    loaded: Loaded
    fingerprint: str
    plain: bool
    unproved: Mapping[str, tuple[Typed, Typed]] = field(default_factory=dict)
    """The entities whose keys are still to be looked at, each with its parent's view."""
    typed: Mapping[str, Typed] = field(default_factory=dict)
    """How plain files are read, by entity."""


@contextmanager
def database(limits: Limits, temporary: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, which spills into a folder."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": str(temporary),
    }
    if limits.memory_limit is not None:
        config["memory_limit"] = limits.memory_limit
    if limits.threads is not None:
        config["threads"] = limits.threads
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET preserve_insertion_order = false")
        yield connection


def sparing(connection: duckdb.DuckDBPyConnection, columns: int) -> None:
    """Of very many columns, the bounds that DuckDB keeps of each at each step of a query cost more than they bring."""
    if columns > MANY_COLUMNS:
        connection.execute("SET disabled_optimizers = 'statistics_propagation'")


@contextmanager
def spilling(limits: Limits) -> Iterator[Path]:
    """A folder for what does not fit in memory, gone afterwards; those of killed runs go too. Raises OSError."""
    place = limits.temp_directory or Path(tempfile.gettempdir())
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(f"{SPILLING}*"):
        process = left.name.removeprefix(SPILLING).partition("-")[0]
        if process.isdigit() and not alive(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    folder = place / f"{SPILLING}{os.getpid()}-{uuid4().hex}"
    try:  # the name comes first: an interrupt while the folder is being made finds it too
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def enclose(
    connection: duckdb.DuckDBPyConnection,
    sources: Mapping[str, Source],
    folders: Sequence[Path],
    written: Sequence[Path] = (),
) -> None:
    """From here on the database reaches only the files of its sources, and the folders and files given."""
    files = {str(path) for source in sources.values() for path in files_of(source)} | set(map(str, written))
    databases = {str(source.path.absolute()) for source in sources.values() if source.table is not None}
    files |= databases | {f"{path}.wal" for path in databases}
    connection.execute(f"SET allowed_paths = [{listed(files)}]")
    connection.execute(f"SET allowed_directories = [{listed({str(path) for path in folders})}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def listed(paths: set[str]) -> str:
    """Paths as texts, also as they are written where `*` has a meaning."""
    return ", ".join(text(name) for path in sorted(paths) for name in dict.fromkeys((path, exactly(path))))


def store(
    connection: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source],
    as_of: date,
    temporary: Path,
    on_bad_row: OnBadRow = "fail",
    progress: Progress | None = None,
    postponing: bool = False,
) -> Stored:
    """Puts the records of all entities within reach of queries; `temporary` is a folder that the database reaches.

    `postponing` leaves some keys to be looked at by the caller.
    """
    typed, mark = None, ""
    if simple(entities, sources):
        with ThreadPoolExecutor(1) as aside:
            reading = aside.submit(fingerprint, [sources[name] for name in entities])
            typed = views(connection, entities, sources, as_of, postponing)
            mark = reading.result() if typed is not None else ""
    if typed is not None:
        found = tuple(finding for one in typed.values() for finding in one.findings)
        records = {name: one.view for name, one in typed.items()}
        later = [name for name, one in typed.items() if postponing and few_keys(one, entities)]
        unproved = {name: (typed[name], typed[entities[name].parent or ""]) for name in later}
        return Stored(records, Loaded(None, found), mark, True, unproved, typed)
    clear(connection)
    loaded = load(entities, sources, on_bad_row, progress)
    if loaded.population is None:
        return Stored(None, loaded, "", False)
    population = on_the_day(entities, loaded.population, as_of)
    return Stored(
        to_tables(connection, entities, population, temporary), loaded, population.fingerprint, False
    )


def simple(entities: Mapping[str, Entity], sources: Mapping[str, Source]) -> bool:
    """Whether all sources are there and worth a try."""
    if set(entities) != set(sources):
        return False
    files = [files_of(source) for source in sources.values()]
    if not all(found and all(path.is_file() for path in found) for found in files):
        return False
    small = [sum(path.stat().st_size for path in found) < SMALL_CSV for found in files]
    csv = [found[0].suffix.lower() == ".csv" for found in files]
    return not any(is_small and is_csv for is_small, is_csv in zip(small, csv, strict=True))


def views(
    connection: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source],
    as_of: date,
    postponing: bool = False,
) -> dict[str, Typed] | None:
    """Typed views, unless something in the files wants a careful look."""
    try:
        for source in sources.values():
            attach(connection, source)
        ordered = list(parents_first(entities))
        typed = {
            one.name: typed_view(
                connection, entities, one, sources[one.name], as_of, postponing and is_last(entities, one)
            )
            for one in ordered
        }
        later = [name for name, one in typed.items() if postponing and few_keys(one, entities)]
        if suspicious(connection, typed, entities, later):
            return None
    except (NotPlainError, duckdb.Error):
        return None
    return {name: typed[name] for name in entities}


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Takes away the views of a try that came to nothing, and the databases they read."""
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal"
    ).fetchall()
    for (name,) in rows:
        connection.execute(f"DROP VIEW {quoted(str(name))}")
    rows = connection.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall()
    for (name,) in rows:
        if str(name).startswith(CATALOGUE):
            connection.execute(f"DETACH {quoted(str(name))}")


def attach(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """A database file is opened for reading."""
    if source.table is None:
        return
    name = text(str(source.path.absolute()))
    connection.execute(f"ATTACH IF NOT EXISTS {name} AS {quoted(catalogue_of(source))} (READ_ONLY)")


def on_the_day(entities: Mapping[str, Entity], population: Population, as_of: date) -> Population:
    """The records that exist on a day: none dated later, nor what belongs to one."""
    if not any(entity.dated for entity in entities.values()):
        return population
    rows: dict[str, Rows] = {}
    places: dict[str, dict[int, int]] = {}
    for entity in parents_first(entities):
        found, kept = population.rows[entity.name], Rows(entity.name)
        dated = next((at for at, fact in enumerate(entity.facts) if fact.name == entity.dated), None)
        new = places[entity.name] = {}
        for place, values in enumerate(found.values):
            parent = places[entity.parent].get(found.parents[place]) if entity.parent is not None else 0
            day = values[dated] if dated is not None else None
            if parent is None or (isinstance(day, date) and day > as_of):
                continue
            new[place] = len(kept.values)
            kept.values.append(values)
            kept.lines.append(found.lines[place])
            if entity.parent is not None:
                kept.parents.append(parent)
        rows[entity.name] = kept
    return Population({name: rows[name] for name in entities}, population.fingerprint)
