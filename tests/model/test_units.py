"""Units multiply, divide and add up only with their like; a bare number is nobody's money and no duration."""

import pytest

from lifeseg.model.types import unit_text
from tests.model.checking import keys, model_of

FACTS = """
policy example
  version 1.0.0

entity customer
  customer_id text key
  bill money CNY 0..1000000
  debt money CNY 0..1000000
  abroad money USD 0..1000000
  part share
  speed number Mbps 1..1000
  age months 0..1000
  late days 0..1000
  joined date
  calls count 1..100

"""


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("bill * part", "CNY"),
        ("bill + debt - 3 CNY", "CNY"),
        ("bill / 1000 CNY", "no unit"),
        ("bill / speed", "CNY/Mbps"),
        ("bill * bill / 1 CNY", "CNY"),
        ("bill * bill", "CNY²"),
        ("bill / 12 months", "CNY/month"),
        ("(bill / 12 months) * 2 years", "CNY"),
        ("speed + 3", "Mbps"),
        ("3 * 5 * speed", "Mbps"),
        ("least(speed, 5)", "Mbps"),
        ("age + 1 year", "month"),
        ("late + 2 weeks", "day"),
        ("today - joined", "day"),
        ("months_between(today, joined)", "month"),
        ("calls / 3", "no unit"),
        ("mean(bill over all customer) * part", "CNY"),
        ("power(bill, 1)", "CNY"),
    ],
)
def test_the_unit_of_a_formula(formula: str, unit: str) -> None:
    range_line = "    range -1000000..1000000\n    if missing 0\n"
    (index,) = model_of(f"indexes i of customer\n  x = {formula}\n{range_line}", FACTS).definitions
    assert unit_text(index.type.unit) == unit


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("bill > 3", "unit-mismatch.bare"),
        ("bill + 3 > debt", "unit-mismatch.bare"),
        ("bill * 2 > 3 * 4", "unit-mismatch.bare"),
        ("bill > abroad", "mixed-currencies"),
        ("bill * abroad > bill * bill", "mixed-currencies"),
        ("bill * bill > bill", "unit-mismatch"),
        ("age > late", "unit-mismatch.duration"),
        ("age > 3", "unit-mismatch.bare"),
        ("speed > part", "unit-mismatch"),
        ("joined + 3 > today", "unit-mismatch.date"),
        ("joined + speed > today", "unit-mismatch.date"),
        ("square_root(bill) > 3", "unit-mismatch.plain"),
        ("power(bill, 2) > bill * bill", "unit-mismatch.power"),
        ("speed > 3 Mbit", "unknown-name.unit"),
    ],
)
def test_what_does_not_go_together(condition: str, expected: str) -> None:
    assert keys(f"flags f of customer\n  a when {condition}\n", head=FACTS) == [expected]


@pytest.mark.parametrize(
    "condition",
    [
        "bill > 3 CNY",
        "3 CNY < bill",
        "bill > 3 CNY * 2",
        "speed > 3",
        "speed > 3 Mbps",
        "age >= 1 year",
        "part > 30%",
        "part > 0.3",
        "bill / debt > 2",
        "joined + 1 month - 3 days < today",
        "today - joined > 30 days",
        "bill > limit",
        "speed > factor",
    ],
)
def test_what_goes_together(condition: str) -> None:
    params = "params\n  limit = 30 CNY\n  factor = 3\n"
    found = keys(f"{params}flags f of customer\n  a when {condition}\n    if missing no\n", head=FACTS)
    assert set(found) <= {"useless-if-missing"}
