"""Columns of numbers come in; a score whose weights the data say goes out as policy text, with the figures behind them.

Entropy: a column weighs the more, the more unevenly it is spread over the records. CRITIC: the more it varies, and the
less it goes along with the other columns. Sums are those of `math.fsum`, so that no order of rows changes a weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import to_text
from lifeseg.learning.draft import Draft, Evaluated, enough, numeric, refuse
from lifeseg.learning.scaling import formula, scaled_title
from lifeseg.learning.table import Column, Table
from lifeseg.learning.text import columns, decimal, provenance, quoted, remarks, writable
from lifeseg.model.types import unit_text

WEIGHT_DECIMALS = 4
METHODS = {"entropy": "by entropy", "critic": "by CRITIC"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The score's name, its columns, those of which less is better, and the method."""

    name: str
    columns: tuple[str, ...]
    reversed: tuple[str, ...]
    method: Literal["entropy", "critic"]


@dataclass(frozen=True, slots=True)
class Level:
    """An index that brings a column to 0..1, the smallest and largest value learnt from being the ends."""

    name: str
    column: Column
    text: str


def learn_weights(table: Table, asked: Asked) -> Draft:
    """Levels, weights that sum to one, and the score."""
    enough(table, 2, "weights")
    if len(asked.columns) < 2:
        raise refuse("learn-rows.columns", found=len(asked.columns))
    levels = [level(table.column(name), asked, table.trained) for name in asked.columns]
    values = [scaled(table.column(one.column.name), asked, table.trained) for one in levels]
    figures = entropies(values) if asked.method == "entropy" else contrasts(values)
    total = math.fsum(figure[-1] for figure in figures)
    if not total:
        raise refuse("learn-rows.weightless")
    weights = whole([figure[-1] / total for figure in figures])
    body = text_of(table, asked, levels, weights)

    def finished(evaluated: Evaluated) -> tuple[str, str]:
        score = evaluated[asked.name]
        spread = [value / 10**score.type.scale for value in score.numbers]
        told = remarks(remarks_of(table, asked, figures, weights, spread))
        best = max(range(len(weights)), key=lambda n: (weights[n], -n))
        return told + "\n" + body, f"{asked.columns[best]} weighs most, {text_of_weight(weights[best])}"

    return Draft(body, (asked.name,), finished)


def level(column: Column, asked: Asked, trained: Sequence[int]) -> Level:
    """`(x - least) / span`, capped to 0..1; turned round where less is better."""
    numeric(column.at(trained))
    if column.personal:
        raise refuse("learn-column.personal", name=column.name)
    if not writable(column.type):
        raise refuse("learn-column.unit", name=column.name, unit=unit_text(column.type.unit))
    low, high = ends(column, trained)
    shift, span = (to_text(number, column.type.scale) for number in (low, high - low))
    less = column.name in asked.reversed
    name = f"{asked.name}_{column.name}"
    made = formula(column, shift, span)
    title = quoted(f"{column.title}, less is better" if less else scaled_title(column))
    lines = [f"  {name} {title} = {f'1 - {made}' if less else made}", "    range 0..1"]
    if column.type.optional:
        lines.append(f"    if missing 0  # {column.missing:,} have none and count as the worst")
    return Level(name, column, "".join(f"{line}\n" for line in lines))


def ends(column: Column, trained: Sequence[int]) -> tuple[int, int]:
    known = column.at(trained).numbers
    return min(known), max(known)


def scaled(column: Column, asked: Asked, trained: Sequence[int]) -> list[float]:
    low, high = ends(column, trained)
    found = []
    for value in column.at(trained).values:
        share = (value - low) / (high - low) if isinstance(value, int) else None
        found.append(0.0 if share is None else 1 - share if column.name in asked.reversed else share)
    return found


# ---- Methods -------------------------------------------------------------------------------------


def entropies(values: Sequence[Sequence[float]]) -> list[tuple[float, ...]]:
    """By column: its entropy as a share of the largest there could be, and the rest to one."""
    found: list[tuple[float, ...]] = []
    for column in values:
        total = math.fsum(column)
        shares = [value / total for value in column if value > 0]
        entropy = -math.fsum(share * math.log(share) for share in shares) / math.log(len(column))
        found.append((entropy, 1 - entropy))
    return found


def contrasts(values: Sequence[Sequence[float]]) -> list[tuple[float, ...]]:
    """By column: its deviation, how far it does not go along with the others, and the product."""
    found: list[tuple[float, ...]] = []
    for column in values:
        apart = math.fsum(1 - correlation(column, other) for other in values if other is not column)
        found.append((deviation(column), apart, deviation(column) * apart))
    return found


def deviation(column: Sequence[float]) -> float:
    mean = math.fsum(column) / len(column)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    left, right = math.fsum(one) / len(one), math.fsum(other) / len(other)
    together = math.fsum((a - left) * (b - right) for a, b in zip(one, other, strict=True)) / len(one)
    return together / (deviation(one) * deviation(other))


def whole(shares: Sequence[float]) -> list[int]:
    """Weights in ten-thousandths that sum to one: the largest remainders are rounded up; none is nothing."""
    unit = 10**WEIGHT_DECIMALS
    found = [max(1, math.floor(share * unit)) for share in shares]
    order = sorted(range(len(shares)), key=lambda n: (found[n] - shares[n] * unit, n))
    for place in order[: max(0, unit - sum(found))]:
        found[place] += 1
    largest = max(range(len(found)), key=lambda n: (found[n], -n))
    found[largest] -= sum(found) - unit
    return found


# ---- Text ----------------------------------------------------------------------------------------


def text_of(table: Table, asked: Asked, levels: Sequence[Level], weights: Sequence[int]) -> str:
    entity = table.origin.entity
    lines = [f"indexes {asked.name}_levels {quoted('What counts, on one scale')} of {entity}\n"]
    lines += [one.text for one in levels]
    title = quoted(asked.name.replace("_", " ").capitalize())
    lines.append(f"\nscore {asked.name} {title} of {entity}\n")
    lines.append(f"  source {quoted(f'{table.origin.command} {METHODS[asked.method]}')}\n")
    lines += [f"  {text_of_weight(n)} {one.name}\n" for n, one in zip(weights, levels, strict=True)]
    return "".join(lines)


def text_of_weight(weight: int) -> str:
    return decimal(weight / 10**WEIGHT_DECIMALS, WEIGHT_DECIMALS, padded=True)


def remarks_of(
    table: Table,
    asked: Asked,
    figures: Sequence[Sequence[float]],
    weights: Sequence[int],
    spread: Sequence[float],
) -> list[str]:
    heading = (
        ["entropy", "rest to one"] if asked.method == "entropy" else ["deviation", "conflict", "product"]
    )
    rows = [
        [name, *(f"{number:.4f}" for number in figure), text_of_weight(weight)]
        for name, figure, weight in zip(asked.columns, figures, weights, strict=True)
    ]
    mean = math.fsum(spread) / len(spread)
    return [
        *provenance(table, f"`{asked.name}`: weights {METHODS[asked.method]}"),
        "",
        *columns(["column", *heading, "weight"], rows),
        f"The score lies between {min(spread):.4f} and {max(spread):.4f}, {mean:.4f} on the mean.",
    ]
