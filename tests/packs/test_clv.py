"""The pack clv: lifetime values by every formula of the seeds, against published results and against fractions."""

import json
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest

import lifeseg
from tests.docs.recorded import ROOT

PACK = "clv"
FOLDER = ROOT / "examples" / PACK
PUBLISHED = ROOT.parent / "shared" / "data" / "clv_examples.json"
AS_OF = "2013-06-30"

FILES = {
    "customer": "customers",
    "typical_segment": "typical_segments",
    "cohort": "cohorts",
    "cohort_year": "cohort_years",
    "buyer": "buyers",
    "member": "members",
    "trial": "trials",
}
MATRIX = [["0.70", "0.20", "0.10"], ["0.20", "0.60", "0.20"], ["0.10", "0.30", "0.60"]]
STATES = ("M1", "M2", "M3", "M4")


@cache
def policy() -> lifeseg.Policy:
    return lifeseg.load(ROOT / "rules" / PACK)


@cache
def results() -> lifeseg.Results:
    return policy().run({name: FOLDER / f"{file}.csv" for name, file in FILES.items()}, as_of=AS_OF)


def value(entity: str, key: str, name: str) -> Decimal:
    place = results().index(entity, key)
    assert place is not None
    found = results().record(entity, place)[name]
    assert isinstance(found, Decimal | int)
    return Decimal(found)


@cache
def published() -> dict[str, dict[str, object]]:
    """Worked examples that others published, by their name."""
    if not PUBLISHED.exists():
        return {}
    return {each["id"]: each for each in json.loads(PUBLISHED.read_text(encoding="utf-8"))["examples"]}


def test_the_annuity_is_248_69() -> None:
    exact = 100 * (1 - 1 / Fraction(11, 10) ** 3) / Fraction(1, 10)
    assert round(float(exact), 2) == 248.69
    assert value("customer", "L1", "loyal_value") == Decimal("248.69")


def test_with_a_retention_of_1_both_formulas_agree() -> None:
    assert value("customer", "L1", "lifetime_value") == value("customer", "L1", "loyal_value")


def test_retention_is_the_sum_year_by_year() -> None:
    kept = Fraction(8, 10) / Fraction(11, 10)
    exact = 100 * (kept + kept**2 + kept**3)
    assert value("customer", "L2", "lifetime_value") == Decimal(round(float(exact), 2)).quantize(
        Decimal("0.01")
    )


def test_the_cohort_is_worth_66_08_after_three_years_and_loses_12_in_the_first() -> None:
    assert value("cohort", "published", "value_1") == -12
    assert value("cohort", "published", "value_3") == Decimal("66.08")


def test_brand_shares_are_the_start_times_powers_of_the_matrix() -> None:
    shares = [Fraction("0.6"), Fraction("0.3"), Fraction("0.1")]
    matrix = [[Fraction(cell) for cell in row] for row in MATRIX]
    for period in (1, 2, 3):
        shares = [sum((shares[i] * matrix[i][j] for i in range(3)), Fraction(0)) for j in range(3)]
        assert (
            value("buyer", "B1", f"a_after_{period}") == Decimal(shares[0].numerator) / shares[0].denominator
        )
    assert [float(value("buyer", "B1", f"{brand}_after_3")) for brand in "abc"] == [float(s) for s in shares]


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        ("value_for_ever", "published_infinite_horizon", ("231.08", "57.29", "21.01", "0.00")),
        ("value_of_mailing", "published_horizon_4_periods", ("49.40", "2.69", "-1.98", "0.00")),
    ],
)
def test_migration_gives_the_published_values(name: str, column: str, expected: tuple[str, ...]) -> None:
    found = [value("member", state, name) for state in STATES]
    assert [each.quantize(Decimal("0.01")) for each in found] == [Decimal(each) for each in expected]
    for example in published().values():
        if column in example:
            recomputed = example["recomputed"][column.removeprefix("published_")]  # type: ignore[index]
            assert [float(each) for each in found] == pytest.approx(recomputed, abs=1e-6)


def multiples() -> dict[tuple[str, str], float]:
    """Retention / (1 + discount - retention), by retention and discount."""
    rates = [(r, d) for r in ("0.60", "0.70", "0.80", "0.90") for d in ("0.10", "0.12", "0.14", "0.16")]
    return {(r, d): round(float(Fraction(r) / (1 + Fraction(d) - Fraction(r))), 4) for r, d in rates}


def test_the_multiples_are_the_tabled_ones() -> None:
    assert multiples()["0.80", "0.10"] == 2.6667
    for example in published().values():
        for retention, row in example.get("multiple_by_retention_then_discount", {}).items():  # type: ignore[attr-defined]
            assert {
                (retention, discount): each for discount, each in row.items()
            }.items() <= multiples().items()


@pytest.mark.parametrize(("rates", "multiple"), multiples().items())
def test_the_margin_multiple(rates: tuple[str, str], multiple: float) -> None:
    retention, discount = rates
    facts = {
        "segment_name": "X",
        "customers": 1,
        "profit": 1,
        "purchase_rate": 1,
        "kept_rate": retention,
        "discount": discount,
        "periods": 600,
    }
    found = policy().evaluate(facts, AS_OF, entity="typical_segment", baseline=results().baseline)
    assert round(float(found["for_ever"]), 4) == multiple
    assert round(float(found["sum_of_steps"]), 4) == multiple  # six hundred periods are as good as for ever


def test_nothing_is_found() -> None:
    assert results().findings == ()
