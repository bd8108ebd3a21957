"""Numbers as people read them."""

import pytest

from lifeseg.explain.amounts import apart, rounded, shown, sign, with_unit
from lifeseg.explain.catalogue import catalogue
from tests.explain import made


@pytest.mark.parametrize(
    ("value", "limit", "distance", "decimals", "result"),
    [
        ("0.421", "0.54", "-0.119", 4, ("0.4210", "0.5400", "0.1190")),
        ("0.479996", "0.48", "-0.000004", 4, ("0.479996", "0.48", "0.000004")),
        ("0.48", "0.48", "0", 4, ("0.4800", "0.4800", "0.0000")),
        ("7.50", "10", "-2.50", None, ("7.5", "10", "2.5")),
        ("•••", "10", "•••", 4, ("•••", "10.0000", "•••")),
    ],
)
def test_apart(value: str, limit: str, distance: str, decimals: int | None, result: tuple[str, ...]) -> None:
    assert apart(value, limit, distance, decimals) == result


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        ("1", "month", "1 month", "1 个月"),
        ("5", "month", "5 months", "5 个月"),
        ("0", "day", "0 days", "0 天"),
        ("1200000", "CNY", "1,200,000 CNY", "1,200,000 元"),
        ("9999.5", "CNY", "9999.5 CNY", "9999.5 元"),
        ("-25000", "USD", "-25,000 USD", "-25,000 USD"),
        ("8", "Mbps", "8 Mbps", "8 Mbps"),
        ("0.4", None, "0.4", "0.4"),
    ],
)
def test_units(value: str, unit: str | None, english: str, chinese: str) -> None:
    assert with_unit(value, unit, catalogue("en")) == english
    assert with_unit(value, unit, catalogue("zh")) == chinese


def test_facts() -> None:
    words = catalogue("en")
    assert shown(made.fact("staff", None), None, None, words) == "missing"
    assert shown(made.fact("staff", "10000", kind="count"), "10000", None, words) == "10,000"
    assert shown(made.fact("code", "10000"), "10000", None, words) == "10000"
    assert shown(made.fact("partner", "yes"), "yes", None, catalogue("zh")) == "是"


@pytest.mark.parametrize(("text", "expected"), [("-0.5", -1), ("0.000", 0), ("-0.0", 0), ("3", 1), ("x", 0)])
def test_sign(text: str, expected: int) -> None:
    assert sign(text) == expected


def test_rounding_is_half_away_from_zero() -> None:
    assert rounded("0.00015", 4) == "0.0002"
    assert rounded("-0.00015", 4) == "-0.0002"
    assert rounded("2013-06-30", 4) == "2013-06-30"
