"""An index of several lines: the explanation shows the line that was taken, not all of them."""

from datetime import date

import pytest

from lifeseg.explain.from_trace import explain
from lifeseg.interpreter.tracer import Tracer
from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.from_text import from_text

POLICY = """
policy shop "Shop"
  version 1.0.0

entity customer "Customer"
  customer_id text key
  orders "Orders" count 0..100

indexes points of customer
  order_points "Points for orders"
    1 when orders < 5
    2 when orders < 10
    3 otherwise

segment class "Class" of customer
  good "Good" when order_points >= 2
  other "Other" otherwise
"""


@pytest.mark.parametrize(
    ("orders", "taken"), [(3, "1 when orders < 5"), (7, "2 when orders < 10"), (10, "3 otherwise")]
)
def test_the_line_that_was_taken(orders: int, taken: str) -> None:
    model, found = from_trees([from_text(POLICY.lstrip(), "shop.seg")[0]])
    assert model is not None, found
    population = Population({"customer": Rows("customer", [("C1", orders)], [], [2])}, "")
    trace = Tracer(evaluate(model, population, date(2026, 1, 1))).trace("customer", 0)
    (table,) = (
        line.table for line in explain(trace, detail=3).lines if line.label == "indexes" and line.table
    )
    assert [row[2] for row in table.rows] == [taken]
