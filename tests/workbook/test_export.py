"""What the sheets of a workbook show, and that the same policy gives the same file."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.workbook.conftest import POLICY, Office


def sheet(office: Office, name: str) -> Any:
    return openpyxl.load_workbook(office.book)[name]


def rows(page: Any) -> list[list[object]]:
    return [[cell.value for cell in row] for row in page.iter_rows(min_row=3)]


def test_a_table_is_a_sheet_of_its_rows(office: Office) -> None:
    page = sheet(office, "offer")
    assert page["A1"].value == 'table offer "Offer" of customer first match'
    assert [cell.value for cell in page[2]] == [None, None, "Spent, CNY", "Offer"]
    assert rows(page) == [
        ["row", "device", "spent", "offer"],
        [1, '"2G"', ">= 500", "upgrade"],
        [2, '"2G", "3G"', "100..<500", "gift"],
        [3, "-", "-", "nothing"],
    ]


def test_numbers_are_numbers_shown_as_they_are_written(office: Office) -> None:
    page = sheet(office, "parameters")
    assert rows(page) == [
        ["name", "title", "value", "unit", "range", "note"],
        ["window", "Renewal window", 2, "months", "1..12", None],
        ["loyal_from", "Loyal from", 0.6, None, None, None],
        ["loyal_from since 2027-01-01", "Loyal from", 0.65, None, None, None],
        ["discount", "Discount", 0.3, None, None, "of the list price"],
        ["late_from", None, datetime(2024, 1, 31), None, None, None],  # noqa: DTZ001
    ]
    assert [page[f"C{row}"].number_format for row in range(4, 9)] == ["0", "0.00", "0.00", "0%", "yyyy-mm-dd"]
    assert rows(sheet(office, "weights"))[1:] == [
        ["loyalty.satisfaction_level", "Satisfaction", 0.5],
        ["loyalty.spent_level", "Spent", 0.5],
    ]
    assert rows(sheet(office, "bands"))[1:] == [
        ["loyalty.loyal", "Loyal", "loyal_from", None],
        ["loyalty.loose", "Loose", None, 0.55],
    ]


def test_remarks_are_comments_of_their_row(office: Office) -> None:
    assert sheet(office, "offer")["A4"].comment.text == "old devices first\nboard, May"
    assert sheet(office, "parameters")["A5"].comment.text == "agreed in spring"
    assert sheet(office, "parameters")["A4"].comment is None


def test_only_values_can_be_edited(office: Office) -> None:
    page = sheet(office, "weights")
    assert page.protection.sheet
    assert [page[place].protection.locked for place in ("A4", "B4", "C3", "C4")] == [True, True, True, False]
    assert not sheet(office, "offer").protection.sheet, "in a protected sheet no row can be deleted"


def test_what_was_exported_is_remembered_where_nobody_looks(office: Office) -> None:
    book = openpyxl.load_workbook(office.book)
    assert book.sheetnames == ["offer", "weights", "bands", "parameters", "lifeseg"]
    assert book["lifeseg"].sheet_state == "veryHidden"


def test_the_same_policy_gives_the_same_file(office: Office) -> None:
    before = office.book.read_bytes()
    time.sleep(2)  # an archive tells the time in steps of two seconds
    office.export()
    assert office.book.read_bytes() == before


@pytest.mark.parametrize("words", ['"=1+1"', '"@SUM(A1)"', '"+1"', '"-1"'])
def test_no_text_becomes_a_formula(tmp_path: Path, words: str) -> None:
    office = Office(tmp_path, POLICY.replace('"3G"', words).replace("100..<500", "= 5      "))
    for page in openpyxl.load_workbook(office.book):
        for row in page.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f"]
    assert sheet(office, "offer")["C5"].value == "= 5"
    assert sheet(office, "offer")["C5"].quotePrefix
    assert office.bring_back().contents == {}


def test_a_table_may_be_called_as_a_sheet_is_already(tmp_path: Path) -> None:
    office = Office(
        tmp_path, POLICY.replace("table offer", "table weights").replace("|| offer  ", "|| weights")
    )
    assert openpyxl.load_workbook(office.book).sheetnames[:2] == ["weights 2", "weights"]
    office.fill("weights 2", C5=">= 700")
    office.fill("weights", C4=0.4)
    text = office.new_text()
    assert ">= 700" in text
    assert "0.40 satisfaction_level" in text


def test_names_are_cut_where_a_workbook_has_no_room(tmp_path: Path) -> None:
    long = "offer_of_the_month_for_customers_who_are_loyal"
    text = POLICY.replace("table offer", f"table {long}").replace("|| offer ", f"|| {long} ")
    office = Office(tmp_path, text)
    assert openpyxl.load_workbook(office.book).sheetnames[0] == long[:31]
    office.fill(long[:31], C5=">= 700")
    assert ">= 700" in office.new_text()
