"""What may be missing is said where it can be, and is known where a condition says so."""

import pytest

from tests.model.checking import keys

NARROWED = [
    "bonus is missing or bonus > 3 CNY",
    "bonus > 3 CNY or bonus is missing",
    "bonus is not missing and bonus > 3 CNY",
    "bonus > 3 CNY and bonus is not missing",
    "not (bonus is missing) and bonus > 3 CNY",
    "not (bonus is missing or bonus <= 3 CNY)",
    "bonus is not missing and joined is not missing and (bonus > 3 CNY or joined < today)",
    "(bonus is missing or joined is missing) or bonus > 3 CNY",
    "bonus + 1 CNY is not missing and bonus > 3 CNY",
    "vip is missing or vip",
    "region is not missing and region is north",
    "max(level over usage) is missing or max(level over usage) > 3",
    "some usage where extra is not missing: extra > 3",
    "every usage where extra > 3 and extra is not missing: level > extra",
    "count(usage where extra is not missing and extra > 3) > 1",
    "bonus is not missing and (some usage: level * 1 CNY > customer.bonus)",
    "sum(extra over usage where extra is not missing) is missing",
]
OPEN = [
    "bonus > 3 CNY",
    "bonus is missing and bonus > 3 CNY",
    "bonus is not missing or bonus > 3 CNY",
    "not (bonus is missing and bonus <= 3 CNY)",
    "joined is not missing and bonus > 3 CNY",
    "(bonus is missing or age > 3) and bonus > 3 CNY",
    "bonus is missing or joined > today",
    "max(level over usage) > 3",
    "some usage: extra > 3",
    "joined is not missing and (some usage: level * 1 CNY > customer.bonus)",
    "age / age > 3",
    "part / (age - 3) > 0.5",
]


@pytest.mark.parametrize("condition", NARROWED)
def test_a_condition_that_asks_first_needs_no_answer(condition: str) -> None:
    assert keys(f"flags f of customer\n  a when {condition}\n") == []


@pytest.mark.parametrize("condition", OPEN)
def test_a_condition_that_may_stay_unknown_needs_one(condition: str) -> None:
    (key, *_) = keys(f"flags f of customer\n  a when {condition}\n")
    assert key.startswith("missing-not-handled")
    assert keys(f"flags f of customer\n  a when {condition}\n    if missing no\n") == []


@pytest.mark.parametrize(
    "amount",
    [
        "count(usage where extra > 3)",
        "sum(level over usage where extra > 3)",
        "share(usage where extra > 3)",
        "count(all customer where bonus > 3 CNY)",
        "mean(age over all customer where vip)",
        "share(all customer where region is north)",
    ],
)
def test_who_counts_is_never_unknown(amount: str) -> None:
    text = f"indexes i of customer\n  x = {amount}\n    if missing 0\n"
    assert "missing-not-handled.condition" in keys(text)


@pytest.mark.parametrize("quantifier", ["some", "every", "no"])
def test_a_quantifier_is_never_about_who_may_not_count(quantifier: str) -> None:
    text = f"flags f of customer\n  a when {quantifier} usage where extra > 3: level > 2\n    if missing no\n"
    assert "missing-not-handled.condition" in keys(text)


def test_missing_values_are_passed_over_on_purpose() -> None:
    text = "indexes i of customer\n  x = sum({}extra over usage)\n    if missing 0\n"
    assert keys(text.format("")) == ["missing-not-handled.known"]
    assert keys(text.format("known ")) == []


def test_a_statistic_of_other_records_may_be_of_nobody() -> None:
    text = "flags f of {}\n  a when mean(level over all usage) > 3\n"
    assert keys(text.format("customer")) == ["missing-not-handled.population"]
    assert keys(text.format("call")) == []  # who has a call has a usage


def test_a_case_whose_unknown_means_no_tells_nothing_of_the_next() -> None:
    cases = (
        "segment s of customer first match\n  a when bonus > 5 CNY\n{}  b when bonus > 3 CNY\n  c otherwise\n"
    )
    assert keys(cases.format("    if missing no\n")) == ["missing-not-handled"]
    assert keys(cases.format("    if missing yes\n")) == []


def test_an_earlier_case_narrows() -> None:
    cases = "segment s of customer{}\n  a when bonus is missing\n  b when bonus > 3 CNY\n  c otherwise\n"
    assert keys(cases.format(" first match")) == []
    assert keys(cases.format("")) == ["missing-not-handled"]


def test_a_where_narrows() -> None:
    cases = (
        "segment s of customer where bonus is not missing\n  a when bonus > 3 CNY\n  b when bonus <= 3 CNY\n"
    )
    assert keys(cases) == []


def test_earlier_steps_narrow() -> None:
    steps = "indexes i of customer\n  x\n    0 when bonus is missing{}\n    1 when joined < today\n    2 otherwise\n"
    assert keys(steps.format(" or joined is missing")) == []
    assert keys(steps.format("")) == ["missing-not-handled"]


def test_reweighting_needs_a_part_that_counts_and_is_never_missing() -> None:
    score = "score s of usage\n  if missing reweight\n  {} level\n  {} extra\n"
    assert keys(score.format(0.5, 0.5)) == []
    assert keys(score.format(0, 1)) == ["missing-not-handled.all", "weight-not-positive"]


def test_asking_whether_something_is_missing_that_never_is_says_nothing() -> None:
    assert keys("flags f of customer\n  a when age is missing\n") == ["never-missing.value"]
