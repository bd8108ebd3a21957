"""The compiled form by columns: what a run gives, from many threads at once, and all that is wrong is said."""

import csv
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lifeseg as api
from lifeseg.pipeline.compiling import Compiled

ROOT = Path(__file__).resolve().parents[2]
DATA = {
    name: ROOT / f"examples/orgcust/{file}.csv"
    for name, file in (("customer", "customers"), ("usage", "usage"))
}
DAY = "2013-06-30"
Tables = dict[str, dict[str, list[Any]]]


@pytest.fixture(scope="module")
def policy() -> api.Policy:
    return api.load(ROOT / "rules/orgcust")


@pytest.fixture(scope="module")
def results(policy: api.Policy) -> api.Results:
    return policy.run(DATA, DAY)


@pytest.fixture(scope="module")
def decide(policy: api.Policy, results: api.Results) -> Compiled:
    return policy.compile(DAY, baseline=results.baseline)


@pytest.fixture
def tables() -> Tables:
    """The example's files as columns of texts, fresh for each test."""
    found: Tables = {}
    for entity, path in DATA.items():
        with path.open(encoding="utf-8", newline="") as file:
            heading, *rows = csv.reader(file)
        found[entity] = {
            name: [*column] for name, column in zip(heading, zip(*rows, strict=True), strict=True)
        }
    return found


def typed(tables: Tables) -> Tables:
    """Numbers as numbers, yes and no as truth values, nothing as None."""
    return {
        entity: {name: [*map(as_python, column)] for name, column in table.items()}
        for entity, table in tables.items()
    }


def as_python(text: str) -> Any:
    if text in ("", "yes", "no"):
        return {"": None, "yes": True, "no": False}[text]
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return text


def test_same_as_a_run(decide: Compiled, results: api.Results, tables: Tables) -> None:
    found = decide.columns(tables)
    assert decide.columns(typed(tables)) == found
    for entity, columns in found.items():
        own = {name: column for name, column in columns.items() if (entity, name) != ("usage", "customer_id")}
        assert own == {name: results.column(entity, name) for name in own}
    assert found["usage"]["customer_id"] == tables["usage"]["customer_id"]


def test_same_as_records(decide: Compiled, tables: Tables) -> None:
    customers, usage = (rows_of(table) for table in typed(tables).values())
    for customer in customers:
        customer["usage"] = [
            {name: value for name, value in row.items() if name != "customer_id"}
            for row in usage if row["customer_id"] == customer["customer_id"]
        ]  # fmt: skip
    found, expected = decide.columns(tables), decide.batch(customers)
    own = [{name: value for name, value in one.items() if name != "usage"} for one in expected]
    assert rows_of(found["customer"]) == own


def rows_of(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_threads_share_it(policy: api.Policy, results: api.Results, tables: Tables) -> None:
    """Also while it is being made, and while it learns what values mean."""
    decide = policy.compile(DAY, baseline=results.baseline, only=["contract_type"])
    given = [shifted(tables, days) for days in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(decide.columns, given))
    assert found == [
        policy.compile(DAY, baseline=results.baseline, only=["contract_type"]).columns(one) for one in given
    ]
    assert [*found[0]["customer"]] == ["customer_id", "contract_type"]


def shifted(tables: Tables, days: int) -> Tables:
    """The same with other days, typed."""
    usage = {**typed(tables)["usage"]}
    usage["contract_end"] = [
        None if not day else date.fromordinal(date.fromisoformat(day).toordinal() + days)
        for day in usage["contract_end"]
    ]
    return {**typed(tables), "usage": usage}


def test_columns_may_be_arrays_and_of_several_types(decide: Compiled, tables: Tables) -> None:
    expected, given = decide.columns(tables), typed(tables)
    given["customer"]["staff_size"] = np.array(given["customer"]["staff_size"])  # type: ignore[assignment]
    given["customer"]["wallet_share"] = [Decimal(text) for text in tables["customer"]["wallet_share"]]
    given["usage"]["arrears"][0] = str(given["usage"]["arrears"][0])
    assert decide.columns(given) == expected


def test_nobody(decide: Compiled, tables: Tables) -> None:
    empty: Tables = {entity: {name: [] for name in table} for entity, table in tables.items()}
    found = decide.columns(empty)
    assert found["customer"]["contract_type"] == found["usage"]["at_risk"] == []


def findings_of(decide: Compiled, tables: Tables) -> list[tuple[str, int | None]]:
    """Keys of the catalogue, and the rows they are about."""
    with pytest.raises(api.DataError) as raised:
        decide.columns(tables)
    return [(one.key, one.span.line if one.span else None) for one in raised.value.findings]


def test_all_that_is_wrong_is_said(decide: Compiled, tables: Tables) -> None:
    tables["customer"]["satisfaction"][2] = "9"
    tables["customer"]["satisfaction"][4] = ""
    tables["usage"]["customer_id"][3] = "C999"
    assert findings_of(decide, tables) == [("data-range", 3), ("data-missing-value", 5), ("data-orphan", 4)]


def test_what_no_cell_can_hold(decide: Compiled, tables: Tables) -> None:
    tables["usage"]["dependence"][1] = object()
    assert findings_of(decide, tables) == [("data-type", 2)]


def test_wrong_tables(decide: Compiled, tables: Tables) -> None:
    assert findings_of(decide, {"customer": tables["customer"]}) == [("data-file.not-given", None)]
    assert findings_of(decide, {**tables, "usgae": {}}) == [("data-file.no-entity", None)]
    del tables["usage"]["dependence"]
    assert findings_of(decide, tables) == [("data-missing-column", 1)]


def test_columns_of_two_lengths(decide: Compiled, tables: Tables) -> None:
    tables["customer"]["arrears"].pop()
    assert findings_of(decide, tables)[0] == ("data-row-length.columns", 1)


def test_a_key_twice(decide: Compiled, tables: Tables) -> None:
    for column in tables["usage"].values():
        column.append(column[0])
    assert {key for key, _ in findings_of(decide, tables)} == {"data-duplicate-key"}


def test_without_numpy(
    policy: api.Policy, results: api.Results, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    decide = policy.compile(DAY, baseline=results.baseline)
    with pytest.raises(api.ConfigurationError, match=r"pip install 'lifeseg\[columns\]'"):
        decide.columns(tables)
