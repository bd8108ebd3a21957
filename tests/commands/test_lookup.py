"""Answers about one record of large data, which is looked up, are those of a whole load."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from lifeseg.pipeline import among_all
from lifeseg.pipeline import lookup as pipeline_lookup
from lifeseg.records import files
from tests.commands.conftest import Finished, Lifeseg

NETWORK = """\
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
  use_level "Use against the mean" = reading / mean(reading over all meter)
    range 0..5
    if missing 0

score strength "Strength" of meter
  1.00 use_level
  bands
    strong "Strong" from strong_from
    weak "Weak" below

flags sides "Sides" of site
  large "Large" when size > mean(known size over all site)
    if missing no
  used "Used" when some meter: strength is strong

indexes money "Money" of company
  income_level "Income against the mean" = income / mean(income over all company)
    range 0..4
    if missing 0

score worth "Worth" of company
  1.00 income_level

rank class "Class" of company by worth
  gold "Gold" top 10%
  silver "Silver" next 30%
  grey "Grey" rest

rank size_class "Size class" of company by income
  upper "Upper" top 50%
  lower "Lower" rest

segment kind "Kind" of company first match
  spread "Spread" when count(site) > 2
    and some site: used
  single "Single" when count(site) = 1
  other "Other" otherwise
"""
SETTINGS = """\
policy = "network.seg"
as_of = 2024-01-31
results = "store.duckdb"
engine = "duckdb"

[data]
company = "data/company.parquet"
site = "data/site.parquet"
meter = "data/meter.parquet"
"""
COMPANIES = 1000
MAKE = {
    "company": f"""SELECT 'R' || (n % 7) AS region, n AS number, (n * 7919) % 100003 AS income, 'P' || n AS contact,
        CASE WHEN n % 5 > 0 THEN DATE '2010-01-01' + n::INTEGER END AS since FROM range({COMPANIES}) AS t(n)""",
    "site": f"""SELECT 'R' || (n % 7) AS region, n AS number, s AS place,
        CASE WHEN (n + s) % 9 > 0 THEN ((n * 31 + s * 17) % 90000) / 100.0 END AS size
        FROM range({COMPANIES}) AS t(n), range(4) AS u(s) WHERE (n * 13 + s * 5) % 4 > 1""",
    "meter": """SELECT region, number, place, 'm' || m AS device, (number * 101 + place * 7 + m * 37) % 1001 AS reading
        FROM 'data/site.parquet', range(5, 0, -1) AS v(m) WHERE (number + m) % 3 > 0""",
}
ASKED = (
    ("explain", "R3/10"),
    ("explain", "R3/10", "--detail", "4", "--format", "json"),
    ("explain", "R0/980", "--why-not", "gold", "--lang", "zh"),
    ("explain", "R0/7/3", "--detail", "3"),
    ("explain", "R0/7/3", "--entity", "site", "--format", "markdown"),
    ("explain", "R0/7/3/m2", "--detail", "4"),
    ("whatif", "R3/10", "--set", "income=100000"),
    ("whatif", "R0/7", "--set", "site.3.size=1", "--format", "json"),
    ("explain", "R3/11"),
    ("explain", "R0/7/3/m9"),
    ("explain", "R3/10", "--entity", "sight"),
    ("explain", "R3/010"),
)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of a policy with three levels, two ranks and means of each level; it is the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("network.seg").write_text(NETWORK, encoding="utf-8")
    Path("lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    Path("data").mkdir()
    for entity, query in MAKE.items():
        duckdb.sql(f"COPY ({query}) TO 'data/{entity}.parquet' (ROW_GROUP_SIZE 2048)")
    return tmp_path


def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on all data count as large."""
    monkeypatch.setattr(files, "BIG", 0)


def whole_load(*_: object) -> None:
    raise AssertionError("everybody was loaded")


def same(first: Finished, second: Finished) -> None:
    assert (first.code, first.out) == (second.code, second.out)


def answers(lifeseg: Lifeseg) -> list[Finished]:
    return [lifeseg(*words) for words in ASKED]


