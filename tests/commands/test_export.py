"""What the result store knows, as files for other tools; the workspace is that of test_filling.py."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from tests.commands.conftest import Lifeseg
from tests.commands.test_filling import life, told

__all__ = ["life"]

FILES = ("memberships", "moves", "runs", "tasks", "outcomes", "overrides", "titles")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_known_is_written_as_files(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    assert told(lifeseg, "export files --format csv").splitlines() == [f"files/{name}.csv" for name in FILES]
    of_c2 = [row for row in rows(life / "files/memberships.csv") if row["key"] == "C2"]
    assert [(row["case"], row["valid_from"], row["valid_to"]) for row in of_c2] == [
        ("prospect", "2013-01-31", "2013-03-31"),
        ("development", "2013-03-31", "2013-04-30"),
        ("lost", "2013-04-30", ""),
    ]
    moves = [row for row in rows(life / "files/moves.csv") if row["key"] == "C2"]
    assert [(row["case_before"], row["case_after"]) for row in moves] == [
        ("", "prospect"),
        ("prospect", "development"),
        ("development", "lost"),
    ]
    assert [row["as_of"] for row in rows(life / "files/runs.csv")][-1] == "2013-05-31"
    title = {"entity": "customer", "definition": "stage", "case": "lost", "language": "en", "title": "Lost"}
    assert title in rows(life / "files/titles.csv")


def test_the_files_of_an_earlier_export_are_replaced_and_others_left(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run --as-of 2013-02-28")
    told(lifeseg, "export files --format csv")
    told(lifeseg, "run")
    told(lifeseg, "export files")
    names = sorted(path.name for path in (life / "files").iterdir())
    assert names == sorted(["export.json", *(f"{name}.parquet" for name in FILES)])
    ((count, latest),) = duckdb.sql(
        "SELECT count(*), max(valid_from) FROM 'files/memberships.parquet'"
    ).fetchall()
    assert (count, str(latest)) == (10, "2013-05-31")
    for folder in ("months", "."):
        refused = lifeseg("export", folder)
        assert refused.code == 2
        assert "error[cannot-write]" in refused.err
    assert len(list((life / "months").iterdir())) == 5


def test_without_a_history_there_is_nothing_to_export(life: Path, lifeseg: Lifeseg) -> None:
    assert "error[history-nothing]" in lifeseg("export", "files").err
    assert not (life / "files").exists()


@pytest.mark.xdist_group("postgres")
def test_a_team_s_store_gives_the_same_files(
    life: Path, postgres: str, lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(lifeseg, "run")
    told(lifeseg, "export here")
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", postgres)
    text = (life / "lifeseg.toml").read_text(encoding="utf-8")
    (life / "lifeseg.toml").write_text(text.replace("life.duckdb", "postgres:lifecycle"), encoding="utf-8")
    told(lifeseg, "run")
    told(lifeseg, "export there")
    for name in FILES:
        asked = "* EXCLUDE (started, finished)" if name == "runs" else "*"
        here, there = (
            duckdb.sql(f"SELECT {asked} FROM '{place}/{name}.parquet'") for place in ("here", "there")
        )
        assert there.types == here.types
        assert sorted(map(str, there.fetchall())) == sorted(map(str, here.fetchall()))
