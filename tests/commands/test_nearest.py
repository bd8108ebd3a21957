"""lifeseg nearest: what is said of one record and of many, as text and as documents; what it is asked wrongly."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from lifeseg.cli.cheapest.document import NearestDocument
from lifeseg.records import files
from tests.commands.conftest import Lifeseg

POLICY = Path("rules/shop/shop.seg")


def declare(fact: str, line: str) -> None:
    """A line beneath a fact of the policy."""
    text = POLICY.read_text(encoding="utf-8")
    assert text.count(f"  {fact} ") >= 1
    head, _, rest = text.partition(f"  {fact} ")
    first, _, more = rest.partition("\n")
    POLICY.write_text(f"{head}  {fact} {first}\n    {line}\n{more}", encoding="utf-8")


@pytest.fixture
def priced(shop: Path) -> Path:
    """What changes of a customer cost is declared, in hours of work; the amounts of orders stay."""
    declare("satisfaction", "changes up cost 3 hours")
    declare("spent", "changes up by 50 CNY cost 1 hours")
    return shop


def document(lifeseg: Lifeseg, *arguments: str) -> NearestDocument:
    return NearestDocument.model_validate_json(lifeseg("nearest", *arguments, "--format", "json").out)


@pytest.mark.usefixtures("priced")
def test_the_cheapest_way_comes_first(lifeseg: Lifeseg) -> None:
    """Bob needs 0.60 of 0.25: satisfaction gives 0.10 for 3 hours, 50 CNY give 0.025 for one."""
    found = document(lifeseg, "bob", "--to", "loyal")
    (record,) = found.records
    assert (found.unit, record.status, record.at_least) == ("hours", "found", "11")
    first, *others = record.ways
    assert first.proved
    assert [(one.fact, one.before, one.after, one.steps) for one in first.changes] == [
        ("satisfaction", "2", "5", 3), ("spent", "100", "200", 2)
    ]  # fmt: skip
    assert [way.cost for way in record.ways] == sorted((way.cost for way in record.ways), key=float)
    assert {one.fact for way in others for one in way.changes} == {"spent"}


@pytest.mark.usefixtures("priced")
def test_what_is_said_is_what_whatif_finds(lifeseg: Lifeseg) -> None:
    finished = lifeseg("nearest", "bob", "--to", "loyal")
    assert finished.code == 0
    assert finished.out.startswith(
        "bob comes to loyal for 11 hours, if satisfaction goes from 2 to 5 and spent goes from"
    )
    assert "Proved: nothing cheaper leads there." in finished.out
    command = finished.out.rpartition("lifeseg ")[2].split()
    assert "loose → loyal" in lifeseg(*command).out


@pytest.mark.usefixtures("priced")
def test_no_way_is_proved(lifeseg: Lifeseg) -> None:
    """Cem has no order, and none is added."""
    finished = lifeseg("nearest", "cem", "--to", "class.regular")
    assert finished.code == 1
    assert (
        "cem cannot come to class.regular: whatever may change, nothing leads there. That is proved."
        in finished.out
    )
    assert lifeseg("nearest", "cem", "--to", "class.regular", "--lang", "zh").code == 1


@pytest.mark.usefixtures("priced")
def test_who_is_there_needs_nothing(lifeseg: Lifeseg) -> None:
    finished = lifeseg("nearest", "ann", "--to", "loyal")
    assert (finished.code, finished.out) == (0, "ann is in loyal already.\n")
    finished = lifeseg("nearest", "bob", "--to", "not loyal")
    assert (finished.code, finished.out) == (0, "bob is not in loyal.\n")


@pytest.mark.usefixtures("shop")
def test_without_costs_they_are_assumed_and_it_is_said(lifeseg: Lifeseg) -> None:
    """A point of satisfaction is a quarter of its range; the amount spent goes by a twentieth of its own."""
    finished = lifeseg("nearest", "cem", "--to", "not loyal")
    assert "Costs are assumed, for the policy declares none" in finished.out
    found = document(lifeseg, "cem", "--to", "not loyal", "--ways", "1")
    assert found.unit is None
    (change,) = found.records[0].ways[0].changes
    assert (change.fact, change.before, change.after) == ("spent", "400.5", "380.47")
    assert change.cost == "5"


@pytest.mark.usefixtures("shop")
def test_a_fact_that_never_changes_is_left_alone(lifeseg: Lifeseg) -> None:
    declare("spent", "changes never")
    found = document(lifeseg, "cem", "--to", "not loyal", "--ways", "1")
    (change,) = found.records[0].ways[0].changes
    assert change.fact == "satisfaction"


@pytest.mark.usefixtures("priced")
def test_an_assumption_goes_on_to_hold(lifeseg: Lifeseg) -> None:
    """Who spends 200 CNY or more is assumed to be content, so that satisfaction has to rise with it."""
    with POLICY.open("a", encoding="utf-8") as file:
        file.write('\nassume "Content" of customer when spent < 200 CNY or satisfaction >= 5\n')
    found = document(lifeseg, "bob", "--to", "loyal")
    assert all("satisfaction" in {one.fact for one in way.changes} for way in found.records[0].ways)


@pytest.mark.usefixtures("priced")
def test_a_work_list_has_the_most_valuable_first(lifeseg: Lifeseg) -> None:
    finished = lifeseg("nearest", "--segment", "guest", "--to", "regular", "--value", "spent")
    assert finished.code == 1  # cem cannot
    first, second, third, last, priced_so = finished.out.splitlines()
    assert first.split() == ["customer", "spent", "cost,", "hours", "what", "would", "have", "to", "change"]
    assert second.split()[:2] == ["cem", "400.5000"]
    assert "impossible, proved" in second
    assert third.split()[:2] == ["bob", "100"]
    assert last.startswith("0 of 2 can come there · shop 1.2.0 · as of 2024-01-31")
    assert priced_so.startswith("Costs and steps are those of the policy")
    shown = lifeseg("nearest", "--segment", "guest", "--to", "regular", "--value", "spent", "--top", "1")
    assert "2 in all" in shown.out


@pytest.mark.usefixtures("priced")
def test_every_format_has_the_same_changes(lifeseg: Lifeseg, shop: Path) -> None:
    rows = list(
        csv.DictReader(io.StringIO(lifeseg("nearest", "bob", "--to", "loyal", "--format", "csv").out))
    )
    ways = document(lifeseg, "bob", "--to", "loyal").records[0].ways
    told = [(one.fact, one.before, one.after, one.cost) for way in ways for one in way.changes]
    assert [(row["fact"], row["before"], row["after"], row["cost"]) for row in rows] == told
    page = lifeseg("nearest", "bob", "--to", "loyal", "--format", "markdown").out
    assert all(f"| {after} |" in page for _, _, after, _ in told)
    written = lifeseg("nearest", "bob", "--to", "loyal", "--format", "markdown", "--out", "page.md")
    assert (written.out, written.err) == ("", "page.md written\n")
    assert (shop / "page.md").read_text(encoding="utf-8") == page


@pytest.mark.usefixtures("shop")
def test_personal_facts_are_masked(lifeseg: Lifeseg) -> None:
    text = POLICY.read_text(encoding="utf-8")
    POLICY.write_text(
        text.replace("money CNY 0..1000\n", "money CNY 0..1000 personal\n", 1), encoding="utf-8"
    )
    declare("satisfaction", "changes never")
    for format_ in ("console", "json", "csv", "markdown"):
        shown = lifeseg("nearest", "cem", "--to", "not loyal", "--format", format_).out
        assert "•••" in shown
        assert "400.5" not in shown
        assert "380.47" not in shown
    assert "380.47" in lifeseg("nearest", "cem", "--to", "not loyal", "--show-personal").out


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ann"], "Missing option '--to'"),
        (["--to", "loyal"], "this takes the key of one record, or `--segment` for many"),
        (["ann", "--segment", "guest", "--to", "loyal"], "this takes the key of one record, or `--segment` for many"),
        (["ann", "--to", "loyl"], "did you mean `loyal`?"),
        (["an", "--to", "loyal"], "did you mean `ann`?"),
        (["ann", "--to", "large"], "`large` is a case of `order`, and `ann` is one of `customer`"),
        (["--segment", "guest", "--to", "large"], "`large` is a case of `order`"),
        (["--segment", "guest", "--to", "loyal", "--value", "spend"], "did you mean `spent`?"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly(lifeseg: Lifeseg, arguments: list[str], said: str) -> None:
    finished = lifeseg("nearest", *arguments)
    assert finished.code == 2
    assert said in finished.err


@pytest.mark.usefixtures("shop")
def test_the_solver_is_an_extra(lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifeseg.pipeline.cheapest.find_spec", lambda name: None)
    finished = lifeseg("nearest", "bob", "--to", "loyal")
    assert finished.code == 2
    assert "pip install 'lifeseg[prove]'" in finished.err


@pytest.mark.usefixtures("shop")
def test_no_time_is_said(lifeseg: Lifeseg) -> None:
    finished = lifeseg("nearest", "bob", "--to", "loyal", "--seconds", "0.001")
    assert finished.code == 1
    assert finished.out == "It is not decided whether bob can come to loyal (the time ran out).\n"
    found = document(lifeseg, "bob", "--to", "loyal", "--seconds", "0.001")
    assert json.loads(found.model_dump_json())["records"][0]["status"] == "undecided"


# ---- Large data -------------------------------------------------------------------------------------

ORGCUST = (
    ("--segment", "warning", "--to", "stabilization", "--top", "3"),
    ("--segment", "warning", "--to", "stabilization", "--value", "potential"),
    ("--segment", "renewing", "--segment", "C", "--to", "B", "--top", "4"),
    ("--segment", "at_risk", "--to", "not at_risk", "--top", "4", "--value", "product_stability"),
)


@pytest.mark.parametrize("before", [False, True], ids=["at first", "with a run before"])
def test_of_large_data_the_list_is_the_same_and_nobody_else_is_read(
    lifeseg: Lifeseg, orgcust: Path, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    if before:
        assert lifeseg("run", "--as-of", "2013-05-31").code == 0
    small = [document(lifeseg, *words) for words in ORGCUST]
    monkeypatch.setattr(files, "BIG", 0)
    monkeypatch.setattr("lifeseg.pipeline.opened.load", None)
    large = [document(lifeseg, *words) for words in ORGCUST]
    assert large == small
    assert all(one.total for one in small)


def test_who_is_not_looked_up_is_found_among_all(
    lifeseg: Lifeseg, orgcust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products of customers in a case, and what a fact says somebody is worth."""
    words = (
        ("--segment", "warning", "--segment", "at_risk", "--to", "not at_risk", "--top", "2"),
        ("--segment", "warning", "--to", "stabilization", "--top", "2", "--value", "annual_income"),
        ("--segment", "development", "--to", "contract"),
    )
    small = [document(lifeseg, *one) for one in words]
    monkeypatch.setattr(files, "BIG", 0)
    assert [document(lifeseg, *one) for one in words] == small


