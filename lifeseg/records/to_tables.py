"""Typed records and a DuckDB database come in; a table per entity goes out, as engines read them.

Key columns `_k1`, `_k2` … come first (those of the entities above before its own; of an entity without a key the
number of the row within its parent, counted from 1), then a column for each fact: numbers as whole numbers at the
fact's scale. Values go through a file of which every column's type is given, so that nothing is guessed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact
from lifeseg.records.identifiers import identifiers
from lifeseg.records.population import Population, Rows

Key = tuple[Value, ...]
SQL_TYPES = {"number": "BIGINT", "text": "VARCHAR", "choice": "VARCHAR", "truth": "BOOLEAN", "date": "DATE"}
PREFIX = "_records_"
STRICT_FORM = (
    "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
    " allow_quoted_nulls = false, new_line = '\\n', max_line_size = 100000000"
)


def to_tables(
    database: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    population: Population,
    temporary: Path | None = None,
) -> dict[str, str]:
    """Fills a temporary table for each entity, in place of one that is there; gives their names by entity."""
    tables = {name: PREFIX + plain for name, plain in identifiers(entities).items()}
    keys: dict[str, list[Key]] = {}
    for entity in parents_first(entities):
        keys[entity.name] = keys_of(entity, population.rows[entity.name], keys.get(entity.parent or ""))
        width = len(key_types(entities, entity))
        columns = [(f"_k{place}", kind) for place, kind in enumerate(key_types(entities, entity), 1)]
        columns += fact_columns(entity)
        assert len(columns) == width + len(entity.facts)
        rows = population.rows[entity.name].values
        fill(database, tables[entity.name], columns, keys[entity.name], rows, temporary)
    return tables


def parents_first(entities: Mapping[str, Entity]) -> Iterator[Entity]:
    """Every entity after the one it belongs to."""
    done: set[str] = set()
    while len(done) < len(entities):
        for name, entity in entities.items():
            if name not in done and (entity.parent is None or entity.parent in done):
                done.add(name)
                yield entity


# ---- Columns -----------------------------------------------------------------------------------


def fact_columns(entity: Entity) -> list[tuple[str, str]]:
    """The column and the SQL type of each fact."""
    names = identifiers(fact.name for fact in entity.facts)
    return [(names[fact.name], sql_type(fact)) for fact in entity.facts]


def sql_type(fact: Fact) -> str:
    return SQL_TYPES[fact.type.kind]


def key_types(entities: Mapping[str, Entity], entity: Entity) -> list[str]:
    """The SQL types of the key columns, those of the entities above first."""
    above = key_types(entities, entities[entity.parent]) if entity.parent else []
    return above + ([sql_type(fact) for fact in entity.keys] or ["BIGINT"])


def keys_of(entity: Entity, rows: Rows, above: Sequence[Key] | None) -> list[Key]:
    """The whole key of each record."""
    own = [place for place, fact in enumerate(entity.facts) if fact.key]
    if above is None:
        return [tuple(values[place] for place in own) for values in rows.values]
    if own:
        return [
            (*above[parent], *(values[place] for place in own))
            for values, parent in zip(rows.values, rows.parents, strict=True)
        ]
    counts: dict[int, int] = {}
    keys = []
    for parent in rows.parents:
        counts[parent] = counts.get(parent, 0) + 1
        keys.append((*above[parent], counts[parent]))
    return keys


# ---- Rows --------------------------------------------------------------------------------------


def fill(
    database: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[tuple[str, str]],
    keys: Sequence[Key],
    rows: Sequence[Key],
    temporary: Path | None = None,
) -> None:
    """Creates the table and reads the rows into it by way of a file that is gone afterwards."""
    shown = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
    database.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} ({shown})")
    if not rows:
        return
    types = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns)
    with tempfile.TemporaryDirectory(prefix="lifeseg-", dir=temporary) as folder:
        path = Path(folder, "rows.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(line(key, values) for key, values in zip(keys, rows, strict=True))
        database.execute(
            f"INSERT INTO {quoted(table)} SELECT * FROM"
            f" read_csv({literal(str(path))}, columns = {{{types}}}, {STRICT_FORM})"
        )


def line(key: Key, values: Key) -> str:
    return ",".join([cell(value) for value in (*key, *values)]) + "\n"


def cell(value: Value) -> str:
    """Texts in quotes, nothing at all for a missing value; True, 12 and 2013-06-30 as Python writes them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return str(value)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
