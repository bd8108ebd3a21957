"""Runs that follow each other: who moves and who stays, what is remembered, and what a history tells.

The policy is that of docs/language/lifecycles.md: a prospect gets a development programme, a contract, and before its end is
to be converted; development lasts a month at least, and who is lost stays lost.
"""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from lifeseg.cli.documents import Simulation
from lifeseg.tracking import store
from lifeseg.tracking.memberships import Found
from lifeseg.tracking.store import Remembered, Run, UnusableStoreError
from tests.commands.conftest import Lifeseg

ENGINES = ("interpreter", "duckdb")
LIFE = "policy life\n  version 1.0.0\n\n"
SETTINGS = """\
policy = "life.seg"
as_of = 2013-01-31
results = "life.duckdb"

[data]
customer = "customers.csv"
"""
HEADING = "customer_id,contract_end,programme\n"
MONTHS = {
    "2013-01-31": ("C1,,none", "C2,,none", "C3,2013-04-15,none", "C4,2013-03-10,none"),
    "2013-02-28": ("C1,,running", "C2,,none", "C3,2013-04-15,none", "C4,2015-03-10,none", "C5,,running"),
    "2013-03-31": ("C1,2014-09-30,none", "C2,,running", "C3,2015-04-15,none", "C5,,running"),
    "2013-04-15": ("C1,2014-09-30,none", "C2,,failed", "C3,2015-04-15,none", "C5,2014-01-31,none"),
    "2013-05-31": ("C1,2014-09-30,none", "C2,,failed", "C3,2013-06-15,none", "C5,2014-01-31,none"),
}
STAGES = {
    #             C1            C2             C3            C4            C5
    "2013-01-31": ("prospect", "prospect", "contract", "conversion", None),
    "2013-02-28": ("development", "prospect", "conversion", "contract", "prospect"),
    "2013-03-31": ("contract", "development", "contract", None, "development"),
    "2013-04-15": ("contract", "development", "contract", None, "development"),  # not a month there yet
    "2013-05-31": ("contract", "lost", "conversion", None, "contract"),
}


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    page = (Path(__file__).parents[2] / "docs/language/lifecycles.md").read_text(encoding="utf-8")
    text = page.partition("```seg\n")[2].partition("```")[0]
    (tmp_path / "life.seg").write_text(LIFE + text, encoding="utf-8")
    (tmp_path / "lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def data(folder: Path, *rows: str) -> None:
    (folder / "customers.csv").write_text(HEADING + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def told(lifeseg: Lifeseg, command: str, code: int = 0) -> str:
    """What a command says; findings stand on the other door."""
    finished = lifeseg(*shlex.split(command))
    assert finished.code == code, finished.err
    return finished.err if code else finished.out


def stages(folder: Path, lifeseg: Lifeseg, day: str, engine: str) -> tuple[str | None, ...]:
    """The stages of C1 to C5 after a run of that day."""
    told(lifeseg, f"run --as-of {day} --engine {engine} --out out --format csv")
    lines = (folder / "out/customer.csv").read_text(encoding="utf-8").splitlines()[1:]
    found = {line.split(",")[0]: line.split(",")[-1] for line in lines}
    return tuple(found.get(f"C{number}") for number in range(1, 6))


@pytest.mark.parametrize("engine", ENGINES)
def test_customers_move_from_month_to_month(engine: str, life: Path, lifeseg: Lifeseg) -> None:
    for day, rows in MONTHS.items():
        data(life, *rows)
        assert stages(life, lifeseg, day, engine) == STAGES[day]


def test_engines_may_take_turns(life: Path, lifeseg: Lifeseg) -> None:
    for place, (day, rows) in enumerate(MONTHS.items()):
        data(life, *rows)
        assert stages(life, lifeseg, day, ENGINES[place % 2]) == STAGES[day]


def year(life: Path, lifeseg: Lifeseg) -> None:
    for day, rows in MONTHS.items():
        data(life, *rows)
        told(lifeseg, f"run --as-of {day} --engine duckdb")


def test_a_history_tells_every_change_and_the_run_that_found_it(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    assert told(lifeseg, "history C3") == (
        "C3 · life 1.0.0\n"
        "2013-01-31   stage   contract                run 1\n"
        "               when under_contract and not renewing\n"
        "2013-02-28   stage   contract → conversion   run 2\n"
        "               when renewing\n"
        "2013-03-31   stage   conversion → contract   run 3\n"
        "               when under_contract and not renewing\n"
        "2013-05-31   stage   contract → conversion   run 5\n"
        "               when renewing\n"
    )


def test_who_is_gone_from_the_data_is_nothing_any_more(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    changes = json.loads(told(lifeseg, "history C4 --format json"))["changes"]
    assert [(one["day"], one["before"], one["after"]) for one in changes] == [
        ("2013-01-31", None, "conversion"),
        ("2013-02-28", "conversion", "contract"),
        ("2013-03-31", "contract", None),
    ]


def test_an_explanation_is_of_the_run_and_names_what_was(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    assert told(lifeseg, "explain C2 --as-of 2013-05-31 --detail 0") == (
        "C2's stage is lost, because its stage before is development, its development programme is failed,\n"
        "“under contract” does not hold, and stage since + 1 months is 2013-04-30, 31 days before 2013-05-31.\n"
    )


def test_moves_are_counted_and_movers_listed(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    assert told(lifeseg, "transitions") == (
        "stage         prospect   development   contract   conversion   lost   none\n"
        "none                 3                        1            1\n"
        "prospect                           3\n"
        "development                                   2                   1\n"
        "contract                                                   2             1\n"
        "conversion                                    2\n"
    )
    assert told(lifeseg, "transitions --from contract --to conversion") == (
        "when renewing\nC3   2013-02-28\nC3   2013-05-31\n"
    )
    assert told(lifeseg, "transitions --from contract --to none") == "C4   2013-03-31\n"
    assert told(lifeseg, "transitions --from lost --to contract") == "nobody\n"
    spring = told(lifeseg, "transitions stage --since 2013-04-15 --until 2013-05-31 --format csv")
    assert spring.splitlines()[1:] == ["development,0,0,1,0,1,0", "contract,0,0,0,1,0,0"]


def test_who_came_back_is_counted_and_listed(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    assert told(lifeseg, "transitions --flapping") == (
        "1 record came back within 6 months\n"
        "back in      from         customers   times\n"
        "contract     conversion           1       1\n"
        "conversion   contract             1       1\n"
        "\n"
        "C3   2   contract 2013-02-28 → 2013-03-31, conversion 2013-03-31 → 2013-05-31\n"
    )
    assert told(lifeseg, "transitions stage --flapping --within '2 months' --times 3").startswith("nobody")
    assert told(lifeseg, "transitions --flapping --within 45days --format csv") == (
        "key,case,from,left,back\nC3,contract,conversion,2013-02-28,2013-03-31\n"
    )
    assert "bad-argument" in told(lifeseg, "transitions --flapping --within soon", code=2)


def test_sizes_are_told_by_month_and_expected(life: Path, lifeseg: Lifeseg) -> None:
    """Of April, the last run counts; the last step, from April to May, is one of a month, as all are."""
    year(life, lifeseg)
    lines = told(lifeseg, "simulate --format csv").splitlines()
    sizes = {tuple(line.split(",")[:3:2]): line.split(",")[3] for line in lines[1:]}
    assert lines[1].startswith("2013-01,2013-01-31,prospect,2,")
    for day, found in STAGES.items():
        for case in {*found} - {None}:
            assert sizes[day[:7], str(case)] == str(found.count(case))
    document = Simulation.model_validate_json(told(lifeseg, "simulate --months 2 --format json"))
    assert (document.steps, [month.month for month in document.months[-2:]]) == (4, ["2013-06", "2013-07"])
    expected = {one.case: one for one in document.months[-2].cases}
    assert expected["lost"].size == "1.00"
    shown = told(lifeseg, "simulate --months 2")
    assert "few observations of what comes after" in shown
    assert shown == told(lifeseg, "simulate --months 2")


def test_rates_need_two_months_that_follow_each_other(life: Path, lifeseg: Lifeseg) -> None:
    for day in ("2013-01-31", "2013-03-31"):
        data(life, *MONTHS[day])
        told(lifeseg, f"run --as-of {day} --engine duckdb")
    assert "error[simulate-months]" in told(lifeseg, "simulate --months 1", code=2)
    assert "error[simulate-value]" in told(lifeseg, "simulate --value programme", code=2)


def test_a_move_has_two_ends_and_known_cases(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    assert "`--from` and `--to` go together" in told(lifeseg, "transitions --from lost", code=2)
    assert "did you mean `contract`?" in told(lifeseg, "transitions --from contrat --to lost", code=2)
    assert "did you mean `stage`?" in told(lifeseg, "transitions stag", code=2)


# ---- The same day again, and earlier days --------------------------------------------------------


def test_a_day_is_run_again_with_corrected_data(life: Path, lifeseg: Lifeseg) -> None:
    """The run starts from what was before that day; what was believed stays in the store and is told no longer."""
    year(life, lifeseg)
    data(life, "C1,2014-09-30,none", "C2,,running", "C3,2015-06-15,none", "C5,2014-01-31,none")
    assert stages(life, lifeseg, "2013-05-31", "duckdb") == (
        "contract",
        "development",
        "contract",
        None,
        "contract",
    )
    assert told(lifeseg, "history C3").splitlines()[-2].split() == [
        "2013-03-31",
        "stage",
        "conversion",
        "→",
        "contract",
        "run",
        "3",
    ]
    with duckdb.connect(life / "life.duckdb", read_only=True) as database:
        believed = database.sql(
            "SELECT \"case\", recorded, replaced FROM memberships WHERE key = 'C3' AND valid_from = DATE '2013-05-31'"
        ).fetchall()
    assert believed == [("conversion", 5, 6)]


def test_the_same_run_again_changes_nothing(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    before = rows_of(life)
    told(lifeseg, "run --as-of 2013-05-31 --engine interpreter")
    assert rows_of(life) == before


def rows_of(life: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(life / "life.duckdb", read_only=True) as database:
        return database.sql("FROM memberships ORDER BY ALL").fetchall()


def test_an_earlier_day_is_evaluated_and_changes_nothing_of_what_is_known(
    life: Path, lifeseg: Lifeseg
) -> None:
    year(life, lifeseg)
    before = rows_of(life)
    data(life, *MONTHS["2013-02-28"])
    finished = lifeseg("run", "--as-of", "2013-02-28", "--engine", "duckdb")
    assert finished.code == 0
    assert "note[history-later]: what everybody was on 2013-05-31 is recorded already" in finished.err
    assert stages(life, lifeseg, "2013-02-28", "duckdb") == STAGES["2013-02-28"]
    assert rows_of(life) == before


def test_a_month_may_be_left_out(life: Path, lifeseg: Lifeseg) -> None:
    """Moves are made from where a customer was last, however long ago; the contract of C4 was renewed meanwhile."""
    for day in ("2013-01-31", "2013-03-31"):
        data(life, *MONTHS[day], "C4,2016-01-31,none") if day > "2013-02" else data(life, *MONTHS[day])
        found = stages(life, lifeseg, day, "duckdb")
    assert found == ("contract", "development", "contract", "contract", "prospect")


BANDS = """policy life
  version 1.0.0

entity customer
  customer_id text key
  satisfaction share

score stability of customer
  1 satisfaction
  bands
    stable "Stable" from 0.48
    unstable "Unstable" below, leaving stable below 0.44
"""
SATISFACTION = ("0.50", "0.46", "0.44", "0.43", "0.47", "0.48", "0.45")
STABILITY = ("stable", "stable", "stable", "unstable", "unstable", "stable", "stable")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_band_is_kept_from_month_to_month(engine: str, life: Path, lifeseg: Lifeseg) -> None:
    (life / "life.seg").write_text(BANDS, encoding="utf-8")
    for month, (satisfaction, band) in enumerate(zip(SATISFACTION, STABILITY, strict=True), 1):
        (life / "customers.csv").write_text(
            f"customer_id,satisfaction\nC1,{satisfaction}\n", encoding="utf-8"
        )
        assert stages(life, lifeseg, f"2013-{month:02}-28", engine)[0] == band
    assert [line.split()[0] for line in told(lifeseg, "history C1").splitlines()[1:]] == [
        "2013-01-28",
        "2013-04-28",
        "2013-06-28",
    ]
    assert told(lifeseg, "explain C1 --detail 0") == (
        "C1's stability is stable, because it was so before, and 0.4500 is not below 0.4400.\n"
    )


# ---- Faults --------------------------------------------------------------------------------------


def test_a_state_that_was_taken_away_is_not_forgotten(life: Path, lifeseg: Lifeseg) -> None:
    year(life, lifeseg)
    text = (life / "life.seg").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if " lost" not in line and "programme is failed" not in line]
    kept = "\n".join(lines).replace("    and not under_contract\n  move contract", "  move contract")
    (life / "life.seg").write_text(f"{kept}\n", encoding="utf-8")
    before = rows_of(life)
    said = told(lifeseg, "run --as-of 2013-06-30 --engine duckdb", code=2)
    assert "error[history-state]: 1 `customer` were in the state `lost` of `stage`" in said
    assert rows_of(life) == before


ASKED = """\
policy asked
  version 1.0.0

entity customer
  customer_id text key
  satisfaction "Satisfaction" count 0..10

indexes index of customer
  level = satisfaction

segment mood of customer
  happy when satisfaction >= 5
  sad when satisfaction < 5

table offer of customer
  gives bonus
  gives nothing
  | satisfaction || offer   |
  | < 5          || bonus   |
  | >= 5         || nothing |

rank place of customer by level
  first top 50%
  last rest

lifecycle stage of customer
  state calm
  state worried
  start calm otherwise
  move calm to worried when {} was {}
"""
RENAMED = (
    ("mood", "sad", "  sad when satisfaction < 5\n", "  low when satisfaction < 5\n"),
    ("offer", "bonus", "  gives bonus\n", "  gives present\n"),
    ("place", "last", "  last rest\n", "  behind rest\n"),
)


@pytest.mark.parametrize(("name", "old", "line", "instead"), RENAMED, ids=["segment", "table", "rank"])
def test_a_case_that_is_asked_for_has_a_new_name_or_the_run_is_refused(
    name: str, old: str, line: str, instead: str, life: Path, lifeseg: Lifeseg
) -> None:
    """C1 was what moves it; under another name it moves only if the policy says that this is its name now."""
    (life / "customers.csv").write_text("customer_id,satisfaction\nC1,1\nC2,9\n", encoding="utf-8")
    policy = ASKED.format(name, old)
    (life / "life.seg").write_text(policy, encoding="utf-8")
    told(lifeseg, "run --as-of 2013-01-31")
    new = instead.split()[1 if name == "offer" else 0]
    changed = (
        policy.replace(line, instead).replace(f"was {old}", f"was {new}").replace(f"|| {old} ", f"|| {new} ")
    )
    (life / "life.seg").write_text(changed, encoding="utf-8")
    said = told(lifeseg, "run --as-of 2013-02-28", code=2)
    assert f"error[history-state]: 1 `customer` had the case `{old}` of `{name}`" in said
    (life / "life.seg").write_text(
        changed.replace(instead, f"{instead}    formerly {old}\n"), encoding="utf-8"
    )
    told(lifeseg, "run --as-of 2013-02-28")
    assert stages(life, lifeseg, "2013-02-28", "interpreter")[:2] == ("worried", "calm")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_state_has_a_new_name(engine: str, life: Path, lifeseg: Lifeseg) -> None:
    """It is no move, and a stay goes on; history and transitions tell what happened under the names of that time."""
    months = list(MONTHS.items())
    for day, rows in months[:3]:
        data(life, *rows)
        told(lifeseg, f"run --as-of {day} --engine duckdb")
    text = (life / "life.seg").read_text(encoding="utf-8").replace(" development\n", " programme_runs\n")
    text = text.replace("stay development", "stay programme_runs").replace(
        "move development", "move programme_runs"
    )
    text = text.replace("to development", "to programme_runs")
    text = text.replace("state development", "state programme_runs")
    (life / "life.seg").write_text(text, encoding="utf-8")
    data(life, *months[3][1])
    said = told(lifeseg, f"run --as-of 2013-04-15 --engine {engine}", code=2)
    assert "2 `customer` were in the state `development` of `stage`" in said
    assert "`formerly development`" in said
    text = text.replace('"Development"\n', '"Development"\n    formerly development, developed\n')
    (life / "life.seg").write_text(text, encoding="utf-8")
    before = rows_of(life)
    expected = tuple("programme_runs" if one == "development" else one for one in STAGES["2013-04-15"])
    assert stages(life, lifeseg, "2013-04-15", engine) == expected
    assert rows_of(life) == before
    data(life, *months[4][1])
    assert stages(life, lifeseg, "2013-05-31", engine) == STAGES["2013-05-31"]
    changes = json.loads(told(lifeseg, "history C2 --format json"))["changes"]
    assert [(one["day"], one["before"], one["after"]) for one in changes[-2:]] == [
        ("2013-03-31", "prospect", "development"),
        ("2013-05-31", "development", "lost"),
    ]
    assert told(lifeseg, "transitions --from development --to lost") == "C2   2013-05-31\n"
    assert told(lifeseg, "transitions --format csv").splitlines()[0] == (
        "stage,prospect,programme_runs,contract,conversion,lost,development,none"
    )


def test_nobody_has_a_history_before_the_first_run(life: Path, lifeseg: Lifeseg) -> None:
    data(life, *MONTHS["2013-01-31"])
    assert "error[history-nothing]" in told(lifeseg, "history C1", code=2)
    told(lifeseg, "run")
    assert "did you mean `C1`?" in told(lifeseg, "history C11", code=2)


RUN = Run(
    "life", "1.0.0", "aa", date(2013, 2, 28), "duckdb", "ff", {}, {}, {}, "bb",
    datetime(2013, 3, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC), "lifeseg test",
)  # fmt: skip


def test_of_two_runs_at_once_the_second_is_refused(life: Path, lifeseg: Lifeseg) -> None:
    """It was evaluated when the other was not known."""
    data(life, *MONTHS["2013-01-31"])
    told(lifeseg, "run --out out")
    found = {"customer": Found(life / "out/customer.parquet", ["customer_id"], {"stage": "stage"})}
    with pytest.raises(UnusableStoreError) as refused:
        store.record(life / "life.duckdb", RUN, Remembered(found, follows=None))
    assert refused.value.finding.code == "store-moved"
    assert store.record(life / "life.duckdb", RUN, Remembered(found, follows=1)) == 2


def test_a_run_that_is_killed_leaves_the_store_as_it_was(life: Path, lifeseg: Lifeseg) -> None:
    """Wherever it is killed: the store has a run with all its memberships, or nothing of it."""
    data(life, *MONTHS["2013-01-31"])
    told(lifeseg, "run --engine duckdb")
    data(life, *MONTHS["2013-02-28"])
    whole = shutil.copytree(life, life.parent / "whole")
    command = [sys.executable, "-m", "lifeseg", "run", "--as-of", "2013-02-28", "--engine", "duckdb"]
    subprocess.run(command, cwd=whole, stdout=subprocess.DEVNULL, check=True)
    allowed = (rows_of(life), rows_of(whole))
    assert allowed[0] != allowed[1]
    for tenths in (3, 6, 8, 10, 12):
        with subprocess.Popen(
            command, cwd=life, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(tenths / 10)
            process.send_signal(signal.SIGKILL)
        assert rows_of(life) in allowed
    assert stages(life, lifeseg, "2013-02-28", "duckdb") == STAGES["2013-02-28"]


def test_a_full_disk_leaves_the_store_as_it_was(life: Path, lifeseg: Lifeseg) -> None:
    """No file may grow any more while a run of many customers is recorded."""
    data(life, *MONTHS["2013-01-31"])
    told(lifeseg, "run --engine duckdb")
    before = rows_of(life)
    data(life, *(f"C{number},,none" for number in range(60_000)))
    most = (life / "life.duckdb").stat().st_size + 100_000
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); "
    command = [sys.executable, "-c", f"{limit}from lifeseg.cli import main; main()"]
    full = subprocess.run(
        [*command, "run", "--as-of", "2013-02-28", "--engine", "interpreter"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert full.returncode == 2, full.stdout + full.stderr
    assert "error[" in full.stderr
    assert "Traceback" not in full.stderr
    assert rows_of(life) == before
    told(lifeseg, "run --as-of 2013-02-28 --engine duckdb")


def test_a_store_of_the_first_version_is_brought_up(life: Path, lifeseg: Lifeseg) -> None:
    with duckdb.connect(life / "life.duckdb") as database:
        database.execute(store.SCHEMA)
        database.execute("INSERT INTO lifeseg_store VALUES (1, 'lifeseg test')")
    data(life, *MONTHS["2013-01-31"])
    assert "error[history-nothing]" in told(lifeseg, "history C1", code=2)
    told(lifeseg, "run --engine duckdb")
    assert told(lifeseg, "history C1").splitlines()[1] == "2013-01-31   stage   prospect   run 1"


KEYLESS = """\
policy keyless
  version 1.0.0

entity customer
  customer_id text key
  satisfaction "Satisfaction" count 0..10

entity payment of customer
  amount "Amount" money CNY 0..1000{key}

segment mood of customer
  happy when satisfaction >= 5
  sad when satisfaction < 5

segment size of payment
  large when amount >= 5 CNY
  little when amount < 5 CNY
"""


@pytest.mark.parametrize(("key", "said"), [("", "has no key"), (" key", "is a number with decimals")])
def test_nothing_is_kept_of_records_that_nobody_knows_again_and_it_is_said(
    key: str, said: str, life: Path, lifeseg: Lifeseg
) -> None:
    (life / "life.seg").write_text(KEYLESS.format(key=key), encoding="utf-8")
    (life / "customers.csv").write_text("customer_id,satisfaction\nC1,1\n", encoding="utf-8")
    (life / "payments.csv").write_text("customer_id,amount\nC1,7\n", encoding="utf-8")
    (life / "lifeseg.toml").write_text(f'{SETTINGS}payment = "payments.csv"\n', encoding="utf-8")
    told(lifeseg, "run")
    assert "sad" in told(lifeseg, "transitions mood")
    for command in (
        "transitions size",
        "override C1/7 --to size.little --reason a --owner b --until 2013-02-28",
    ):
        assert said in " ".join(told(lifeseg, command, code=2).split())
