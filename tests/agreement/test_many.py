"""The comparison of many pairs keeps what it reached, goes on from there, and says which pairs differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agreement import many
from tests.agreement.engines import ENGINES, Engine, Interpreter
from tests.agreement.outcome import Outcome
from tests.agreement.pairs import Pair


class Forgetful:
    """Has no claims and troubles: wrong wherever there is a finding."""

    def outcome(self, pair: Pair) -> Outcome:
        outcome = Interpreter().outcome(pair)
        outcome.findings.clear()
        return outcome


class Counting:
    """Right, and counts how often it was asked."""

    asked: list[str] = []

    def outcome(self, pair: Pair) -> Outcome:
        self.asked.append(pair.name)
        return Interpreter().outcome(pair)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Short blocks, and engines of the test."""

    def these(**engines: Callable[[], Engine]) -> None:
        many.opened.cache_clear()
        monkeypatch.setattr(many, "TOGETHER", 5)
        monkeypatch.setattr(many, "SECONDS_TO_SHRINK", 2)
        for name, engine in engines.items():
            monkeypatch.setitem(ENGINES, name, engine)  # type: ignore[arg-type]

    return these


def test_it_goes_on_where_it_was(
    few: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few(duckdb=Counting)
    assert many.main(["duckdb=8", "--folder", str(tmp_path)]) == 0
    asked = [*Counting.asked]
    assert many.main(["duckdb=8", "--folder", str(tmp_path)]) == 0
    assert Counting.asked == asked  # nothing is compared again
    assert many.main(["duckdb=12", "--folder", str(tmp_path)]) == 0
    assert len(Counting.asked) == len({*Counting.asked}) >= 12
    assert f"duckdb: {len(Counting.asked)} pairs agree, 0 differ" in capsys.readouterr().out


def test_what_differs_is_told_with_its_number(
    few: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few(duckdb=Forgetful)
    assert many.main(["duckdb=8", "--folder", str(tmp_path)]) == 1
    (numbers,) = ({number for block in many.Reached(tmp_path).of("duckdb") for number in block.differ},)
    assert numbers
    said = capsys.readouterr().out
    assert f"pair {min(numbers)} on duckdb, as of " in said
    assert many.main(["duckdb", "--pair", str(min(numbers))]) == 0
    assert f"pair {min(numbers)} on duckdb, as of " in capsys.readouterr().out


def test_engines_in_several_processes(
    few: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few()
    assert many.main(["duckdb=1", "compiled=1", "--processes", "2", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "duckdb: " in said
    assert ", 0 differ, " in said
