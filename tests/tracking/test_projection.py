"""Months to come: what is expected follows from the rates observed, and the draws vary about it as they must."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random
from statistics import fmean, pvariance

import pytest

from lifeseg.tracking.flows import Flow
from lifeseg.tracking.projection import DRAWS, binomial, drawn, poisson, projected, rates_of

MONTH: Flow = Counter({
    ("a", "a"): 60, ("a", "b"): 30, ("a", None): 10, ("b", "b"): 45, ("b", "a"): 5, (None, "a"): 8, (None, "b"): 2,
})  # fmt: skip
SEEN = rates_of(["a", "b", "c"], [MONTH, MONTH])


@pytest.mark.parametrize(
    ("number", "share"), [(1, 0.3), (16, 0.5), (17, 0.05), (400, 0.9), (1_000_000, 0.002)]
)
def test_a_binomial_draw_has_its_mean_and_spread(number: int, share: float) -> None:
    source = Random(1)
    drawn_numbers = [binomial(source, number, share) for _ in range(4_000)]
    spread = number * share * (1 - share)
    assert all(0 <= one <= number for one in drawn_numbers)
    assert fmean(drawn_numbers) == pytest.approx(number * share, abs=5 * (spread / 4_000) ** 0.5)
    assert pvariance(drawn_numbers) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("mean", [0.0, 0.4, 11.0, 13.0, 250.0, 40_000.0])
def test_a_poisson_draw_has_its_mean_and_spread(mean: float) -> None:
    source = Random(1)
    drawn_numbers = [poisson(source, mean) for _ in range(4_000)]
    assert fmean(drawn_numbers) == pytest.approx(mean, abs=5 * (mean / 4_000) ** 0.5)
    assert pvariance(drawn_numbers) == pytest.approx(mean, rel=0.15)


def test_a_certain_share_leaves_nothing_to_chance() -> None:
    assert binomial(Random(1), 1_000_000, 0.0) == 0
    assert binomial(Random(1), 1_000_000, 1.0) == 1_000_000


def test_the_expected_numbers_follow_the_rates() -> None:
    """Of 100 in a, 60 stay and 30 go to b; of 50 in b, 5 come back; 8 and 2 are new each month; nobody was in c."""
    first, second = projected(SEEN, {"a": 100, "b": 50, "c": 7}, 2, seed=1)
    assert first["a"].number == 60 + 5 + 8
    assert first["b"].number == 30 + 45 + 2
    assert second["a"].number == Fraction(73 * 60, 100) + Fraction(77, 10) + 8
    assert first["c"].number == second["c"].number == 7  # it was never seen where those in c go: they stay


def test_intervals_hold_what_is_expected_and_widen() -> None:
    rows = projected(SEEN, {"a": 100, "b": 50}, 12, seed=1)
    for row in rows:
        for case in ("a", "b"):
            (low, high), (lowest, highest) = row[case].intervals[80], row[case].intervals[95]
            assert lowest <= low < row[case].number < high <= highest
    narrow, wide = (row["b"].intervals[80] for row in (rows[0], rows[-1]))
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


def test_intervals_are_as_wide_as_little_is_known() -> None:
    little: Flow = Counter({("a", "a"): 6, ("a", "b"): 3, ("b", "b"): 5})
    start = {"a": 1_000, "b": 1_000}
    widths = []
    for flow in (little, Counter({way: count * 100 for way, count in little.items()})):
        low, high = projected(rates_of(["a", "b"], [flow]), start, 1, seed=1)[0]["a"].intervals[80]
        widths.append(high - low)
    assert widths[0] > 5 * widths[1]


def test_intervals_hold_as_many_futures_as_they_say() -> None:
    """Futures of a world whose rates are known: so many of them fall into the interval, or a few more."""
    many = rates_of(["a", "b"], [Counter({way: count * 1_000 for way, count in MONTH.items()})] * 1_000)
    inside = 0
    expected = projected(many, {"a": 500, "b": 300}, 3, seed=1)[-1]["a"].intervals[80]
    for number in range(DRAWS):
        future = drawn(many, {"a": 500, "b": 300}, 3, Random(f"other {number}"))[-1]["a"]
        inside += expected[0] <= future <= expected[1]
    assert 0.76 * DRAWS <= inside <= 0.86 * DRAWS


def test_the_same_seed_gives_the_same_futures() -> None:
    start = {"a": 100, "b": 50}
    assert projected(SEEN, start, 3, seed=4) == projected(SEEN, start, 3, seed=4)
    assert projected(SEEN, start, 3, seed=4) != projected(SEEN, start, 3, seed=5)
