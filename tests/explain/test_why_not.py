"""Which case a question means, and what is said when it means none."""

import pytest

from lifeseg.explain.why_not import UnknownCase
from tests.explain.conftest import Example


@pytest.mark.parametrize(
    ("asked", "suggestions"),
    [
        ("stabilisation", ("stabilization",)),
        ("warnign", ("warning",)),
        ("conversion_type.warnin", ("conversion_type.warning",)),
        ("xyzzy", ()),
    ],
)
def test_an_unknown_case_is_refused_with_the_nearest(
    asked: str, suggestions: tuple[str, ...], example: Example
) -> None:
    with pytest.raises(UnknownCase) as refused:
        example.explain("C19", why_not=asked)
    assert refused.value.case == asked
    assert not refused.value.ambiguous
    assert refused.value.suggestions[:1] == suggestions


def test_a_decisions_case_goes_before_a_scores_band(example: Example) -> None:
    """`key` is a band of `potential`; nothing else of the customer is called so."""
    assert "potential value" in example.explain("C19", why_not="key").sentence


def test_a_qualified_name_means_its_definition(example: Example) -> None:
    bare = example.explain("C19", why_not="stabilization")
    assert example.explain("C19", why_not="conversion_type.stabilization") == bare


@pytest.mark.parametrize(
    ("key", "case", "beginning"),
    [
        ("C19", "warning", "C19's type in the conversion stage is warning, because every product"),
        ("C19", "product_promotion", "Product promotion is part of C19's development strategy."),
        ("C19", "B", "C19's customer value level is not B (important customer), because its customer value"),
        ("C9", "C", "C9's customer value level is not C (general customer), because its customer value is"),
        ("C1", "unstable", "C1's customer relationship stability is not unstable relationship, because"),
        (
            "C2",
            "high",
            "C2's intensity of the strategies is not account manager on site, because its customer",
        ),
    ],
)
def test_sentences(key: str, case: str, beginning: str, example: Example) -> None:
    sentence = example.explain(key, why_not=case).sentence
    assert sentence.startswith(beginning), sentence


def test_at_no_detail_there_is_only_the_sentence(example: Example) -> None:
    assert example.explain("C19", why_not="stabilization", detail=0).lines == ()
