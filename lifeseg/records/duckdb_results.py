"""Results come in and go out of a DuckDB file: a table for each entity, and in the schema `lifeseg` what is known of the run.

A new file is written beside the old one and takes its place. What has changed is written into the file itself, as one
transaction: DuckDB marks rows as deleted and adds others, and leaves the rest of the file as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.records.changed import CHANGED, held, listed
from lifeseg.records.files import RESULTS, table_of_results
from lifeseg.records.from_database import MAGIC
from lifeseg.records.to_results import Column, alone_in
from lifeseg.records.typed import first, quoted, text

ENDING = ".duckdb"
OWN = f"{RESULTS}.lifeseg"
BESIDE = ("", ".wal", ".wal.checkpoint", ".wal.recovery")
"""What DuckDB calls the files it keeps beside a database."""

SCHEMA = f"""
CREATE SCHEMA {OWN};
CREATE TABLE {OWN}.run (description VARCHAR NOT NULL);
COMMENT ON TABLE {OWN}.run IS 'What run.json says of the run whose results these are';
"""


class UnusableResultsError(Exception):
    """The file is not one of results, or somebody else has it open; `finding` says which."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.key)
        self.finding = finding


def is_file(path: Path) -> bool:
    """Whether results go into a DuckDB file rather than into a folder."""
    return path.suffix.lower() == ENDING


def reached(path: Path) -> list[Path]:
    """The files that a database reaches to write in this one."""
    return [Path(f"{path.absolute()}{ending}") for ending in BESIDE]


# ---- A new file ----------------------------------------------------------------------------------


def make(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Opens a new file for results."""
    connection.execute(f"ATTACH {text(str(path.absolute()))} AS {RESULTS}")
    connection.execute(SCHEMA)


def close(connection: duckdb.DuckDBPyConnection) -> None:
    """All that was written is in the one file from here on."""
    connection.execute(f"DETACH {RESULTS}")


def settle(path: Path, shown: str) -> None:
    """A file that is to be replaced must be one of results, and nobody may be writing in it.

    What a killed run has written beside it is taken in or thrown away, as DuckDB sees fit.
    """
    if not path.exists():
        return
    check_kind(path, shown)
    try:
        with duckdb.connect(":memory:") as connection:
            attach(connection, path, shown)
            close(connection)
    except duckdb.Error as error:
        raise refused(shown, error) from error


def replace(new: Path, path: Path, shown: str) -> None:
    """A new file takes the place of the old one, whole; two runs take turns."""
    with alone_in(path.parent):
        settle(path, shown)
        new.replace(path)


def check_kind(path: Path, shown: str) -> None:
    if not path.is_file():
        raise UnusableResultsError(problem("cannot-write.other", None, path=shown))
    with path.open("rb") as file:
        if file.read(12)[8:] != MAGIC:
            raise UnusableResultsError(problem("cannot-write.other", None, path=shown))


def refused(shown: str, error: Exception) -> UnusableResultsError:
    """Why a file cannot be opened: somebody has it open, mostly."""
    reason = str(error).partition("\n")[0]
    if "lock" in reason.lower() or "already attached" in reason:
        return UnusableResultsError(problem("cannot-write.open", None, path=shown))
    return UnusableResultsError(problem("cannot-write", None, path=shown, reason=reason))


# ---- A file that is there ------------------------------------------------------------------------


def attach(connection: duckdb.DuckDBPyConnection, path: Path, shown: str) -> None:
    """Opens a file of results for writing, alone."""
    check_kind(path, shown)
    try:
        connection.execute(f"ATTACH {text(str(path.absolute()))} AS {RESULTS}")
    except duckdb.Error as error:
        raise refused(shown, error) from error
    there = "SELECT count(*) FROM duckdb_tables() WHERE (database_name, schema_name, table_name)"
    if not first(connection, f"{there} = ({text(RESULTS)}, 'lifeseg', 'run')"):
        raise UnusableResultsError(problem("cannot-write.other", None, path=shown))


def description(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What the run before says of itself."""
    row = connection.execute(f"SELECT description FROM {OWN}.run").fetchone()
    try:
        found = json.loads(row[0]) if row is not None else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def describe(connection: duckdb.DuckDBPyConnection, described: Mapping[str, Any]) -> None:
    connection.execute(f"DELETE FROM {OWN}.run")
    connection.execute(f"INSERT INTO {OWN}.run VALUES (?)", [json.dumps(described, ensure_ascii=False)])


def count(connection: duckdb.DuckDBPyConnection, name: str) -> int | None:
    """The records in a table of results; None if there is no such table."""
    try:
        return int(first(connection, f"SELECT count(*) FROM {table_of_results(name)}"))
    except duckdb.CatalogException:
        return None


# ---- Changed records -----------------------------------------------------------------------------


def find(connection: duckdb.DuckDBPyConnection, name: str, keys: Sequence[Column]) -> str:
    """The places of the changed families' results; gives the condition that a row is one of them.

    Rows are fetched and deleted by their places, which reads nothing of the others but their keys.
    """
    places = quoted(f"_places_{name}")
    written = ", ".join(held(quoted(key.name), key) for key in keys)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {places} AS SELECT rowid AS _place FROM {table_of_results(name)}"
        f" WHERE ({written}) IN (SELECT {listed(len(keys))} FROM {CHANGED})"
    )
    return f"rowid IN (SELECT _place FROM {places})"


def exchange(
    connection: duckdb.DuckDBPyConnection,
    new: Sequence[tuple[str, str]],
    described: Mapping[str, Any],
    note: Callable[[], None],
) -> None:
    """The new results of the changed families in the place of the old ones, by table, whose places are known, and what
    is noted besides; all of it or nothing.
    """
    connection.execute("BEGIN")
    try:
        for name, results in new:
            places = quoted(f"_places_{name}")
            connection.execute(
                f"DELETE FROM {table_of_results(name)} WHERE rowid IN (SELECT _place FROM {places})"
            )
            connection.execute(
                f"INSERT INTO {table_of_results(name)} BY NAME SELECT * FROM {quoted(results)}"
            )
        note()
        describe(connection, described)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
