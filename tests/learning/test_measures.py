"""Figures of quality, against those of scikit-learn and against what can be worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, roc_auc_score, roc_curve

from lifeseg.learning.measures import (
    adjusted_rand,
    area,
    brier,
    calibration,
    explained,
    kolmogorov,
    silhouette,
)

PREDICTED = st.lists(
    st.tuples(st.integers(0, 9).map(lambda n: n / 10), st.booleans()), min_size=2, max_size=60
)


@given(PREDICTED)
def test_the_area_is_that_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    predicted, held = zip(*rows, strict=True)
    found = area(predicted, held)
    if len(set(held)) < 2:
        assert found is None
    else:
        assert found == pytest.approx(roc_auc_score(held, predicted))


@given(PREDICTED)
def test_ks_is_the_largest_gap_of_the_curve(rows: list[tuple[float, bool]]) -> None:
    predicted, held = zip(*rows, strict=True)
    found = kolmogorov(predicted, held)
    if len(set(held)) < 2:
        assert found is None
        return
    false, true, _ = roc_curve(held, predicted, drop_intermediate=False)
    assert found is not None
    assert found[0] == pytest.approx(max(0, *(true - false)))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_agreement_is_that_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    one, other = zip(*rows, strict=True)
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other))


def test_classes_far_apart() -> None:
    points, classes = [(0.0,), (1.0,), (10.0,), (11.0,)], [0, 0, 1, 1]
    assert silhouette(points, [(0.5,), (10.5,)], classes) == pytest.approx(
        (2 * (10 / 10.5) + 2 * (9 / 9.5)) / 4
    )
    assert explained(points, classes) == pytest.approx(1 - 1 / 101)


def test_calibration_keeps_equal_predictions_together() -> None:
    predicted, held = [0.1, 0.1, 0.1, 0.6, 0.6, 0.9], [False, True, False, True, False, True]
    assert brier(predicted, held) == pytest.approx((0.01 + 0.81 + 0.01 + 0.16 + 0.36 + 0.01) / 6)
    groups = calibration(predicted, held, 3)
    assert [(high, rows) for high, _, _, rows in groups] == [(0.1, 3), (0.6, 2), (0.9, 1)]
    assert math.isclose(groups[0][2], 1 / 3)
