"""What an evaluation left in a PostgreSQL session comes in; tables that stay go out, all of them or none.

A table of an earlier run is filled anew where its columns are the same, so that rights and views on it remain, and made
anew where they are not. A table that was not made by a run is never touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.frozen import dataclass
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.identifiers import identifiers
from lifeseg.records.postgres_cells import Sql, written
from lifeseg.records.result_sums import Cell
from lifeseg.records.table_results import MARK, ResultTable, cells
from lifeseg.records.to_results import Column, sql_type

if TYPE_CHECKING:
    import psycopg

    from lifeseg.records.postgres_session import Session

RUN = "run"
INT8 = 20
ROWS_AT_ONCE = 10_000
TYPES = {"BIGINT": "bigint", "BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "text", "VARCHAR[]": "text[]"}
THERE = """
SELECT c.oid::bigint, c.relkind::text, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s
"""
SHAPE = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute
WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
NULL = sql.SQL("NULL")


@dataclass(frozen=True, slots=True)
class Place:
    """Where results go: `PREFIX_customer` and so on in a schema; without one, in the first that is searched."""

    prefix: str
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A table as it shall be."""

    name: str
    columns: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]


def write_results(
    session: Session, place: Place, tables: Sequence[ResultTable], description: Mapping[str, Any]
) -> tuple[str, ...]:
    """Puts the results of a run, and what describes it, in place of those of the run before; gives the tables' names."""
    connection = session.connection
    if place.schema is None and not session.schemas:
        raise UnusableEngineError(problem("result-table.schema", None))
    schema = place.schema or session.schemas[0]
    names = identifiers([f"{place.prefix}_{table.entity}" for table in tables] + [f"{place.prefix}_{RUN}"])
    connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"lifeseg {schema} {place.prefix}",))
    for table in tables:
        wanted = wanted_of(names[f"{place.prefix}_{table.entity}"], table.columns)
        ready(connection, schema, wanted)
        fill(connection, schema, wanted, table)
        comment(connection, schema, wanted, table)
    about = Wanted(names[f"{place.prefix}_{RUN}"], (("description", "jsonb"),), ())
    ready(connection, schema, about)
    target = sql.Identifier(schema, about.name)
    text = json.dumps(description, ensure_ascii=False)
    connection.execute(written("INSERT INTO {target} VALUES (%s)", target=target), (text,))
    said = written("COMMENT ON TABLE {target} IS {text}", target=target, text=f"{MARK}: the run")
    connection.execute(said)
    return tuple(f"{schema}.{name}" for name in names.values())


def wanted_of(name: str, columns: Sequence[Column]) -> Wanted:
    plain = identifiers(column.name for column in columns)
    typed = tuple((plain[column.name], type_of(column)) for column in columns)
    return Wanted(name, typed, tuple(plain[column.name] for column in columns if column.key))


def type_of(column: Column) -> str:
    found = sql_type(column)
    return found.replace("DECIMAL", "numeric").replace(" ", "") if "DECIMAL" in found else TYPES[found]


def ready(connection: psycopg.Connection[Any], schema: str, wanted: Wanted) -> None:
    """An empty table of that shape; one that is there must be ours."""
    target = sql.Identifier(schema, wanted.name)
    found = connection.execute(THERE, (schema, wanted.name)).fetchone()
    if found is not None:
        oid, kind, said = found
        if kind not in ("r", "p") or not str(said).startswith(MARK):
            raise UnusableEngineError(problem("result-table.taken", None, table=f"{schema}.{wanted.name}"))
        if (
            tuple((str(name), str(kind)) for name, kind in connection.execute(SHAPE, (oid,)).fetchall())
            == wanted.columns
        ):
            connection.execute(written("TRUNCATE {target}", target=target))
            return
        connection.execute(written("DROP TABLE {target}", target=target))
    columns = [
        written("{name} {kind}", name=sql.Identifier(name), kind=sql.SQL(kind))
        for name, kind in wanted.columns
    ]
    if wanted.keys:
        keys = sql.SQL(", ").join(map(sql.Identifier, wanted.keys))
        columns.append(written("PRIMARY KEY ({keys})", keys=keys))
    made = written("CREATE TABLE {target} ({columns})", target=target, columns=sql.SQL(", ").join(columns))
    connection.execute(made)


def fill(connection: psycopg.Connection[Any], schema: str, wanted: Wanted, table: ResultTable) -> None:
    """What the engine left has the same columns in the same order."""
    left = sql.Identifier("pg_temp", table.left)
    described = connection.execute(written("SELECT * FROM {left} LIMIT 0", left=left)).description or ()
    values: list[Sql] = []
    for place, (column, (_, kind)) in enumerate(zip(table.columns, wanted.columns, strict=True)):
        value: Sql = sql.Identifier(described[place].name)
        if (
            column.key and column.type.scale and described[place].type_code == INT8
        ):  # a key that is still a whole number
            value = written("{value}::numeric / {unit}", value=value, unit=10**column.type.scale)
        values.append(written("{value}::{kind}", value=value, kind=sql.SQL(kind)))
    order = sql.SQL(", ").join(sql.SQL(str(place)) for place in range(1, len(wanted.keys) + 1))
    connection.execute(
        written(
            "INSERT INTO {target} SELECT {values} FROM {left} ORDER BY {order}",
            target=sql.Identifier(schema, wanted.name), values=sql.SQL(", ").join(values), left=left, order=order,
        )
    )  # fmt: skip


def comment(connection: psycopg.Connection[Any], schema: str, wanted: Wanted, table: ResultTable) -> None:
    target = sql.Identifier(schema, wanted.name)
    connection.execute(
        written("COMMENT ON TABLE {target} IS {text}", target=target, text=f"{MARK}: {table.title}")
    )
    for column, (name, _) in zip(table.columns, wanted.columns, strict=True):
        place = sql.Identifier(schema, wanted.name, name)
        text: Sql | str = table.titles.get(column.name) or NULL
        connection.execute(written("COMMENT ON COLUMN {place} IS {text}", place=place, text=text))


def cells_of(session: Session, table: ResultTable) -> Iterator[list[Cell]]:
    """The results as files have them, read little by little."""
    left = sql.Identifier("pg_temp", table.left)
    with session.connection.cursor(name="lifeseg_results") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(written("SELECT * FROM {left}", left=left))
        yield from cells(cursor)
