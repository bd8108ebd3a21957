"""The Python API does what the commands do, on paths, dicts and models."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import lifeseg
from lifeseg import ConfigurationError, DataError, Policy, PolicyError
from tests.commands.conftest import ROOT

ANN = {
    "customer_id": "ann",
    "satisfaction": 5,
    "spent": 800,
    "order": [{"amount": 10}, {"amount": Decimal(300)}],
}


@pytest.fixture
def policy(shop: Path) -> Policy:
    return lifeseg.load("rules/shop")


def test_importing_lifeseg_is_cheap() -> None:
    program = (
        "import sys, lifeseg; print(*sorted(name for name in sys.modules if name.startswith('lifeseg.')))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == ""


def test_every_exported_name_is_there() -> None:
    assert all(getattr(lifeseg, name) is not None for name in lifeseg.__all__)
    assert dir(lifeseg) == sorted(lifeseg.__all__)
    with pytest.raises(AttributeError):
        _ = lifeseg.nothing  # type: ignore[attr-defined]


def test_population(policy: Policy) -> None:
    results = policy.run("data", date(2024, 1, 31))
    assert results.column("customer", "class") == ["regular", "guest", "guest"]
    assert results.column("customer", "loyalty")[2] == Decimal("0.60025")
    assert results.keys("order") == [("ann", "1"), ("bob", "1"), ("ann", "2")]
    ann = results.record("customer", results.index("customer", "ann"))
    assert ann["signs"] == ["buys", "happy"]
    assert [order["size"] for order in ann["order"]] == [[], ["large"]]
    assert results.findings == ()


def test_one_record_as_dict_and_as_model(policy: Policy) -> None:
    ann = policy.run("data", "2024-01-31").record("customer", 0)
    assert policy.evaluate(ANN, "2024-01-31") == ann
    model = policy.record_model()
    assert policy.evaluate(model.model_validate(ANN), "2024-01-31") == ann
    assert policy.trace(ANN, "2024-01-31").record.key == "ann"


def test_record_model_knows_the_declared_schema(policy: Policy) -> None:
    schema = policy.record_model().model_json_schema()
    assert schema["properties"]["satisfaction"] | {"title": ""} == {
        "description": "Satisfaction", "maximum": 5, "minimum": 1, "title": "", "type": "integer",
    }  # fmt: skip
    assert "order" in schema["properties"]
    for wrong in ({"satisfaction": 6}, {"spent": "0.001"}, {"unheard_of": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            policy.record_model().model_validate({**ANN, **wrong})


def test_errors_carry_findings_and_read_well(policy: Policy, shop: Path) -> None:
    with pytest.raises(DataError, match="data-unknown-column"):
        policy.evaluate({**ANN, "satisfacton": 4}, "2024-01-31")
    with pytest.raises(ConfigurationError, match="is not a day"):
        policy.run("data", "2024-31-01")
    with pytest.raises(ConfigurationError, match="no folder"):
        policy.run("nowhere", "2024-01-31")
    with pytest.raises(ConfigurationError, match="there is no policy"):
        lifeseg.load("nowhere")
    text = shop / "rules/shop/shop.seg"
    text.write_text(text.read_text().replace("/ 5", "/ five"))
    with pytest.raises(PolicyError, match=r"shop\.seg:16") as caught:
        lifeseg.load("rules/shop")
    assert caught.value.findings[0].code == "unknown-name"


def test_a_population_is_needed_for_what_compares_with_it(orgcust: Path) -> None:
    policy = lifeseg.load(ROOT / "rules/orgcust")
    results = policy.run({"customer": "customers.csv", "usage": "usage.csv"}, "2013-06-30")
    record = {fact.name: None for fact in policy.model.entities["customer"].facts}
    with pytest.raises(ConfigurationError, match="baseline-needed"):
        policy.evaluate(record, "2013-06-30")
    assert results.baseline["counts"] == {"customer": 150, "usage": 412}


def test_results_are_written_as_the_command_does(policy: Policy, shop: Path) -> None:
    policy.run("data", "2024-01-31").write("out", "csv")
    assert {path.name for path in Path("out").iterdir()} == {"customer.csv", "order.csv", "run.json"}
