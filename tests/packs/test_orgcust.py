"""The pack orgcust on its example gives what the source published: Tables 6 and 7 to four decimals, 8 and 9 cell by cell."""

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from lifeseg.functions.exact import to_text
from lifeseg.interpreter.check_tests import run_tests
from lifeseg.interpreter.results import Results
from lifeseg.pipeline.stages import check, evaluate, load
from lifeseg.records.population import Population
from lifeseg.records.source import Source

TOP = Path(__file__).resolve().parents[2]
AS_OF = date(2013, 6, 30)

TABLE_6 = {"C1": "0.7879", "C2": "0.4917", "C3": "0.3998", "C4": "0.5594", "C5": "0.2210", "C20": "0.3375"}
TABLE_7 = {"C1": "0.7546", "C4": "0.5929", "C7": "0.7771", "C9": "0.7065", "C10": "0.3943", "C12": "0.6120"}

EVERYBODY = set(range(1, 21))
TABLE_8 = {
    ("contract_type", "maintenance"): {1, 7, 13},
    ("contract_type", "relationship_building"): {3, 5, 6, 8, 14, 15},
    ("contract_type", "business_promotion"): {2, 4, 9, 10, 11, 12},
    ("conversion_type", "stabilization"): {17, 18},
    ("conversion_type", "warning"): {19},
    ("conversion_type", "detainment"): {16, 20},
    ("strategy", "product_promotion"): EVERYBODY,
    ("strategy", "relationship_ascension"): {3, 5, 6, 8, 14, 15, 19},
    # The published cell leaves C16 out, although the text sends detainment customers there: the rule follows the text.
    ("strategy", "business_analysis"): {2, 4, 9, 10, 11, 12, 20} | {16},
}
TABLE_9 = {"A": {9, 12}, "B": {6, 10, 17}, "C": {1, 2, 3, 4, 5, 7, 8, 11, 13, 14, 15, 16, 18, 19, 20}}


@cache
def example() -> tuple[Results, Population]:
    model = check(TOP / "rules/orgcust").good()
    folder = TOP / "examples/orgcust"
    sources = {"customer": Source(folder / "customers.csv"), "usage": Source(folder / "usage.csv")}
    population, _ = load(model, sources)
    return evaluate(model, population, AS_OF), population


def value(entity: str, key: tuple[str, ...], name: str) -> object:
    results, _ = example()
    index = results.index(entity, key)
    assert index is not None
    return results.value(entity, index, name)


def published(name: str, case: str) -> set[int]:
    """The numbers of the published customers that a definition puts into a case."""
    found = {number: value("customer", (f"C{number}",), name) for number in EVERYBODY}
    return {n for n, got in found.items() if got == case or (isinstance(got, tuple) and case in got)}


def four_decimals(entity: str, key: tuple[str, ...], name: str) -> str:
    results, _ = example()
    scale = next(found.type.scale for found in results.model.of(entity) if found.name == name)
    held = value(entity, key, name)
    assert isinstance(held, int)
    return to_text(held, scale, 4)


@pytest.mark.parametrize(("customer", "stability"), TABLE_6.items())
def test_table_6(customer: str, stability: str) -> None:
    assert four_decimals("customer", (customer,), "relationship_stability") == stability


@pytest.mark.parametrize(("customer", "stability"), TABLE_7.items())
def test_table_7(customer: str, stability: str) -> None:
    assert four_decimals("usage", (customer, "ict"), "product_stability") == stability


@pytest.mark.parametrize(("cell", "customers"), TABLE_8.items())
def test_table_8(cell: tuple[str, str], customers: set[int]) -> None:
    assert published(*cell) == customers


@pytest.mark.parametrize(("level", "customers"), TABLE_9.items())
def test_table_9(level: str, customers: set[int]) -> None:
    assert published("value_level", level) == customers


def test_the_levels_of_all_150_are_one_to_two_to_seven() -> None:
    results, _ = example()
    assert Counter(results.column("customer", "value_level")) == {"A": 15, "B": 30, "C": 105}


def test_nobody_is_in_development_without_history() -> None:
    results, _ = example()
    stages = Counter(results.column("customer", "stage"))
    assert stages["development"] == 0
    assert stages["identification"] > 0


def test_nothing_is_found_about_the_data_or_the_claims() -> None:
    results, _ = example()
    assert results.findings == ()


def test_the_policys_own_tests_pass() -> None:
    results, population = example()
    outcomes = run_tests(results.model, population, AS_OF)
    assert outcomes
    assert [outcome.title for outcome in outcomes if outcome.failures] == []
