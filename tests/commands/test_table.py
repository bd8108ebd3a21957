"""lifeseg table: exported, edited and brought back at the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.commands.conftest import Lifeseg

POLICY = Path("rules/shop/shop.seg")


def edit(sheet: str, **cells: object) -> None:
    book = openpyxl.load_workbook("shop.xlsx")
    for place, value in cells.items():
        book[sheet][place] = value
    book.save("shop.xlsx")


@pytest.mark.usefixtures("shop")
def test_there_and_back(lifeseg: Lifeseg) -> None:
    exported = lifeseg("table", "export", "--out", "shop.xlsx")
    assert (exported.code, exported.out) == (0, "")
    assert exported.err == "weights: 2 rows\nbands: 2 rows\nparameters: 1 row\nshop.xlsx written\n"
    edit("parameters", C4=0.7)
    before = POLICY.read_bytes()
    shown = lifeseg("table", "import", "shop.xlsx")
    assert shown.code == 0
    assert "parameter loyal_from: 0.60 → 0.70" in shown.out
    assert "add --write" in shown.err
    assert POLICY.read_bytes() == before
    written = lifeseg("table", "import", "shop.xlsx", "--write")
    assert (written.code, written.out) == (0, shown.out)
    assert POLICY.read_bytes() == before.replace(b"= 0.60", b"= 0.70")
    again = lifeseg("table", "import", "shop.xlsx", "--write")
    assert (again.code, again.err) == (0, "")
    assert "no rule differs" in again.out


@pytest.mark.usefixtures("shop")
def test_edits_are_not_overwritten(lifeseg: Lifeseg) -> None:
    def export() -> str:
        return lifeseg("table", "export", "--out", "shop.xlsx").err

    export()
    assert "shop.xlsx written" in export()
    edit("parameters", C4=0.7)
    before = Path("shop.xlsx").read_bytes()
    assert "error[cannot-write]: `shop.xlsx` has edits that are not in the policy" in export()
    assert Path("shop.xlsx").read_bytes() == before
    lifeseg("table", "import", "shop.xlsx", "--write")
    assert "shop.xlsx written" in export()


@pytest.mark.usefixtures("shop")
def test_another_file_is_not_overwritten(lifeseg: Lifeseg) -> None:
    Path("shop.xlsx").write_text("somebody's own")
    refused = lifeseg("table", "export", "--out", "shop.xlsx")
    assert refused.code == 2
    assert "error[cannot-write]: `shop.xlsx` is there already" in refused.err
    assert Path("shop.xlsx").read_text() == "somebody's own"


@pytest.mark.usefixtures("shop")
def test_only_what_is_named(lifeseg: Lifeseg) -> None:
    assert lifeseg("table", "export", "loyal_from", "--out", "shop.xlsx").code == 0
    assert openpyxl.load_workbook("shop.xlsx").sheetnames == ["parameters", "lifeseg"]
    refused = lifeseg("table", "export", "loyalti", "--out", "other.xlsx")
    assert refused.code == 2
    assert "did you mean `loyalty`?" in refused.err
    assert not Path("other.xlsx").exists()


@pytest.mark.usefixtures("shop")
def test_for_programs(lifeseg: Lifeseg) -> None:
    lifeseg("table", "export", "--out", "shop.xlsx")
    edit("weights", C4=0.4, C5=0.6)
    document = json.loads(lifeseg("table", "import", "shop.xlsx", "--format", "json").out)
    assert [rule["name"] for rule in document["rules"]] == ["loyalty"]


@pytest.mark.usefixtures("shop")
def test_a_conflict_ends_with_1_and_takes_the_rest(lifeseg: Lifeseg) -> None:
    lifeseg("table", "export", "--out", "shop.xlsx")
    edit("parameters", C4=0.7)
    edit("weights", C4=0.4, C5=0.6)
    POLICY.write_text(POLICY.read_text(encoding="utf-8").replace("= 0.60", "= 0.65"), encoding="utf-8")
    found = lifeseg("table", "import", "shop.xlsx", "--write")
    assert found.code == 1
    assert "warning[workbook-conflict]" in found.err
    text = POLICY.read_text(encoding="utf-8")
    assert "= 0.65" in text
    assert "0.40 satisfaction_level" in text


@pytest.mark.usefixtures("shop")
def test_a_mistake_ends_with_1_and_writes_nothing(lifeseg: Lifeseg) -> None:
    lifeseg("table", "export", "--out", "shop.xlsx")
    edit("parameters", C4="often")
    edit("weights", C4="half")
    before = POLICY.read_bytes()
    found = lifeseg("table", "import", "shop.xlsx", "--write")
    assert (found.code, found.out) == (1, "")
    assert "sheet `weights`, cell C4: `half` is no weight" in found.err
    assert POLICY.read_bytes() == before


@pytest.mark.usefixtures("shop")
def test_without_the_package_it_says_what_to_install(
    lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for words in (("export", "--out", "shop.xlsx"), ("import", "shop.xlsx")):
        found = lifeseg("table", *words)
        assert found.code == 2
        assert "pip install 'lifeseg[xlsx]'" in found.err


@pytest.mark.usefixtures("shop")
def test_a_place_that_cannot_be_written(lifeseg: Lifeseg) -> None:
    found = lifeseg("table", "export", "--out", "nowhere/shop.xlsx")
    assert found.code == 2
    assert "error[cannot-write]" in found.err
