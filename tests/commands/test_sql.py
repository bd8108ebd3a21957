"""lifeseg sql: what it prints is what a run does, and people can read it."""

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
import sqlglot

from lifeseg.engines.duckdb import Database, DuckDB
from lifeseg.engines.running import Run
from lifeseg.model.model import Model
from lifeseg.pipeline.by_engine import planned
from lifeseg.pipeline.shown_sql import statements
from lifeseg.pipeline.sql_names import names_of
from lifeseg.pipeline.stages import check
from lifeseg.records.from_files import load
from lifeseg.records.source import Source
from lifeseg.records.to_tables import to_tables
from tests.commands.conftest import ROOT, Lifeseg
from tests.commands.test_hostile_names import hostile
from tests.commands.test_transcripts import RECORD

__all__ = ["hostile"]
EXPECTED = Path(__file__).parent / "expected"
DIALECTS = ("duckdb", "postgres", "spark")
LONGEST_LINE = 120
DAY = date(2024, 1, 31)


def executed_as_printed(model: Model, sources: dict[str, Path], day: date) -> None:
    """Runs what is printed on DuckDB, over tables named like the entities, and compares it with a run."""
    entities = model.entities
    loaded = load(entities, {name: Source(path) for name, path in sources.items()})
    assert loaded.population is not None, loaded.diagnostics
    with duckdb.connect() as connection:
        records = to_tables(connection, entities, loaded.population)
        for entity, table in records.items():
            connection.execute(f'CREATE VIEW "{entity}" AS FROM "{table}"')
        plan = planned(model, day, None)
        run = Run(plan, Database(connection), DuckDB(records))
        results = run.execute({}).results
        names = names_of(model, plan).scalars
        known = {}
        for name, value in run.scalars.items():
            start, _, place = name.rpartition("_")
            known[names[name] if name in names else f"{names[start]}_{place}"] = value
        selected = []
        for statement in connection.extract_statements(statements(model, day, "duckdb", None)):
            given = {
                name: value for name, value in known.items() if re.search(rf"\${name}\b", statement.query)
            }
            selected.append(connection.execute(statement.query, given).fetchall())
        for entity, table in results.items():
            rows = connection.execute(f'FROM "{table}"').fetchall()
            assert sorted(map(repr, rows)) in [sorted(map(repr, found)) for found in selected], entity


def test_what_is_printed_is_what_is_run(orgcust: Path) -> None:
    model = check(ROOT / "rules" / "orgcust").good()
    sources = {"customer": orgcust / "customers.csv", "usage": orgcust / "usage.csv"}
    executed_as_printed(model, sources, date(2013, 6, 30))


def test_what_is_printed_is_what_is_run_with_hostile_names(hostile: Path) -> None:
    model = check(Path("hostile.seg")).good()
    executed_as_printed(model, {name: Path("data", f"{name}.csv") for name in model.entities}, DAY)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_names_are_parsed_as_they_are_meant(dialect: str, hostile: Path) -> None:
    text = statements(check(Path("hostile.seg")).good(), DAY, dialect, None)
    trees = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
    assert {type(tree).__name__ for tree in trees} <= {"Select", "Create"}
    tables = {table.name for tree in trees for table in tree.find_all(sqlglot.exp.Table)}
    ctes = {part.alias for tree in trees for part in tree.find_all(sqlglot.exp.CTE)}
    assert tables - ctes == {"select", "Order_item"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_as_reviewed(dialect: str, lifeseg: Lifeseg, shop: Path) -> None:
    finished = lifeseg("sql", "--engine", dialect)
    assert finished.code == 0
    path = EXPECTED / f"shop.{dialect}.sql"
    if RECORD:
        path.write_text(finished.out, encoding="utf-8")
    assert finished.out == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_people_can_read_it(dialect: str, lifeseg: Lifeseg, orgcust: Path) -> None:
    text = lifeseg("sql", "--engine", dialect).out
    too_long = [line for line in text.splitlines() if len(line) > LONGEST_LINE]
    assert dialect == "spark" or not too_long  # Spark's exact division is nested deeply
    assert "-- Contract about to end" in text
    assert "mean_staff_size_over_all_customer: mean(staff_size over all customer)" in text
    assert not re.search(r"[\"`]_[hc][0-9a-f]{12}[\"`]", text)
    assert not re.search(r"\bq\d+\b", text)


def test_only_what_definitions_need(lifeseg: Lifeseg, shop: Path) -> None:
    text = lifeseg("sql", "--only", "spent_level").out
    assert '"spent_level"' in text
    assert "satisfaction_level" not in text
    finished = lifeseg("sql", "--only", "spend_level")
    assert finished.code == 2
    assert "did you mean `spent_level`?" in finished.err
