"""The results of an entity in a Parquet file come in; what rules of lint ask about them goes out: how many there are, how
large, how near to a limit, how alike.

Everything is added up in the database, in exact numbers, so that it comes to the same whoever wrote the file, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import to_text
from lifeseg.records.typed import quoted, text

MOST_DIGITS = 14
"""Products of numbers with so many digits have 28, and 10 billion of them fit the 38 digits of a sum."""
QUICK = 18
"""Digits of a decimal that the database keeps in 64 bits."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """A column of numbers with so many decimals."""

    name: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How many values are known, and the smallest and largest in units of the column's decimals."""

    known: int
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two columns whose correlation, squared, is so much."""

    one: str
    other: str
    squared: Fraction
    negative: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A column that enters a sum: `factor` times its value, in units of the sum, which has at least as many decimals."""

    column: Amounts
    factor: int


FUNCTIONS = ("count", "min", "max")


class Measured:
    """The results of one entity."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: Path) -> None:
        self.connection, self.source = connection, f"read_parquet({text(str(file))})"

    def row(self, wanted: Sequence[str], condition: str = "true") -> list[Any]:
        if not wanted:
            return []
        query = f"SELECT {', '.join(wanted)} FROM {self.source} WHERE {condition}"
        found = self.connection.execute(query).fetchone()
        assert found is not None
        return list(found)

    def records(self) -> int:
        return int(self.row(["count(*)"])[0])

    def spreads(self, columns: Sequence[Amounts]) -> dict[str, Spread]:
        wanted = [f"{function}({quoted(one.name)})" for one in columns for function in FUNCTIONS]
        return {
            one.name: found for one, found in zip(columns, spread_of(columns, self.row(wanted)), strict=True)
        }

    def within(self, asked: Sequence[tuple[Amounts, int, int]]) -> list[Spread]:
        """Of each column the values from one number to another."""
        wanted = []
        for column, *ends in asked:
            number = quoted(column.name)
            low, high = (to_text(end, column.decimals) for end in ends)
            near = f"FILTER (WHERE {number} BETWEEN {low} AND {high})"
            wanted += [f"{function}({number}) {near}" for function in FUNCTIONS]
        return list(spread_of([column for column, _, _ in asked], self.row(wanted)))

    def sizes(self, column: str) -> dict[str, int]:
        """How many records have each case."""
        name = quoted(column)
        query = f"SELECT {name}, count(*) FROM {self.source} WHERE {name} IS NOT NULL GROUP BY 1"
        return {str(case): int(count) for case, count in self.connection.execute(query).fetchall()}

    def alike(
        self, columns: Sequence[Amounts], spreads: Mapping[str, Spread], least: int
    ) -> Iterator[Likeness]:
        """All pairs of columns that vary, over the records of which all is known; none if these are fewer than the least."""
        varied = [one for one in columns if spreads[one.name].least != spreads[one.name].most]
        short = {one.name: shortened(one, spreads[one.name]) for one in varied}
        pairs = list(combinations(short, 2))
        if not pairs:
            return
        sums = [f"sum({number.sql})" for number in short.values()]
        squares = [f"sum({product(number, number)})" for number in short.values()]
        products = [f"sum({product(short[one], short[other])})" for one, other in pairs]
        known = " AND ".join(f"{quoted(one.name)} IS NOT NULL" for one in varied)
        count, *cells = (
            Fraction(cell or 0) for cell in self.row(["count(*)", *sums, *squares, *products], known)
        )
        if count < least:
            return
        total = dict(zip(short, cells, strict=False))
        square = dict(zip(short, cells[len(short) :], strict=False))
        spread = {name: count * square[name] - total[name] ** 2 for name in short}
        for (one, other), both in zip(pairs, cells[2 * len(short) :], strict=True):
            together = count * both - total[one] * total[other]
            if spread[one] and spread[other]:
                yield Likeness(one, other, together**2 / (spread[one] * spread[other]), together < 0)

    def moved_by(
        self, total: Amounts, parts: Sequence[Part], limits: Sequence[int], spreads: Mapping[str, Spread]
    ) -> list[int]:
        """For each part how many records would be at another side of some limit, were its value the least or the most."""
        wanted = []
        for part in parts:
            spread = spreads[part.column.name]
            ends = sorted(part.factor * (end or 0) for end in (spread.least, spread.most))
            factor = to_text(part.factor, total.decimals - part.column.decimals)
            value = narrow(part.column, spread)
            added = product(value, Number(factor, len(factor), 0))
            number = narrow(total, spreads[total.name])
            if max(number.digits, value.digits + len(factor)) >= QUICK:
                number = number.wide()
            crossed = [
                f"{number.sql} - {added} BETWEEN {to_text(limit - ends[1], total.decimals)}"
                f" AND {to_text(limit - ends[0] - 1, total.decimals)}"
                for limit in limits
            ]
            wanted.append(f"count(*) FILTER (WHERE {' OR '.join(crossed) or 'false'})")
        return [int(cell) for cell in self.row(wanted)]


def spread_of(columns: Sequence[Amounts], cells: Sequence[Any]) -> Iterator[Spread]:
    """What count, min and max say of each column."""
    for place, column in enumerate(columns):
        known, *ends = cells[3 * place : 3 * place + 3]
        least, most = (None if end is None else int(Fraction(end) * 10**column.decimals) for end in ends)
        yield Spread(int(known), least, most)


def digits(column: Amounts, spread: Spread) -> int:
    """How many the longest value has, those behind the point included."""
    return max(len(str(abs(spread.least or 0))), len(str(abs(spread.most or 0))), column.decimals)


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal in SQL, with so many digits, some of them behind the point."""

    sql: str
    digits: int
    decimals: int

    def wide(self) -> Number:
        return Number(f"CAST({self.sql} AS DECIMAL(38, {self.decimals}))", 38, self.decimals)


def product(one: Number, other: Number) -> str:
    """The database is much quicker where a product has few digits, and refuses one that it did not expect to be longer."""
    left = one if one.digits + other.digits <= QUICK else one.wide()
    return f"{left.sql} * {other.sql}"


def narrow(column: Amounts, spread: Spread) -> Number:
    """The values in as few digits as they have."""
    width = digits(column, spread)
    sql = f"CAST({quoted(column.name)} AS DECIMAL({width}, {column.decimals}))"
    return Number(sql, width, column.decimals)


def shortened(column: Amounts, spread: Spread) -> Number:
    """The same, and of numbers too long to be multiplied the first digits, as whole numbers."""
    number = narrow(column, spread)
    if number.digits <= MOST_DIGITS:
        return number
    whole = f"CAST({number.wide().sql} * {10**column.decimals} AS HUGEINT)"
    sql = f"CAST({whole} // {10 ** (number.digits - MOST_DIGITS)} AS DECIMAL({MOST_DIGITS}, 0))"
    return Number(sql, MOST_DIGITS, 0)


@contextmanager
def measuring(file: Path) -> Iterator[Measured]:
    with duckdb.connect(":memory:") as connection:
        yield Measured(connection, file)
