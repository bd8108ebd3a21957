"""The results of an entity in a Parquet file come in; what rules of lint ask about them goes out: how many there are, how
large, how near to a limit, how alike.

Everything is added up in the database, in whole numbers, so that it comes to the same whoever wrote the file, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.records.typed import quoted, text

LARGEST = 10**9
"""Products of numbers below this one fit 64 bits, and so many of them 128 that nobody has more records."""


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
    """A column that enters a sum: `factor` times its value, in units of the sum, between these values."""

    column: Amounts
    factor: int
    least: int
    most: int


class Measured:
    """The results of one entity."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: Path) -> None:
        self.connection, self.source = connection, f"read_parquet({text(str(file))})"

    def row(self, wanted: Sequence[str], condition: str = "true") -> list[int | None]:
        if not wanted:
            return []
        query = f"SELECT {', '.join(wanted)} FROM {self.source} WHERE {condition}"
        found = self.connection.execute(query).fetchone()
        assert found is not None
        return [None if cell is None else int(cell) for cell in found]

    def records(self) -> int:
        return self.row(["count(*)"])[0] or 0

    def spreads(self, columns: Sequence[Amounts]) -> dict[str, Spread]:
        wanted = [f"{function}({whole(one)})" for one in columns for function in ("count", "min", "max")]
        cells = self.row(wanted)
        return {
            one.name: Spread(cells[3 * place] or 0, cells[3 * place + 1], cells[3 * place + 2])
            for place, one in enumerate(columns)
        }

    def within(self, asked: Sequence[tuple[Amounts, int, int]]) -> list[Spread]:
        """Of each column the values from one number to another."""
        wanted = []
        for column, low, high in asked:
            number = whole(column)
            near = f"FILTER (WHERE {number} BETWEEN {low} AND {high})"
            wanted += [f"{function}({number}) {near}" for function in ("count", "min", "max")]
        cells = self.row(wanted)
        return [Spread(cells[at] or 0, cells[at + 1], cells[at + 2]) for at in range(0, len(cells), 3)]

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
        known = " AND ".join(f"{quoted(one.name)} IS NOT NULL" for one in varied)
        pairs = list(combinations(short, 2))
        if not pairs:
            return
        sums = [f"sum({number})" for number in short.values()]
        squares = [f"sum({number} * {number})" for number in short.values()]
        products = [f"sum({short[one]} * {short[other]})" for one, other in pairs]
        count, *cells = (cell or 0 for cell in self.row(["count(*)", *sums, *squares, *products], known))
        if count < least:
            return
        total = dict(zip(short, cells, strict=False))
        square = dict(zip(short, cells[len(short) :], strict=False))
        spread = {name: count * square[name] - total[name] ** 2 for name in short}
        for (one, other), product in zip(pairs, cells[2 * len(short) :], strict=True):
            together = count * product - total[one] * total[other]
            if spread[one] and spread[other]:
                squared = Fraction(together**2, spread[one] * spread[other])
                yield Likeness(one, other, squared, together < 0)

    def moved_by(self, total: Amounts, parts: Sequence[Part], limits: Sequence[int]) -> list[int]:
        """For each part how many records would be at another side of some limit, were its value the least or the most."""
        wanted = []
        for part in parts:
            value, number = whole(part.column), whole(total)
            ends = [f"{number} + {part.factor} * ({end} - {value})" for end in (part.least, part.most)]
            low, high = ends if part.factor > 0 else reversed(ends)
            crossed = " OR ".join(f"({low} < {limit} AND {high} >= {limit})" for limit in limits)
            wanted.append(f"count(*) FILTER (WHERE {crossed or 'false'})")
        return [cell or 0 for cell in self.row(wanted)]


def whole(column: Amounts) -> str:
    """The values of a column as whole numbers."""
    number = f"CAST({quoted(column.name)} AS DECIMAL(38, {column.decimals}))"
    return f"CAST({number} * {10**column.decimals} AS HUGEINT)"


def shortened(column: Amounts, spread: Spread) -> str:
    """The same, of fewer digits where it takes too many to multiply them."""
    largest = max(abs(spread.least or 0), abs(spread.most or 0))
    step = 1
    while largest // step >= LARGEST:
        step *= 10
    return f"CAST({whole(column)} // {step} AS BIGINT)"


@contextmanager
def measuring(file: Path) -> Iterator[Measured]:
    with duckdb.connect(":memory:") as connection:
        yield Measured(connection, file)
