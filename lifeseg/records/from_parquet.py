"""A Parquet file comes in; a table of texts goes out, batch by batch, to be typed like one of CSV.

DuckDB reads the file, may reach nothing outside its folder and loads no extension. Rows are counted as if
there were a heading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, cast

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.records.source import ROWS_IN_A_BATCH, Batch, Source, Table, UnreadableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FROM = "FROM read_parquet($1, hive_partitioning = false)"
COUNT = "SELECT sum(num_rows) FROM parquet_file_metadata($1)"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

UNSUITABLE = (
    ("[]", "lists"), ("[", "lists"), ("STRUCT", "structures"), ("MAP", "maps"), ("UNION", "several types"),
    ("VARIANT", "several types"), ("BLOB", "bytes"), ("BIT", "bits"), ("INTERVAL", "intervals"),
    ("TIMESTAMP WITH TIME ZONE", "moments with a time zone"), ("GEOMETRY", "shapes"),
    ("TIMESTAMP_NS WITH TIME ZONE", "moments with a time zone"), ("TIME WITH TIME ZONE", "times of day"),
)  # fmt: skip
"""Types of columns that no fact has, by how they begin or end."""


@contextmanager
def parquet_table(source: Source) -> Iterator[Table]:
    """Open a Parquet file."""
    import duckdb

    path = str(source.path)
    with duckdb.connect(":memory:", config=SETTINGS) as connection:
        folders = (str(source.path.parent), _exactly(str(source.path.parent)))
        allowed = ", ".join(_quoted(folder, chr(39)) for folder in folders)
        connection.execute(f"SET allowed_directories = [{allowed}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        try:
            yield rows_from(connection, FROM, [_exactly(path)], COUNT)
        except duckdb.Error:
            raise UnreadableError(problem("data-file.damaged", None, path=path, format="Parquet")) from None


def rows_from(connection: DuckDBPyConnection, clause: str, words: list[str], counting: str) -> Table:
    """The rows of a FROM clause; `words` are its parameters, `counting` asks how many there are."""
    described = connection.execute(f"DESCRIBE {clause}", words).fetchall()
    names = written_names(connection, words[0]) if clause == FROM else []
    counted = connection.execute(counting, words).fetchone()
    held = [_what_no_fact_is(type_) for _, type_, *_ in described]
    unsuitable = {position: what for position, what in enumerate(held) if what is not None}
    columns = ", ".join(
        "''" if position in unsuitable else f"coalesce(CAST({_quoted(name, chr(34))} AS VARCHAR), '')"
        for position, (name, *_) in enumerate(described)
    )
    shown = names if len(names) == len(described) else [name for name, *_ in described]
    heading = tuple(name.strip() for name in shown)
    batches = _batches(connection, f"SELECT {columns} {clause}", words)
    return Table(heading, 1, batches, int(counted[0] or 0) if counted else 0, unsuitable)


def written_names(connection: DuckDBPyConnection, path: str) -> list[str]:
    """The names of a file's columns as they are written; DuckDB gives another to one that differs only in case."""
    found = connection.execute("SELECT name, num_children FROM parquet_schema($1)", [path]).fetchall()
    names, within = [], 0
    for name, children in found[1:]:
        if not within:
            names.append(str(name))
        within += (children or 0) - (1 if within else 0)
    return names


def _batches(connection: DuckDBPyConnection, query: str, words: list[str]) -> Iterator[Batch]:
    cursor = connection.execute(query, words)
    numbers, done = count(2), 0
    while rows := cast("list[Sequence[str]]", cursor.fetchmany(ROWS_IN_A_BATCH)):
        done += len(rows)
        yield Batch([next(numbers) for _ in rows], rows, done)


def _what_no_fact_is(type_: str) -> str | None:
    """What a column of a type holds, if no fact can be that."""
    for end, held in UNSUITABLE:
        if type_.startswith(end) or type_.endswith(end):
            return held
    return None


def _exactly(path: str) -> str:
    """A path in which `*`, `?` and `[` stand for themselves, not for other files."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _quoted(text: str, quote: str) -> str:
    return f"{quote}{text.replace(quote, 2 * quote)}{quote}"
