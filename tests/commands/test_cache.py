"""What the result store answered is kept as JSON, and counts only as long as the store has not changed."""

from pathlib import Path

import pytest

from lifeseg.pipeline import cached
from tests.commands.conftest import Lifeseg


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lifeseg"


def kept_in(cache: Path) -> list[Path]:
    return sorted(cache.glob("run-*"))


def test_what_cannot_be_read_is_asked_anew(lifeseg: Lifeseg, shop: Path, cache: Path) -> None:
    lifeseg("run")
    [path] = kept_in(cache)
    path.write_bytes(b"nonsense")
    assert lifeseg("explain", "ann").code == 0


def test_it_can_be_switched_off(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFESEG_NO_CACHE", "1")
    cached.write("run-1", b"1")
    assert cached.read("run-1") is None


def test_the_oldest_are_forgotten(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "MOST_KEPT", 2)
    for number in range(3):
        cached.write(f"run-{number}", b"1")
    assert len(kept_in(cache)) == 2
