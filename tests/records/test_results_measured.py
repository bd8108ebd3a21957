"""What is measured of results in a file: exact, and the same as worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.records.results_measured import Amounts, Part, Spread, measuring

X, Y, TOTAL = Amounts("x", 2), Amounts("y", 2), Amounts("total", 3)
Cells = Sequence[int | None]


def write(folder: Path, rows: Sequence[Cells], *columns: Amounts) -> Path:
    """A file of results with these numbers, in units of the columns' decimals."""
    file = folder / "customer.parquet"
    with duckdb.connect(":memory:") as connection:
        declared = ", ".join(f"{one.name} DECIMAL(38, {one.decimals})" for one in columns)
        connection.execute(f"CREATE TABLE results ({declared})")
        marks = ", ".join("?" for _ in columns)
        for row in rows:
            cells = [
                None if cell is None else Decimal(cell).scaleb(-one.decimals)
                for cell, one in zip(row, columns, strict=True)
            ]
            connection.execute(f"INSERT INTO results VALUES ({marks})", cells)
        connection.execute(f"COPY results TO '{file}' (FORMAT parquet)")
    return file


def test_how_many_are_known_and_how_they_spread(tmp_path: Path) -> None:
    file = write(tmp_path, [(120, None), (-5, None), (None, None)], X, Y)
    with measuring(file) as measured:
        assert measured.records() == 3
        assert measured.spreads([X, Y]) == {"x": Spread(2, -5, 120), "y": Spread(0, None, None)}
        assert measured.spreads([]) == {}


def test_who_is_near_a_limit_with_both_ends(tmp_path: Path) -> None:
    file = write(tmp_path, [(47,), (48,), (49,), (50,), (None,)], X)
    with measuring(file) as measured:
        assert measured.within([(X, 48, 49), (X, 51, 60)]) == [Spread(2, 48, 49), Spread(0, None, None)]


def by_hand(pairs: Sequence[tuple[int, int]]) -> tuple[Fraction, bool] | None:
    """The correlation, squared, by its definition, and whether it is negative."""
    count = len(pairs)
    middle = [Fraction(sum(pair[place] for pair in pairs), count) for place in (0, 1)]
    apart = [(one - middle[0], other - middle[1]) for one, other in pairs]
    together = sum(one * other for one, other in apart)
    alone = [sum(pair[place] ** 2 for pair in apart) for place in (0, 1)]
    return (together**2 / (alone[0] * alone[1]), together < 0) if all(alone) else None


NUMBERS = st.integers(-(10**14) + 1, 10**14 - 1)


@given(pairs=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=12))
def test_the_correlation_is_exact(pairs: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder, measuring(write(Path(folder), pairs, X, Y)) as measured:
        found = list(measured.alike([X, Y], measured.spreads([X, Y]), 2))
    right = by_hand(pairs)
    assert [(one.squared, one.negative) for one in found] == ([right] if right is not None else [])


def test_long_numbers_correlate_as_well(tmp_path: Path) -> None:
    """They are shortened before they are multiplied, so that no sum is too large."""
    rows = [(10**17 * step, -(10**17) * step) for step in range(1, 90)]
    with measuring(write(tmp_path, rows, X, Y)) as measured:
        (found,) = measured.alike([X, Y], measured.spreads([X, Y]), 2)
    assert (found.squared, found.negative) == (1, True)


def test_only_records_of_which_all_is_known_correlate(tmp_path: Path) -> None:
    file = write(tmp_path, [(1, 1), (2, 2), (None, 9), (3, None)], X, Y)
    with measuring(file) as measured:
        assert len(list(measured.alike([X, Y], measured.spreads([X, Y]), 2))) == 1
        assert list(measured.alike([X, Y], measured.spreads([X, Y]), 3)) == []


@pytest.mark.parametrize(
    ("limit", "moved"),
    [(100, 0), (101, 1), (400, 1), (401, 1), (700, 1), (701, 0)],
)
@pytest.mark.parametrize("factor", [10, -10])
def test_whom_a_part_of_a_sum_can_move(tmp_path: Path, limit: int, moved: int, factor: int) -> None:
    """Without the part the sums are 0.100 and 0.400, and it adds 0.300 at most: a limit moves whom it parts from himself."""
    base = [100, 400] if factor > 0 else [400, 700]
    rows = [(0, base[0]), (30, base[1] + 30 * factor)]
    with measuring(write(tmp_path, rows, X, TOTAL)) as measured:
        assert measured.moved_by(TOTAL, [Part(X, factor)], [limit], measured.spreads([X, TOTAL])) == [moved]


def test_cases_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "customer.parquet"
    cells = "VALUES ('high'), ('low'), ('low'), (NULL)"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY (SELECT * FROM ({cells}) AS t(worth_band)) TO '{file}' (FORMAT parquet)")
    with measuring(file) as measured:
        assert measured.sizes("worth_band") == {"high": 1, "low": 2}


def test_whom_a_part_of_a_long_sum_can_move(tmp_path: Path) -> None:
    """As long as results can be: the first by the limit 6, the last by the largest, the other one by neither."""
    largest = 9 * 10**18
    long, total = Amounts("x", 2), Amounts("total", 4)
    rows = [(0, 5), (10**16, 10**18 * 9 - 1), (10**15, largest)]
    with measuring(write(tmp_path, rows, long, total)) as measured:
        spreads = measured.spreads([long, total])
        assert measured.moved_by(total, [Part(long, 800)], [6, largest], spreads) == [2]
