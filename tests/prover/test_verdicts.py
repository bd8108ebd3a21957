"""What each verdict looks like, on policies that fit on a screen."""

from __future__ import annotations

import pytest

from lifeseg.interpreter.check_tests import run_tests
from lifeseg.model.model import Model
from lifeseg.prover.answers import Answer
from lifeseg.prover.prove import prove
from lifeseg.prover.session import Limits
from tests.agreement.pairs import checked

CUSTOMER = """policy page
  language 1
  version 1.0.0

entity customer "Customer"
  customer_id text key
  bill "Bill" money CNY 0..1000
  age "Age" months 0..600 optional
  kind "Kind" one of private, business

entity usage "Product" of customer
  satisfaction "Satisfaction" rating 1..5
  fee "Fee" money CNY 0..100
"""


def model_of(rules: str) -> Model:
    model, found = checked(f"{CUSTOMER}\n{rules}")
    assert model is not None, found
    return model


def answers(rules: str, **options: object) -> dict[tuple[str, ...], Answer]:
    """The answers by what is asked, and of which cases."""
    found = prove(model_of(rules), **options).answers  # type: ignore[arg-type]
    return {(answer.kind, *answer.cases): answer for answer in found}


def test_a_gap_of_one_step_is_found() -> None:
    """Between 500 and 500.01 there is nothing; at 500 itself somebody is left out."""
    rules = """segment class of customer
  small when bill < 500 CNY
  large when bill > 500 CNY
"""
    gap = answers(rules)["complete",]
    assert gap.verdict == "refuted"
    assert gap.witness is not None
    assert gap.witness.asked.facts == {"bill": 50000}
    assert answers(rules.replace("> 500", ">= 500"))["complete",].verdict == "proved"


def test_an_overlap_names_the_pair() -> None:
    found = answers("""segment class of customer
  small when bill < 500 CNY
  business when kind is business
  large when bill >= 500 CNY and kind is private
""")
    assert found["disjoint",].verdict == "refuted"
    assert found["disjoint", "small", "business"].witness is not None
    assert ("disjoint", "business", "large") not in found


def test_a_case_that_two_others_take_together_is_never_reached() -> None:
    found = answers("""segment class of customer first match
  low when bill < 600 CNY
  high when bill > 400 CNY
  some when bill >= 300 CNY and bill <= 700 CNY
  rest otherwise
""")
    dead = found["reachable", "some"]
    assert (dead.verdict, dead.by) == ("refuted", ("low", "high"))
    assert found["reachable", "rest"].verdict == "refuted"
    assert found["reachable", "high"].verdict == "proved"


def test_what_happens_only_when_data_is_missing_is_told_apart() -> None:
    rules = """segment class of customer
  young when bill < 500 CNY
  old when bill >= 500 CNY and age is not missing
"""
    gap = answers(rules)["complete",]
    assert (gap.verdict, gap.only_missing) == ("refuted", True)
    known = rules.replace(">= 500", "> 500")
    assert answers(known)["complete",].only_missing is False


def test_an_assumption_is_taken_for_granted() -> None:
    never = 'never "Old and private" of customer when kind is private and bill > 900 CNY\n'
    assume = '\nassume "Private bills are small" of customer when kind is business or bill <= 500 CNY\n'
    assert answers(never)["never",].verdict == "refuted"
    assert answers(never + assume)["never",].verdict == "proved"


def test_assumptions_that_nobody_meets_are_no_proof() -> None:
    found = answers("""assume "Large" of customer when bill > 900 CNY

assume "Small" of customer when bill < 100 CNY
""")
    assert found["possible", "Large", "Small"].verdict == "refuted"


def test_quantifiers_are_proved_of_any_number_of_children() -> None:
    found = answers("""segment mood of customer
  good when every usage: satisfaction >= 4
  mixed when some usage: satisfaction >= 4
    and some usage: satisfaction < 4
  bad when no usage: satisfaction >= 4
""")
    assert {one.verdict for one in found.values()} == {"proved"}


def test_every_leaves_out_whoever_has_nothing() -> None:
    gap = answers("""segment mood of customer
  good when every usage: satisfaction >= 4
  bad when some usage: satisfaction < 4
""")["complete",]
    assert gap.witness is not None
    assert gap.witness.asked.children == {"usage": ()}


def test_a_sum_over_children_is_proved_up_to_some() -> None:
    """That fees of at most 100 add up to at most 100 times their number needs the children themselves."""
    found = answers("""never "More than all fees" of customer when sum(fee over usage) > 100 CNY * count(usage)
""")["never",]
    assert (found.verdict, found.most >= 3) == ("proved up to", True)


def test_what_the_solver_is_not_told_is_never_a_proof() -> None:
    """No solver knows that a logistic stays below 1; nobody is shown, and nothing is proved."""
    found = answers("""indexes odds of customer
  odds "Odds" = logistic(bill / 100 CNY - 5)

never "Certain and not" of customer when odds > 0.9 and bill < 600 CNY
""", limits=Limits(2, 4))["never",]  # fmt: skip
    assert found.verdict == "not decided"
    assert found.tried


def test_no_time_is_no_proof() -> None:
    found = answers('never "Large" of customer when bill > 900 CNY\n', limits=Limits(0.0, 0.0))["never",]
    assert found.verdict == "not decided"


def test_means_of_the_population_stand_for_any_value() -> None:
    found = answers("""segment class of customer
  above when bill > mean(bill over all customer)
  below when bill < mean(bill over all customer)
""")
    gap = found["complete",]
    assert gap.witness is not None
    assert list(gap.witness.statistics.values()) == ["0"] or gap.witness.statistics
    assert gap.witness.test is None
    assert gap.witness.why_no_test == "it depends on the population"


MOVES = """lifecycle stage of customer
  state new "New"
  state loyal "Loyal"
  state gone "Gone"
  start new otherwise
  move new to loyal when bill > 100 CNY
  move new to gone when kind is business
"""


def test_two_moves_at_once_and_a_dead_end() -> None:
    found = answers(MOVES, back_to="new")
    assert found["deterministic", "new → loyal", "new → gone"].verdict == "refuted"
    assert found["no dead end", "loyal"].verdict == "refuted"
    assert found["can return", "loyal"].verdict == "refuted"
    assert found["can happen", "new → gone"].verdict == "proved"


def test_a_terminal_state_is_no_dead_end() -> None:
    found = answers(MOVES.replace('"Gone"', '"Gone" terminal').replace('"Loyal"', '"Loyal" terminal'))
    assert found["no dead end",].verdict == "proved"


@pytest.mark.parametrize(
    "rules",
    [
        "segment class of customer\n  small when bill < 500 CNY\n  large when bill > 500 CNY\n",
        "segment mood of customer\n  good when every usage: satisfaction >= 4\n  bad when some usage: satisfaction < 4\n",
        'never "Private" of customer when kind is private\n  and some usage: satisfaction > 2\n',
    ],
)
def test_a_counterexample_is_a_test_that_fails_until_the_policy_is_mended(rules: str) -> None:
    [witness] = [
        one.witness for one in prove(model_of(rules)).answers if one.verdict == "refuted" and one.witness
    ]
    assert witness.test is not None
    [outcome] = run_tests(model_of(f"{rules}\n{witness.test}"), None, None)
    assert [failure.found for failure in outcome.failures] == ["no"]


def test_the_same_policy_has_the_same_verdicts() -> None:
    first, again = (
        [(one.kind, one.cases, one.verdict) for one in prove(model_of(MOVES)).answers] for _ in range(2)
    )
    assert first == again
