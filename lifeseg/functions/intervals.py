"""Counts and sums of two groups come in; how far apart they are goes out, with an interval that tells how sure that is.

All intervals are of 95 %: of a hundred made like this, some 95 hold the true value. They are estimates for people, in
floating point; nothing decides by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from lifeseg.frozen import dataclass

Z: Final = 1.959963984540054
"""Between minus this and this lie 95 % of a normal distribution."""
TAIL: Final = 0.975
STEPS = 300


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many amounts there are, their sum, and the sum of their squares."""

    count: int
    total: Fraction
    squares: Fraction

    @property
    def mean(self) -> Fraction:
        return self.total / self.count

    @property
    def variance(self) -> Fraction:
        """Of a sample, so divided by one less than there are."""
        return (self.squares - self.total**2 / self.count) / (self.count - 1)


def wilson(holding: int, count: int) -> Interval:
    """Return the interval of Wilson of a share: it never leaves 0..1 and does not shrink to nothing at its ends."""
    share, z2 = holding / count, Z * Z / count
    middle, half = share + z2 / 2, Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count))
    return Interval(max(0.0, (middle - half) / (1 + z2)), min(1.0, (middle + half) / (1 + z2)))


def newcombe(holding: int, count: int, other_holding: int, other_count: int) -> Interval:
    """Return the interval of Newcombe (his method 10) of the difference of two shares, made of those of Wilson."""
    own, other = holding / count, other_holding / other_count
    first, second = wilson(holding, count), wilson(other_holding, other_count)
    difference = own - other
    return Interval(
        difference - math.hypot(own - first.low, second.high - other),
        difference + math.hypot(first.high - own, other - second.low),
    )


def welch(own: Amounts, other: Amounts) -> Interval | None:
    """Return the interval of Welch of the difference of two means; None of fewer than two amounts, or of equal ones only."""
    if own.count < 2 or other.count < 2:
        return None
    parts = [float(one.variance / one.count) for one in (own, other)]
    if sum(parts) <= 0:
        return None
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (own.count - 1) + parts[1] ** 2 / (other.count - 1))
    difference, half = float(own.mean - other.mean), student(freedom) * math.sqrt(sum(parts))
    return Interval(difference - half, difference + half)


def student(freedom: float) -> float:
    """Return what 97.5 % of Student's distribution lie below."""

    def below(value: float) -> float:
        return 1 - beta_share(freedom / (freedom + value * value), freedom / 2, 0.5) / 2

    return solved(below, TAIL, 0.0, 1e3)


def solved(function: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Return where a rising function comes to a value."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < wanted else (low, middle)
    return (low + high) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):  # where the fraction of the other end converges faster
        return 1 - beta_share(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return front / (a * fraction_of(x, a, b))


def fraction_of(x: float, a: float, b: float) -> float:
    """Return 1 + d1/(1 + d2/(1 + …)), from the far end."""
    found = 1.0
    for step in range(STEPS, 0, -1):
        half, odd = divmod(step, 2)
        if odd:
            part = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            part = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        found = 1 + part / found
    return found
