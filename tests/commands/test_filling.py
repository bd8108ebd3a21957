"""A workspace says since when runs are due and how often: one command makes those that are missing, oldest first.

The policy is that of docs/language/lifecycles.md; a file of customers lies there for each month.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from lifeseg.pipeline.schedule import due
from tests.commands.conftest import Lifeseg
from tests.commands.test_history import HEADING, LIFE

SETTINGS = """\
policy = "life.seg"
as_of = 2013-05-31
since = 2013-01-31
every = "month"
results = "life.duckdb"

[data]
customer = "months/{month}.csv"
"""
MONTHS = {
    "2013-01": ("C1,,none", "C2,,none", "C3,2013-04-15,none"),
    "2013-02": ("C1,,running", "C2,,none", "C3,2013-04-15,none"),
    "2013-03": ("C1,2014-09-30,none", "C2,,running", "C3,2015-04-15,none"),
    "2013-04": ("C1,2014-09-30,none", "C2,,failed", "C3,2015-04-15,none"),
    "2013-05": ("C1,2014-09-30,none", "C2,,failed", "C3,2013-06-15,none"),
}


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    page = (Path(__file__).parents[2] / "docs/language/lifecycles.md").read_text(encoding="utf-8")
    text = page.partition("```seg\n")[2].partition("```")[0]
    (tmp_path / "life.seg").write_text(LIFE + text, encoding="utf-8")
    (tmp_path / "lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "months").mkdir()
    for month, rows in MONTHS.items():
        write(tmp_path, month, *rows)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, month: str, *rows: str) -> None:
    text = HEADING + "".join(f"{row}\n" for row in rows)
    (folder / f"months/{month}.csv").write_text(text, encoding="utf-8")


def told(lifeseg: Lifeseg, command: str, code: int = 0) -> str:
    finished = lifeseg(*command.split())
    assert finished.code == code, finished.err
    return finished.out


def days(folder: Path) -> list[tuple[str, int]]:
    """The days that are believed, and the runs that found them."""
    with duckdb.connect(folder / "life.duckdb", read_only=True) as store:
        query = "SELECT CAST(as_of AS VARCHAR), max(run) FROM runs WHERE replaced IS NULL GROUP BY as_of ORDER BY as_of"
        return store.execute(query).fetchall()


def stages(lifeseg: Lifeseg, key: str) -> list[tuple[str, str | None]]:
    found = json.loads(told(lifeseg, f"history {key} --format json"))["changes"]
    return [(one["day"], one["after"]) for one in found]


def test_one_command_fills_every_missing_month_oldest_first(life: Path, lifeseg: Lifeseg) -> None:
    lines = told(lifeseg, "run").splitlines()
    assert lines[:4] == [
        "2013-01-31 · 3 customers · 0 moves of stage · run 1",
        "2013-02-28 · 3 customers · 2 moves of stage · run 2",
        "2013-03-31 · 3 customers · 3 moves of stage · run 3",
        "2013-04-30 · 3 customers · 1 move of stage · run 4",
    ]
    assert lines[4].startswith("life 1.0.0 · as of 2013-05-31 · interpreter · 3 customers")
    assert stages(lifeseg, "C2") == [
        ("2013-01-31", "prospect"),
        ("2013-03-31", "development"),
        ("2013-04-30", "lost"),
    ]


def test_a_month_that_is_there_is_not_run_again(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run --as-of 2013-03-31")
    assert [line.split(" · ")[0] for line in told(lifeseg, "run").splitlines()[:2]] == [
        "2013-04-30",
        "life 1.0.0",
    ]
    assert days(life)[-2:] == [("2013-04-30", 4), ("2013-05-31", 5)]
    told(lifeseg, "run")
    assert days(life)[-2:] == [("2013-04-30", 4), ("2013-05-31", 6)]


def test_the_past_is_told_anew_from_a_corrected_month_on(life: Path, lifeseg: Lifeseg) -> None:
    """C2's programme ran in February already: the versions before stay in the store."""
    told(lifeseg, "run")
    write(life, "2013-02", "C1,,running", "C2,,running", "C3,2013-04-15,none")
    told(lifeseg, "run --again-from 2013-02-28")
    assert stages(lifeseg, "C2") == [
        ("2013-01-31", "prospect"),
        ("2013-02-28", "development"),
        ("2013-04-30", "lost"),
    ]
    assert [run for _, run in days(life)] == [1, 6, 7, 8, 9]
    with duckdb.connect(life / "life.duckdb", read_only=True) as store:
        query = """SELECT CAST(valid_from AS VARCHAR), recorded, replaced FROM memberships
            WHERE key = 'C2' AND "case" = 'development' AND valid_to = '2013-04-30' ORDER BY recorded"""
        assert store.execute(query).fetchall() == [("2013-03-31", 4, 6), ("2013-02-28", 8, None)]


