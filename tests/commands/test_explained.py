"""`run --explain` writes why beside what: the same on every engine, and nothing else changes."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from tests.commands.conftest import Lifeseg
from tests.commands.test_changed import contents, list_keys, made, workspace, write

PERSONAL = """\
policy bank "Bank"
  version 1.0.0

entity customer "Customer"
  number text key
  income "Income" money EUR 0..1000000 personal
  rating "Rating" rating 1..5

segment kind "Kind" of customer
  rich "Rich" when income >= 5000 EUR
  good "Good" when income < 5000 EUR and rating >= 4
  plain "Plain" otherwise
"""
SETTINGS = 'policy = "bank.seg"\nas_of = 2024-01-31\n[data]\ncustomer = "customer.csv"\n'


def rows(file: str) -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def description(folder: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(folder, "run.json").read_text(encoding="utf-8"))
    return found


def test_what_decided_and_how_nearly(shop: Path, lifeseg: Lifeseg) -> None:
    assert lifeseg("run", "--explain", "--out", "why", "--format", "csv").code == 0
    ann, bob, cem = rows("why/customer.csv")
    assert (ann["class"], ann["class why"]) == ("regular", "some order: amount >= 10 CNY")
    assert ann["class margin"] == "290"  # her largest order, 300 CNY, is that far above
    assert (bob["class"], bob["class why"], bob["class margin"]) == ("guest", "loyalty is loose", "")
    assert (cem["loyalty"], cem["loyalty why"], cem["loyalty margin"]) == ("0.60025", "loyal", "0.00025")
    assert [cem[f"loyalty reason {place}"] for place in (1, 2)] == ["spent_level", "satisfaction_level"]
    assert [ann[f"loyalty reason {place}"] for place in (1, 2)] == ["spent_level", ""]


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_the_results_are_what_they_are_without(shop: Path, lifeseg: Lifeseg, engine: str) -> None:
    for out, asked in (("why", ["--explain"]), ("what", [])):
        assert lifeseg("run", *asked, "--engine", engine, "--out", out, "--format", "csv").code == 0
    told, plain = rows("why/customer.csv"), rows("what/customer.csv")
    assert [{name: row[name] for name in plain[0]} for row in told] == plain
    assert description("why")["result_hash"] == description("what")["result_hash"]
    assert (description("why")["reasons"], "reasons" in description("what")) == (True, False)


def test_every_engine_writes_the_same(shop: Path, lifeseg: Lifeseg) -> None:
    for engine in ("interpreter", "duckdb"):
        lifeseg("run", "--explain", "--engine", engine, "--out", engine, "--format", "csv")
    for name in ("customer.csv", "order.csv"):
        assert Path("interpreter", name).read_bytes() == Path("duckdb", name).read_bytes()


def test_a_duckdb_file_has_them_as_well(shop: Path, lifeseg: Lifeseg) -> None:
    assert lifeseg("run", "--explain", "--engine", "duckdb", "--out", "why.duckdb").code == 0
    with duckdb.connect("why.duckdb", read_only=True) as connection:
        found = connection.sql(
            'SELECT "loyalty why", "loyalty margin" FROM customer ORDER BY customer_id'
        ).fetchall()
    assert [(why, str(margin)) for why, margin in found] == [
        ("loyal", "0.300000"), ("loyal", "-0.350000"), ("loyal", "0.000250"),
    ]  # fmt: skip


def test_only_some(shop: Path, lifeseg: Lifeseg) -> None:
    lifeseg("run", "--explain", "--only", "class", "--out", "why", "--format", "csv")
    assert list(rows("why/customer.csv")[0]) == ["customer_id", "class", "class why", "class margin"]


def test_a_place_to_write_is_needed(shop: Path, lifeseg: Lifeseg) -> None:
    finished = lifeseg("run", "--explain")
    assert finished.code != 0
    assert "`--explain` writes columns beside the results, and they are written nowhere" in finished.err


def test_personal_facts_have_no_margin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifeseg: Lifeseg
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bank.seg").write_text(PERSONAL, encoding="utf-8")
    Path("lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    Path("customer.csv").write_text("number,income,rating\na,5001,3\nb,4999,5\nc,10,3\n", encoding="utf-8")
    assert lifeseg("run", "--explain", "--out", "why", "--format", "csv").code == 0
    assert [(one["kind why"], one["kind margin"]) for one in rows("why/customer.csv")] == [
        ("income >= 5000 EUR", ""), ("rating >= 4", "1"), ("rating >= 4", "-1"),
    ]  # fmt: skip


def test_changes_keep_what_tells_why_up_to_date(plain_workspace: Path, lifeseg: Lifeseg) -> None:
    assert lifeseg("run", "--explain", "--engine", "duckdb", "--out", "out").code in (0, 1)
    numbers = tuple(range(40))
    write({entity: {**found, **made(9, (3, 4))[entity]} for entity, found in made(1, numbers).items()})
    list_keys((3, 4))
    lifeseg("run", "--engine", "duckdb", "--out", "out", "--changed", "changed.csv")
    lifeseg("run", "--explain", "--engine", "duckdb", "--out", "whole")
    assert contents("out") == contents("whole")
    assert description("out")["reasons"] is True


def test_changes_do_not_add_what_is_not_there(plain_workspace: Path, lifeseg: Lifeseg) -> None:
    lifeseg("run", "--engine", "duckdb", "--out", "out")
    list_keys((3,))
    finished = lifeseg("run", "--explain", "--engine", "duckdb", "--out", "out", "--changed", "changed.csv")
    assert "which do not tell why" in finished.err


@pytest.fixture
def plain_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy with children and grandchildren, and no statistics."""
    from tests.commands.test_changed import PLAIN

    monkeypatch.chdir(tmp_path)
    workspace(PLAIN)
    write(made(1, tuple(range(40))))
    return tmp_path


