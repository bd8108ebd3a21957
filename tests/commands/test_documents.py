"""The JSON that commands write is what its published schema says."""

import json
import os
from pathlib import Path

import pytest

from lifeseg.cli.differences.document import ChangeDocument
from lifeseg.cli.documents import DOCUMENTS, Listing, Tests, WhatIf, schema
from tests.commands.conftest import ROOT, Lifeseg

SCHEMAS = ROOT / "lifeseg/cli/schemas"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_published_schema(name: str) -> None:
    path = SCHEMAS / f"{name}.schema.json"
    if os.environ.get("LIFESEG_RECORD"):
        path.write_text(schema(name), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == schema(name)


def test_list(lifeseg: Lifeseg, shop: Path) -> None:
    document = Listing.model_validate_json(
        lifeseg("list", "guest", "--format", "json", "--columns", "loyalty,signs").out
    )
    assert (document.total, document.among, document.entity) == (2, 3, "customer")
    assert document.records == [
        {"customer_id": "bob", "loyalty": "0.25", "signs": ["buys"]},
        {"customer_id": "cem", "loyalty": "0.60025", "signs": ["happy"]},
    ]


def test_whatif(lifeseg: Lifeseg, shop: Path) -> None:
    finished = lifeseg("whatif", "cem", "--set", "spent=300", "--format", "json")
    document = WhatIf.model_validate_json(finished.out)
    assert document.key == "cem"
    assert {change.name for change in document.changed} == {"spent_level", "loyalty"}
    [loyalty] = [change for change in document.changed if change.name == "loyalty"]
    assert (loyalty.band_before, loyalty.band_after) == ("loyal", "loose")


def test_whatif_of_a_child_shows_what_it_does_to_its_parent(lifeseg: Lifeseg, shop: Path) -> None:
    """One order of 10 CNY makes Ann regular."""
    Path("data/order.csv").write_text("customer_id,amount\nann,10\nann,1\n", encoding="utf-8")
    finished = lifeseg("whatif", "ann/1", "--set", "amount=5", "--format", "json")
    document = WhatIf.model_validate_json(finished.out)
    assert {(change.key, change.name): change.after for change in document.changed} == {
        ("ann", "class"): "guest"
    }
    assert (
        "no decision about ann/1 changes and ann's class changes from regular to guest" in document.sentence
    )
    assert "class of ann" in lifeseg("whatif", "ann/1", "--set", "amount=5").out


def test_test(lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    policy.write_text(policy.read_text().replace("| regular | 0.90", "| guest   | 0.90"))
    finished = lifeseg("test", "--format", "json")
    assert finished.code == 1
    [outcome] = Tests.model_validate_json(finished.out).tests
    assert (outcome.passed, outcome.expectations) == (False, 2)
    assert [(failure.name, failure.wanted, failure.found) for failure in outcome.failures] == [
        ("class", "guest", "regular")
    ]
    assert 'failures="1"' in lifeseg("test", "--format", "junit").out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_check(form: str, lifeseg: Lifeseg, shop: Path) -> None:
    assert json.loads(lifeseg("check", "--format", form).out)["version"]


def test_explain(lifeseg: Lifeseg, shop: Path) -> None:
    document = json.loads(lifeseg("explain", "ann", "--format", "json").out)
    assert (document["version"], document["key"]) == (1, "ann")
    assert lifeseg("explain", "ann", "--format", "markdown").out.startswith("#")


def test_diff(lifeseg: Lifeseg, shop: Path) -> None:
    """Every kind of thing that a change may do, in the form that is promised."""
    new = shop / "new"
    new.mkdir()
    text = (shop / "rules/shop/shop.seg").read_text(encoding="utf-8")
    text = text.replace("= 0.60", "= 0.61").replace("satisfaction >= 4", "satisfaction >= 2")
    (new / "shop.seg").write_text(text, encoding="utf-8")
    words = ("--format", "json", "--prove", "--value", "loyalty", "--fail-if", "moved > 0")
    document = ChangeDocument.model_validate_json(lifeseg("diff", "rules/shop", "new", *words).out)
    assert {(rule.name, rule.line) for rule in document.rules} == {("loyal_from", 5), ("happy", 34)}
    assert [way.flag for way in document.moves[0].went if way.definition == "signs"] == ["happy"]
    assert {one.verdict for one in document.can_happen} == {"refuted"}
    assert [gate.fails for gate in document.gates] == [True]
