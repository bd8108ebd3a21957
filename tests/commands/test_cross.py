"""`lifeseg list --cross`: how many records have which values, as a table of counts or of parts of each row."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

POLICY = """\
policy grid "Grid"
  version 1.0.0

entity customer "Customer"
  customer_id "Number" text key
  brand "Brand" one of earth, blue, green
  bill "Monthly bill" money CNY 0..1000
  age "Age" count 0..120 optional

segment size "Size" of customer
  large "Large" when bill >= 500 CNY
  middle "Middle" when bill >= 100 CNY and bill < 500 CNY
  small "Small" when bill < 100 CNY

indexes levels of customer
  bill_level "Bill" = bill / 1000 CNY

score worth "Worth" of customer
  1 bill_level
  bands
    much "Much" from 0.5
    little "Little" below

flags signs "Signs" of customer
  young "Young" when age < 30
    if missing no
  dear "Dear" when bill >= 500 CNY
"""
CUSTOMERS = """\
customer_id,brand,bill,age
A,earth,600,20
B,earth,700,40
C,blue,900,
D,blue,50,25
"""


@pytest.fixture(autouse=True)
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "grid.seg").write_text(POLICY, encoding="utf-8")
    (tmp_path / "customer.csv").write_text(CUSTOMERS, encoding="utf-8")
    settings = 'policy = "grid.seg"\nas_of = 2024-01-01\n[data]\ncustomer = "customer.csv"\n'
    (tmp_path / "lifeseg.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def table(lifeseg: Lifeseg, *asked: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(lifeseg("list", *asked, "--format", "csv").out)))


def test_every_case_stands_in_the_order_of_its_definition(lifeseg: Lifeseg) -> None:
    assert table(lifeseg, "--cross", "size,brand") == [
        ["size", "earth", "blue", "green", "all"],
        ["large", "2", "1", "0", "3"],
        ["middle", "0", "0", "0", "0"],
        ["small", "0", "1", "0", "1"],
        ["all", "2", "2", "0", "4"],
    ]


def test_parts_of_each_row(lifeseg: Lifeseg) -> None:
    """Of nobody there are no parts."""
    assert table(lifeseg, "--cross", "size,brand", "--share") == [
        ["size", "earth", "blue", "green", "all"],
        ["large", "66.7%", "33.3%", "0.0%", "3"],
        ["middle", "–", "–", "–", "0"],
        ["small", "0.0%", "100.0%", "0.0%", "1"],
        ["all", "50.0%", "50.0%", "0.0%", "4"],
    ]


def test_of_those_in_a_case_only(lifeseg: Lifeseg) -> None:
    assert table(lifeseg, "large", "--cross", "brand") == [
        ["brand", "all"], ["earth", "2"], ["blue", "1"], ["green", "0"],
    ]  # fmt: skip


def test_missing_values_have_a_row_and_numbers_are_in_order(lifeseg: Lifeseg) -> None:
    assert table(lifeseg, "--cross", "age")[1:] == [["20", "1"], ["25", "1"], ["40", "1"], ["–", "1"]]


def test_a_record_counts_for_each_of_its_flags(lifeseg: Lifeseg) -> None:
    """A is young and dear, and one record all the same."""
    rows = table(lifeseg, "--cross", "brand,signs")
    assert rows[0] == ["brand", "young", "dear", "all"]
    assert rows[1] == ["earth", "1", "2", "2"]
    assert rows[-1] == ["all", "2", "3", "4"]


def test_bands_and_keys_can_be_counted(lifeseg: Lifeseg) -> None:
    assert table(lifeseg, "--cross", "brand,worth_band")[0] == ["brand", "much", "little", "all"]
    assert table(lifeseg, "--cross", "customer_id,brand")[1] == ["A", "1", "0", "0", "1"]


def test_children_are_counted_by_what_their_parents_are(lifeseg: Lifeseg, tmp_path: Path) -> None:
    """A has two contracts, B one; both are large. Whoever has none is not counted."""
    contract = '\nentity contract "Contract" of customer\n  product "Product" one of voice, data\n'
    (tmp_path / "grid.seg").write_text(POLICY + contract, encoding="utf-8")
    (tmp_path / "contract.csv").write_text("customer_id,product\nA,voice\nA,data\nB,data\nD,data\n")
    with (tmp_path / "lifeseg.toml").open("a", encoding="utf-8") as settings:
        settings.write('contract = "contract.csv"\n')
    assert table(lifeseg, "contract", "--cross", "product,customer.size") == [
        ["product", "large", "middle", "small", "all"],
        ["voice", "1", "0", "0", "1"],
        ["data", "2", "0", "1", "3"],
        ["all", "3", "0", "1", "4"],
    ]
    assert table(lifeseg, "contract", "--columns", "product,customer.bill", "--sort", "customer.bill")[-1] == [
        "D", "1", "data", "50",
    ]  # fmt: skip
    refused = " ".join(lifeseg("list", "contract", "--cross", "product,customer.sise").err.split())
    assert "did you mean `size`?" in refused


def test_as_a_document(lifeseg: Lifeseg) -> None:
    document = json.loads(lifeseg("list", "--cross", "brand", "--format", "json").out)
    assert (document["total"], document["records"][0]) == (4, {"brand": "earth", "all": "2"})


def test_closing_line_counts_records_not_rows(lifeseg: Lifeseg) -> None:
    printed = lifeseg("list", "--cross", "brand").out
    assert printed.splitlines()[-1] == "4 of 4 customers · grid 1.0.0 · as of 2024-01-01"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--cross size,brand,age", "does not name one or two things"),
        ("--cross size,size", "does not name one or two things"),
        ("--cross sise", "did you mean `size`?"),
        ("--cross size --top 3", "`--cross` counts instead of listing"),
        ("--share", "`--share` belongs to `--cross`"),
    ],
)
def test_what_cannot_be_counted_is_said(lifeseg: Lifeseg, asked: str, said: str) -> None:
    refused = lifeseg("list", *asked.split())
    assert refused.code == 2
    assert said in " ".join(refused.err.split())


def test_more_values_than_a_table_holds(lifeseg: Lifeseg) -> None:
    rows = "\n".join(f"C{place},blue,{place},1" for place in range(60))
    Path("customer.csv").write_text(f"customer_id,brand,bill,age\n{rows}\n", encoding="utf-8")
    assert "`bill` has 60 different values" in " ".join(lifeseg("list", "--cross", "bill").err.split())
