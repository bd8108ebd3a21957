"""Data files, the keys of changed top records and the results of a run before come in; tables of what the changed families
are now and were then go out, and results in which the ones take the place of the others.

All tables are of one DuckDB connection: `_changed` has the keys, `_new_ENTITY` the records of these families as they stand
in the files, `_old_ENTITY` their results of the run before, with the columns of a plan's output.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity
from lifeseg.records.files import PARQUET
from lifeseg.records.findings import Refused
from lifeseg.records.from_cell import Cells
from lifeseg.records.source import Source
from lifeseg.records.to_database import attach
from lifeseg.records.to_results import Column
from lifeseg.records.to_tables import fill, parents_first, sql_type
from lifeseg.records.typed import NotPlainError, Typed, existing, first, make_view, quoted, text, typed_view

CHANGED = "_changed"
Key = tuple[Any, ...]


class UnusableKeysError(Exception):
    """The list of changed keys is not one; carries the finding."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.key)
        self.finding = finding


# ---- The keys ----------------------------------------------------------------------------------


def keys_in(path: Path, shown: str, entity: Entity) -> list[Key]:
    """The keys in a file: one a line, or a CSV file whose heading has the key's columns."""
    rows, facts = list(lines_of(path, shown)), entity.keys
    names = [fact.name for fact in facts]
    places, start = list(range(len(names))), 0
    if rows and set(names) <= set(heading := [cell.strip() for cell in rows[0][1]]):
        places, start = [heading.index(name) for name in names], 1
    columns = [Cells(fact) for fact in facts]
    found: dict[Key, None] = {}
    for line, cells in rows[start:]:
        texts = [cells[place].strip() if place < len(cells) else "" for place in places]
        key = tuple(column[text] for column, text in zip(columns, texts, strict=True))
        if any(isinstance(part, Refused) for part in key) or (not start and len(cells) != len(names)):
            wanted, written = ", ".join(names), ",".join(cells)
            raise UnusableKeysError(
                problem(
                    "changed-keys", None,
                    path=shown, line=line, text=written, entity=entity.name, columns=wanted,
                )
            )  # fmt: skip
        found[key] = None
    return list(found)


def lines_of(path: Path, shown: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold something, with their numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, cells
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnusableKeysError(problem("changed-keys.file", None, path=shown, reason=reason)) from error


# ---- The families now --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Families:
    """The views of everybody and of the changed families, by entity, as they are on the day."""

    everybody: Mapping[str, str]
    some: Mapping[str, str]
    findings: tuple[Diagnostic, ...]


def views(
    connection: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source],
    as_of: date,
) -> dict[str, Typed] | None:
    """The files as they are now; None where they want a careful look."""
    try:
        for source in sources.values():
            attach(connection, source)
        return {
            one.name: typed_view(connection, entities, one, sources[one.name], as_of)
            for one in parents_first(entities)
        }
    except (NotPlainError, duckdb.Error):
        return None


def list_keys(
    connection: duckdb.DuckDBPyConnection, entity: Entity, keys: Sequence[Key], temporary: Path
) -> None:
    """The changed families are those of these keys."""
    columns = [(f"_k{place}", sql_type(fact)) for place, fact in enumerate(entity.keys, 1)]
    fill(connection, CHANGED, columns, keys, [()] * len(keys), temporary)


def families(
    connection: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Entity],
    typed: Mapping[str, Typed],
    as_of: date,
    where: Mapping[str, str],
) -> Families | None:
    """The changed families, which are looked for where a condition says; None if one of these rows wants a careful look."""
    ordered = list(parents_first(entities))
    try:
        for entity in ordered:
            take(connection, typed[entity.name], len(ordered[0].keys), where.get(entity.name, "true"))
            if not all_well(connection, entity, typed):
                return None
    except duckdb.Error:
        return None
    for entity in ordered:
        query = f"SELECT * EXCLUDE (_odd) FROM {quoted(f'_new_{entity.name}')}"
        make_view(connection, f"_some_{entity.name}", existing(entities, entity, query, as_of))
    found = tuple(finding for one in typed.values() for finding in one.findings)
    everybody = {name: one.view for name, one in typed.items()}
    return Families(everybody, {name: f"_some_{name}" for name in typed}, found)