RANKED = """\
policy ranked "Ranked"
  version 1.0.0

entity customer "Customer"
  number text key
  income "Income" money EUR 0..1000000 personal
  worth "Worth" count 0..1000
  active "Active" yes/no

rank level "Level" of customer by worth where active
  A "A" top 50%
  B "B" next 25%
  C "C" rest

rank means "Means" of customer by income
  rich "Rich" top 50%
  poor "Poor" rest
"""


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_which_cut_is_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifeseg: Lifeseg, engine: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bank.seg").write_text(RANKED, encoding="utf-8")
    Path("lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    Path("customer.csv").write_text(
        "number,income,worth,active\na,1,100,yes\nb,2,96,yes\nc,3,50,yes\nd,4,10,yes\ne,5,99,no\n",
        encoding="utf-8",
    )
    finished = lifeseg("run", "--explain", "--engine", engine, "--out", "why", "--format", "csv")
    assert finished.code == 0, finished.err
    found = rows("why/customer.csv")
    assert [(one["level"], one["level why"], one["level margin"]) for one in found] == [
        ("A", "A", "4"),
        ("A", "A", "0"),  # the last of the half
        ("B", "B", "0"),
        ("C", "B", "-40"),
        ("", "", ""),  # outside
    ]
    assert [name for name in found[0] if " " in name] == ["level why", "level margin"]  # none of income


RULES = """\
policy rules "Rules"
  version 1.0.0

entity customer "Customer"
  number text key
  first "First" rating 1..9
  second "Second" rating 1..9
  joined "Joined" date optional

entity order "Order" of customer
  item text key
  worth "Worth" count 0..1000

segment both "Both" of customer
  high "High" when first >= 4 and second >= 4
  low "Low" otherwise

segment any "Any" of customer
  high "High" when first >= 4 or second >= 4
  low "Low" when not (first >= 4 or second >= 4)

segment fresh "Fresh" of customer
  fresh "Fresh" when joined >= 2024-01-01
    if missing no
  old "Old" otherwise

segment every_order "Every order" of customer
  rich "Rich" when every order: worth >= 10
  poor "Poor" otherwise

segment some_order "Some order" of customer
  small "Small" when some order: worth < 10
  large "Large" otherwise
"""
PEOPLE = "number,first,second,joined\na,6,5,2024-01-31\nb,3,2,2023-12-30\nc,6,6,\nd,2,9,2024-01-01\n"
THEIRS = "number,item,worth\na,x,12\na,y,500\nb,x,12\nb,y,3\nb,z,1\n"


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("both", [
            ("second >= 4", "1"),  # the nearer of two that hold
            ("first >= 4", "-1"),  # the first that fails
            ("first >= 4", "2"),  # as near as the other, and written first
            ("first >= 4", "-2"),
        ]),
        ("any", [
            ("first >= 4", "2"),  # the first of two that hold, though the other is nearer
            ("first >= 4", "-1"),  # the nearer of two that fail
            ("first >= 4", "2"),
            ("second >= 4", "5"),
        ]),
        ("fresh", [
            ("joined >= 2024-01-01", "30"),
            ("joined >= 2024-01-01", "-2"),
            ("joined >= 2024-01-01", ""),  # unknown, and answered
            ("joined >= 2024-01-01", "0"),
        ]),
        ("every_order", [
            ("every order: worth >= 10", "2"),  # the worst of them
            ("every order: worth >= 10", "-9"),
            ("every order: worth >= 10", ""),  # there is none
            ("every order: worth >= 10", ""),
        ]),
        ("some_order", [
            ("some order: worth < 10", "2"),  # the best of them: 12 is nearest to less than 10
            ("some order: worth < 10", "-9"),
            ("some order: worth < 10", ""),
            ("some order: worth < 10", ""),
        ]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_which_clause_decides(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lifeseg: Lifeseg,
    engine: str,
    segment: str,
    expected: list[tuple[str, str]],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.seg").write_text(RULES, encoding="utf-8")
    Path("lifeseg.toml").write_text(
        'policy = "rules.seg"\nas_of = 2024-01-31\n[data]\ncustomer = "customer.csv"\norder = "order.csv"\n',
        encoding="utf-8",
    )
    Path("customer.csv").write_text(PEOPLE, encoding="utf-8")
    Path("order.csv").write_text(THEIRS, encoding="utf-8")
    finished = lifeseg("run", "--explain", "--engine", engine, "--out", "why", "--format", "csv")
    assert finished.code == 0, finished.err
    assert [(row[f"{segment} why"], row[f"{segment} margin"]) for row in rows("why/customer.csv")] == expected


def test_who_is_set_by_hand(shop: Path, lifeseg: Lifeseg) -> None:
    assert lifeseg("run").code == 0
    word = ["--reason", "by agreement", "--owner", "sales", "--until", "2024-12-31"]
    assert lifeseg("override", "bob", "--to", "class.regular", *word).code == 0
    for engine in ("interpreter", "duckdb"):
        lifeseg("run", "--explain", "--engine", engine, "--out", engine, "--format", "csv")
        ann, bob, _ = rows(f"{engine}/customer.csv")
        assert (bob["class"], bob["class why"], bob["class margin"]) == (
            "regular",
            "class by hand is not missing",
            "",
        )
        assert ann["class why"] == "some order: amount >= 10 CNY"
