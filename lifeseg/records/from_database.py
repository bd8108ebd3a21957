"""A table or view of a DuckDB file comes in; a table of texts goes out, batch by batch, to be typed like one of CSV.

The file is opened for reading only, and what is read in it can reach no other file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.records.findings import finding, nearest
from lifeseg.records.from_parquet import SETTINGS, rows_from
from lifeseg.records.source import Source, Table, UnreadableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAGIC = b"DUCK"
MOST_SHOWN = 8


@contextmanager
def database_table(source: Source) -> Iterator[Table]:
    """Open a table of a DuckDB file."""
    import duckdb

    words = {"path": str(source.path), "table": source.table}
    with source.path.open("rb") as file:
        if file.read(12)[8:] != MAGIC:
            raise UnreadableError(finding("data-file.damaged", None, words | {"format": "a DuckDB database"}))
    with duckdb.connect(":memory:", config=SETTINGS) as connection:
        try:
            path = str(source.path.absolute()).replace("'", "''")
            connection.execute(f"ATTACH '{path}' AS file (READ_ONLY, TYPE duckdb)")
        except duckdb.Error as error:
            raise refused(source, error) from None
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        name = table_named(connection, source)
        try:
            yield rows_from(connection, f"FROM {name}", [], f"SELECT count(*) FROM {name}")
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise UnreadableError(
                finding("data-file.table-broken", None, words | {"reason": reason})
            ) from None


def refused(source: Source, error: Exception) -> UnreadableError:
    """Why a database cannot be opened: somebody writes in it, mostly."""
    reason = str(error).partition("\n")[0]
    if "lock" in reason.lower():
        return UnreadableError(problem("data-file.locked", None, path=source.path))
    return UnreadableError(problem("data-file.unreadable", None, path=source.path, reason=reason))


def table_named(connection: DuckDBPyConnection, source: Source) -> str:
    """The table as SQL names it; without a schema before it in `main`."""
    found = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'file' ORDER BY ALL"
    ).fetchall()
    tables = {(name if schema == "main" else f"{schema}.{name}"): (schema, name) for schema, name in found}
    if source.table is None:
        known = ", ".join(f"`{name}`" for name in list(tables)[:MOST_SHOWN])
        raise UnreadableError(finding("data-file.which-table", None, {"path": source.path, "tables": known}))
    chosen = tables.get(source.table) or tables.get(source.table.removeprefix("main."))
    if chosen is None:
        words = {"path": source.path, "table": source.table, "suggestion": nearest(source.table, tables)}
        words["tables"] = ", ".join(f"`{name}`" for name in list(tables)[:MOST_SHOWN]) or "none"
        raise UnreadableError(finding("data-file.no-table", None, words))
    return ".".join('"' + part.replace('"', '""') + '"' for part in ("file", *chosen))
