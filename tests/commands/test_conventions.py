"""What all commands have in common: exit codes, the two doors, colour, interruption, and how failures are
told.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.commands.conftest import ROOT, SETTINGS, Lifeseg

COMMAND = (sys.executable, "-m", "lifeseg")


def called(
    *words: str, cwd: Path, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "", **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_clean_is_0(lifeseg: Lifeseg, shop: Path) -> None:
    for command in ("check", "run", "list", "test"):
        finished = lifeseg(command)
        assert (finished.code, finished.err) == (0, ""), finished


def test_findings_are_1(lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    policy.write_text(policy.read_text().replace("below", "below\n    worse from 0.10"))
    finished = lifeseg("check")
    assert finished.code == 1
    assert "error[" in finished.out
    assert finished.err == ""
    for command in ("run", "list", "test"):
        finished = lifeseg(command)
        assert finished.code == 1
        assert finished.out == ""
        assert "error[" in finished.err


def test_warnings_are_0_unless_strict(lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    policy.write_text(policy.read_text().replace("0.60\n", "0.60\n  forgotten = 1\n", 1))
    for command in ("check", "run"):
        assert lifeseg(command).code == 0
        assert lifeseg(command, "--strict").code == 1


def test_bad_data_is_1_and_not_dropped(lifeseg: Lifeseg, shop: Path) -> None:
    data = shop / "data/customer.csv"
    data.write_text(data.read_text() + "dan,7,10\n")
    finished = lifeseg("run")
    assert finished.code == 1
    assert "data/customer.csv:5" in finished.err
    assert not (shop / "store.duckdb").exists()


def test_usage_is_2(lifeseg: Lifeseg, shop: Path) -> None:
    for words in (
        ("chekc",),
        ("run", "--fromat", "csv"),
        ("run", "--format", "xml"),
        ("whatif", "ann"),
        ("explain",),
    ):
        finished = lifeseg(*words)
        assert finished.code == 2, words
        assert finished.out == ""
    assert "Did you mean 'check'?" in lifeseg("chekc").err


def test_no_workspace_is_2(lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finished = lifeseg("run")
    assert finished.code == 2
    assert "lifeseg init" in finished.err


def test_internal_error_is_3_without_traceback(
    lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("lifeseg.pipeline.setting.settle", broken)
    finished = lifeseg("check")
    assert finished.code == 3
    assert finished.err.startswith("internal error: ZeroDivisionError: a bug\n")
    assert "Traceback" not in finished.err
    monkeypatch.setenv("LIFESEG_DEBUG", "1")
    assert "Traceback" in lifeseg("check").err


def test_interruption_is_130(lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lifeseg.pipeline.setting.settle", interrupted)
    finished = lifeseg("check")
    assert (finished.code, finished.out, finished.err) == (130, "", "")


def reads(process: int, name: str) -> bool:
    """Whether a process has a file of that name open."""
    opened = Path(f"/proc/{process}/fd")
    with suppress(FileNotFoundError):
        return any(link.readlink().name == name for link in opened.iterdir())
    return False


@pytest.mark.slow
def test_interrupted_process_says_nothing(shop: Path) -> None:
    rows = "".join(f"c{number},5,800\n" for number in range(200_000))
    (shop / "data/customer.csv").write_text(f"customer_id,satisfaction,spent\nann,5,1\nbob,5,1\n{rows}")
    with subprocess.Popen(
        [*COMMAND, "run"],
        cwd=shop,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not reads(process.pid, "customer.csv"):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "")
    assert not (shop / "store.duckdb").exists()


def test_reader_that_leaves_is_no_error(shop: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    finished = called("list", cwd=shop, stdout=writing)
    os.close(writing)
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device to write to")
def test_full_disk_is_told(shop: Path) -> None:
    with Path("/dev/full").open("w") as full:
        finished = called("list", cwd=shop, stdout=full.fileno())
    assert finished.returncode == 2
    assert finished.stderr.startswith("error[cannot-write]: the output cannot be written: no space left")


def test_no_colour_where_nobody_looks(lifeseg: Lifeseg, shop: Path) -> None:
    for command in ("check", "run", "list", "test"):
        assert "\x1b" not in lifeseg(command).out


def test_colour_on_a_terminal_unless_refused(
    lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lifeseg.cli import output

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert output.coloured(Terminal())  # type: ignore[arg-type]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not output.coloured(Terminal())  # type: ignore[arg-type]


def test_version_and_help(lifeseg: Lifeseg) -> None:
    assert lifeseg("--version").out.startswith("lifeseg ")
    finished = lifeseg("--help")
    assert finished.code == 0
    for command in ("init", "check", "fmt", "run", "list", "explain", "whatif", "test", "help"):
        assert f"  {command} " in finished.out


def test_help_on_commands_and_codes(lifeseg: Lifeseg) -> None:
    assert lifeseg("help", "run").out.startswith("Usage: lifeseg run")
    assert lifeseg("help", "store-locked").out.startswith("# store-locked")
    assert "no-such-name" in lifeseg("help", "codes").out.splitlines()
    assert lifeseg("help", "nothing-of-the-kind").code == 2


def test_every_code_of_the_commands_has_its_page() -> None:
    import tomllib

    from lifeseg.diagnostics.catalogue import help_page

    catalogue = ROOT / "lifeseg/diagnostics/catalogue/commands.en.toml"
    codes = tomllib.loads(catalogue.read_text(encoding="utf-8"))
    assert not [code for code in codes if help_page(code) is None]


def test_running_as_a_module(tmp_path: Path) -> None:
    finished = called("--version", cwd=tmp_path)
    assert finished.stdout.startswith("lifeseg ")


def test_settings_of_the_repository_and_the_example_are_good(
    lifeseg: Lifeseg, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (ROOT, ROOT / "examples/orgcust"):
        monkeypatch.chdir(folder)
        finished = lifeseg("list", "warning", "--format", "csv")
        assert finished.code == 0, finished.err
        assert "\nC19," in finished.out


def test_shop_settings_are_as_the_tests_suppose(shop: Path) -> None:
    assert (shop / "lifeseg.toml").read_text() == SETTINGS
