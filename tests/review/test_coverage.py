"""What a policy's tests have seen of it, and which mistakes in it they notice."""

from __future__ import annotations

from datetime import date

from lifeseg.interpreter.check_tests import run_tests
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.review.coverage import Coverage
from lifeseg.review.mutants import mutants
from lifeseg.syntax.from_text import from_text

POLICY = """\
policy shop
  version 1.0.0

params
  big = 300 CNY

entity customer
  customer_id text key
  bill money CNY 0..1000
  age count 0..120

entity visit of customer
  long yes/no

segment class of customer first match
  large when bill >= big
  senior when age > 60
    and some visit: long
  other otherwise

flags signs of customer
  young when age < 18 or bill = 0 CNY
"""
TODAY = date(2024, 1, 31)


def model_of(*tests: str) -> Model:
    file, found = from_text("\n".join([POLICY, *tests]), "shop.seg")
    assert not found, found
    model, findings = from_trees([file])
    assert model is not None, findings
    return model


def covered(*tests: str) -> Coverage:
    model = model_of(*tests)
    seen = Coverage(model)
    outcomes = run_tests(model, None, TODAY, seen.watch)
    assert not any(outcome.failures for outcome in outcomes)
    return seen


def unseen(seen: Coverage) -> dict[str, tuple[bool, bool]]:
    lines = POLICY.splitlines()
    return {
        lines[one.clause.span.line - 1][one.clause.span.column - 1 : one.clause.span.end_column - 1]: (
            one.true,
            one.false,
        )
        for one in seen.unseen()
    }


def row(*cells: str) -> str:
    return "  | " + " | ".join(cells[:-1]) + " || " + cells[-1] + " |\n"


LARGE = 'test "A large bill" of customer\n' + row("bill", "class") + row("300", "large")


def test_without_tests_nothing_is_seen() -> None:
    seen = covered()
    assert set(unseen(seen)) == {"bill >= big", "age > 60", "some visit: long", "age < 18", "bill = 0 CNY"}
    assert [case.name for case in seen.untaken()] == ["large", "senior", "other"]


def test_a_test_sees_what_its_expectation_rests_on() -> None:
    """A bill of 300 is not 0, but nobody has asked about `young`."""
    seen = covered(LARGE)
    assert unseen(seen)["bill >= big"] == (True, False)
    assert unseen(seen)["bill = 0 CNY"] == (False, False)
    assert [case.name for case in seen.untaken()] == ["senior", "other"]


def test_a_clause_is_seen_both_ways_by_two_tests() -> None:
    small = (
        'test "A small bill, and not old" of customer\n'
        + row("bill", "age", "class")
        + row("299.99", "60", "other")
    )
    seen = covered(LARGE, small)
    assert "bill >= big" not in unseen(seen)
    assert unseen(seen)["age > 60"] == (False, True)
    assert [case.name for case in seen.untaken()] == ["senior"]


def noticed(*tests: str) -> dict[str, bool]:
    model = model_of(*tests)
    right = [outcome.failures for outcome in run_tests(model, None, TODAY)]
    return {
        f"{mutant.span.line}: {mutant.what}": [
            outcome.failures for outcome in run_tests(mutant.model, None, TODAY)
        ] != right
        for mutant in mutants(model)
    }  # fmt: skip


def test_mistakes() -> None:
    """Each threshold twice, each limit, each clause, and neighbouring cases."""
    found = noticed()
    assert set(found) == {
        "5: `big` a tenth higher",
        "5: `big` a tenth lower",
        "16: `>` for `>=`",
        "17: `>=` for `>`",
        "17: a limit a tenth higher",
        "17: a clause left out",
        "18: a clause left out",
        "16: `large` and `senior` swapped",
        "22: `<=` for `<`",
        "22: a limit a tenth higher",
        "22: a clause left out",
    }
    assert not any(found.values())


