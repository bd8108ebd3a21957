"""`run --changed auto` finds out by the files of the data who has changed, and gives the results of a whole run."""

import shutil
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeseg.pipeline import running
from tests.commands.conftest import Lifeseg
from tests.commands.test_changed import COLUMNS, NUMBERS, PLAIN, Rows, list_keys, made, nobody, said
from tests.commands.test_duckdb_results import FILE, contents, described

SETTINGS = """\
policy = "network.seg"
as_of = 2024-01-31
engine = "duckdb"

[data]
company = "data/company"
site = "data/site"
meter = "data/meter/*.parquet"
"""
PARTS = {"company": 8, "site": 6, "meter": 5}
TOGETHER = {"company": 8, "site": 8, "meter": 8}


def write(rows: Rows, parts: dict[str, int] | None = None, ending: str = "parquet") -> None:
    """Several files for each entity, in which the families lie scattered; a file without records is not there."""
    shutil.rmtree("data", ignore_errors=True)
    for entity, columns in COLUMNS.items():
        Path("data", entity).mkdir(parents=True)
        files: dict[int, list[tuple[object, ...]]] = {}
        for key, values in rows[entity].items():
            place = key[1] if parts is TOGETHER else sum(part for part in key if isinstance(part, int))
            files.setdefault(place % (parts or PARTS)[entity], []).append((*key, *values))
        for number, found in files.items():
            with duckdb.connect() as connection:
                connection.execute(f"CREATE TABLE t ({columns})")
                marks = ", ".join("?" * len(columns.split(",")))
                connection.executemany(f"INSERT INTO t VALUES ({marks})", found)
                connection.execute(f"COPY t TO 'data/{entity}/part-{number}.{ending}'")


