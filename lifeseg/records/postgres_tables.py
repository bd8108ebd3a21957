"""Entities and their tables or files come in; typed views in one PostgreSQL session go out, or what is wrong with the data.

Every row is looked at in the snapshot in which the evaluation then runs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from psycopg import sql

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.model.model import Entity, Fact
from lifeseg.records.findings import Refused, nearest
from lifeseg.records.heading import Column, key_columns
from lifeseg.records.identifiers import identifiers
from lifeseg.records.postgres_cells import Held, Sql, cell_of, written
from lifeseg.records.source import Source, TableName, facts_named
from lifeseg.records.table_checks import MOST_EXAMPLES, Cell, Check, unsuitable_finding
from lifeseg.records.table_views import Found, Records, Typed, Views

if TYPE_CHECKING:
    from lifeseg.records.postgres_session import Session


COLUMNS = """
SELECT a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL), t.typcategory::text
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


TABLE = """
SELECT c.oid::bigint, n.nspname, c.relname FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relname = %s AND n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY array_position(%s::text[], n.nspname::text) LIMIT 1
"""
NAME = re.compile(r'(?:^|\.)(?:"((?:[^"]|"")+)"|([^".]+))(?=\.|$)')


def typed_views(
    session: Session,
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source | TableName],
    as_of: date,
) -> Records:
    """Makes the views, and checks every row of the tables and of the files that are loaded for it."""
    return PostgreSQLViews(session, entities, as_of).made(sources)


