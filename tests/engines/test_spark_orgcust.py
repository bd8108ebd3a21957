"""orgcust in Spark equals the interpreter: every column, every statistic, from Parquet and typed records; results stay."""

import json
from pathlib import Path

import duckdb
import pytest

from lifeseg.engines.running import Evaluated
from lifeseg.engines.spark import run
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.source import Source
from lifeseg.records.spark_results import write_folder, write_location, write_tables
from lifeseg.records.spark_rows import population_views
from lifeseg.records.spark_session import Session, session
from lifeseg.records.spark_tables import typed_views
from tests.engines.orgcust import (
    AS_OF,
    SOURCES,
    Case,
    differences,
    expected_hash,
    hash_of,
    hashing,
    orgcust,
    result_tables,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module")
def evaluated(spark: Session) -> Evaluated:
    case = orgcust()
    views = population_views(spark, case.model.entities, case.population, AS_OF)
    return run(case.plan, spark.spark, views, {}, hashing(case, "spark"))


def parquet_files(folder: Path) -> dict[str, Source]:
    """The example's customers as Parquet, the usage in two files of a folder."""
    (folder / "usage").mkdir()
    with duckdb.connect() as database:
        for name, source in SOURCES.items():
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{source.path}')")
        database.execute(f"COPY customer TO '{folder}/customer [1].parquet'")
        database.execute(f"COPY (FROM usage LIMIT 200) TO '{folder}/usage/1.parquet'")
        database.execute(f"COPY (FROM usage OFFSET 200) TO '{folder}/usage/2.parquet'")
    return {"customer": Source(folder / "customer [1].parquet"), "usage": Source(folder / "usage")}


def all_differences(case: Case, session: Session, evaluated: Evaluated) -> list[str]:
    problems: list[str] = []
    for entity, view in evaluated.results.items():
        frame = session.spark.table(view)
        problems += differences(case, entity, frame.columns, [tuple(row) for row in frame.collect()])
    return problems


def test_from_typed_records(spark: Session, evaluated: Evaluated) -> None:
    case = orgcust()
    assert all_differences(case, spark, evaluated) == []
    assert evaluated.statistics == dict(case.results.baseline.statistics)
    assert evaluated.counts == {name: len(rows) for name, rows in case.results.rows.items()}
    assert not evaluated.wrong
    assert hash_of(case, evaluated) == expected_hash(case)


def test_what_is_kept_is_planned_once(spark: Session, evaluated: Evaluated) -> None:
    """Otherwise each plan holds those of all that was kept before, and planning a long policy has no end."""
    kept = [row["viewName"] for row in spark.spark.sql("SHOW VIEWS LIKE '_saved*|_output*'").collect()]
    assert kept
    for view in kept:
        plan = spark.spark.table(f"`{view}`")._jdf.queryExecution().analyzed().toString()
        assert "LogicalRDD" in plan
        assert "Join" not in plan


def test_sixty_layers_of_formulas(spark: Session) -> None:
    """As a power of 60 has them; left to itself Spark gives up after a hundred rounds."""
    layers = [f"q{n} AS (SELECT *, x{n - 1} + 1 AS x{n} FROM q{n - 1})" for n in range(1, 60)]
    query = f"WITH q0 AS (SELECT 1L AS x0), {', '.join(layers)} SELECT x59 FROM q59"
    assert spark.spark.sql(query).collect() == [(60,)]


def test_ranks_are_taken_of_kept_rows(evaluated: Evaluated) -> None:
    """A condition above layers of formulas would be written out in all of them."""
    ranks = [statement for statement in evaluated.statements if "OVER (ORDER BY" in statement]
    assert ranks
    assert not [statement for statement in ranks if "WITH " in statement]


def test_from_parquet(spark: Session, tmp_path: Path) -> None:
    case = orgcust()
    records = typed_views(spark, case.model.entities, parquet_files(tmp_path), AS_OF)
    assert records.findings == ()
    assert records.counts == {"customer": 150, "usage": 412}
    evaluated = run(case.plan, spark.spark, records.views, {}, hashing(case, "spark"))
    assert all_differences(case, spark, evaluated) == []


def check_files(folder: Path) -> None:
    case = orgcust()
    for entity in case.model.entities:
        with duckdb.connect() as database:
            found = database.execute(f"SELECT * FROM read_parquet('{folder}/{entity}.parquet/*.parquet')")
            names = [column[0] for column in found.description]
            assert differences(case, entity, names, found.fetchall()) == []


def test_results_as_folders(spark: Session, evaluated: Evaluated, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    write_folder(spark, folder, result_tables(orgcust(), evaluated), {"run": 1})
    check_files(folder)
    (folder / "mine.txt").write_text("kept", "utf-8")
    write_folder(spark, folder, result_tables(orgcust(), evaluated), {"run": 2})
    check_files(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "customer.parquet",
        "mine.txt",
        "run.json",
        "usage.parquet",
    ]
    assert json.loads((folder / "run.json").read_text("utf-8")) == {
        "run": 2,
        "files": ["customer.parquet", "usage.parquet"],
    }


def test_a_failure_leaves_the_run_before(spark: Session, evaluated: Evaluated, tmp_path: Path) -> None:
    tables = result_tables(orgcust(), evaluated)
    write_folder(spark, tmp_path, tables, {"run": 1})
    with pytest.raises(TypeError):
        write_folder(spark, tmp_path, tables, {"run": object()})
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["run"] == 1
    check_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "customer.parquet",
        "run.json",
        "usage.parquet",
    ]


def test_results_at_a_location(spark: Session, evaluated: Evaluated, tmp_path: Path) -> None:
    for number in (1, 2):
        write_location(spark, tmp_path.as_uri(), result_tables(orgcust(), evaluated), {"run": number})
        check_files(tmp_path)
    assert json.loads((tmp_path / "run.json").read_text("utf-8"))["run"] == 2


def test_results_as_tables(spark: Session, evaluated: Evaluated) -> None:
    case = orgcust()
    for _ in range(2):
        assert (
            write_tables(spark, "default.lifecycle", result_tables(case, evaluated))[0]
            == "default.lifecycle_customer"
        )
    for entity in case.model.entities:
        frame = spark.spark.table(f"lifecycle_{entity}")
        assert differences(case, entity, frame.columns, [tuple(row) for row in frame.collect()]) == []
    types = dict(spark.spark.table("lifecycle_customer").dtypes)
    assert types["potential"] == "decimal(18,8)"
    assert types["strategy"] == "array<string>"
    comments = {row[0]: row[2] for row in spark.spark.sql("DESCRIBE lifecycle_customer").collect()}
    assert comments["potential"] == "Potential value"
    spark.spark.sql("CREATE TABLE other_usage USING parquet AS SELECT 1 AS precious")
    with pytest.raises(UnusableEngineError) as caught:
        write_tables(spark, "other", result_tables(case, evaluated))
    assert caught.value.finding.key == "result-table.taken"
    assert spark.spark.table("other_usage").collect() == [(1,)]
    assert not spark.spark.catalog.tableExists("other_customer")


def test_two_runs_beside_each_other(spark: Session, tmp_path: Path) -> None:
    """A session beside a running one has its own views and settings, and leaves the other's alone."""
    spark.spark.sql("SELECT 1 AS x").createOrReplaceTempView("mine")
    with session() as other:
        assert other.spark.sparkContext is spark.spark.sparkContext
        assert not other.spark.catalog.tableExists("mine")
        other.spark.sql("SELECT 2 AS x").createOrReplaceTempView("mine")
    assert spark.spark.table("mine").collect() == [(1,)]
