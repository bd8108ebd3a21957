"""Records and files of what they were come in; the records with what they were go out, in memory or in a DuckDB database.

A file has the column `key` (the parts of a key divided by U+001F), then those that are added to the facts of its entity,
texts and days. Numbers in it are the result store's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from lifeseg.model.model import Entity
from lifeseg.records.files import DIVIDER
from lifeseg.records.heading import lineage
from lifeseg.records.population import Population, Rows
from lifeseg.records.typed import first, quoted, text


def count_of(path: Path, column: str, case: str) -> int:
    """How many records have a case in a column."""
    with duckdb.connect() as database:
        query = f"SELECT count(*) FROM read_parquet({text(str(path))}) WHERE {quoted(column)} = {text(case)}"
        return int(first(database, query))


def with_memory(
    population: Population, entities: Mapping[str, Entity], files: Mapping[str, Path]
) -> Population:
    """The records with what they were; `entities` are those they were loaded by."""
    rows = dict(population.rows)
    for entity, path in files.items():
        known, width = read(path)
        found, nothing = rows[entity], (None,) * width
        keys = keys_of(population, entities, entity)
        values = [(*own, *known.get(key, nothing)) for own, key in zip(found.values, keys, strict=True)]
        rows[entity] = Rows(entity, values, found.parents, found.lines)
    return replace(population, rows=rows)


def read(path: Path) -> tuple[dict[str, tuple[Any, ...]], int]:
    """What each record was by its key, and how many values that are."""
    columns, rows = rows_in(path)
    return {str(key): tuple(values) for key, *values in rows}, len(columns) - 1


def with_columns(
    before: Path | None,
    asked: Sequence[str],
    target: Path,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
) -> None:
    """Some columns of a file of what records were, or of none, and more columns, each row after its key."""
    with duckdb.connect() as database:
        kinds = ", ".join(f"{quoted(name)} VARCHAR" for name in columns)
        database.execute(f"CREATE TABLE more (key VARCHAR, {kinds})")
        if rows:
            database.executemany(f"INSERT INTO more VALUES (?{', ?' * len(columns)})", rows)
        source = "FROM more"
        if before is not None:
            names = ", ".join(["key", *map(quoted, (*asked, *columns))])
            source = f"SELECT {names} FROM read_parquet({text(str(before))}) FULL JOIN more USING (key)"
        database.execute(f"COPY ({source}) TO {text(str(target))} (FORMAT parquet)")


def rows_in(path: Path) -> tuple[list[tuple[str, bool]], list[tuple[Any, ...]]]:
    """The columns of a file, with whether they hold days, and its rows."""
    with duckdb.connect() as database:
        columns = columns_in(database, path)
        names = ", ".join(quoted(name) for name, _ in columns)
        return columns, database.execute(f"SELECT {names} FROM read_parquet({text(str(path))})").fetchall()


def columns_in(database: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, bool]]:
    """The key and the columns that are added to the facts, with whether they hold days."""
    found = database.execute(f"FROM read_parquet({text(str(path))}) LIMIT 0").description or ()
    return [(str(name), str(kind) == "DATE") for name, kind, *_ in found if str(kind) in ("VARCHAR", "DATE")]


def keys_of(population: Population, entities: Mapping[str, Entity], entity: str) -> list[str]:
    """The key of each record as the files have it."""
    own, found = entities[entity], population.rows[entity]
    places = [place for place, fact in enumerate(own.facts) if fact.key]
    texts = [DIVIDER.join(str(row[place]) for place in places) for row in found.values]
    if own.parent is None:
        return texts
    above = keys_of(population, entities, own.parent)
    return [f"{above[parent]}{DIVIDER}{key}" for parent, key in zip(found.parents, texts, strict=True)]


def views_with_memory(
    connection: duckdb.DuckDBPyConnection,
    records: Mapping[str, str],
    entities: Mapping[str, Entity],
    files: Mapping[str, Path],
) -> tuple[dict[str, str], dict[str, tuple[str, frozenset[str]]]]:
    """The same in a database: views of the typed records with what they were; and where these differ, the records without it
    and the columns that it has.
    """
    found, alone = dict(records), {}
    for number, (entity, path) in enumerate(files.items()):
        keys = [f"CAST(r._k{place} AS VARCHAR)" for place in range(1, width_of(entities, entity) + 1)]
        key = f"concat_ws(chr(31), {', '.join(keys)})" if len(keys) > 1 else keys[0]
        found[entity] = f"_with_memory_{number}"
        was = f"read_parquet({text(str(path))})"
        columns = [name for name, _ in columns_in(connection, path) if name != "key"]
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {quoted(found[entity])} AS"
            f" SELECT {', '.join(('r.*', *(f'm.{quoted(name)}' for name in columns)))}"
            f" FROM {quoted(records[entity])} r LEFT JOIN {was} m ON m.key = {key}"
        )
        alone[entity] = records[entity], frozenset(columns)
    return found, alone


def width_of(entities: Mapping[str, Entity], entity: str) -> int:
    """How many parts the whole key of an entity has."""
    return sum(len(one.keys) for one in (*lineage(entities, entities[entity]), entities[entity]))
