"""Sources come in, and what a run has noted of their files; the files that have changed since go out, and the keys of the
families in them.

Noted are the files with their prints, and, of entities that come in several files, in which file how many records of which
family are. So the families of rows that have left a file are known too, and files with none of these families stay unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity
from lifeseg.records.changed import CHANGED, key_names
from lifeseg.records.files import base_of, files_of, is_several, pairs, print_of_all
from lifeseg.records.source import Source
from lifeseg.records.typed import Typed, first, quoted, text

FILES, FAMILIES = "files", "families"
TAKEN = frozenset({"filename"})
"""What DuckDB calls the column that names a row's file."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A file of an entity: by its path below the source; its print stands for its content and how it is read."""

    entity: str
    path: str
    size: int
    modified: int
    print: str
    content: str  # the print of the content alone
    number: int = -1


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed: the files there are now, with numbers; of them the changed ones by entity; the numbers of files whose
    records are to be forgotten.
    """

    now: tuple[Noted, ...]
    changed: Mapping[str, tuple[Noted, ...]]
    gone: tuple[int, ...]


# ---- Files ---------------------------------------------------------------------------------------


def files_now(sources: Mapping[str, Source], before: Iterable[Noted] = ()) -> list[Noted]:
    """The files there are; what has the size and the time it had is taken for what it was."""
    known = {(file.entity, file.path): file for file in before}
    found = []
    for entity, source in sources.items():
        reading = repr(
            (source.encoding, source.sheet, source.table, pairs(source.columns), pairs(source.constants))
        )
        for path in files_of(source):
            name, status = below(source, path), path.stat()
            old = known.get((entity, name))
            if old is not None and (old.size, old.modified) == (status.st_size, status.st_mtime_ns):
                content = old.content
            else:
                content = print_of_all(path)
            found.append(
                Noted(entity, name, status.st_size, status.st_mtime_ns, f"{content} {reading}", content)
            )
    return found


def below(source: Source, path: Path) -> str:
    """The path of a file below its source."""
    return path.relative_to(base_of(source)).as_posix() if is_several(source) else path.name


def path_of(source: Source, file: Noted) -> str:
    """The path by which DuckDB reads a file."""
    return str(base_of(source) / file.path if is_several(source) else source.path)


def since(before: Sequence[Noted], now: Sequence[Noted]) -> Since:
    """What has changed between; a changed file counts as one that is gone and one that is new."""
    known = {(file.entity, file.path): file for file in before}
    number = max((file.number for file in before), default=-1)
    numbered: list[Noted] = []
    changed: dict[str, list[Noted]] = {}
    kept: set[int] = set()
    for file in now:
        old = known.get((file.entity, file.path))
        if old is not None and old.print == file.print:
            kept.add(old.number)
            numbered.append(replace(file, number=old.number))
            continue
        number += 1
        numbered.append(replace(file, number=number))
        changed.setdefault(file.entity, []).append(numbered[-1])
    gone = tuple(file.number for file in before if file.number not in kept)
    return Since(tuple(numbered), {name: tuple(files) for name, files in changed.items()}, gone)


# ---- Notes ---------------------------------------------------------------------------------------


def note(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source],
    typed: Mapping[str, Typed],
    found: Since,
) -> None:
    """Writes down, in a schema of the file of results, the files there are, and whose records the new ones were counted to
    hold.
    """
    make(connection, schema, next(iter(typed.values())), entities)
    connection.execute(f"DELETE FROM {schema}.{FILES}")
    columns = [
        [getattr(file, name) for file in found.now]
        for name in ("entity", "path", "size", "modified", "print", "content", "number")
    ]
    listed = ", ".join(f"unnest(${place})" for place in range(1, len(columns) + 1))
    connection.execute(f"INSERT INTO {schema}.{FILES} SELECT {listed}", columns)
    if found.gone:
        numbers = ", ".join(map(str, found.gone))
        connection.execute(f"DELETE FROM {schema}.{FAMILIES} WHERE file IN ({numbers})")
    width = len(top_of(entities).keys)
    for name in found.changed:
        if can_tell(sources[name], typed[name]):
            columns_of = f"{key_names(width)}, file, records"
            connection.execute(
                f"INSERT INTO {schema}.{FAMILIES} SELECT {columns_of} FROM {quoted(f'_touched_{name}')}"
            )


def count_families(
    connection: duckdb.DuckDBPyConnection,
    sources: Mapping[str, Source],
    typed: Mapping[str, Typed],
    found: Since,
    width: int,
    looking: bool = True,
) -> bool:
    """Counts in new and changed files the records of each family; whether each of these files is met, and, `looking`, all
    their rows are plain.
    """
    well = True
    for name, files in found.changed.items():
        if not can_tell(sources[name], typed[name]):
            continue
        numbers = " ".join(f"WHEN {text(path_of(sources[name], f))} THEN {f.number}" for f in files)
        table, odd = quoted(f"_touched_{name}"), typed[name].odd if looking else "false"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(typed[name].columns[:width])},"
            f" CASE filename {numbers} END AS file, count(*) AS records, count(*) FILTER ({odd}) AS odd"
            f" FROM {typed[name].rows} WHERE {among_files(sources[name], files)} GROUP BY ALL"
        )
        met = first(connection, f"SELECT count(DISTINCT file) FROM {table}") == len(files)
        well = well and met and not first(connection, f"SELECT count(*) FROM {table} WHERE odd > 0")
    return well


def forget(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """The next run finds nothing noted."""
    connection.execute(f"DELETE FROM {schema}.{FILES}")
    connection.execute(f"DELETE FROM {schema}.{FAMILIES}")


def make(
    connection: duckdb.DuckDBPyConnection, schema: str, found: Typed, entities: Mapping[str, Entity]
) -> None:
    from lifeseg.records.to_tables import sql_type

    keys = [f"_k{place} {sql_type(fact)}" for place, fact in enumerate(top_of(entities).keys, 1)]
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {schema}.{FILES} (entity VARCHAR, path VARCHAR, size BIGINT, modified BIGINT,"
        " print VARCHAR, content VARCHAR, file INTEGER)"
    )
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {schema}.{FAMILIES} ({', '.join(keys)}, file INTEGER, records BIGINT)"
    )


def noted(connection: duckdb.DuckDBPyConnection, schema: str) -> list[Noted]:
    """The files that a run has noted; none if it has not."""
    try:
        rows = connection.execute(f"SELECT * FROM {schema}.{FILES}").fetchall()
    except duckdb.CatalogException:
        return []
    return [Noted(*row) for row in rows]


def can_tell(source: Source, found: Typed) -> bool:
    """Whether a row tells its file."""
    return is_several(source) and not found.names & TAKEN


def among_files(source: Source, files: Iterable[Noted]) -> str:
    """Whether a row is in one of some files."""
    names = ", ".join(text(path_of(source, file)) for file in files)
    return f"filename IN ({names})" if names else "false"


def top_of(entities: Mapping[str, Entity]) -> Entity:
    return next(entity for entity in entities.values() if entity.parent is None)


# ---- Families ------------------------------------------------------------------------------------


def few(
    sources: Mapping[str, Source], typed: Mapping[str, Typed], before: Sequence[Noted], found: Since
) -> bool:
    """Whether the files tell who has changed, and these are not most."""
    mine = {(file.entity, file.number) for file in before}
    for name in sources:
        changed = found.changed.get(name, ())
        touched = bool(changed) or any((name, number) in mine for number in found.gone)
        if touched and not can_tell(sources[name], typed[name]):
            return False
        whole = sum(file.size for file in found.now if file.entity == name)
        if 2 * sum(file.size for file in changed) > whole:
            return False
    return True


def list_families(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    entities: Mapping[str, Entity],
    found: Since,
) -> None:
    """Lists the keys of the families that are, or were, in changed files, where these have been counted."""
    width = len(top_of(entities).keys)
    gone = ", ".join(map(str, found.gone)) or "NULL"
    parts = [f"SELECT {key_names(width)} FROM {schema}.{FAMILIES} WHERE file IN ({gone})"]
    parts += [f"SELECT {key_names(width)} FROM {quoted(f'_touched_{name}')}" for name in found.changed]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {CHANGED} AS {' UNION '.join(parts)}")


def files_of_families(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    entities: Mapping[str, Entity],
    sources: Mapping[str, Source],
    typed: Mapping[str, Typed],
    found: Since,
    before: Mapping[str, int],
) -> dict[str, str]:
    """For each entity of several files the condition that a row is in one that may hold records of the changed families.

    Where the changed files had as many records as these families had results (`before`), no other file has any.
    """
    width = len(top_of(entities).keys)
    gone = ", ".join(map(str, found.gone)) or "NULL"
    dated = any(entity.dated is not None for entity in entities.values())
    conditions: dict[str, str] = {}
    held: set[int] | None = None
    for name, source in sources.items():
        if not can_tell(source, typed[name]):
            continue
        numbers = "SELECT sum(records) FROM {}.{} JOIN {}.{} USING (file) WHERE file IN ({}) AND entity = {}"
        told = first(connection, numbers.format(schema, FAMILIES, schema, FILES, gone, text(name)))
        if dated or int(told or 0) != before[name]:
            if held is None:
                rows = connection.execute(
                    f"SELECT DISTINCT file FROM {schema}.{FAMILIES} SEMI JOIN {CHANGED} USING ({key_names(width)})"
                ).fetchall()
                held = {int(row[0]) for row in rows}
            wanted = [
                f
                for f in found.now
                if f.entity == name and (f.number in held or f in found.changed.get(name, ()))
            ]
        else:
            wanted = list(found.changed.get(name, ()))
        conditions[name] = among_files(source, wanted)
    return conditions
