"""Results brought up to date for changed records are those of a whole run, to the last record, count and finding."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifeseg.pipeline import running, totals
from tests.commands.conftest import Finished, Lifeseg
from tests.commands.test_lookup import NETWORK, SETTINGS

PLAIN = """\
policy network "Network"
  version 1.0.0

params
  strong_from "Strong from" = 0.50

entity company "Company"
  region text key
  number count 0..100000 key
  income "Income" money EUR 0..1000000
  contact "Contact" text personal
  since "Since" date optional

entity site "Site" of company
  place count 0..100 key
  size "Size" number 0..1000 step 0.01 optional

entity meter "Meter" of site
  device text key
  reading "Reading" count 0..1000

indexes use "Use" of meter
  use_level "Use" = reading / 1000

score strength "Strength" of meter
  1.00 use_level
  bands
    strong "Strong" from strong_from
    weak "Weak" below

flags sides "Sides" of site
  large "Large" when size > 500
    if missing no
  used "Used" when some meter: strength is strong
  odd "Odd" when count(meter) = 1

indexes money "Money" of company
  income_level "Income" = income / 1000000 EUR
  oldest "Oldest" = since
    if missing 2000-01-01

score worth "Worth" of company
  1.00 income_level
  bands
    rich "Rich" from 0.50
    poor "Poor" below

segment kind "Kind" of company
  spread "Spread" when count(site) > 1
    and some site: used
  large "Large" when some site: large
  empty "Empty" when count(site) = 0

never "A rich company without a site" of company when worth is rich and count(site) = 0

assume "Readings are small" of meter when reading < 900
"""
COLUMNS = {
    "company": "region VARCHAR, number BIGINT, income BIGINT, contact VARCHAR, since DATE",
    "site": "region VARCHAR, number BIGINT, place BIGINT, size DOUBLE",
    "meter": "region VARCHAR, number BIGINT, place BIGINT, device VARCHAR, reading BIGINT",
}
Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]
WIDTHS = {"company": 2, "site": 3, "meter": 4}
NUMBERS = range(40)
REGIONS = ("R", "a region with a long name", "Zürich/北")


def companies(number: int) -> str:
    return REGIONS[number % len(REGIONS)]


def made(seed: int, numbers: tuple[int, ...]) -> Rows:
    """The families of these companies; another seed gives them other facts and other children."""
    rows: Rows = {"company": {}, "site": {}, "meter": {}}
    for n in numbers:
        key = (companies(n), n)
        mixed = (n * 7919 + seed * 104729) % 1_000_003
        since = date(2000 + mixed % 20, 1, 1) if mixed % 3 else None
        rows["company"][key] = (mixed % 1_000_000, f"P{mixed}", since)
        for place in range(mixed % 4):
            size = None if (mixed + place) % 5 == 0 else (mixed * (place + 3) % 100_000) / 100
            rows["site"][*key, place] = (size,)
            for device in range((mixed // 7 + place) % 3):
                rows["meter"][*key, place, f"m{device}"] = (mixed * (place + device + 2) % 1001,)
    return rows


def write(rows: Rows) -> None:
    Path("data").mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        for entity, columns in COLUMNS.items():
            connection.execute(f"CREATE TABLE {entity} ({columns})")
            found = [(*key, *values) for key, values in rows[entity].items()]
            marks = ", ".join("?" * len(columns.split(",")))
            if found:
                connection.executemany(f"INSERT INTO {entity} VALUES ({marks})", found)
            connection.execute(f"COPY {entity} TO 'data/{entity}.parquet'")


def list_keys(numbers: tuple[int, ...]) -> None:
    lines = ["number,region", *(f'{n},"{companies(n)}"' for n in numbers)]
    Path("changed.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def described(folder: str) -> dict[str, Any]:
    """What `run.json` says, without times and bytes."""
    found: dict[str, Any] = json.loads(Path(folder, "run.json").read_text(encoding="utf-8"))
    found["totals"]["wrong"].sort()
    return {name: value for name, value in found.items() if name not in ("timings", "prints")}


def contents(folder: str) -> dict[str, Any]:
    """The types and rows of all result files."""
    files = sorted(Path(folder).glob("*.parquet"))
    return {
        path.name: (
            duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall(),
            sorted(map(repr, duckdb.sql(f"FROM '{path}'").fetchall())),
        )
        for path in files
    }


def said(finished: Finished) -> tuple[int, str]:
    """The exit code and the findings about results."""
    return finished.code, "\n".join(line for line in finished.err.splitlines() if not line.startswith("note"))


def workspace(policy: str) -> None:
    Path("network.seg").write_text(policy, encoding="utf-8")
    Path("lifeseg.toml").write_text(SETTINGS, encoding="utf-8")


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of a policy without statistics, with the results of a run in `out`; it is the current folder."""
    monkeypatch.chdir(tmp_path)
    workspace(PLAIN)
    write(made(1, tuple(NUMBERS)))
    return tmp_path


