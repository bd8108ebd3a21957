"""Dates, periods, children, scores, bands and ranks at their edges."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.interpreter.tracer import Tracer
from tests.model.checking import TODAY, results

ONE = {"customer_id": "C1", "age": 30, "part": 500_000}


# ---- Days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date.min, date(1, 1, 31), date(2013, 6, 30), date(9999, 12, 1), date.max])
@pytest.mark.parametrize("joined", [date.min, date(2013, 6, 30), date.max])
def test_days_beyond_the_calendar_are_its_ends(day: date, joined: date) -> None:
    text = """flags f of customer
  later when joined + 240000 months >= joined + 1 day and today + 400000 weeks >= today
    if missing no
  earlier when joined - 240000 months <= joined - 1 day and today - 400000 weeks <= today
    if missing no
indexes i of customer
  in_days = count(usage in days 0..1200 ago)
  in_years = count(usage in years 0..1200 ago)
  in_month = count(usage in month 0 ago)
  in_past = count(usage in weeks 1100..1200 ago)
"""
    usage = [{"product": "voice", "used_on": day, "level": 1}]
    found = results(text, day, customer=[{**ONE, "joined": joined}], usage=usage)
    assert found.column("customer", "later") == [True]
    assert found.column("customer", "earlier") == [True]
    for name in ("in_days", "in_years", "in_month"):
        assert found.column("customer", name) == [1_000_000]
    assert found.column("customer", "in_past") == [0]


@pytest.mark.parametrize(
    ("inside", "outside", "ago"),
    [
        (date(2013, 6, 1), date(2013, 5, 31), "month 0"),
        (date(2013, 5, 31), date(2013, 6, 1), "month 1"),
        (date(2013, 5, 1), date(2013, 4, 30), "month 1"),
        (date(2013, 4, 30), date(2013, 5, 1), "months 2..4"),
        (date(2013, 2, 1), date(2013, 1, 31), "months 2..4"),
        (date(2012, 12, 31), date(2013, 1, 1), "year 1"),
        (date(2013, 3, 31), date(2013, 4, 1), "quarter 1"),
        (date(2013, 6, 23), date(2013, 6, 24), "week 1"),  # the 30th is a Sunday
    ],
)
def test_periods_hold_whole_calendar_units(inside: date, outside: date, ago: str) -> None:
    text = f"indexes i of customer\n  x = count(usage in {ago} ago)\n"
    for day, expected in ((inside, 1_000_000), (outside, 0)):
        usage = [{"product": "voice", "used_on": day, "level": 1}]
        assert results(text, customer=[ONE], usage=usage).column("customer", "x") == [expected]


def test_a_dated_parameter_counts_from_its_day_on() -> None:
    text = "params\n  cut = 20\n    since 2013-06-30 = 40\nflags f of customer\n  a when age > cut\n"
    assert results(text, date(2013, 6, 29), customer=[ONE]).column("customer", "a") == [True]
    assert results(text, date(2013, 6, 30), customer=[ONE]).column("customer", "a") == [False]


def test_rows_dated_later_do_not_exist_nor_what_belongs_to_them() -> None:
    text = """indexes i of customer
  uses = count(usage)
  talks = sum(talk over usage)
    range 0..1000
    if missing 0
indexes j of usage
  talk = sum(minutes over call)
    range 0..1000
    if missing 0
indexes k of call
  own = minutes / 100 + usage.level * customer.age
"""
    usage = [
        {"product": "voice", "used_on": TODAY, "level": 1},
        {"product": "data", "used_on": date(2013, 7, 1), "level": 1},
    ]
    calls = [{"of": 0, "minutes": 3}, {"of": 1, "minutes": 5}]
    found = results(text, customer=[ONE], usage=usage, call=calls)
    assert found.column("customer", "uses") == [1_000_000]
    assert found.column("customer", "talks") == [3_000_000]
    assert found.column("call", "own") == [30_030_000]


def test_latest_is_of_the_latest_day_then_the_greatest_key() -> None:
    text = "indexes i of customer\n  x = latest(level over usage)\n    if missing 0\n"
    usage = [
        {"product": "voice", "used_on": TODAY, "level": 1},
        {"product": "mobile", "used_on": TODAY, "level": 5},
        {"product": "data", "used_on": date(2013, 6, 29), "level": 4},
    ]
    assert results(text, customer=[ONE], usage=usage).column("customer", "x") == [1_000_000]
    assert results(text, customer=[ONE], usage=usage[::-1]).column("customer", "x") == [1_000_000]


# ---- Numbers -------------------------------------------------------------------------------------


def test_an_index_is_rounded_to_twelve_decimals_and_then_to_its_own() -> None:
    text = """indexes i of customer
  once = age * 0.00000001666666666
  twice = (age * 0.0000004999999999995) / 30
  negative = -(age / 60)
    decimals 0
