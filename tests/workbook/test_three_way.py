"""The policy changes after the export: what only the workbook changed is taken, what both changed is named and left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbook.conftest import POLICY, Office


def change(office: Office, *edits: tuple[str, str]) -> None:
    """The policy as somebody else has changed it meanwhile."""
    text = office.text
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    office.policy.write_text(text, encoding="utf-8")


def conflicts(office: Office) -> list[tuple[str, str | None]]:
    return [(one.key, one.arguments.get("cell")) for one in office.bring_back().conflicts]


def test_different_cells_are_put_together(office: Office) -> None:
    office.fill("parameters", C5=0.7)
    office.fill("offer", C4=">= 600")
    change(office, ("= 2 months", "= 3 months"), ("100..<500 || gift   ", "100..<500 || nothing"))
    text = office.new_text()
    for words in (
        "= 3 months",
        "= 0.70",
        '| "2G"       | >= 600    || upgrade |',
        "| 100..<500 || nothing |",
    ):
        assert words in text
    assert conflicts(office) == []
    assert [one.key for one in office.bring_back().remarks] == ["workbook-older"]


def test_the_same_change_twice_is_none(office: Office) -> None:
    office.fill("parameters", C5=0.7)
    office.fill("offer", D5="upgrade")
    change(office, ("= 0.60", "= 0.70"), ("100..<500 || gift   ", "100..<500 || upgrade"))
    assert office.bring_back().contents == {}
    assert conflicts(office) == []


def test_what_was_imported_once_is_no_change_any_more(office: Office) -> None:
    office.edit(lambda book: book["offer"].move_range("A4:D4", rows=3))
    office.edit(add_row)
    office.fill("weights", C4=0.4, C5=0.6)
    office.bring_back().write()
    again = office.bring_back()
    assert (again.contents, again.conflicts, again.remarks) == ({}, (), ())


def test_the_same_cell_is_left_as_the_policy_has_it(office: Office) -> None:
    office.fill("parameters", C5=0.7, C7=0.35)
    office.fill("offer", D5="upgrade", C4=">= 600")
    change(office, ("= 0.60", "= 0.64"), ("100..<500 || gift   ", "100..<500 || nothing"))
    assert conflicts(office) == [("workbook-conflict", "D5"), ("workbook-conflict", "C5")]
    text = office.new_text()
    for words in ("= 0.64", "= 35%", ">= 600", "100..<500 || nothing"):
        assert words in text


def test_rows_added_to_the_policy_stay(office: Office) -> None:
    office.fill("offer", C4=">= 600")
    change(office, ("  | -          | -  ", "  | smart      | 7         || gift    |\n  | -          | -  "))
    text = office.new_text()
    assert "| smart      | 7         || gift    |" in text
    assert ">= 600" in text
    assert conflicts(office) == []


def test_rows_moved_in_the_workbook_keep_what_the_policy_changed(office: Office) -> None:
    office.edit(lambda book: book["offer"].move_range("A4:D4", rows=3))
    change(office, ("100..<500 || gift   ", "100..<600 || nothing"))
    text = office.new_text()
    assert text.index("100..<600 || nothing") < text.index(">= 500    || upgrade")
    assert conflicts(office) == []


def add_row(book: Any) -> None:
    for column, value in zip("BCD", ("smart", 5, "gift"), strict=True):
        book["offer"][f"{column}9"] = value


def test_rows_added_on_both_sides_are_not_put_together(office: Office) -> None:
    office.edit(add_row)
    office.fill("weights", C4=0.4)
    change(office, ("  | -          | -  ", "  | smart      | 7         || gift    |\n  | -          | -  "))
    assert conflicts(office) == [("workbook-conflict.rows", None)]
    assert "0.40 satisfaction_level" in office.new_text()
    assert "| smart      | 5 " not in office.new_text()


GONE = {
    "a row": ('  | "2G", "3G" | 100..<500 || gift    |\n', "", "offer", {"D5": "upgrade"}, "workbook-conflict.row"),
    "a parameter's later value": ("    since 2027-01-01 = 0.65\n", "", "parameters", {"C6": 0.7}, "workbook-conflict.gone"),
    "a weight": ("  0.50 satisfaction_level\n  0.50 spent", "  1 spent", "weights", {"C4": 0.4}, "workbook-conflict.gone"),
}  # fmt: skip


@pytest.mark.parametrize("name", GONE)
def test_what_the_policy_no_longer_has_is_named(office: Office, name: str) -> None:
    before, after, sheet, cells, key = GONE[name]
    office.fill(sheet, **cells)
    change(office, (before, after))
    assert conflicts(office) == [(key, next(iter(cells)) if sheet != "offer" else "A5")]
    assert office.bring_back().contents == {}


def test_a_table_that_the_policy_no_longer_has(office: Office) -> None:
    office.fill("offer", D5="upgrade")
    start, end = POLICY.index("# who gets what"), POLICY.index("segment at_risk")
    office.policy.write_text(POLICY[:start] + POLICY[end:], encoding="utf-8")
    assert conflicts(office) == [("workbook-conflict.sheet", None)]


def test_a_table_with_other_columns(office: Office) -> None:
    office.fill("offer", D5="upgrade")
    change(
        office,
        ("| device     | spent  ", "| device     | satisfaction"),
        (">= 500", ">= 4"),
        ("100..<500", "3"),
    )
    assert conflicts(office) == [("workbook-conflict.columns", None)]


def test_a_row_removed_here_and_changed_there_stays(office: Office) -> None:
    office.edit(lambda book: book["offer"].delete_rows(5))
    change(office, ("100..<500 || gift   ", "100..<600 || gift   "))
    assert conflicts(office) == [("workbook-conflict.removed", None)]
    assert office.bring_back().contents == {}


def test_what_the_workbook_left_alone_is_the_policys_affair(office: Office) -> None:
    start, end = POLICY.index("# who gets what"), POLICY.index("segment at_risk")
    office.policy.write_text(POLICY[:start] + POLICY[end:].replace("safe", "fine"), encoding="utf-8")
    assert office.bring_back().contents == {}
    assert conflicts(office) == []
