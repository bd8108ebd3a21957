"""A file comes in; a session with the result store in it goes out, or why there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.records.typed import quoted, text
from lifeseg.tracking.place import Answer, UnusableStoreError, Values

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class InDuckDB:
    connection: duckdb.DuckDBPyConnection
    row: str = "rowid"

    def execute(self, query: str, values: Values = ()) -> Answer:
        return self.connection.execute(query, values or None)

    def many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        self.connection.executemany(query, rows)

    def undo(self) -> None:
        self.execute("ROLLBACK")
        self.execute("BEGIN")

    def tables(self) -> set[str]:
        return {
            str(name)
            for (name,) in self.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database()"
            ).fetchall()
        }

    def index(self, table: str, columns: str) -> None:
        """Its own statistics of each part of a table are enough."""

    def temporary(self, name: str, query: str, values: Values = ()) -> None:
        self.wide()
        self.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}", values)

    def load(self, name: str, query: str, databases: Mapping[str, Path]) -> None:
        for other, path in databases.items():
            self.execute(attaching(other, path))
        self.temporary(name, query)

    def save(self, query: str, values: Values, path: Path) -> None:
        self.wide()
        self.execute(f"COPY ({query}) TO {text(str(path))} ({file_format(path)})", values)

    def wide(self) -> None:
        """A store is opened for small questions, with one thread."""
        self.execute("RESET threads")


def file_format(path: Path) -> str:
    return "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet"


def attaching(name: str, path: Path) -> str:
    return f"ATTACH IF NOT EXISTS {text(str(path))} AS {quoted(name)} (READ_ONLY)"


@contextmanager
def session(path: Path, *, writing: bool, patience: float) -> Iterator[InDuckDB]:
    """One transaction, which is kept only if all goes well."""
    import duckdb

    try:
        connection = connected(path, writing, patience)
        try:
            connection.execute("BEGIN")
            yield InDuckDB(connection)
            connection.execute("COMMIT")
        finally:
            connection.close()
    except duckdb.Error as error:
        raise UnusableStoreError(failure(path, str(error))) from error


def connected(path: Path, writing: bool, patience: float) -> duckdb.DuckDBPyConnection:
    """A connection, waiting for another process to finish as long as patience lasts."""
    import duckdb

    if not path.parent.is_dir():
        raise UnusableStoreError(problem("store-failed.folder", None, path=path, folder=path.parent))
    end = time.monotonic() + patience
    while True:
        try:
            return duckdb.connect(path, read_only=not writing, config={"threads": 1})
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            if time.monotonic() >= end:
                raise UnusableStoreError(problem("store-locked", None, path=path)) from error
            time.sleep(0.05)


def failure(path: Path, said: str) -> Diagnostic:
    if "not a valid DuckDB database file" in said:
        return problem("store-foreign", None, path=path)
    return failed(str(path), said)


def failed(place: str, said: str) -> Diagnostic:
    """Why the database could not, in its own words."""
    first = said.split("\n", 1)[0].partition(": ")[2] or said
    return problem("store-failed", None, path=place, reason=first[:1].lower() + first[1:])
