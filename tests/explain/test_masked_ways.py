"""What one fact would change is not told of personal facts, nor are personal keys told by it, in whatever form."""

from datetime import date

from lifeseg.explain.explanation import Beside
from lifeseg.explain.from_trace import explain
from lifeseg.explain.masking import MASK
from lifeseg.explain.to_console import to_console
from lifeseg.explain.to_json import document, to_json
from lifeseg.explain.to_markdown import to_markdown
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.tracer import trace
from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline.explaining import nearest_ways
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.from_text import from_text

POLICY = """
policy shop
  version 1.0.0

entity customer
  customer_id text key
  age count 0..120 personal
  visits count 0..50

entity card of customer
  number text key personal
  points count 0..99

flags standing of customer
  rich when some card: points >= 37

segment kind of customer
  loyal when age >= 61 or visits >= 13 or rich
  other otherwise
""".lstrip()
HIDDEN = ("58", "age=61", "4556001", "number=")


def explained(show: bool) -> tuple[str, list[tuple[str, str | None]]]:
    model, found = from_trees([from_text(POLICY, "shop.seg")[0]])
    assert model is not None, found
    cards = Rows("card", [("4556001", 20)], [0], [1])
    population = Population({"customer": Rows("customer", [("C1", 58, 5)], [], [1]), "card": cards}, "")
    results = evaluate(model, population, date(2026, 1, 1))
    traced = trace(results, "customer", 0)
    ways = nearest_ways(results, "customer", 0, traced, 2, None)
    assert {way.fact for way in ways} == {"age", "visits", "points"}
    explanation = explain(traced, Beside(ways=ways), show_personal=show)
    text = to_console(explanation) + to_markdown(explanation) + to_json(explanation, traced)
    return text, [(one.fact, one.setting) for one in document(explanation, traced).changes]


def test_a_personal_fact_is_not_proposed() -> None:
    text, changes = explained(show=False)
    assert [secret for secret in HIDDEN if secret in text] == []
    assert changes == [("visits", "visits=13"), ("points", None)]
    assert f"points of {MASK}1" in text


def test_unless_it_is_asked_for() -> None:
    text, changes = explained(show=True)
    assert ("age", "age=61") in changes
    assert ("points", "card.4556001.points=37") in changes
    assert "58 → 61" in text
