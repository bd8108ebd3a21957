"""The two commands that write policy text: a new workspace, and the one canonical layout."""

import os
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_init_makes_a_workspace_that_runs(
    lifeseg: Lifeseg, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lifeseg("init", "ws").code == 0
    assert [path.name for path in here.iterdir()] == ["ws"]
    monkeypatch.chdir(here / "ws")
    assert lifeseg("check").code == 0
    assert "150 customers" in lifeseg("run").out
    assert lifeseg("explain", "C19").out.startswith("C19")
    assert lifeseg("test").code == 0


def test_init_fills_an_empty_folder(lifeseg: Lifeseg, here: Path) -> None:
    assert lifeseg("init").code == 0
    assert {path.name for path in here.iterdir()} == {"README.md", "data", "lifeseg.toml", "rules"}


@pytest.mark.parametrize("existing", ["ws", "ws/notes.txt"])
def test_init_overwrites_nothing(existing: str, lifeseg: Lifeseg, here: Path) -> None:
    path = here / existing
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    finished = lifeseg("init", "ws")
    assert finished.code == 2
    assert "folder-not-empty" in finished.err
    assert [path for path in here.rglob("*") if path.is_file()] == [path]


def test_init_is_whole_or_not_at_all(lifeseg: Lifeseg, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", failing)
    for target in ("deep/down/ws", "ws"):
        finished = lifeseg("init", target)
        assert finished.code == 2
        assert "no space left on device" in finished.err
        assert list(here.iterdir()) == []


def untidy(shop: Path) -> Path:
    policy = shop / "rules/shop/shop.seg"
    policy.write_text(policy.read_text().replace("= 0.60", "=   0.60"))
    return policy


def test_fmt_lays_out_in_place(lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    canonical = policy.read_text()
    policy.chmod(0o640)
    untidy(shop)
    finished = lifeseg("fmt")
    assert (finished.code, finished.out) == (0, "")
    assert policy.read_text() == canonical
    assert policy.stat().st_mode & 0o777 == 0o640
    finished = lifeseg("fmt")
    assert (finished.code, finished.out, finished.err) == (0, "", "")


def test_fmt_check_and_diff_write_nothing(lifeseg: Lifeseg, shop: Path) -> None:
    policy = untidy(shop)
    before = policy.read_text()
    finished = lifeseg("fmt", "--check")
    assert (finished.code, finished.out) == (1, "rules/shop/shop.seg\n")
    finished = lifeseg("fmt", "--diff")
    assert finished.code == 1
    assert '+  loyal_from "Loyal from" = 0.60' in finished.out
    assert policy.read_text() == before


def test_fmt_leaves_a_policy_with_mistakes(lifeseg: Lifeseg, shop: Path) -> None:
    policy = untidy(shop)
    policy.write_text(policy.read_text() + "\nnonsense here\n")
    before = policy.read_text()
    finished = lifeseg("fmt")
    assert finished.code == 1
    assert "error[" in finished.err
    assert policy.read_text() == before


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_fmt_keeps_links(lifeseg: Lifeseg, shop: Path) -> None:
    policy = untidy(shop)
    real = shop / "real.seg"
    policy.rename(real)
    policy.symlink_to(real)
    assert lifeseg("fmt").code == 0
    assert policy.is_symlink()