def key_names(width: int) -> str:
    return ", ".join(f"_k{place}" for place in range(1, width + 1))


def take(connection: duckdb.DuckDBPyConnection, found: Typed, top: int, where: str) -> None:
    """Copies the changed families' rows of one entity, and whether each is not plainly valid; they are found by the key as
    the file has it, before any other value is looked at.
    """
    keys = ", ".join(column.rpartition(" AS ")[0] for column in found.columns[:top])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(f'_new_{found.entity}')} AS"
        f" SELECT {', '.join(found.columns)}, ({found.odd}) AS _odd FROM {found.rows}"
        f" WHERE {where} AND ({keys}) IN (SELECT {listed(top)} FROM {CHANGED})"
    )


def listed(top: int) -> str:
    """The whole key as one value, where it has several parts."""
    return key_names(top) if top == 1 else f"({key_names(top)})"


def all_well(connection: duckdb.DuckDBPyConnection, entity: Entity, typed: Mapping[str, Typed]) -> bool:
    """Whether every row is plainly valid, no key comes twice, and every child has its parent."""
    table, keys = quoted(f"_new_{entity.name}"), key_names(typed[entity.name].keys)
    tests = [
        f"SELECT count(*) FROM {table} WHERE _odd",
        f"SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT {keys} FROM {table})) FROM {table}",
    ]
    if entity.parent is not None:
        upper = key_names(typed[entity.parent].keys)
        above = quoted(f"_new_{entity.parent}")
        tests.append(f"SELECT count(*) FROM {table} ANTI JOIN {above} USING ({upper})")
    return not any(first(connection, test) for test in tests)


# ---- Their results then ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Before:
    """A result column as it was written, and as a plan's output has it; of a number that is held at its scale also the scale,
    and whether its digits are no more than 18.
    """

    written: str
    column: str
    scale: int | None = None
    narrow: bool = False
    flags: tuple[tuple[str, str], ...] = ()  # of a list: what it can hold, and the column that tells it


def results_before(
    connection: duckdb.DuckDBPyConnection,
    entity: str,
    rows: str,
    columns: Sequence[Before],
) -> str:
    """The table of the changed families' results, from these rows of a file of results."""
    selected: list[str] = []
    for found in columns:
        name = quoted(found.written)
        selected.append(f"{name if found.scale is None else whole(name, found)} AS {quoted(found.column)}")
        selected += [f"list_contains({name}, {text(flag)}) AS {quoted(held)}" for flag, held in found.flags]
    table = f"_old_{entity}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT {', '.join(selected)} FROM {rows}"
    )
    return table


def whole(name: str, found: Before) -> str:
    """A decimal as the whole number at its scale: by a product where that has room, otherwise by its digits."""
    if found.narrow:
        return f"CAST(CAST({name} AS DECIMAL(18, {found.scale})) * {10 ** (found.scale or 0)} AS HUGEINT)"
    return f"CAST(replace(CAST({name} AS VARCHAR), '.', '') AS HUGEINT)"


def among(keys: Sequence[Column]) -> str:
    """Whether a row of a file of results is of a changed family."""
    written = ", ".join(held(quoted(key.name), key) for key in keys)
    return f"({written}) IN (SELECT {listed(len(keys))} FROM {CHANGED})"


# ---- Results merged ----------------------------------------------------------------------------


def merge(
    connection: duckdb.DuckDBPyConnection, before: Path, new: str, keys: Sequence[Column], target: Path
) -> None:
    """Writes the results of a run before without the changed families, and their new results."""
    connection.execute(
        f"COPY (SELECT * FROM read_parquet({text(str(before))}) WHERE NOT {among(keys)}"
        f" UNION ALL BY NAME SELECT * FROM {quoted(new)}) TO {text(str(target))} ({PARQUET})"
    )


def held(written: str, key: Column) -> str:
    """A written key as engines hold it."""
    if key.type.kind == "number" and key.type.scale and not key.row_number:
        return f"CAST(replace(CAST({written} AS VARCHAR), '.', '') AS BIGINT)"
    return written
