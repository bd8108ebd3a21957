"""A column of numbers comes in; the index that brings it to one scale goes out, and its values as that index has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from lifeseg.frozen import dataclass
from lifeseg.learning.draft import numeric, refuse
from lifeseg.learning.table import Column, moments
from lifeseg.learning.text import amount, decimal, decimals_for, exact, quoted, writable
from lifeseg.model.types import DAY, MONTH, unit_text

FARTHEST = 10
"""Spreads from the mean beyond which a value counts as this far away."""

PLACES = 6


@dataclass(frozen=True, slots=True)
class Scaled:
    """An index `(column - shift) / spread`; `values` are what it gives, missing ones being 0, the mean."""

    name: str
    column: Column
    text: str
    values: tuple[float, ...]


def standardised(column: Column, name: str, trained: Sequence[int]) -> Scaled:
    """Standard scores with the mean and spread of the records learnt from as literals."""
    numeric(column.at(trained))
    if not writable(column.type):
        raise refuse("learn-column.unit", name=column.name, unit=unit_text(column.type.unit))
    mean, variance = moments(column.at(trained).numbers, column.type.scale)
    deviation = math.sqrt(variance)
    decimals = decimals_for(deviation)
    shift, spread = decimal(mean, decimals), decimal(deviation, decimals)
    low, high = scaled_bounds(column, exact(shift), exact(spread))
    lines = [f"  {name} {quoted(scaled_title(column))} = {formula(column, shift, spread)}"]
    if low < -FARTHEST or high > FARTHEST:
        lines.append(f"    range {max(-FARTHEST, math.floor(low))}..{min(FARTHEST, math.ceil(high))}")
    if column.type.optional:
        lines.append(f"    if missing 0  # {column.missing:,} have none and count as the mean")
    values = tuple(score(value, column, exact(shift), exact(spread)) for value in column.values)
    return Scaled(name, column, "".join(f"{line}\n" for line in lines), values)


def formula(column: Column, shift: str, spread: str) -> str:
    """Days and months are counted in whole numbers, so these are first made plain numbers."""
    kind, sign = column.type, "+" if shift.startswith("-") else "-"
    timed = kind.unit in (DAY, MONTH)
    value = f"{column.name} / 1 {kind.unit[0][0]}" if timed else column.name
    less, by = (text if timed else amount(text, kind) for text in (shift.lstrip("-"), spread))
    return f"{value} / {by}" if shift == "0" else f"({value} {sign} {less}) / {by}"


def scaled_title(column: Column) -> str:
    return column.title if column.title.endswith(", scaled") else f"{column.title}, scaled"


def scaled_bounds(column: Column, shift: Fraction, spread: Fraction) -> tuple[Fraction, Fraction]:
    return (column.type.low - shift) / spread, (column.type.high - shift) / spread


def score(value: object, column: Column, shift: Fraction, spread: Fraction) -> float:
    if not isinstance(value, int):
        return 0.0
    found = (Fraction(value, 10**column.type.scale) - shift) / spread
    return max(-FARTHEST, min(FARTHEST, float(decimal(found, PLACES))))
