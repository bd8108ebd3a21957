"""What was edited in a workbook becomes a change of the policy's text, there and nowhere else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lifeseg.syntax.from_text import from_text
from lifeseg.syntax.to_text import to_text
from tests.workbook.conftest import POLICY, Office

CELLS = [
    ("parameters", "C4", 3, "= 2 months", "= 3 months"),
    ("parameters", "C4", "3", "= 2 months", "= 3 months"),
    ("parameters", "C4", "4 months", "= 2 months", "= 4 months"),
    ("parameters", "C5", 0.9, "= 0.60", "= 0.90"),
    ("parameters", "C5", 0.625, "= 0.60", "= 0.625"),
    ("parameters", "C5", "0.7  ", "= 0.60", "= 0.7"),
    ("parameters", "C5", 0.1 + 0.7, "= 0.60", "= 0.80"),  # 0.7999999999999999 on a machine
    ("parameters", "C6", 0.66, "= 0.65", "= 0.66"),
    ("parameters", "C7", 0.35, "= 30%", "= 35%"),
    ("parameters", "C7", 0.125, "= 30%", "= 12.5%"),
    ("parameters", "C8", date(2025, 2, 28), "2024-01-31", "2025-02-28"),
    ("weights", "C4", 0.4, "0.50 satisfaction_level", "0.40 satisfaction_level"),
    ("weights", "C5", "40%", "0.50 spent_level", "40% spent_level"),
    ("bands", "C4", 0.75, "from loyal_from", "from 0.75"),
    ("bands", "D5", "0.5", "below 0.55", "below 0.5"),
]


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "before", "after"), CELLS, ids=[repr(one[2]) for one in CELLS]
)
def test_a_cell(office: Office, sheet: str, cell: str, value: Any, before: str, after: str) -> None:
    assert POLICY.count(before) == 1
    office.fill(sheet, **{cell: value})
    assert office.new_text() == POLICY.replace(before, after)


def test_what_says_the_same_is_no_change(office: Office) -> None:
    office.fill("parameters", C4="2 months", C5="0.60", C7=0.30, C8=date(2024, 1, 31))
    office.fill("offer", B5='"2G","3G"', C5="100 ..<500")
    imported = office.bring_back()
    assert imported.contents == {}
    assert imported.difference.rules == ()


def test_a_wider_cell_moves_the_column(office: Office) -> None:
    office.fill("offer", C4=">= 500.50")
    rows = office.new_text().split("\n")
    assert [line for line in rows if line.lstrip().startswith("|")] == [
        "  | device     | spent     || offer   |",
        '  | "2G"       | >= 500.50 || upgrade |  # board, May',
        '  | "2G", "3G" | 100..<500 || gift    |',
        "  | -          | -         || nothing |",
    ]
    office.fill("offer", C4=">= 1000 CNY")
    assert '| "2G", "3G" | 100..<500   || gift    |' in office.new_text()


def table(text: str) -> str:
    return text[text.index("  | device") : text.index("\nsegment")]


def test_rows_are_removed_with_their_remarks_behind(office: Office) -> None:
    office.edit(lambda book: book["offer"].delete_rows(4))
    assert table(office.new_text()) == (
        "  | device     | spent     || offer   |\n"
        "  # old devices first\n"
        '  | "2G", "3G" | 100..<500 || gift    |\n'
        "  | -          | -         || nothing |\n"
    )


def test_rows_are_added(office: Office) -> None:
    def add(book: Any) -> None:
        book["offer"].insert_rows(5)
        for column, value in zip("BCD", ("smart", 5, "gift"), strict=True):
            book["offer"][f"{column}5"] = value

    office.edit(add)
    assert (
        '  | "2G"       | >= 500    || upgrade |  # board, May\n  | smart      | 5         || gift    |\n'
        in table(office.new_text())
    )


def test_rows_are_put_in_another_order_with_their_remarks(office: Office) -> None:
    office.edit(lambda book: book["offer"].move_range("A4:D4", rows=3))
    assert table(office.new_text()) == (
        "  | device     | spent     || offer   |\n"
        '  | "2G", "3G" | 100..<500 || gift    |\n'
        "  | -          | -         || nothing |\n"
        "  # old devices first\n"
        '  | "2G"       | >= 500    || upgrade |  # board, May\n'
    )


def test_a_table_may_lose_all_remarks_but_those_above(office: Office) -> None:
    """Whatever is taken away below the last row that stays stands at the end of the table."""

    def only_last(book: Any) -> None:
        book["offer"].delete_rows(4, 2)

    office.edit(only_last)
    assert table(office.new_text()) == (
        "  | device | spent || offer   |\n  # old devices first\n  | -      | -     || nothing |\n"
    )


ODD = POLICY.replace("= 0.60  #", "=0.60    #").replace("  0.50 spent_level", "  0.50    spent_level")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lines", "carriage returns"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_everything_else_stays_byte_for_byte(tmp_path: Path, end: str, mark: str) -> None:
    text = mark + ODD.rstrip("\n").replace("\n", end)
    office = Office(tmp_path, text)
    office.fill("parameters", C5=0.7)
    office.fill("weights", C5=0.25)
    office.fill("offer", D5="upgrade")
    after = text.replace("=0.60    #", "=0.70    #").replace("0.50    spent_level", "0.25    spent_level")
    assert office.new_text() == after.replace("|| gift    |", "|| upgrade |")


def test_the_layout_stays_canonical(office: Office) -> None:
    office.fill("offer", B4='"2G", smart', C4=">= 500.5", D6="gift")
    office.fill("parameters", C5=" 0.61 ")
    text = office.new_text()
    file, found = from_text(text, "shop.seg")
    assert not found
    assert to_text(file) == text


def test_a_workbook_saved_otherwise_reads_the_same(office: Office) -> None:
    """Sheets in another order, notes and calculations beside, formulas with values, other formats."""

    def rearrange(book: Any) -> None:
        book._sheets.reverse()
        book.create_sheet("calculations", 0)["A1"] = "=1+1"
        book["weights"]["H4"] = "why not less?"
        book["weights"]["C4"].number_format = "0.0%"
        book["parameters"].auto_filter.ref = "A3:C8"
        book["offer"].row_dimensions[5].hidden = True

    office.edit(rearrange)
    imported = office.bring_back()
    assert imported.contents == {}
    assert [(one.key, one.arguments["sheet"]) for one in imported.remarks] == [
        ("workbook-other", "calculations")
    ]


def test_a_policy_of_several_files_is_changed_as_one(office: Office) -> None:
    folder = office.policy.parent / "policy"
    folder.mkdir()
    place = POLICY.index("# who gets what")
    (folder / "a.seg").write_text(POLICY[:place], encoding="utf-8")
    (folder / "b.seg").write_text(POLICY[place:], encoding="utf-8")
    office.policy = folder
    office.export()
    office.fill("offer", D6="gift")
    office.fill("weights", C4=0.4, C5=0.6)
    imported = office.bring_back()
    assert sorted(path.name for path in imported.contents) == ["a.seg", "b.seg"]
    imported.write()
    assert "0.40 satisfaction_level" in (folder / "a.seg").read_text(encoding="utf-8")
    assert "| -          | -         || gift    |" in (folder / "b.seg").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["a.seg", "b.seg"]
    assert office.bring_back().contents == {}


BRANCH = """\
policy branch "Branch"
  version 1.0.0
  use shop 1.0.0