@pytest.fixture
def parted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of a policy without statistics, whose data are in several files; it is the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("network.seg").write_text(PLAIN, encoding="utf-8")
    Path("lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    write(made(1, tuple(NUMBERS)))
    return tmp_path


def both(lifeseg: Lifeseg) -> None:
    """Brings the results up to date, and compares them with those of a whole run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "by_database", nobody)
        finished = lifeseg("run", "--out", FILE, "--changed", "auto")
    whole = lifeseg("run", "--out", "whole.duckdb")
    assert said(finished) == said(whole)
    assert described() == described("whole.duckdb")
    assert contents() == contents("whole.duckdb")


def some(rows: Rows, numbers: set[int]) -> Rows:
    return {
        entity: {key: values for key, values in found.items() if key[1] in numbers}
        for entity, found in rows.items()
    }


@pytest.mark.parametrize("parts", [PARTS, TOGETHER])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.tuples(
            st.sets(st.sampled_from(NUMBERS), max_size=2),
            st.sets(st.sampled_from(NUMBERS), max_size=1),
            st.sets(st.integers(100, 110), max_size=1),
            st.integers(2, 1000),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_changed_files_give_the_results_of_a_whole_run(
    steps: list[tuple[set[int], set[int], set[int], int]],
    parts: dict[str, int],
    lifeseg: Lifeseg,
    parted: Path,
) -> None:
    rows = made(1, tuple(NUMBERS))
    write(rows, parts)
    lifeseg("run", "--out", FILE)
    for changed, gone, new, seed in steps:
        there = {key[1] for key in rows["company"]}
        rows = some(rows, there - changed - gone)
        for entity, more in made(seed, tuple(sorted((changed & there) | new))).items():
            rows[entity] |= more
        write(rows, parts)
        lifeseg("run", "--out", FILE, "--changed", "auto")
    whole = lifeseg("run", "--out", "whole.duckdb")
    assert whole.code < 2
    assert described() == described("whole.duckdb")
    assert contents() == contents("whole.duckdb")


def test_only_the_families_of_changed_files_are_evaluated(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS))
    for entity, more in made(7, (3,)).items():
        rows[entity] = {key: values for key, values in rows[entity].items() if key[1] != 3} | more
    write(rows)
    both(lifeseg)


def test_nothing_has_changed(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    for path in Path("data").rglob("*.parquet"):
        path.touch()
    both(lifeseg)


def test_a_file_comes_a_file_goes(lifeseg: Lifeseg, parted: Path) -> None:
    write(made(1, tuple(NUMBERS)), TOGETHER)
    lifeseg("run", "--out", FILE)
    for entity in COLUMNS:
        Path(f"data/{entity}/part-3.parquet").unlink()
    both(lifeseg)
    new = made(5, (100, 101))
    for entity, columns in COLUMNS.items():
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t ({columns})")
            for key, values in new[entity].items():
                connection.execute(
                    f"INSERT INTO t VALUES ({', '.join('?' * len((*key, *values)))})", [*key, *values]
                )
            connection.execute(f"COPY t TO 'data/{entity}/part-new.parquet'")
    both(lifeseg)


def test_after_a_list_of_keys_the_files_are_known_as_they_are(lifeseg: Lifeseg, parted: Path) -> None:
    write(made(1, tuple(NUMBERS)), TOGETHER)
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS[1:]))
    write(rows, TOGETHER)
    list_keys((0,))
    lifeseg("run", "--out", FILE, "--changed", "changed.csv")
    write(some(rows, set(NUMBERS[3:])), TOGETHER)
    both(lifeseg)


def test_a_row_that_moves_from_file_to_file(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    first, second = "data/site/part-0.parquet", "data/site/part-1.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE a AS FROM '{first}'")
        connection.execute(f"CREATE TABLE b AS FROM '{second}' UNION ALL (FROM a LIMIT 2)")
        connection.execute(f"COPY (FROM a OFFSET 2) TO '{first}'")
        connection.execute(f"COPY b TO '{second}'")
    both(lifeseg)


def test_names_that_mean_something_elsewhere(lifeseg: Lifeseg, parted: Path) -> None:
    place = "da'ta [1] *"
    Path("lifeseg.toml").write_text(SETTINGS.replace('"data/', f'"{place}/').replace("/*.parquet", ""))
    write(made(1, tuple(NUMBERS)))
    Path("data").rename(place)
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS))
    for entity, more in made(7, (3,)).items():
        rows[entity] = {key: values for key, values in rows[entity].items() if key[1] != 3} | more
    write(rows)
    shutil.rmtree(place)
    Path("data").rename(place)
    both(lifeseg)


def test_a_column_with_the_name_of_the_file(lifeseg: Lifeseg, parted: Path) -> None:
    for path in Path("data/site").iterdir():
        duckdb.sql(f"COPY (SELECT *, 'mine' AS filename FROM '{path}') TO 'new.parquet'")
        Path("new.parquet").replace(path)
    lifeseg("run", "--out", FILE)
    path = next(Path("data/site").iterdir())
    duckdb.sql(f"COPY (SELECT * REPLACE (size + 1 AS size) FROM '{path}') TO 'new.parquet'")
    Path("new.parquet").replace(path)
    whole_after_all(lifeseg, "note[incremental-not]")


def test_rows_in_csv_files(lifeseg: Lifeseg, parted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lifeseg.records.to_database.SMALL_CSV", 0)
    Path("lifeseg.toml").write_text(SETTINGS.replace(".parquet", ".csv"))
    rows = made(1, tuple(NUMBERS))
    write(rows, ending="csv")
    lifeseg("run", "--out", FILE)
    for entity, more in made(7, (3,)).items():
        rows[entity] = {key: values for key, values in rows[entity].items() if key[1] != 3} | more
    write(rows, ending="csv")
    both(lifeseg)


def test_statistics_that_move(lifeseg: Lifeseg, parted: Path) -> None:
    mean = "income / mean(income over all company)\n    range 0..100\n    if missing 0"
    policy = PLAIN.replace("income / 1000000 EUR", mean)
    Path("network.seg").write_text(policy, encoding="utf-8")
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS))
    rows["company"] |= made(7, (3,))["company"]
    write(rows)
    before = described()
    assert "note[statistics-frozen]" in lifeseg("run", "--out", FILE, "--changed", "auto", "--frozen").err
    assert described()["baseline"] == before["baseline"]
    assert described()["result_hash"] != before["result_hash"]
    rows["company"] |= made(9, (4,))["company"]
    write(rows)
    assert "note[statistics-moved]" in lifeseg("run", "--out", FILE, "--changed", "auto").err
    lifeseg("run", "--out", "whole.duckdb")
    assert described() == described("whole.duckdb")


# ---- When everybody is evaluated -----------------------------------------------------------------


def whole_after_all(lifeseg: Lifeseg, finding: str) -> None:
    finished = lifeseg("run", "--out", FILE, "--changed", "auto")
    assert finding in finished.err
    whole = lifeseg("run", "--out", "whole.duckdb")
    assert finished.code == whole.code
    assert described() == described("whole.duckdb")
    assert contents() == contents("whole.duckdb")


def test_most_files_have_changed(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    write(made(2, tuple(NUMBERS)))
    whole_after_all(
        lifeseg, "note[incremental-not]: the files do not tell who has changed, or most of them have"
    )


def test_one_file_does_not_tell_who_has_changed(lifeseg: Lifeseg, parted: Path) -> None:
    Path("lifeseg.toml").write_text(SETTINGS.replace('"data/site"', '"data/sites.parquet"'))
    duckdb.sql("COPY (FROM 'data/site/*.parquet') TO 'data/sites.parquet'")
    lifeseg("run", "--out", FILE)
    duckdb.sql(
        "COPY (SELECT * REPLACE (size + 1 AS size) FROM 'data/site/*.parquet') TO 'data/sites.parquet'"
    )
    whole_after_all(lifeseg, "note[incremental-not]")


def test_columns_are_read_from_elsewhere(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    meter = '[data.meter]\npath = "data/meter/*.parquet"\nconstants = { reading = "7" }\n'
    Path("lifeseg.toml").write_text(SETTINGS.replace('meter = "data/meter/*.parquet"\n', meter))
    whole_after_all(lifeseg, "note[incremental-not]")


def test_a_mistake_in_a_changed_file_is_said(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    before = described(), contents()
    rows = made(1, tuple(NUMBERS))
    rows["company"]["R", 3000] = (-1, "P", None)
    write(rows)
    finished = lifeseg("run", "--out", FILE, "--changed", "auto")
    assert finished.code == 1
    assert "data-range" in finished.err
    assert (described(), contents()) == before


def test_a_parent_that_is_gone(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", FILE)
    rows = made(1, tuple(NUMBERS))
    key = next(key for key in rows["site"])
    del rows["company"][key[:2]]
    write(rows)
    assert "data-orphan" in lifeseg("run", "--out", FILE, "--changed", "auto").err


def test_files_say_nothing_of_parquet_results(lifeseg: Lifeseg, parted: Path) -> None:
    lifeseg("run", "--out", "out")
    finished = lifeseg("run", "--out", "out", "--changed", "auto")
    assert "error[incremental-cannot]: `--changed auto` needs results in a DuckDB file" in finished.err
