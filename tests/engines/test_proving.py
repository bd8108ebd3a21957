"""Keys of children are proved while the plan is executed, where that costs least: what is wrong with them is found all
the same.
"""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from lifeseg.pipeline import running
from lifeseg.pipeline.errors import DataError
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.wish import Wish
from lifeseg.plan import tree as p
from lifeseg.plan.proving import Children, proving
from lifeseg.records import to_database
from tests.engines.orgcust import AS_OF, ROOT, orgcust

PRODUCTS = ("fixed_voice", "data", "internet", "rental", "ict", "mobile")
USAGES = Children("usage", "customer", ("_k1",), "_k2", PRODUCTS)
SOME = "customer_id = (SELECT min(customer_id) FROM usage)"
WRONG = {
    "twice": (f"INSERT INTO usage FROM usage WHERE {SOME}", "data-duplicate-key"),
    "orphan": (f"UPDATE usage SET customer_id = 'nobody' WHERE {SOME}", "data-orphan"),
}


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """The example's customers in Parquet files, of which `changed` makes others."""
    changed(tmp_path, "SELECT 1")
    return Setting(ROOT / "rules/orgcust", None, None, tmp_path, AS_OF, "duckdb")


def changed(folder: Path, statement: str) -> None:
    with duckdb.connect() as connection:
        for entity, file in (("customer", "customers"), ("usage", "usage")):
            rows = f"read_csv('{ROOT}/examples/orgcust/{file}.csv')"
            connection.execute(f"CREATE TABLE {entity} AS FROM {rows}")
        connection.execute(statement)
        for entity in ("customer", "usage"):
            connection.execute(f"COPY {entity} TO '{folder}/{entity}.parquet' (FORMAT parquet)")


@pytest.mark.parametrize("only", [None, ("stage",), ("potential",)], ids=["all", "stage", "no children"])
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_found_like_the_interpreter_does(
    wrong: str, only: tuple[str, ...] | None, setting: Setting, tmp_path: Path
) -> None:
    statement, code = WRONG[wrong]
    changed(tmp_path, statement)
    said = []
    for engine in ("interpreter", "duckdb"):
        with pytest.raises(DataError) as refused:
            running.run(replace(setting, engine=engine), Wish(only=only, out=tmp_path / "out"))
        said.append(refused.value.findings)
    assert said[0] == said[1]
    assert {finding.key.partition(".")[0] for finding in said[0]} == {code}
    assert not (tmp_path / "out").exists()


def test_good_keys_are_looked_at_once(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    def careful(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(to_database, "load", careful)
    assert running.run(setting, Wish()).overview.rows["usage"] > 0


def test_the_column_comes_with_the_groups() -> None:
    found = proving(orgcust().plan.steps, USAGES, "proof")
    assert found is not None
    steps, name = found
    saves = {step.name: step.columns for step in steps if isinstance(step, p.Save)}
    before = {step.name: step.columns for step in orgcust().plan.steps if isinstance(step, p.Save)}
    assert saves == before | {name: (*before[name], "proof")}


@pytest.mark.parametrize(
    "children",
    [
        Children("usage", "usage", ("_k1",), "_k2", PRODUCTS),
        Children("other", "customer", ("_k1",), "_k2", PRODUCTS),
        Children("usage", "customer", ("_k1", "_k2"), "_k3", PRODUCTS),
    ],
    ids=["parent", "entity", "key"],
)
def test_no_groups_no_proof(children: Children) -> None:
    assert proving(orgcust().plan.steps, children, "proof") is None
