"""Policies in a real git repository: differences that name rules, the log of decisions, and continuous integration."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands.conftest import ROOT, Lifeseg
from tests.commands.test_diff import POLICY, edit, git, kept  # noqa: F401 - a fixture


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`lifeseg` on the path, as git and shells call it."""
    import sys

    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "lifeseg"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m lifeseg "$@"\n', encoding="utf-8"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def installed(lifeseg: Lifeseg) -> None:
    finished = lifeseg("git", "install")
    assert finished.code == 0, finished.err


# ---- Differences ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("kept", "command")
def test_differences_name_the_rule(lifeseg: Lifeseg) -> None:
    installed(lifeseg)
    edit('loose "Loose" below', 'loose "Quite loose" below')
    shown = git("diff", "-U1", "--", POLICY)
    (hunk,) = [line for line in shown.splitlines() if line.startswith("@@")]
    assert hunk.endswith('score loyalty "Loyalty" of customer')


@pytest.mark.usefixtures("kept", "command")
def test_mere_layout_is_no_difference(lifeseg: Lifeseg) -> None:
    installed(lifeseg)
    edit("  0.50 satisfaction_level", "  0.50    satisfaction_level")
    assert git("diff", "--", POLICY) == ""
    edit('buys "Buys" when count(order) > 0', 'buys "Buys" when (')  # a mistake is shown as it is
    assert '+  buys "Buys" when (' in git("diff", "--", POLICY)


@pytest.mark.usefixtures("kept")
def test_installing_again_changes_nothing(lifeseg: Lifeseg) -> None:
    Path(".gitattributes").write_text("*.png binary", encoding="utf-8")
    installed(lifeseg)
    settings = git("config", "--local", "--list")
    installed(lifeseg)
    assert Path(".gitattributes").read_text(encoding="utf-8") == "*.png binary\n*.seg diff=lifeseg\n"
    assert git("config", "--local", "--list") == settings


def test_no_repository(shop: Path, lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent))
    finished = lifeseg("git", "install")
    assert finished.code == 2
    assert "error[diff-revision]" in finished.err


# ---- Decisions -----------------------------------------------------------------------------------


def decided(message: str) -> None:
    git("commit", "-qam", message)


@pytest.mark.usefixtures("kept")
def test_the_log_of_decisions(lifeseg: Lifeseg) -> None:
    """Newest first, with what each changed; a merge stands for what its branch did."""
    edit("= 0.60", "= 0.70")
    decided("Stricter\n\nApproved-by: head of retention\nSigned-off-by: analyst")
    git("checkout", "-qb", "titles")
    edit('"Class"', '"Kind"')
    decided("A title")
    edit('"Kind"', '"Class of customer"')
    decided("Another title")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "Titles\n\nReviewed-by: reviewer", "titles")
    found: list[dict[str, Any]] = json.loads(lifeseg("log", "--format", "json").out)["decisions"]
    assert [one["subject"] for one in found] == ["Titles", "Stricter", "The policy in force"]
    assert [one["approved"] for one in found] == [
        [{"how": "Reviewed-by", "by": "reviewer"}],
        [{"how": "Approved-by", "by": "head of retention"}, {"how": "Signed-off-by", "by": "analyst"}],
        [],
    ]
    assert [[(change["name"], change["meaning"]) for change in one["changes"] or ()] for one in found] == [
        [("class", False)], [("loyal_from", True)], [],
    ]  # fmt: skip
    assert len({one["content_hash"] for one in found}) == 3
    shown = lifeseg("log", "--top", "2").out
    assert "parameter loyal_from: 0.60 → 0.70" in shown
    assert "Approved-by: head of retention" in shown
    assert "The policy in force" not in shown


@pytest.mark.usefixtures("kept")
def test_the_hash_is_the_one_of_the_runs(lifeseg: Lifeseg) -> None:
    assert lifeseg("run", "--out", "out").code == 0
    run = json.loads(Path("out/run.json").read_text(encoding="utf-8"))
    (decision,) = json.loads(lifeseg("log", "--format", "json").out)["decisions"]
    assert decision["content_hash"] == run["policy"]["content_hash"]


@pytest.mark.usefixtures("kept")
def test_a_version_with_errors_stays_in_the_log(lifeseg: Lifeseg) -> None:
    edit("spent / 1000 CNY", "spend / 1000 CNY")
    decided("A mistake")
    assert "with errors" in lifeseg("log").out.splitlines()[0]


def test_nothing_is_committed(shop: Path, lifeseg: Lifeseg) -> None:
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "Nothing yet")
    finished = lifeseg("log")
    assert finished.code == 2
    assert "error[log-nothing]" in finished.err


# ---- Who answers ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("kept")
def test_owners_of_what_changed_are_named(lifeseg: Lifeseg) -> None:
    edit('segment class "Class" of customer', 'segment class "Class" of customer\n  owner "key accounts"')
    edit('flags signs "Signs" of customer', 'flags signs "Signs" of customer\n  owner "market research"')
    decided("Owners")
    edit("satisfaction >= 4", "satisfaction >= 5")
    assert "to be asked: market research\n" in lifeseg("diff").out
    assert "To be asked: market research" in lifeseg("diff", "--format", "markdown").out


# ---- Continuous integration ----------------------------------------------------------------------


def run(script: str, tmp_path: Path, **names: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), **names}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.usefixtures("kept", "command")
@pytest.mark.parametrize(
    ("gates", "code"), [("", 0), ("moved > 90%\nguest lost > 5", 0), ("moved > 90%\nloyal lost > 0", 1)]
)
def test_the_action(gates: str, code: int, tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "examples/ci/action.yml").read_text(encoding="utf-8"))
    first, second = action["runs"]["steps"]
    edit("= 0.60", "= 0.65")
    checked = run(first["run"], tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    names = {"BASE": "HEAD", "GATES": gates}
    assert set(second["env"]) == set(names)
    told = run(second["run"], tmp_path, **names)
    assert told.returncode == code, told.stdout + told.stderr
    assert (
        "::notice file=rules/shop/shop.seg,line=5,title=lifeseg diff::parameter loyal_from: 0.60 → 0.65"
        in told.stdout
    )
    assert "| parameter loyal_from: 0.60 → 0.65 | `shop.seg:5` |" in (tmp_path / "summary.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.usefixtures("kept", "command")
def test_the_template(tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "examples/ci/gitlab.yml").read_text(encoding="utf-8"))["lifeseg"]
    edit("= 0.60", "= 0.65")
    names = {**job["variables"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": git("rev-parse", "HEAD").strip()}
    told = run("\n".join(job["script"]), tmp_path, **names)
    assert told.returncode == 1  # one of three customers moves, and 5 % may
    assert "gate moved > 5%: 33.3 %  FAILED" in told.stdout
    assert "Policy change: 1 part differs in meaning" in Path("lifeseg.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("kept", "command")
def test_hooks(tmp_path: Path) -> None:
    hooks = {
        hook["id"]: hook
        for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    }
    assert run(" && ".join(hook["entry"] for hook in hooks.values()), tmp_path).returncode == 0
    edit("satisfaction / 5", "satisfaktion / 5")
    assert run(hooks["lifeseg-check"]["entry"], tmp_path).returncode == 1
    edit("satisfaktion / 5", "satisfaction / 50")
    assert run(hooks["lifeseg-test"]["entry"], tmp_path).returncode == 1
