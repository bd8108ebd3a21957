"""A statistic of nobody is missing: the compiled form of a policy takes it as the interpreter does, though no record rests on
it yet, and when the first one comes.
"""

from __future__ import annotations

from datetime import date

import pytest

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.records.population import Population, Rows
from tests.agreement.compare import difference
from tests.agreement.engines import ENGINES
from tests.agreement.pairs import Pair, checked

POLICY = """policy calls
  version 1.0.0

entity customer
  id text key
  orders count 0..9

entity call of customer
  minutes count 0..99

score interest of customer
  1 orders
  bands
    high from 4
    low below

indexes lengths of call
  length = minutes / 100

offers reply of call
  choose 3 by worth
  letter when customer.interest is high
    worth max(length over all call)
"""
DAY = date(2013, 6, 30)


def population(calls: list[int]) -> Population:
    below = Rows("call", [(minutes,) for minutes in calls], [0] * len(calls), list(range(2, len(calls) + 2)))
    return Population({"customer": Rows("customer", [("C1", 5)], [], [2]), "call": below}, "")


@pytest.mark.parametrize("engine", ["compiled", "columns", "duckdb"])
@pytest.mark.parametrize("calls", [[], [7]])
def test_the_largest_of_nobody_is_missing(engine: str, calls: list[int]) -> None:
    model, found = checked(POLICY)
    assert model is not None, found
    pair = Pair("calls", POLICY, model, DAY, population(calls))
    assert evaluate(model, pair.population, DAY).value("customer", 0, "interest_band") == "high"
    assert difference(pair, ENGINES[engine]()) is None