def test_a_month_that_was_skipped_is_filled_and_what_follows_is_told_anew(
    life: Path, lifeseg: Lifeseg
) -> None:
    for day in ("2013-01-31", "2013-04-30"):
        text = (life / "lifeseg.toml").read_text(encoding="utf-8")
        without = text.replace('since = 2013-01-31\nevery = "month"\n', "")
        (life / "lifeseg.toml").write_text(without, encoding="utf-8")
        told(lifeseg, f"run --as-of {day}")
    (life / "lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    told(lifeseg, "run")
    assert [run for _, run in days(life)] == [1, 3, 4, 5, 6]
    assert stages(lifeseg, "C1")[1:] == [("2013-02-28", "development"), ("2013-03-31", "contract")]


def test_a_look_back_records_nothing_anew(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    told(lifeseg, "run --as-of 2013-03-31")
    assert [run for _, run in days(life)][:2] == [1, 2]
    assert stages(lifeseg, "C1")[1:] == [("2013-02-28", "development"), ("2013-03-31", "contract")]


def test_what_is_recorded_stays_when_a_month_fails(life: Path, lifeseg: Lifeseg) -> None:
    write(life, "2013-03", "C1,some day,none")
    finished = lifeseg("run")
    assert finished.code == 1
    assert finished.out.splitlines()[-1] == "2013-02-28 · 3 customers · 2 moves of stage · run 2"
    assert "note[fill-stopped]: the run of 2013-03-31 failed" in finished.err
    assert [day for day, _ in days(life)] == ["2013-01-31", "2013-02-28"]
    write(life, "2013-03", *MONTHS["2013-03"])
    told(lifeseg, "run")
    assert [run for _, run in days(life)] == [1, 2, 3, 4, 5]


def test_history_can_be_begun_without_settings(life: Path, lifeseg: Lifeseg) -> None:
    text = SETTINGS.replace('since = 2013-01-31\nevery = "month"\n', "")
    (life / "lifeseg.toml").write_text(text, encoding="utf-8")
    assert lifeseg("run", "--again-from", "2013-03-31").code == 2
    told(lifeseg, "run --again-from 2013-03-31 --every month")
    assert [day for day, _ in days(life)] == ["2013-03-31", "2013-04-30", "2013-05-31"]


def test_each_run_keeps_its_policy_and_the_parameters_in_force(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run --as-of 2013-02-28")
    policy = (life / "life.seg").read_text(encoding="utf-8")
    dated = policy.replace("= 2 months\n", "= 2 months\n    since 2013-04-01 = 3 months\n")
    (life / "life.seg").write_text(dated, encoding="utf-8")
    told(lifeseg, "run")
    with duckdb.connect(life / "life.duckdb", read_only=True) as store:
        kept = store.execute("SELECT file, own, text FROM policies ORDER BY length(text)").fetchall()
        found = store.execute("SELECT parameters->>'renewal_window' FROM runs ORDER BY run").fetchall()
    assert kept == [("life.seg", True, policy), ("life.seg", True, dated)]
    assert [value for (value,) in found] == ["2", "2", "2", "3", "3"]


# ---- What happened then, and why -----------------------------------------------------------------


def test_a_history_gives_the_rule_of_each_change_and_what_had_changed(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    assert told(lifeseg, "history C2 --why") == (
        "C2 · life 1.0.0\n"
        "2013-01-31   stage   prospect                 run 1\n"
        "               otherwise\n"
        "2013-03-31   stage   prospect → development   run 3\n"
        "               when programme is running\n"
        "               changed since 2013-02-28: programme none → running\n"
        "2013-04-30   stage   development → lost       run 4\n"
        "               when programme is failed and not under_contract\n"
        "               changed since 2013-03-31: programme running → failed\n"
    )
    last = json.loads(told(lifeseg, "history C3 --why --format json"))["changes"][-1]
    assert last["rule"] == "renewing"
    assert last["changed"] == [
        {"name": "contract_end", "of": None, "before": "2015-04-15", "after": "2013-06-15"},
        {"name": "renewing", "of": None, "before": "no", "after": "yes"},
    ]


def test_an_explanation_is_of_the_run_that_was_made(life: Path, lifeseg: Lifeseg) -> None:
    """By the policy and the parameters it had: a window of two months did not yet reach C3 in January."""
    told(lifeseg, "run --as-of 2013-02-28")
    policy = (life / "life.seg").read_text(encoding="utf-8")
    (life / "life.seg").write_text(policy.replace("= 2 months", "= 4 months"), encoding="utf-8")
    told(lifeseg, "run")
    then = told(lifeseg, "explain C3 --at 2013-02-10 --detail 0")
    assert then == (
        "C3's stage is contract, because “under contract” holds, and “about to end” does not hold.\n"
    )
    assert "run 1" in told(lifeseg, "explain C3 --at 2013-02-10 --detail 1").splitlines()[0]
    assert told(lifeseg, "explain C3 --as-of 2013-01-31 --detail 0") != then


def test_what_a_run_knew_is_not_what_became_known_later(life: Path, lifeseg: Lifeseg) -> None:
    """February was corrected after March had been run: March is explained by the February of that time."""
    told(lifeseg, "run")
    write(life, "2013-02", "C1,,running", "C2,,running", "C3,2013-04-15,none")
    told(lifeseg, "run --as-of 2013-02-28")
    assert "its stage before is prospect" in told(lifeseg, "explain C2 --at 2013-03-31 --detail 0")


def test_a_policy_whose_text_was_not_kept_takes_no_history_away(life: Path, lifeseg: Lifeseg) -> None:
    """As in a store that an earlier version has filled."""
    told(lifeseg, "run --as-of 2013-02-28")
    policy = (life / "life.seg").read_text(encoding="utf-8")
    (life / "life.seg").write_text(policy.replace("= 2 months", "= 3 months"), encoding="utf-8")
    told(lifeseg, "run --as-of 2013-03-31")
    with duckdb.connect(life / "life.duckdb") as store:
        store.execute("DELETE FROM policies")
    history = lifeseg("history", "C1")
    assert history.out.splitlines()[1:4] == [
        "2013-01-31   stage   prospect                 run 1",
        "2013-02-28   stage   prospect → development   run 2",
        "2013-03-31   stage   development → contract   run 3",
    ]
    assert history.code == 0
    assert "note[history-text]: by which rule somebody changed on 2013-02-28 cannot be told" in history.err
    refused = lifeseg("explain", "C1", "--at", "2013-02-28")
    assert refused.code == 2
    assert "error[history-text]: run 2 of 2013-02-28 was recorded by an earlier version" in refused.err


def test_a_day_whose_data_have_changed_is_not_explained_by_others(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    write(life, "2013-03", "C1,,none", "C2,,none", "C3,,none")
    refused = lifeseg("explain", "C2", "--at", "2013-03-31")
    assert refused.code == 2
    assert "error[history-data]: the data are no longer what they were when run 3" in refused.err
    refused = lifeseg("explain", "C2", "--at", "2012-12-31")
    assert "error[history-before]: the first recorded run is of 2013-01-31" in refused.err
    history = lifeseg("history", "C2", "--why")
    assert history.code == 0
    assert "note[history-data]: what had changed by 2013-03-31 cannot be told" in history.err
    (life / "months/2013-03.csv").unlink()
    assert "the data of run 3 cannot be read" in lifeseg("history", "C2", "--why").err


@pytest.mark.parametrize(
    ("first", "every", "days"),
    [
        ("2013-01-31", "month", ["2013-01-31", "2013-02-28", "2013-03-31", "2013-04-30"]),
        ("2012-06-30", "quarter", ["2012-06-30", "2012-09-30", "2012-12-31", "2013-03-31"]),
        ("2013-01-30", "month", ["2013-01-30", "2013-02-28", "2013-03-30", "2013-04-30"]),
        ("2012-02-29", "year", ["2012-02-29", "2013-02-28", "2014-02-28", "2015-02-28"]),
        ("2013-04-29", "week", ["2013-04-29", "2013-05-06", "2013-05-13", "2013-05-20"]),
        ("2013-04-29", "day", ["2013-04-29", "2013-04-30", "2013-05-01", "2013-05-02"]),
    ],
)
def test_days_on_which_a_run_is_due(first: str, every: str, days: list[str]) -> None:
    found = due(date.fromisoformat(first), every, date.fromisoformat(days[-1]))
    assert [str(day) for day in found] == days
