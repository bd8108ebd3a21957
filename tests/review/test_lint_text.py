"""What a careful reader asks about the text of a policy, rule by rule, and what he does not ask."""

from __future__ import annotations

import pytest

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.model.from_trees import from_trees
from lifeseg.review.lint_rules import RULES, chosen
from lifeseg.review.lint_text import Read, lint_text
from lifeseg.syntax.from_text import from_text

HEAD = """\
policy shop "Shop"
  version 1.0.0

entity customer "Customer"
  customer_id "Number" text key
  age "Age" count 0..120
  bill "Monthly bill" money CNY 0..1000
  colour "Colour" one of red, green, blue, "light blue"
  vip "Looked after" yes/no

entity order "Order" of customer
  amount "Amount" money CNY 0..1000
  returned "Sent back" yes/no

"""


def asked(text: str, code: str, used: str = "", **settings: object) -> list[Diagnostic]:
    """What a rule asks about a policy of this text, with the rule's default limits or these; it may use another policy."""
    file, found = from_text(text if used else HEAD + text, "shop.seg")
    other, errors = from_text(HEAD + used, "used.seg")
    assert not [*found, *errors], (found, errors)
    model, problems = from_trees([file], lambda name, version: [other])
    assert model is not None, problems
    wanted = dict.fromkeys(RULES, "off") | {code: {"severity": "warning", **settings}}
    choice = chosen(wanted)
    return [one.finding for _, one in lint_text(Read(model, frozenset({"shop.seg"})), choice)]


# ---- Numbers ------------------------------------------------------------------------------------

TWICE = """\
flags marks "Marks" of customer
  young "Young" when age < 30
  spender "Spends" when bill >= 300 CNY

segment generation "Generation" of customer first match
  under "Under 30" when age < 30
  others "The others" otherwise
"""


def test_a_number_in_two_definitions_wants_a_name() -> None:
    (found,) = asked(TWICE, "number-repeated")
    assert found.arguments == {"number": "30", "count": "2"}
    assert [label.name for label in found.labels] == ["again"]
    assert found.fix is None  # only people know what it is called


def test_a_number_within_one_definition_does_not() -> None:
    text = """\
segment generation "Generation" of customer first match
  under "Under 30" when age < 30
  middle "From 30" when age >= 30 and age < 60
  over "The others" otherwise
"""
    assert asked(text, "number-repeated") == []
    assert [one.arguments["number"] for one in asked(text, "number-repeated", definitions=1)] == ["30", "60"]


def test_the_same_number_of_other_things_is_another_number() -> None:
    text = """\
flags marks "Marks" of customer
  young "Young" when age < 30
  spender "Spends" when bill >= 30 CNY
"""
    assert asked(text, "number-repeated") == []


def test_nought_and_one_are_no_thresholds_unless_one_says_so() -> None:
    text = """\
flags marks "Marks" of customer
  pays "Pays" when bill > 0 CNY
  free "Free" when bill <= 0 CNY
"""
    assert asked(text, "number-repeated") == []
    assert len(asked(text, "number-repeated", ignore=[])) == 1


def test_how_a_number_is_written_does_not_matter() -> None:
    """The number may stand on either side, with more digits, and be asked of a parent."""
    text = """\
flags marks "Marks" of customer
  young "Young" when 30 > age

flags orders "Orders" of order
  early "Of somebody young" when customer.age < 30.0
"""
    (found,) = asked(text, "number-repeated")
    assert found.arguments["count"] == "2"


NAMED = """\
params "What management sets"
  grown_up "Grown up from" = 30
  rich "A large bill from" = 300 CNY
    since 2030-01-01 = 400 CNY

flags marks "Marks" of customer
  young "Young" when age < grown_up
  older "Older" when age >= 30
  spender "Spends" when bill >= rich
  frugal "Frugal" when bill < 300 CNY
"""


