"""Where an entity's data is, and the table of texts that every format of file is turned into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass

ROWS_IN_A_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """A data file as the user names it; `encoding` is for CSV, `sheet` for workbooks, `table` for databases.

    `columns` tells in which column a fact is, where that has another name; `constants` are values that all rows have.
    """

    path: Path
    encoding: str | None = None
    sheet: str | None = None
    table: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    constants: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TableName:
    """A table of an engine's database as the user writes it: `customers`, `crm.customers`, or a location of a cluster
    such as `s3a://…`; mapped like a file.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    constants: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a DuckDB database may use; what is None is its own choice."""

    memory_limit: str | None = None
    threads: int | None = None
    temp_directory: Path | None = None


def facts_named(source: Source | TableName, heading: Sequence[str]) -> tuple[str, ...]:
    """The heading of a file in the policy's names: what a fact is read from, then the constants.

    A column that has the name of a fact which is read from elsewhere is none of the policy's.
    """
    renamed = {column: fact for fact, column in source.columns.items()}
    taken = {*source.columns, *source.constants}
    own = [renamed.get(name) or (f"{name} (not used)" if name in taken else name) for name in heading]
    return (*own, *source.constants)


class Batch(NamedTuple):
    """Some rows of a table: their lines in the file, their cells as texts, how much of the file is read."""

    lines: list[int]
    rows: list[Sequence[str]]
    done: int


class Part(NamedTuple):
    """One of several files, and what it has of the columns."""

    file: str
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and rows of texts, where an empty text is a missing value.

    `total` is what `done` reaches at the end, 0 if nobody knows. `unsuitable` tells, by position, of
    columns that hold what no fact can be. `parts` are the files of a source of several, with their own
    headings; their rows are numbered through (see `located` in findings).
    """

    heading: tuple[str, ...]
    line: int
    batches: Iterator[Batch]
    total: int
    unsuitable: Mapping[int, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    def files(self, file: str) -> tuple[str, ...]:
        """The files in which the rows are."""
        return tuple(part.file for part in self.parts) or (file,)


class UnreadableError(Exception):
    """A file that cannot be read to its end; carries the finding."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.key)
        self.diagnostic = diagnostic


def unreadable(path: Path, error: OSError) -> UnreadableError:
    """The finding for what the system says when a file cannot be read."""
    match error:
        case FileNotFoundError() | NotADirectoryError():
            key = "data-file"
        case IsADirectoryError():
            key = "data-file.folder"
        case PermissionError():
            key = "data-file.permission"
        case _:
            key = "data-file.unreadable"
    return UnreadableError(problem(key, None, path=path, reason=error.strerror or None))