def test_the_run_before_is_known_to_the_way(lifeseg: Lifeseg, orgcust: Path) -> None:
    """What is found leads there in a run that knows the run before, as `whatif` says."""
    assert lifeseg("run", "--as-of", "2013-05-31").code == 0
    (record,) = document(lifeseg, "C19", "--to", "stabilization").records
    words = []
    for change in record.ways[0].changes:
        child = change.key.partition("/")[2]
        of = f"{change.entity}.{child}." if child else ""
        words += ["--set", f"{of}{change.fact}={change.after}"]
    told = lifeseg("whatif", "C19", *words)
    assert "warning → stabilization" in told.out
    assert "stage before" in lifeseg("explain", "C19", "--detail", "4").out


@pytest.mark.usefixtures("priced")
@pytest.mark.parametrize("of", [("bob",), ("--segment", "guest")])
def test_without_the_solver_it_is_said_what_to_install(
    lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch, of: tuple[str, ...]
) -> None:
    for name in [one for one in sys.modules if one.startswith(("z3", "lifeseg.prover"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    monkeypatch.setattr("lifeseg.pipeline.cheapest.find_spec", lambda _: None)
    finished = lifeseg("nearest", *of, "--to", "loyal")
    assert finished.code == 2
    assert "proving needs a package that is not installed" in finished.err
