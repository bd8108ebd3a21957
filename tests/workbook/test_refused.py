"""What a workbook may come back with that no policy can take: each is named, with its cell, and nothing is written."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lifeseg.pipeline.errors import ConfigurationError, LifesegError
from lifeseg.workbook import from_xlsx
from tests.workbook.conftest import POLICY, Office

Change = Callable[[Any], object]


def put(sheet: str, **cells: object) -> Change:
    def change(book: Any) -> None:
        for place, value in cells.items():
            book[sheet][place] = value

    return change


MISTAKES: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "no number": (put("weights", C4="much"), [("workbook-cell.weight", "C4")]),
    "a negative weight": (put("weights", C4=-0.5), [("workbook-cell.weight", "C4")]),
    "no value": (put("parameters", C5="about half"), [("workbook-cell.expression", "C5")]),
    "a second line": (put("parameters", C5="0.5\n  evil = 1"), [("workbook-cell.expression", "C5")]),
    "a remark": (put("parameters", C5="0.5 # half"), [("workbook-cell.expression", "C5")]),
    "two cells in one": (put("offer", C5="1 | 2"), [("workbook-cell.cell", "C5")]),
    "another row": (put("offer", C5="1 || gift |\n  | -"), [("workbook-cell.cell", "C5")]),
    "no name": (put("offer", B4="2G"), [("workbook-cell.cell", "B4")]),
    "too long": (put("offer", B4="x" * 2000), [("workbook-cell.cell", "B4")]),
    "an empty cell": (put("offer", C5=None), [("workbook-cell.empty", "C5")]),
    "an empty value": (put("parameters", C5=None), [("workbook-cell.cleared", "C5")]),
    "a threshold where none can be": (put("bands", D4=0.5), [("workbook-cell.closed", "D4")]),
    "yes as a truth": (put("offer", B4=True), [("workbook-cell.kind", "B4")]),
    "a time": (put("parameters", C8=time(12, 30)), [("workbook-cell.kind", "C8")]),
    "a time of a day": (put("parameters", C8=datetime(2024, 1, 1, 9)), [("workbook-cell.kind", "C8")]),  # noqa: DTZ001
    "a formula without a value": (put("weights", C4="=1-C5"), [("workbook-cell.formula", "C4")]),
    "a failed formula": (put("weights", C4="#REF!"), [("workbook-cell.failed", "C4")]),
    "merged cells": (lambda book: book["offer"].merge_cells("B4:B5"), [
        ("workbook-cell.merged", "B4:B5"), ("workbook-cell.empty", "B5"),
    ]),
    "another column name": (put("offer", C3="income"), [("workbook-heading", "C3")]),
    "a lost column": (lambda book: book["offer"].delete_cols(4), [("workbook-heading.empty", "D3")]),
    "a lost heading": (lambda book: book["offer"].delete_rows(1, 9), [("workbook-heading.none", "")]),
    "a lost sheet": (lambda book: book.remove(book["weights"]), [("workbook-sheet", "")]),
    "a row twice": (put("offer", A5=1), [("workbook-row.twice", "A5")]),
    "an unknown row": (put("offer", A5=9), [("workbook-row.number", "A5")]),
    "an unknown name": (put("weights", A5="loyalty.age"), [("workbook-row.unknown", "A5")]),
    "a row without a name": (put("weights", C6=0.5), [("workbook-row.added", "A6")]),
    "a lost row": (lambda book: book["weights"].delete_rows(5), [("workbook-row.lost", "")]),
    "a row far below": (put("offer", A30000=""), [("workbook-sheet.long", "")]),
    "several": (lambda book: (put("offer", C5=None, B6="2G")(book), put("weights", C4="x")(book)), [
        ("workbook-cell.empty", "C5"), ("workbook-cell.cell", "B6"), ("workbook-cell.weight", "C4"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_cell(office: Office, name: str) -> None:
    change, expected = MISTAKES[name]
    office.edit(change)
    assert office.refused() == expected
    assert office.text == POLICY


def test_what_lacks_only_its_quotes_is_told_so(office: Office) -> None:
    office.edit(put("offer", B4="2G"))
    with pytest.raises(LifesegError, match=r'write `"2G"` in quotes'):
        office.bring_back()


ERRORS = {
    "a result nobody knows": ({"offer": {"D5": "present"}}, "sheet `offer`, cell D5", "unknown-case"),
    "a value of another kind": ({"offer": {"C5": "gift"}}, "sheet `offer`, cell C5", ""),
    "a parameter outside its range": ({"parameters": {"C4": 13}}, "sheet `parameters`, cell C4", ""),
    "a day for a number": ({"parameters": {"C5": "2024-01-31"}}, "sheet `parameters`, cell C5", ""),
    "bands in another order": ({"parameters": {"C5": 0.3}}, "sheet `parameters`, cell C5", "bands-order"),
    "a worked-out parameter": ({"parameters": {"C5": "0.5 * 2"}}, "sheet `parameters`, cell C5", "not-a-constant"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_the_policy_is_told_with_the_cells_that_lead_to_it(office: Office, name: str) -> None:
    sheets, cells, code = ERRORS[name]
    for sheet, values in sheets.items():
        office.edit(put(sheet, **values))
    found = office.refused()
    assert found[0] == ("workbook-refused", cells)
    assert found[1][0].startswith(code)
    assert not found[1][0].startswith("workbook")
    assert office.text == POLICY


# ---- Files that are none ----------------------------------------------------------------------------


def repacked(office: Office, change: Callable[[str, bytes], bytes]) -> None:
    """The workbook with other contents of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(office.book) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    office.book.write_bytes(made.getvalue())


