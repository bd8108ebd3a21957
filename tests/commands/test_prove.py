"""lifeseg prove: what is said, as text and as a document; the tests it leaves; and what it is asked wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

POLICY = Path("rules/shop/shop.seg")
GAP = "loyalty is loose\n    or no order: amount >= 10 CNY"


@pytest.fixture
def gap(shop: Path) -> Path:
    """The policy has a gap: nobody thought of who is loyal and orders nothing."""
    text = POLICY.read_text(encoding="utf-8")
    assert text.count(GAP) == 1
    POLICY.write_text(text.replace(GAP, "loyalty is loose"), encoding="utf-8")
    return shop


@pytest.mark.usefixtures("shop")
def test_everything_is_proved(lifeseg: Lifeseg) -> None:
    finished = lifeseg("prove")
    assert finished.code == 0
    assert "class     proved   complete, disjoint, 2 of 2 reachable" in finished.out
    assert finished.err == ""


@pytest.mark.usefixtures("gap")
def test_a_gap_is_refuted_with_a_customer(lifeseg: Lifeseg) -> None:
    finished = lifeseg("prove", "--of", "class", "--format", "json")
    assert finished.code == 1
    found = json.loads(finished.out)
    (refuted,) = [answer for answer in found["answers"] if answer["verdict"] == "refuted"]
    assert (refuted["subject"], refuted["kind"]) == ("class", "complete")
    assert refuted["place"] == "shop.seg:26"
    assert refuted["witness"]["test"].startswith('test "class: complete"')


@pytest.mark.usefixtures("gap")
def test_its_test_fails_as_long_as_there_is_the_gap(lifeseg: Lifeseg) -> None:
    finished = lifeseg("prove", "--tests", "rules/shop/found.seg", "--format", "json")
    assert finished.code == 1
    assert finished.err == "1 test written to rules/shop/found.seg\n"
    assert json.loads(finished.out)["policy"]["name"] == "shop"
    failed = lifeseg("test")
    assert failed.code == 1
    assert "failed class: complete" in failed.out
    text = POLICY.read_text(encoding="utf-8")
    POLICY.write_text(text.replace("when loyalty is loose", f"when {GAP}"), encoding="utf-8")
    assert lifeseg("test").code == 0


@pytest.mark.usefixtures("shop")
def test_a_name_that_is_not_there(lifeseg: Lifeseg) -> None:
    finished = lifeseg("prove", "--of", "clas")
    assert finished.code == 2
    assert finished.out == ""
    assert "clas" in finished.err
    assert "did you mean `class`?" in finished.err


@pytest.mark.usefixtures("gap")
def test_a_file_that_is_there_is_left_alone(lifeseg: Lifeseg) -> None:
    before = POLICY.read_bytes()
    finished = lifeseg("prove", "--tests", POLICY)
    assert finished.code == 2
    assert "is there already, and may have been edited since" in finished.err
    assert lifeseg("test", "--generate", "--out", POLICY).code == 2
    assert POLICY.read_bytes() == before


@pytest.mark.usefixtures("shop")
def test_a_place_that_cannot_be_written(lifeseg: Lifeseg) -> None:
    finished = lifeseg("prove", "--tests", "nowhere/found.seg")
    assert finished.code == 2
    assert "nowhere/found.seg" in finished.err
