"""The pack mobile_value: the published shares of the sample, the systematic sample, and the reconstructed lifetime value."""

import csv
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

import lifeseg
from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

FOLDER = ROOT / "examples/mobile_value"
RULES = ROOT / "rules/mobile_value"
DATA = {
    "user": str(FOLDER / "users.csv"),
    "bill": str(FOLDER / "bills.csv"),
    "payment": str(FOLDER / "payments.csv"),
}
AS_OF = "2010-01-01"

CLASSES = {"valuable": 27, "earning": 24, "promising": 20, "marginal": 29}
RETENTION = {"valuable": 90, "earning": 70, "promising": 85, "marginal": 55}

WITH_LATER_INDICATORS = """policy mobile_value_3g "With 3G and electronic channels"
  version 1.0.0
  use mobile_value 1.0.0

change params
  later_indicators "3G services and electronic channels count as well" = yes
"""


@cache
def results() -> lifeseg.Results:
    return lifeseg.load(RULES).run(DATA, as_of=AS_OF)


def users() -> list[dict[str, Any]]:
    return [results().record("user", index) for index in range(300)]


def sample() -> list[dict[str, Any]]:
    return [user for user in users() if user["class"] is not None]


def test_every_third_user_is_sampled() -> None:
    assert [user["user_id"] for user in sample()] == [f"U{place:03d}" for place in range(2, 301, 3)]


def test_published_shares_of_the_sample() -> None:
    """85 % pay below 100 yuan, 56 % have been in the network for less than three years."""
    assert sum(user["arpu_class"] in ("below_30", "from_30") for user in sample()) == 85
    assert sum(user["tenure_class"] in ("first_year", "to_three") for user in sample()) == 56


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("arpu_class", ("below_30", "from_30", "from_100", "from_300")),
        ("tenure_class", ("first_year", "to_three", "to_five", "longer")),
    ],
)
def test_the_more_the_fewer(name: str, classes: tuple[str, ...]) -> None:
    """The longer in the network, and the larger the fees, the fewer users, as the source reports."""
    counts = Counter(user[name] for user in sample())
    numbers = [counts[case] for case in classes]
    assert numbers == sorted(numbers, reverse=True)
    assert sum(numbers) == 100


def test_every_run_shows_the_published_shares_and_the_lifetime_values(tmp_path: Path) -> None:
    shown = kpis(session_of("mobile_value", tmp_path), "--strict --engine duckdb")
    assert (shown["small_share", ""], shown["young_share", ""]) == ("0.85", "0.56")
    assert {case: int(shown["users_of_class", case]) for case in CLASSES} == CLASSES
    for case in CLASSES:
        assert shown["value_of_class", case] in {str(user["lifetime_value"]) for user in sample()}
    assert results().findings == ()


def test_price_of_a_minute_is_fees_for_calls_over_call_time() -> None:
    with (FOLDER / "bills.csv").open(encoding="utf-8") as file:
        fees, minutes = Counter[str](), Counter[str]()
        for row in csv.DictReader(file):
            fees[row["user_id"]] += int(row["voice_fee"])
            minutes[row["user_id"]] += int(row["minutes"])
    for user in users():
        key = user["user_id"]
        expected = Fraction(fees[key], minutes[key]) if minutes[key] else Fraction(0)
        assert abs(Fraction(user["price_per_minute"]) - expected) <= Fraction(1, 10**6)


@pytest.mark.parametrize("name", CLASSES)
def test_lifetime_value_is_the_sum_that_was_reconstructed(name: str) -> None:
    members = [user for user in sample() if user["class"] == name]
    assert len(members) == CLASSES[name]
    profit = 12 * 0.3 * float(mean(user["arpu"] for user in members))
    purchase = float(mean(user["billed_months"] for user in members))
    value = sum(profit * purchase * (RETENTION[name] / 100 / 1.1) ** year for year in range(5))
    assert {round(float(user["lifetime_value"]), 2) for user in members} == {round(value, 2)}


def test_the_later_indicators_are_one_word_away(tmp_path: Path) -> None:
    (tmp_path / "mobile_value").symlink_to(RULES)
    (tmp_path / "later.seg").write_text(WITH_LATER_INDICATORS, encoding="utf-8")
    later = lifeseg.load(tmp_path / "later.seg").run(DATA, as_of=AS_OF)
    for index, user in enumerate(users()):
        assert user["current_value"] == user["studied_value"]
        assert later.record("user", index)["current_value"] == user["extended_value"]
