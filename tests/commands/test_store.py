"""The result store: what is kept of a run, when it is used, and what happens when it cannot be."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from lifeseg.tracking import store
from lifeseg.tracking.store import Run, UnusableStoreError
from tests.commands.conftest import Lifeseg

NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
RUN = Run(
    policy="shop",
    policy_version="1.2.0",
    content_hash="aa",
    as_of=date(2024, 1, 31),
    engine="interpreter",
    data_fingerprint="ff",
    baseline={"statistics": {"mean": "12345678901234567890"}, "counts": {"customer": 3}},
    counts={"customer": 3},
    timings={"load": 0.1},
    result_hash="bb",
    started=NOW,
    finished=NOW,
    made_by="lifeseg test",
)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The store is open for writing in another process."""
    program = f"import duckdb, sys; store = duckdb.connect({str(path)!r})"
    program += "; print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.communicate()


def code_of(path: Path, *, writing: bool = True) -> str:
    with pytest.raises(UnusableStoreError) as caught:
        _ = (
            store.record(path, RUN, patience=0.1)
            if writing
            else store.matching(path, "aa", RUN.as_of, "ff", patience=0.1)
        )
    return caught.value.finding.code


def test_runs_are_numbered_and_the_latest_that_matches_is_found(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    assert store.matching(path, "aa", RUN.as_of, "ff") is None
    assert not path.exists()
    assert [store.record(path, RUN) for _ in range(2)] == [1, 2]
    assert store.record(path, replace(RUN, content_hash="other")) == 3
    assert store.record(path, replace(RUN, as_of=date(2024, 2, 29))) == 4
    assert store.matching(path, "aa", RUN.as_of, "ff") == (2, RUN.baseline)
    assert store.matching(path, "aa", RUN.as_of, None) == (2, RUN.baseline)
    assert store.matching(path, "aa", RUN.as_of, "other data") is None
    with duckdb.connect(path, read_only=True) as connection:
        row = connection.execute("SELECT policy, as_of, started, counts FROM runs WHERE run = 1").fetchone()
    assert row == ("shop", RUN.as_of, NOW.replace(tzinfo=None), '{"customer": 3}')


def test_an_entry_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    store.record(path, RUN)
    with pytest.raises(TypeError):
        store.record(path, replace(RUN, baseline=object()))
    assert store.record(path, RUN) == 2


def test_locked_store(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    store.record(path, RUN)
    with held(path):
        assert code_of(path) == "store-locked"
        assert code_of(path, writing=False) == "store-locked"
    assert store.record(path, RUN) == 2


def test_store_of_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    store.record(path, RUN)
    with duckdb.connect(path) as connection:
        connection.execute("UPDATE lifeseg_store SET version = 99, made_by = 'lifeseg 9'")
    assert code_of(path) == "store-newer"
    assert code_of(path, writing=False) == "store-newer"


def test_files_that_are_no_store_are_left_alone(tmp_path: Path) -> None:
    text, other, empty = tmp_path / "text.duckdb", tmp_path / "other.duckdb", tmp_path / "empty.duckdb"
    text.write_text("not a database " * 1000)
    before = text.read_bytes()
    with duckdb.connect(other) as connection:
        connection.execute("CREATE TABLE mine (a INTEGER)")
    duckdb.connect(empty).close()
    assert code_of(text) == code_of(other) == "store-foreign"
    assert code_of(text, writing=False) == code_of(other, writing=False) == "store-foreign"
    assert text.read_bytes() == before
    assert store.matching(empty, "aa", RUN.as_of, "ff") is None
    assert store.record(empty, RUN) == 1


def test_store_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert code_of(tmp_path / "nowhere/store.duckdb") == "store-failed"


def test_explanations_name_the_run_they_are_of(lifeseg: Lifeseg, shop: Path) -> None:
    assert "run 1" not in lifeseg("explain", "ann").out
    lifeseg("run")
    assert "· run 1" in lifeseg("explain", "ann").out.splitlines()[0]
    assert "run" not in lifeseg("explain", "ann", "--as-of", "2024-02-29").out.splitlines()[0]
    data = shop / "data/customer.csv"
    data.write_text(data.read_text() + "dan,3,10\n")
    assert "run" not in lifeseg("explain", "ann").out.splitlines()[0], "other data: another run"


def test_a_locked_store_stops_a_run_with_its_reason(
    lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifeseg("run")
    monkeypatch.setattr(store.record, "__kwdefaults__", {"patience": 0.1})
    with held(shop / "store.duckdb"):
        finished = lifeseg("run")
    assert finished.code == 2
    assert "error[store-locked]: the result store `store.duckdb` is in use" in finished.err


def test_a_format_without_files_is_refused(lifeseg: Lifeseg, shop: Path) -> None:
    finished = lifeseg("run", "--format", "csv")
    assert finished.code == 2
    assert "there are no files for `--format csv` to write" in finished.err
