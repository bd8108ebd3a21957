"""Numbers at 12 decimals come in, their exponential, logarithm or logistic at 12 goes out.

The three functions are fixed algorithms on whole numbers: the steps written in their
docstrings are the meaning, and every engine repeats them, so that no engine's own `exp`
can move a customer across a threshold. The module knows nothing of policies or engines.

What the steps are built from, so that they can be repeated in any engine:

- addition, subtraction, multiplication, comparison, and constants;
- `whole(a, b)`, the whole part of a / b, only ever with a >= 0 and b > 0, where every
  engine's whole-number division agrees;
- `divide_half_away`, the one rounding, as the last step;
- no intermediate reaches 10**38, so 128-bit integers and 38-digit decimals hold them.

Why the results never fall when the argument rises: inside one segment (one whole part of
the argument of `exp`, one power of two for `ln`) every step is a rising function of the
step before it, because all terms are positive. The segments meet at finitely many
places, and the tests compute every one of them.

Source of the series: the Taylor series of the exponential, and
ln(x / c) = 2 * artanh((x - c) / (x + c)). The constants are compared with 60-digit
references in the tests.
"""

from typing import Final

from lifeseg.functions.exact import DIVISION_DECIMALS, divide_half_away, to_text

UNIT: Final = 10**DIVISION_DECIMALS
"""The number 1 at 12 decimals."""

EXP_LARGEST: Final = 16 * UNIT
"""Largest argument of `exp`: e^16 = 8886110.5 still fits 64 bits at 12 decimals."""

EXP_SMALLEST: Final = -29 * UNIT
"""Below it `exp` is 0 at 12 decimals, and `logistic` is 0 or, mirrored, 1."""

LN_LARGEST: Final = 2**63 - 1
"""Largest argument of `ln`: all that 64 bits hold, 9223372.036854775807."""

TERM_COUNT_EXP: Final = 24
TERM_COUNT_LN: Final = 20

_SERIES_UNIT: Final = 10**24
"""The number 1 in the series of `exp`."""

_RATIO_UNIT: Final = 10**19
"""The number 1 in the series of `ln`; a larger one would leave 128 bits."""

_LN_2: Final = 6_931_471_805_599_453_094
_LN_UNIT: Final = 276_310_211_159_285_482_082
"""The logarithms of 2 and of 10**12, at 19 decimals."""

_WHOLE_POWERS: Final = (
    254_367,  # e^-29
    691_440,  # e^-28
    1_879_529,  # e^-27
    5_109_089,  # e^-26
    13_887_944,  # e^-25
    37_751_345,  # e^-24
    102_618_796,  # e^-23
    278_946_809,  # e^-22
    758_256_043,  # e^-21
    2_061_153_622,  # e^-20
    5_602_796_438,  # e^-19
    15_229_979_745,  # e^-18
    41_399_377_188,  # e^-17
    112_535_174_719,  # e^-16
    305_902_320_502,  # e^-15
    831_528_719_104,  # e^-14
    2_260_329_406_981,  # e^-13
    6_144_212_353_328,  # e^-12
    16_701_700_790_246,  # e^-11
    45_399_929_762_485,  # e^-10
    123_409_804_086_680,  # e^-9
    335_462_627_902_512,  # e^-8
    911_881_965_554_516,  # e^-7
    2_478_752_176_666_358,  # e^-6
    6_737_946_999_085_467,  # e^-5
    18_315_638_888_734_180,  # e^-4
    49_787_068_367_863_943,  # e^-3
    135_335_283_236_612_692,  # e^-2
    367_879_441_171_442_322,  # e^-1
    1_000_000_000_000_000_000,  # e^0
    2_718_281_828_459_045_235,  # e^1
    7_389_056_098_930_650_227,  # e^2
    20_085_536_923_187_667_741,  # e^3
    54_598_150_033_144_239_078,  # e^4
    148_413_159_102_576_603_421,  # e^5
    403_428_793_492_735_122_608,  # e^6
    1_096_633_158_428_458_599_264,  # e^7
    2_980_957_987_041_728_274_744,  # e^8
    8_103_083_927_575_384_007_710,  # e^9
    22_026_465_794_806_716_516_958,  # e^10
    59_874_141_715_197_818_455_326,  # e^11
    162_754_791_419_003_920_808_005,  # e^12
    442_413_392_008_920_503_326_103,  # e^13
    1_202_604_284_164_776_777_749_237,  # e^14
    3_269_017_372_472_110_639_301_855,  # e^15
    8_886_110_520_507_872_636_763_024,  # e^16
)
"""e to the whole exponents -29..16, at 18 decimals, each rounded to the nearest."""