def nobody(*_: object) -> None:
    raise AssertionError("everybody was evaluated")


ANY_CHANGES = given(
    changed=st.sets(st.sampled_from(NUMBERS), max_size=12),
    gone=st.sets(st.sampled_from(NUMBERS), max_size=4),
    new=st.sets(st.integers(100, 110), max_size=4),
    seed=st.integers(2, 1000),
)
A_FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def make_changes(
    lifeseg: Lifeseg, out: str, changed: set[int], gone: set[int], new: set[int], seed: int
) -> None:
    """A run, then data in which some families are others, gone or new, and the list of these."""
    write(made(1, tuple(NUMBERS)))
    lifeseg("run", "--out", out)
    rows = made(1, tuple(n for n in NUMBERS if n not in changed | gone))
    for entity, more in made(seed, tuple(sorted((changed - gone) | new))).items():
        rows[entity] |= more
    write(rows)
    list_keys(tuple(sorted(changed | gone | new)))


@A_FEW
@ANY_CHANGES
def test_what_has_changed_gives_the_results_of_a_whole_run(
    changed: set[int], gone: set[int], new: set[int], seed: int, lifeseg: Lifeseg, plain: Path
) -> None:
    make_changes(lifeseg, "out", changed, gone, new, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "by_database", nobody)
        finished = lifeseg("run", "--out", "out", "--changed", "changed.csv")
    whole = lifeseg("run", "--out", "whole")
    assert said(finished) == said(whole)
    assert described("out") == described("whole")
    assert contents("out") == contents("whole")


