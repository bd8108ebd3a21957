"""Numbers that look random: the same in SQL and in Python, evenly spread, and independent of each other."""

from itertools import pairwise

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.records.generation.mixing import (
    DEVIATION,
    MASK,
    drawn,
    drawn_sql,
    floored,
    mixed,
    mixed_sql,
    multiplier,
    normal,
    normal_sql,
)

WORDS = st.integers(0, MASK)
ROWS = 20_000


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20), st.text(max_size=5))
def test_sql_gives_what_python_gives(rows: list[tuple[int, int]], stream: str) -> None:
    values = ", ".join(
        f"({number}, {first}::BIGINT, {second}::BIGINT)" for number, (first, second) in enumerate(rows)
    )
    query = (
        f"SELECT {mixed_sql('h1')}, {drawn_sql(stream)}, {normal_sql(stream)}"
        f" FROM (VALUES {values}) AS rows(number, h1, h2) ORDER BY number"
    )
    assert duckdb.sql(query).fetchall() == [
        (mixed(first), drawn(first, second, stream), normal(first, second, stream)) for first, second in rows
    ]


@given(st.integers(-(2**30), 2**30), st.sampled_from((1, 2, 1024, 2**20, 7, 26_755)))
def test_division_rounds_down(number: int, divisor: int) -> None:
    query = f"SELECT {floored(f'({number})::BIGINT', divisor, 2**31)}"
    assert duckdb.sql(query).fetchall() == [(number // divisor,)]


def test_mixing_keeps_different_numbers_different() -> None:
    assert len({mixed(number) for number in range(ROWS)}) == ROWS


def test_multipliers_cannot_overflow_64_bits() -> None:
    for stream in range(200):
        assert 2**30 < multiplier(stream) < 2**31
        assert multiplier(stream) % 2 == 1


def rows(*streams: object) -> list[tuple[int, ...]]:
    hidden = [(mixed(number ^ 12_345), mixed(number ^ 67_890)) for number in range(ROWS)]
    return [tuple(normal(*pair, stream) for stream in streams) for pair in hidden]


def test_draws_are_bells_with_the_deviation_they_should_have() -> None:
    for stream in range(5):
        found = [value for (value,) in rows(stream)]
        mean = sum(found) / ROWS
        deviation = (sum((value - mean) ** 2 for value in found) / ROWS) ** 0.5
        assert abs(mean) < 0.03 * DEVIATION
        assert abs(deviation / DEVIATION - 1) < 0.02


def test_numbers_are_evenly_spread() -> None:
    for stream in range(5):
        counts = [0] * 64
        for number in range(ROWS):
            counts[drawn(mixed(number ^ 1), mixed(number ^ 2), stream) >> 26] += 1
        expected = ROWS / 64
        assert sum((count - expected) ** 2 / expected for count in counts) < 125  # 63 degrees, one in 100,000


def test_streams_are_independent() -> None:
    found = rows(*range(6))
    for one in range(6):
        for other in range(one):
            both = sum(row[one] * row[other] for row in found) / ROWS
            assert abs(both) / DEVIATION**2 < 0.04


def test_neighbouring_rows_are_independent() -> None:
    found = [value for (value,) in rows("draw")]
    both = sum(one * other for one, other in pairwise(found)) / ROWS
    assert abs(both) / DEVIATION**2 < 0.04
