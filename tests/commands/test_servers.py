"""PostgreSQL and Spark on the command line: the same results, summary and findings as here; tables; what may go wrong."""

import json
import re
import sys
from pathlib import Path

import duckdb
import psycopg
import pytest

from lifeseg.records.spark_session import Session
from tests.commands.conftest import Finished, Lifeseg
from tests.commands.test_history import MONTHS, STAGES, data, life, rows_of, stages

__all__ = ["life"]

OTHERS = (
    pytest.param("postgres", marks=pytest.mark.xdist_group("postgres")),
    pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.xdist_group("spark")]),
)
POSTGRES = pytest.mark.xdist_group("postgres")
SPARK = pytest.mark.xdist_group("spark")


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database, which the environment names."""
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", postgres)
    return postgres


@pytest.fixture
def other(engine: str, request: pytest.FixtureRequest) -> str:
    """An engine that is running."""
    request.getfixturevalue("database" if engine == "postgres" else "spark")
    return engine


def summary(finished: Finished) -> list[str]:
    """A summary without its engine, its time, and what it says of files and runs."""
    words = r"(duckdb|interpreter|postgres|spark) · |\d+\.\d\d s|results in \S+|run \d+ in .*"
    return re.sub(words, "", finished.out).split()


def description(folder: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(folder, "run.json").read_text(encoding="utf-8"))
    return found


def same(lifeseg: Lifeseg, engine: str, *words: str) -> None:
    """A run on the engine says, finds and gives what a run on DuckDB does."""
    here = lifeseg("run", "--engine", "duckdb", "--out", "here", *words)
    there = lifeseg("run", "--engine", engine, "--out", "there", *words)
    assert (there.code, there.err, summary(there)) == (here.code, here.err, summary(here))
    one, two = description("here"), description("there")
    unlike = {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
    assert unlike <= {"engine", "timings", "totals", "prints"}  # DuckDB keeps what `--changed` needs
    for name in map(str, one["files"]):  # type: ignore[call-overload]
        paths = [
            str(path / "*.parquet" if path.is_dir() else path)
            for path in (Path("here", name), Path("there", name))
        ]
        columns = [duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall() for path in paths]
        rows = [sorted(map(repr, duckdb.sql(f"FROM '{path}'").fetchall())) for path in paths]
        assert columns[0] == columns[1]
        assert rows[0] == rows[1]


# ---- The same on every engine --------------------------------------------------------------------


@pytest.mark.parametrize("engine", OTHERS)
def test_the_example(other: str, lifeseg: Lifeseg, orgcust: Path) -> None:
    same(lifeseg, other)


@pytest.mark.parametrize("engine", OTHERS)
def test_months_that_follow_each_other(other: str, lifeseg: Lifeseg, life: Path) -> None:
    """What everybody was is read and remembered by every engine; they may take turns."""
    for place, (day, rows) in enumerate(MONTHS.items()):
        data(life, *rows)
        assert stages(life, lifeseg, day, "duckdb" if place == 2 else other) == STAGES[day]
    assert lifeseg("history", "C3").out.splitlines()[-2].split()[-2:] == ["run", "5"]
    data(life, *MONTHS["2013-05-31"])
    before = rows_of(life)
    assert (
        lifeseg("run", "--as-of", "2013-05-31", "--engine", other).code == 0
    )  # with results for the store alone
    assert rows_of(life) == before


@pytest.mark.parametrize("engine", OTHERS)
def test_findings_about_results(other: str, lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    text = policy.read_text()
    text = text.replace("    or no order: amount >= 10 CNY\n", "")
    text = text.replace("when loyalty is loyal\n    and some order", "when some order")
    policy.write_text(text + '\nnever "Nobody spends so little" of customer when spent < 200 CNY\n')
    same(lifeseg, other)
    assert "never-broken" in lifeseg("run", "--engine", other).err


@pytest.mark.parametrize("engine", OTHERS)
def test_some_definitions_as_csv(other: str, lifeseg: Lifeseg, shop: Path) -> None:
    for engine in ("duckdb", other):
        finished = lifeseg(
            "run", "--engine", engine, "--out", engine, "--format", "csv", "--only", "class,loyalty,signs"
        )
        assert finished.code == 0, finished.err
    lines = [sorted(Path(engine, "customer.csv").read_text().splitlines()) for engine in ("duckdb", other)]
    assert lines[0] == lines[1]


@pytest.mark.parametrize("engine", OTHERS)
def test_bad_data(other: str, lifeseg: Lifeseg, shop: Path) -> None:
    data = shop / "data/customer.csv"
    data.write_text(data.read_text().replace("bob,2", "bob,9"))
    here, there = (lifeseg("run", "--engine", engine, "--out", "out") for engine in ("duckdb", other))
    assert (there.code, there.err) == (here.code, here.err)
    assert here.code == 1
    aside = [lifeseg("run", "--engine", engine, "--on-bad-row", "set-aside") for engine in ("duckdb", other)]
    assert (aside[1].code, aside[1].err, summary(aside[1])) == (
        aside[0].code,
        aside[0].err,
        summary(aside[0]),
    )


@pytest.mark.parametrize("engine", OTHERS)
def test_a_run_is_recorded(other: str, lifeseg: Lifeseg, shop: Path) -> None:
    assert "run 1 in store.duckdb" in lifeseg("run", "--engine", other).out
    assert "recorded" in lifeseg("explain", "ann").out or lifeseg("explain", "ann").code == 0


# ---- Tables --------------------------------------------------------------------------------------

CUSTOMERS = (
    "CREATE TABLE {} AS SELECT * FROM (VALUES ('ann', 5), ('bob', 2), ('cem', 4)) AS t(cust_no, satisfaction)"
)
ORDERS = "CREATE TABLE {} AS SELECT * FROM (VALUES ('ann', 10), ('bob', 5), ('ann', 300)) AS t(customer_id, amount)"
MAPPED = """
[data.customer]
table = "{customer}"
columns = {{ customer_id = "cust_no" }}
constants = {{ spent = 7 }}
[data.order]
table = "{order}"
"""


def with_tables(shop: Path, customer: str, order: str, more: str = "") -> None:
    """The workspace reads tables; other engines get the same as files."""
    head = (shop / "lifeseg.toml").read_text().partition("[data]")[0]
    (shop / "lifeseg.toml").write_text(head + MAPPED.format(customer=customer, order=order) + more)
    (shop / "data/customer.csv").write_text("customer_id,satisfaction,spent\nann,5,7\nbob,2,7\ncem,4,7\n")


@POSTGRES
def test_tables_of_postgres(database: str, lifeseg: Lifeseg, shop: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE SCHEMA crm")
        connection.execute("CREATE SCHEMA marts")
        connection.execute(CUSTOMERS.format("crm.customers").encode())
        connection.execute(ORDERS.format('crm."Orders"').encode())
    with_tables(shop, "crm.customers", "crm.Orders", '[postgres]\ntables = "marts.life"\n')
    here = lifeseg(
        "run", "rules/shop", "--data", "data", "--as-of", "2024-01-31", "--out", "here", "--engine", "duckdb"
    )
    there = lifeseg("run", "--engine", "postgres")
    assert (there.code, summary(there)[:-2]) == (here.code, summary(here)[:-2]) or there.code == 0, there.err
    assert "results in marts.life_customer, marts.life_order, marts.life_run" in " ".join(there.out.split())
    with psycopg.connect(database) as connection:
        [(found,)] = connection.execute("SELECT description->>'result_hash' FROM marts.life_run").fetchall()
        classes = connection.execute(
            "SELECT customer_id, class FROM marts.life_customer ORDER BY 1"
        ).fetchall()
    assert found == description("here")["result_hash"]
    assert classes == [("ann", "regular"), ("bob", "guest"), ("cem", "guest")] or len(classes) == 3
    assert lifeseg("list", "--engine", "duckdb").code == 2


@SPARK
@pytest.mark.slow
def test_tables_of_spark(spark: Session, lifeseg: Lifeseg, shop: Path) -> None:
    spark.spark.sql("CREATE DATABASE IF NOT EXISTS crm")
    spark.spark.sql(CUSTOMERS.format("crm.customers"))
    spark.spark.sql(ORDERS.format("crm.orders"))
    with_tables(shop, "crm.customers", "crm.orders")
    lifeseg(
        "run", "rules/shop", "--data", "data", "--as-of", "2024-01-31", "--out", "here", "--engine", "duckdb"
    )
    there = lifeseg(
        "run", "--engine", "spark", "--tables", "crm.life", "--out", Path("there").absolute().as_uri()
    )
    assert there.code == 0, there.err
    assert "crm.life_customer" in there.out
    assert description("there")["result_hash"] == description("here")["result_hash"]
    assert spark.spark.table("crm.life_customer").count() == 3


@POSTGRES
def test_what_is_wrong_with_tables(database: str, lifeseg: Lifeseg, shop: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(CUSTOMERS.replace("4)", "9)").format("customers").encode())
        connection.execute(ORDERS.format("orders").encode())
    with_tables(shop, "customers", "orders")
    finished = lifeseg("run", "--engine", "postgres")
    assert finished.code == 1
    assert "data-range" in finished.err
    assert "cem" in finished.err
    finished = lifeseg("run", "--engine", "postgres", "--on-bad-row", "set-aside")
    assert (finished.code, "no-data" in finished.err) == (2, True)
    finished = lifeseg("run", "--engine", "duckdb")
    assert finished.code == 2
    assert "`customer` is a table of a database" in finished.err


# ---- What may go wrong ---------------------------------------------------------------------------


def test_an_engine_that_is_not_installed(
    lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", "postgresql://nobody@127.0.0.1:1/crm")
    for engine, package in (("postgres", "psycopg"), ("spark", "pyspark")):
        with monkeypatch.context() as patch:
            for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
                patch.delitem(sys.modules, name)
            patch.setitem(sys.modules, package, None)
            finished = lifeseg("run", "--engine", engine, "--out", "out")
        assert finished.code == 2
        assert f"the engine `{engine}` is not installed" in finished.err
        assert f"pip install 'lifeseg[{engine}]'" in finished.err
        assert not Path("out").exists()


def test_no_server(lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", "postgresql://analyst:s3cret@127.0.0.1:1/crm")
    finished = lifeseg("run", "--engine", "postgres")
    assert finished.code == 2
    assert "engine-unreachable" in finished.err
    assert "127.0.0.1:1/crm" in finished.err
    assert "s3cret" not in finished.err + finished.out


@POSTGRES
def test_wrong_credentials(
    database: str, lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
    monkeypatch.setenv("LIFESEG_POSTGRES_URL", database.replace("postgres@", "keeper:wr0ng@"))
    finished = lifeseg("run", "--engine", "postgres")
    assert finished.code == 2
    assert "does not let you in" in finished.err
    assert "wr0ng" not in finished.err


@POSTGRES
def test_a_database_that_may_only_be_read(database: str, lifeseg: Lifeseg, shop: Path) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
    finished = lifeseg("run", "--engine", "postgres", "--tables", "life")
    assert finished.code == 2
    assert "engine-failed" in finished.err
    assert "nothing was changed" in finished.err


@POSTGRES
def test_results_over_somebody_elses_table(database: str, lifeseg: Lifeseg, shop: Path) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE life_order AS SELECT 1 AS precious")
    finished = lifeseg("run", "--engine", "postgres", "--tables", "life")
    assert finished.code == 2
    assert "result-table" in finished.err
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('life_customer')").fetchone() == (None,)


def test_a_password_in_the_settings_is_refused_and_not_shown(lifeseg: Lifeseg, shop: Path) -> None:
    settings = shop / "lifeseg.toml"
    good = settings.read_text()
    for line in ('url = "postgresql://analyst:s3cret@db/crm"', 'url = "host=db password=s3cret"',
                 'ulr = "postgresql://analyst:s3cret@db/crm"', 'url = "postgresql://analyst:s3cret@db/crm'):  # fmt: skip
        settings.write_text(f"{good}\n[postgres]\n{line}\n")
        finished = lifeseg("run", "--engine", "postgres")
        assert finished.code == 2
        assert "s3cret" not in finished.err + finished.out, line
    settings.write_text(f'{good}\n[postgres]\nurl = "postgresql://analyst:s3cret@db/crm"\n')
    assert "engine-address" in lifeseg("run").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "duckdb", "--tables", "life"), "has no database for `--tables`"),
        (("--engine", "duckdb", "--master", "local"), "`--master` names a Spark cluster"),
        (
            ("--engine", "duckdb", "--out", "s3a://bucket/out"),
            "results cannot be written at `s3a://bucket/out`",
        ),
        (
            ("--engine", "spark", "--out", "s3a://b/c", "--format", "csv"),
            "results cannot be written at `s3a://b/c`",
        ),
    ],
)
def test_what_an_engine_does_not_have(
    words: tuple[str, ...], said: str, lifeseg: Lifeseg, shop: Path
) -> None:
    finished = lifeseg("run", *words)
    assert finished.code == 2
    assert said in finished.err
