"""Rows that are set aside: left out with their children, counted, and written with their reasons."""

import csv
from pathlib import Path

import pytest

from lifeseg.records.from_files import Loaded, Source, load
from lifeseg.records.to_set_aside import to_set_aside
from tests.records.customers import ENTITIES, errors, keys, load_texts, said, values, write

CUSTOMERS = "customer_id,satisfaction,phone\nC1,4,\nC2,9,139\nC3,1,\nC4,5,\nC4,4,\nC5\nC6,NULL,1\n"
USAGE = "customer_id,product,level\nC1,data,5\nC2,data,5\nC3,data,7\nC4,ict,1\nC9,ict,1\nC1,ict,2\n"
CALLS = "customer_id,product,minutes\nC1,data,1\nC2,data,2\nC3,data,3\nC1,ict,4\n"


def loaded_aside(folder: Path) -> Loaded:
    return load_texts(folder, "set-aside", customer=CUSTOMERS, usage=USAGE, call=CALLS)


def test_good_rows_are_kept_and_linked(tmp_path: Path) -> None:
    loaded = loaded_aside(tmp_path)
    assert [row[0] for row in values(loaded)] == ["C1", "C3"]
    assert values(loaded, "usage") == [("data", 5), ("ict", 2)]
    assert values(loaded, "call") == [(1,), (4,)]
    assert loaded.population is not None
    assert loaded.population.rows["usage"].parents == [0, 0]
    assert loaded.population.rows["call"].parents == [0, 1]
    assert loaded.population.rows["call"].lines == [2, 5]


def test_every_row_left_out_has_its_cells_and_reasons(tmp_path: Path) -> None:
    aside = {rows.entity: rows for rows in loaded_aside(tmp_path).set_aside}
    assert aside["customer"].heading == ("customer_id", "satisfaction", "phone")
    assert [
        (row.line, row.cells, [found.key for found in row.reasons]) for row in aside["customer"].rows
    ] == [
        (3, ("C2", "9", "139"), ["data-range"]),
        (5, ("C4", "5", ""), ["data-duplicate-key.first"]),
        (6, ("C4", "4", ""), ["data-duplicate-key"]),
        (7, ("C5",), ["data-row-length.short"]),
        (8, ("C6", "NULL", "1"), ["data-type.null-word"]),
    ]
    assert [(row.line, [found.key for found in row.reasons]) for row in aside["usage"].rows] == [
        (3, ["data-orphan.set-aside"]),
        (4, ["data-range"]),
        (5, ["data-orphan.set-aside"]),
        (6, ["data-orphan"]),
    ]
    assert [row.line for row in aside["call"].rows] == [3, 4]


def test_they_are_counted(tmp_path: Path) -> None:
    loaded = loaded_aside(tmp_path)
    counts = [(found.arguments["count"], found.arguments["total"]) for found in errors(loaded)]
    assert [found.key for found in errors(loaded)] == ["data-set-aside"] * 3
    assert counts == [("5", "7"), ("4", "6"), ("2", "4")]
    assert "5 of 7 rows of `customer` are set aside: data-duplicate-key in `customer_id` (2)" in said(loaded)


def test_nothing_is_set_aside_of_good_data(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, "set-aside", customer="customer_id,satisfaction\nC1,4\n")
    assert loaded.set_aside == ()
    assert errors(loaded) == []


def test_all_rows_bad_is_an_error(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, "set-aside", customer="customer_id,satisfaction\nC1,9\nC2,8\n")
    assert keys(loaded)[0] == "data-empty.set-aside"
    assert loaded.population is None
    assert len(loaded.set_aside[0].rows) == 2


@pytest.mark.parametrize(
    "text", ["customer_id\nC1\n", "", "customer_id,satisfaction\nC1,4\n\0", "a,b\n1,2\n"]
)
def test_what_concerns_the_file_still_fails(tmp_path: Path, text: str) -> None:
    assert load_texts(tmp_path, "set-aside", customer=text).population is None


def test_written(tmp_path: Path) -> None:
    paths = to_set_aside(loaded_aside(tmp_path).set_aside, tmp_path)
    assert [path.name for path in paths] == [
        "customer.set-aside.csv",
        "usage.set-aside.csv",
        "call.set-aside.csv",
    ]
    with paths[0].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["customer_id", "satisfaction", "phone", "set_aside_line", "set_aside_reasons"]
    assert rows[1] == ["C2", "9", "139", "3", "data-range in satisfaction: 9"]
    assert rows[4] == ["C5", "", "", "7", "data-row-length"]
    assert len(rows) == 6
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_written_with_words_of_ones_own(tmp_path: Path) -> None:
    (path, *_) = to_set_aside(loaded_aside(tmp_path).set_aside, tmp_path, lambda found: found.code.upper())
    assert "DATA-RANGE" in path.read_text(encoding="utf-8-sig")


def test_written_rows_can_be_mended_and_loaded(tmp_path: Path) -> None:
    (path, *_) = to_set_aside(loaded_aside(tmp_path).set_aside, tmp_path)
    mended = path.read_text(encoding="utf-8-sig").replace("C2,9", "C2,3").replace("NULL", "2")
    mended = "".join(line for line in mended.splitlines(keepends=True) if line[:2] not in ("C4", "C5"))
    source = Source(write(tmp_path / "mended.csv", mended))
    loaded = load({"customer": ENTITIES["customer"]}, {"customer": source})
    assert [row[:2] for row in values(loaded)] == [("C2", 3), ("C6", 2)]


def test_surplus_cells_are_not_lost(tmp_path: Path) -> None:
    loaded = load_texts(tmp_path, "set-aside", customer="customer_id,satisfaction\nC1,4\nC2,Smith, Jones,5\n")
    (path,) = to_set_aside(loaded.set_aside, tmp_path)
    assert "C2,Smith,3,data-row-length; more cells:  Jones, 5" in path.read_text(
        encoding="utf-8-sig"
    ).replace('"', "")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    before = write(tmp_path / "customer.set-aside.csv", "as it was")

    def fail(_: object) -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        to_set_aside(loaded_aside(tmp_path).set_aside, tmp_path, fail)
    assert before.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.glob("*set-aside*")) == ["customer.set-aside.csv"]
