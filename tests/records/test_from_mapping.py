"""One record given by a program: the same values and the same checks as from a file."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lifeseg.records.from_mapping import from_mapping
from tests.records.customers import ENTITIES, customers, first, in_words, keys, only, said, values

RECORD: Mapping[str, Any] = {
    "customer_id": "C1",
    "satisfaction": 4,
    "income": Decimal("1234.50"),
    "wallet_share": 0.1 + 0.2,
    "hours": "8.25",
    "partnership": True,
    "since": datetime.date(2013, 6, 30),
    "arrears": None,
    "programme": "2G",
    "usage": [
        {"product": "data", "level": 5, "call": [{"minutes": 3}, {"minutes": "4"}]},
        {"product": "ict", "level": 1.0, "call": ()},
    ],
}


def test_values(tmp_path: Path) -> None:
    loaded = from_mapping(ENTITIES, RECORD)
    assert keys(loaded) == []
    text = """customer_id,satisfaction,income,wallet_share,hours,partnership,since,programme
C1,4,1234.50,0.3,8.25,true,2013-06-30,2G
"""
    assert values(loaded) == values(customers(tmp_path, text))
    assert values(loaded, "usage") == [("data", 5), ("ict", 1)]
    assert values(loaded, "call") == [(3,), (4,)]
    assert loaded.population is not None
    rows = loaded.population.rows
    assert (rows["customer"].parents, rows["usage"].parents, rows["call"].parents) == ([], [0, 0], [0, 0])


def test_a_record_without_children() -> None:
    loaded = from_mapping(ENTITIES, {"customer_id": "C1", "satisfaction": 4, "usage": None})
    assert values(loaded, "usage") == []


def test_a_record_of_another_entity() -> None:
    loaded = from_mapping(ENTITIES, {"product": "data", "level": 4}, "usage")
    assert values(loaded, "usage") == [("data", 4)]


def test_fingerprint_is_that_of_the_values() -> None:
    def fingerprint(**changed: object) -> str:
        population = from_mapping(ENTITIES, {**RECORD, **changed}).population
        assert population is not None
        return population.fingerprint

    assert fingerprint() == fingerprint() == fingerprint(satisfaction="4")
    assert fingerprint() != fingerprint(satisfaction=5)


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("satisfaction", 9, "data-range"),
        ("satisfaction", None, "data-missing-value"),
        ("satisfaction", True, "data-type"),
        ("satisfaction", float("nan"), "data-type.not-finite"),
        ("satisfaction", [4], "data-type"),
        ("satisfaction", Decimal("1e5000"), "data-type"),
        ("income", Decimal("0.001"), "data-step"),
        ("income", Decimal("NaN"), "data-type.not-finite"),
        ("since", datetime.datetime(2013, 6, 30, 12), "data-type.time-of-day"),  # noqa: DTZ001
        ("since", "30.6.2013", "data-type.date"),
        ("programme", "3G", "data-choice"),
        ("partnership", "perhaps", "data-type.truth"),
        ("usage", {"product": "data"}, "data-type.records"),
        ("usage", "data", "data-type.records"),
        ("usage", ["data"], "data-type.records"),
        ("incom", 5, "data-unknown-column.record"),
        (5, 5, "data-unknown-column.record"),
    ],
)
def test_refuses(name: Any, value: object, key: str) -> None:
    loaded = from_mapping(ENTITIES, {**RECORD, name: value})
    assert keys(loaded) == [key]
    assert loaded.population is None


def test_a_number_too_long_to_be_written() -> None:
    assert keys(from_mapping(ENTITIES, {**RECORD, "satisfaction": 10**5000})) == ["data-type"]


def test_missing_fact() -> None:
    assert only(from_mapping(ENTITIES, {"customer_id": "C1"})).arguments["column"] == "satisfaction"


def test_the_path_is_told() -> None:
    product = {"product": "voice", "level": 2, "call": [{"minutes": 1}, {"minutes": "x"}]}
    found = only(from_mapping(ENTITIES, {**RECORD, "usage": [*RECORD["usage"], product]}))
    assert in_words(found).startswith("`x` in `usage[3].call[2].minutes` is not a whole number")


def test_duplicate_children() -> None:
    twice = [{"product": "data", "level": 2}, {"product": "ict", "level": 2}, {"product": "data", "level": 3}]
    loaded = from_mapping(ENTITIES, {**RECORD, "usage": twice})
    assert said(loaded).startswith("number 3 of `usage` has the key `data` of number 1")


def test_the_same_key_under_different_parents() -> None:
    loaded = from_mapping(ENTITIES, RECORD)
    assert first(loaded)["customer_id"] == "C1"
