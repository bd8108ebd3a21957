"""A lifecycle in a run that knows the run before: where everybody goes, by the state they were in."""

from __future__ import annotations

from datetime import date

import pytest

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.model.expression import Value
from lifeseg.model.with_past import recalled, with_past
from lifeseg.records.population import Population, Rows
from tests.agreement.pairs import checked

DAY = date(2013, 6, 30)
POLICY = """policy p
  version 1.0.0

entity customer
  id text key
  level count 0..9

segment mood of customer
  good when level > 5
  bad when level <= 5

lifecycle stage of customer
  state a
  state b
  state c
  state d terminal
  start a when level = 0
  start b otherwise
"""


def after(
    moves: str, was: str | None, level: int, *, since: date | None = None, mood: str | None = None
) -> str:
    """The state of a customer who was in a state, or what is wrong with it."""
    lines = "".join(f"  {line.strip()}\n" for line in moves.strip().splitlines())
    model, found = checked(POLICY + lines)
    assert model is not None, found
    facts: dict[str, Value] = {"stage before": was, "stage since": since, "mood before": mood}
    made = with_past(model)
    own = [facts[fact.name] for fact in made.entities["customer"].facts[2:]]
    rows = Rows("customer", [("C1", level, *own)], [], [2])
    results = evaluate(made, Population({"customer": rows}, ""), DAY)
    if results.findings:
        return results.findings[0].kind
    return str(results.value("customer", 0, "stage"))


ONE_AFTER_THE_OTHER = """
move a to b when level > 1
move b to c when level > 2
move c to a when level > 3
move c to d when level = 3
"""


@pytest.mark.parametrize(
    ("was", "level", "now"),
    [
        (None, 0, "a"),  # nobody's history: the start rules
        (None, 3, "b"),
        ("a", 0, "a"),  # no move: it stays, whatever the start rules say
        ("a", 1, "a"),
        ("a", 2, "b"),
        ("a", 9, "b"),  # one move a run
        ("b", 9, "c"),
        ("c", 9, "a"),
        ("c", 3, "d"),
        ("d", 9, "d"),  # terminal
    ],
)
def test_a_customer_moves_once_or_stays(was: str | None, level: int, now: str) -> None:
    assert after(ONE_AFTER_THE_OTHER, was, level) == now


@pytest.mark.parametrize(
    ("was", "level", "now"),
    [
        ("a", 1, "a"),
        ("a", 2, "b"),
        ("a", 3, "d"),  # a, b, c, d
        ("b", 3, "d"),
        ("a", 9, "a"),  # a, b, c, and a again, which it has left already
        ("c", 9, "c"),
        (None, 9, "b"),  # starts in b: c, a, and b again
        (None, 0, "a"),
    ],
)
def test_moves_until_settled_are_each_made_at_most_once(was: str | None, level: int, now: str) -> None:
    assert after(f"{ONE_AFTER_THE_OTHER}moves until settled", was, level) == now


@pytest.mark.parametrize(
    ("since", "now"),
    [(date(2013, 5, 31), "a"), (date(2013, 5, 30), "b"), (date(2013, 6, 30), "a"), (date(2012, 1, 1), "b")],
)
def test_a_state_is_not_left_before_its_time(since: date, now: str) -> None:
    """31 days from 30 May are over on 30 June."""
    assert (
        after(
            "move a to b always\nmove b to c always\nmove c to d always\nstay a 31 days", "a", 5, since=since
        )
        == now
    )


def test_who_comes_into_a_state_stays_there_for_its_time() -> None:
    moves = f"{ONE_AFTER_THE_OTHER}stay b 1 day\nmoves until settled"
    assert after(moves, "a", 9, since=date(2000, 1, 1)) == "b"
    assert after(moves, "c", 9) == "b"  # a, b, and stays
    assert after(moves, "b", 3, since=date(2013, 6, 29)) == "d"
    assert after(moves, "b", 3, since=DAY) == "b"


def test_a_move_may_ask_what_was() -> None:
    moves = "move a to b when mood was bad\nmove a to c when mood was not bad\nmove c to d always"
    assert after(moves, "a", 9, mood="bad") == "b"
    assert after(moves, "a", 0, mood="good") == "c"
    assert after(moves, "a", 0) == "c"  # there was none


def test_two_moves_at_once_are_said() -> None:
    moves = "move a to b when level > 1\nmove a to c when level > 2\nmove c to d always"
    assert after(moves, "a", 2) == "b"
    assert after(moves, "a", 3) == "several-cases"


BANDS = """
indexes levels of customer
  share_of_nine = level / 10

score height of customer
  1 share_of_nine
  bands
    high from high_from
    middle from 0.4, leaving high below 0.55
    low below, leaving middle below 0.25
"""


@pytest.mark.parametrize(
    ("was", "level", "now"),
    [
        (None, 7, "high"), (None, 6, "middle"), (None, 4, "middle"), (None, 3, "low"),  # nobody's history
        ("high", 6, "high"), ("high", 5, "middle"), ("high", 3, "middle"), ("high", 2, "low"),
        ("middle", 6, "middle"), ("middle", 7, "high"), ("middle", 3, "middle"), ("middle", 2, "low"),
        ("low", 6, "middle"), ("low", 3, "low"), ("low", 7, "high"),
    ],
)  # fmt: skip
def test_a_band_is_left_later_than_it_is_reached(was: str | None, level: int, now: str) -> None:
    model, found = checked(f"{POLICY.partition('lifecycle')[0]}params\n  high_from = 0.7\n{BANDS}")
    assert model is not None, found
    made = with_past(model)
    assert [fact.name for fact in made.entities["customer"].facts] == ["id", "level", "height before"]
    results = evaluate(
        made, Population({"customer": Rows("customer", [("C1", level, was)], [], [2])}, ""), DAY
    )
    assert results.value("customer", 0, "height_band") == now


def test_without_moves_nothing_is_remembered() -> None:
    model, _ = checked(POLICY.replace("  state c\n", "").replace("  state d terminal\n", ""))
    assert model is not None
    assert recalled(model.definitions) == {}
    assert with_past(model) is model
