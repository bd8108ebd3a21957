"""A policy's tests: what is not given is unknown, and an expectation holds only if it holds whatever that is."""

from datetime import date

import pytest

from lifeseg.interpreter.check_tests import run_tests
from lifeseg.records.population import Population
from tests.model.checking import TODAY, model_of, population

POLICY = """
params
  grown_up = 18
    since 2020-01-01 = 21

indexes i of customer
  level
    1 when vip is missing
    1 when vip
    2 otherwise
  always_one
    1 when age > 18
    1 otherwise
  total = sum(level over usage)
    if missing 0
  recent = count(usage in month 1 ago)
  bonus_share = bonus / 1000 CNY
    if missing 0
  newest = latest(level over usage)
    if missing 9

indexes j of usage
  talk = sum(minutes over call)
    if missing 0
  of_age = level * customer.age

score worth of customer
  if missing 0
  0.5 part
  0.5 bonus_level
  bands
    high from 0.5
    low below

indexes k of customer
  bonus_level = bonus / 1000000 CNY
    if missing 0

flags f of customer
  grown when age > grown_up
  old when age > 60 or bonus is missing
  every_good when every usage: level >= 3
  some_extra when some usage where level >= 2: extra > 3
    if missing no
  talks when some usage: talk > 5
  rich when bonus_share > 5

segment s of customer first match
  senior when age > 50
  adult when age > 20
  young otherwise

segment u of customer
  north when region is north
    if missing no
  elsewhere when region is not north
    if missing no

table t of customer first match
  | age  | vip || t |
  | > 50 | -   || x |
  | > 20 | yes || y |
  | -    | -   || z |

segment w of customer where age > 20
  a when part > 0.5
  b when part <= 0.5
"""

RECORDS = {
    "customer": [
        {"customer_id": "C1", "age": 30, "part": 800_000, "vip": True, "region": "north"},
        {"customer_id": "C2", "age": 60, "part": 200_000},
    ],
    "usage": [
        {"of": 0, "product": "voice", "used_on": date(2013, 5, 1), "level": 4},
        {"of": 0, "product": "data", "used_on": date(2013, 5, 31), "level": 2, "extra": 5},
        {"of": 1, "product": "voice", "used_on": date(2014, 1, 1), "level": 5},
    ],
    "call": [{"of": 0, "minutes": 7}],
}


def outcome(test: str, with_records: bool = True, day: date | None = TODAY) -> list[str]:
    """What came out instead, for each expectation that does not hold."""
    model = model_of(f'{POLICY}\ntest "it"\n{test}\n')
    records: Population | None = population(model, **RECORDS) if with_records else None
    (found,) = run_tests(model, records, day)
    return [failure.found for failure in found.failures]


def given(*lines: str, expect: str) -> str:
    head = ["  today 2013-06-30", "  given customer"]
    return "\n".join([*head, *(f"    {line}" for line in lines), f"  expect {expect}"])


CHILDREN = ("usage", "  | product | used_on    | level | extra   |")


@pytest.mark.parametrize(
    ("lines", "expectation"),
    [
        ((), "always_one = 1"),
        (("age 19",), "grown"),
        (("age 61",), "old"),
        (("bonus missing",), "old"),
        (("age 60",), "s is senior"),
        (("age 60",), "t is x"),
        (("age 10",), "t is z"),
        (("age 10",), "w is missing"),
        (("bonus missing", "part 50%"), "worth is low"),
        (("no usage",), "not every_good and total = 0 and recent = 0 and newest = 9"),
        (("bonus 1000 CNY",), "not rich and bonus is not missing"),
        ((*CHILDREN, "  | data | 2013-05-31 | 1 | 4 |"), "not every_good and not some_extra and recent = 1"),
        ((*CHILDREN, "  | data | 2013-05-31 | 5 | - |"), "every_good and total = 5 and newest = 5"),
        ((*CHILDREN, "  | data | 2013-05-31 | 5 | 4 |", "  | voice | 2013-05-31 | - | - |"), "some_extra"),
        ((*CHILDREN, "  | data | 2013-07-01 | 5 | 4 |"), "total = 0"),  # it does not exist yet
        (("region missing",), "u is not north"),
    ],
)
def test_what_is_given_may_decide(lines: tuple[str, ...], expectation: str) -> None:
    assert outcome(given(*lines, expect=expectation)) == []


