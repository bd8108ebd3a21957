"""Twelve runs, one after the other, on every engine with a store of its own: after each, the results and what everybody was
are the same to the last bit. `make agreement` makes many years; LIFESEG_YEARS says how many.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lifeseg.pipeline.running import run
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.wish import Wish
from tests.agreement.years import MONTHS, write, year

YEARS = int(os.environ.get("LIFESEG_YEARS", "2"))
OF_EACH = {"duckdb": YEARS, "postgres": YEARS, "spark": YEARS // 20}
MARKS = {
    "postgres": [pytest.mark.xdist_group("postgres")],
    "spark": [pytest.mark.slow, pytest.mark.xdist_group("spark")],
}


def told(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a store knows of the runs, but for what differs from engine to engine."""
    with duckdb.connect(store, read_only=True) as database:
        queries = {
            "results": "SELECT run, as_of, result_hash, replaced FROM runs ORDER BY run",
            "memberships": "FROM memberships ORDER BY ALL",
        }
        return {name: database.sql(query).fetchall() for name, query in queries.items()}


def years(engine: str) -> Iterator[Any]:
    for number in range(OF_EACH[engine]):
        yield pytest.param(engine, number, marks=MARKS.get(engine, []), id=f"{engine}-{number}")


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "number"), [one for engine in OF_EACH for one in years(engine)])
def test_twelve_runs_agree(
    engine: str,
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    if engine == "postgres":
        monkeypatch.setenv("LIFESEG_POSTGRES_URL", request.getfixturevalue("postgres"))
    elif engine == "spark":
        request.getfixturevalue("spark")
    monkeypatch.chdir(tmp_path)
    made = year(number)
    policy = tmp_path / "generated.seg"
    policy.write_text(made.text, encoding="utf-8")
    stores = {name: tmp_path / f"{name}.duckdb" for name in ("interpreter", engine)}
    data = tmp_path / "data"
    data.mkdir()
    for day, population in made.months:
        write(made.model, population, data)
        for name, store in stores.items():
            run(Setting(policy, None, store, data, day, name), Wish())
        wanted, found = (told(store) for store in stores.values())
        assert found == wanted, f"{made.name} on {engine}, {day}:\n{made.text}"
    assert len(told(stores[engine])["results"]) == MONTHS


def test_customers_come_go_and_come_back() -> None:
    """And what they were makes a difference: some change their case."""
    moved = 0
    for number in range(5):
        made = year(number)
        seen = [
            {row for rows in population.rows.values() for row in rows.values} for _, population in made.months
        ]
        moved += sum(bool(one - other) and bool(other - one) for one, other in itertools.pairwise(seen))
    assert moved > 20
