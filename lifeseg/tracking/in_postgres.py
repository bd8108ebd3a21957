"""A schema of a PostgreSQL database comes in; a session with the result store in it goes out, or why there is none.

The statements are those of the store in a file, put into PostgreSQL's words.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.typed import quoted, text
from lifeseg.tracking.in_duckdb import attaching, failed, file_format
from lifeseg.tracking.place import Answer, Schema, UnusableStoreError, Values

if TYPE_CHECKING:
    import psycopg

LOCKED = "55P03"


@dataclass(frozen=True, slots=True)
class InPostgreSQL:
    cursor: psycopg.Cursor[Any]
    schema: str
    row: str = "ctid"

    def execute(self, query: str, values: Values = ()) -> Answer:
        for statement in statements(query):
            self.cursor.execute(statement.encode(), values or None)
        return self.cursor

    def many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        (statement,) = statements(query)
        self.cursor.executemany(statement.encode(), rows)

    def undo(self) -> None:
        self.cursor.connection.rollback()

    def tables(self) -> set[str]:
        self.cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (self.schema,)
        )
        return {str(name) for (name,) in self.cursor.fetchall()}

    def index(self, table: str, columns: str) -> None:
        self.execute(
            f"CREATE INDEX IF NOT EXISTS {table}_by_{columns.rsplit(',', maxsplit=1)[-1].strip()} ON {table} ({columns})"
        )

    def wide(self) -> None:
        """It is as its administrator has set it."""

    def temporary(self, name: str, query: str, values: Values = ()) -> None:
        self.execute(f"DROP TABLE IF EXISTS {name}")
        self.execute(f"CREATE TEMP TABLE {name} AS {query}", values)
        self.execute(f"ANALYZE {name}")

    def load(self, name: str, query: str, databases: Mapping[str, Path]) -> None:
        """The files are read by DuckDB, which hands them over as text."""
        import duckdb

        with tempfile.TemporaryDirectory(prefix="lifeseg-") as folder, duckdb.connect() as reader:
            file = Path(folder) / "rows.csv"
            for other, path in databases.items():
                reader.execute(attaching(other, path))
            reader.execute(f"COPY ({query}) TO {text(str(file))} (FORMAT csv, HEADER false, FORCE_QUOTE *)")
            columns = [column[0] for column in reader.execute(f"{query} LIMIT 0").description or ()]
            self.execute(f"DROP TABLE IF EXISTS {name}")
            kinds = ", ".join(f"{quoted(column)} VARCHAR" for column in columns)
            self.execute(f"CREATE TEMP TABLE {name} ({kinds})")
            with self.cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy, file.open("rb") as rows:
                while piece := rows.read(1 << 20):
                    copy.write(piece)
            self.execute(f"ANALYZE {name}")

    def save(self, query: str, values: Values, path: Path) -> None:
        import duckdb

        self.temporary("_saved", query, values)
        self.cursor.execute("SELECT * FROM _saved LIMIT 0")
        kinds = {
            column.name: KINDS.get(column.type_code, "VARCHAR") for column in self.cursor.description or ()
        }
        with tempfile.TemporaryDirectory(prefix="lifeseg-") as folder, duckdb.connect() as writer:
            file = Path(folder) / "rows.csv"
            with self.cursor.copy("COPY _saved TO STDOUT (FORMAT csv)") as copy, file.open("wb") as rows:
                for piece in copy:
                    rows.write(piece)
            columns = ", ".join(f"{text(name)}: '{kind}'" for name, kind in kinds.items())
            read = f"read_csv({text(str(file))}, columns = {{{columns}}}, {AS_COPIED})"
            writer.execute(f"COPY (FROM {read}) TO {text(str(path))} ({file_format(path)})")


AS_COPIED = "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"
KINDS = {16: "BOOLEAN", 20: "BIGINT", 23: "INTEGER", 1082: "DATE", 1114: "TIMESTAMP", 1700: "DECIMAL(18, 2)"}
"""Types by PostgreSQL's own numbers."""


@lru_cache(maxsize=256)
def statements(query: str) -> tuple[str, ...]:
    """A text of statements in PostgreSQL's words; values stand as the client writes them."""
    import sqlglot

    return tuple(tree.sql("postgres") for tree in sqlglot.parse(query, read="duckdb") if tree is not None)


@contextmanager
def session(place: Schema, *, writing: bool, patience: float) -> Iterator[InPostgreSQL]:
    """One transaction, which is kept only if all goes well; one writes at a time."""
    import duckdb

    try:
        import psycopg
    except ImportError as error:
        raise UnusableStoreError(problem("engine-missing", None, engine="postgres")) from error
    from lifeseg.records.postgres_session import address_of, connected, failure, without_secrets

    address = address_of(place.address)
    if isinstance(address, Diagnostic):
        raise UnusableStoreError(address)
    try:
        connection = connected(address)
    except UnusableEngineError as error:
        raise UnusableStoreError(error.finding) from error
    try:
        with connection, psycopg.ClientCursor(connection) as cursor:
            prepare(cursor, place.name, writing, patience)
            yield InPostgreSQL(cursor, place.name)
    except psycopg.Error as error:
        locked = error.sqlstate == LOCKED
        found = problem("store-locked", None, path=str(place)) if locked else failure(error, address)
        raise UnusableStoreError(found) from without_secrets(error, address)
    except duckdb.Error as error:  # of the files that it reads or writes
        raise UnusableStoreError(failed(str(place), str(error))) from error
    finally:
        connection.close()


def prepare(cursor: psycopg.Cursor[Any], schema: str, writing: bool, patience: float) -> None:
    """The schema is there and is the only one meant; whoever writes waits for whoever writes."""
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", (f"{round(patience * 1000)}ms",))
    if writing:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('lifeseg ' || %s, 0))", (schema,))
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}".encode())
    cursor.execute("SELECT set_config('search_path', %s, true)", (f"{quoted(schema)}, pg_temp",))
