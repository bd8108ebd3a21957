"""What an evaluation left in a Spark session comes in; Parquet folders or tables go out, written where the rows are.

A folder `ENTITY.parquet` is made beside the one of the run before and takes its place when all are made; tables likewise.
On this machine that is one step; on an object store, which cannot rename, a run that is killed in it must be repeated.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.result_sums import Cell
from lifeseg.records.spark_cells import quoted, text
from lifeseg.records.table_results import MARK, ResultTable, cells
from lifeseg.records.to_results import DESCRIPTION, WRITING, Column, finish, sql_type, staging

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lifeseg.records.spark_session import Session

TYPES = {"VARCHAR": "STRING", "VARCHAR[]": "ARRAY<STRING>"}
NEW = "__new"


def write_folder(
    session: Session, folder: Path, tables: Sequence[ResultTable], description: Mapping[str, Any]
) -> None:
    """Writes into a folder of this machine, as a whole, in place of the files of the run before; others are left alone."""
    with staging(folder) as work:
        names = [f"{table.entity}.parquet" for table in tables]
        for table, name in zip(tables, names, strict=True):
            frame(session, table).write.parquet((work / name).absolute().as_uri())
        finish(work, folder, names, description)


def write_location(
    session: Session, location: str, tables: Sequence[ResultTable], description: Mapping[str, Any]
) -> None:
    """The same at a location of a cluster, such as `s3a://bucket/results`."""
    java: Any = session.spark.sparkContext._jvm
    base = java.org.apache.hadoop.fs.Path(location.rstrip("/"))
    system = base.getFileSystem(session.spark.sparkContext._jsc.hadoopConfiguration())
    work = java.org.apache.hadoop.fs.Path(base, f"{WRITING}{uuid.uuid4().hex}")
    names = [f"{table.entity}.parquet" for table in tables]
    try:
        for table, name in zip(tables, names, strict=True):
            frame(session, table).write.parquet(java.org.apache.hadoop.fs.Path(work, name).toString())
        stream = system.create(java.org.apache.hadoop.fs.Path(work, DESCRIPTION))
        stream.write(
            bytearray(json.dumps({**description, "files": names}, ensure_ascii=False, indent=2).encode())
        )
        stream.close()
        for name in (*names, DESCRIPTION):
            target = java.org.apache.hadoop.fs.Path(base, name)
            system.delete(target, True)
            system.rename(java.org.apache.hadoop.fs.Path(work, name), target)
    finally:
        system.delete(work, True)


def write_tables(session: Session, prefix: str, tables: Sequence[ResultTable]) -> tuple[str, ...]:
    """Tables of the catalogue, `PREFIX_customer` and so on; the prefix may begin with a database's name."""
    spark = session.spark
    *above, last = prefix.split(".")
    places = [tuple(quoted(part) for part in (*above, f"{last}_{table.entity}")) for table in tables]
    names = [".".join(place) for place in places]
    news = [".".join((*place[:-1], f"{place[-1][:-1]}{NEW}`")) for place in places]
    for name in names:
        if spark.catalog.tableExists(name) and not is_ours(session, name):
            raise UnusableEngineError(problem("result-table.taken", None, table=name.replace("`", "")))
    try:
        for table, new in zip(tables, news, strict=True):
            spark.sql(f"DROP TABLE IF EXISTS {new}")
            frame(session, table).write.format("parquet").saveAsTable(new)
            spark.sql(f"COMMENT ON TABLE {new} IS {text(f'{MARK}: {table.title}')}")
        for name, new in zip(names, news, strict=True):
            spark.sql(f"DROP TABLE IF EXISTS {name}")
            spark.sql(f"ALTER TABLE {new} RENAME TO {name}")
    finally:
        for new in news:
            spark.sql(f"DROP TABLE IF EXISTS {new}")
    return tuple(name.replace("`", "") for name in names)


def is_ours(session: Session, name: str) -> bool:
    rows = session.spark.sql(f"DESCRIBE TABLE EXTENDED {name}").collect()
    return any(row[0] == "Comment" and str(row[1]).startswith(MARK) for row in rows)


def frame(session: Session, table: ResultTable) -> DataFrame:
    """What the engine left has the same columns in the same order."""
    from pyspark.sql.functions import expr

    left = session.spark.table(quoted(table.left))
    columns = []
    for place, column in enumerate(table.columns):
        held = left.columns[place]
        value = quoted(held)
        if column.key and column.type.scale and left.schema[held].dataType.simpleString() == "bigint":
            value = f"{value} / CAST({10**column.type.scale} AS DECIMAL(19, 0))"  # a key that is still a whole number
        title = table.titles.get(column.name)
        described = {"metadata": {"comment": title}} if title else {}
        columns.append(expr(f"CAST({value} AS {type_of(column)})").alias(column.name, **described))
    return left.select(*columns)


def type_of(column: Column) -> str:
    found = sql_type(column)
    return TYPES.get(found, found)


def cells_of(session: Session, table: ResultTable) -> Iterator[list[Cell]]:
    """The results as files have them, fetched one part after the other."""
    return cells(frame(session, table).toLocalIterator())