class PostgreSQLViews(Views[Sql]):
    """Temporary views in one transaction."""

    def __init__(self, session: Session, entities: Mapping[str, Entity], as_of: date) -> None:
        super().__init__(entities, as_of)
        self.session, self.connection = session, session.connection

    def over(self, entity: Entity, source: Source | TableName) -> Typed[Sql] | None:
        return (
            self.of_table(entity, source) if isinstance(source, TableName) else self.of_file(entity, source)
        )

    # ---- Where rows come from --------------------------------------------------------------------

    def of_file(self, entity: Entity, source: Source) -> Typed[Sql] | None:
        """The file's rows, typed like any file's and copied into a temporary table."""
        from lifeseg.records.postgres_files import copied

        table = copied(self.connection, self.entities, entity, source, self.findings)
        if table is None:
            return None
        above, own = key_facts(self.entities, entity)
        names = [f"_k{place}" for place in range(1, len(above) + len(entity.keys) + 1)]
        keys = tuple(plain(name, fact) for name, fact in zip(names, (*above, *entity.keys), strict=True))
        named = identifiers(fact.name for fact in entity.facts)
        facts = tuple(plain(named[fact.name], fact) for fact in entity.facts)
        order = None if own else sql.Identifier("_line")
        return Typed(entity, str(source.path), sql.Identifier(table), keys, facts, order)

    def of_table(self, entity: Entity, source: TableName) -> Typed[Sql] | None:
        name = source.name
        oid, shown, rows = self.found(name)
        if oid is None:
            known = [str(row[0]) for row in self.connection.execute(TABLES).fetchall()]
            self.findings.add(problem("data-file.table", None, table=name, suggestion=nearest(name, known)))
            return None
        if not self.first("SELECT has_table_privilege(%s::oid, 'SELECT')", (oid,)):
            self.findings.add(problem("data-file.table-permission", None, table=shown))
            return None
        held = [Held(*row) for row in self.connection.execute(COLUMNS, (oid,)).fetchall()]
        names = facts_named(source, [one.name for one in held])
        if source.constants:
            constants = {f"_constant_{place}": text for place, text in enumerate(source.constants.values())}
            held += [Held(name, "text", "S") for name in constants]
            rows = with_constants(rows, constants)
        heading = self.heading(entity, names, shown)
        if heading is None:
            return None
        cells = {column.name: self.cell(column, held, shown) for column in (*heading.ancestors, *heading.own)}
        if None in cells.values():
            return None
        made = {name: cell for name, cell in cells.items() if cell is not None}
        facts = tuple(made[column.name] for column in heading.own)
        order = None if entity.keys else sql.SQL(", ").join(cell.value for cell in facts)
        return Typed(
            entity, shown, rows, tuple(made[column.name] for column in key_columns(heading)), facts, order
        )

    def found(self, name: str) -> tuple[int | None, str, Sql]:
        """A table by its name as SQL reads it, or letter by letter; its number, its full name, and that as SQL."""
        parts = [(quoted.replace('""', '"'), bare) for quoted, bare in NAME.findall(name)]
        for folded in (True, False):
            read = [quoted or (bare.lower() if folded else bare) for quoted, bare in parts]
            schemas = [read[0]] if len(read) == 2 else list(self.session.schemas)
            if not 1 <= len(read) <= 2:
                continue
            row = self.connection.execute(TABLE, (read[-1], schemas, schemas)).fetchone()
            if row is not None:
                return int(row[0]), f"{row[1]}.{row[2]}", sql.Identifier(row[1], row[2])
        return None, name, sql.SQL("")

    def cell(self, column: Column, held: Sequence[Held], table: str) -> Cell[Sql] | None:
        one = None if column.position is None else held[column.position]
        cell = cell_of(column.name, column.fact, one)
        if not isinstance(cell, Refused):
            return cell
        assert one is not None
        self.findings.add(unsuitable_finding(column.name, column.fact, table, one.type))
        return None

    # ---- Checks ----------------------------------------------------------------------------------

    def counted(self, typed: Typed[Sql], tests: Sequence[Sql]) -> Sequence[int]:
        counts = [written("count(*) FILTER (WHERE {test})", test=test) for test in tests]
        query = written(
            "SELECT {counts} FROM {rows}",
            counts=sql.SQL(", ").join([sql.SQL("count(*)"), *counts]),
            rows=typed.rows,
        )
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return [int(value) for value in row]

    def examples(self, typed: Typed[Sql], cell: Cell[Sql], check: Check[Sql]) -> Sequence[Sequence[Any]]:
        keys = [key.written for key in typed.keys]
        order = [sql.SQL(str(place)) for place in range(1, len(keys) + 1)]
        query = written(
            "SELECT {keys} FROM {rows} WHERE {test} ORDER BY {order} LIMIT {most}",
            keys=sql.SQL(", ").join([*keys, cell.written]), rows=typed.rows, test=check.test,
            order=sql.SQL(", ").join(order or [sql.SQL("1")]), most=MOST_EXAMPLES,
        )  # fmt: skip
        return self.connection.execute(query).fetchall()

    def repeated(self, typed: Typed[Sql]) -> Found:
        keys = sql.SQL(", ").join(cell.value for cell in typed.keys)
        query = written("SELECT {keys}, count(*) OVER () FROM {rows} GROUP BY {keys} HAVING count(*) > 1"
                        " ORDER BY {keys} LIMIT {most}", keys=keys, rows=typed.rows, most=MOST_EXAMPLES)  # fmt: skip
        return self.counting(query)

    def orphans(self, typed: Typed[Sql], mine: Sequence[Cell[Sql]], above: Typed[Sql]) -> Found:
        same = sql.SQL(" AND ").join(
            written(
                "{mine} = theirs.{name}",
                mine=sql.Identifier("mine", f"_k{place}"),
                name=sql.Identifier(f"_k{place}"),
            )
            for place in range(1, len(mine) + 1)
        )
        query = written(
            "SELECT {names}, count(*) OVER () FROM (SELECT {mine} FROM {rows}) AS mine WHERE NOT EXISTS"
            " (SELECT FROM (SELECT {theirs} FROM {above}) AS theirs WHERE {same}) ORDER BY {names} LIMIT {most}",
            names=sql.SQL(", ").join(sql.Identifier(f"_k{place}") for place in range(1, len(mine) + 1)),
            mine=aliased(mine), rows=typed.rows, theirs=aliased(above.keys), above=above.rows, same=same,
            most=MOST_EXAMPLES,
        )  # fmt: skip
        return self.counting(query)

    def counting(self, query: sql.Composed) -> Found:
        """Rows whose last column says how many there are in all."""
        rows = self.connection.execute(query).fetchall()
        return (int(rows[0][-1]), [row[:-1] for row in rows]) if rows else (0, [])

    # ---- Views -----------------------------------------------------------------------------------

    def show(self, entity: Entity, views: Mapping[str, str]) -> None:
        typed = self.typed[entity.name]
        named = identifiers(fact.name for fact in entity.facts)
        values = [
            written("{value} AS {name}", value=cell.value, name=sql.Identifier(named[cell.fact.name]))
            for cell in typed.facts
        ]
        keys = [aliased(typed.keys)] if typed.keys else []
        if typed.order is not None:
            keys.append(numbered(typed))
        rows = written(
            "SELECT {columns} FROM {rows}", columns=sql.SQL(", ").join([*keys, *values]), rows=typed.rows
        )
        if tests := list(self.existing(typed, views)):
            rows = written("{rows} WHERE {tests}", rows=rows, tests=sql.SQL(" AND ").join(tests))
        name = sql.Identifier(views[entity.name])
        self.connection.execute(written("CREATE OR REPLACE TEMP VIEW {name} AS {rows}", name=name, rows=rows))

    def existing(self, typed: Typed[Sql], views: Mapping[str, str]) -> Iterator[Sql]:
        """The conditions that a row is there on the day, over the table's own columns."""
        entity = typed.entity
        if entity.dated is not None:
            day = next(cell.value for cell in typed.facts if cell.fact.name == entity.dated)
            yield written("{day} <= DATE {as_of}", day=day, as_of=self.as_of.isoformat())
        if entity.parent is not None and self.dated_above(entity):
            width = len(self.typed[entity.parent].keys)
            keys = sql.SQL(", ").join(cell.value for cell in typed.keys[:width])
            names = sql.SQL(", ").join(sql.Identifier(f"_k{place}") for place in range(1, width + 1))
            view = sql.Identifier(views[entity.parent])
            yield written("({keys}) IN (SELECT {names} FROM {view})", keys=keys, names=names, view=view)

    def first(self, query: str, values: Sequence[object]) -> Any:
        row = self.connection.execute(query.encode(), values).fetchone()
        return row[0] if row else None