def test_a_second_time_and_a_third(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", "out")
    rows = made(1, tuple(NUMBERS))
    for seed in (5, 6, 7):
        families = tuple(n for n in NUMBERS if n % 5 == seed % 5)
        kept = {
            entity: {key: values for key, values in found.items() if key[1] not in families}
            for entity, found in rows.items()
        }
        rows = {entity: found | made(seed, families)[entity] for entity, found in kept.items()}
        write(rows)
        list_keys(families)
        lifeseg("run", "--out", "out", "--changed", "changed.csv")
    lifeseg("run", "--out", "whole")
    assert described("out") == described("whole")
    assert contents("out") == contents("whole")


def network(lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace of a policy with means and ranks, a run of it, and other facts for four companies."""
    monkeypatch.chdir(tmp_path)
    workspace(NETWORK)
    write(made(1, tuple(NUMBERS)))
    assert lifeseg("run", "--out", "out").code == 0
    rows = made(1, tuple(NUMBERS[4:]))
    for entity, more in made(9, tuple(NUMBERS[:4])).items():
        rows[entity] |= more
    write(rows)
    list_keys(tuple(NUMBERS[:4]))


def test_a_mean_that_has_moved_moves_everybody(
    lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network(lifeseg, tmp_path, monkeypatch)
    finished = lifeseg("run", "--out", "out", "--changed", "changed.csv")
    message = "note[statistics-moved]: the population has moved, and everybody was evaluated: `mean("
    assert message in " ".join(finished.err.split())
    lifeseg("run", "--out", "whole")
    assert described("out") == described("whole")


def test_frozen_statistics_give_a_whole_run_with_the_old_ones(
    lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network(lifeseg, tmp_path, monkeypatch)
    before = described("out")
    with monkeypatch.context() as patch:
        patch.setattr(running, "by_database", nobody)
        finished = lifeseg("run", "--out", "out", "--changed", "changed.csv", "--frozen")
    message = (
        "note[statistics-frozen]: the population has moved, but the statistics of the run before were kept"
    )
    assert message in " ".join(finished.err.split())
    after = described("out")
    assert after["baseline"] == before["baseline"]
    assert after["result_hash"] == by_interpreter(before["baseline"])
    assert "run 2" in lifeseg("explain", "R/0").out, "explained with the statistics it had"


def by_interpreter(baseline: dict[str, Any]) -> str:
    """The hash of the results of everybody with a baseline."""
    from lifeseg.interpreter.baseline import from_json
    from lifeseg.interpreter.evaluate import evaluate
    from lifeseg.pipeline.kept import result_hash, tables
    from lifeseg.pipeline.stages import check, load
    from lifeseg.records.source import Source

    model = check(Path("network.seg")).good()
    population, _ = load(model, {name: Source(Path(f"data/{name}.parquet")) for name in model.entities})
    return result_hash(tables(evaluate(model, population, date(2024, 1, 31), baseline=from_json(baseline))))


# ---- What is refused, and leaves the results as they are -------------------------------------


def other_policy() -> None:
    Path("network.seg").write_text(PLAIN.replace("0.50", "0.51"), encoding="utf-8")


def other_day() -> None:
    Path("lifeseg.toml").write_text(SETTINGS.replace("2024-01-31", "2024-02-29"), encoding="utf-8")


def other_file() -> None:
    duckdb.sql("COPY (FROM 'out/site.parquet' LIMIT 3) TO 'site.parquet'")
    shutil.move("site.parquet", "out/site.parquet")


def no_file() -> None:
    Path("out/site.parquet").unlink()


def no_totals() -> None:
    path = Path("out/run.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "totals": None}))


def too_much_wrong() -> None:
    path = Path("out/run.json")
    found = json.loads(path.read_text())
    found["totals"]["wrong"] = None
    path.write_text(json.dumps(found))


def no_key() -> None:
    Path("changed.csv").write_text("region,number\nR,three\n")


def no_list() -> None:
    Path("changed.csv").unlink()


def forgotten() -> None:
    write(made(1, tuple(NUMBERS[1:])))
    list_keys((1,))


@pytest.mark.parametrize(
    ("spoil", "finding"),
    [
        (other_policy, "incremental-other]: the results in `out` are of another policy text"),
        (
            other_day,
            "incremental-other]: the results in `out` are of 2024-01-31, and this run is of 2024-02-29",
        ),
        (other_file, "incremental-other]: `out/site.parquet` is not as the last run left it"),
        (no_file, "incremental-other]: `out/site.parquet` is not as the last run left it"),
        (no_totals, "incremental-other]: the results in `out` do not hold what a run of changes"),
        (too_much_wrong, "incremental-other]: too many records"),
        (no_key, "changed-keys]: line 2 of `changed.csv`, `R,three`, is no key of `company`"),
        (no_list, "changed-keys]: the list of changed keys `changed.csv` cannot be read"),
        (forgotten, "changed-keys]: the list of changed keys is incomplete: the data have 39 of `company`"),
    ],
)
def test_what_cannot_be_gone_on_from(
    spoil: Callable[[], None], finding: str, lifeseg: Lifeseg, plain: Path
) -> None:
    lifeseg("run", "--out", "out")
    list_keys((1, 2))
    spoil()
    before = {path: path.read_bytes() for path in Path("out").iterdir()}
    finished = lifeseg("run", "--out", "out", "--changed", "changed.csv")
    assert finished.code == 2, finished.err
    assert f"error[{finding}" in finished.err
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == before


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        (("--engine", "interpreter"), "`--changed` needs the engine `duckdb`"),
        (("--format", "csv"), "`--changed` brings the Parquet files"),
        (("--only", "worth"), "`--changed` brings the Parquet files"),
        (("--on-bad-row", "set-aside"), "`--changed` sets no bad rows aside"),
    ],
)
def test_what_cannot_be_done(words: tuple[str, ...], finding: str, lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", "out")
    list_keys((1,))
    finished = lifeseg("run", "--out", "out", "--changed", "changed.csv", *words)
    assert finished.code == 2
    assert finding in finished.err


def test_frozen_belongs_to_changed(lifeseg: Lifeseg, plain: Path) -> None:
    assert "error[bad-argument]: `--frozen` belongs to `--changed`" in lifeseg("run", "--frozen").err


def test_kpis_are_not_told_from_frozen_statistics(lifeseg: Lifeseg, plain: Path) -> None:
    workspace(PLAIN + '\nkpis "Targets"\n  all_income "Income" = sum(income over all company)\n')
    list_keys((1,))
    finished = lifeseg("run", "--out", "out", "--changed", "changed.csv", "--frozen")
    assert "error[incremental-cannot]: `--frozen` keeps the statistics of the run before" in finished.err


def test_results_in_no_folder_yet(lifeseg: Lifeseg, plain: Path) -> None:
    list_keys((1,))
    finished = lifeseg("run", "--out", "out", "--changed", "changed.csv")
    assert "error[incremental-other]: there are no results of a run in `out`" in finished.err
    assert not Path("out").exists()


def test_a_bad_row_is_said_by_the_whole_run(lifeseg: Lifeseg, plain: Path) -> None:
    lifeseg("run", "--out", "out")
    rows = made(1, tuple(NUMBERS))
    rows["company"][companies(3), 3] = (-1, "P", None)
    write(rows)
    list_keys((3,))
    before = contents("out")
    finished = lifeseg("run", "--out", "out", "--changed", "changed.csv")
    assert finished.code == 1
    assert "data-range" in finished.err
    assert contents("out") == before


def test_an_interrupted_run_leaves_the_results(
    lifeseg: Lifeseg, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    lifeseg("run", "--out", "out")
    write(made(1, tuple(NUMBERS[2:])))
    list_keys((0, 1))
    before = {path: path.read_bytes() for path in Path("out").iterdir()}
    monkeypatch.setattr("lifeseg.records.changed.merge", interrupt)
    assert lifeseg("run", "--out", "out", "--changed", "changed.csv").code != 0
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == before


def test_much_that_is_wrong_is_not_kept(
    lifeseg: Lifeseg, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "MOST_WRONG", 2)
    lifeseg("run", "--out", "out")
    assert json.loads(Path("out/run.json").read_text())["totals"]["wrong"] is None