@pytest.mark.parametrize(
    ("lines", "expectation"),
    [
        ((), "grown"),
        ((), "bonus is missing"),
        ((), "bonus is not missing"),
        ((), "level = 1"),
        ((), "old"),
        ((), "s is senior"),
        ((), "total = 0"),
        ((), "every_good"),
        ((), "bonus_share = 0"),
        ((), "worth is low"),
        ((), "newest = 9"),
        (("age 25",), "t is y"),
        (("age 30",), "w is a"),
        ((*CHILDREN, "  | data | 2013-05-31 | - | 4 |"), "every_good"),
        ((*CHILDREN, "  | data | 2013-05-31 | - | 4 |"), "some_extra"),
        ((*CHILDREN, "  | data | 2013-05-31 | 5 | - |"), "some_extra"),
        ((*CHILDREN, "  | data | - | 5 | - |"), "recent = 1"),
        ((*CHILDREN, "  | data | - | 5 | - |"), "newest = 5"),
        ((*CHILDREN, "  | data | 2013-05-31 | 5 | - |"), "talks"),  # its own children are not given
        ((*CHILDREN, "  | data | 2013-05-31 | 5 | - |"), "not talks"),
    ],
)
def test_what_is_not_given_is_unknown(lines: tuple[str, ...], expectation: str) -> None:
    assert outcome(given(*lines, expect=expectation)) == ["unknown"]


def test_a_record_may_be_the_start() -> None:
    assert outcome("  given customer C1 with age 60\n  expect s is senior and total = 6 and talks") == []
    assert outcome("  given customer C1 with vip missing\n  expect level = 1") == []
    assert outcome("  given customer C1\n    no usage\n  expect total = 0 and not talks") == []
    assert outcome("  given customer C2\n  expect total = 0") == []  # its product is dated later
    assert outcome("  given customer C3\n  expect total = 0") == ["no such record"]
    assert outcome("  given customer C1\n  expect total = 0", with_records=False) == ["no such record"]


def test_a_child_may_be_the_start_by_its_full_key() -> None:
    assert outcome("  given usage C1.voice\n  expect of_age = 120 and talk = 7") == []
    assert outcome("  given usage C1.voice with level 5\n  expect of_age = 150") == []
    assert outcome("  given usage C2.voice\n  expect of_age = 300") == ["no such record"]


def test_a_described_child_has_an_unknown_parent_and_may_have_children() -> None:
    calls = "  given usage\n    level 3\n    call\n      | minutes |\n      | 4       |\n      | 5       |\n"
    assert outcome(f"{calls}  expect talk = 9") == []
    assert outcome(f"{calls}  expect of_age = 0") == ["unknown"]


def test_without_an_as_of_date_today_is_unknown() -> None:
    person = "  given customer\n    age 22\n  expect "
    assert outcome(person + "grown", day=None) == ["unknown"]
    assert outcome(person + "s is adult", day=None) == []
    assert outcome("  given customer C1\n  expect recent = 2", day=None) == ["unknown"]


def test_cells_of_results_are_as_in_tables() -> None:
    def failures(row: str) -> list[str]:
        heading = "  | customer_id || total | s | worth | w |"
        model = model_of(f'{POLICY}\ntest "it" of customer\n{heading}\n  {row}\n')
        (found,) = run_tests(model, population(model, **RECORDS), TODAY)
        return [failure.found for failure in found.failures]

    assert failures("| C1 || 5..7 | adult, young | low | a, b |") == []
    assert failures("| C1 || > 6 | senior, young | high | b |") == ["6.000000", "adult", "low", "a"]
    assert failures("| C1 || 5 | adult | high, low | b |") == ["6", "a"]
    assert failures("| C1, C2 || >= 0 | - | - | - |") == []


def test_no_case_is_not_missing() -> None:
    table = '\ntest "it" of customer\n  | region  || u       |\n  | missing || missing |\n  | north   || north   |\n'
    (found,) = run_tests(model_of(POLICY + table), None, TODAY)
    assert [failure.found for failure in found.failures] == ["no case"]


def test_statistics_that_only_a_test_asks_for_come_from_the_records() -> None:
    mean = "  expect age > mean(age over all customer)"
    assert outcome("  given customer C2\n" + mean) == []
    assert outcome("  given customer\n    age 60\n" + mean, with_records=False) == ["unknown"]
