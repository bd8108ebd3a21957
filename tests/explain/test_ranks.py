"""Ranks by a fact, and first-match cases that hold too late, explained from a policy text."""

from datetime import date

from lifeseg.explain.from_trace import explain
from lifeseg.interpreter.trace import Trace
from lifeseg.interpreter.tracer import Tracer
from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.from_text import from_text

POLICY = """
policy shop
  version 1.0.0

entity customer
  customer_id text key
  profit "Profit" money CNY 0..1000000{personal}

rank class "Profit class" of customer by profit
  vital "Vital" top 20%
  other "Other" rest

segment care "Care" of customer first match
  visit "Visit" when profit > 300 CNY
  letter "Letter" when profit > 200 CNY
  nothing "Nothing" otherwise
"""


def traced(profit: int, personal: str = "") -> Trace:
    """The trace of one of ten customers, whose profits are 100.00, 200.00 .. 1000.00 CNY."""
    file, _ = from_text(POLICY.format(personal=personal).lstrip(), "shop.seg")
    model, _ = from_trees([file])
    assert model is not None
    values = [(f"C{number}", number * 10_000) for number in range(1, 11)]
    population = Population({"customer": Rows("customer", values, [], list(range(10)))}, "")
    return Tracer(evaluate(model, population, date(2026, 1, 1))).trace("customer", profit // 100 - 1)


def test_a_rank_by_a_fact_says_where_the_next_class_begins() -> None:
    sentence = explain(traced(300), why_not="vital").sentence
    assert sentence == (
        "C3's profit class is not vital, because its profit is 300, 600 below 900, where “vital” begins."
        " It is other."
    )


def test_a_personal_fact_tells_nothing_of_the_distance() -> None:
    sentence = explain(traced(900, " personal"), why_not="vital").sentence
    assert "profit is •••" in sentence
    assert "900" not in sentence
    assert "exactly" not in sentence


def test_a_case_that_holds_but_comes_too_late_names_the_one_before_it() -> None:
    sentence = explain(traced(400), why_not="letter").sentence
    assert sentence == "C4's care is not letter, because visit stands before it and holds too. It is visit."


def test_detail_3_shows_how_an_index_came_out() -> None:
    policy = POLICY.replace("rank class", "indexes worth of customer\n  yearly = 12 * profit\n\nrank class")
    text = policy.replace("by profit", "by yearly").format(personal="").lstrip()
    model, _ = from_trees([from_text(text, "shop.seg")[0]])
    assert model is not None
    population = Population({"customer": Rows("customer", [("C1", 10_050)], [], [0])}, "")
    explanation = explain(
        Tracer(evaluate(model, population, date(2026, 1, 1))).trace("customer", 0), detail=3
    )
    (indexes,) = [line.table for line in explanation.lines if line.label == "indexes"]
    assert indexes is not None
    assert indexes.rows == (("yearly", "1206 CNY", "12 * profit", "profit 100.5 CNY"),)
