"""Columns of numbers as Python has them, and the grids on which they must lie, come in; arrays of their units go out.

Columns are read together, as far as they are written alike: what numpy does costs the same for one as for ten.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any

import numpy as np

from lifeseg.engines.python_reading import SHIFT, Grid

HEADER = 5  # the bytes that marshal writes before the items of a list
WHOLE = np.dtype([("type", "u1"), ("value", "<i4")])
FRACTION = np.dtype([("type", "u1"), ("value", "<f8")])
NO_LIST = b""


def marshalled(given: list[Any]) -> bytes:
    """What marshal writes: the type of each value before it, much sooner than Python could be asked for it."""
    try:
        return marshal.dumps(given, 2)
    except ValueError:  # of other types
        return NO_LIST


def on_grid(given: list[Any], grid: Grid) -> Any:
    """The numbers of units of a column; None if one is no number or not on the grid."""
    return on_grids([given], [grid])[0]


def on_grids(columns: Sequence[list[Any]], grids: Sequence[Grid]) -> list[Any]:
    """The same of several columns of one length."""
    found: list[Any] = [None] * len(columns)
    kinds = [type(column[0]) if column else None for column in columns]
    for kind in {*kinds}:
        alike = [place for place, one in enumerate(kinds) if one is kind]
        together = read_alike([columns[place] for place in alike], [grids[place] for place in alike])
        for place, units in zip(alike, together, strict=True):
            found[place] = units
    return found


def read_alike(columns: list[list[Any]], grids: Sequence[Grid]) -> Sequence[Any]:
    values = numbered(columns)
    units = units_of(values, grids) if values is not None else None
    if units is not None:
        return [*units]
    if len(columns) == 1:
        return [None]
    return [read_alike([column], [grid])[0] for column, grid in zip(columns, grids, strict=True)]


def numbered(columns: list[list[Any]]) -> Any:
    """Whole numbers of 32 bits, or binary fractions, or both as fractions; None if there is something else."""
    written, count = marshalled(columns), len(columns[0])
    for kind, code in ((WHOLE, ord("i")), (FRACTION, ord("g"))):
        each = HEADER + kind.itemsize * count
        if len(written) == HEADER + each * len(columns):
            lists = np.frombuffer(written, np.uint8, offset=HEADER).reshape(len(columns), each)
            items = lists[:, HEADER:].view(kind)
            if not np.count_nonzero(items["type"] != code):
                return items["value"].astype(np.int64 if kind is WHOLE else np.float64)
    if not {type(value) for column in columns for value in column} <= {int, float}:
        return None
    try:
        return np.array(columns, np.float64)
    except OverflowError:
        return None


def integers(given: list[int]) -> Any:
    """What is known to be whole numbers of 64 bits, the quickest way."""
    found = numbered([given])
    return found[0] if found is not None and found.dtype == np.int64 else np.array(given, np.int64)


def units_of(values: Any, grids: Sequence[Grid]) -> Any:
    """The numbers of units; None if one is not on its grid, as binary fractions tell it."""
    bounds = np.array([(grid.unit, grid.low, grid.high, grid.step) for grid in grids], np.float64).T
    unit, _, _, step = bounds[:, :, np.newaxis]
    with np.errstate(all="ignore"):  # whatever is strange is not on the grid
        if values.dtype == np.int64 and all(grid.unit == 1 for grid in grids):
            units = values
        else:
            units = values * unit
            units += SHIFT
            units -= SHIFT
            if np.count_nonzero(units / unit != values):
                return None
    if units.size and np.count_nonzero((units.min(1) < bounds[1]) | (units.max(1) > bounds[2])):
        return None
    if any(grid.step > 1 for grid in grids) and np.count_nonzero(units % step):
        return None
    return units.astype(np.int64, copy=False)
