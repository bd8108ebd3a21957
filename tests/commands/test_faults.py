"""What goes wrong outside of lifeseg: killed and interrupted runs, no room, no right. The results of the run before stay as
they are, and nothing half-made is left for long.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from lifeseg.records.to_database import SPILLING
from lifeseg.records.to_results import WRITING
from tests.commands.conftest import Lifeseg

CUSTOMERS = 200_000
ENGINES = ("duckdb", "interpreter")
POLICY = """\
policy crowd "Crowd"
  version 1.0.0

entity person "Person"
  code text key
  spent "Spent" money CNY 0..1000000
  visits "Visits" count 0..1000

indexes measures "Measures" of person
  spent_level "Spent" = spent / (spent + mean(spent over all person) + 1 CNY)
    range 0..1
  visits_level "Visits" = visits / 1000

score loyalty "Loyalty" of person
  0.50 spent_level
  0.50 visits_level
  bands
    loyal "Loyal" from 0.60
    loose "Loose" below

rank level "Level" of person by loyalty
  A "Top" top 10%
  B "Others" rest
"""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy, and data of many: `many` for DuckDB, `few` for the interpreter."""
    folder = tmp_path_factory.mktemp("crowd")
    (folder / "crowd.seg").write_text(POLICY, encoding="utf-8")
    for name, count in (("many", CUSTOMERS), ("few", 2_000)):
        (folder / name).mkdir()
        duckdb.sql(
            f"COPY (SELECT concat('P', i) AS code, i * 7919 % 1000000 AS spent, i * 31 % 1000 AS visits"
            f" FROM range({count}) t(i))"
            f" TO '{folder / name / 'person.parquet'}'"
        )
    return folder


@pytest.fixture
def place(crowd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with these, and with the results of a run in `out`; it is the current folder."""
    for name in ("crowd.seg", "many", "few"):
        (tmp_path / name).symlink_to(crowd / name)
    monkeypatch.chdir(tmp_path)
    Path("spill").mkdir()
    finished(running("duckdb", "few"))
    return tmp_path


def running(engine: str, data: str, *words: str, most: int | None = None) -> subprocess.Popen[str]:
    """A run in a process of its own, whose temporary files go to `spill`; no file may grow larger than `most` bytes, as on
    a disk that is full.
    """
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); " if most else ""
    command = [sys.executable, "-c", f"{limit}from lifeseg.cli import main; main()", "run", "crowd.seg"]
    command += ["--as-of", "2024-01-31", "--data", data, "--engine", engine, "--out", "out", *words]
    environment = {**os.environ, "TMPDIR": str(Path("spill").absolute())}
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finished(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate()
    assert process.returncode == 0, said


def contents(folder: str = "out") -> dict[str, bytes]:
    """The files a reader of results sees."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file()}


def left_over() -> list[str]:
    return sorted(path.name for place in ("out", "spill") for path in Path(place).glob("*lifeseg-*"))


def rows(folder: str = "out") -> int:
    """How many records the description and the table of a folder have, which must be the same."""
    described = json.loads(Path(folder, "run.json").read_text(encoding="utf-8"))["rows"]["person"]
    found = duckdb.sql(f"SELECT count(*) FROM '{folder}/person.parquet'").fetchall()
    assert found == [(described,)]
    return int(described)


def wait_until(true: Callable[[], object], process: subprocess.Popen[str]) -> None:
    while not true():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.002)


def staged() -> list[Path]:
    return [path for work in Path("out").glob(f"{WRITING}*") for path in work.iterdir()]


def loading() -> bool:
    """Both folders of a run are there, and nothing is written yet. (A file alone may be Python trying the place out.)"""
    return len(left_over()) == 2


@pytest.mark.parametrize("stage", ["loading", "writing"])
def test_a_killed_run_leaves_no_partial_result(stage: str, place: Path) -> None:
    before = contents()
    process = running("duckdb", "many")
    wait_until(staged if stage == "writing" else loading, process)
    process.kill()
    process.communicate()
    assert contents() == before
    assert len(left_over()) == 2
    finished(running("duckdb", "many"))
    assert left_over() == []
    assert rows() == CUSTOMERS


@pytest.mark.parametrize("stage", ["loading", "writing"])
def test_an_interrupted_run_leaves_nothing_at_all(stage: str, place: Path) -> None:
    before = contents()
    process = running("duckdb", "many")
    wait_until(staged if stage == "writing" else loading, process)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "internal error" not in said
    assert contents() == before
    assert left_over() == []


