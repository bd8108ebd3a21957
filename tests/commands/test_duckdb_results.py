"""Results in a DuckDB file: the same as in Parquet files, brought up to date in their place, whole or not at all."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lifeseg.pipeline import running
from tests.commands.conftest import Lifeseg
from tests.commands.test_changed import (
    A_FEW,
    ANY_CHANGES,
    NUMBERS,
    by_interpreter,
    companies,
    list_keys,
    made,
    make_changes,
    network,
    nobody,
    plain,
    said,
    write,
)
from tests.commands.test_changed import described as described_in

assert plain  # a fixture

FILE = "out.duckdb"


def described(file: str = FILE) -> dict[str, Any]:
    """What the file says of its run, without times."""
    with duckdb.connect(file, read_only=True) as connection:
        row = connection.execute("SELECT description FROM lifeseg.run").fetchone()
    assert row is not None
    found: dict[str, Any] = json.loads(row[0])
    found["totals"]["wrong"].sort()
    return {name: value for name, value in found.items() if name not in ("timings", "files", "prints")}


def contents(file: str = FILE) -> dict[str, Any]:
    """The columns and rows of all tables of results."""
    with duckdb.connect(file, read_only=True) as connection:
        tables = [str(name) for (name,) in connection.execute("SHOW TABLES").fetchall()]
        return {
            name: (
                [column[0] for column in connection.execute(f'DESCRIBE "{name}"').fetchall()],
                sorted(map(repr, connection.execute(f'FROM "{name}"').fetchall())),
            )
            for name in tables
        }


def in_parquet(folder: str) -> dict[str, Any]:
    """The same of Parquet files."""
    return {
        path.stem: (
            [column[0] for column in duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()],
            sorted(map(repr, duckdb.sql(f"FROM '{path}'").fetchall())),
        )
        for path in sorted(Path(folder).glob("*.parquet"))
    }


def test_the_tables_are_those_of_the_files(lifeseg: Lifeseg, plain: Path) -> None:
    assert "results in out.duckdb" in lifeseg("run", "--out", FILE).out
    lifeseg("run", "--out", "whole")
    whole = {name: value for name, value in described_in("whole").items() if name != "files"}
    assert described() == whole
    assert contents() == in_parquet("whole")
    assert sorted(path.name for path in plain.glob("*.duckdb*")) == [FILE, "store.duckdb"]


@A_FEW
@ANY_CHANGES
def test_changed_records_give_the_results_of_a_whole_run(
    changed: set[int], gone: set[int], new: set[int], seed: int, lifeseg: Lifeseg, plain: Path
) -> None:
    make_changes(lifeseg, FILE, changed, gone, new, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "by_database", nobody)
        finished = lifeseg("run", "--out", FILE, "--changed", "changed.csv")
    whole = lifeseg("run", "--out", "whole.duckdb")
    assert said(finished) == said(whole)
    assert described() == described("whole.duckdb")
    assert contents() == contents("whole.duckdb")


def test_many_times_one_after_the_other(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS))
    for seed in range(5, 11):
        families = tuple(n for n in NUMBERS if n % 5 == seed % 5)
        rows = {
            entity: {key: values for key, values in found.items() if key[1] not in families}
            | made(seed, families)[entity]
            for entity, found in rows.items()
        }
        write(rows)
        list_keys(families)
        assert lifeseg("run", "--out", FILE, "--changed", "changed.csv").code < 2
    lifeseg("run", "--out", "whole.duckdb")
    assert described() == described("whole.duckdb")
    assert contents() == contents("whole.duckdb")


def test_frozen_statistics(lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network(lifeseg, tmp_path, monkeypatch)
    before = described_in("out")
    write(made(1, tuple(NUMBERS)))
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS[4:]))
    for entity, more in made(9, tuple(NUMBERS[:4])).items():
        rows[entity] |= more
    write(rows)
    with monkeypatch.context() as patch:
        patch.setattr(running, "by_database", nobody)
        finished = lifeseg("run", "--out", FILE, "--changed", "changed.csv", "--frozen")
    assert "note[statistics-frozen]" in finished.err
    assert described()["baseline"] == before["baseline"]
    assert described()["result_hash"] == by_interpreter(before["baseline"])


def test_a_mean_that_has_moved_gives_a_whole_run(
    lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network(lifeseg, tmp_path, monkeypatch)
    changed = {path: path.read_bytes() for path in Path("data").iterdir()}
    write(made(1, tuple(NUMBERS)))
    lifeseg("run", "--out", FILE)
    for path, content in changed.items():
        path.write_bytes(content)
    assert "note[statistics-moved]" in lifeseg("run", "--out", FILE, "--changed", "changed.csv").err
    lifeseg("run", "--out", "whole.duckdb")
    assert described() == described("whole.duckdb")
    assert contents() == contents("whole.duckdb")


def test_the_store_remembers_what_everybody_is(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", FILE)
    lifeseg("run", "--out", "whole")
    with duckdb.connect("store.duckdb", read_only=True) as store:
        found = store.execute("SELECT recorded, replaced, count(*) FROM memberships GROUP BY ALL").fetchall()
    assert [row[:2] for row in found] == [(1, None)], "the Parquet files of the second run say the same"


# ---- Whole or not at all -------------------------------------------------------------------------


KILLED = """
import os, signal, sys
from lifeseg.records import duckdb_results
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
duckdb_results.describe = kill
from lifeseg.cli import main
main()
"""


def test_a_run_killed_in_the_middle_of_its_changes_leaves_the_results(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", FILE)
    before = described(), contents()
    write(made(3, tuple(NUMBERS[2:])))
    list_keys(tuple(NUMBERS))
    words = ("run", "--out", FILE, "--changed", "changed.csv")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *words], env=os.environ, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (described(), contents()) == before
    assert lifeseg(*words).code < 2
    lifeseg("run", "--out", "whole.duckdb")
    assert (described(), contents()) == (described("whole.duckdb"), contents("whole.duckdb"))


def test_a_killed_whole_run_leaves_the_results(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", FILE)
    before = described(), contents()
    write(made(3, tuple(NUMBERS[2:])))
    words = ("run", "--out", FILE)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *words], env=os.environ, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (described(), contents()) == before
    lifeseg(*words)
    assert not list(plain.glob(".lifeseg-*"))
    assert described()["rows"]["company"] == len(NUMBERS) - 2


HOLDING = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


@pytest.mark.parametrize("words", [(), ("--changed", "changed.csv")])
def test_a_second_run_at_once_is_refused(words: tuple[str, ...], lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", FILE)
    before = described(), contents()
    write(made(3, tuple(NUMBERS)))
    list_keys(tuple(NUMBERS))
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDING, FILE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    other.stdout.readline()
    finished = lifeseg("run", "--out", FILE, *words)
    other.communicate("")
    assert finished.code == 2
    assert "error[cannot-write]: `out.duckdb` cannot be written: another program has it open" in finished.err
    assert (described(), contents()) == before


# ---- What is refused -----------------------------------------------------------------------------


def test_other_files_are_left_alone(lifeseg: Lifeseg, plain: Path) -> None:
    with duckdb.connect(FILE) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    Path("text.duckdb").write_text("not a database at all")
    Path("folder.duckdb").mkdir()
    for name in (FILE, "text.duckdb", "folder.duckdb"):
        finished = lifeseg("run", "--out", name)
        assert finished.code == 2
        assert f"error[cannot-write]: `{name}` is not a file of results of lifeseg" in finished.err
    assert contents()["mine"] == (["answer"], ["(42,)"])


def test_a_table_that_lacks_records_is_not_gone_on_from(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", FILE)
    with duckdb.connect(FILE) as connection:
        connection.execute("DELETE FROM site WHERE place = 1")
    list_keys((1,))
    finished = lifeseg("run", "--out", FILE, "--changed", "changed.csv")
    assert "error[incremental-other]: `out.duckdb` is not as the last run left it" in finished.err


def test_no_results_yet(lifeseg: Lifeseg, plain: Path) -> None:
    list_keys((1,))
    finished = lifeseg("run", "--out", FILE, "--changed", "changed.csv")
    assert "error[incremental-other]: there are no results of a run in `out.duckdb`" in finished.err
    assert not Path(FILE).exists()


def test_other_engines_write_files(lifeseg: Lifeseg, plain: Path) -> None:
    finished = lifeseg("run", "--out", FILE, "--engine", "interpreter")
    assert "error[bad-argument]: results go into a DuckDB file by the engine `duckdb`" in finished.err


def test_rows_set_aside_are_beside_the_file(lifeseg: Lifeseg, plain: Path) -> None:
    rows = made(1, tuple(NUMBERS))
    rows["company"][companies(3), 3] = (-1, "P", None)
    write(rows)
    assert "set-aside" in lifeseg("run", "--out", FILE, "--on-bad-row", "set-aside").out
    assert Path("out.set-aside/company.set-aside.csv").is_file()