def test_a_number_that_has_a_name_is_replaced_by_it() -> None:
    (found,) = asked(NAMED, "number-repeated")
    assert found.key == "number-repeated.parameter"
    assert found.fix is not None
    assert found.fix.replacement == "grown_up"


def test_names_that_a_used_policy_gives_count_and_its_own_numbers_do_not() -> None:
    text = """\
policy province "Province"
  version 1.0.0
  use shop 1.0.0

flags more "More" of customer
  adult "Adult" when age >= 30
"""
    (found,) = asked(text, "number-repeated", used=NAMED)
    assert (found.key, found.arguments["name"]) == ("number-repeated.parameter", "grown_up")
    assert found.span is not None
    assert found.span.file == "shop.seg"


def test_a_parameter_that_will_change_is_another_number() -> None:
    assert "rich" not in [found.arguments.get("name") for found in asked(NAMED, "number-repeated")]


def test_cells_of_tables_and_steps_of_indexes_are_numbers_by_nature() -> None:
    text = """\
indexes levels "Levels" of customer
  age_level "Age"
    1 when age >= 30
    0 otherwise
  years "Age again"
    10 when age >= 30
    5 otherwise

flags marks "Marks" of customer
  some_age "Some" when age_level + years > 3

table offer "Offer" of customer
  gives much "Much"
  gives little "Little"
  | age   || offer  |
  | >= 30 || much   |
  | < 30  || little |
"""
    assert asked(text, "number-repeated") == []
    assert [one.arguments["name"] for one in asked(text, "number-unnamed")] == ["some_age"]


def test_every_number_without_a_name_if_one_wants_to_know() -> None:
    assert RULES["number-unnamed"].severity == "off"
    found = asked(TWICE, "number-unnamed")
    assert [one.arguments["number"] for one in found] == ["30", "300 CNY", "30"]


# ---- Conditions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "better"),
    [
        ("colour is red or colour is green", "colour is one of red, green"),
        ('colour is red or colour is "light blue"', 'colour is one of red, "light blue"'),
        ("colour is one of red, green or colour is blue", "colour is one of red, green, blue"),
        ("colour is not red and colour is not green", "colour is not one of red, green"),
        ("vip and (colour is red or colour is green)", "colour is one of red, green"),
        ("age > 3 or colour is red or colour is green", "colour is one of red, green"),
    ],
)
def test_one_thing_asked_about_several_times(condition: str, better: str) -> None:
    (found,) = asked(
        f'flags marks "Marks" of customer\n  mark "Mark" when {condition}\n', "one-of-spelled-out"
    )
    assert found.fix is not None
    assert found.fix.replacement == better


@pytest.mark.parametrize(
    "condition",
    [
        "colour is one of red, green",
        "colour is red or vip",
        "colour is red or age > 3 or colour is green",
        "colour is red or colour is not green",
        "colour is not red or colour is not green",
    ],
)
def test_other_questions_stay_apart(condition: str) -> None:
    assert (
        asked(f'flags marks "Marks" of customer\n  mark "Mark" when {condition}\n', "one-of-spelled-out")
        == []
    )


def test_a_remark_between_questions_is_not_lost() -> None:
    text = """\
flags marks "Marks" of customer
  mark "Mark" when colour is red  # as in the first shop
    or colour is green
"""
    (found,) = asked(text, "one-of-spelled-out")
    assert found.fix is None


def test_a_condition_of_many_clauses() -> None:
    text = """\
flags marks "Marks" of customer
  mark "Mark" when vip and age > 3 and age < 90 and bill > 10 CNY and not colour is red
    and some order: amount > 5 CNY and not returned
"""
    (found,) = asked(text, "guard-long")
    assert found.arguments == {"name": "mark", "count": "7", "most": "6"}
    assert asked(text, "guard-long", most=7) == []


# ---- Titles -------------------------------------------------------------------------------------


