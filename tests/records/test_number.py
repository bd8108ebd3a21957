"""Numbers in data: what is read, exactly, and how everything else is told from it."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifeseg.functions.exact import to_text
from lifeseg.model.model import Fact
from lifeseg.model.types import DAY, MONTH, Type, number
from lifeseg.records.findings import Refused
from lifeseg.records.number import exact, number_reader, on_step
from tests.records.customers import fact

MONEY = fact("income", "money", number(2, -(10**12), 10**12))
SHARE = fact("wallet_share", "share", number(6, 0, 1))
RATING = fact("satisfaction", "rating", number(0, 1, 5))
QUARTERS = fact("hours", "number", number(2, 0, 24), step=25)
MONTHS = fact("arrears", "months", number(0, 0, 12, MONTH))
DAYS = fact("delay", "days", number(0, -100, 100, DAY))
YEARS = fact("age", "years", number(0, 0, 100 * 12, MONTH), step=12)
COUNT = fact("visits", "count", number(0, 0, 10**9), bounded=False)


def read(known: Fact, text: str) -> object:
    value = number_reader(known)(text)
    return value.key if isinstance(value, Refused) else value


@pytest.mark.parametrize(
    ("known", "text", "value"),
    [
        (MONEY, "1234.50", 123450),
        (MONEY, "1234.5", 123450),
        (MONEY, "1234.5000000", 123450),
        (MONEY, "-0", 0),
        (MONEY, "+7", 700),
        (MONEY, ".5", 50),
        (MONEY, "5.", 500),
        (MONEY, "-.5", -50),
        (MONEY, " 12.00 ", 1200),
        (MONEY, "007", 700),
        (MONEY, "1e5", 10_000_000),
        (MONEY, "1.5E+02", 15_000),
        (MONEY, "1e-2", 1),
        (MONEY, "0.30000000000000004", 30),
        (MONEY, "0.29999999999999999", 30),
        (MONEY, "5.551115123125783e-17", 0),
        (MONEY, "123456789012.34000000001", 12345678901234),
        (SHARE, "30%", 300_000),
        (SHARE, "30 %", 300_000),
        (SHARE, "0.5%", 5_000),
        (SHARE, "1.0000000000000002", 1_000_000),
        (SHARE, "1e-6", 1),
        (QUARTERS, "8.25", 825),
        (QUARTERS, "8.2500000000000001", 825),
        (RATING, "4.0", 4),
        (MONTHS, "3", 3),
        (MONTHS, "3 months", 3),
        (MONTHS, "1 month", 1),
        (DAYS, "-10days", -10),
        (YEARS, "3", 36),
        (YEARS, "3.0", 36),
        (YEARS, "3 years", 36),
    ],
)
def test_reads(known: Fact, text: str, value: int) -> None:
    assert read(known, text) == value


@pytest.mark.parametrize(
    ("known", "text", "key"),
    [
        (MONEY, "1,234.50", "data-type.thousands"),
        (MONEY, "1 234", "data-type.thousands"),
        (MONEY, "1'234'567", "data-type.thousands"),
        (MONEY, "1_000", "data-type.thousands"),
        (MONEY, "1234,50", "data-type.decimal-comma"),
        (MONEY, "1.234,50", "data-type.decimal-comma"),
        (MONEY, "-0,5", "data-type.decimal-comma"),
        (MONEY, "nan", "data-type.not-finite"),
        (MONEY, "-inf", "data-type.not-finite"),
        (MONEY, "Infinity", "data-type.not-finite"),
        (MONEY, "NULL", "data-type.null-word"),
        (MONEY, "NA", "data-type.null-word"),
        (MONEY, "-", "data-type.null-word"),
        (MONEY, "#DIV/0!", "data-type.sheet-error"),
        (MONEY, "１２３", "data-type.wide-digits"),
        (MONEY, "−5", "data-type.wide-digits"),
        (MONEY, "²", "data-type.wide-digits"),
        (MONEY, "¥100", "data-type.with-unit"),
        (MONEY, "100 CNY", "data-type.with-unit"),
        (MONEY, "100元", "data-type.with-unit"),
        (MONEY, "30%", "data-type.percent"),
        (MONTHS, "3 days", "data-type.with-unit"),
        (MONEY, "true", "data-type"),
        (MONEY, "1.2.3", "data-type"),
        (MONEY, "0x1F", "data-type"),
        (MONEY, "e5", "data-type.with-unit"),
        (MONEY, "e", "data-type"),
        (MONEY, "--5", "data-type"),
        (MONEY, ".-5", "data-type"),
        (MONEY, "٣", "data-type"),
        (MONEY, "9" * 100_000, "data-type"),
        (MONEY, "1e999", "data-range"),
        (MONEY, "1e99999", "data-type"),
        (MONEY, "0.001", "data-step"),
        (MONEY, "5000000.004", "data-step"),
        (MONEY, "0.3000001", "data-step"),
        (QUARTERS, "8.30", "data-step"),
        (QUARTERS, "25.3", "data-range"),
        (RATING, "2.5", "data-step"),
        (RATING, "0", "data-range"),
        (RATING, "6", "data-range"),
        (RATING, "-1", "data-range"),
        (SHARE, "30", "data-range"),
        (SHARE, "101%", "data-range"),
        (YEARS, "2.5", "data-step"),
        (YEARS, "101", "data-range"),
        (COUNT, "1000000001", "data-range.assumed"),
        (COUNT, "-1", "data-range.assumed"),
    ],
)
def test_refuses(known: Fact, text: str, key: str) -> None:
    assert read(known, text) == key


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("1,234.50", "1234.50"),
        ("12 345 678", "12345678"),
        ("1234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("１２．５", "12.5"),
        ("¥100.5", "100.5"),
        ("100 CNY", "100"),
    ],
)
def test_suggests_a_better_way_to_write_it(text: str, suggestion: str) -> None:
    refused = number_reader(MONEY)(text)
    assert isinstance(refused, Refused)
    assert refused.arguments["suggestion"] == suggestion


def test_limits_are_told_as_they_are_declared() -> None:
    refused = number_reader(YEARS)("101")
    assert isinstance(refused, Refused)
    assert refused.arguments == {"low": "0", "high": "100"}
    refused = number_reader(QUARTERS)("8.3")
    assert isinstance(refused, Refused)
    assert refused.arguments == {"step": "0.25"}


def test_without_any_range_64_bits_are_the_limit() -> None:
    known = fact("reading", "number", Type("number", scale=0), bounded=False)
    assert read(known, str(2**63 - 1)) == 2**63 - 1
    assert read(known, str(2**63)) == "data-range.assumed"


FINE = fact("reading", "number", number(9, -(10**9), 10**9))


@given(st.integers(-(10**18), 10**18))
def test_what_is_written_exactly_is_read_exactly(value: int) -> None:
    assert read(FINE, to_text(value, 9)) == value
    assert read(FINE, to_text(value, 9, decimals=12)) == value


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=9))
def test_every_notation_of_a_decimal_is_the_same_number(value: Decimal) -> None:
    scaled = int(value.scaleb(9))
    assert read(FINE, str(value)) == read(FINE, f"{value:e}") == read(FINE, f" {value:f} ") == scaled


@given(st.integers(-(10**8), 10**8))
def test_a_binary_fraction_is_read_as_the_decimal_it_was_made_of(cents: int) -> None:
    assert read(MONEY, repr(cents / 100)) == cents
    assert read(MONEY, f"{cents / 100:.20f}") == cents


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_sums_of_binary_fractions_are_mended(left: int, right: int) -> None:
    assert read(MONEY, repr(left / 100 + right / 100)) == left + right


@given(st.integers(-(10**16), 10**16), st.integers(0, 15), st.integers(0, 6), st.integers(1, 100))
def test_near_means_near(value: int, decimals: int, scale: int, step: int) -> None:
    """A number is read as a step only if that is a multiple, and less than a tenth of a step away."""
    read_as = on_step(value, decimals, scale, step)
    if read_as is not None:
        assert read_as % step == 0
        assert abs(Fraction(read_as, 10**scale) - Fraction(value, 10**decimals)) * 10 < Fraction(
            step, 10**scale
        )
    elif Fraction(value * 10**scale, 10**decimals * step).denominator == 1:
        raise AssertionError("a whole number of steps is not read")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    for known in (MONEY, SHARE, MONTHS, YEARS):
        value = number_reader(known)(text)
        assert isinstance(value, Refused | int)


@given(st.from_regex(r"[-+]?[0-9.,' ¥%eE]{1,12}", fullmatch=True))
def test_what_is_read_is_what_decimals_make_of_it(text: str) -> None:
    found = exact(text)
    if found is not None:
        assert Fraction(found[0], 10 ** found[1]) == Fraction(Decimal(text))
