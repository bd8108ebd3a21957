"""A wish and the results of the run before come in; the tables of the families that have changed go out, found by a list of
keys or by the files that have changed, or word that everybody is to be evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Model
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.kept import key_columns
from lifeseg.pipeline.results_before import Place
from lifeseg.pipeline.wish import Wish
from lifeseg.records.source import Source
from lifeseg.workspace import shown_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lifeseg.records.changed import Families, Key
    from lifeseg.records.changed_files import Noted, Since
    from lifeseg.records.typed import Typed


@dataclass(frozen=True, slots=True)
class Where:
    """What is looked at: the data as they are now, the results as they were."""

    model: Model
    day: date
    sources: Mapping[str, Source]
    connection: DuckDBPyConnection
    place: Place
    temporary: Path


@dataclass(frozen=True, slots=True)
class Changes:
    """The changed families; the prints of files that are known; and what notes the files in the file of results."""

    families: Families
    prints: Mapping[Path, str]
    note: Callable[[], None]


def changes(where: Where, wish: Wish) -> Changes | Diagnostic:
    """What has changed, or a remark why everybody is to be evaluated."""
    from lifeseg.records import changed, changed_files
    from lifeseg.records.duckdb_results import OWN

    top = next(entity for entity in where.model.entities.values() if entity.parent is None)
    keys = keys_in(wish.changed, top) if wish.changed is not None else []
    careful = problem("incremental-not.careful", None)
    typed = changed.views(where.connection, where.model.entities, where.sources, where.day)
    if typed is None:
        return careful
    before = changed_files.noted(where.connection, OWN) if wish.in_file else []
    now = changed_files.files_now(where.sources, before) if before else []
    since = changed_files.since(before, now)
    conditions: Mapping[str, str] = {}
    told = wish.changed is not None or changed_files.few(where.sources, typed, before, since)
    plain = not told or changed_files.count_families(
        where.connection, where.sources, typed, since, len(top.keys)
    )
    if wish.changed is not None:
        changed.list_keys(where.connection, top, keys, where.temporary)
    else:
        if not before or not told:
            return problem("incremental-not.files", None)
        if not plain:
            return careful
        conditions = by_files(where, typed, since)
    families = changed.families(where.connection, where.model.entities, typed, where.day, conditions)
    if families is None:
        return careful
    return Changes(families, prints_of(where, now), noting(where, typed, since, plain) if before else nothing)


def by_files(where: Where, typed: Mapping[str, Typed], since: Since) -> dict[str, str]:
    """Lists the families in changed files; the conditions under which a row may be one of theirs."""
    from lifeseg.records.changed_files import files_of_families, list_families
    from lifeseg.records.duckdb_results import OWN
    from lifeseg.records.identifiers import identifiers
    from lifeseg.records.typed import first

    model, connection = where.model, where.connection
    list_families(connection, OWN, model.entities, since)
    tables, before = identifiers(model.entities), {}
    for entity in model.entities.values():
        keys = key_columns(model, entity)
        width = len(next(iter(model.entities.values())).keys)
        rows, condition = where.place.find(entity.name, tables[entity.name], keys[:width])
        before[entity.name] = int(first(connection, f"SELECT count(*) FROM {rows} WHERE {condition}"))
    return files_of_families(connection, OWN, model.entities, where.sources, typed, since, before)


def prints_of(where: Where, now: list[Noted]) -> dict[Path, str]:
    from lifeseg.records.changed_files import path_of

    return {Path(path_of(where.sources[file.entity], file)): file.content for file in now}


def nothing() -> None:
    """Where the run before has noted no files, this one does not either."""


def noting(where: Where, typed: Mapping[str, Typed], since: Since, plain: bool) -> Callable[[], None]:
    """Writes down the files as they are now, if all could be counted."""

    def note() -> None:
        from lifeseg.records import changed_files
        from lifeseg.records.duckdb_results import OWN

        if plain:
            changed_files.note(where.connection, OWN, where.model.entities, where.sources, typed, since)
        else:
            changed_files.forget(where.connection, OWN)

    return note


def keys_in(path: Path, entity: Entity) -> list[Key]:
    from lifeseg.records.changed import UnusableKeysError
    from lifeseg.records.changed import keys_in as keys_in_file

    try:
        return keys_in_file(path, shown_path(path), entity)
    except UnusableKeysError as error:
        raise ConfigurationError([error.finding]) from error
