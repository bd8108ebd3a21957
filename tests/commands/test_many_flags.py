"""A policy of three thousand flags is checked, run by both engines with the same results, searched, and explained; ten times
as many flags cost ten times as much.
"""

import cProfile
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from benchmarks.many_flags import many_flags, workspace
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.interpreter.tracer import trace
from lifeseg.model.expression import Value
from lifeseg.model.model import Model
from lifeseg.pipeline.stages import check
from lifeseg.plan.from_model import from_model
from lifeseg.records.population import Population, Rows
from tests.commands.conftest import Lifeseg


def test_three_thousand_flags(lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace(tmp_path, 3_000, 20)
    monkeypatch.chdir(tmp_path)
    assert lifeseg("check").out.startswith("nothing found")
    hashes = {}
    for engine in ("interpreter", "duckdb"):
        assert lifeseg("run", "--engine", engine, "--out", engine).code == 0
        hashes[engine] = json.loads(Path(engine, "run.json").read_text())["result_hash"]
    assert hashes["interpreter"] == hashes["duckdb"]
    found = json.loads(lifeseg("flags", "--category", "social", "--search", "2999", "--format", "json").out)
    assert [flag["name"] for flag in found["flags"]] == ["flag_2999"]
    assert found["among"] == 3_000
    sentence = lifeseg("explain", "C7", "--detail", "0").out
    assert "others" in sentence
    assert len(sentence) < 2_000


DAY = date(2024, 1, 31)


def model_of(flags: int, folder: Path) -> Model:
    path = folder / f"flags_{flags}.seg"
    path.write_text(many_flags(flags), encoding="utf-8")
    return check(path).good()


def results_of(model: Model) -> Results:
    facts = model.entities["customer"].facts
    zeros: dict[str, Value] = {"text": "C1", "yes/no": False}
    values = tuple(zeros.get(fact.kind, 0) for fact in facts)
    return evaluate(model, Population({"customer": Rows("customer", [values], [], [2])}, ""), DAY)


STAGES: dict[str, Callable[[Model], object]] = {
    "planned": lambda model: from_model(model, DAY),
    "evaluated": results_of,
    "explained": lambda model: trace(results_of(model), "customer", 0),
}


def calls(stage: Callable[[Model], object], model: Model) -> int:
    """How many functions are called, which no other process on the machine can change."""
    profile = cProfile.Profile()
    profile.runcall(stage, model)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("stage", STAGES)
def test_ten_times_as_many_flags_cost_ten_times_as_much(stage: str, tmp_path: Path) -> None:
    few, many = (calls(STAGES[stage], model_of(flags, tmp_path)) for flags in (300, 3_000))
    assert many < 11 * few
