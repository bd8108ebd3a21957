"""A design and a number of records come in; a Parquet or CSV file for each entity goes out, in a folder
that exists.

Rows stand in the order of their numbers, children by their parents. Each file is written by one thread of
its own, so that its bytes do not depend on how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lifeseg.records.generation.design import Design
from lifeseg.records.generation.from_spread import text
from lifeseg.records.generation.to_sql import to_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Format = Literal["parquet", "csv"]
FORMS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER true"}
Done = Callable[[str, int], None]
"""Told the entity whose file is written, and its number of rows."""


def to_files(
    design: Design,
    count: int,
    folder: Path,
    file_format: Format,
    threads: int | None = None,
    done: Done | None = None,
) -> dict[str, int]:
    """Writes ENTITY.parquet or ENTITY.csv for each entity; gives the numbers of rows.

    Raises OSError if a file cannot be written.
    """
    import duckdb

    names = [one.entity.name for one in design.entities]
    threads = max(min(threads or os.cpu_count() or 1, len(names)), 1)
    connections = {name: connected() for name in names}
    counts: dict[str, int] = {}
    try:
        with ThreadPoolExecutor(threads) as pool:
            jobs = {
                pool.submit(
                    copy, connections[name], to_sql(design, name, count), folder / f"{name}.{file_format}"
                ): name
                for name in reversed(names)
            }
            try:
                for job in as_completed(jobs):
                    counts[jobs[job]] = job.result()
                    if done is not None:
                        done(jobs[job], counts[jobs[job]])
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for connection in connections.values():
                    connection.interrupt()
                raise
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from error
    finally:
        for connection in connections.values():
            connection.close()
    return {name: counts[name] for name in names}


def connected() -> DuckDBPyConnection:
    """A database of its own, in memory, that loads nothing."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
        },
    )


def copy(connection: DuckDBPyConnection, query: str, path: Path) -> int:
    form = FORMS[path.suffix[1:]]
    row = connection.execute(f"COPY ({query}) TO {text(str(path))} ({form})").fetchone()
    return int(row[0]) if row else 0
