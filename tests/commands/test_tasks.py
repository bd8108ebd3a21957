"""What is handed out, to whom, and that it is handed out once, whatever happens in between."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from lifeseg.cli.documents import TaskFile, Tasks
from tests.commands import loop
from tests.commands.conftest import Lifeseg
from tests.commands.loop import JUNE, data, run, tasks

OF_JUNE = [(1, "C1", "call"), (2, "C3", "call"), (3, "C1", "letter"), (4, "C5", "letter")]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return loop.made(tmp_path)


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
@pytest.mark.parametrize("out", [(), ("--out", "results", "--format", "csv")], ids=["parquet", "csv"])
def test_whoever_has_a_reason_and_is_not_excluded_is_handed_a_task(
    engine: str, out: tuple[str, ...], shop: Path, lifeseg: Lifeseg
) -> None:
    run(lifeseg, "2013-06", "--engine", engine, *out)
    assert tasks(lifeseg, "2013-06") == OF_JUNE


def test_the_same_command_gives_the_same_tasks(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    assert [tasks(lifeseg, "2013-06") for _ in range(3)] == [OF_JUNE] * 3
    first = lifeseg("tasks", "--out", "a.csv"), Path("a.csv").read_bytes()
    assert (lifeseg("tasks", "--out", "a.csv"), Path("a.csv").read_bytes()) == first


def test_a_task_is_not_handed_out_again_while_its_reason_holds(shop: Path, lifeseg: Lifeseg) -> None:
    for month in ("2013-06", "2013-07"):
        data(shop, month, *JUNE)
        run(lifeseg, month)
        tasks(lifeseg, month)
    assert tasks(lifeseg, "2013-07") == []


def test_a_task_is_handed_out_again_when_its_reason_comes_back(shop: Path, lifeseg: Lifeseg) -> None:
    """C5 is a key account, then none, then one again; the letter has no line `again after`."""
    months = {"2013-06": 700, "2013-07": 100, "2013-08": 700}
    found = []
    for month, fee in months.items():
        data(shop, month, f"C5,2015-01-31,{fee},no")
        run(lifeseg, month)
        found.append(tasks(lifeseg, month))
    assert found == [[(1, "C5", "letter")], [], [(2, "C5", "letter")]]


def test_again_after_six_months_and_no_earlier(shop: Path, lifeseg: Lifeseg) -> None:
    """C3 renews in July, so that the reason comes back in August: too early. In January it is time."""
    months = {
        "2013-06": "2013-07-31",
        "2013-07": "2015-07-31",
        "2013-08": "2013-09-30",
        "2014-01": "2014-02-28",
    }
    found = []
    for month, end in months.items():
        data(shop, month, f"C3,{end},100,no")
        run(lifeseg, month)
        found.append(tasks(lifeseg, month))
    assert found == [[(1, "C3", "call")], [], [], [(2, "C3", "call")]]


def test_a_day_run_again_with_corrected_data_adds_what_was_lacking(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    tasks(lifeseg, "2013-06")
    data(shop, "2013-06", *JUNE[1:], "C6,2013-07-15,100,no")
    run(lifeseg, "2013-06")
    data(shop, "2013-06", *JUNE, "C6,2013-07-15,100,no")
    run(lifeseg, "2013-06")
    assert tasks(lifeseg, "2013-06") == [*OF_JUNE, (5, "C6", "call")]


def test_an_earlier_day_is_shown_and_not_handed_out_any_more(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    data(shop, "2013-07", *JUNE)
    run(lifeseg, "2013-07")
    assert tasks(lifeseg, "2013-07") == OF_JUNE
    finished = lifeseg("tasks")
    assert finished.out == "0 tasks of 2013-06-30 · 2013-07-31 is handed out already · shop 1.0.0\n"


def test_a_preview_records_nothing(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    assert tasks(lifeseg, "2013-06", "--preview") == OF_JUNE
    with duckdb.connect(shop / "lifeseg.duckdb") as store:
        assert store.execute("SELECT count(*) FROM tasks").fetchone() == (0,)


def test_owner_channel_and_due_date(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    document = Tasks.model_validate_json(lifeseg("tasks", "--format", "json").out)
    told = [(one.key, one.owner, one.channel, str(one.due)) for one in document.tasks]
    assert told == [
        ("C1", "account_manager", "phone", "2013-07-10"), ("C3", "shop", "phone", "2013-07-10"),
        ("C1", "marketing", "post", "None"), ("C5", "marketing", "post", "None"),
    ]  # fmt: skip


SALES = """\
policy sales "Sales"
  version 1.0.0

entity customer "Customer"
  customer_id text key
  manager "Account manager" text optional
  way "Way to reach the customer" one of phone, letter
  speed "Line speed" count 0..1000
  calls_abroad "Calls abroad a month" count 0..100

offers next_offer "Next best offers" of customer
  choose 2 by worth
  fibre "Fibre upgrade" when speed < 100
    worth 10
  abroad "Package for calls abroad" always
    worth 0.40 * calls_abroad

