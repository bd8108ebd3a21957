"""The reasons why a score is not higher, and how they are ranked."""

from decimal import Decimal

import pytest

from lifeseg.interpreter.trace import DefinitionTrace, RecordTrace
from lifeseg.model.model import Score
from lifeseg.model.reasons import ranked, reasons
from tests.explain.conftest import Example


def scores(record: RecordTrace) -> list[DefinitionTrace]:
    own = [found for found in record.definitions if found.kind == "score"]
    return own + [score for child in record.children for score in scores(child)]


@pytest.mark.parametrize("key", ["C1", "C9", "C19", "C20", "C28"])
def test_the_first_reason_loses_most(key: str, example: Example) -> None:
    for score in scores(example.trace(key).record):
        lost = {term.name: Decimal(term.lost or 0) for term in score.terms}
        order = [term.name for term in score.terms]
        losing = [name for name in order if lost[name] > 0]
        assert list(score.reasons) == sorted(losing, key=lambda name: (-lost[name], order.index(name)))


def test_equal_losses_stay_in_the_order_of_definition() -> None:
    assert ranked([("a", 2), ("b", 5), ("c", 2), ("d", 5)]) == ("b", "d", "a", "c")


def test_what_is_missing_or_loses_nothing_is_no_reason() -> None:
    assert ranked([("a", None), ("b", 0), ("c", 1)]) == ("c",)


def test_the_code_of_a_reason_is_the_name_of_the_term(example: Example) -> None:
    for score in (found for found in example.results.model.definitions if isinstance(found, Score)):
        codes = [reason.code for reason in reasons(score)]
        assert len(codes) == len(set(codes)) == len(score.leaves)
