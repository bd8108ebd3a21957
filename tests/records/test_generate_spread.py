"""Towards rare cases: what a condition needs, what assumptions need, and whether the spread reaches every case."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from lifeseg.model import expression as e
from lifeseg.model.model import Model, Segment
from lifeseg.pipeline.calibrating import RARE, calibrated, cases_of, shares_of
from lifeseg.records.generation.constants import Seen
from lifeseg.records.generation.design import Pull
from lifeseg.records.generation.from_claims import redirected, repairs_of
from lifeseg.records.generation.from_condition import Demands
from lifeseg.records.generation.from_model import from_model
from lifeseg.records.generation.influence import Influence
from lifeseg.records.generation.landmarks import landmarks_of
from tests.records.test_generate import DAY, generated, model_of

HEADER = "policy spread\n  version 1.0.0\n\n"
ENTITIES = """\
params
  window = 2 months

entity customer
  customer_id text key
  age count 0..120
  income money CNY 0..1000000 optional
  products_used count 0..6
  kind one of a, b, c
  vip yes/no
  since date

entity usage of customer dated signed
  signed date
  satisfaction rating 1..5
  fee money CNY 0..1000
  ends date optional

"""


def model_with(text: str) -> Model:
    return model_of(HEADER + ENTITIES + text)


def needs(condition: str, definitions: str = "") -> list[Mapping[tuple[str, str | None, int | None], Pull]]:
    """The alternatives for a condition, each by what it pulls."""
    model = model_with(f"{definitions}\nflags questions of customer\n  asked when {condition}\n")
    demands = Demands(model, DAY, Influence(model), Seen())
    asked = next(found for found in model.definitions if found.name == "asked")
    found = demands.case(asked, "yes")
    return [{(pull.entity, pull.fact, pull.child): pull for pull in pulls} for pulls in found]


def day(text: str) -> Fraction:
    return Fraction(date.fromisoformat(text).toordinal())


# ---- What a condition needs -----------------------------------------------------------------------


def test_comparisons_give_ranges() -> None:
    (found,) = needs("age >= 30 and age < 40 and vip and kind is not a")
    age = found["customer", "age", None]
    assert age.low == 30
    assert age.high is not None
    assert 39 < age.high < 40
    assert found["customer", "vip", None].values == (True,)
    assert found["customer", "kind", None].values == ("b", "c")


def test_what_excludes_itself_has_no_alternative() -> None:
    assert needs("age >= 30 and (age < 20 or vip) and not vip", "") == []


def test_or_gives_alternatives() -> None:
    found = needs("vip or age > 100")
    assert [set(each) for each in found] == [{("customer", "vip", None)}, {("customer", "age", None)}]


def test_parameters_and_dates_are_worked_out() -> None:
    (found,) = needs("some usage: ends <= today + window\n    if missing no")
    assert found["usage", "ends", 0].high == day("2024-08-30")
    assert found["usage", None, None].low == 1


def test_indexes_are_seen_through() -> None:
    (found,) = needs("years_left < 10", "indexes more of customer\n  years_left = (100 - age) / 2\n")
    low = found["customer", "age", None].low
    assert low is not None
    assert 80 < low < 80.001


def test_every_child_is_meant_by_every() -> None:
    (found,) = needs("every usage: satisfaction >= 4")
    assert found["usage", "satisfaction", None].low == 4
    assert found["usage", None, None].low == 1


def test_two_children_are_told_apart() -> None:
    (found,) = needs("(some usage: satisfaction = 5) and (some usage: satisfaction = 1)")
    assert {found["usage", "satisfaction", child].low for child in (0, 1)} == {5, 1}
    assert found["usage", None, None].low == 2


def test_periods_ask_for_dates() -> None:
    (found,) = needs("sum(fee over usage in month 1 ago) > 300 CNY\n    if missing no")
    signed = found["usage", "signed", None]
    assert (signed.low, signed.high) == (day("2024-05-01"), day("2024-05-31"))
    assert found["usage", "fee", None].low is not None


def test_scores_are_shifted_the_way_their_parts_point() -> None:
    text = """
indexes parts of customer
  youth = 1 - age / 120
  fee_level = sum(fee over usage) / 1000000 CNY
    if missing 0
score worth of customer
  0.5 youth
  0.5 fee_level
  bands
    high from 0.9
    low below
"""
    found = needs("worth is high", text)
    assert found[0]["customer", "age", None].shift < 0
    assert found[0]["usage", "fee", None].shift > 0
    assert found[0]["usage", None, None].shift > 0


def test_cases_of_other_definitions_are_seen_through() -> None:
    text = """
segment stage of customer first match where vip
  old when age >= 90
  young when age < 20
  middle otherwise