tasks sales "Sales" of customer
  pitch "Offer" when calls_abroad > 1
    each next_offer
    owner manager
    channel way
"""
PITCHED = [
    ("C1", "pitch_fibre", "Offer: Fibre upgrade", "fibre", "Desk 3", "phone"),
    ("C1", "pitch_abroad", "Offer: Package for calls abroad", "abroad", "Desk 3", "phone"),
    ("C2", "pitch_abroad", "Offer: Package for calls abroad", "abroad", None, "letter"),
]


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_every_offer_that_is_made_is_a_task_for_whom_the_facts_name(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lifeseg: Lifeseg
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.seg").write_text(SALES, encoding="utf-8")
    Path("lifeseg.toml").write_text(
        f'policy = "sales.seg"\nas_of = 2013-06-30\nengine = "{engine}"\nresults = "s.duckdb"\n'
        '[data]\ncustomer = "customer.csv"\n',
        encoding="utf-8",
    )
    Path("customer.csv").write_text(
        "customer_id,manager,way,speed,calls_abroad\nC1,Desk 3,phone,50,12\nC2,,letter,800,9\nC3,Desk 1,phone,50,0\n",
        encoding="utf-8",
    )
    assert lifeseg("check").out.count("warning") == 0
    assert lifeseg("run").code == 0
    found = Tasks.model_validate_json(lifeseg("tasks", "--format", "json").out).tasks
    told = [(one.key, one.name, one.title, one.about, one.owner, one.channel) for one in found]
    assert sorted(told) == sorted(PITCHED)


def test_a_document_for_each_task_in_a_folder(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    assert lifeseg("tasks", "--out", "outbox").out == (
        "4 tasks of 2013-06-30, 4 of them new · shop 1.0.0 · in outbox\n"
    )
    assert sorted(path.name for path in Path("outbox").iterdir()) == [
        f"task-000000{number}.json" for number in range(1, 5)
    ]
    one = TaskFile.model_validate_json(Path("outbox/task-0000002.json").read_text(encoding="utf-8"))
    assert (one.task, one.key, one.title) == (2, "C3", "Call about the renewal")


def test_titles_in_another_language(shop: Path, lifeseg: Lifeseg) -> None:
    with (shop / "shop.seg").open("a", encoding="utf-8") as policy:
        policy.write('\ntitles zh\n  call "续约致电"\n')
    run(lifeseg, "2013-06")
    assert "续约致电" in lifeseg("tasks", "--lang", "zh").out


def test_without_a_run_of_the_policy_as_it_is_nothing_is_handed_out(shop: Path, lifeseg: Lifeseg) -> None:
    run(lifeseg, "2013-06")
    assert "error[tasks-no-run]" in lifeseg("tasks", "--as-of", "2013-07-31").err
    policy = shop / "shop.seg"
    policy.write_text(policy.read_text(encoding="utf-8").replace("2 months", "3 months"), encoding="utf-8")
    finished = lifeseg("tasks")
    assert (finished.code, "error[tasks-no-run]" in finished.err) == (2, True)


def test_a_policy_without_tasks(shop: Path, lifeseg: Lifeseg) -> None:
    policy = shop / "shop.seg"
    policy.write_text(policy.read_text(encoding="utf-8").partition("\ntasks")[0], encoding="utf-8")
    finished = lifeseg("tasks")
    assert (finished.code, "error[tasks-none]" in finished.err) == (2, True)


def test_a_place_that_cannot_be_written_to(shop: Path, lifeseg: Lifeseg) -> None:
    """The tasks are recorded; the same command gives them once the place can be written to."""
    run(lifeseg, "2013-06")
    Path("june").write_text("in the way", encoding="utf-8")
    finished = lifeseg("tasks", "--out", "june/a.csv")
    assert (finished.code, "error[cannot-write]" in finished.err) == (2, True)
    assert tasks(lifeseg, "2013-06") == OF_JUNE


def test_a_hand_out_that_is_killed_leaves_nothing_or_all(shop: Path, lifeseg: Lifeseg) -> None:
    data(shop, "2013-06", *(f"K{number},2013-07-31,600,no" for number in range(2000)))
    run(lifeseg, "2013-06")
    command = [sys.executable, "-m", "lifeseg", "tasks", "--out", "june.json"]
    for tenths in (3, 5, 6, 7, 8):
        with subprocess.Popen(
            command, cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(tenths / 10)
            process.send_signal(signal.SIGKILL)
        with duckdb.connect(shop / "lifeseg.duckdb") as store:
            made = store.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'tasks'").fetchone()
            assert made == (1,)
            assert store.execute("SELECT count(*) FROM tasks").fetchone() in ((0,), (4000,))
        if (file := shop / "june.json").exists():
            assert len(json.loads(file.read_text(encoding="utf-8"))["tasks"]) == 4000
    assert len(tasks(lifeseg, "2013-06")) == 4000