def with_constants(rows: Sql, constants: Mapping[str, str]) -> Sql:
    """A table with columns that hold the same text in all rows."""
    made = [
        written("{text}::text AS {name}", text=sql.Literal(text), name=sql.Identifier(name))
        for name, text in constants.items()
    ]
    return written("(SELECT *, {made} FROM {rows}) AS mapped", made=sql.SQL(", ").join(made), rows=rows)


def records_fingerprint(session: Session, views: Mapping[str, str]) -> str:
    """The SHA-256, hexadecimal, of how many records there are and of sums over their values, in any order."""
    digest = hashlib.sha256()
    for entity, view in views.items():
        query = written(
            "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)), 0)::text FROM {view} AS r",
            view=sql.Identifier(view),
        )
        row = session.connection.execute(query).fetchone()
        digest.update(f"{entity} {row}\n".encode())
    return digest.hexdigest()


def key_facts(entities: Mapping[str, Entity], entity: Entity) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The keys of the entities above, the topmost first, and its own."""
    if entity.parent is None:
        return (), entity.keys
    above, own = key_facts(entities, entities[entity.parent])
    return (*above, *own), entity.keys


def plain(name: str, fact: Fact) -> Cell[Sql]:
    """A column that is typed already."""
    value = sql.Identifier(name)
    return Cell(name, fact, value, written("{value}::text", value=value), ())


def aliased(keys: Sequence[Cell[Sql]]) -> Sql:
    return sql.SQL(", ").join(
        written("{value} AS {name}", value=cell.value, name=sql.Identifier(f"_k{place}"))
        for place, cell in enumerate(keys, 1)
    )


def numbered(typed: Typed[Sql]) -> Sql:
    """The number of a row within its parent."""
    assert typed.order is not None
    return written(
        "row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS {name}",
        keys=sql.SQL(", ").join(cell.value for cell in typed.keys), order=typed.order,
        name=sql.Identifier(f"_k{len(typed.keys) + 1}"),
    )  # fmt: skip
