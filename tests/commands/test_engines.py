"""Both engines on the same data: the same files, the same hash, the same summary, the same findings."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.commands.conftest import Lifeseg

ENGINES = ("duckdb", "interpreter")


def summary(text: str) -> list[str]:
    """A summary without its engine, its time, and its numbered run."""
    return re.sub(r"(duckdb|interpreter) · |\d+\.\d\d s|results in \w+|run \d+ in .*", "", text).split()


def both(lifeseg: Lifeseg, *words: str) -> dict[str, dict[str, object]]:
    """The descriptions of the runs by engine; what the two say must be the same."""
    said = {engine: lifeseg("run", "--engine", engine, "--out", engine, *words) for engine in ENGINES}
    first, second = said.values()
    assert first.code == second.code
    assert summary(first.out) == summary(second.out)
    assert first.err == second.err
    return {engine: json.loads(Path(engine, "run.json").read_text(encoding="utf-8")) for engine in ENGINES}


def assert_same_files(descriptions: dict[str, dict[str, object]]) -> None:
    first, second = descriptions.values()
    unlike = {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    assert unlike <= {"engine", "timings", "totals", "prints"}
    for name in json.loads(json.dumps(first["files"])):
        paths = [Path(engine, name) for engine in ENGINES]
        if name.endswith(".csv"):
            one, other = (sorted(path.read_text(encoding="utf-8").splitlines()) for path in paths)
        else:
            types = [duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall() for path in paths]
            assert types[0] == types[1]
            one, other = (sorted(map(repr, duckdb.sql(f"FROM '{path}'").fetchall())) for path in paths)
        assert one == other


@pytest.mark.parametrize("words", [(), ("--format", "csv"), ("--only", "stage,value_level,customer_value")])
def test_same_on_the_example(words: tuple[str, ...], lifeseg: Lifeseg, orgcust: Path) -> None:
    assert_same_files(both(lifeseg, *words))


@pytest.mark.parametrize("words", [(), ("--format", "csv")])
def test_same_with_children_without_a_key(words: tuple[str, ...], lifeseg: Lifeseg, shop: Path) -> None:
    assert_same_files(both(lifeseg, *words))


def test_same_from_parquet_read_where_it_lies(lifeseg: Lifeseg, orgcust: Path) -> None:
    Path("data").mkdir()
    for name, entity in (("customers", "customer"), ("usage", "usage")):
        duckdb.sql(f"COPY (FROM '{name}.csv') TO 'data/{entity}.parquet'")
    assert_same_files(both(lifeseg, "--data", "data"))


WORLD = """\
policy world "World"
  version 1.0.0

entity person "Person"
  code text key
  number count 0..1000 key
  city "City" one of "東京", "Zürich", "it's; --" optional
  born "Born" date optional
  points "Points" number -100..100 step 0.001 optional

indexes measures "Measures" of person
  level "Level" = points / 7
    if missing 0

flags signs "Signs" of person
  far "Far" when city is "東京" or city is "it's; --"
    if missing no
  many "Many" when points >= 50
    if missing no

segment class "Class" of person first match
  high "High" when points >= 10
    if missing no
  low "Low" when points < 0
    if missing no
  middle "Middle" otherwise
"""
PEOPLE = '''\
code,number,city,born,points
張偉,1,東京,1990-01-31,10.5
張偉,2,,,-3.25
"a,""b""",3,it's; --,2000-02-29,
a very long key in any script كلمة,4,Zürich,,99.999
x,5,,1999-12-31,0
'''


def test_same_with_texts_in_any_script(
    lifeseg: Lifeseg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("world.seg").write_text(WORLD, encoding="utf-8")
    Path("data").mkdir()
    Path("data/person.csv").write_text(PEOPLE, encoding="utf-8")
    checked = lifeseg("check", "world.seg")
    assert checked.code == 0, checked.err + checked.out
    for words in ((), ("--format", "csv")):
        given = ("world.seg", "--data", "data", "--as-of", "2024-01-31")
        said = {one: lifeseg("run", *given, "--engine", one, "--out", one, *words) for one in ENGINES}
        assert {finished.code for finished in said.values()} == {0}, said
        assert_same_files({one: json.loads(Path(one, "run.json").read_text()) for one in ENGINES})


def test_same_findings_about_results(lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    text = policy.read_text()
    text = text.replace("    or no order: amount >= 10 CNY\n", "")
    text = text.replace("when loyalty is loyal\n    and some order", "when some order")
    policy.write_text(text + '\nnever "Nobody spends so little" of customer when spent < 200 CNY\n')
    said = [lifeseg("run", "--engine", engine) for engine in ENGINES]
    assert said[0].code == said[1].code
    assert said[0].err == said[1].err
    assert summary(said[0].out) == summary(said[1].out)


def test_columns_of_other_names_and_constants(lifeseg: Lifeseg, shop: Path) -> None:
    data = shop / "data/customer.csv"
    data.write_text("CUST_NO,satisfaction\nann,5\nbob,2\ncem,4\n")
    settings = (shop / "lifeseg.toml").read_text()
    mapped = 'customer = { path = "data/customer.csv", columns = { customer_id = "CUST_NO" }'
    mapped += ", constants = { spent = 7 } }"
    (shop / "lifeseg.toml").write_text(settings.replace('customer = "data/customer.csv"', mapped))
    assert_same_files(both(lifeseg))
    assert "customer_id" in duckdb.sql("FROM 'duckdb/customer.parquet'").columns


def test_a_policy_that_plans_cannot_do_is_named(
    lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lifeseg.plan import from_model
    from lifeseg.plan.from_expression import Gap

    def gap(*_: object) -> None:
        raise Gap("was")

    monkeypatch.setattr(from_model, "from_model", gap)
    finished = lifeseg("run", "--engine", "duckdb")
    assert finished.code == 2
    assert "error[engine-gap]: the engine `duckdb` cannot evaluate `was` yet" in finished.err
    assert "--engine interpreter" in finished.err


def test_bad_rows_in_parquet_are_said_with_their_rows(lifeseg: Lifeseg, shop: Path) -> None:
    for entity in ("customer", "order"):
        duckdb.sql(f"COPY (FROM 'data/{entity}.csv') TO 'data/{entity}.parquet'")
        (shop / f"data/{entity}.csv").unlink()
    duckdb.sql("COPY (SELECT * REPLACE (CASE customer_id WHEN 'bob' THEN 9 ELSE satisfaction END AS satisfaction)"
               " FROM 'data/customer.parquet') TO 'data/other.parquet'")  # fmt: skip
    shutil.move("data/other.parquet", "data/customer.parquet")
    finished = lifeseg("run", "rules/shop", "--data", "data", "--as-of", "2024-01-31", "--out", "out")
    assert finished.code == 1
    assert "data-range" in finished.err
    assert "customer.parquet:3" in finished.err
    assert not Path("out").exists()


def test_a_file_that_is_not_there(lifeseg: Lifeseg, shop: Path) -> None:
    (shop / "data/order.csv").unlink()
    finished = lifeseg("run", "--out", "out")
    assert finished.code == 1
    assert "error[data-file]" in finished.err
    assert not Path("out").exists()
