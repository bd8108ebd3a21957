"""Count, sum and sum of squares of a group come in; the formula of its deviation goes out: whole numbers, never too wide.

With N values, their sum T and sum of squares Q, the variance is (N*Q - T*T) / (N*N), which would not fit 127 bits. So the
mean is split into its whole part m and a rest t/N: S = Q - 2*m*T + N*m*m is the sum of squares around m, and the variance
is S/N - (t/N)**2. Whole parts and rests are kept apart to the end, and the root is rounded once, half away from zero.
"""

from __future__ import annotations

from collections.abc import Callable

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import DIVISION_DECIMALS
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p
from lifeseg.plan.transcendental import MOST_ROOT, root

Share = Callable[[p.AnyFormula], p.AnyFormula]


@dataclass(frozen=True, slots=True)
class Spread:
    """Values lie between 0 and `width`, there are at most so many rows, and a value counts 10 ** -scale."""

    width: int
    rows: int
    scale: int

    @property
    def decimals(self) -> int:
        """Those that the variance needs beyond its own, so that its root has twelve."""
        return 2 * (DIVISION_DECIMALS - self.scale)


def deviation_fits(width: int, rows: int, scale: int) -> bool:
    """Whether nothing on the way is wider than 127 bits."""
    if scale > DIVISION_DECIMALS:
        return False
    most: int = (width**2 // 4 + 2) * 10 ** (2 * (DIVISION_DECIMALS - scale))
    return max(4 * rows * width**2, rows**2 * 10**DIVISION_DECIMALS, most) < MOST_ROOT


def spread(
    count: p.AnyFormula, total: p.AnyFormula, squares: p.AnyFormula, of: Spread, share: Share
) -> p.AnyFormula:
    """Null of no values."""
    count = share(count)
    mean = share(f.bounded(f.whole(total, count), 0, of.width))
    rest = share(f.bounded(f.subtract(total, f.multiply(mean, count)), 0, of.rows - 1))
    around = f.add(
        f.subtract(squares, f.times(f.multiply(mean, total), 2)), f.multiply(count, f.multiply(mean, mean))
    )
    around = share(f.bounded(around, 0, of.rows * of.width**2))
    whole = share(f.bounded(f.whole(around, count), 0, of.width**2))
    part = share(f.bounded(f.subtract(around, f.multiply(whole, count)), 0, of.rows - 1))
    square = share(f.multiply(count, count))
    fraction = share(f.subtract(f.multiply(part, count), f.multiply(rest, rest)))
    below = f.compare("<", fraction, f.literal(0))
    variance = share(f.bounded(f.subtract(whole, f.counted(below)), 0, of.width**2 // 4 + 1))
    fraction = share(f.bounded(f.add(fraction, f.choose([(below, square)], f.literal(0))), 0, of.rows**2 - 1))
    return rounded_root(variance, fraction, square, of, share)


def rounded_root(
    variance: p.AnyFormula, fraction: p.AnyFormula, square: p.AnyFormula, of: Spread, share: Share
) -> p.AnyFormula:
    """The root of variance + fraction / square at twelve decimals; the fraction's digits come by two long divisions."""
    first = min(of.decimals, DIVISION_DECIMALS)
    digits: p.AnyFormula = f.literal(0)
    for places in (first, of.decimals - first):
        lifted = share(f.times(fraction, 10**places))
        more = share(f.bounded(f.whole(lifted, square), 0, 10**places - 1))
        fraction = share(f.bounded(f.subtract(lifted, f.multiply(more, square)), 0, of.rows**2 - 1))
        digits = f.add(f.times(digits, 10**places), more)
    value = share(f.add(f.times(variance, 10**of.decimals), digits))
    found = share(root(value, share))
    over = share(f.subtract(value, f.multiply(found, found)))
    half = f.both("and", [f.compare("=", over, found), f.compare(">=", f.times(fraction, 4), square)])
    return f.add(found, f.counted(f.both("or", [f.compare(">", over, found), half])))
