"""The compiled form: what `evaluate` gives, from many threads at once, and the same errors."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import lifeseg as api

ROOT = Path(__file__).resolve().parents[2]
DATA = {
    name: ROOT / f"examples/orgcust/{file}.csv"
    for name, file in (("customer", "customers"), ("usage", "usage"))
}
DAY = "2013-06-30"


@pytest.fixture(scope="module")
def policy() -> api.Policy:
    return api.load(ROOT / "rules/orgcust")


@pytest.fixture(scope="module")
def results(policy: api.Policy) -> api.Results:
    return policy.run(DATA, DAY)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    with DATA["customer"].open(encoding="utf-8", newline="") as file:
        customers = {row["customer_id"]: {**row, "usage": []} for row in csv.DictReader(file)}
    with DATA["usage"].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            customers[row.pop("customer_id")]["usage"].append(row)
    return list(customers.values())


def test_same_as_the_population(
    policy: api.Policy, results: api.Results, records: list[dict[str, Any]]
) -> None:
    decide = policy.compile(DAY, baseline=results.baseline)
    for record, found in zip(records, decide.batch(records), strict=True):
        expected = results.record("customer", results.index("customer", record["customer_id"]))
        assert found == expected


def test_threads_share_it(policy: api.Policy, results: api.Results, records: list[dict[str, Any]]) -> None:
    decide = api.compile(policy, as_of=DAY, baseline=results.baseline, only=["contract_type"])
    expected = decide.batch(records)
    assert set(expected[0]) == {"customer_id", "contract_type", "usage"}
    for record, found in zip(records, expected, strict=True):
        at = results.index("customer", record["customer_id"])
        assert found["contract_type"] == results.record("customer", at)["contract_type"]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(decide, records * 20)) == expected * 20


@pytest.mark.parametrize(
    "change", [{"satisfaction": 9}, {"staff_size": None}, {"unheard_of": 1}, {"usage": "none"}]
)
def test_a_bad_value_is_said_as_elsewhere(
    change: dict[str, Any], policy: api.Policy, results: api.Results, records: list[dict[str, Any]]
) -> None:
    decide = policy.compile(DAY, baseline=results.baseline)
    record = {**records[0], **change}
    with pytest.raises(api.DataError) as expected:
        policy.evaluate(record, DAY, baseline=results.baseline)
    with pytest.raises(api.DataError) as raised:
        decide(record)
    assert str(raised.value) == str(expected.value)


def test_a_baseline_is_needed(policy: api.Policy) -> None:
    with pytest.raises(api.ConfigurationError, match="baseline"):
        policy.compile(DAY)
