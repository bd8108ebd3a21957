"""A value in a column of a database means what it means in a file: accepted or refused, and as what."""

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from lifeseg.model.model import Fact
from lifeseg.model.types import DATE, MONTH, TEXT, TRUTH, Type, number
from lifeseg.records.findings import Refused
from lifeseg.records.from_cell import Cells
from lifeseg.records.postgres_cells import Held, cell_of
from lifeseg.records.table_checks import Cell
from tests.records.customers import fact

AMOUNT = fact("amount", "money", number(2, -1000, 10**12), optional=True)
SHARE = fact("share", "share", number(6, 0, 1), optional=True)
HOURS = fact("hours", "number", number(2, -24, 24), step=25, optional=True)
COUNT = fact("count", "count", number(0, 0, 10**9), bounded=False, optional=True)
TENS = fact("tens", "number", number(0, -100, 1000), step=10, optional=True)
YEARS = fact("age", "years", number(0, 0, 600, MONTH), optional=True)
WIDE = fact("wide", "number", Type("number", scale=4), bounded=False, optional=True)
NUMBERS = (AMOUNT, SHARE, HOURS, COUNT, TENS, YEARS, WIDE)
TEXT_FACT = fact("text", "text", TEXT, optional=True)
KEY = fact("key", "text", TEXT, key=True)
CHOICE = fact("kind", "one of", Type("choice", options=("none", "in use", "2G", "无")), optional=True)
YES = fact("yes", "yes/no", TRUTH, optional=True)
DAY = fact("day", "date", DATE, optional=True)

WHOLE = ["0", "1", "-1", "7", "10", "25", "-24", "24", "25", "999", "1000", "1001", "2147483647", "9007199254740993",
         "1000000000", "9223372036854775807", "-9223372036854775808", "922337203685477", "922337203685478"]  # fmt: skip
NUMERIC = ["0.1", "0.30", "0.005", "0.25", "0.250000", "-0.75", "12.345", "0.3000000000000000444", "0.9999999999", "NaN",
           "0.3000001", "1e-30", "123456789012345678901234567890", "-Infinity", "Infinity", "922337203685477.5807",
           "1.000000000000000000000000000001", "999999999999.995", "100000000000.4", "41666666.666666664"]  # fmt: skip
FLOATS = ["0.1", "0.30000000000000004", "0.7999999999999999", "1e-9", "1e16", "12345678901.55", "12345678901.5", "NaN",
          "Infinity", "-Infinity", "1e308", "4503599627370496", "9007199254740992", "999999999999.99", "0.1234565",
          "0.12345650001", "-0.0", "5e-324", "0.041666666666666664", "123456.789"]  # fmt: skip
TEXTS = ["", " ", "a", " a ", "\u3000", "\u3000a", "#N/A", "#REF!", "#1", "none", "In use", "in use", " 2G", "无", "YES",
         "y", "是", "0", "2", "no", "2013-06-30", "2013-02-30", "2012-02-29", "1900-02-29", "2000-02-29", "0000-01-01",
         "9999-12-31", "2013-13-01", "2013-00-01", "2013-01-00", "2013-06-30 00:00", "2013-06-30 00:00:00.000",
         "2013-06-30 12:00", "30.6.2013", "x'; DROP TABLE t; --", "\\", "$1", "%s", "{name}",
         "😀", "e\u0301", "é", "n/a", "12", "-3.50", "1,000", "1e3", "+5"]  # fmt: skip
DATES = ["2013-06-30", "0001-01-01", "9999-12-31", "infinity", "-infinity", "10000-01-01", "0001-01-01 BC"]
MOMENTS = [
    "2013-06-30 00:00",
    "2013-06-30 00:00:00.000001",
    "2013-06-30 23:59",
    "infinity",
    "9999-12-31 00:00",
]


