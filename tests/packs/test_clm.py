"""The pack clm: Table 2's labels say all about themselves, targets are the published ones, who opted out is never asked."""

import json
from functools import cache
from pathlib import Path

import pytest

import lifeseg
from lifeseg.model.model import Flag, Model
from lifeseg.pipeline.stages import check
from tests.docs.recorded import ROOT
from tests.packs.example import session_of

PACK = "clm"
FOLDER = ROOT / "examples" / PACK
AS_OF = "2025-11-30"
CATEGORIES = {  # Table 2: how often each is renewed
    "demographic": "manual",
    "consumption": "daily or monthly",
    "product use": "real time or daily",
    "behaviour over time": "weekly or monthly",
    "service interaction": "real time or daily",
    "social": "weekly",
}
TARGETS = {  # section 3.3
    "accuracy": (">=", "0.85"),
    "automatic": (">=", "0.7"),
    "response": (">", "0.1"),
    "on_time": (">=", "0.95"),
    "return": (">", "2"),
    "churn_change": ("<=", "-0.15"),
    "value_change": (">=", "0.05"),
}


@cache
def model() -> Model:
    return check(ROOT / "rules" / PACK).good()


@cache
def results() -> lifeseg.Results:
    data = {name: FOLDER / f"{name}s.csv" for name in ("customer", "task")}
    return lifeseg.load(ROOT / "rules" / PACK).run(data, as_of=AS_OF)


def test_six_categories_of_labels() -> None:
    labels = [
        found for found in model().definitions if isinstance(found, Flag) and "category" in found.information
    ]
    assert {one.information["category"]: one.information["refresh"] for one in labels} == CATEGORIES
    assert all({"source", "refresh", "owner", "use_for"} <= one.information.keys() for one in labels)


@pytest.mark.parametrize("name", TARGETS)
def test_the_published_targets(name: str) -> None:
    [kpi] = [kpi for kpi in model().kpis if kpi.name == name]
    operator, limit = TARGETS[name]
    assert kpi.target is not None
    assert kpi.target.operator == operator
    text = (ROOT / "rules" / PACK / "clm.seg").read_text(encoding="utf-8")
    after = text.partition(f"\n  {name} ")[2].partition("target ")[2].split("\n")[0]
    amount = after.removeprefix(operator).strip()
    found = float(amount.rstrip("%")) / (100 if amount.endswith("%") else 1)
    assert found == float(limit)


def test_who_opted_out_is_asked_nothing() -> None:
    out, asked = (results().column("customer", name) for name in ("opted_out", "next_product_best"))
    pairs = set(zip(out, (offer is not None for offer in asked), strict=True))
    assert pairs == {(True, False), (False, True), (False, False)}


def test_personal_facts_are_masked(tmp_path: Path) -> None:
    session = session_of(PACK, tmp_path)
    masked = session.run("lifeseg explain L035 --format json 2>/dev/null")
    facts = {one["name"]: one["value"] for one in json.loads(masked)["trace"]["record"]["facts"]}
    assert (facts["name"], facts["age"]) == ("•••", "•••")


def test_tasks_are_handed_out_to_whom_something_can_be_done(tmp_path: Path) -> None:
    """Nobody who is to be left in peace, or has left; and an offer is pitched to those to whom it is made."""
    session = session_of(PACK, tmp_path)
    session.run("lifeseg run 2>/dev/null")
    found = json.loads(session.run("lifeseg tasks --format json"))["tasks"]
    own = results()
    row = {key: index for index, (key,) in enumerate(own.keys("customer"))}
    for one in found:
        stage, measure = (own.column("customer", name)[row[one["key"]]] for name in ("stage", "measure"))
        assert stage != "exit"
        assert measure not in ("leave_alone", "let_go", "wait")
        assert (one["name"] == "keep") == (one["about"] == measure)
        assert one["name"] == "keep" or one["name"] == f"pitch_{one['about']}"
    assert {one["name"] for one in found if one["key"] == "L035"} == {
        "keep",
        "pitch_offer_5g",
        "pitch_offer_television",
    }