def test_looked_up_or_loaded_the_explanation_is_the_same(
    lifeseg: Lifeseg, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(lifeseg)
    large(monkeypatch)
    for one, other in zip(before, answers(lifeseg), strict=True):
        same(one, other)
        assert "population-measured" in other.err or other.code == 2
    assert lifeseg("run").code == 0
    recorded = answers(lifeseg)
    monkeypatch.setattr(files, "BIG", 1 << 60)
    for one, other in zip(recorded, answers(lifeseg), strict=True):
        assert one == other
    assert "run 1" in recorded[0].out


def test_nobody_else_is_read_when_a_run_is_recorded(
    lifeseg: Lifeseg, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lifeseg("run").code == 0
    large(monkeypatch)
    monkeypatch.setattr("lifeseg.pipeline.opened.load", whole_load)
    monkeypatch.setattr(pipeline_lookup, "measured", whole_load)
    finished = lifeseg("explain", "R3/10")
    assert finished.code == 0, finished.err
    assert finished.err == ""
    assert f"of {COMPANIES}" in finished.out, "its place among all is told"
    monkeypatch.setattr(pipeline_lookup, "MOST_PLACED", COMPANIES - 1)
    assert f"of {COMPANIES}" not in lifeseg("explain", "R3/10").out
    told = lifeseg("explain", "R3/10", "--detail", "3").out
    assert f"of {COMPANIES}" in told, "among very many only when it is asked for"
    assert "percentile" in told


def test_how_everybody_is_spread_is_measured_once(
    lifeseg: Lifeseg, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(network / "cache"))
    monkeypatch.delenv("LIFESEG_NO_CACHE", raising=False)
    large(monkeypatch)
    words = ("explain", "R0/7/3", "--detail", "3", "--format", "json")
    first = lifeseg(*words)
    monkeypatch.setattr(among_all, "measured", whole_load)
    same(first, lifeseg(*words))
    policy = Path("network.seg").read_text(encoding="utf-8")
    Path("network.seg").write_text(policy.replace("0..5", "0..4"), encoding="utf-8")
    assert "everybody was loaded" in lifeseg(*words).err, "it is measured anew for another policy"


def test_scores_are_compared_where_the_policy_asks_what_was_before(
    lifeseg: Lifeseg, orgcust: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lifeseg("run", "--as-of", "2013-05-31").code == 0
    words = ("explain", "C19", "--detail", "3", "--format", "json")
    whole = json.loads(lifeseg(*words).out)
    large(monkeypatch)
    assert json.loads(lifeseg(*words).out)["standings"] == whole["standings"] != []
    assert whole["earlier"] is not None


def test_changed_data_are_said(lifeseg: Lifeseg, network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lifeseg("run").code == 0
    large(monkeypatch)
    duckdb.sql("COPY (SELECT * REPLACE (income + 1 AS income) FROM 'data/company.parquet') TO 'new.parquet'")
    shutil.move("new.parquet", "data/company.parquet")
    finished = lifeseg("explain", "R3/10")
    assert finished.code == 0
    assert "note[population-measured]: the data have changed since run 1" in finished.err
    assert "run 1" not in finished.out


def test_data_of_which_rows_were_set_aside_are_loaded(
    lifeseg: Lifeseg, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil()
    assert lifeseg("run", "--on-bad-row", "set-aside").code == 0
    before = [lifeseg("explain", key) for key in ("R3/10", "R2/9")]
    large(monkeypatch)
    assert [lifeseg("explain", key) for key in ("R3/10", "R2/9")] == before
    assert "run 1" in before[0].out
    assert before[1].code == 2


def spoil() -> None:
    """Company R2/9 gets an income that its declaration forbids."""
    spoiled = "SELECT * REPLACE (CASE number WHEN 9 THEN -1 ELSE income END AS income)"
    duckdb.sql(f"COPY ({spoiled} FROM 'data/company.parquet') TO 'new.parquet'")
    shutil.move("new.parquet", "data/company.parquet")


def test_a_bad_row_is_refused_as_ever(
    lifeseg: Lifeseg, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil()
    large(monkeypatch)
    finished = lifeseg("explain", "R3/10")
    assert finished.code == 1
    assert "data-range" in finished.err


def test_the_example_from_csv(lifeseg: Lifeseg, orgcust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [("explain", f"C{number}", "--detail", "4") for number in range(1, 151, 7)]
    before = [lifeseg(*words) for words in asked]
    large(monkeypatch)
    for one, words in zip(before, asked, strict=True):
        same(one, lifeseg(*words))
