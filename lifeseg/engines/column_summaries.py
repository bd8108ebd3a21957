"""A summary of a plan comes in; a function from the rows of an entity to a column of their parents goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lifeseg.engines.column_formulas import ColumnFormulas, NotByColumnsError, Rows, there
from lifeseg.engines.column_reading import MOST_IN_64, Array, Words, array_of, pythonic
from lifeseg.engines.python_tree import later
from lifeseg.plan import tree as p
from lifeseg.plan.formulas import settled

Summarise = Callable[[Rows, int], Array]


def summary_of(found: p.Summary, scalars: Mapping[str, int | None], words: Words) -> Summarise:
    """The function is given the rows and how many parents there are."""
    formulas = ColumnFormulas(words)
    value = settled(found.value, scalars)
    evaluate = formulas.formula(value)
    if found.function == "count":

        def count(rows: Rows, parents: int) -> Array:
            held = evaluate(rows)
            counted = np.broadcast_to(there(held.values, held.known), rows.count)
            return Array(np.bincount(rows.parents[counted], minlength=parents))

        return count
    if found.function == "latest":
        return latest(found, formulas, scalars)
    if found.function not in ("sum", "squares", "min", "max") or value.kind == "text":
        raise NotByColumnsError(f"{found.function} of {value.kind}")
    widest = max(-value.low, value.high) ** (2 if found.function == "squares" else 1)

    def add(rows: Rows, parents: int) -> Array:
        given = evaluate(rows)
        values, places = np.broadcast_to(given.values, rows.count), rows.parents
        if given.known is not None:
            known = np.broadcast_to(given.known, rows.count)
            values, places = values[known], places[known]
        if widest * max(rows.count, 1) > MOST_IN_64:
            values = values.astype(object)
        has = np.bincount(places, minlength=parents) > 0
        return Array(gathered(found.function, values, places, parents), None if has.all() else has)

    return add


def gathered(function: str, values: Any, places: Any, parents: int) -> Any:
    if function in ("sum", "squares"):
        total = np.zeros(parents, values.dtype)
        np.add.at(total, places, values if function == "sum" else values * values)
        return total
    best = np.zeros(parents, values.dtype)
    best[places] = values  # any of them to begin with
    (np.minimum if function == "min" else np.maximum).at(best, places, values)
    return best


def latest(found: p.Summary, formulas: ColumnFormulas, scalars: Mapping[str, int | None]) -> Summarise:
    """The value of the row that comes last, row by row."""
    nodes = [settled(one, scalars) for one in (*found.order, found.value)]
    functions = [formulas.formula(node) for node in nodes]
    condition = formulas.formula(settled(found.rows, scalars)) if found.rows is not None else None

    def pick(rows: Rows, parents: int) -> Array:
        columns = [
            pythonic(node.kind, function(rows), rows.count, rows.words)
            for node, function in zip(nodes, functions, strict=True)
        ]
        best: list[tuple[Any, Any] | None] = [None] * parents
        held = condition(rows) if condition is not None else Array(np.True_)
        wanted = np.broadcast_to(there(held.values, held.known), rows.count).tolist()
        for place, there_, *order, value in zip(rows.parents.tolist(), wanted, *columns, strict=True):
            if there_:
                best[place] = later(best[place], tuple(order), value)
        return array_of(nodes[-1].kind, [None if one is None else one[1] for one in best], rows.words)

    return pick
