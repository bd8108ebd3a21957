"""Columns of numbers: what is read together and at once, and what is left to those who read value by value."""

from typing import Any

import numpy as np
import pytest

from lifeseg.engines.column_numbers import integers, numbered, on_grid, on_grids
from lifeseg.engines.python_reading import Grid

COUNT = Grid(low=0, high=1_000_000, unit=1, step=1)
SHARE = Grid(low=0, high=100, unit=100, step=1)
HALVES = Grid(low=-40, high=40, unit=10, step=5)


def test_whole_numbers_and_fractions_are_told_apart() -> None:
    """If marshal wrote otherwise, all would still be right, and slow."""
    assert numbered([[1, 2, -3], [4, 5, 6]]).dtype == np.int64
    assert numbered([[0.5, 2.0]]).tolist() == [[0.5, 2.0]]
    assert numbered([[1, 0.5]]).dtype == np.float64


@pytest.mark.parametrize(
    "other",
    [True, None, "1", 10**400, object(), [1], b"1"],
    ids=["yes", "missing", "text", "long", "thing", "list", "bytes"],
)
def test_nothing_else_is_a_number(other: Any) -> None:
    assert on_grid([1, other], COUNT) is None
    assert on_grid([0.5, other], SHARE) is None
    assert on_grid([other], COUNT) is None


@pytest.mark.parametrize("value", [-1, 1_000_001, 2**31, 2**63, 0.5, float("nan"), float("inf"), -1e308])
def test_not_on_the_grid(value: float) -> None:
    assert on_grid([1, value], COUNT) is None


def test_units() -> None:
    assert on_grid([0, 7, 3.0, -0.0], COUNT).tolist() == [0, 7, 3, 0]
    assert on_grid([0.07, 1.0, 0.29], SHARE).tolist() == [7, 100, 29]
    assert on_grid([0, 1], SHARE).tolist() == [0, 100]
    assert on_grid([0.5, -4.0, 1], HALVES).tolist() == [5, -40, 10]
    assert on_grid([0.1 + 0.2], SHARE) is None  # near to the grid: value by value it is read as 0.3
    assert on_grid([0.4], HALVES) is None
    assert on_grid([], SHARE).tolist() == []


def test_one_column_does_not_spoil_others() -> None:
    columns: list[list[Any]] = [[1, 2], [0.5, 0.25], [3, None], [0.5, 7.0], [True, False]]
    found = on_grids(columns, [COUNT, SHARE, COUNT, SHARE, COUNT])
    assert [None if one is None else one.tolist() for one in found] == [[1, 2], [50, 25], None, None, None]


def test_integers() -> None:
    assert integers([1, -1, 2**40]).tolist() == [1, -1, 2**40]
    assert integers([]).dtype == np.int64
