"""The pack group_value: scores recomputed with fractions, four quadrants, and a fifth that brings four fifths."""

import csv
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import lifeseg
from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

DATA = ROOT / "examples/group_value/customers.csv"


@cache
def results() -> lifeseg.Results:
    return lifeseg.load(ROOT / "rules/group_value").run({"customer": str(DATA)}, as_of="2013-06-30")


def records() -> list[dict[str, Any]]:
    return [results().record("customer", index) for index in range(50)]


@cache
def facts() -> dict[str, dict[str, Fraction]]:
    with DATA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        row["customer_id"]: {name: Fraction(row[name]) for name in row if name not in ("customer_id", "name")}
        for row in rows
    }


def mean(name: str) -> Fraction:
    return sum((row[name] for row in facts().values()), Fraction(0)) / len(facts())


def against_mean(name: str, amount: Fraction) -> Fraction:
    return min(amount / mean(name), Fraction(3)) / 3


def test_current_value_is_consumption_users_and_products() -> None:
    most = max(row["products"] for row in facts().values())
    for record in records():
        row = facts()[record["customer_id"]]
        expected = (
            Fraction(5, 10) * against_mean("consumption", row["consumption"])
            + Fraction(3, 10) * against_mean("bundled_users", row["bundled_users"])
            + Fraction(2, 10) * row["products"] / most
        )
        assert abs(Fraction(record["current_value"]) - expected) < Fraction(1, 10**6)


def test_potential_value_has_the_six_indexes_of_the_seed() -> None:
    for record in records():
        row = facts()[record["customer_id"]]
        expected = (
            Fraction(25, 100) * row["importance"] / 5
            + Fraction(20, 100) * against_mean("staff", row["staff"])
            + Fraction(20, 100) * row["informatization"] / 5
            + Fraction(10, 100) * (1 - row["price_sensitivity"] / 5)
            + Fraction(15, 100) * row["loyalty"] / 5
            + Fraction(10, 100) * row["on_time"]
        )
        assert abs(Fraction(record["potential_value"]) - expected) < Fraction(1, 10**6)


def test_everybody_is_in_one_of_four_quadrants() -> None:
    assert Counter(record["quadrant"] for record in records()) == {
        "core": 13,
        "maintain": 5,
        "nurture": 10,
        "standard": 22,
    }
    assert results().findings == ()


def test_a_fifth_brings_four_fifths(tmp_path: Path) -> None:
    profits = sorted((row["profit"] for row in facts().values()), reverse=True)
    share = sum(profits[:10]) / sum(profits)
    assert Fraction(80, 100) <= share
    assert kpis(session_of("group_value", tmp_path), "--engine duckdb") == {
        ("vital_share", ""): f"{float(share):.4f}"
    }
    assert sum(record["profit_class"] == "vital" for record in records()) == 10
