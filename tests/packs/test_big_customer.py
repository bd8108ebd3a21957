"""The pack big_customer: four kinds, the grade of who is of two, a rival definition, three groups that keep for a year."""

import csv
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lifeseg
from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

DATA = ROOT / "examples/big_customer/customers.csv"
RULES = ROOT / "rules/big_customer"

PLAIN = {
    "customer_id": "X",
    "name": "X",
    "kind": "enterprise",
    "rural": "no",
    "fee": "3000",
    "group_lease": "no",
    "exemplary": "no",
    "contested": "no",
    "growing": "no",
}
OF_A_KIND = {
    "important": {"kind": "military"},
    "high_value": {"fee": "3000.01"},
    "group_customer": {"group_lease": "yes"},
    "strategic": {"growing": "yes"},
}


@cache
def results() -> lifeseg.Results:
    return lifeseg.load(RULES).run({"customer": str(DATA)}, as_of="2013-06-30")


def records() -> list[dict[str, Any]]:
    return [results().record("customer", index) for index in range(60)]


def decided(**facts: str) -> dict[str, Any]:
    return lifeseg.load(RULES).evaluate({**PLAIN, **facts}, "2013-06-30", baseline=results().baseline)


def test_three_thousand_yuan_are_not_more_than_three_thousand() -> None:
    assert decided()["group_now"] == "business"
    assert decided(fee="3000.01")["kinds"] == ["high_value"]


@pytest.mark.parametrize("first", OF_A_KIND)
@pytest.mark.parametrize("second", OF_A_KIND)
def test_one_kind_makes_a_big_customer_and_two_the_special_grade(first: str, second: str) -> None:
    found = (
        decided(**OF_A_KIND[first], **OF_A_KIND[second]) if first != second else decided(**OF_A_KIND[first])
    )
    assert set(found["kinds"]) == {first, second}
    assert found["group_now"] == "big"
    assert found["grade"] == (["special"] if first != second else [])


def test_key_customers_bring_between_20_and_30_percent(tmp_path: Path) -> None:
    with DATA.open(encoding="utf-8") as file:
        fees = sorted((Fraction(row["fee"]) for row in csv.DictReader(file)), reverse=True)
    share = sum(fee for fee in fees if fee >= 20000) / sum(fees)
    assert Fraction(20, 100) <= share <= Fraction(30, 100)
    assert kpis(session_of("big_customer", tmp_path), "")["key_share", ""] == f"{float(share):.4f}"
    assert results().findings == ()


def test_without_history_the_group_is_that_of_today() -> None:
    assert all(record["customer_group"] == record["group_now"] for record in records())
    assert Counter(record["customer_group"] for record in records()) == {
        "big": 22,
        "business": 11,
        "public": 27,
    }


def test_each_group_has_its_service_and_one_main_channel() -> None:
    services = {(record["customer_group"], record["service"]) for record in records()}
    assert services == {("big", "personalised"), ("business", "professional"), ("public", "standard")}
    for record in records():
        assert len(record["channel"]) == 2
        assert "call_centre" in record["channel"]


def test_a_group_moves_at_the_end_of_the_year_and_not_before(tmp_path: Path) -> None:
    """B9 is big by its fees alone; they fall in July, and the group follows on the day of the review."""
    session = session_of("big_customer", tmp_path)
    assert session.place is not None
    session.run("lifeseg run")
    customers = session.place / "customers.csv"
    text = customers.read_text(encoding="utf-8")
    customers.write_text(
        text.replace("Family Wen,household,no,3480,", "Family Wen,household,no,100,"), encoding="utf-8"
    )
    for day in ("2013-07-31", "2013-12-30", "2013-12-31"):
        session.run(f"lifeseg run --as-of {day}")
        assert session.status == 0
    changes = [line.split() for line in session.run("lifeseg history B9").splitlines()]
    assert ["2013-07-31", "group_now", "big", "→", "public", "run", "2"] in changes
    assert ["2013-12-31", "customer_group", "big", "→", "public", "run", "4"] in changes
