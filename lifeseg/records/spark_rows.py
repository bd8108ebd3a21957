"""Typed records come in; views of a Spark session go out, as engines read them.

On this machine they go by way of a Parquet file; to a cluster, which does not see our files, they are sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from lifeseg.model.model import Entity
from lifeseg.records.identifiers import identifiers
from lifeseg.records.memory import rows_in, width_of
from lifeseg.records.population import Population
from lifeseg.records.spark_cells import quoted
from lifeseg.records.to_tables import PREFIX, fact_columns, fill, key_types, literal
from lifeseg.records.typed_rows import Row, rows_on

if TYPE_CHECKING:
    from lifeseg.records.spark_session import Session

SPARK_TYPES = {"BIGINT": "BIGINT", "VARCHAR": "STRING", "BOOLEAN": "BOOLEAN", "DATE": "DATE"}


def population_views(
    session: Session, entities: Mapping[str, Entity], population: Population, as_of: date
) -> dict[str, str]:
    """A view of each entity's records, in place of one that is there; gives their names by entity."""
    views = {name: PREFIX + plain for name, plain in identifiers(entities).items()}
    for name, rows in rows_on(entities, population, as_of).items():
        entity = entities[name]
        columns = [(f"_k{place}", kind) for place, kind in enumerate(key_types(entities, entity), 1)]
        columns += fact_columns(entity)
        if session.local:
            frame = session.spark.read.parquet(to_file(session, views[name], columns, rows))
        else:
            types = ", ".join(f"{quoted(column)} {SPARK_TYPES[kind]}" for column, kind in columns)
            frame = session.spark.createDataFrame(rows, types)
        frame.createOrReplaceTempView(quoted(views[name]))
    return views


def memory_views(
    session: Session, records: Mapping[str, str], entities: Mapping[str, Entity], files: Mapping[str, Path]
) -> dict[str, str]:
    """Views of the records with what they were, of which files tell; see records/memory.py."""
    views = dict(records)
    for number, (entity, path) in enumerate(files.items()):
        columns, rows = rows_in(path)
        if session.local:
            frame = session.spark.read.parquet(path.absolute().as_uri())
        else:
            types = ", ".join(f"{quoted(name)} {'DATE' if is_day else 'STRING'}" for name, is_day in columns)
            frame = session.spark.createDataFrame(rows, types)
        frame.createOrReplaceTempView(quoted(f"_was_{number}"))
        views[entity] = f"_with_memory_{number}"
        keys = [f"CAST(r._k{place} AS STRING)" for place in range(1, width_of(entities, entity) + 1)]
        named = ", ".join(f"m.{quoted(name)}" for name, _ in columns if name != "key")
        session.spark.sql(
            f"SELECT r.*, {named} FROM {quoted(records[entity])} r LEFT JOIN {quoted(f'_was_{number}')} m"
            f" ON m.key = concat_ws(char(31), {', '.join(keys)})"
        ).createOrReplaceTempView(quoted(views[entity]))
    return views


def to_file(session: Session, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> str:
    """The location of a Parquet file with the rows."""
    number = sum(1 for _ in session.folder.glob("*.parquet"))
    path = session.folder / f"{number}.parquet"
    with duckdb.connect() as database:
        fill(database, name, columns, [()] * len(rows), rows)
        database.execute(f"COPY {quoted_for_duckdb(name)} TO {literal(str(path))} (FORMAT parquet)")
    return path.as_uri()


def quoted_for_duckdb(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
