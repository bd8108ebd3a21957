"""Chains of states: published values, the closed form of constant retention, and what must hold of any chain."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.functions.chain import Matrix, shares_after, state_values

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "clv_examples.json"


def published() -> dict[str, Any]:
    if not EXAMPLES.exists():
        pytest.skip("shared/data is not beside this checkout")
    return {
        example["id"]: example for example in json.loads(EXAMPLES.read_text(encoding="utf-8"))["examples"]
    }


def fractions(numbers: Sequence[float]) -> list[Fraction]:
    return [Fraction(str(number)) for number in numbers]


@pytest.mark.parametrize(
    ("example", "periods", "figures"),
    [
        ("migration_infinite_3_recency", None, "infinite_horizon"),
        ("mailing_4_periods", 4, "horizon_4_periods"),
        ("mailing_4_periods", None, "infinite_horizon"),
    ],
)
def test_published_values(example: str, periods: int | None, figures: str) -> None:
    found = published()[example]
    rates = [fractions(row) for row in found["transition"]]
    values = state_values(rates, fractions(found["reward"]), Fraction(str(found["discount_rate"])), periods)
    assert [round(float(value), 6) for value in values] == found["recomputed"][figures]


def test_constant_retention_is_the_margin_multiple() -> None:
    """m * r / (1 + i - r) is what all periods after the first bring."""
    table = published()["margin_multiple"]["multiple_by_retention_then_discount"]
    for retention, by_discount in table.items():
        kept = Fraction(retention)
        rates = [[kept, 1 - kept], [Fraction(0), Fraction(1)]]
        for discount, multiple in by_discount.items():
            value = state_values(rates, [Fraction(1), Fraction(0)], Fraction(discount), None)[0]
            assert round(float(value - 1), 4) == multiple


RATES = st.integers(2, 5).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, 9), min_size=size, max_size=size).filter(any), min_size=size,
                          max_size=size)
)  # fmt: skip


def shares(rows: Sequence[Sequence[int]]) -> Matrix:
    return [[Fraction(cell, sum(row)) for cell in row] for row in rows]


@given(RATES, st.integers(0, 12))
def test_shares_sum_to_1_and_one_period_is_the_row(rows: list[list[int]], periods: int) -> None:
    rates = shares(rows)
    found = shares_after(rates, 0, periods)
    assert sum(found) == 1
    assert shares_after(rates, 0, 1) == list(rates[0])
    further = [
        sum(share * row[place] for share, row in zip(found, rates, strict=True))
        for place in range(len(rates))
    ]
    assert shares_after(rates, 0, periods + 1) == further


@given(RATES, st.fractions(Fraction(1, 100), 1))
def test_values_for_ever_are_what_this_period_and_the_next_value_bring(
    rows: list[list[int]], discount: Fraction
) -> None:
    rates = shares(rows)
    worths = [Fraction(place * 7 - 3) for place in range(len(rates))]
    values = state_values(rates, worths, discount, None)
    for value, worth, row in zip(values, worths, rates, strict=True):
        later = sum(rate * other for rate, other in zip(row, values, strict=True))
        assert value == worth + later / (1 + discount)


def test_without_discount_everybody_must_end_where_nothing_is_earned() -> None:
    half = Fraction(1, 2)
    ending = [[half, half], [Fraction(0), Fraction(1)]]
    assert state_values(ending, [Fraction(10), Fraction(0)], Fraction(0), None) == [20, 0]
    with pytest.raises(ValueError, match="does not end"):
        state_values(ending, [Fraction(10), Fraction(1)], Fraction(0), None)