def test_what_has_no_title() -> None:
    text = """\
params
  rich = 300 CNY

flags marks of customer
  spender "Spends" when bill >= rich

segment class of customer first match
  large when spender
  small "Small" otherwise
"""
    found = asked(text, "title-missing")
    told = [(one.arguments.get("kind"), one.arguments["name"], one.arguments.get("parts")) for one in found]
    assert told == [("parameter", "rich", None), ("segment", "class", None), (None, "class", "`large`")]


def test_facts_without_titles_are_told_together() -> None:
    """A key is its own title."""
    text = """\
entity branch "Branch"
  branch_id text key
  staff count 0..1000
  rooms count 0..100

flags sizes "Sizes" of branch
  large "Large" when staff > 50 and rooms > 5
"""
    (found,) = asked(text, "title-missing")
    assert found.arguments == {"name": "branch", "parts": "`staff`, `rooms`"}


def test_definitions_of_which_nothing_is_wanted() -> None:
    """`except` names the definition that a finding is about; whoever shows findings asks for it."""
    assert chosen({"title-missing": {"except": ["class"]}})["title-missing"].silent == {"class"}


# ---- Weights and indexes ------------------------------------------------------------------------

SCORE = """\
indexes levels "Levels" of customer
  age_level "Age" = age / 120
  bill_level "Bill" = bill / 1000 CNY
  vip_level "Looked after"
    1 when vip
    0 otherwise

score worth "Worth" of customer
  0.60 spending "Spending"
    {first} bill_level
    {second} vip_level
  0.40 age_level
"""


@pytest.mark.parametrize(("first", "second", "total"), [("0.69", "0.30", "0.99"), ("0.71", "0.30", "1.01")])
def test_a_group_whose_weights_nearly_sum_to_one(first: str, second: str, total: str) -> None:
    (found,) = asked(SCORE.format(first=first, second=second), "group-sum")
    assert found.arguments == {"group": "spending", "total": total, "name": "worth"}


@pytest.mark.parametrize(("first", "second"), [("0.70", "0.30"), ("0.50", "0.30")])
def test_a_group_that_is_right_or_quite_another_thing(first: str, second: str) -> None:
    assert asked(SCORE.format(first=first, second=second), "group-sum") == []


def test_a_heading_without_weight_is_no_group() -> None:
    text = SCORE.replace("0.60 spending", "spending").format(first="0.30", second="0.29")
    assert asked(text, "group-sum") == []


def test_a_weight_that_hardly_moves_the_score() -> None:
    (found,) = asked(SCORE.format(first="0.996", second="0.004"), "weight-small")
    assert found.arguments == {"leaf": "vip_level", "name": "worth", "share": "0.24 %"}
    assert asked(SCORE.format(first="0.98", second="0.02"), "weight-small") == []


def test_a_weight_of_nought_is_told_by_check() -> None:
    assert asked(SCORE.format(first="1", second="0"), "weight-small") == []


IDLE = """\
indexes levels "Levels" of customer
  age_level "Age" = age / 120
  youth "Youth" = 1 - age_level
"""


def test_an_index_that_leads_nowhere() -> None:
    """Nothing reads `youth`, as check says; so nothing comes of `age_level` either."""
    (found,) = asked(IDLE, "index-idle")
    assert found.arguments == {"name": "age_level", "readers": "`youth`"}


@pytest.mark.parametrize(
    "end",
    [
        'flags marks "Marks" of customer\n  young "Young" when youth > 0.75\n',
        'kpis "Targets"\n  mean_youth "Mean youth" = mean(youth over all customer)\n',
        'never "Too young" of customer when youth > 0.999\n',
        'test "Somebody" of customer\n  | age || youth |\n  | 60 || 0.5 |\n',
        """\
indexes more "More" of customer
  relative "Relative" = youth / mean(youth over all customer)
    range 0..9
    if missing 0

rank age_class "Age class" of customer by relative
  a "A" top 10%
  b "B" rest
""",
    ],
    ids=["flag", "kpi", "never", "test", "rank"],
)
def test_whatever_is_wanted_in_the_end(end: str) -> None:
    assert asked(f"{IDLE}\n{end}", "index-idle") == []