"""
    found = results(text, customer=[ONE])
    assert found.column("customer", "once") == [0]  # 0.0000004999999998 is never made longer
    assert found.column("customer", "twice") == [1]  # 0.0000004999999999995 is 0.0000005 at twelve decimals
    assert found.column("customer", "negative") == [-1]


def test_outside_its_range_an_index_is_capped() -> None:
    text = "indexes i of customer\n  x = (age - 50) / part\n    range -10..10\n    if missing 7\n"
    given = [(0, 500_000), (45, 500_000), (100, 1), (50, 0)]
    people = [{**ONE, "customer_id": f"C{n}", "age": a, "part": b} for n, (a, b) in enumerate(given)]
    expected = [-10_000_000, -10_000_000, 10_000_000, 7_000_000]
    assert results(text, customer=people).column("customer", "x") == expected


# ---- Scores --------------------------------------------------------------------------------------

SCORE = """indexes i of customer
  old = age / 120
  rich = bonus / 1000000 CNY
    if missing 0
score worth of customer
  0.6 first
    0.5 inner
      0.25 part
      0.75 old
    0.5 rich
  0.4 part_again
  bands
    high from {}
    low below
indexes j of customer
  part_again = part
"""


def test_weights_of_groups_multiply() -> None:
    found = results(SCORE.format("0.5"), customer=[{**ONE, "bonus": 25_000_000}])
    exact = Fraction(3, 10) * (Fraction(1, 4) * Fraction(1, 2) + Fraction(3, 4) * Fraction(1, 4))
    exact += Fraction(3, 10) * Fraction(1, 4) + Fraction(4, 10) * Fraction(1, 2)
    (value,) = found.column("customer", "worth")
    (kind,) = [one.type for one in found.model.definitions if one.name == "worth"]
    assert isinstance(value, int)
    assert Fraction(value, 10**kind.scale) == exact == Fraction("0.36875")
    assert (kind.low, kind.high) == (0, 1)


@pytest.mark.parametrize(
    ("threshold", "band", "distance"),
    [
        ("0.36875", "high", "0"),
        ("0.3687500000000001", "low", "-0.0000000000000001"),
        ("0.3", "high", "0.06875"),
    ],
)
def test_a_tie_is_a_tie_however_fine_the_threshold(threshold: str, band: str, distance: str) -> None:
    found = results(SCORE.format(threshold), customer=[{**ONE, "bonus": 25_000_000}])
    assert found.column("customer", "worth_band") == [band]
    traced = Tracer(found).trace("customer", 0)
    (score,) = [one for one in traced.record.definitions if one.name == "worth"]
    assert score.thresholds[0].distance == distance


@pytest.mark.parametrize(
    ("extra", "expected"), [(None, Fraction("3")), (5, Fraction("0.6") * 3 + Fraction("0.4") * 5)]
)
def test_what_is_missing_is_reweighted(extra: int | None, expected: Fraction) -> None:
    text = "score worth of usage\n  if missing reweight\n  0.6 level\n  0.4 extra\n"
    usage = [{"product": "voice", "used_on": TODAY, "level": 3, "extra": extra}]
    found = results(text, customer=[ONE], usage=usage)
    assert found.column("usage", "worth") == [expected * 10**12]


# ---- Cases ---------------------------------------------------------------------------------------


def test_outside_its_where_there_is_no_case() -> None:
    text = """segment s of customer where age > 50
  a when part > 0.9
  b when part <= 0.9
flags f of customer
  is_a when s is a
  is_not_a when s is not a
  nothing when s is missing
  none_of when s is not one of a, b
"""
    found = results(text, customer=[ONE])
    answers = {name: found.column("customer", name) for name in ("is_a", "is_not_a", "nothing", "none_of")}
    assert answers == {"is_a": [False], "is_not_a": [True], "nothing": [True], "none_of": [True]}


def test_every_never_holds_of_nothing() -> None:
    text = """flags f of customer
  every_one when every usage: level > 1
  no_other when no usage: level <= 1
  of_none when every usage where level > 4: level > 1
  some_one when some usage: level > 1
"""
    found = results(text, customer=[ONE])
    names = ("every_one", "no_other", "of_none", "some_one")
    assert [found.column("customer", name) for name in names] == [[False], [True], [False], [False]]


def test_no_case_is_a_trouble_of_that_record_under_first_match_too() -> None:
    text = """segment s of customer first match
  a when age > 50
  b when age > 40
table t of customer first match
  | age  || t |
  | > 50 || a |
segment s of usage
  a when level > 3
  b when customer.age > 20
