"""exp, ln and logistic: right to the last decimal, never falling, within 128 bits."""

from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.functions import transcendental
from lifeseg.functions.transcendental import EXP_LARGEST, EXP_SMALLEST, LN_LARGEST, UNIT, exp, ln, logistic

FURTHEST_FROM_EXACT = Decimal("0.5001")
"""In units of the last decimal; half a unit is what rounding alone costs."""

NEIGHBOURS = 200

Reference = Callable[[Decimal], Decimal]


def reference_exp(x: Decimal) -> Decimal:
    return x.exp()


def reference_ln(x: Decimal) -> Decimal:
    return x.ln()


def reference_logistic(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


def assert_accurate(function: Callable[[int], int], reference: Reference, x: int) -> None:
    with localcontext() as context:
        context.prec = 60
        exactly = reference(Decimal(x) / UNIT) * UNIT
        assert abs(function(x) - exactly) < FURTHEST_FROM_EXACT


def assert_rises(function: Callable[[int], int], arguments: Iterator[int]) -> None:
    before = function(next(arguments))
    for x in arguments:
        after = function(x)
        assert before <= after, f"falls at {x}"
        before = after


def near(place: int, lowest: int, highest: int) -> Iterator[int]:
    return iter(range(max(lowest, place - NEIGHBOURS), min(highest, place + NEIGHBOURS) + 1))


EXP_ARGUMENT = st.integers(EXP_SMALLEST, EXP_LARGEST)
LOGISTIC_ARGUMENT = st.integers(-30 * UNIT, 30 * UNIT)
LN_ARGUMENT = st.one_of(
    st.integers(1, LN_LARGEST),
    st.builds(lambda size, part: (1 << size) + part % (1 << size), st.integers(0, 62), st.integers(0, 2**62)),
)
STEP = st.one_of(st.just(1), st.integers(0, 1000), st.integers(0, UNIT))

EXP_SEGMENTS = range(EXP_SMALLEST, EXP_LARGEST + 1, UNIT)
LN_SEGMENTS = [1 << k for k in range(64)]


class TestExp:
    @pytest.mark.parametrize(
        ("x", "expected"),
        [
            (0, 1_000_000_000_000),
            (1_000_000_000_000, 2_718_281_828_459),  # e = 2.718281828459 045
            (-1_000_000_000_000, 367_879_441_171),  # 0.367879441171 442
            (500_000_000_000, 1_648_721_270_700),  # 1.648721270700 128
            (-500_000_000_000, 606_530_659_713),  # 0.606530659712 633
            (10_000_000_000_000, 22_026_465_794_806_717),  # 22026.465794806716 5
            (EXP_LARGEST, 8_886_110_520_507_872_637),
        ],
    )
    def test_known_values(self, x: int, expected: int) -> None:
        assert exp(x) == expected

    def test_vanishes_below_half_of_the_last_decimal(self) -> None:
        """The logarithm of 0.0000000000005 is -28.324168."""
        assert exp(-28_324_160_000_000) == 1
        assert exp(-28_324_180_000_000) == 0
        assert exp(EXP_SMALLEST) == exp(EXP_SMALLEST - 1) == exp(-(10**30)) == 0

    def test_refuses_what_would_not_fit_64_bits(self) -> None:
        with pytest.raises(
            ValueError, match=r"^the argument of exp is at most 16, but got 16\.000000000001$"
        ):
            exp(EXP_LARGEST + 1)

    @settings(max_examples=1000)
    @given(EXP_ARGUMENT)
    def test_is_right_to_the_last_decimal(self, x: int) -> None:
        assert_accurate(exp, reference_exp, x)

    @pytest.mark.parametrize("start", EXP_SEGMENTS)
    def test_where_two_segments_meet(self, start: int) -> None:
        assert_rises(exp, near(start, EXP_SMALLEST - NEIGHBOURS, EXP_LARGEST))
        for x in (start - 1, start, start + 1):
            if EXP_SMALLEST <= x <= EXP_LARGEST:
                assert_accurate(exp, reference_exp, x)

    @settings(max_examples=1000)
    @given(EXP_ARGUMENT, STEP)
    def test_never_falls(self, x: int, step: int) -> None:
        assert exp(x) <= exp(min(x + step, EXP_LARGEST))


class TestLogistic:
    @pytest.mark.parametrize(
        ("x", "expected"),
        [
            (0, 500_000_000_000),
            (1_000_000_000_000, 731_058_578_630),  # 0.731058578630 005
            (2_000_000_000_000, 880_797_077_978),  # 0.880797077977 882
            (-2_000_000_000_000, 119_202_922_022),
            (20_000_000_000_000, 999_999_997_939),  # 1 - 0.000000002061
            (29_000_000_000_000, UNIT),
            (10**40, UNIT),
            (-(10**40), 0),
        ],
    )
    def test_known_values(self, x: int, expected: int) -> None:
        assert logistic(x) == expected

    def test_the_steps_are_the_meaning_even_where_the_last_decimal_is_not_the_nearest(self) -> None:
        """Exactly it is 0.995764435370 499999986, so the nearest would end in 370."""
        assert logistic(5_459_994_075_165) == 995_764_435_371

    @settings(max_examples=1000)
    @given(LOGISTIC_ARGUMENT)
    def test_is_right_to_the_last_decimal(self, x: int) -> None:
        assert_accurate(logistic, reference_logistic, x)

    @given(LOGISTIC_ARGUMENT)
    def test_the_two_sides_sum_to_one(self, x: int) -> None:
        assert logistic(x) + logistic(-x) == UNIT

    @pytest.mark.parametrize("whole", range(-30, 31))
    def test_where_two_segments_meet(self, whole: int) -> None:
        assert_rises(logistic, near(whole * UNIT, -40 * UNIT, 40 * UNIT))
        assert_accurate(logistic, reference_logistic, whole * UNIT)

    @settings(max_examples=1000)
    @given(LOGISTIC_ARGUMENT, STEP)
    def test_never_falls(self, x: int, step: int) -> None:
        assert logistic(x) <= logistic(x + step)


class TestLn:
    @pytest.mark.parametrize(
        ("x", "expected"),
        [
            (1_000_000_000_000, 0),
            (2_000_000_000_000, 693_147_180_560),  # 0.693147180559 945
            (10_000_000_000_000, 2_302_585_092_994),  # 2.302585092994 046
            (500_000_000_000, -693_147_180_560),
            (2_718_281_828_459, 1_000_000_000_000),
            (1, -27_631_021_115_929),  # -12 ln 10 = -27.631021115928 548
            (LN_LARGEST, 16_037_251_259_348),  # 16.037251259348 006
        ],
    )
    def test_known_values(self, x: int, expected: int) -> None:
        assert ln(x) == expected

    @pytest.mark.parametrize(
        ("x", "shown"), [(0, "0"), (-1, "-0.000000000001"), (2**63, "9223372.036854775808")]
    )
    def test_refuses_what_has_no_logarithm_or_does_not_fit_64_bits(self, x: int, shown: str) -> None:
        allowed = "the argument of ln is above 0 and at most 9223372.036854775807"
        with pytest.raises(ValueError, match=f"^{allowed}, but got {shown}$"):
            ln(x)

    @settings(max_examples=1000)
    @given(LN_ARGUMENT)
    def test_is_right_to_the_last_decimal(self, x: int) -> None:
        assert_accurate(ln, reference_ln, x)

    @pytest.mark.parametrize("start", LN_SEGMENTS)
    def test_where_two_segments_meet(self, start: int) -> None:
        assert_rises(ln, near(start, 1, LN_LARGEST))
        for x in (start - 1, start, start + 1):
            if 1 <= x <= LN_LARGEST:
                assert_accurate(ln, reference_ln, x)

    @settings(max_examples=1000)
    @given(LN_ARGUMENT, STEP)
    def test_never_falls(self, x: int, step: int) -> None:
        assert ln(x) <= ln(min(x + step, LN_LARGEST))

    @given(st.integers(-5 * UNIT, EXP_LARGEST))
    def test_undoes_exp(self, x: int) -> None:
        """Half a unit of exp(x) moves ln by half a unit / e^x: at most 75 units from -5 on."""
        assert abs(ln(exp(x)) - x) <= 75


class Watched(int):
    """A whole number that fails the test when it leaves 128 bits or divides a negative number.

    Engines differ in how they divide negative numbers, so no step but the last rounding may do it.
    """

    def _watched(self, result: int) -> "Watched":
        assert abs(result) < 10**38
        return Watched(result)

    def __add__(self, other: int) -> "Watched":
        return self._watched(int(self) + int(other))

    def __sub__(self, other: int) -> "Watched":
        return self._watched(int(self) - int(other))

    def __rsub__(self, other: int) -> "Watched":
        return self._watched(int(other) - int(self))

    def __mul__(self, other: int) -> "Watched":
        return self._watched(int(self) * int(other))

    def __floordiv__(self, other: int) -> "Watched":
        assert self >= 0
        assert other > 0
        return self._watched(int(self) // int(other))

    def __rfloordiv__(self, other: int) -> "Watched":
        return Watched(other) // self

    def __neg__(self) -> "Watched":
        return Watched(-int(self))

    def __rshift__(self, other: int) -> "Watched":
        return Watched(int(self) >> other)

    def __rlshift__(self, other: int) -> "Watched":
        return self._watched(int(other) << int(self))

    __radd__ = __add__
    __rmul__ = __mul__


EDGES = [edge + move for edge in EXP_SEGMENTS for move in (-1, 0, 1) if edge + move <= EXP_LARGEST]


class TestBounds:
    """No intermediate reaches 10**38 and no negative number is cut by a division."""

    @pytest.mark.parametrize("function", [exp, logistic])
    def test_at_the_edges_of_the_segments(self, function: Callable[[int], int]) -> None:
        for x in EDGES:
            assert function(Watched(x)) == function(x)

    def test_at_the_edges_of_the_segments_of_ln(self) -> None:
        for start in LN_SEGMENTS:
            for x in (start - 1, start, start + 1):
                if 1 <= x <= LN_LARGEST:
                    # bit_length is a comparison with the powers of two, so it needs no watching
                    assert ln(Watched(x)) == ln(x)

    @given(EXP_ARGUMENT, LN_ARGUMENT)
    def test_in_between(self, x: int, positive: int) -> None:
        assert exp(Watched(x)) == exp(x)
        assert logistic(Watched(x)) == logistic(x)
        assert ln(Watched(positive)) == ln(positive)

    @given(EXP_ARGUMENT, LN_ARGUMENT)
    def test_results_fit_64_bits(self, x: int, positive: int) -> None:
        assert 0 <= exp(x) < 2**63
        assert abs(ln(positive)) < 2**63


class TestConstants:
    """Each constant is the exact value, rounded to the nearest."""

    def test_whole_powers_of_e(self) -> None:
        with localcontext() as context:
            context.prec = 60
            exponents = range(EXP_SMALLEST // UNIT, EXP_LARGEST // UNIT + 1)
            expected = [int((Decimal(a).exp() * 10**18).to_integral_value()) for a in exponents]
        assert list(transcendental._WHOLE_POWERS) == expected

    def test_logarithms(self) -> None:
        with localcontext() as context:
            context.prec = 60
            two = int((Decimal(2).ln() * 10**19).to_integral_value())
            unit = int((12 * Decimal(10).ln() * 10**19).to_integral_value())
        assert (two, unit) == (transcendental._LN_2, transcendental._LN_UNIT)

    def test_the_series_are_long_enough(self) -> None:
        """The first term left out is below the last decimal the series carries."""
        with localcontext() as context:
            context.prec = 60
            factorial = Decimal(1)
            for k in range(1, transcendental.TERM_COUNT_EXP + 2):
                factorial *= k
            assert 1 / factorial < Decimal("1e-24")
            count = transcendental.TERM_COUNT_LN
            assert Decimal(1) / 9**count / (2 * count + 1) < Decimal("1e-19")
