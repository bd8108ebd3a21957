"""Results fit 64 bits and what is met on the way 38 digits, whatever the facts are, or the policy is refused."""

import pytest

from tests.model.checking import keys, results

WIDE = """
policy example
  version 1.0.0

entity customer
  customer_id text key
  wide number 0..9000000000000000
  fine number 0..1 step 0.000000001
  tiny number 0.000000001..1 step 0.000000001

entity row of customer
  row_id text key
  wide number 0..9000000000000000000

"""


def index(formula: str, *lines: str) -> str:
    return "\n  ".join(["indexes i of customer", f"x = {formula}", *(f"  {line}" for line in lines)]) + "\n"


@pytest.mark.parametrize(
    "formula",
    [
        "wide * wide * wide",
        "wide / tiny / tiny / tiny",
        "power(wide, 3)",
        "power(fine + 9, 600)",
        "sum(wide over row) * 1000000000000",
        "mean(wide over row)",
        "deviation(wide over row)",
        "deviation(wide over all customer)",
        "quantile(wide * 10000000000, 50% over all customer)",
        "square_root(wide)",
        "logistic(wide * wide)",
        "least(wide * wide, 0.00000000000000001)",
        "greatest(wide * wide - wide * wide, 0.1) - 0.000000000000001",
    ],
)
def test_what_could_grow_too_large_on_the_way_is_refused(formula: str) -> None:
    text = index(formula, "range 0..1", "if missing 0")
    assert "out-of-64-bits.intermediate" in keys(text, head=WIDE)


def test_steps_at_different_scales_must_fit_the_finer_one() -> None:
    steps = "x\n    wide * wide when fine > 0.5\n    fine * fine * fine otherwise\n    range 0..1\n"
    assert keys(f"indexes i of customer\n  {steps}", head=WIDE) == ["out-of-64-bits.intermediate"]


def test_a_result_must_fit_64_bits() -> None:
    assert keys(index("wide * 1000000"), head=WIDE) == ["out-of-64-bits"]
    assert keys(index("wide * 1000000", "range 0..1000"), head=WIDE) == []


def test_a_sum_fits_if_the_population_is_known_to_be_small() -> None:
    text = index("sum(wide over row) / 1000000000000", "range 0..1", "if missing 0")
    small = WIDE.replace("1.0.0\n", "1.0.0\n  population at most 1000\n", 1)
    assert keys(text, head=WIDE) == ["out-of-64-bits.intermediate"]
    assert keys(text, head=small) == []


@pytest.mark.parametrize(
    ("formula", "needed"),
    [
        ("1 / power(tiny, 4)", True),  # 0.000000001 to the fourth is 0 at twelve decimals
        ("1 / (tiny / 1000)", False),  # 0.000000000001 is not
        ("1 / (tiny / 10000)", True),
        ("ln(power(tiny, 2))", True),
        ("ln(tiny)", False),
        ("ln(tiny * tiny * tiny)", True),
        ("1 / round(tiny, 2)", True),
        ("1 / round(tiny + 1, 2)", False),
    ],
)
def test_what_rounds_to_zero_may_be_zero(formula: str, needed: bool) -> None:
    found = keys(index(formula, "range -1000..1000"), head=WIDE)
    assert any(key.startswith("missing-not-handled") for key in found) == needed


@pytest.mark.parametrize("formula", ["fine / 3", "fine / (1 + 2)", "fine / divisor"])
def test_what_does_not_vary_may_divide_without_a_range(formula: str) -> None:
    assert keys("params\n  divisor = 3\n    since 2014-01-01 = 4\n" + index(formula), head=WIDE) == []


def test_what_varies_needs_a_range() -> None:
    assert keys(index("1 / tiny"), head=WIDE) == ["range-needed"]
    assert keys(index("max(1 / (wide + 1) over row)", "if missing 0"), head=WIDE) == ["range-needed"]


def test_literals_keep_all_their_digits() -> None:
    text = "flags f of customer\n  a when part >= 0.3000000000000000000000000000001\n  b when part >= 0.3\n"
    found = results(text, customer=[{"customer_id": "C1", "age": 1, "part": 300_000}])
    assert found.column("customer", "a") == [False]
    assert found.column("customer", "b") == [True]


def test_if_missing_may_name_a_value_that_the_formula_never_takes() -> None:
    text = "indexes i of customer\n  x = 1 + bonus / 1000000 CNY\n{}    if missing 0\n"
    flags = "flags f of customer\n  a when x > 0\n"
    assert keys(text.format("") + flags) == []
    assert keys(text.format("    range 1..2\n") + flags) == ["out-of-range.literal"]
