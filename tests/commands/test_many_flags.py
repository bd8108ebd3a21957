"""A policy of three thousand flags is checked, run by both engines with the same results, searched, and explained."""

import json
from pathlib import Path

import pytest

from benchmarks.many_flags import workspace
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
