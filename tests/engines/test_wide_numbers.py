"""Whole numbers of up to 38 digits, negative ones and halves: each engine's SQL gives what exact arithmetic gives."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlglot import exp

from lifeseg.engines.postgres import PostgreSQL
from lifeseg.engines.spark import Spark
from lifeseg.engines.writer import Formulas, Operations
from lifeseg.functions.exact import divide_half_away
from lifeseg.plan import formulas as f
from lifeseg.plan import tree as p
from lifeseg.records.spark_session import Session

MOST = 8 * 10**37  # 127 bits, sign included
LEFT = [
    0,
    1,
    -1,
    7,
    -7,
    10**18,
    -(10**19) + 5,
    10**31 - 1,
    10**32,
    5 * 10**36 + 3,
    MOST,
    -MOST,
    2**63 - 1,
    -(2**63),
]
RIGHT = [1, 2, 3, 7, 10**6, 999_999_999_999, 10**18, 10**30 + 1, 10**37, -3, -(10**20)]


def quotients() -> list[tuple[p.AnyFormula, int | None]]:
    """Formulas of columns x and y with what they give for each pair; by a constant, and by a column."""
    found: list[tuple[p.AnyFormula, int | None]] = []
    for left in LEFT:
        for right in RIGHT:
            value = p.Column("whole", -MOST, MOST, False, f"x{LEFT.index(left)}")
            by = p.Column("whole", -(10**37), 10**37, False, f"y{RIGHT.index(right)}")
            expected = divide_half_away(left, right)
            found.append((f.quotient(value, by), expected))
            if right > 0:
                found.append((f.quotient(value, f.literal(right)), expected))
    return found


def check(operations: Operations, kind: str, rows: Callable[[str], list[Any]]) -> None:
    formulas = Formulas(operations, {})
    columns = [(f"x{place}", value) for place, value in enumerate(LEFT)]
    columns += [(f"y{place}", value) for place, value in enumerate(RIGHT)]
    made = ", ".join(
        f"CAST('{value}' AS {kind}) AS {exp.to_identifier(name, quoted=True).sql(operations.dialect)}"
        for name, value in columns
    )
    asked = quotients()
    for start in range(0, len(asked), 40):
        part = asked[start : start + 40]
        wanted = ", ".join(formulas.sql(formula).sql(dialect=operations.dialect) for formula, _ in part)
        found = rows(f"SELECT {wanted} FROM (SELECT {made}) AS t")[0]
        for (formula, expected), value in zip(part, found, strict=True):
            assert int(value) == expected, formulas.sql(formula).sql(dialect=operations.dialect)


def test_postgres(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        check(PostgreSQL({}), "NUMERIC", lambda query: connection.execute(query.encode()).fetchall())


@pytest.mark.slow
@pytest.mark.xdist_group("spark")
def test_spark(spark: Session) -> None:
    check(Spark({}), "DECIMAL(38, 0)", lambda query: [tuple(row) for row in spark.spark.sql(query).collect()])
