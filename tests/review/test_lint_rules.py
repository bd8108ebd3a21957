"""The section [lint] of a workspace: rules switched off or otherwise severe, other limits, and what is wrong with it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from lifeseg.diagnostics.catalogue import all_codes, entries
from lifeseg.review.lint_data import DATA_RULES
from lifeseg.review.lint_rules import A_COUNT, A_LEVEL, A_SHARE, NAMES, NUMBERS, RULES, chosen, mistakes
from lifeseg.review.lint_text import TEXT_RULES


def test_every_rule_is_there_and_has_a_page() -> None:
    assert set(RULES) == set(TEXT_RULES) | set(DATA_RULES)
    assert {code for code, rule in RULES.items() if rule.looks_at == "data"} == set(DATA_RULES)
    assert set(RULES) <= set(all_codes())


def test_without_a_section_rules_are_as_the_catalogue_says() -> None:
    for code, one in chosen().items():
        assert one.severity in (entries("en")[code].severity, "off")
        assert one.limits == RULES[code].limits
        assert not one.silent


def test_a_rule_is_switched_off_or_made_severe_in_a_word() -> None:
    choice = chosen({"guard-long": "off", "title-missing": "error"})
    assert (choice["guard-long"].severity, choice["title-missing"].severity) == ("off", "error")
    assert choice["guard-long"].limits == RULES["guard-long"].limits


def test_a_table_of_its_own_gives_limits_and_exceptions() -> None:
    one = chosen({"threshold-crowded": {"within": 0.005, "records": 7, "except": ["worth"]}})[
        "threshold-crowded"
    ]
    assert one.severity == "warning"
    assert one.share("within") == Fraction(5, 1000)  # as written, and not the binary fraction near it
    assert one.share("share") == Fraction(1, 10)
    assert one.count("records") == 7
    assert one.silent == {"worth"}


def test_numbers_to_pass_over() -> None:
    assert chosen({"number-repeated": {"ignore": [0.1, 2]}})["number-repeated"].numbers("ignore") == (
        Fraction(1, 10),
        Fraction(2),
    )


@pytest.mark.parametrize(
    ("table", "path", "wanted"),
    [
        ({"guard-long": "loud"}, ("guard-long",), A_LEVEL),
        ({"guard-long": 5}, ("guard-long",), f"{A_LEVEL}, or a table"),
        ({"guard-long": {"severity": "loud"}}, ("guard-long", "severity"), A_LEVEL),
        ({"guard-long": {"most": 0}}, ("guard-long", "most"), A_COUNT),
        ({"guard-long": {"most": True}}, ("guard-long", "most"), A_COUNT),
        ({"guard-long": {"most": 2.5}}, ("guard-long", "most"), A_COUNT),
        ({"guard-long": {"except": "worth"}}, ("guard-long", "except"), NAMES),
        ({"case-small": {"share": 1.5}}, ("case-small", "share"), A_SHARE),
        ({"case-small": {"share": "1%"}}, ("case-small", "share"), A_SHARE),
        ({"case-small": {"share": float("nan")}}, ("case-small", "share"), A_SHARE),
        ({"number-unnamed": {"ignore": 0}}, ("number-unnamed", "ignore"), NUMBERS),
        ({"number-unnamed": {"ignore": ["0"]}}, ("number-unnamed", "ignore"), NUMBERS),
    ],
)
def test_what_is_of_the_wrong_kind(table: dict[str, Any], path: tuple[str, ...], wanted: str) -> None:
    assert list(mistakes(table)) == [(path, "config-value", {"name": path[-1], "wanted": wanted})]


@pytest.mark.parametrize(
    ("table", "suggestion"),
    [
        ({"guard-lang": "off"}, "guard-long"),
        ({"guard-long": {"moost": 3}}, "most"),
        ({"guard-long": {"records": 3}}, None),  # a limit of other rules
    ],
)
def test_what_is_not_known_is_refused_with_a_suggestion(
    table: dict[str, Any], suggestion: str | None
) -> None:
    ((_, key, told),) = mistakes(table)
    assert key == "config-unknown-setting"
    assert told["suggestion"] == suggestion
