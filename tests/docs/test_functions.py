"""Every function of the library has worked examples, and they are right."""

from datetime import date
from decimal import Decimal

import pytest

from lifeseg.functions.library import SCALAR
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.values import text_of
from lifeseg.model.from_trees import from_trees
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.from_text import from_text

POLICY = """\
policy worked
  version 1.0.0

entity customer
  customer_id text key

indexes worked of customer
  found = {}
    decimals 12
"""
EXAMPLES = [(call, value) for function in SCALAR for call, value in function.examples]


@pytest.mark.parametrize(("call", "value"), EXAMPLES, ids=[call for call, _ in EXAMPLES])
def test_example(call: str, value: str) -> None:
    file, problems = from_text(POLICY.format(call), "worked.seg")
    model, _ = from_trees([file])
    assert model is not None
    assert not problems
    records = Population({"customer": Rows("customer", [("C1",)], [], [2])}, "")
    results = evaluate(model, records, date(2013, 6, 30))
    found = text_of(results.value("customer", 0, "found"), model.definitions[0].type)
    assert found is not None
    assert Decimal(found) == Decimal(value)


def test_every_function_has_an_example() -> None:
    assert not [function.name for function in SCALAR if not function.examples]
