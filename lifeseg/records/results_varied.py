"""The results of one entity under several versions of a policy, in Parquet files, come in; how many records are in each case,
how many differ from those of the first version, and how many keep their case under all of them, goes out.

Everything is counted and added up in the database, in exact numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.records.typed import quoted, text


@dataclass(frozen=True, slots=True)
class Form:
    """An entity's keys, the columns of its decisions, which of them hold flags, and a column to be added up."""

    entity: str
    keys: tuple[str, ...]
    decisions: tuple[str, ...]
    lists: frozenset[str] = frozenset()
    worth: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So many records, and what they come to, if that is asked."""

    count: int = 0
    worth: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Class:
    """How many are in a case of a column, and how many of them are in it under every version; `case` is None for a column of
    flags as a whole.
    """

    entity: str
    column: str
    case: str | None
    count: int
    kept: int


class Varied:
    """The results under the first version, beside which those under others are laid."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, form: Form, first: Path) -> None:
        self.connection, self.form, self.first = connection, form, source(first)
        self.added = f"sum({quoted(form.worth)})" if form.worth is not None else "NULL"
        connection.execute("CREATE OR REPLACE TEMP TABLE moved (place INTEGER, key VARCHAR[])")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def part(self, row: Sequence[object]) -> Part:
        count, worth = row
        assert isinstance(count, int)
        if self.form.worth is None:
            return Part(count)
        assert worth is None or isinstance(worth, Decimal | int)
        return Part(count, Fraction(worth or 0))

    def nobody(self) -> Part:
        return Part(0, Fraction(0) if self.form.worth is not None else None)

    def everybody(self) -> Part:
        return self.part(self.rows(f"SELECT count(*), {self.added} FROM {self.first}")[0])

    def spread(self, column: str) -> tuple[Decimal, Decimal] | None:
        """The least and the largest value."""
        name = quoted(column)
        low, high = self.rows(f"SELECT min({name}), max({name}) FROM {self.first}")[0]
        if low is None or high is None:
            return None
        return Decimal(str(low)), Decimal(str(high))

    def within(self, column: str, low: Fraction, high: Fraction) -> Part:
        """Those whose value is between two limits, or right at one."""
        name = quoted(column)
        decimals = self.decimals(column)
        least, most = -(-low * 10**decimals // 1), high * 10**decimals // 1
        limits = " AND ".join(
            f"{name} {sign} {Decimal(int(limit)).scaleb(-decimals):f}"
            for sign, limit in ((">=", least), ("<=", most))
        )
        return self.part(self.rows(f"SELECT count(*), {self.added} FROM {self.first} WHERE {limits}")[0])

    def decimals(self, column: str) -> int:
        kind = str(self.rows(f"SELECT typeof({quoted(column)}) FROM {self.first} LIMIT 1")[0][0])
        return int(kind.partition(",")[2].rstrip(")")) if kind.startswith("DECIMAL") else 0

    def own_sizes(self, columns: Sequence[str]) -> dict[str, dict[str, Part]]:
        """The same of the first version."""
        return self.sizes_in(self.first, columns)

    def sizes(self, file: Path, columns: Sequence[str]) -> dict[str, dict[str, Part]]:
        """How many are in each case, or have each flag."""
        return self.sizes_in(source(file), columns)

    def sizes_in(self, rows: str, columns: Sequence[str]) -> dict[str, dict[str, Part]]:
        found: dict[str, dict[str, Part]] = {}
        for column in columns:
            name = quoted(column)
            one = f"unnest({name})" if column in self.form.lists else name
            worth = f", {quoted(self.form.worth)}" if self.form.worth is not None else ""
            inner = f"SELECT {one} AS _case{worth} FROM {rows}"
            query = f"SELECT _case, count(*), {self.added} FROM ({inner}) WHERE _case IS NOT NULL GROUP BY 1"
            found[column] = {str(case): self.part(rest) for case, *rest in self.rows(query)}
        return found

    def moved(self, file: Path, columns: Sequence[str]) -> Part:
        """Those that differ in one of the columns; they are remembered."""
        keys = ", ".join(map(quoted, self.form.keys))
        worth = f", b.{quoted(self.form.worth)}" if self.form.worth is not None else ""
        tests = [f"b.{quoted(name)} IS DISTINCT FROM a.{quoted(name)}" for name in columns]
        differ = ", ".join(f"{test} AS d{place}" for place, test in enumerate(tests))
        key = f"[{', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in self.form.keys)}]"
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE differing AS SELECT {key} AS key{worth}, {differ}"
            f" FROM {self.first} b JOIN {source(file)} a USING ({keys}) WHERE {' OR '.join(tests)}"
        )
        for place, name in enumerate(columns):
            at = self.form.decisions.index(name)
            self.connection.execute(f"INSERT INTO moved SELECT {at}, key FROM differing WHERE d{place}")
        return self.part(self.rows(f"SELECT count(*), {self.added} FROM differing")[0])

    def kept(self, cases: Mapping[str, Sequence[str]]) -> Iterator[Class]:
        """Of each case how many were never remembered as different."""
        key = f"[{', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in self.form.keys)}]"
        for at, column in enumerate(self.form.decisions):
            case = "NULL" if column in self.form.lists else quoted(column)
            query = (
                f"SELECT {case}, count(*), count(*) - count(key) FROM {self.first} LEFT JOIN"
                f" (SELECT DISTINCT key FROM moved WHERE place = {at}) ON key = {key} GROUP BY 1"
            )
            counts = {
                None if one is None else str(one): (int(str(count)), int(str(kept)))
                for one, count, kept in self.rows(query)
            }
            asked: Sequence[str | None] = (None,) if column in self.form.lists else cases[column]
            for wanted in asked:
                if wanted in counts:
                    yield Class(self.form.entity, column, wanted, *counts[wanted])


def source(file: Path) -> str:
    return f"read_parquet({text(str(file))})"


@contextmanager
def varied(form: Form, first: Path) -> Iterator[Varied]:
    with duckdb.connect(":memory:") as connection:
        yield Varied(connection, form, first)