def exp(x: int) -> int:
    """Return e to the power x, both at 12 decimals.

    1. Above 16 it is refused (ValueError); below -29 the result is 0.
    2. w is e to the power x at 30 decimals, by the steps of `_wide_exponential`.
    3. The result is w / 10**18, rounded half away from zero.
    """
    if x > EXP_LARGEST:
        raise ValueError(f"the argument of exp is at most 16, but got {to_text(x, DIVISION_DECIMALS)}")
    if x < EXP_SMALLEST:
        return 0
    return divide_half_away(_wide_exponential(x), 10**18)


def logistic(x: int) -> int:
    """Return 1 / (1 + e to the power -x), both at 12 decimals, for any x.

    1. For x < 0 the result is 1 minus the logistic of -x.
    2. Above 29 the result is 1.
    3. w is e to the power -x at 30 decimals, by the steps of `_wide_exponential`, and
       v = whole(w, 10**6) the same at 24 decimals.
    4. The result is 10**36 / (10**24 + v), rounded half away from zero.
    """
    if x < 0:
        return UNIT - logistic(-x)
    if x > -EXP_SMALLEST:
        return UNIT
    power = _wide_exponential(-x) // 10**6
    return divide_half_away(_SERIES_UNIT * UNIT, _SERIES_UNIT + power)


def _wide_exponential(x: int) -> int:
    """Return e to the power x at 30 decimals, for x at 12 decimals in -29..16.

    1. y = x + 29 * 10**12; a = whole(y, 10**12) is the place in the table, counted from
       0, and r = y - a * 10**12 the rest: at least 0, below 10**12.
    2. t is e to the power r at 24 decimals: start with t = 10**24; for k = 24, 23 .. 1
       take t = 10**24 + whole(t * r, k * 10**12).
    3. p is the entry in the table, 18 decimals. Its product with t has 42 and is cut to
       30 without leaving 128 bits: h = whole(t, 10**12), l = t - h * 10**12, and the
       result is p * h + whole(p * l, 10**12).
    """
    shifted = x - EXP_SMALLEST
    index = shifted // UNIT
    rest = shifted - index * UNIT
    series = _SERIES_UNIT
    for k in range(TERM_COUNT_EXP, 0, -1):
        series = _SERIES_UNIT + series * rest // (UNIT * k)
    entry = _WHOLE_POWERS[index]
    high = series // UNIT
    low = series - high * UNIT
    return entry * high + entry * low // UNIT


def ln(x: int) -> int:
    """Return the natural logarithm of x, both at 12 decimals.

    1. x is above 0 and fits 64 bits, or it is refused (ValueError).
    2. c = 2**k is the largest power of two with c <= x (comparisons with 63 constants).
    3. z = whole((x - c) * 10**19, x + c) and q = whole(z * z, 10**19): the ratio and its
       square, at 19 decimals.
    4. s is 1 + q/3 + q*q/5 + ... at 19 decimals: start with s = whole(10**19, 39); for
       m = 37, 35 .. 1 take s = whole(10**19, m) + whole(s * q, 10**19).
    5. w = k * LN_2 - LN_UNIT + 2 * whole(z * s, 10**19) is the logarithm at 19 decimals;
       LN_UNIT is the logarithm of 10**12, because x counts units of 1/10**12.
    6. The result is w / 10**7, rounded half away from zero.
    """
    if x <= 0 or x > LN_LARGEST:
        raise ValueError(
            "the argument of ln is above 0 and at most "
            f"{to_text(LN_LARGEST, DIVISION_DECIMALS)}, "
            f"but got {to_text(x, DIVISION_DECIMALS)}"
        )
    exponent = x.bit_length() - 1
    base = 1 << exponent
    ratio = (x - base) * _RATIO_UNIT // (x + base)
    square = ratio * ratio // _RATIO_UNIT
    series = 0
    for odd in range(2 * TERM_COUNT_LN - 1, 0, -2):
        series = _RATIO_UNIT // odd + series * square // _RATIO_UNIT
    wide = exponent * _LN_2 - _LN_UNIT + 2 * (ratio * series // _RATIO_UNIT)
    return divide_half_away(wide, 10**7)
