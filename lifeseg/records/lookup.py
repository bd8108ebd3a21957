"""Data files and the key of one top record come in; a population of that record and of all beneath it goes out.

DuckDB reads the files where they lie, and of a Parquet file only what can hold the key. Values are taken as they stand:
whoever asks has made sure that they are plainly valid, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import islice
from typing import Any

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity
from lifeseg.records.population import Population, Rows
from lifeseg.records.source import Limits, Source
from lifeseg.records.to_database import attach, database, enclose, spilling
from lifeseg.records.to_tables import key_types, parents_first
from lifeseg.records.typed import NotPlainError, Typed, quoted, suspicious, typed_view

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """The files of all entities, within reach of queries."""

    connection: duckdb.DuckDBPyConnection
    entities: Mapping[str, Entity]
    typed: Mapping[str, Typed]

    @property
    def records(self) -> dict[str, str]:
        """The view of the records that exist on the day, by entity."""
        return {name: found.view for name, found in self.typed.items()}

    def plain(self) -> bool:
        """Whether every row of every file is plainly valid, which takes a pass over all."""
        return not suspicious(self.connection, self.typed, self.entities)


@contextmanager
def within_reach(
    entities: Mapping[str, Entity], sources: Mapping[str, Source], as_of: date, limits: Limits
) -> Iterator[Files | None]:
    """The files as views; None if one of them has to be read with care from the start."""
    with ExitStack() as stack:
        temporary = stack.enter_context(spilling(limits))
        connection = stack.enter_context(database(limits, temporary))
        connection.execute("SET preserve_insertion_order = true")
        enclose(connection, sources, [temporary])
        try:
            for source in sources.values():
                attach(connection, source)
            typed = {
                one.name: typed_view(connection, entities, one, sources[one.name], as_of)
                for one in parents_first(entities)
            }
        except (NotPlainError, duckdb.Error):
            yield None
            return
        yield Files(connection, entities, typed)


def families(files: Files, top: str, sought: Sequence[Key]) -> Population:
    """Records and everything beneath them, in the order of the files."""
    rows = {name: Rows(name) for name in files.entities}
    places: dict[str, dict[Key, int]] = {}
    for entity in parents_first(files.entities):
        if root(files.entities, entity) != top:
            continue
        width, kept = len(key_types(files.entities, entity)), rows[entity.name]
        found = rows_of(files, entity.name, sought)
        places[entity.name] = {row[:width]: place for place, row in enumerate(found)}
        if entity.parent is not None:
            upper = len(key_types(files.entities, files.entities[entity.parent]))
            kept.parents += [places[entity.parent][row[:upper]] for row in found]
        kept.values += [row[width:] for row in found]
        kept.lines += range(1, len(found) + 1)
    return Population(rows, "")


def root(entities: Mapping[str, Entity], entity: Entity) -> str:
    """The topmost entity above one."""
    while entity.parent is not None:
        entity = entities[entity.parent]
    return entity.name


def rows_of(files: Files, entity: str, sought: Sequence[Key]) -> list[Key]:
    """The rows of a file that begin with one of some keys: the whole key, then the facts."""
    view = quoted(files.typed[entity].everything)
    names = [f"_k{place}" for place in range(1, len(sought[0]) + 1)]
    if len(sought) == 1:  # files say where a single value cannot be
        wanted, values = " AND ".join(f"{name} = ?" for name in names), sought[0]
    else:
        listed = ", ".join(names)
        files.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE _sought AS SELECT {listed} FROM {view} LIMIT 0"
        )
        marks = ", ".join("?" for _ in names)
        files.connection.executemany(f"INSERT INTO _sought VALUES ({marks})", [list(key) for key in sought])
        wanted, values = f"({listed}) IN (SELECT {listed} FROM _sought)", ()
    rows: list[Key] = files.connection.execute(f"SELECT * FROM {view} WHERE {wanted}", values).fetchall()
    return rows


def first_keys(files: Files, entity: str, most: int) -> list[Key]:
    """The keys of some records."""
    found = files.typed[entity]
    keys = ", ".join(f"_k{place}" for place in range(1, found.keys + 1))
    cursor = files.connection.execute(f"SELECT {keys} FROM {quoted(found.view)} LIMIT {most}")
    return list(islice(cursor.fetchall(), most))


def counts(files: Files) -> dict[str, int]:
    """How many records of each entity there are on the day."""
    return {
        name: number(files, f"SELECT count(*) FROM {quoted(view)}") for name, view in files.records.items()
    }


def number(files: Files, query: str) -> int:
    row = files.connection.execute(query).fetchone()
    return int(row[0]) if row is not None else 0
