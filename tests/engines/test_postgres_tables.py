"""Tables that are not as the policy says give findings that name table, column, count and the first records."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import psycopg
import pytest

from lifeseg.diagnostics.catalogue import words
from lifeseg.model.model import Entity
from lifeseg.records.postgres_session import session
from lifeseg.records.postgres_tables import typed_views
from lifeseg.records.source import Source, TableName
from lifeseg.records.table_views import Records
from tests.records.customers import CUSTOMER, DATE, ENTITIES, TEXT, entity, fact, number, write

AS_OF = date(2013, 6, 30)
CUSTOMERS = """
    CREATE TABLE customers (customer_id text, satisfaction int, income numeric, wallet_share float8, partnership text,
                            since date, programme text, phone text);
"""
USAGE = "CREATE TABLE usage (customer_id text, product text, level int);"


def read(
    address: str, statements: str, entities: Mapping[str, Entity] | None = None, **sources: Source | TableName
) -> Records:
    with psycopg.connect(address) as connection:
        connection.execute(statements.encode())
    with session(address) as opened:
        given = sources or {"customer": TableName("customers")}
        return typed_views(opened, entities or {"customer": CUSTOMER}, given, AS_OF)


def said(records: Records) -> list[str]:
    return [
        f"{found.code}: {words(found).message}"
        for found in records.findings
        if found.code != "data-missing-column"
    ]


def test_a_good_table(postgres: str) -> None:
    rows = CUSTOMERS + "INSERT INTO customers VALUES ('C1', 5, 12.50, 0.25, 'Yes', '2010-01-01', '2G', ' ')"
    records = read(postgres, rows)
    assert said(records) == []
    assert records.counts == {"customer": 1}
    assert records.views == {"customer": "_records_customer"}


def test_every_kind_of_bad_value(postgres: str) -> None:
    rows = (
        CUSTOMERS
        + """
        INSERT INTO customers SELECT 'C' || n, 3 FROM generate_series(1, 20) AS n;
        UPDATE customers SET satisfaction = 6 WHERE customer_id IN ('C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7');
        UPDATE customers SET satisfaction = NULL WHERE customer_id = 'C8';
        UPDATE customers SET income = 12.345 WHERE customer_id = 'C9';
        UPDATE customers SET income = 'NaN' WHERE customer_id = 'C10';
        UPDATE customers SET wallet_share = 'Infinity' WHERE customer_id = 'C11';
        UPDATE customers SET wallet_share = 25 WHERE customer_id = 'C12';
        UPDATE customers SET partnership = 'maybe' WHERE customer_id = 'C13';
        UPDATE customers SET since = 'infinity' WHERE customer_id = 'C14';
        UPDATE customers SET programme = '3G' WHERE customer_id = 'C15';
        UPDATE customers SET phone = '#N/A' WHERE customer_id = 'C16';
        UPDATE customers SET customer_id = ' C17' WHERE customer_id = 'C17';
    """
    )
    records = read(postgres, rows)
    assert records.views == {}
    assert said(records) == [
        "data-type: 1 of 20 values of `customer_id` in `public.customers` have blanks around them, and are keys:"
        " ` C17` ( C17)",
        "data-missing-value: `satisfaction` of `public.customers` is empty in 1 of 20 rows, and the fact is not optional:"
        " `C8`",
        "data-range: 7 of 20 values of `satisfaction` in `public.customers` are outside its range 1..5:"
        " `C1` (6), `C2` (6), `C3` (6), `C4` (6), `C5` (6) and 2 more",
        "data-type: 1 of 20 values of `income` in `public.customers` are not an amount of money: `C10` (NaN)",
        "data-step: 1 of 20 values of `income` in `public.customers` are no multiples of 0.01, its step: `C9` (12.345)",
        "data-type: 1 of 20 values of `wallet_share` in `public.customers` are not a share: `C11` (Infinity)",
        "data-range: 1 of 20 values of `wallet_share` in `public.customers` are outside its range 0..1: `C12` (25)",
        "data-type: 1 of 20 values of `partnership` in `public.customers` are not yes or no: `C13` (maybe)",
        "data-type: 1 of 20 values of `since` in `public.customers` are no days of the calendar: `C14` (infinity)",
        "data-choice: 1 of 20 values of `programme` in `public.customers` are no choice of it: `C15` (3G)",
        "data-type: 1 of 20 values of `phone` in `public.customers` are errors of a spreadsheet: `C16` (•••)",
    ]


def test_keys_that_come_twice_or_not_at_all(postgres: str) -> None:
    rows = (
        CUSTOMERS
        + "INSERT INTO customers VALUES ('C1', 1), ('C1', 2), ('C1', 3), ('C2', 1), ('C3', 1), ('C3', 1)"
    )
    assert said(read(postgres, rows)) == [
        "data-duplicate-key: 2 keys of `customer` stand more than once in `public.customers`: `C1`, `C3`"
    ]
    assert said(read(postgres, "DELETE FROM customers; INSERT INTO customers VALUES (NULL, 1), ('', 2)")) == [
        "data-missing-value: `customer_id` of `public.customers` is empty in 2 of 2 rows, and the fact is not optional:"
        " ``, `–`"
    ]


def test_letters_of_another_case_are_another_key(postgres: str) -> None:
    rows = (
        CUSTOMERS
        + """
        INSERT INTO customers (customer_id, satisfaction, programme) VALUES
        ('c1', 1, 'none'), ('C1', 2, 'running '), ('C1\u0301', 2, 'NONE'), ('\u01061', 2, NULL);
    """
    )
    assert said(read(postgres, rows)) == [
        "data-choice: 1 of 4 values of `programme` in `public.customers` are no choice of it: `C1\u0301` (NONE)"
    ]


def test_children_without_a_parent(postgres: str) -> None:
    rows = (
        CUSTOMERS
        + USAGE
        + """
        INSERT INTO customers VALUES ('C1', 1), ('C2', 1);
        INSERT INTO usage VALUES ('C1', 'data', 1), ('C9', 'data', 1), ('c1', 'ict', 1), ('C1', 'data', 2);
    """
    )
    entities = {name: ENTITIES[name] for name in ("usage", "customer")}
    records = read(postgres, rows, entities, customer=TableName("customers"), usage=TableName("usage"))
    assert said(records) == [
        "data-duplicate-key: 1 keys of `usage` stand more than once in `public.usage`: `C1/data`",
        "data-orphan: 2 keys in `public.usage` are of no `customer`: `C9`, `c1`",
    ]


def test_children_of_a_file_without_a_parent_in_a_table(postgres: str, tmp_path: Path) -> None:
    rows = CUSTOMERS + "INSERT INTO customers VALUES ('C1', 1)"
    file = write(tmp_path / "usage.csv", "customer_id,product,level\nC1,data,1\nC2,data,1\n")
    entities = {name: ENTITIES[name] for name in ("customer", "usage")}
    records = read(postgres, rows, entities, customer=TableName("customers"), usage=Source(file))
    assert said(records) == [f"data-orphan: 1 keys in `{file}` are of no `customer`: `C2`"]


def test_bad_cells_of_a_file_are_found_by_row(postgres: str, tmp_path: Path) -> None:
    file = write(
        tmp_path / "customer.csv", "customer_id,satisfaction,income\nC1,6,1\nC2,2,1e3\nC3,x,50%\nC4,1\n"
    )
    records = read(postgres, "", customer=Source(file))
    lines = [
        (found.code, found.span.line) for found in records.findings if found.span and found.span.line > 1
    ]
    assert lines == [("data-range", 2), ("data-type", 4), ("data-type", 4), ("data-row-length", 5)]


def test_a_file_that_is_not_there(postgres: str, tmp_path: Path) -> None:
    assert [found.key for found in read(postgres, "", customer=Source(tmp_path / "no.csv")).findings] == [
        "data-file"
    ]
    assert [found.key for found in read(postgres, "", customer=Source(tmp_path)).findings] == [
        "data-file.empty-folder"
    ]


def test_rows_without_a_key_are_numbered_within_their_parent(postgres: str, tmp_path: Path) -> None:
    rows = (
        CUSTOMERS
        + USAGE
        + """
        CREATE TABLE calls (customer_id text, product text, minutes int);
        INSERT INTO customers VALUES ('C1', 1); INSERT INTO usage VALUES ('C1', 'data', 1), ('C1', 'ict', 1);
        INSERT INTO calls VALUES ('C1', 'data', 9), ('C1', 'ict', 1), ('C1', 'data', 3), ('C1', 'data', 3);
    """
    )
    with psycopg.connect(postgres) as connection:
        connection.execute(rows.encode())
    tables: dict[str, Source | TableName] = {
        "customer": TableName("customers"),
        "usage": TableName("usage"),
        "call": TableName("calls"),
    }
    expected = [("data", 1, 3), ("data", 2, 3), ("data", 3, 9), ("ict", 1, 1)]
    file = Source(
        write(
            tmp_path / "call.csv", "customer_id,product,minutes\nC1,data,9\nC1,ict,1\nC1,data,3\nC1,data,3\n"
        )
    )
    for source, numbered in (
        (TableName("calls"), expected),
        (file, [("data", 1, 9), ("data", 2, 3), ("data", 3, 3), ("ict", 1, 1)]),
    ):
        with session(postgres) as opened:
            records = typed_views(opened, ENTITIES, tables | {"call": source}, AS_OF)
            found = opened.connection.execute(
                f'SELECT _k2, _k3, minutes FROM "{records.views["call"]}" ORDER BY 1, 2'.encode()
            )
            assert found.fetchall() == numbered


def test_rows_dated_after_the_day_do_not_exist(postgres: str) -> None:
    from dataclasses import replace

    dated = replace(
        entity("customer", None, fact("id", "text", TEXT, key=True), fact("since", "date", DATE)),
        dated="since",
    )
    child = entity("usage", "customer", fact("n", "count", number(0, 0, 9), key=True))
    rows = """
        CREATE TABLE c (id text, since date); CREATE TABLE u (id text, n int);
        INSERT INTO c VALUES ('C1', '2013-06-30'), ('C2', '2013-07-01'); INSERT INTO u VALUES ('C1', 1), ('C2', 1), ('C2', 2);
    """
    with psycopg.connect(postgres) as connection:
        connection.execute(rows.encode())
    with session(postgres) as opened:
        sources = {"customer": TableName("c"), "usage": TableName("u")}
        records = typed_views(opened, {"customer": dated, "usage": child}, sources, AS_OF)
        assert records.findings == ()
        for view, keys in (("_records_customer", [("C1",)]), ("_records_usage", [("C1",)])):
            assert opened.connection.execute(f"SELECT _k1 FROM {view}".encode()).fetchall() == keys


# ---- Tables and columns --------------------------------------------------------------------------


def test_a_table_that_is_not_there(postgres: str) -> None:
    records = read(postgres, CUSTOMERS, customer=TableName("public.customer"))
    assert said(records) == ["data-file: there is no table `public.customer` that you may see"]
    assert words(records.findings[0]).help == "did you mean `public.customers`?"


@pytest.mark.parametrize(
    "name",
    [
        '"Kunden"',
        "Kunden",
        '"Strange ""table"""',
        "crm.data",
        '"crm"."data"',
        "CRM.DATA",
        'crm."no; DROP TABLE x"',
    ],
)
def test_names_of_tables(postgres: str, name: str) -> None:
    columns = "(customer_id text, satisfaction int)"
    statements = (
        f'CREATE SCHEMA crm; CREATE TABLE "Kunden" {columns}; CREATE TABLE "Strange ""table""" {columns};'
        f' CREATE TABLE crm.data {columns}; CREATE TABLE crm."no; DROP TABLE x" {columns};'
    )
    assert [found.key for found in read(postgres, statements, customer=TableName(name)).findings] == [
        "data-empty.table", "data-missing-column.optional",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", ".", "a.b.c.d", "'; SELECT 1 --", '"', "a..b", "%s", "pg_class"])
def test_names_that_are_no_tables(postgres: str, name: str) -> None:
    assert [found.key for found in read(postgres, "", customer=TableName(name)).findings] == [
        "data-file.table"
    ]


def test_columns(postgres: str) -> None:
    statements = 'CREATE TABLE customers (customer_id text, "Satisfaction" int, income money, "x""; --" int)'
    found = [(one.key, one.arguments.get("column")) for one in read(postgres, statements).findings]
    assert ("data-missing-column", "satisfaction") in found
    assert ("data-unknown-column", 'x"; --') in found
    statements = 'ALTER TABLE customers RENAME "Satisfaction" TO satisfaction'
    message = (
        "data-type: the column `income` of `public.customers` holds money, and the fact is an amount of money"
    )
    assert message in said(read(postgres, statements))


def test_a_table_that_may_not_be_read(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute(CUSTOMERS)
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA public TO reader")
    with session(postgres.replace("postgres@", "reader@")) as opened:
        records = typed_views(opened, {"customer": CUSTOMER}, {"customer": TableName("customers")}, AS_OF)
    assert [found.key for found in records.findings] == ["data-file.table-permission"]


def test_sources_that_are_missing_or_too_many(postgres: str) -> None:
    records = read(postgres, CUSTOMERS, custmer=TableName("customers"))
    assert sorted(found.key for found in records.findings) == ["data-file.no-entity", "data-file.not-given"]


def test_views_partitions_and_domains_are_read(postgres: str) -> None:
    statements = """
        CREATE DOMAIN points AS int CHECK (VALUE > 0);
        CREATE TYPE programme AS ENUM ('none', 'running');
        CREATE TABLE parts (customer_id uuid, satisfaction points, programme programme) PARTITION BY LIST (satisfaction);
        CREATE TABLE part PARTITION OF parts DEFAULT;
        INSERT INTO parts VALUES ('7f2f1c1e-0000-4000-8000-000000000001', 3, 'running');
        CREATE VIEW customers AS SELECT * FROM parts;
    """
    assert said(read(postgres, statements)) == []
