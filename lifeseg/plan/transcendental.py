"""The argument of square_root, exp, ln or logistic comes in; the plan formula of the same whole-number steps goes out.

The steps are those of functions/transcendental.py and functions/exact.py, which are the meaning: read them there.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

from lifeseg.functions.exact import DIVISION_DECIMALS
from lifeseg.functions.transcendental import (
    _LN_2,
    _LN_UNIT,
    _RATIO_UNIT,
    _SERIES_UNIT,
    _WHOLE_POWERS,
    EXP_SMALLEST,
    TERM_COUNT_EXP,
    TERM_COUNT_LN,
    UNIT,
)
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p

Share = Callable[[p.AnyFormula], p.AnyFormula]
"""Gives a formula a column of its own where it is not simple."""

STEPS_TOGETHER = 6
"""So many terms of a series stand in one formula; more would nest too deep for some engines."""

MOST_ROOT = 2**126


def root(value: p.AnyFormula, share: Share) -> p.AnyFormula:
    """The largest whole number whose square is not above a value that is not negative.

    One step of Newton's from near the root gives it or the number above; that is corrected by comparing squares.
    """
    value = share(f.bounded(value, 0, value.high))
    near = share(f.near_root(value))
    highest = isqrt(value.high) + 1
    better = share(f.bounded(f.whole(f.add(near, f.whole(value, near)), f.literal(2)), 0, highest))
    above = f.compare(">", f.multiply(better, better), value)
    return f.bounded(f.subtract(better, f.counted(above)), 0, highest)


def nearest_root(value: p.AnyFormula, share: Share) -> p.AnyFormula:
    """The whole number nearest to the root of a whole number: it is never just between two."""
    value = share(value)
    found = share(root(value, share))
    beyond = f.compare(">", f.subtract(value, f.multiply(found, found)), found)
    return f.add(found, f.counted(beyond))


def square_root(value: p.AnyFormula, scale: int, share: Share) -> p.AnyFormula:
    """At twelve decimals; null of a negative value."""
    value = share(value)
    positive = f.times(f.extreme("greatest", value, f.literal(0)), 10 ** (2 * DIVISION_DECIMALS - scale))
    found = nearest_root(positive, share)
    return found if value.low >= 0 else only(f.compare(">=", value, f.literal(0)), found)


def only(condition: p.AnyFormula, value: p.AnyFormula) -> p.AnyFormula:
    return f.choose([(condition, value)], None)


# ---- exp and logistic ----------------------------------------------------------------------------


def exp(value: p.AnyFormula, share: Share) -> p.AnyFormula:
    value = share(value)
    wide = wide_exponential(f.extreme("greatest", value, f.literal(EXP_SMALLEST)), share)
    result = f.quotient(wide, f.literal(10**18))
    if value.low >= EXP_SMALLEST:
        return result
    return strictly(value, [(f.compare("<", value, f.literal(EXP_SMALLEST)), f.literal(0))], result)


def strictly(
    value: p.AnyFormula, steps: list[tuple[p.AnyFormula, p.AnyFormula]], otherwise: p.AnyFormula
) -> p.AnyFormula:
    """The steps, but null where the value is null."""
    if value.optional:
        steps = [(f.is_null(value), f.null("whole")), *steps]
    return f.choose(steps, otherwise)


def logistic(value: p.AnyFormula, share: Share) -> p.AnyFormula:
    value = share(value)
    size = share(f.extreme("greatest", value, f.negate(value)))
    capped = f.extreme("least", size, f.literal(-EXP_SMALLEST))
    power = f.whole(wide_exponential(f.negate(capped), share), f.literal(10**6))
    found = f.quotient(f.literal(_SERIES_UNIT * UNIT), f.add(f.literal(_SERIES_UNIT), power))
    beyond = f.compare(">", size, f.literal(-EXP_SMALLEST))
    above = share(strictly(value, [(beyond, f.literal(UNIT))], found))
    if value.low >= 0:
        return above
    below = f.compare("<", value, f.literal(0))
    return strictly(value, [(below, f.subtract(f.literal(UNIT), above))], above)


def wide_exponential(value: p.AnyFormula, share: Share) -> p.AnyFormula:
    """e to a power of -29..16 at twelve decimals, itself at thirty; named like its steps."""
    shifted = share(f.bounded(f.subtract(value, f.literal(EXP_SMALLEST)), 0, (len(_WHOLE_POWERS) - 1) * UNIT))
    index = share(f.whole(shifted, f.literal(UNIT)))
    rest = share(f.bounded(f.subtract(shifted, f.times(index, UNIT)), 0, UNIT - 1))
    series: p.AnyFormula = f.literal(_SERIES_UNIT)
    for count in range(TERM_COUNT_EXP, 0, -1):
        term = f.whole(f.multiply(series, rest), f.literal(UNIT * count))
        series = f.bounded(f.add(f.literal(_SERIES_UNIT), term), _SERIES_UNIT, 3 * _SERIES_UNIT)
        if count % STEPS_TOGETHER == 1:
            series = share(series)
    high = share(f.whole(series, f.literal(UNIT)))
    low = f.bounded(f.subtract(series, f.times(high, UNIT)), 0, UNIT - 1)
    cuts = [f.literal(place) for place in range(1, len(_WHOLE_POWERS))]
    entry = share(f.placed(index, cuts, [f.literal(power) for power in _WHOLE_POWERS]))
    most = _WHOLE_POWERS[-1] * 3 * UNIT
    return f.bounded(
        f.add(f.multiply(entry, high), f.whole(f.multiply(entry, low), f.literal(UNIT))), 0, most
    )


# ---- ln ------------------------------------------------------------------------------------------


def ln(value: p.AnyFormula, share: Share) -> p.AnyFormula:
    """Null of what is not above zero."""
    value = share(value)
    positive = share(f.extreme("greatest", value, f.literal(1)))
    powers = [2**exponent for exponent in range(63)]
    cuts = [f.literal(power) for power in powers[1:]]
    exponent = share(f.placed(positive, cuts, [f.literal(place) for place in range(63)]))
    base = share(f.placed(positive, cuts, [f.literal(power) for power in powers]))
    above = f.bounded(f.subtract(positive, base), 0, 2**62)
    ratio = share(f.bounded(f.whole(f.times(above, _RATIO_UNIT), f.add(positive, base)), 0, _RATIO_UNIT))
    square = share(f.bounded(f.whole(f.multiply(ratio, ratio), f.literal(_RATIO_UNIT)), 0, _RATIO_UNIT))
    series: p.AnyFormula = f.literal(0)
    for place, odd in enumerate(range(2 * TERM_COUNT_LN - 1, 0, -2), 1):
        term = f.whole(f.multiply(series, square), f.literal(_RATIO_UNIT))
        series = f.bounded(f.add(f.literal(_RATIO_UNIT // odd), term), 0, 2 * _RATIO_UNIT)
        if place % STEPS_TOGETHER == 0:
            series = share(series)
    twice = f.times(f.whole(f.multiply(ratio, series), f.literal(_RATIO_UNIT)), 2)
    wide = f.add(f.subtract(f.times(exponent, _LN_2), f.literal(_LN_UNIT)), twice)
    found = f.quotient(wide, f.literal(10**7))
    return found if value.low > 0 else only(f.compare(">", value, f.literal(0)), found)
