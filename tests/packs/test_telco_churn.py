"""A retention policy on IBM's public file of 7,043 customers: the published shares come out of its KPIs."""

import shutil
from pathlib import Path

import pytest

from tests.docs.recorded import ROOT
from tests.packs.example import assert_page_is_true, kpis, result_hash, session_of, without_chinese

PUBLISHED = ROOT.parent / "shared" / "data" / "ibm_telco_customer_churn.csv"

EXPECTED = {
    ("churn", ""): "0.2654",
    ("churn_by_contract", "Month-to-month"): "0.4271",
    ("churn_by_contract", "One year"): "0.1127",
    ("churn_by_contract", "Two year"): "0.0283",
    ("mean_tenure", ""): "32.3711",
    ("mean_monthly", ""): "64.7617",
    ("revenue", ""): "456116.6",
    ("revenue_lost", ""): "139130.85",
    ("seniors", ""): "1142",
    ("churn_by_risk", "high"): "0.5491",
    ("churn_by_risk", "medium"): "0.2292",
    ("churn_by_risk", "low"): "0.0587",
}


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_the_published_file(engine: str, tmp_path: Path) -> None:
    if not PUBLISHED.exists():
        pytest.skip("shared/data is not beside this checkout")
    session = session_of("telco_churn", tmp_path)
    assert session.place is not None
    shutil.copy(PUBLISHED, session.place / "customers.csv")
    found = kpis(session, f"--engine {engine}")
    assert {key: found.get(key) for key in EXPECTED} == EXPECTED


def test_both_engines_agree_on_the_example(tmp_path: Path) -> None:
    session = session_of("telco_churn", tmp_path)
    assert result_hash(session, "interpreter") == result_hash(session, "duckdb")


def test_the_example_reads_as_it_runs(tmp_path: Path) -> None:
    assert_page_is_true("telco_churn", tmp_path)


def test_everything_titled_has_a_chinese_title() -> None:
    assert without_chinese("telco_churn") == []
