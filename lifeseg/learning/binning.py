"""A column and whom the target holds of come in; its values in a few bands go out, as conditions of policy text.

Numbers are cut so that the share of the target only rises or only falls; a rare choice joins the others.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from lifeseg.frozen import dataclass
from lifeseg.learning.draft import refuse
from lifeseg.learning.table import Column
from lifeseg.learning.text import amount, between, case
from lifeseg.model.expression import Value
from lifeseg.model.types import kind_text

STARTS = 12
"""Bands of equal size that numbers are first cut into."""

LEAST_SHARE = 20
"""A band holds at least one in so many records."""


@dataclass(frozen=True, slots=True)
class Bands:
    """`conditions` are tried in order, the last one being `otherwise`; `counts` are records and how many of them the
    target holds of, by band.
    """

    column: Column
    conditions: tuple[str, ...]
    cuts: tuple[int, ...]  # of numbers, at the column's scale
    options: tuple[Value, ...]  # of choices and yes/no, without those of `otherwise`
    counts: tuple[tuple[int, int], ...] = ()

    def band(self, value: Value) -> int:
        first = int(self.column.type.optional)
        if value is None and first:
            return 0
        if self.column.type.kind == "number":
            assert isinstance(value, int)
            return first + bisect_right(self.cuts, value)
        return first + (self.options.index(value) if value in self.options else len(self.options))

    def weights_of_evidence(self) -> tuple[float, ...]:
        """By band, the logarithm of how much rarer the target is there than in all; 0 where nobody is."""
        rows, held = (sum(column) for column in zip(*self.counts, strict=True))
        found = []
        for count, yes in self.counts:
            odds = (count - yes + 0.5) / (yes + 0.5)
            found.append(math.log(odds * (held + 0.5) / (rows - held + 0.5)) if count else 0.0)
        return tuple(found)

    def information(self) -> float:
        """The information value: how well the bands tell the target apart."""
        rows, held = (sum(column) for column in zip(*self.counts, strict=True))
        evidence = self.weights_of_evidence()
        parts = [
            ((count - yes) / max(1, rows - held) - yes / max(1, held)) * weight
            for (count, yes), weight in zip(self.counts, evidence, strict=True)
        ]
        return math.fsum(parts)


def banded(column: Column, held: Sequence[bool], trained: Sequence[int]) -> Bands | None:
    """The column in bands, counted over the records learnt from; None if there is but one band."""
    match column.type.kind:
        case "number":
            found = numbers(column, held, trained)
        case "choice" | "truth":
            found = choices(column, held, trained)
        case kind:
            wanted = "a number, a choice or a yes/no"
            raise refuse("learn-column", name=column.name, found=kind_text(kind), wanted=wanted)
    return found if sum(count > 0 for count, _ in found.counts) > 1 else None


def counted(bands: Bands, held: Sequence[bool], trained: Sequence[int]) -> Bands:
    rows, yes = Counter[int](), Counter[int]()
    for place in trained:
        band = bands.band(bands.column.values[place])
        rows[band] += 1
        yes[band] += held[place]
    return replace(bands, counts=tuple((rows[n], yes[n]) for n in range(len(bands.conditions))))


def missing_first(column: Column) -> list[str]:
    return [f"{column.name} is missing"] if column.type.optional else []


# ---- Choices -------------------------------------------------------------------------------------


def choices(column: Column, held: Sequence[bool], trained: Sequence[int]) -> Bands:
    counts = Counter(column.values[place] for place in trained)
    known: list[Value] = [True, False] if column.type.kind == "truth" else list(column.type.options)
    often = [value for value in known if counts[value] * LEAST_SHARE >= len(trained)]
    options = tuple(often[:-1] if len(often) == len(known) else often)
    conditions = [*missing_first(column), *(condition(column, value) for value in options), "otherwise"]
    return counted(Bands(column, tuple(conditions), (), options), held, trained)


def condition(column: Column, value: Value) -> str:
    if isinstance(value, bool):
        return column.name if value else f"not {column.name}"
    return f"{column.name} is {case(str(value))}"


# ---- Numbers -------------------------------------------------------------------------------------


def numbers(column: Column, held: Sequence[bool], trained: Sequence[int]) -> Bands:
    """The cuts with which the share only rises or only falls, whichever tells more."""
    pairs = sorted((value, held[n]) for n in trained if isinstance(value := column.values[n], int))
    groups = starting(pairs)
    both = [by_cuts(column, pooled(groups, sign, len(pairs)), held, trained) for sign in (1, -1)]
    return max(both, key=lambda bands: bands.information())


Group = tuple[int, int, int, int]
"""The smallest and the largest value of a group, its records, and of how many the target holds."""


def starting(pairs: Sequence[tuple[int, bool]]) -> list[Group]:
    """Groups of about equal size; equal values stay together."""
    groups: list[Group] = []
    for value, yes in pairs:
        full = groups and groups[-1][2] * STARTS >= len(pairs) and groups[-1][1] != value
        if not groups or full:
            groups.append((value, value, 1, int(yes)))
        else:
            low, _, rows, before = groups[-1]
            groups[-1] = (low, value, rows + 1, before + yes)
    return groups


def pooled(groups: Sequence[Group], sign: int, rows: int) -> list[Group]:
    """Neighbours that go the wrong way, or are small, become one."""
    found: list[Group] = []
    for group in groups:
        found.append(group)
        while len(found) > 1 and wrong(found[-2], found[-1], sign, rows):
            last, before = found.pop(), found.pop()
            found.append((before[0], last[1], before[2] + last[2], before[3] + last[3]))
    return found


def wrong(before: Group, last: Group, sign: int, rows: int) -> bool:
    small = min(before[2], last[2]) * LEAST_SHARE < rows
    return small or sign * (last[3] * before[2] - before[3] * last[2]) <= 0


def by_cuts(column: Column, groups: Sequence[Group], held: Sequence[bool], trained: Sequence[int]) -> Bands:
    scale = column.type.scale
    texts = [between(before[1], group[0], scale) for before, group in pairwise(groups)]
    cuts = tuple(int(Decimal(text).scaleb(scale)) for text in texts)
    tests = [f"{column.name} < {amount(text, column.type)}" for text in texts]
    conditions = (*missing_first(column), *tests, "otherwise")
    return counted(Bands(column, conditions, cuts, ()), held, trained)
