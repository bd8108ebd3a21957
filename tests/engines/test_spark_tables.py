"""A value in a column of Spark means what it means in a file; what is wrong is found by table, column and count."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lifeseg.diagnostics.catalogue import words
from lifeseg.model.model import Fact
from lifeseg.records.findings import Refused
from lifeseg.records.from_cell import Cells
from lifeseg.records.source import Source, TableName
from lifeseg.records.spark_cells import cell_of, quoted, text
from lifeseg.records.spark_session import Session
from lifeseg.records.spark_tables import typed_views
from lifeseg.records.table_checks import Cell
from lifeseg.records.table_views import Records
from tests.engines.test_postgres_cells import (
    CHOICE,
    DAY,
    FLOATS,
    KEY,
    NUMBERS,
    NUMERIC,
    TEXT_FACT,
    TEXTS,
    WHOLE,
    YES,
)
from tests.records.customers import CUSTOMER, ENTITIES

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]

AS_OF = date(2013, 6, 30)


def read(spark: Session, facts: Sequence[Fact], kind: str, values: Sequence[str]) -> None:
    """Holds each value, in a column of that type, against what a file's reader says of the text that the type shows."""
    listed = ", ".join(f"({text(value)})" for value in values)
    columns = ["CAST(c AS STRING)"]
    cells: list[Cell[str]] = []
    for fact in facts:
        cell = cell_of("c", fact, "c", kind)
        assert isinstance(cell, Cell)
        tests = " ".join(f"WHEN {check.test} THEN {place}" for place, check in enumerate(cell.checks))
        failed = f"CASE {tests} ELSE -1 END" if tests else "-1"
        columns += [failed, f"CASE WHEN {failed} = -1 THEN {cell.value} END"]
        cells.append(cell)
    rows = spark.spark.sql(
        f"SELECT {', '.join(columns)} FROM (SELECT try_cast(v AS {kind}) AS c FROM VALUES {listed} AS t(v))"
    )
    for row in rows.collect():
        written, *found = tuple(row)
        for fact, cell, failed, value in zip(facts, cells, found[::2], found[1::2], strict=True):
            compare(fact, written, cell.checks[failed].key if failed >= 0 else None, value, kind)


def compare(fact: Fact, written: str | None, key: str | None, value: object, kind: str) -> None:
    expected = Cells(fact)[written or ""]
    plain = (written or "").replace(".", "", 1).lstrip("-").isdigit()
    if isinstance(expected, Refused):
        assert key is not None, (
            f"{fact.name}: {written!r} as {kind} is {value!r} and should be refused: {expected.key}"
        )
    elif key == "data-type" and kind == "string" and fact.type.kind == "number":
        assert not plain, written
    else:
        assert key is None, f"{fact.name}: {written!r} as {kind} is refused: {key}"
        assert (value, type(value)) == (expected, type(expected)), f"{fact.name}: {written!r} as {kind}"


@pytest.mark.parametrize(
    "kind", ["int", "bigint", "double", "float", "decimal(38,18)", "decimal(20,2)", "decimal(38,0)", "string"]
)
def test_numbers(spark: Session, kind: str) -> None:
    values = [*WHOLE, *(number for number in NUMERIC if Decimal(number).is_finite())]
    if kind in ("double", "float"):
        values += FLOATS
    read(spark, NUMBERS, kind, values)


def test_texts(spark: Session) -> None:
    read(spark, [TEXT_FACT, KEY, CHOICE, YES, DAY], "string", TEXTS)


def test_what_variables_and_escapes_look_like_is_text(spark: Session) -> None:
    values = [
        "${env:HOME}",
        "${spark.app.name}",
        "\\u0041",
        "\\'",
        "a\\nb",
        "`",
        "%_",
        ":x",
        "{y}",
        "?",
        "😀",
    ]
    read(spark, [TEXT_FACT], "string", values)


def test_dates_and_moments(spark: Session) -> None:
    read(spark, [DAY], "date", ["2013-06-30", "0001-01-01", "9999-12-31"])
    cell = cell_of("c", DAY, "c", "timestamp_ntz")
    assert isinstance(cell, Cell)
    rows = spark.spark.sql(
        f"SELECT {cell.value}, {', '.join(check.test for check in cell.checks)} FROM"
        " VALUES (TIMESTAMP_NTZ'2013-06-30 00:00'), (TIMESTAMP_NTZ'2013-06-30 00:00:00.000001') AS t(c)"
    ).collect()
    assert [tuple(row) for row in rows] == [(AS_OF, False, False), (AS_OF, False, True)]
    assert isinstance(cell_of("c", DAY, "c", "timestamp"), Refused), "a moment has no day without a time zone"


