"""A result store that a team shares: in a schema of a PostgreSQL database, with the same tables as in a file.

The workspace is that of test_filling.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.tracking import store
from lifeseg.tracking.memberships import Found
from lifeseg.tracking.place import Schema, UnusableStoreError
from lifeseg.tracking.store import Remembered
from tests.commands import loop
from tests.commands.conftest import Lifeseg
from tests.commands.test_filling import MONTHS, life, told, write
from tests.commands.test_history import RUN

__all__ = ["life"]

pytestmark = pytest.mark.xdist_group("postgres")

QUERY = 'SELECT {} FROM {}memberships ORDER BY key, definition, "case", valid_from, recorded'
COLUMNS = 'policy, entity, key, definition, "case", valid_from, valid_to, recorded, replaced'


@pytest.fixture
def team(life: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace with its store in the database."""
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", postgres)
    text = (life / "lifeseg.toml").read_text(encoding="utf-8")
    kept = text.replace('results = "life.duckdb"', 'results = "postgres:lifecycle"')
    (life / "lifeseg.toml").write_text(kept, encoding="utf-8")
    return life


def rows(postgres: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(postgres) as database:
        return database.execute(query.encode()).fetchall()


def test_the_store_of_a_team_has_what_a_file_has(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    """Months are filled, told, corrected and told anew."""
    assert "run 5 in postgres:lifecycle" in told(lifeseg, "run")
    asked = (
        "history C2 --why", "transitions", "transitions --from development --to lost", "transitions --flapping",
        "transitions --flapping --format csv", "simulate --months 2",
    )  # fmt: skip
    there = [told(lifeseg, command) for command in asked]
    then = told(lifeseg, "explain C2 --at 2013-03-31")
    write(team, "2013-02", "C1,,running", "C2,,running", "C3,2013-04-15,none")
    told(lifeseg, "run --again-from 2013-02-28")
    found = rows(postgres, QUERY.format(COLUMNS, "lifecycle."))

    write(team, "2013-02", *MONTHS["2013-02"])
    text = (team / "lifeseg.toml").read_text(encoding="utf-8")
    (team / "lifeseg.toml").write_text(text.replace("postgres:lifecycle", "life.duckdb"), encoding="utf-8")
    told(lifeseg, "run")
    assert [told(lifeseg, command) for command in asked] == there
    assert told(lifeseg, "explain C2 --at 2013-03-31") == then
    write(team, "2013-02", "C1,,running", "C2,,running", "C3,2013-04-15,none")
    told(lifeseg, "run --again-from 2013-02-28")
    with duckdb.connect(team / "life.duckdb", read_only=True) as database:
        assert database.execute(QUERY.format(COLUMNS, "")).fetchall() == found
    assert len(found) > 20


def test_the_tables_of_the_store_say_what_they_hold(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    query = "SELECT obj_description('lifecycle.memberships'::regclass)"
    assert rows(postgres, query) == [
        ("Which case of a definition a record had, and from which day until before which",)
    ]


def refusal(follows: int | None, **more: Any) -> Diagnostic:
    found = Found(Path("out/customer.parquet"), ["customer_id"], {"stage": "stage"})
    with pytest.raises(UnusableStoreError) as refused:
        store.record(Schema("lifecycle"), RUN, Remembered({"customer": found}, follows), **more)
    return refused.value.finding


def test_of_two_runs_at_once_the_second_is_refused(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run --as-of 2013-01-31 --out out")
    assert refusal(None).code == "store-moved"
    assert rows(postgres, "SELECT count(*) FROM lifecycle.runs") == [(1,)]


def test_whoever_writes_waits_for_whoever_writes(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run --as-of 2013-01-31 --out out")
    with psycopg.connect(postgres) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('lifeseg lifecycle', 0))")
        assert refusal(1, patience=0.1).code == "store-locked"
        told(lifeseg, "history C1")  # reading does not wait
    found = Found(team / "out/customer.parquet", ["customer_id"], {"stage": "stage"})
    assert store.record(Schema("lifecycle"), RUN, Remembered({"customer": found}, 1)) == 2


def test_an_entry_that_fails_leaves_nothing(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    """The file of its results is not there: everything that was entered before is taken back."""
    told(lifeseg, "run --as-of 2013-01-31")
    before = rows(postgres, QUERY.format(COLUMNS, "lifecycle."))
    found = Found(team / "gone.parquet", ["customer_id"], {"stage": "stage"})
    with pytest.raises(UnusableStoreError, match="store-failed"):
        store.record(Schema("lifecycle"), RUN, Remembered({"customer": found}, 1))
    assert rows(postgres, QUERY.format(COLUMNS, "lifecycle.")) == before
    assert rows(postgres, "SELECT count(*) FROM lifecycle.runs") == [(1,)]


@pytest.mark.parametrize("made", ["TABLE lifecycle.runs (miles INTEGER)", "VIEW lifecycle.tasks AS SELECT 1"])
def test_what_is_not_ours_is_left_alone(made: str, team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    with psycopg.connect(postgres) as database:
        database.execute("CREATE SCHEMA lifecycle")
        database.execute(f"CREATE {made}".encode())
    refused = lifeseg("run", "--as-of", "2013-01-31")
    assert refused.code == 2
    assert "error[store-foreign]" in refused.err
    assert "postgres:lifecycle" in refused.err


def test_other_tables_of_the_schema_do_not_matter(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    with psycopg.connect(postgres) as database:
        database.execute("CREATE SCHEMA lifecycle")
        database.execute("CREATE TABLE lifecycle.customers (customer_id text)")
    told(lifeseg, "run --as-of 2013-01-31")


def test_a_store_of_a_later_version_is_left_alone(team: Path, postgres: str, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run --as-of 2013-01-31")
    with psycopg.connect(postgres) as database:
        database.execute("UPDATE lifecycle.lifeseg_store SET version = 99, made_by = 'lifeseg 9'")
    for command in ("run --as-of 2013-01-31", "history C1"):
        refused = lifeseg(*command.split())
        assert (
            "error[store-newer]: the result store `postgres:lifecycle` was made by lifeseg 9" in refused.err
        )


def test_no_server(team: Path, lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", "postgresql://keeper:secret@localhost:1/nothing")
    refused = lifeseg("history", "C1")
    assert refused.code == 2
    assert "error[engine-unreachable]" in refused.err
    assert "secret" not in refused.err
    monkeypatch.delenv("LIFESEG_POSTGRES_URL")
    assert "error[engine-address]" in lifeseg("history", "C1").err


def test_the_loop_works_in_the_store_of_a_team(
    tmp_path: Path, postgres: str, lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tasks with a control group, outcomes and measures are the same in a file and in a schema."""
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", postgres)
    monkeypatch.chdir(tmp_path)
    loop.made(tmp_path)
    people = [f"K{number},2013-07-31,{number * 10},no" for number in range(60)]
    loop.data(tmp_path, "2013-06", *people)
    loop.data(
        tmp_path, "2013-07", *(row.replace("2013-07-31", "2015-07-31") for row in people[:30]), *people[30:]
    )
    loop_settings = (tmp_path / "lifeseg.toml").read_text(
        encoding="utf-8"
    ) + "\n[challenger]\ncontrol = 0.3\n"
    found = []
    for place in ("lifeseg.duckdb", "postgres:shop"):
        (tmp_path / "lifeseg.toml").write_text(
            loop_settings.replace("lifeseg.duckdb", place), encoding="utf-8"
        )
        found.append([])
        for month in ("2013-06", "2013-07"):
            loop.run(lifeseg, month)
            found[-1].append(loop.tasks(lifeseg, month))
        (tmp_path / "came.csv").write_text(
            "task,outcome,day,cost,revenue\n"
            + "".join(f"{task},responded,2013-07-05,1.25,{task}\n" for task, *_ in found[-1][0][:9]),
            encoding="utf-8",
        )
        found[-1] += [told(lifeseg, "outcomes came.csv"), told(lifeseg, "loop --as-of 2013-07-31")]
        found[-1].append(told(lifeseg, "loop --as-of 2013-07-31 --by tier --format json"))
    assert found[0] == found[1]
    assert len(found[0][0]) > 30