"""
    (found,) = needs("stage is middle", text)
    age = found["customer", "age", None]
    assert age.low == 20
    assert age.high is not None
    assert 89 < age.high < 90
    assert found["customer", "vip", None].values == (True,)
    (outside,) = needs("stage is missing", text)
    assert outside["customer", "vip", None].values == (False,)


def test_landmarks_are_what_facts_are_compared_with() -> None:
    model = model_with(
        "flags f of customer\n  grown when age >= 18 and since > today - 90 days\n"
        "  known_income when income > 5000 CNY\n    if missing no\n  busy when count(usage) >= 4\n"
    )
    found = landmarks_of(model, DAY, Influence(model)).values
    assert found["customer", "age"] == (18,)
    assert found["customer", "since"] == (day("2024-04-01"),)
    assert found["customer", "income"] == (5000,)
    assert found["usage", None] == (4,)


# ---- What assumptions need ------------------------------------------------------------------------

ASSUMED = {
    "age <= 60": "age",
    "products_used = count(usage)": "products_used",
    "count(usage) >= products_used": "products_used",
    "not vip or kind is a": "kind",
    "not vip or income is missing": "income",
    "not (vip and age > 50)": "age",
    "since <= today": "since",
    "kind is not c": "kind",
    "vip": "vip",
    "vip or kind is b or (age >= 18 and age <= 30)": "age",
}


@pytest.mark.parametrize("condition", ASSUMED)
def test_simple_assumptions_hold(condition: str, tmp_path: Path) -> None:
    model = model_with(f'assume "it" of customer when {condition}\n')
    assert {repair.fact for repair in repairs_of(model)} == {ASSUMED[condition]}
    assert generated(model, tmp_path, 2_000).findings == ()


def test_assumptions_about_parents_and_between_facts_hold(tmp_path: Path) -> None:
    model = model_with(
        'assume "after" of usage when signed >= customer.since\n'
        'assume "until" of usage when ends >= signed\n'
        'assume "fee" of usage when fee < customer.income or customer.income < 10 CNY\n'
    )
    assert generated(model, tmp_path, 1_000).findings == ()


def test_what_depends_on_a_repair_is_repaired_after_it(tmp_path: Path) -> None:
    model = model_with(
        'assume "first" of customer when age <= products_used\n'
        'assume "second" of customer when products_used = count(usage)\n'
    )
    assert [repair.fact for repair in repairs_of(model)][:2] == ["products_used", "age"]
    assert generated(model, tmp_path, 1_000).findings == ()


def test_an_assumption_of_another_form_is_reported() -> None:
    model = model_with('assume "much" of customer when age * 2 <= products_used * 3\n')
    found = calibrated(model, DAY, 1)
    assert {(finding.kind, finding.definition) for finding in found.results.findings} == {("assume", "much")}


def test_pulls_on_a_count_go_to_the_children() -> None:
    repairs = repairs_of(model_with('assume "it" of customer when products_used = count(usage)\n'))
    pulls = (Pull("customer", "products_used", low=Fraction(3)), Pull("usage", None, high=Fraction(4)))
    assert redirected(pulls, repairs) == (Pull("usage", None, low=Fraction(3), high=Fraction(4)),)
    assert redirected((*pulls[:1], Pull("usage", None, high=Fraction(2))), repairs) == ()


# ---- The spread -----------------------------------------------------------------------------------

RARE_CASES = """
indexes parts of customer
  youth = 1 - age / 120
  poverty = 1 - income / 1000000 CNY
    if missing 0.5
  unhappiness = 1 - mean(satisfaction over usage) / 5
    if missing 0

score plight of customer
  0.4 youth
  0.3 poverty
  0.3 unhappiness
  bands
    worst from 0.93
    bad from 0.60
    good below

segment corner of customer first match
  deep when age >= 110 and vip and kind is c
    and income is missing and count(usage) = 6
  two_sided when (some usage: satisfaction = 5 and fee >= 990 CNY)
    and (some usage: satisfaction = 1 and fee < 1 CNY)
  narrow when products_used = 3 and age = 77
  rest otherwise

flags asked of customer
  is_worst when plight is worst
  corners when corner is one of deep, two_sided, narrow
  long_silent when count(usage in months 0..12 ago) = 0 and count(usage) >= 3

segment state of usage
  dear when fee > 900 CNY and satisfaction >= 4
  other when fee <= 900 CNY or satisfaction < 4
"""


@pytest.fixture(scope="module")
def rare() -> Model:
    return model_with(RARE_CASES)


def test_every_case_is_reached(rare: Model, tmp_path: Path) -> None:
    before = shares_of(generated(rare, tmp_path, 2_000))
    found = calibrated(rare, DAY, 1)
    assert sum(share < RARE for share in before.values()) >= 4
    assert {place: share for place, share in found.shares.items() if share < RARE} == {}
    assert found.results.findings == ()
    assert 0 < sum(profile.weight for profile in found.design.profiles) <= 400_000


def test_profiles_do_not_depend_on_the_order_of_anything(rare: Model) -> None:
    assert calibrated(rare, DAY, 5).design == calibrated(rare, DAY, 5).design


def test_where_nothing_is_rare_nothing_is_changed() -> None:
    model = model_with("flags f of customer\n  grown when age >= 18\n")
    assert calibrated(model, DAY, 1).design == from_model(model, DAY, 1)


def test_a_case_that_cannot_be_is_given_up() -> None:
    model = model_with(
        "segment s of customer first match\n  never_so when age > 100 and products_used = 0 and vip and never_vip\n"
        "  rest otherwise\nflags n of customer\n  never_vip when not vip\n"
    )
    found = calibrated(model, DAY, 1)
    assert found.shares["customer", "s", "never_so"] == 0
    assert found.design.profiles == ()


def test_all_cases_are_counted(rare: Model) -> None:
    segment = next(
        found for found in rare.definitions if isinstance(found, Segment) and found.name == "corner"
    )
    cases = [case for definition, case in cases_of(rare) if definition is segment]
    assert cases == ["deep", "two_sided", "narrow", "rest"]


def test_influence_is_a_sign_by_fact(rare: Model) -> None:
    plight = next(found for found in rare.definitions if found.name == "plight")
    signs = Influence(rare).of(e.Field(plight.span, plight.type, "customer", "plight"))
    assert signs == {("customer", "age"): -1, ("customer", "income"): -1, ("usage", "satisfaction"): -1}