@pytest.fixture(scope="module")
def connection(postgres_server: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("SET extra_float_digits = 1")
        yield connection


def read(
    connection: psycopg.Connection[Any], fact: Fact, kind: str, values: Sequence[str]
) -> list[tuple[str, str | None, Any]]:
    """Each value as the database writes it, the entry of the first check that it fails, and what it is read as."""
    category = connection.execute(
        "SELECT typcategory::text FROM pg_type WHERE oid = %s::regtype", (kind,)
    ).fetchone()
    assert category is not None
    cell = cell_of("c", fact, Held("c", kind, category[0]))
    assert isinstance(cell, Cell)
    rows = sql.SQL("(SELECT v::{kind} AS c FROM unnest({values}::text[]) AS v)").format(
        kind=sql.SQL(kind),
        values=sql.Literal(list(values)),  # type: ignore[arg-type]
    )
    tests = (
        sql.SQL(", ").join(sql.SQL("coalesce({}, false)").format(check.test) for check in cell.checks)
        if cell.checks
        else sql.SQL("false")
    )
    failed = sql.SQL("array_position(ARRAY[{}], true)").format(tests)
    query = sql.SQL(
        "SELECT c::text, {failed}, CASE WHEN {failed} IS NULL THEN {value} END FROM {rows} AS r"
    ).format(failed=failed, value=cell.value, rows=rows)
    return [
        (written, cell.checks[place - 1].key if place is not None else None, value)
        for written, place, value in connection.execute(query).fetchall()
    ]


def compare(fact: Fact, found: Sequence[tuple[str, str | None, Any]], *, plain_only: bool = False) -> None:
    """`plain_only`: texts that are numbers in another way of writing are refused in a table."""
    cells = Cells(fact)
    for written, key, value in found:
        expected = cells[written or ""]
        if plain_only and key == "data-type" and not isinstance(expected, Refused):
            assert not written.replace(".", "", 1).lstrip("-").isdigit(), written
        elif isinstance(expected, Refused):
            assert key is not None, (
                f"{fact.name}: {written!r} is {value!r} and should be refused: {expected.key}"
            )
            if fact.type.kind == "number":
                assert key.partition(".")[0] == expected.key.partition(".")[0], f"{fact.name}: {written!r}"
        else:
            assert key is None, f"{fact.name}: {written!r} is refused: {key}"
            assert (value, type(value)) == (expected, type(expected)), f"{fact.name}: {written!r}"


@pytest.mark.parametrize("fact", NUMBERS, ids=lambda fact: fact.name)
@pytest.mark.parametrize(
    "kind", ["smallint", "integer", "bigint", "numeric", "double precision", "real", "text"]
)
def test_numbers(connection: psycopg.Connection[Any], fact: Fact, kind: str) -> None:
    most = {"smallint": 2**15, "integer": 2**31}.get(kind, 2**63)
    values = [text for text in WHOLE if -most <= int(text) < most]
    if kind in ("numeric", "text"):
        values += [text for text in NUMERIC if kind == "numeric" or Decimal(text).is_finite()]
    if kind in ("double precision", "real"):
        values += [text for text in FLOATS if kind != "real" or text not in ("1e308", "5e-324")]
    compare(fact, read(connection, fact, kind, values), plain_only=kind == "text")


@pytest.mark.parametrize("fact", NUMBERS, ids=lambda fact: fact.name)
def test_numbers_near_a_step(connection: psycopg.Connection[Any], fact: Fact) -> None:
    """Binary fractions as programs leave them: sums, products, and what is off by little."""
    chance = random.Random(3)
    unit = 10.0**fact.type.scale
    values = []
    for _ in range(3000):
        base = (
            round(chance.uniform(-100, 1000) * 10 ** chance.uniform(-3, 9))
            / unit
            * chance.choice((1, 1, fact.step))
        )
        off = chance.choice((0.0, 1e-16, 1e-12, 1e-10, 1e-9, 2e-9, 1e-6))
        values.append(repr(base * (1 + off * chance.uniform(-2, 2)) + chance.choice((0, 0, 0.1 + 0.2 - 0.3))))
    compare(fact, read(connection, fact, "double precision", values))
    compare(fact, read(connection, fact, "numeric", values))


@pytest.mark.parametrize("kind", ["text", "character varying", "name"])
@pytest.mark.parametrize("fact", [TEXT_FACT, KEY, CHOICE, YES, DAY], ids=lambda fact: fact.name)
def test_texts(connection: psycopg.Connection[Any], fact: Fact, kind: str) -> None:
    compare(fact, read(connection, fact, kind, TEXTS))


def test_a_text_that_is_no_day_ends_nothing(connection: psycopg.Connection[Any]) -> None:
    found = {
        written: key
        for written, key, _ in read(connection, DAY, "text", ["2013-02-30", "2013-06-30 12:00", "30.6.2013"])
    }
    assert found == {
        "2013-02-30": "data-type.no-such-day",
        "2013-06-30 12:00": "data-type.time-of-day",
        "30.6.2013": "data-type",
    }


def test_dates_and_moments(connection: psycopg.Connection[Any]) -> None:
    found = {
        written: (key, value and value.isoformat())
        for written, key, value in read(connection, DAY, "date", DATES)
    }
    no_day = ("data-type.no-such-day", None)
    assert found == {
        "2013-06-30": (None, "2013-06-30"), "0001-01-01": (None, "0001-01-01"), "9999-12-31": (None, "9999-12-31"),
        "infinity": no_day, "-infinity": no_day, "10000-01-01": no_day, "0001-01-01 BC": no_day,
    }  # fmt: skip
    moments = read(connection, DAY, "timestamp without time zone", MOMENTS)
    assert [key for _, key, _ in moments] == [
        None,
        "data-type.time-of-day",
        "data-type.time-of-day",
        "data-type.no-such-day",
        None,
    ]
    assert str(moments[0][2]) == "2013-06-30"


def test_yes_and_no(connection: psycopg.Connection[Any]) -> None:
    assert [row[2] for row in read(connection, YES, "boolean", ["t", "f"])] == [True, False]
    assert [row[1:] for row in read(connection, YES, "smallint", ["1", "0", "2"])] == [
        (None, True), (None, False), ("data-type", None),
    ]  # fmt: skip


def test_blanks_of_a_fixed_length_are_not_part_of_a_text(connection: psycopg.Connection[Any]) -> None:
    assert [row[1:] for row in read(connection, CHOICE, "character(8)", ["none", "in use"])] == [
        (None, "none"),
        (None, "in use"),
    ]


@pytest.mark.parametrize(
    ("fact", "kind"),
    [(AMOUNT, "boolean"), (AMOUNT, "date"), (AMOUNT, "money"), (DAY, "timestamp with time zone"), (DAY, "integer"),
     (YES, "numeric"), (TEXT_FACT, "json"), (TEXT_FACT, "bytea"), (CHOICE, "date"), (TEXT_FACT, "numeric")],
    ids=lambda part: part if isinstance(part, str) else part.name,
)  # fmt: skip
def test_types_that_hold_no_such_fact(fact: Fact, kind: str) -> None:
    categories = {
        "boolean": "B",
        "date": "D",
        "timestamp with time zone": "D",
        "integer": "N",
        "numeric": "N",
        "money": "N",
    }
    assert isinstance(cell_of("c", fact, Held("c", kind, categories.get(kind, "U"))), Refused)


def test_a_column_that_is_not_there(connection: psycopg.Connection[Any]) -> None:
    cell = cell_of("c", AMOUNT, None)
    assert isinstance(cell, Cell)
    assert connection.execute(sql.SQL("SELECT {}").format(cell.value)).fetchone() == (None,)
