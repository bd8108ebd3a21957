"""Two cases, flags or definitions: one implies the other, excludes it, or is the same; or a customer shows otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from lifeseg.interpreter.check_tests import run_tests
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.proving import prove_that
from lifeseg.pipeline.setting import settle
from lifeseg.pipeline.stages import check
from lifeseg.prover.answers import Answer

POLICY = """policy page
  language 1
  version 1.0.0

entity customer "Customer"
  customer_id text key
  bill "Bill" money CNY 0..1000
  age "Age" months 0..600 optional
  kind "Kind" one of private, business

entity usage "Product" of customer
  satisfaction "Satisfaction" rating 1..5

indexes size of customer
  whole "Bill" = bill
  half "Half" = bill * 0.5
  halved "Half again" = bill / 2

score weight "Weight" of customer
  1 bill_level
  bands
    heavy "Heavy" from 0.5
    light "Light" below

indexes levels of customer
  bill_level "Level" = bill / 1000 CNY

segment class of customer
  small "Small" when bill < 500 CNY
  large "Large" when bill >= 500 CNY

segment again of customer first match
  large "Large" when bill > 499.99 CNY
  small "Small" otherwise

flags marks "Marks" of customer
  rich "Rich" when bill > 900 CNY
  old "Old" when age >= 360 months
    if missing no
  young "Young" when age < 360 months
    if missing no
  nobody "Nobody" when bill > 900 CNY and bill < 100 CNY
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "page.seg").write_text(POLICY, encoding="utf-8")
    return tmp_path


def answers(policy: Path, sentence: str) -> tuple[Answer, ...]:
    return prove_that(settle(policy), [sentence], 10, 60).proofs.answers


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("rich implies class.large", "implied"),
        ("rich implies weight.heavy", "implied"),
        ("rich excludes class.small", "exclusive"),
        ("old excludes young", "exclusive"),
        ("class.large same as again.large", "equivalent"),
        ("class.large is the same as weight.heavy", "equivalent"),
        ("class same as again", "equivalent"),
        ("half same as halved", "equivalent"),
    ],
)
def test_what_is_so_of_everybody_is_proved(policy: Path, sentence: str, kind: str) -> None:
    found = answers(policy, sentence)
    assert found[0].kind == kind
    assert {answer.verdict for answer in found} == {"proved"}


@pytest.mark.parametrize(
    "sentence",
    [
        "class.large implies rich",
        "rich excludes class.large",
        "class.large same as rich",
        "half same as whole",
        "class.large excludes old",
    ],
)
def test_what_is_not_so_is_shown_by_a_test_that_fails(policy: Path, sentence: str) -> None:
    found = answers(policy, sentence)[0]
    assert found.verdict == "refuted"
    assert found.witness is not None
    assert found.witness.test is not None
    (policy / "shown.seg").write_text(found.witness.test, encoding="utf-8")
    [outcome] = run_tests(check(policy).good(), None, None)
    assert [failure.found for failure in outcome.failures] == ["no"]


def test_what_only_missing_data_break_is_told_apart(policy: Path) -> None:
    """Here whoever has an age is old; so only a customer without one is large and not old."""
    text = POLICY.replace("age >= 360 months", "age >= 0 months")
    (policy / "page.seg").write_text(text, encoding="utf-8")
    found = answers(policy, "class.large implies old")[0]
    assert (found.verdict, found.only_missing) == ("refuted", True)


def test_of_a_flag_that_nobody_has_everything_would_be_true(policy: Path) -> None:
    found = answers(policy, "nobody implies class.small")
    assert [(answer.kind, answer.verdict) for answer in found] == [
        ("implied", "proved"),
        ("reachable", "refuted"),
        ("reachable", "proved"),
    ]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("rich implies class.larg", "did you mean `class.large`?"),
        ("class same as agian", "did you mean `again`?"),
        ("rich and large", "is no sentence about two parts of the policy"),
        ("class same as half", "have values of different kinds"),
    ],
)
def test_a_sentence_that_cannot_be_understood_says_why(policy: Path, sentence: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said.replace("?", "[?]")):
        answers(policy, sentence)
