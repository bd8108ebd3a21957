"""What plans do not have is declared, and interpreted instead; a gap that is closed is taken off the list."""

from __future__ import annotations

from datetime import date

import pytest
from pyspark.errors import ArithmeticException

from lifeseg.plan.from_expression import Gap
from lifeseg.plan.from_model import from_model
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.population import Population, Rows
from lifeseg.records.postgres_files import population_tables
from lifeseg.records.postgres_session import session
from lifeseg.records.spark_session import Session
from tests.agreement.pairs import checked

POLICY = """
policy gaps
  version 1.0.0

entity customer
  customer_id text key
  level share

entity payment of customer
  payment_id text key
  amount money CNY 0..1000000000

indexes of customer
  result = {}
    if missing 0
"""

GAPS = {
    "power above 64": "power(level, 65)",
    "deviation over child rows of a wide range": "deviation(amount over payment) / 1000000 CNY",
}


@pytest.mark.parametrize("name", GAPS)
def test_gap_is_still_there(name: str) -> None:
    model, found = checked(POLICY.format(GAPS[name]))
    assert model is not None, found
    with pytest.raises(Gap, match=name):
        from_model(model, date(2013, 6, 30))


def test_a_gap_is_no_matter_to_what_does_not_need_it() -> None:
    model, _ = checked(POLICY.format("power(level, 65)") + "  other = level * 2\n")
    assert model is not None
    assert from_model(model, date(2013, 6, 30), only=["other"]).steps


def test_postgres_has_no_character_nul(postgres: str) -> None:
    model, _ = checked("policy p\n  version 1.0.0\nentity customer\n  id text key\n")
    assert model is not None
    population = Population({"customer": Rows("customer", [("a\0b",)], [], [1])}, "")
    with pytest.raises(UnusableEngineError) as caught, session(postgres) as opened:
        population_tables(opened.connection, model.entities, population, date(2013, 6, 30))
    assert caught.value.finding.key == "engine-gap"
    assert caught.value.finding.arguments["construct"] == "a text with the character NUL"


@pytest.mark.slow
@pytest.mark.xdist_group("spark")
def test_spark_has_no_numbers_of_more_than_38_digits(spark: Session) -> None:
    """What is wider fails loudly and is never cut off."""
    with pytest.raises(ArithmeticException):
        spark.spark.sql(
            "SELECT CAST(99999999999999999999999999999999999999 AS DECIMAL(38, 0)) + 1 AS x"
        ).collect()