change params
  discount "Discount" = 25%

change table offer "Offer" of customer first match
  gives gift "A gift"
  gives upgrade "An upgrade"
  gives nothing "Nothing"
  | device || offer   |
  | "2G"   || upgrade |
  | -      || nothing |
"""


def test_what_a_policy_changes_of_another_is_its_own(office: Office) -> None:
    """Only its own text is exported and edited; that of the policy it uses is exported from there."""
    office.policy.rename(office.policy.with_name("used.seg"))
    (office.policy.parent / "shop").mkdir()
    office.policy.with_name("used.seg").rename(office.policy.parent / "shop" / "shop.seg")
    office.policy = office.policy.with_name("branch.seg")
    office.policy.write_text(BRANCH, encoding="utf-8")
    office.export()
    office.fill("parameters", C4=0.35)
    office.fill("offer", C5="gift")
    assert office.new_text() == BRANCH.replace("25%", "35%").replace("-      || nothing", "-      || gift   ")


TWO = """
entity order "Order" of customer
  amount money CNY 0..1000

table offer "Offer" of order first match
  gives gift "A gift"
  gives nothing "Nothing"
  | amount  || offer   |
  | >= 100  || gift    |
  | -       || nothing |
"""


def test_tables_of_one_name_are_told_apart_by_their_entity(tmp_path: Path) -> None:
    office = Office(tmp_path, POLICY + TWO)
    office.fill("offer", D6="gift")
    office.fill("offer 2", B4=">= 200")
    after = POLICY.replace("-         || nothing", "-         || gift   ") + TWO.replace(
        "| amount  |", "| amount |"
    ).replace(">= 100  |", ">= 200 |").replace("-       |", "-      |")
    assert office.new_text() == after
