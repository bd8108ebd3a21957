"""A retention policy on IBM's public file of 7,043 customers: the published shares come out of its KPIs."""

import shutil
from pathlib import Path

import pytest

from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

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
    ("leaving_expected", ""): "0.267",
    ("lost_of_likely", ""): "0.5534",
    ("lost_of_unlikely", ""): "0.1041",
    ("alike", "senior_citizen"): "0.1357",
    ("alike", "other"): "0.0695",
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


def test_the_scorecard_is_what_is_learnt_from_the_published_file(tmp_path: Path) -> None:
    if not PUBLISHED.exists():
        pytest.skip("shared/data is not beside this checkout")
    session = session_of("telco_churn", tmp_path)
    assert session.place is not None
    shutil.copy(PUBLISHED, session.place / "customers.csv")
    printed = session.run(
        "lifeseg learn scorecard --target churned --columns contract,tenure,internet,security,support,payment,monthly,"
        "partner,dependents --name leaving --out ../../rules/telco_churn/leaving.seg"
    )
    assert "AUC 0.84" in printed, printed
    learnt = (tmp_path / "rules/telco_churn/leaving.seg").read_bytes()
    assert learnt == (ROOT / "rules/telco_churn/leaving.seg").read_bytes()
