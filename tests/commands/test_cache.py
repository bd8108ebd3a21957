"""What checking a policy gave is kept, and counts only for the same texts."""

from pathlib import Path

import pytest

from lifeseg.pipeline import cached, stages
from tests.commands.conftest import Lifeseg


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lifeseg"


def kept_in(cache: Path) -> list[Path]:
    return sorted(cache.glob("checked-*"))


def test_a_policy_is_checked_once(shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stages.checked_before(Path("rules/shop"))
    assert len(kept_in(cache)) == 1
    monkeypatch.setattr(stages, "check", None)
    again = stages.checked_before(Path("rules/shop"))
    assert (again.model, again.findings, again.sources) == (first.model, first.findings, first.sources)


def test_changed_text_is_checked_anew(lifeseg: Lifeseg, shop: Path, cache: Path) -> None:
    assert "regular 1" in lifeseg("run").out
    policy = shop / "rules/shop/shop.seg"
    policy.write_text(policy.read_text().replace("= 0.60", "= 0.95"))
    assert "regular 0" in lifeseg("run").out
    assert len(kept_in(cache)) == 2


def test_a_policy_with_errors_or_others_in_use_is_not_kept(shop: Path, cache: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    good = policy.read_text()
    policy.write_text(good.replace("/ 5", "/ five"))
    assert stages.checked_before(Path("rules/shop")).model is None
    policy.write_text(good.replace("  version 1.2.0\n", "  version 1.2.0\n  use orgcust 1.0.0\n"))
    stages.checked_before(Path("rules/shop"))
    assert kept_in(cache) == []


def test_what_cannot_be_read_is_made_anew(shop: Path, cache: Path) -> None:
    stages.checked_before(Path("rules/shop"))
    [path] = kept_in(cache)
    path.write_bytes(b"nonsense")
    assert stages.checked_before(Path("rules/shop")).model is not None


def test_it_can_be_switched_off(shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFESEG_NO_CACHE", "1")
    stages.checked_before(Path("rules/shop"))
    assert kept_in(cache) == []


def test_the_oldest_are_forgotten(shop: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "MOST_KEPT", 2)
    policy = shop / "rules/shop/shop.seg"
    text = policy.read_text()
    for share in ("0.61", "0.62", "0.63"):
        policy.write_text(text.replace("= 0.60", f"= {share}"))
        stages.checked_before(Path("rules/shop"))
    assert len(kept_in(cache)) == 2
