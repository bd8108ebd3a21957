"""What rounding, division, mean, square root and power mean, and how numbers are read and written."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.functions import exact

WHOLE = st.integers(-(10**38), 10**38)
DIVISOR = WHOLE.filter(bool)
SCALE = st.integers(0, 12)
LARGEST_64 = 2**63 - 1


def nearest(value: Fraction) -> int:
    """The nearest whole number by another road: cut the magnitude plus a half, then give back the sign."""
    magnitude = int(abs(value) + Fraction(1, 2))
    return -magnitude if value < 0 else magnitude


@pytest.mark.parametrize(
    ("n", "d", "expected"),
    [
        (7, 2, 4),
        (-7, 2, -4),
        (7, -2, -4),
        (-7, -2, 4),
        (1, 2, 1),
        (-1, 2, -1),
        (1, 3, 0),
        (-2, 3, -1),
        (5, 3, 2),
        (0, 5, 0),
        (0, -5, 0),
        (6, 1, 6),
        (149, 100, 1),
        (150, 100, 2),
        (-150, 100, -2),
    ],
)
def test_a_half_goes_away_from_zero(n: int, d: int, expected: int) -> None:
    assert exact.divide_half_away(n, d) == expected


@settings(max_examples=1000)
@given(WHOLE, DIVISOR)
def test_division_is_to_the_nearest(n: int, d: int) -> None:
    assert exact.divide_half_away(n, d) == nearest(Fraction(n, d))


@given(st.integers(-1000, 1000), st.integers(-60, 60).filter(bool))
def test_division_of_small_numbers_with_many_halves(n: int, d: int) -> None:
    assert exact.divide_half_away(n, d) == nearest(Fraction(n, d))


@given(WHOLE, DIVISOR)
def test_division_has_no_favourite_sign(n: int, d: int) -> None:
    result = exact.divide_half_away(n, d)
    assert exact.divide_half_away(-n, d) == exact.divide_half_away(n, -d) == -result
    assert exact.divide_half_away(-n, -d) == result


def test_division_by_zero_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        exact.divide_half_away(1, 0)


@pytest.mark.parametrize(
    ("value", "from_scale", "to_scale", "expected"),
    [
        (48, 2, 6, 480000),  # 0.48 is 0.480000
        (15, 5, 4, 2),  # 0.00015 is 0.0002
        (-15, 5, 4, -2),
        (14, 5, 4, 1),
        (123, 2, 2, 123),
        (5, 1, 0, 1),
        (4, 1, 0, 0),
    ],
)
def test_rescale(value: int, from_scale: int, to_scale: int, expected: int) -> None:
    assert exact.rescale(value, from_scale, to_scale) == expected


@given(WHOLE, SCALE, SCALE)
def test_adding_decimals_loses_nothing(value: int, scale: int, more: int) -> None:
    assert exact.rescale(exact.rescale(value, scale, scale + more), scale + more, scale) == value


@pytest.mark.parametrize(
    ("a", "scale_a", "b", "scale_b", "expected"),
    [
        (1, 0, 3, 0, 333_333_333_333),
        (2, 0, 3, 0, 666_666_666_667),
        (-2, 0, 3, 0, -666_666_666_667),
        (100, 2, 4, 0, 250_000_000_000),  # 1.00 / 4
        (1, 0, 25, 1, 400_000_000_000),  # 1 / 2.5
        (1, 12, 2, 0, 1),  # half of the last decimal goes up
        (1, 14, 2, 1, 0),  # more decimals than 12 + 1 in the dividend
        (5, 13, 1, 0, 1),
        (0, 0, 7, 0, 0),
    ],
)
def test_quotient(a: int, scale_a: int, b: int, scale_b: int, expected: int) -> None:
    assert exact.quotient(a, scale_a, b, scale_b) == expected


def test_quotient_by_zero_is_missing() -> None:
    assert exact.quotient(5, 2, 0, 2) is None


@given(WHOLE, st.integers(0, 30), DIVISOR, st.integers(0, 30))
def test_quotient_is_rounded_once(a: int, scale_a: int, b: int, scale_b: int) -> None:
    value = Fraction(a, 10**scale_a) / Fraction(b, 10**scale_b)
    assert exact.quotient(a, scale_a, b, scale_b) == nearest(value * 10**12)


def test_mean() -> None:
    assert exact.mean(1000, 150, 2) == 66_666_666_667  # 10.00 / 150
    assert exact.mean(-10, 4, 0) == -2_500_000_000_000
    assert exact.mean(0, 0, 2) is None


class TestSquareRoot:
    @pytest.mark.parametrize(
        ("value", "scale", "expected"),
        [
            (0, 0, 0),
            (4, 0, 2_000_000_000_000),
            (2, 0, 1_414_213_562_373),  # 1.4142135623730950
            (3, 0, 1_732_050_807_569),  # 1.7320508075688772
            (225, 2, 1_500_000_000_000),  # of 2.25
            (1, 24, 1),  # of 10**-24
            (1, 12, 1_000_000),
        ],
    )
    def test_known_roots(self, value: int, scale: int, expected: int) -> None:
        assert exact.square_root(value, scale) == expected

    def test_halves_exist_only_beyond_scale_24_and_go_away_from_zero(self) -> None:
        assert exact.square_root(24, 26) == 0
        assert exact.square_root(25, 26) == 1  # the root is exactly half a unit
        assert exact.square_root(224, 26) == 1
        assert exact.square_root(225, 26) == 2  # exactly one unit and a half
        assert exact.square_root(226, 26) == 2

    @settings(max_examples=500)
    @given(st.integers(0, LARGEST_64), st.integers(0, 30))
    def test_agrees_with_sixty_digits(self, value: int, scale: int) -> None:
        with localcontext() as context:
            context.prec = 60
            root = Decimal(value).scaleb(24 - scale).sqrt()
            assert abs(exact.square_root(value, scale) - root) <= Decimal("0.5")

    @given(st.integers(0, 10**12), st.integers(0, 12))
    def test_a_square_gives_its_root_back(self, root: int, scale: int) -> None:
        assert exact.square_root(root * root, 2 * scale) == exact.rescale(root, scale, 12)

    @given(st.integers(0, LARGEST_64), st.integers(0, 30))
    def test_never_falls(self, value: int, scale: int) -> None:
        assert exact.square_root(value, scale) <= exact.square_root(value + 1, scale)

    def test_a_negative_number_has_none(self) -> None:
        with pytest.raises(ValueError, match=r"^a negative number has no square root, but got -0\.25$"):
            exact.square_root(-25, 2)

    @given(st.integers(0, 10**40), st.integers(1, 10**20))
    def test_nearest_root_of_a_fraction(self, numerator: int, denominator: int) -> None:
        root = exact.nearest_root(numerator, denominator)
        value = Fraction(numerator, denominator)
        assert root == 0 or (root - Fraction(1, 2)) ** 2 <= value
        assert value < (root + Fraction(1, 2)) ** 2


class TestPower:
    @pytest.mark.parametrize(
        ("value", "scale", "exponent", "expected"),
        [
            (11, 1, 2, 1_210_000_000_000),
            (11, 1, 1, 1_100_000_000_000),
            (11, 1, 0, 1_000_000_000_000),
            (0, 0, 0, 1_000_000_000_000),
            (0, 0, 3, 0),
            (-2, 0, 3, -8_000_000_000_000),
            (2, 0, 23, 8_388_608_000_000_000_000),
            (5, 1, 12, 244_140_625),
            (5, 1, 13, 122_070_313),  # 0.0001220703125, a half
            (-5, 1, 13, -122_070_313),
            (1, 0, 600, 1_000_000_000_000),
        ],
    )
    def test_known_powers(self, value: int, scale: int, exponent: int, expected: int) -> None:
        assert exact.power(value, scale, exponent) == expected

    def test_each_step_is_rounded(self) -> None:
        """Rounded once, 0.5 to the 14th, 0.00006103515625, would end in 156."""
        assert exact.power(5, 1, 14) == 61_035_157

    @given(st.integers(-2000, 2000), st.integers(0, 3), st.integers(1, 40))
    def test_is_the_power_before_times_the_number(self, value: int, scale: int, exponent: int) -> None:
        before = exact.power(value, scale, exponent - 1)
        step = nearest(Fraction(before * value, 10**scale))
        assert exact.power(value, scale, exponent) == step

    @given(st.integers(0, 10**7), st.integers(0, 100))
    def test_never_falls_when_a_positive_number_rises(self, value: int, exponent: int) -> None:
        assert exact.power(value, 6, exponent) <= exact.power(value + 1, 6, exponent)

    @pytest.mark.parametrize("exponent", [-1, 601])
    def test_other_exponents_are_refused(self, exponent: int) -> None:
        with pytest.raises(
            ValueError, match=f"^an exponent is a whole number from 0 to 600, not {exponent}$"
        ):
            exact.power(2, 0, exponent)


class TestText:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("0.4800", (4800, 4)),
            ("12", (12, 0)),
            ("-0.48", (-48, 2)),
            ("+7.5", (75, 1)),
            ("-0", (0, 0)),
            ("007", (7, 0)),
        ],
    )
    def test_is_read_as_written(self, text: str, expected: tuple[int, int]) -> None:
        assert exact.from_text(text) == expected

    @pytest.mark.parametrize(
        "text", ["", "-", ".5", "5.", "1e3", "1,000", "1_000", " 1", "1\n", "--1", "NaN", "½", "１２", "0x1"]
    )
    def test_anything_else_is_not_a_number(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"is not a number; numbers are written like 12 or -0\.48$"):
            exact.from_text(text)

    def test_endless_digits_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^a number of 1001 characters is too long$"):
            exact.from_text("1" * 1001)

    @pytest.mark.parametrize(
        ("value", "scale", "decimals", "expected"),
        [
            (4800, 4, None, "0.48"),
            (4800, 4, 4, "0.4800"),
            (4800, 4, 1, "0.5"),
            (4800, 4, 0, "0"),
            (5, 1, 0, "1"),
            (-5, 1, 0, "-1"),
            (-4, 1, 0, "0"),
            (-48, 2, None, "-0.48"),
            (-1, 3, 2, "0.00"),
            (100, 0, None, "100"),
            (100, 2, None, "1"),
            (7, 0, 2, "7.00"),
            (0, 12, None, "0"),
            (1, 12, None, "0.000000000001"),
            (-1234567, 3, None, "-1234.567"),
        ],
    )
    def test_is_plain_notation(self, value: int, scale: int, decimals: int | None, expected: str) -> None:
        assert exact.to_text(value, scale, decimals) == expected

    @given(WHOLE, st.integers(0, 40))
    def test_what_was_written_with_its_scale_is_read_back(self, value: int, scale: int) -> None:
        assert exact.from_text(exact.to_text(value, scale, scale)) == (value, scale)

    @given(WHOLE, st.integers(0, 40))
    def test_without_decimals_nothing_is_lost(self, value: int, scale: int) -> None:
        read, read_scale = exact.from_text(exact.to_text(value, scale))
        assert Fraction(read, 10**read_scale) == Fraction(value, 10**scale)

    @given(WHOLE, st.integers(0, 24))
    def test_a_fraction_whose_decimals_end_is_written_with_all_of_them(self, value: int, scale: int) -> None:
        read, read_scale = exact.from_text(exact.fraction_text(Fraction(value, 10**scale)))
        assert Fraction(read, 10**read_scale) == Fraction(value, 10**scale)

    def test_one_whose_decimals_do_not_end_is_rounded(self) -> None:
        assert exact.fraction_text(Fraction(-2, 3)) == "-0.666666666667"
        assert exact.fraction_text(Fraction(2, 3), 2) == "0.67"
