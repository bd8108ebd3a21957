"""Matrices of numbers come in; centres, coefficients and trees go out. The one home of scikit-learn.

One thread and a seed, so that the same rows give the same numbers; whoever calls rounds them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

from lifeseg.frozen import dataclass

import_name = "sklearn"

Matrix = Sequence[Sequence[float]]


def installed() -> bool:
    return find_spec(import_name) is not None


@contextmanager
def alone() -> Iterator[None]:
    """One thread, and no remarks of the library on standard error: what matters is checked here."""
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")
        yield


def centres(rows: Matrix, classes: int, seed: int) -> list[list[float]]:
    """The centres of the best of twenty starts of K-means."""
    import numpy
    from sklearn.cluster import KMeans

    with alone():
        found = KMeans(classes, n_init=20, random_state=seed, algorithm="lloyd").fit(numpy.array(rows))
    return [[float(number) for number in row] for row in found.cluster_centers_]


def logistic(rows: Matrix, held: Sequence[bool], penalty: float) -> tuple[float, list[float]]:
    """Intercept and coefficients of a logistic regression; a larger penalty keeps them smaller."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    with alone():
        model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-10, max_iter=1000)
        found = model.fit(numpy.array(rows), numpy.array(held))
    return float(found.intercept_[0]), [float(number) for number in found.coef_[0]]


@dataclass(frozen=True, slots=True)
class Node:
    """Of a tree: `column` and `cut` send a row left where its number is at most the cut; a leaf has neither."""

    counts: tuple[float, ...]
    rows: int
    column: int = -1
    cut: float = 0.0
    left: Node | None = None
    right: Node | None = None


def tree(rows: Matrix, labels: Sequence[int], depth: int, least: int, seed: int) -> Node:
    """A decision tree whose leaves hold at least so many rows; counts are by label, in order."""
    import numpy
    from sklearn.tree import DecisionTreeClassifier

    with alone():
        model = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=least, random_state=seed)
        grown = model.fit(numpy.array(rows), numpy.array(labels)).tree_
    return node_of(grown, 0)


def node_of(grown: object, place: int) -> Node:
    """A node of scikit-learn's arrays and all beneath it."""
    rows = int(grown.n_node_samples[place])  # type: ignore[attr-defined]
    counts = tuple(float(share) * rows for share in grown.value[place][0])  # type: ignore[attr-defined]
    left, right = int(grown.children_left[place]), int(grown.children_right[place])  # type: ignore[attr-defined]
    if left < 0:
        return Node(counts, rows)
    column, cut = int(grown.feature[place]), float(grown.threshold[place])  # type: ignore[attr-defined]
    return Node(counts, rows, column, cut, node_of(grown, left), node_of(grown, right))
