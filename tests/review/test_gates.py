"""Gates: texts that say what a change must not do."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lifeseg.review.gates import gate


@pytest.mark.parametrize(
    ("text", "what", "case", "limit", "share"),
    [
        ("moved > 2%", "moved", None, Fraction(2, 100), True),
        ("moved>10", "moved", None, Fraction(10), False),
        ("A lost > 0", "lost", "A", Fraction(0), False),
        ("value_level.A gained >= 2.5 %", "gained", "value_level.A", Fraction(25, 1000), True),
        ("value  moved > 100000", "value moved", None, Fraction(100000), False),
        ("rules changed > 3", "rules changed", None, Fraction(3), False),
        ("not equivalent", "not equivalent", None, Fraction(0), False),
    ],
)
def test_what_a_text_means(text: str, what: str, case: str | None, limit: Fraction, share: bool) -> None:
    found = gate(text)
    assert found is not None
    assert (found.what, found.case, found.limit, found.share) == (what, case, limit, share)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "moved",
        "moved > many",
        "moved > -1",
        "A went > 0",
        "rules changed > 3%",
        "value moved > 3%",
        "equivalent",
    ],
)
def test_what_is_no_gate(text: str) -> None:
    assert gate(text) is None


def test_a_limit_itself_passes() -> None:
    found = gate("moved > 2%")
    assert found is not None
    assert not found.shuts(Fraction(2, 100))
    assert found.shuts(Fraction(201, 10000))