"""
    usage = [{"product": "voice", "used_on": TODAY, "level": 5}]
    found = results(text, customer=[ONE], usage=usage)
    troubles = [(one.kind, one.entity, one.definition, one.index, one.cases) for one in found.findings]
    assert sorted(troubles) == [
        ("no-case", "customer", "s", 0, ()),
        ("no-case", "customer", "t", 0, ()),
        ("several-cases", "usage", "s", 0, ("a", "b")),
    ]
    assert found.column("customer", "s") == [None]


# ---- Ranks ---------------------------------------------------------------------------------------


def ranked(ages: list[int], shares: tuple[int, int], where: str = "") -> list[object]:
    text = f"rank r of customer by age{where}\n  a top {shares[0]}%\n  b next {shares[1]}%\n  c rest\n"
    people = [{**ONE, "customer_id": f"C{n}", "age": age} for n, age in enumerate(ages)]
    return list(results(text, customer=people).column("customer", "r"))


@given(
    st.lists(st.integers(0, 8), min_size=1, max_size=25),
    st.tuples(st.integers(1, 49), st.integers(1, 49)),
)
def test_ranks_are_by_the_kth_largest_and_ties_join_the_better_class(
    ages: list[int], shares: tuple[int, int]
) -> None:
    ordered = sorted(ages, reverse=True)
    cuts = []
    for cumulative in (shares[0], shares[0] + shares[1]):
        place = int(Fraction(len(ages) * cumulative, 100) + Fraction(1, 2))
        cuts.append(ordered[place - 1] if place else 1_000)
    expected = ["a" if age >= cuts[0] else "b" if age >= cuts[1] else "c" for age in ages]
    assert ranked(ages, shares) == expected


def test_an_empty_class_and_a_rank_of_some() -> None:
    assert ranked([5], (10, 20)) == ["c"]
    assert ranked([5, 5, 5], (30, 10)) == ["a", "a", "a"]
    assert ranked([9, 8, 7, 6, 5, 1], (20, 20), " where age > 3") == ["a", "b", "c", "c", "c", None]


# ---- Statistics ----------------------------------------------------------------------------------


def test_a_statistic_may_be_of_what_other_statistics_gave() -> None:
    text = """indexes i of customer
  relative = age / mean(age over all customer)
    range 0..10
    if missing 0
  spread = deviation(relative over all customer)
  place
    1 when relative > mean(relative over all customer) + spread
    0 otherwise
rank r of customer by relative
  top_one top 25%
  others rest
indexes j of customer
  tops = count(all customer where r is top_one)
"""
    people = [{**ONE, "customer_id": f"C{n}", "age": age} for n, age in enumerate((10, 10, 20, 40))]
    found = results(text, customer=people)
    assert found.column("customer", "relative") == [500_000, 500_000, 1_000_000, 2_000_000]
    assert found.column("customer", "spread") == [612_372] * 4  # the root of 0.375
    assert found.column("customer", "place") == [0, 0, 0, 1_000_000]
    assert found.column("customer", "r") == ["others", "others", "others", "top_one"]
    assert found.column("customer", "tops") == [1_000_000] * 4
    levels = {one.key: one.level for one in found.model.statistics}
    assert levels["mean(age over all customer)"] == 0
    assert levels["mean(relative over all customer)"] == 1
    assert levels["count(all customer where r is top_one)"] == 2


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5)),
        ((1, 1, 1, 1, 5), (4, 4, 4, 4, 5)),
        ((1, 5, 5, 5, 5), (1, 5, 5, 5, 5)),
        ((3, 3, 3, 3, 3), (5, 5, 5, 5, 5)),
        ((1, 9), (2, 4)),
    ],
)
def test_ties_join_the_upper_group(ages: tuple[int, ...], expected: tuple[int, ...]) -> None:
    text = """indexes i of customer
  fifth = quantile_group(age, 5 over all customer)
  percent = percentile_rank(age over all customer)
"""
    people = [{**ONE, "customer_id": f"C{n}", "age": age} for n, age in enumerate(ages)]
    found = results(text, customer=people)
    assert found.column("customer", "fifth") == [group * 1_000_000 for group in expected]
    percent = [value for value in found.column("customer", "percent") if isinstance(value, int)]
    assert max(percent) <= 990_000
    assert sorted(percent) == [value for _, value in sorted(zip(ages, percent, strict=True))]


def test_quantifiers_and_aggregates_of_children_of_children() -> None:
    text = """flags f of customer
  chatty when some usage: some call: minutes > 50
  calm when every usage: no call: minutes > 50
  silent when some usage: count(call) = 0
indexes i of customer
  calls = sum(count(call) over usage)
    range 0..1000
    if missing 0
flags g of call
  of_the_old when minutes > 3 and usage.level > 2 and customer.age > 20
"""
    usage = [
        {"product": "voice", "used_on": TODAY, "level": 3},
        {"product": "data", "used_on": TODAY, "level": 1},
    ]
    found = results(text, customer=[ONE], usage=usage, call=[{"minutes": 60}, {"minutes": 3}])
    names = ("chatty", "calm", "silent")
    assert [found.column("customer", name) for name in names] == [[True], [False], [True]]
    assert found.column("customer", "calls") == [2_000_000]
    assert found.column("call", "of_the_old") == [True, False]
    assert found.keys("call") == [("C1", "voice", "1"), ("C1", "voice", "2")]
    assert [found.key("call", row) for row in found.rows["call"]] == found.keys("call")