def test_a_test_at_the_limit_notices_what_one_beyond_it_does_not() -> None:
    beyond = LARGE.replace("300", "900")
    assert noticed(LARGE)["16: `>` for `>=`"]
    assert not noticed(beyond)["16: `>` for `>=`"]
    assert noticed(LARGE)["5: `big` a tenth higher"]
    assert not noticed(beyond)["5: `big` a tenth higher"]


def test_a_mistake_is_in_one_place_and_nowhere_else() -> None:
    model = model_of()
    for mutant in mutants(model):
        pairs = zip(model.definitions, mutant.model.definitions, strict=True)
        differing = [one.name for one, other in pairs if one != other]
        differing += [name for name, one in model.parameters.items() if one != mutant.model.parameters[name]]
        assert len(differing) == 1, mutant.what


# ---- Moves ---------------------------------------------------------------------------------------

STAGES = """
lifecycle stage of customer
  state fresh
  state known
  state gone terminal
  start known when age > 30
  start fresh otherwise
  move fresh to known when bill >= big
  move known to gone when bill = 0 CNY
    and class was senior
"""


def stages(*tests: str) -> Coverage:
    return covered(STAGES, *tests)


def moved(seen: Coverage) -> dict[str, bool]:
    taken = dict(zip((case.name for case in seen.cases), seen.taken, strict=True))
    return {name: taken[name] for name in ("known", "fresh", "fresh → known", "known → gone")}


def test_who_is_new_starts_and_does_not_move() -> None:
    seen = stages('test "New" of customer\n' + row("age", "bill", "stage") + row("31", "0", "known"))
    assert moved(seen) == {"known": True, "fresh": False, "fresh → known": False, "known → gone": False}
    texts = [one.clause.span.line for one in seen.unseen() if one.clause.definition.name == "stage"]
    assert len(texts) == 4  # the start has not been seen false; of the moves nothing has been asked


def test_a_move_is_asked_of_who_was_in_its_source() -> None:
    table = 'test "Known" of customer\n' + row("was stage", "was class", "bill", "stage")
    seen = stages(table + row("known", "senior", "0", "gone") + row("known", "large", "0", "known"))
    assert moved(seen) == {"known": False, "fresh": False, "fresh → known": False, "known → gone": True}
    both = {one.clause.span.line: (one.true, one.false) for one in seen.unseen()}
    first = POLICY.count("\n") + STAGES[: STAGES.index("move fresh")].count("\n") + 2
    assert both[first] == (False, False)  # nobody was fresh
    assert both[first + 1] == (True, False)  # a bill of 0
    assert first + 2 not in both  # `class was senior`, and was not


def test_who_was_nothing_is_new() -> None:
    seen = stages(
        'test "New" of customer\n' + row("was stage", "age", "stage") + row("missing", "31", "known")
    )
    assert moved(seen)["known"]


def test_who_stays_where_it_was_has_not_started_there() -> None:
    seen = stages(
        'test "Stays" of customer\n' + row("was stage", "bill", "stage") + row("fresh", "0", "fresh")
    )
    assert not moved(seen)["fresh"]


def test_moves_one_after_the_other_are_all_made() -> None:
    settled = STAGES.rstrip("\n") + "\n  moves until settled\n"
    table = 'test "Through" of customer\n' + row("was stage", "was class", "bill", "stage")
    seen = covered(
        settled.replace("bill = 0 CNY", "bill >= 500 CNY"), table + row("fresh", "senior", "600", "gone")
    )
    assert moved(seen) == {"known": False, "fresh": False, "fresh → known": True, "known → gone": True}


def test_mistakes_in_moves() -> None:
    table = 'test "Fresh" of customer\n' + row("was stage", "bill", "stage") + row("fresh", "300", "known")
    found, line = (
        noticed(STAGES, table),
        POLICY.count("\n") + STAGES[: STAGES.index("move fresh")].count("\n") + 2,
    )
    assert found[f"{line}: `>` for `>=`"]
    assert not found[f"{line + 1}: a clause left out"]
