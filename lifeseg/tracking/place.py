"""Where a result store is, and what everybody may ask of an open one, whatever database it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass

Values: TypeAlias = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of a PostgreSQL database; its address is the environment's, otherwise this one of the settings."""

    name: str
    address: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"postgres:{self.name}"


Place: TypeAlias = Path | Schema


class UnusableStoreError(Exception):
    """The result store cannot be used; `finding` says why."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.key)
        self.finding = finding


class Answer(Protocol):
    """Rows, as databases hand them out."""

    def fetchone(self) -> tuple[Any, ...] | None: ...

    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Session(Protocol):
    """An open store, in one transaction. Queries are in DuckDB's SQL, as far as all databases can say it."""

    @property
    def row(self) -> str:
        """The column that every table has of itself and by which a row is known, until it is changed."""
        ...

    def execute(self, query: str, values: Values = ()) -> Answer: ...

    def many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """The same for each row of values."""
        ...

    def undo(self) -> None:
        """Takes back everything since the session began."""
        ...

    def tables(self) -> set[str]:
        """The names of all tables that are there."""
        ...

    def index(self, table: str, columns: str) -> None:
        """Makes rows quick to find by these columns, where the database needs that."""
        ...

    def wide(self) -> None:
        """What follows is about everybody, and may take all the machine."""
        ...

    def temporary(self, name: str, query: str, values: Values = ()) -> None:
        """A table of the session with what a query gives, in place of one of that name."""
        ...

    def load(self, name: str, query: str, databases: Mapping[str, Path]) -> None:
        """The same of a query over files, and over DuckDB databases by the names they have in it."""
        ...

    def save(self, query: str, values: Values, path: Path) -> None:
        """Writes what a query gives as a file, Parquet or CSV by its ending."""
        ...
