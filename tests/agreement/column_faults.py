"""Faults of the kind that an author makes who works by columns; each, while it is in force, makes that form wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lifeseg.engines import column_formulas, column_summaries
from lifeseg.engines.column_reading import Array
from tests.agreement.faults import Fault, instead


def cut_off() -> Any:
    return instead((column_formulas, "quotient", lambda left, right: left // np.where(right == 0, 1, right)))


def missing_counts_as_true() -> Any:
    return instead(
        (column_formulas, "there", lambda values, known: values),
        (column_summaries, "there", lambda values, known: values),
    )


def missing_on_one_side_only() -> Any:
    return instead((column_formulas, "both_known", lambda one, other: one))


def cases_forget_what_is_missing() -> Any:
    def picked(test: Any, yes: Array, no: Array) -> Array:
        return Array(np.where(test, yes.values, no.values), yes.known)

    return instead((column_formulas, "picked", picked))


def sums_of_the_last_row() -> Any:
    def gathered(function: str, values: Any, places: Any, parents: int) -> Any:
        total = np.zeros(parents, values.dtype)
        total[places] = values
        return total

    return instead((column_summaries, "gathered", gathered))


FAULTS: Mapping[str, Fault] = {
    fault.__name__: fault
    for fault in (
        cut_off, missing_counts_as_true, missing_on_one_side_only, cases_forget_what_is_missing, sums_of_the_last_row,
    )
}  # fmt: skip