# ---- Findings ------------------------------------------------------------------------------------


def said(records: Records) -> list[str]:
    return [
        f"{found.code}: {words(found).message}"
        for found in records.findings
        if found.key != "data-missing-column.optional"
    ]


def table(spark: Session, name: str, rows: str, columns: str) -> TableName:
    spark.spark.sql(f"SELECT * FROM VALUES {rows} AS t({columns})").createOrReplaceTempView(quoted(name))
    return TableName(quoted(name))


def test_bad_rows(spark: Session) -> None:
    rows = """('C1', 6, 1.0D), ('C2', 7, 2.0D), ('C3', NULL, 3.0D), ('C4', 1, double('NaN')), ('C5', 2, 1.005D),
              ('C6', 8, 0.1D + 0.2D), ('C7', 8, 1D), ('C8', 8, 1D), ('C9', 8, 1D)"""
    given = {"customer": table(spark, "customers; --", rows, "customer_id, satisfaction, income")}
    records = typed_views(spark, {"customer": CUSTOMER}, given, AS_OF)
    assert records.views == {}
    name = "`customers; --`"
    assert [line.replace(f"`{name}`", "T") for line in said(records)] == [
        "data-missing-value: `satisfaction` of T is empty in 1 of 9 rows, and the fact is not optional: `C3`",
        "data-range: 6 of 9 values of `satisfaction` in T are outside its range 1..5: `C1` (6), `C2` (7), `C6` (8), `C7` (8),"
        " `C8` (8) and 1 more",
        "data-type: 1 of 9 values of `income` in T are not an amount of money: `C4` (NaN)",
        "data-step: 1 of 9 values of `income` in T are no multiples of 0.01, its step: `C5` (1.005)",
    ]


def test_keys_and_parents(spark: Session) -> None:
    given = {
        "customer": table(spark, "c", "('C1', 1), ('C2', 1)", "customer_id, satisfaction"),
        "usage": table(
            spark,
            "u",
            "('C1', 'data', 1), ('C9', 'data', 1), ('c1', 'ict', 1), ('C1', 'data', 2)",
            "customer_id, product, level",
        ),
    }
    records = typed_views(spark, {name: ENTITIES[name] for name in given}, given, AS_OF)
    assert said(records) == [
        "data-duplicate-key: 1 keys of `usage` stand more than once in ``u``: `C1/data`",
        "data-orphan: 2 keys in ``u`` are of no `customer`: `C9`, `c1`",
    ]


def test_rows_without_a_key_are_numbered_within_their_parent(spark: Session) -> None:
    given = {
        "customer": table(spark, "c", "('C1', 1)", "customer_id, satisfaction"),
        "usage": table(spark, "u", "('C1', 'data', 1), ('C1', 'ict', 1)", "customer_id, product, level"),
        "call": table(
            spark,
            "k",
            "('C1', 'data', 9), ('C1', 'ict', 1), ('C1', 'data', 3)",
            "customer_id, product, minutes",
        ),
    }
    records = typed_views(spark, ENTITIES, given, AS_OF)
    found = spark.spark.sql(f"SELECT _k2, _k3, minutes FROM {records.views['call']} ORDER BY 1, 2").collect()
    assert [tuple(row) for row in found] == [("data", 1, 3), ("data", 2, 9), ("ict", 1, 1)]


@pytest.mark.parametrize(
    ("source", "key"),
    [(TableName("no.such.table"), "data-file.table"), (TableName("'; DROP"), "data-file.table"),
     (TableName("file:///no/such/*.parquet"), "data-file.location"), (Source(Path("/no/x.parquet")), "data-file.location")],
    ids=["table", "odd", "location", "file"],
)  # fmt: skip
def test_what_is_not_there(spark: Session, source: Source | TableName, key: str) -> None:
    records = typed_views(spark, {"customer": CUSTOMER}, {"customer": source}, AS_OF)
    assert [found.key for found in records.findings] == [key]


def test_a_file_that_is_no_parquet(spark: Session, tmp_path: Path) -> None:
    file = tmp_path / "customer.parquet"
    file.write_text("customer_id,satisfaction\n", "utf-8")
    records = typed_views(spark, {"customer": CUSTOMER}, {"customer": Source(file)}, AS_OF)
    assert [found.key for found in records.findings] == ["data-file.damaged"]
