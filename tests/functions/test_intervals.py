"""Intervals against published values: Newcombe 1998, and tables of Student's distribution."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.functions.intervals import Amounts, newcombe, student, welch, wilson


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (10, 2.2281), (30, 2.0423), (1000, 1.9623)]
)
def test_student(freedom: float, value: float) -> None:
    assert student(freedom) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(
    ("holding", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson(holding: int, count: int, low: float, high: float) -> None:
    """The four examples of Newcombe's paper on single proportions."""
    found = wilson(holding, count)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 10), 0.6075, 1.0)],
)
def test_newcombe(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """Examples a, b and h of Newcombe's paper on the difference of proportions, method 10."""
    found = newcombe(*counts)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def amounts(*values: int) -> Amounts:
    return Amounts(len(values), Fraction(sum(values)), Fraction(sum(value**2 for value in values)))


def test_welch() -> None:
    """Two samples of ten with variances 9.17 and 1.88: difference 2.4, 12.5 degrees of freedom."""
    own, other = amounts(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), amounts(1, 2, 2, 3, 3, 3, 3, 4, 4, 6)
    found = welch(own, other)
    assert found is not None
    assert own.mean - other.mean == Fraction(24, 10)
    half = student(12.53) * float(own.variance / 10 + other.variance / 10) ** 0.5
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-3)


def test_welch_needs_two_amounts_that_differ() -> None:
    assert welch(amounts(1), amounts(1, 2)) is None
    assert welch(amounts(1, 1), amounts(2, 2)) is None


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_an_interval_holds_the_difference_and_turns_round(
    count: int, other: int, data: st.DataObject
) -> None:
    holding, rest = data.draw(st.integers(0, count)), data.draw(st.integers(0, other))
    found, turned = newcombe(holding, count, rest, other), newcombe(rest, other, holding, count)
    assert -1 - 1e-9 <= found.low <= holding / count - rest / other <= found.high <= 1 + 1e-9
    assert (found.low, found.high) == (pytest.approx(-turned.high), pytest.approx(-turned.low))