def test_a_killed_run_of_the_interpreter(place: Path) -> None:
    before = contents()
    process = running("interpreter", "many")
    wait_until(lambda: staged() or len(list(Path("out").glob(f"{WRITING}*"))), process)
    process.kill()
    process.communicate()
    assert contents() == before
    finished(running("interpreter", "few"))
    assert left_over() == []


def test_two_runs_into_one_folder_at_once(place: Path) -> None:
    for _ in range(3):
        both = [running("duckdb", "few"), running("duckdb", "many")]
        for process in both:
            finished(process)
        assert rows() in (2_000, CUSTOMERS)
        assert left_over() == []


def test_a_run_does_not_take_away_what_another_is_writing(place: Path) -> None:
    slow = running("duckdb", "many")
    wait_until(staged, slow)
    slow.send_signal(signal.SIGSTOP)
    finished(running("duckdb", "few"))
    assert rows() == 2_000
    slow.send_signal(signal.SIGCONT)
    finished(slow)
    assert rows() == CUSTOMERS


# ---- No room, no right ---------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_no_room_for_the_results(engine: str, file_format: str, place: Path) -> None:
    before = contents()
    process = running(engine, "few", "--format", file_format, most=5_000)
    said = process.communicate()[0]
    assert process.returncode == 2
    assert said.count("error[") == 1
    assert "ran out of room" in said or "file too large" in said
    assert contents() == before
    assert left_over() == []


def test_no_room_for_what_is_spilled(place: Path) -> None:
    before = contents()
    settings = 'policy = "crowd.seg"\n[duckdb]\nmemory_limit = "40MB"\nthreads = 1\n'
    Path("lifeseg.toml").write_text(settings, encoding="utf-8")
    process = running("duckdb", "many", most=1_000_000)
    said = process.communicate()[0]
    assert process.returncode == 2
    assert said.count("error[engine-failed]") == 1
    assert "ran out of room" in said or "ran out of memory" in said
    assert contents() == before
    assert left_over() == []


def test_spilled_and_not_spilled_give_the_same(place: Path) -> None:
    finished(running("duckdb", "many"))
    free = json.loads(contents()["run.json"])["result_hash"]
    settings = (
        'policy = "crowd.seg"\n[duckdb]\nmemory_limit = "150MB"\nthreads = 1\ntemp_directory = "beside/it"\n'
    )
    Path("lifeseg.toml").write_text(settings, encoding="utf-8")
    finished(running("duckdb", "many"))
    assert json.loads(contents()["run.json"])["result_hash"] == free
    assert list(Path("beside/it").iterdir()) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("out", ["file", "file/below", "/proc/results", "/dev/null"])
def test_where_nothing_can_be_written(engine: str, out: str, place: Path, lifeseg: Lifeseg) -> None:
    Path("file").write_text("a file in the way")
    words = ("run", "crowd.seg", "--as-of", "2024-01-31", "--data", "few", "--engine", engine)
    said = lifeseg(*words, "--out", out)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith(f"error[cannot-write]: `{out}` cannot be written: not a folder") or (
        said.err.startswith(f"error[cannot-write]: `{out}` cannot be written: ")
    )
    assert said.err.count("error[") == 1
    assert Path("file").read_text() == "a file in the way"


def test_a_folder_for_temporary_files_that_cannot_be(place: Path, lifeseg: Lifeseg) -> None:
    before = contents()
    Path("lifeseg.toml").write_text('policy = "crowd.seg"\n[duckdb]\ntemp_directory = "crowd.seg/spill"\n')
    words = ("run", "crowd.seg", "--as-of", "2024-01-31", "--data", "few", "--engine", "duckdb")
    said = lifeseg(*words, "--out", "out")
    assert said.code == 2
    assert said.err.startswith(
        "error[cannot-write]: temporary files cannot be written in `crowd.seg/spill`: not a directory"
    )
    assert contents() == before


def test_others_in_the_place_of_temporary_files_are_left_alone(place: Path) -> None:
    kept = [f"spill/{SPILLING}{os.getpid()}-running", "spill/lifeseg-notes", f"spill/{SPILLING}notes"]
    gone = f"spill/{SPILLING}{2**22 + 1}-x"
    for name in (*kept, gone):
        Path(name).mkdir()
    finished(running("duckdb", "few"))
    assert [Path(name).exists() for name in (*kept, gone)] == [True, True, True, False]