def test_no_workbook_at_all(office: Office) -> None:
    for content in (b"", b"name,weight\n", office.book.read_bytes()[:5000]):
        office.book.write_bytes(content)
        assert office.refused() == [("workbook-file.damaged", "")]


def test_a_file_that_is_not_there(office: Office) -> None:
    office.book.unlink()
    assert office.refused() == [("cannot-read", "")]


def test_a_workbook_of_somebody_else(office: Office) -> None:
    openpyxl.Workbook().save(office.book)
    assert office.refused() == [("workbook-file.foreign", "")]


def test_a_workbook_of_another_policy(office: Office) -> None:
    office.policy.write_text(POLICY.replace("policy shop", "policy branch"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="exported from the policy `shop`, and this one is `branch`"):
        office.bring_back()


def test_a_workbook_of_another_format(office: Office) -> None:
    office.edit(put("lifeseg", B1="2"))
    assert office.refused() == [("workbook-file.format", "")]


def test_a_bomb_is_not_unpacked(office: Office) -> None:
    with zipfile.ZipFile(office.book, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet99.xml", b" " * (from_xlsx.MOST_UNPACKED + 1))
    assert office.book.stat().st_size < 1_000_000
    assert office.refused() == [("workbook-file.unpacked", "")]


def test_a_file_too_large_is_not_opened(office: Office) -> None:
    office.book.write_bytes(bytes(from_xlsx.MOST_BYTES + 1))
    assert office.refused() == [("workbook-file.large", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_text_that_grows_when_read_is_not_read(office: Office, encoding: str) -> None:
    bomb = '<!doctype x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'.encode(encoding)
    repacked(office, lambda part, content: bomb if part == "docProps/app.xml" else content)
    assert office.refused() == [("workbook-file.damaged", "")]


def test_ranges_that_would_fill_a_machine_are_only_named(office: Office) -> None:
    everywhere = b'ref="A1:XFD1048576"'
    huge = b"</sheetData><mergeCells><mergeCell %s/></mergeCells><hyperlinks><hyperlink %s/></hyperlinks>"
    huge %= (everywhere, everywhere)
    repacked(
        office,
        lambda part, content: content.replace(b"</sheetData>", huge) if "sheet2.xml" in part else content,
    )
    assert office.refused() == [("workbook-cell.merged", "A1:XFD1048576")]


def test_a_row_number_beyond_all_counting(office: Office) -> None:
    repacked(office, lambda part, content: re.sub(rb'<row r="5"', b'<row r="99999999999"', content))
    assert ("workbook-sheet.long", "") in office.refused()


def test_links_to_other_workbooks_are_not_looked_at(office: Office) -> None:
    """A formula may take its value from elsewhere; only the value counts, wherever it came from."""
    link = b"<f>[1]Sheet1!$A$1</f><v>0.4</v>"
    repacked(
        office,
        lambda part, content: (
            re.sub(rb'(<c r="C4"[^>]*>)<v>0.5</v>', rb"\g<1>" + link, content)
            if "sheet2.xml" in part
            else content
        ),
    )
    assert office.new_text() == POLICY.replace("0.50 satisfaction_level", "0.40 satisfaction_level")


@pytest.mark.parametrize("title", ["lifeseg", "offer"])
def test_a_hidden_sheet_that_was_tampered_with_breaks_nothing(
    office: Office, title: str, tmp_path: Path
) -> None:
    """Whatever the hidden sheet says, an import ends with findings, conflicts or a change that is shown."""
    for row in range(1, 20):
        office.export()
        office.edit(lambda book: (book[title].delete_rows(row), put(title, A1="lifeseg")(book)))  # noqa: B023
        with contextlib.suppress(LifesegError):  # anything else would be a fault
            assert all(b"policy shop" in content for content in office.bring_back().contents.values())
