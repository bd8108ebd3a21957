"""What became of tasks is read back: all rows or none, as often as one likes, corrections beside what they correct."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.commands import loop
from tests.commands.conftest import Lifeseg
from tests.commands.loop import run, tasks

HEADING = "task,outcome,day,cost,revenue,note\n"
ROWS = ("1,responded,2013-07-05,12.50,300,renewed", "2,no_response,2013-07-12,12.5,,")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifeseg: Lifeseg) -> Path:
    """Four tasks of June: 1 and 2 are calls of C1 and C3, 3 and 4 letters to C1 and C5."""
    monkeypatch.chdir(tmp_path)
    folder = loop.made(tmp_path)
    run(lifeseg, "2013-06")
    tasks(lifeseg, "2013-06")
    return folder


def read(lifeseg: Lifeseg, *rows: str, heading: str = HEADING) -> str:
    Path("came.csv").write_text(heading + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    finished = lifeseg("outcomes", "came.csv")
    return finished.out or finished.err


def kept(folder: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(folder / "lifeseg.duckdb", read_only=True) as store:
        query = "SELECT task, outcome, cost::VARCHAR, reading, replaced FROM outcomes ORDER BY task, reading"
        return store.execute(query).fetchall()


def test_outcomes_are_read_once(shop: Path, lifeseg: Lifeseg) -> None:
    assert read(lifeseg, *ROWS) == "2 outcomes: 2 new · shop 1.0.0\n"
    assert read(lifeseg, *ROWS) == "2 outcomes: 0 new, 2 known already · shop 1.0.0\n"
    assert kept(shop) == [(1, "responded", "12.50", 1, None), (2, "no_response", "12.50", 1, None)]


def test_a_correction_leaves_what_it_corrects(shop: Path, lifeseg: Lifeseg) -> None:
    read(lifeseg, *ROWS)
    said = read(lifeseg, ROWS[0], "2,responded,2013-07-12,12.5,80,", "3,cancelled,2013-07-01,,,")
    assert said == "3 outcomes: 1 new, 1 corrected, 1 known already · shop 1.0.0\n"
    assert kept(shop) == [
        (1, "responded", "12.50", 1, None),
        (2, "no_response", "12.50", 1, 2),
        (2, "responded", "12.50", 2, None),
        (3, "cancelled", "0.00", 2, None),
    ]


def test_the_file_that_was_handed_out_can_be_filled_in(shop: Path, lifeseg: Lifeseg) -> None:
    lifeseg("tasks", "--out", "june.csv")
    heading, first, *rest = Path("june.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{first},responded,2013-07-05", *(f"{row},," for row in rest)]
    assert read(lifeseg, *rows, heading=f"\ufeff{heading},outcome,day\n") == (
        "1 outcome: 1 new · 3 rows without an outcome · shop 1.0.0\n"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9,responded,2013-07-05,1,2,", "task 9 was never handed out"),
        ("2,responded,2013-06-29,1,2,", "task 2 was handed out on 2013-06-30, after this day"),
        ("1,responded,2013-07-05,1,2,", "task 1 has an outcome already, in line 2"),
        ("2,respond,2013-07-05,1,2,", "`respond` is no outcome"),
        ("2,,2013-07-05,1,2,", "`outcome` is empty"),
        ("2,responded,5.7.2013,1,2,", "`5.7.2013` is not a day"),
        ("2,responded,2013-07-05,-1,2,", "`-1` in `cost` is not an amount"),
        ("2,responded,2013-07-05,1,1.234,", "`1.234` in `revenue` is not an amount"),
        ("2,responded,2013-07-05,1,NaN,", "`NaN` in `revenue` is not an amount"),
        ("two,responded,2013-07-05,1,2,", "`two` is not the number of a task"),
        ("2,responded,2013-07-05,1,2,,", "this line has 7 cells, and the heading has 6"),
    ],
)
def test_one_wrong_row_and_nothing_is_entered(row: str, reason: str, shop: Path, lifeseg: Lifeseg) -> None:
    said = read(lifeseg, ROWS[0], row)
    assert f"error[outcome-row]: {reason}" in said
    assert "came.csv:3:1" in said
    assert kept(shop) == []


def test_all_rows_that_cannot_be_are_named_at_once(shop: Path, lifeseg: Lifeseg) -> None:
    """What a row says by itself, and what the store knows of its task; and nothing is entered."""
    said = read(
        lifeseg, "99,responded,2013-07-05,,,", "1,maybe,2013-07-05,,,", ROWS[1], "3,responded,2012-07-05,,,"
    )
    assert [said.index(f"came.csv:{line}:1") for line in (2, 3, 5)] == sorted(
        said.index(f"came.csv:{line}:1") for line in (2, 3, 5)
    )
    assert said.count("error[outcome-row]") == 3
    assert kept(shop) == []


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("task,outcome\n", "there is no column `day`"),
        ("task,outcome,day,kost\n", "outcomes have no column `kost`"),
        ("task,outcome,day,day\n", "there are two columns `day`"),
        ("", "there is no column `task`"),
    ],
)
def test_a_wrong_heading(heading: str, reason: str, shop: Path, lifeseg: Lifeseg) -> None:
    assert f"error[outcome-row]: {reason}" in read(lifeseg, heading=heading)


def test_a_file_that_is_none(shop: Path, lifeseg: Lifeseg) -> None:
    finished = lifeseg("outcomes", "nowhere.csv")
    assert (finished.code, "error[cannot-read]" in finished.err) == (2, True)
    Path("came.csv").write_bytes(b"task,outcome,day\n\xff\xfe\n")
    assert "error[cannot-read]" in lifeseg("outcomes", "came.csv").err
