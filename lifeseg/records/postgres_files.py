"""A data file, or records that are loaded already, come in; a temporary table of typed rows in PostgreSQL goes out.

The cells are read as for every evaluator, so that a file means the same whatever the engine; COPY carries them over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.model.model import Entity
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.findings import Findings, at
from lifeseg.records.from_cell import Cells
from lifeseg.records.from_files import table_of
from lifeseg.records.from_table import TableReader
from lifeseg.records.heading import ancestor_columns, lineage, match_heading, without
from lifeseg.records.identifiers import identifiers
from lifeseg.records.memory import rows_in, width_of
from lifeseg.records.population import Population
from lifeseg.records.postgres_cells import SQL_TYPES, TEXTS, written
from lifeseg.records.source import Source, Table, UnreadableError, unreadable
from lifeseg.records.to_tables import PREFIX
from lifeseg.records.typed_rows import rows_on

if TYPE_CHECKING:
    import psycopg

FILES = "_file_"
NUL = "a text with the character NUL"
Row = Sequence[object]


def copied(
    connection: psycopg.Connection[Any],
    entities: Mapping[str, Entity],
    entity: Entity,
    source: Source,
    findings: Findings,
) -> str | None:
    """The temporary table that holds the file's rows; what is wrong with the file is among the findings."""
    try:
        names = [name for name, _ in ancestor_columns(entities, entity)]
        wanted = frozenset([*names, *(fact.name for fact in entity.facts)])
        with table_of(source, entity.name, wanted) as table:
            rows = rows_of(entities, entity, table, str(source.path), findings)
            target = FILES + identifiers(entities)[entity.name]
            columns = [
                ("_line", "bigint"),
                *key_columns(entities, entity, own=bool(entity.keys)),
                *fact_columns(entity),
            ]
            fill(connection, target, columns, rows)
            return target
    except UnreadableError as error:
        findings.add(error.diagnostic)
    except OSError as error:
        findings.add(unreadable(source.path, error).diagnostic)
    return None


def rows_of(
    entities: Mapping[str, Entity], entity: Entity, table: Table, file: str, findings: Findings
) -> Iterator[Row]:
    """Line, keys (the ancestors' first), facts of each row that is good."""
    place = at(file, table.line)
    heading, found = match_heading(entities, entity, table.heading, place)
    findings.add_all(found)
    if any(one.key == "data-missing-column.heading" for one in found):
        return
    for column in (*heading.ancestors, *heading.own):
        held = None if column.position is None else table.unsuitable.get(column.position)
        if held is not None:
            findings.add(problem("data-type.column", place, column=column.name, held=held))
    heading = without(heading, table.unsuitable)
    reader = TableReader(entity, heading, None, table.files(file), lambda _, one: findings.add(one))
    reader.has_keys = False  # keys are compared in the database
    above = [(column.position, Cells(column.fact)) for column in heading.ancestors]
    own = [place for place, fact in enumerate(entity.facts) if fact.key]
    for batch in table.batches:
        reader.take(batch)
        texts = dict(zip(batch.lines, batch.rows, strict=True)) if above else {}
        for line, values in zip(reader.rows.lines, reader.rows.values, strict=True):
            keys = [None if position is None else cells[texts[line][position]] for position, cells in above]
            yield (line, *keys, *(values[place] for place in own), *values)
        reader.rows.lines.clear()
        reader.rows.values.clear()
    if not reader.count:
        key = "data-empty.children" if entity.parent is not None else "data-empty.rows"
        findings.add(problem(key, place, path=file, entity=entity.name))
    if reader.blank:
        findings.add(problem("data-empty.blank-rows", place, count=reader.blank, path=file))


def population_tables(
    connection: psycopg.Connection[Any], entities: Mapping[str, Entity], population: Population, as_of: date
) -> dict[str, str]:
    """A temporary table for each entity's records, in place of one that is there; gives their names by entity."""
    tables = {name: PREFIX + plain for name, plain in identifiers(entities).items()}
    for name, rows in rows_on(entities, population, as_of).items():
        entity = entities[name]
        fill(
            connection, tables[name], [*key_columns(entities, entity, own=True), *fact_columns(entity)], rows
        )
    return tables


def memory_views(
    connection: psycopg.Connection[Any],
    records: Mapping[str, str],
    entities: Mapping[str, Entity],
    files: Mapping[str, Path],
) -> dict[str, str]:
    """Views of the records with what they were, of which files tell; see records/memory.py."""
    views = dict(records)
    for number, (entity, path) in enumerate(files.items()):
        columns, rows = rows_in(path)
        table, views[entity] = f"_was_{number}", f"_with_memory_{number}"
        fill(connection, table, [(name, "date" if is_day else TEXTS) for name, is_day in columns], rows)
        keys = [
            written("CAST(r.{key} AS text)", key=sql.Identifier(f"_k{place}"))
            for place in range(1, width_of(entities, entity) + 1)
        ]
        connection.execute(
            written(
                "CREATE OR REPLACE TEMP VIEW {view} AS SELECT r.*, {columns} FROM {records} r"
                " LEFT JOIN pg_temp.{table} m ON m.key = concat_ws(chr(31), {keys})",
                view=sql.Identifier(views[entity]),
                columns=sql.SQL(", ").join(sql.Identifier("m", name) for name, _ in columns if name != "key"),
                records=sql.Identifier(records[entity]),
                table=sql.Identifier(table),
                keys=sql.SQL(", ").join(keys),
            )
        )
    return views


def fill(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Row]
) -> None:
    """Creates the table and streams the rows into it."""
    name = sql.Identifier(table)
    types = sql.SQL(", ").join(
        written("{name} {type}", name=sql.Identifier(column), type=sql.SQL(kind)) for column, kind in columns
    )
    connection.execute(written("DROP TABLE IF EXISTS pg_temp.{name} CASCADE", name=name))
    connection.execute(written("CREATE TEMP TABLE {name} ({types})", name=name, types=types))
    with (
        connection.cursor() as cursor,
        cursor.copy(written("COPY pg_temp.{name} FROM STDIN", name=name)) as copy,
    ):
        for row in rows:
            if any(isinstance(value, str) and "\0" in value for value in row):
                raise UnusableEngineError(problem("engine-gap", None, engine="postgres", construct=NUL))
            copy.write_row(row)
    connection.execute(written("ANALYZE pg_temp.{name}", name=name))


def fact_columns(entity: Entity) -> list[tuple[str, str]]:
    names = identifiers(fact.name for fact in entity.facts)
    return [(names[fact.name], type_of(fact.type.kind)) for fact in entity.facts]


def key_columns(entities: Mapping[str, Entity], entity: Entity, own: bool) -> list[tuple[str, str]]:
    """The key columns, those of the entities above first; a row without a key has its number."""
    kinds: list[str] = []
    for one in (*lineage(entities, entity), *([entity] if own else [])):
        kinds += [type_of(fact.type.kind) for fact in one.keys] or ["bigint"]
    return [(f"_k{place}", kind) for place, kind in enumerate(kinds, 1)]


def type_of(kind: str) -> str:
    return TEXTS if SQL_TYPES[kind] == "text" else SQL_TYPES[kind]
