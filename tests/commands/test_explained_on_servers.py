"""`run --explain` on PostgreSQL and Spark: the columns are those of the interpreter, in files and in tables."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest

from lifeseg.records.spark_session import Session
from tests.commands.conftest import Lifeseg
from tests.commands.test_explained import description
from tests.commands.test_servers import OTHERS, POSTGRES, SPARK, database, other

__all__ = ["database", "other"]


def shown(value: object) -> str:
    """A cell as files of text have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else str(value)


def told(path: Path) -> list[dict[str, str]]:
    """The keys and what tells why, of each record of a file or a folder of them."""
    source = str(path / "*.parquet" if path.is_dir() else path)
    found = duckdb.sql(f"FROM '{source}'")
    return ordered([dict(zip(found.columns, map(shown, row), strict=True)) for row in found.fetchall()])


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return ordered(list(csv.DictReader(opened)))


def ordered(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Only keys and what tells why, in an order that the engine has no part in."""
    names = [name for name in rows[0] if " " in name or name in ("customer_id", "product")]
    return sorted(({name: row[name] for name in names} for row in rows), key=lambda row: list(row.values()))


@pytest.mark.parametrize("engine", OTHERS)
def test_the_example_is_told_as_the_interpreter_tells_it(other: str, lifeseg: Lifeseg, orgcust: Path) -> None:
    here = lifeseg("run", "--explain", "--engine", "interpreter", "--out", "here", "--format", "csv")
    there = lifeseg("run", "--explain", "--engine", other, "--out", "there")
    assert (there.code, there.err) == (here.code, here.err)
    assert description("there")["reasons"] is True
    assert description("there")["result_hash"] == description("here")["result_hash"]
    for entity in ("customer", "usage"):
        expected = written(Path("here", f"{entity}.csv"))
        assert told(Path("there", f"{entity}.parquet")) == expected
        assert sum(bool(cell) for row in expected for name, cell in row.items() if " why" in name)


COLUMNS = ("customer_id", "loyalty why", "loyalty margin", "loyalty reason 1", "class why", "class margin")


@POSTGRES
def test_tables_of_postgres(database: str, lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--explain", "--engine", "interpreter", "--out", "here", "--format", "csv")
    there = lifeseg("run", "--explain", "--engine", "postgres", "--tables", "public.life")
    assert there.code == 0, there.err
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with psycopg.connect(database) as connection:
        found = connection.execute(f"SELECT {names} FROM public.life_customer ORDER BY 1".encode()).fetchall()
        [(reasons,)] = connection.execute("SELECT description->>'reasons' FROM public.life_run").fetchall()
    assert [tuple(map(shown, row)) for row in found] == in_file(Path("here/customer.csv"))
    assert reasons == "true"


@SPARK
@pytest.mark.slow
def test_tables_of_spark(spark: Session, lifeseg: Lifeseg, shop: Path) -> None:
    lifeseg("run", "--explain", "--engine", "interpreter", "--out", "here", "--format", "csv")
    spark.spark.sql("CREATE DATABASE IF NOT EXISTS why")
    there = lifeseg("run", "--explain", "--engine", "spark", "--tables", "why.life")
    assert there.code == 0, there.err
    rows = spark.spark.table("why.life_customer").select(*(f"`{name}`" for name in COLUMNS)).collect()
    assert sorted(tuple(map(shown, row)) for row in rows) == in_file(Path("here/customer.csv"))


def in_file(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return [tuple(row[name] for name in COLUMNS) for row in csv.DictReader(opened)]
