"""Data files and entities come in; typed views in a DuckDB database go out, or word that a file needs a careful read.

A view has the key columns `_k1`, `_k2` … (ancestors' first) and the facts as engines hold them: numbers as whole numbers
at the fact's scale. Only plain, valid values are taken this way; where a cell is anything else, `suspicious` says so,
and the careful reader of from_files, which knows every way to write a value, gives the values or the findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model.model import Entity, Fact
from lifeseg.records.heading import Column, Heading, match_heading
from lifeseg.records.number import bounds
from lifeseg.records.source import Source

WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
FLOATING = frozenset({"FLOAT", "DOUBLE"})
EXACT_DOUBLE = 2**52
SQL_TYPES = {"number": "BIGINT", "text": "VARCHAR", "choice": "VARCHAR", "truth": "BOOLEAN", "date": "DATE"}
TRUE = ("yes", "y", "true", "1", "是")
FALSE = ("no", "n", "false", "0", "否")


@dataclass(frozen=True, slots=True)
class Cell:
    """A column's value as SQL, and a condition that is true where the value is not plainly valid."""

    value: str
    odd: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A view's name, and the query that counts rows that are not plainly valid."""

    entity: str
    view: str
    rows: str  # the FROM clause of the file
    odd: str
    keys: int


class NotPlain(Exception):
    """The file cannot be read the fast way."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def file_rows(source: Source) -> str:
    """The FROM clause that reads a file, a folder of files, or a pattern of files."""
    path = source.path
    name = str(path)
    if path.is_dir():
        ending = "parquet" if any(path.rglob("*.parquet")) else "csv"
        name = f"{path}/**/*.{ending}"
    ending = Path(name).suffix.lower()
    if ending in (".parquet", ".pq"):
        return f"read_parquet({text(name)}, hive_partitioning = {str(path.is_dir()).lower()})"
    if ending == ".csv" and source.encoding in (None, "utf-8"):
        return (
            f"read_csv({text(name)}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',"
            f" nullstr = '', strict_mode = true, null_padding = false)"
        )
    raise NotPlain


def typed_view(
    database: duckdb.DuckDBPyConnection, entities: Mapping[str, Entity], entity: Entity, source: Source
) -> Typed:
    """Makes the view of an entity's records; raises NotPlain where the heading or a column's type is unusual."""
    rows = file_rows(source)
    try:
        described = database.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    except duckdb.Error:
        raise NotPlain from None
    kinds = {str(name): str(kind) for name, kind, *_ in described}
    heading, found = match_heading(entities, entity, list(kinds), Span(str(source.path), 1, 1, 1, 1))
    if any(finding.code not in ("data-unknown-column", "data-missing-column") for finding in found):
        raise NotPlain
    if any(finding.key in ("data-missing-column", "data-missing-column.parent") for finding in found):
        raise NotPlain
    keys, facts, odd = list(key_columns(entity, heading)), [], []
    selected: list[str] = []
    for number, column in enumerate(keys, 1):
        cell = cell_of(column, list(kinds), kinds)
        selected.append(f"{cell.value} AS _k{number}")
        odd.append(cell.odd)
    if not entity.keys:
        raise NotPlain
    for column in heading.own:
        cell = cell_of(column, list(kinds), kinds)
        facts.append(f"{cell.value} AS {quoted(column.name)}")
        odd.append(cell.odd)
    view = f"_records_{entity.name}"
    database.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(view)} AS SELECT {', '.join([*selected, *facts])} FROM {rows}")
    return Typed(entity.name, view, rows, " OR ".join(f"({test})" for test in odd if test), len(keys))


def key_columns(entity: Entity, heading: Heading) -> Iterator[Column]:
    yield from heading.ancestors
    yield from (column for column in heading.own if column.fact.key)


def suspicious(database: duckdb.DuckDBPyConnection, typed: Mapping[str, Typed], entities: Mapping[str, Entity]) -> bool:
    """Whether any row of any file is not plainly valid, a key comes twice, or a child has no parent."""
    for found in typed.values():
        keys = ", ".join(f"_k{number}" for number in range(1, found.keys + 1))
        view = quoted(found.view)
        if first(database, f"SELECT count(*) FROM {found.rows} WHERE {found.odd}"):
            return True
        if first(database, f"SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT {keys} FROM {view})) FROM {view}"):
            return True
        parent = entities[found.entity].parent
        if parent is not None:
            above = typed[parent]
            upper = ", ".join(f"_k{number}" for number in range(1, above.keys + 1))
            orphans = f"SELECT count(*) FROM {view} ANTI JOIN {quoted(above.view)} USING ({upper})"
            if first(database, orphans):
                return True
    return False


def first(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = database.execute(query).fetchone()
    return row[0] if row else 0


# ---- Cells ---------------------------------------------------------------------------------------


def cell_of(column: Column, names: list[str], kinds: Mapping[str, str]) -> Cell:
    """The cell of a fact by its kind and by how the file holds it."""
    fact = column.fact
    if column.position is None:
        return Cell(f"CAST(NULL AS {SQL_TYPES[fact.type.kind]})", "")
    name = names[column.position]
    cell = by_kind(fact, quoted(name), kinds[name])
    missing = f"{quoted(name)} IS NULL" if kinds[name] != "VARCHAR" else f"coalesce({quoted(name)}, '') = ''"
    if fact.type.optional and not fact.key:
        return Cell(cell.value, f"NOT ({missing}) AND coalesce({cell.odd}, true)" if cell.odd else "")
    return Cell(cell.value, f"{missing} OR coalesce({cell.odd}, true)" if cell.odd else missing)


def by_kind(fact: Fact, name: str, kind: str) -> Cell:
    match fact.type.kind:
        case "number":
            return number_cell(fact, name, kind)
        case "text" if kind == "VARCHAR":
            trimmed = f"{name} <> trim({name})" if fact.key else f"{name} <> '' AND trim({name}) = ''"
            return Cell(f"nullif({name}, '')", f"{trimmed} OR starts_with({name}, '#')")
        case "choice" if kind == "VARCHAR":
            options = ", ".join(text(option) for option in fact.type.options)
            return Cell(f"nullif({name}, '')", f"{name} NOT IN ({options})")
        case "truth" if kind == "BOOLEAN":
            return Cell(name, "false")
        case "truth" if kind == "VARCHAR":
            yes, no = (", ".join(text(word) for word in words) for words in (TRUE, FALSE))
            value = f"CASE WHEN lower({name}) IN ({yes}) THEN true WHEN lower({name}) IN ({no}) THEN false END"
            return Cell(value, f"lower({name}) NOT IN ({yes}, {no})")
        case "date" if kind == "DATE":
            return Cell(name, "false")
        case "date" if kind == "VARCHAR":
            shape = f"NOT regexp_full_match({name}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
            return Cell(f"try_cast({name} AS DATE)", f"{shape} OR try_cast({name} AS DATE) IS NULL")
        case _:
            raise NotPlain


def number_cell(fact: Fact, name: str, kind: str) -> Cell:
    """A number at the fact's scale, within its bounds and on its step."""
    scale = fact.type.scale
    if fact.kind == "years":
        raise NotPlain
    low, high = bounds(fact)
    if kind in WHOLE:
        value = f"CAST({name} AS BIGINT)" + (f" * {10**scale}" if scale else "")
        least, most = -(-low // 10**scale), high // 10**scale
        cell = Cell(value, f"{name} NOT BETWEEN {least} AND {most}")
        value = f"CASE WHEN {name} BETWEEN {least} AND {most} THEN {value} END" if scale and kind == "BIGINT" else value
        return stepped(fact, Cell(value, cell.odd))
    if kind in FLOATING:
        scaled = f"{name} * {10**scale}"
        near = f"abs({scaled} - round({scaled})) * 1e10 > greatest(abs({scaled}), 1)"
        held = f"CAST(round({scaled}) AS BIGINT)"
        odd = f"isnan({name}) OR isinf({name}) OR abs({scaled}) > {EXACT_DOUBLE} OR {near}"
        value = f"CASE WHEN abs({scaled}) <= {EXACT_DOUBLE} THEN {held} END"
        return stepped(fact, Cell(value, f"{odd} OR {value} NOT BETWEEN {low} AND {high}"))
    if kind.startswith("DECIMAL("):
        return stepped(fact, decimal_cell(name, kind, scale, low, high))
    if kind == "VARCHAR":
        fraction = f"(\\.[0-9]{{1,{scale}}})?" if scale else ""
        shape = f"NOT regexp_full_match({name}, '-?[0-9]{{1,{18 - scale}}}{fraction}')"
        held = f"CAST(try_cast({name} AS DECIMAL(18, {scale})) * {10**scale} AS BIGINT)"
        return stepped(fact, Cell(held, f"{shape} OR {held} NOT BETWEEN {low} AND {high}"))
    raise NotPlain


def decimal_cell(name: str, kind: str, scale: int, low: int, high: int) -> Cell:
    """A decimal whose digits behind the point are no more than the fact's, or whose others are zeros."""
    width, behind = (int(part) for part in kind[8:-1].split(","))
    if width + scale > 36:
        raise NotPlain
    scaled = f"CAST({name} AS DECIMAL({width + scale}, {behind})) * {10**scale}"
    held = f"CAST({scaled} AS BIGINT)"
    inexact = f"{scaled} <> {held} OR " if behind > scale else ""
    return Cell(held, f"{inexact}{held} NOT BETWEEN {low} AND {high}")


def stepped(fact: Fact, cell: Cell) -> Cell:
    if fact.step == 1:
        return cell
    return Cell(cell.value, f"{cell.odd} OR ({cell.value}) % {fact.step} <> 0")
