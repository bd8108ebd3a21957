"""Predictions and outcomes, or classes and points, come in; figures of how good they are go out.

Sums are those of `math.fsum`, so that no order of rows changes a figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

Point = Sequence[float]


# ---- Of a probability ----------------------------------------------------------------------------


def area(predicted: Sequence[float], held: Sequence[bool]) -> float | None:
    """The area under the ROC curve: how often one of whom it holds is predicted higher than one of whom it does not.

    Ties count half. None where only one outcome is there.
    """
    counts = by_prediction(predicted, held)
    positive = sum(yes for yes, _ in counts.values())
    negative = sum(no for _, no in counts.values())
    if not positive or not negative:
        return None
    below = wins = 0
    for _, (yes, no) in sorted(counts.items()):
        wins += yes * (2 * below + no)
        below += no
    return wins / (2 * positive * negative)


def kolmogorov(predicted: Sequence[float], held: Sequence[bool]) -> tuple[float, float] | None:
    """The KS statistic, the largest gap between both distributions, and the prediction from which on it lies."""
    counts = by_prediction(predicted, held)
    positive = sum(yes for yes, _ in counts.values())
    negative = sum(no for _, no in counts.values())
    if not positive or not negative:
        return None
    best, cut, yes_above, no_above = 0.0, max(counts), 0, 0
    for value, (yes, no) in sorted(counts.items(), reverse=True):
        yes_above, no_above = yes_above + yes, no_above + no
        gap = yes_above / positive - no_above / negative
        if gap > best:
            best, cut = gap, value
    return best, cut


def by_prediction(predicted: Sequence[float], held: Sequence[bool]) -> Mapping[float, tuple[int, int]]:
    """Of how many it holds and does not, by prediction."""
    counts: dict[float, tuple[int, int]] = {}
    for value, yes in zip(predicted, held, strict=True):
        before = counts.get(value, (0, 0))
        counts[value] = (before[0] + yes, before[1] + (not yes))
    return counts


def brier(predicted: Sequence[float], held: Sequence[bool]) -> float:
    """The mean squared distance from what came."""
    return math.fsum((value - yes) ** 2 for value, yes in zip(predicted, held, strict=True)) / len(held)


def calibration(
    predicted: Sequence[float], held: Sequence[bool], groups: int
) -> list[tuple[float, float, float, int]]:
    """From the lowest predictions up: the highest of the group, the mean predicted, the share found, and how many.

    Equal predictions stay together.
    """
    counts = sorted(by_prediction(predicted, held).items())
    found: list[tuple[float, float, float, int]] = []
    taken, group = 0, list[tuple[float, int, int]]()
    for value, (yes, no) in counts:
        group.append((value, yes, yes + no))
        taken += yes + no
        if taken * groups >= len(held) * (len(found) + 1):
            found.append(summed(group))
            group = []
    return [*found, summed(group)] if group else found


def summed(group: Sequence[tuple[float, int, int]]) -> tuple[float, float, float, int]:
    rows = sum(count for *_, count in group)
    mean = math.fsum(value * count for value, _, count in group) / rows
    return group[-1][0], mean, sum(yes for _, yes, _ in group) / rows, rows


# ---- Of classes ----------------------------------------------------------------------------------


def squared(point: Point, other: Point) -> float:
    return math.fsum((a - b) ** 2 for a, b in zip(point, other, strict=True))


def silhouette(points: Sequence[Point], centres: Sequence[Point], classes: Sequence[int]) -> float:
    """The simplified silhouette: by how much the own centre is nearer than the next one, 1 being best."""
    found = []
    for point, own in zip(points, classes, strict=True):
        near = math.sqrt(squared(point, centres[own]))
        far = min(math.sqrt(squared(point, other)) for n, other in enumerate(centres) if n != own)
        found.append((far - near) / max(far, near) if max(far, near) else 0.0)
    return math.fsum(found) / len(found)


def explained(points: Sequence[Point], classes: Sequence[int]) -> float:
    """The part of the variance that lies between the classes."""
    groups: dict[int, list[Point]] = {}
    for point, own in zip(points, classes, strict=True):
        groups.setdefault(own, []).append(point)
    total = within(points)
    return 1 - math.fsum(within(group) for group in groups.values()) / total if total else 0.0


def within(points: Sequence[Point]) -> float:
    """The sum of squared distances from the mean."""
    mean = [math.fsum(column) / len(points) for column in zip(*points, strict=True)]
    return math.fsum(squared(point, mean) for point in points)


def nearest(point: Point, centres: Sequence[Point]) -> int:
    return min(range(len(centres)), key=lambda place: (squared(point, centres[place]), place))


def adjusted_rand(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """How far two partitions agree: 1 wholly, 0 as far as chance would have it."""

    def pairs(counts: Mapping[Hashable, int]) -> int:
        return sum(math.comb(count, 2) for count in counts.values())

    together = pairs(Counter(zip(one, other, strict=True)))
    left, right, every = pairs(Counter(one)), pairs(Counter(other)), math.comb(len(one), 2)
    if not every:
        return 1.0
    chance, best = left * right / every, (left + right) / 2
    return (together - chance) / (best - chance) if best != chance else 1.0
