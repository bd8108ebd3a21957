"""The loop on PostgreSQL and Spark, in a file and in the store of a team: the same tasks, measures, arms and overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import loop
from tests.commands.conftest import Lifeseg
from tests.commands.loop import DAYS, data, run, tasks, written
from tests.commands.test_servers import OTHERS, database, other

__all__ = ["database", "other"]

CHALLENGER = 'policy shop_letters "Shop, letters instead of calls"\n  version 1.0.0\n\n'
SECTION = '\n[challenger]\npolicy = "letters.seg"\nshare = 0.3\ncontrol = 0.3\nsalt = "2013"\n'
WHY = ("--reason", "is bought by a key account", "--owner", "head of sales", "--until", "2013-07-31")
PEOPLE = 60


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A call or a letter for sixty customers, of whom in July half have renewed and some have left."""
    monkeypatch.chdir(tmp_path)
    loop.made(tmp_path)
    policy = written("shop.seg").partition("\n\n")[2].replace('"phone"', '"letter"')
    (tmp_path / "letters.seg").write_text(CHALLENGER + policy, encoding="utf-8")
    fees = {f"K{number}": 10 * number for number in range(PEOPLE)}
    data(tmp_path, "2013-06", *(f"{key},2013-07-31,{fee},no" for key, fee in fees.items()))
    july = [f"{key},{2013 + 2 * (fee % 20 == 0)}-07-31,{fee},no" for key, fee in fees.items() if fee % 7]
    data(tmp_path, "2013-07", *july)
    return tmp_path


def months(lifeseg: Lifeseg, folder: Path, engine: str, store: str) -> list[object]:
    """All that two months in a store came to, with one customer set by hand in the first."""
    settings = written("lifeseg.toml").replace("lifeseg.duckdb", store) + SECTION
    (folder / "lifeseg.toml").write_text(settings, encoding="utf-8")
    found: list[object] = []
    for month in ("2013-06", "2013-07"):
        for policy in ((), ("--challenger",)):
            run(lifeseg, month, "--engine", engine, *policy)
            if month == "2013-06" and not policy:
                words = ("override", "K8", "--to", "tier.account_manager", *WHY, "--as-of", DAYS[month])
                assert lifeseg(*words).code == 0
                run(lifeseg, month, "--engine", engine)
        found.append(tasks(lifeseg, month))
    numbers = [task for task, _, _ in tasks(lifeseg, "2013-06")]
    rows = (f"{number},responded,2013-07-0{number % 9 + 1},1.50,{number}\n" for number in numbers[:20])
    (folder / "came.csv").write_text("task,outcome,day,cost,revenue\n" + "".join(rows), encoding="utf-8")
    assert lifeseg("outcomes", "came.csv").code == 0
    words = ("--as-of", DAYS["2013-07"])
    found.append(lifeseg("loop", "--format", "json", "--by", "tier", *words).out)
    found += [
        lifeseg("explain", "K8", *words, "--detail", "1").out,
        lifeseg("override", "--list", *words).out,
    ]
    found.append(lifeseg("history", "K8").out)
    return found


@pytest.mark.parametrize("engine", OTHERS)
def test_challenger_control_and_override_are_the_same(other: str, trial: Path, lifeseg: Lifeseg) -> None:
    here = months(lifeseg, trial, "duckdb", "here.duckdb")
    store = "postgres:loop_on_servers" if other == "postgres" else "there.duckdb"
    there = months(lifeseg, trial, other, store)
    assert there == here
    first, measures, explained = here[0], str(here[2]), str(here[3])
    assert isinstance(first, list)
    assert any((key, name) == ("K8", "letter") for _, key, name in first)
    assert all(f'"what": "{what}"' in measures for what in ("goal", "churn", "worth", "accuracy"))
    assert "K8's service tier is account manager" in explained
