"""A plan formula comes in; a function from the columns of rows to the formula's column goes out.

Whole numbers are reckoned in 64 bits where the plan's bounds allow, elsewhere as Python's own. What is worked out where
something is missing is of no account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date
from functools import reduce
from itertools import compress
from typing import Any, assert_never

import numpy as np

from lifeseg.engines.column_reading import MOST_IN_64, Array, Words
from lifeseg.engines.python_formulas import columns_in
from lifeseg.engines.python_tree import months_later, near_root
from lifeseg.frozen import dataclass
from lifeseg.functions.calendar import months_between
from lifeseg.plan import tree as p

FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
OPERATORS: Mapping[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply}
COMPARISONS: Mapping[str, Any] = {
    "=": np.equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
EXTREMES: Mapping[str, Any] = {"least": np.minimum, "greatest": np.maximum}


@dataclass(slots=True)
class Rows:
    """The rows of an entity: their columns so far, and the place of each row's parent."""

    count: int
    words: Words
    columns: dict[str, Array] = field(default_factory=dict)
    parents: Any = None


Evaluate = Callable[[Rows], Array]


class NotByColumnsError(Exception):
    """The plan holds what is not worked out by columns."""


@dataclass(frozen=True, slots=True)
class ColumnFormulas:
    """Makes functions of formulas; `words` knows every text of the plan."""

    words: Words

    def formula(self, node: p.AnyFormula) -> Evaluate:
        evaluate = self.own(node)
        if columns_in(node):
            return evaluate
        with np.errstate(all="ignore"):
            found = evaluate(Rows(1, self.words))
        values, known = (None if one is None else np.broadcast_to(one, 1).reshape(()) for one in found)
        constant = Array(values, known)
        return lambda rows: constant

    def own(self, node: p.AnyFormula) -> Evaluate:
        match node:
            case p.Column():
                column, wide = node.name, is_wide(node)
                return lambda rows: fitted(rows.columns[column], wide)
            case p.Literal_():
                constant = self.literal(node)
                return lambda rows: constant
            case p.Scalar():
                raise AssertionError("statistics are settled before")
            case p.Binary() | p.Compare() | p.Quotient() | p.Whole() | p.Extreme():
                return self.on_two(node)
            case p.NearRoot():
                return self.each(node, [node.value], near_root)
            case p.OneOf() | p.IsNull() | p.Not() | p.Both():
                return self.condition(node)
            case p.Choose() | p.Coalesce():
                return self.chosen(node)
            case p.DateShift() | p.DaysBetween() | p.MonthsBetween():
                return self.dates(node)
            case p.Names():
                return self.names(node)
            case _:
                assert_never(node)

    def literal(self, node: p.Literal_) -> Array:
        match node.value:
            case None if node.kind == "list":
                return Array(a_list(()), np.False_)
            case None:
                return Array(np.array(FILLERS[node.kind]), np.False_)
            case str():
                return Array(np.array(self.words.code(node.value)))
            case date():
                return Array(np.array(node.value.toordinal()))
            case _:
                return Array(np.array(node.value, object if is_wide(node) else None))

    def on_two(self, node: p.Binary | p.Compare | p.Quotient | p.Whole | p.Extreme) -> Evaluate:
        """An operation on two numbers; missing where either is, or where it divides by zero."""
        if (
            isinstance(node, p.Compare)
            and "text" in (node.left.kind, node.right.kind)
            and node.operator != "="
        ):
            raise NotByColumnsError("texts in order")
        left, right = self.formula(node.left), self.formula(node.right)
        operation = operation_of(node)
        wide = any(map(is_wide, (node, node.left, node.right)))
        is_test, narrow = node.kind == "truth", not is_wide(node)
        may_be_zero = isinstance(node, p.Quotient | p.Whole) and node.right.low <= 0 <= node.right.high

        def evaluate(rows: Rows) -> Array:
            one, other = left(rows), right(rows)
            known = both_known(one.known, other.known)
            values = (
                operation(as_wide(one.values), as_wide(other.values))
                if wide
                else operation(one.values, other.values)
            )
            if may_be_zero:
                known = both_known(known, np.not_equal(other.values, 0))
            if wide and is_test:
                values = np.asarray(values).astype(np.bool_)
            elif wide and narrow:
                values = narrowed(values, known)
            return Array(values, known)

        return evaluate

    def condition(self, node: p.OneOf | p.IsNull | p.Not | p.Both) -> Evaluate:
        match node:
            case p.OneOf():
                subject, codes = self.formula(node.subject), [self.words.code(text) for text in node.values]

                def among(rows: Rows) -> Array:
                    found = subject(rows)
                    return Array(reduce(np.logical_or, [found.values == code for code in codes]), found.known)

                return among
            case p.IsNull():
                subject = self.formula(node.subject)

                def missing(rows: Rows) -> Array:
                    known = subject(rows).known
                    return Array(np.False_ if known is None else ~known)

                return missing
            case p.Not():
                value = self.formula(node.value)

                def inverse(rows: Rows) -> Array:
                    found = value(rows)
                    return Array(np.logical_not(found.values), found.known)

                return inverse
            case p.Both():
                return self.both([self.formula(item) for item in node.items], node.operator == "or")
            case _:
                assert_never(node)

    def both(self, items: Sequence[Evaluate], decisive: bool) -> Evaluate:
        """A decisive verdict wins over unknown ones: true with `or`, false with `and`."""

        def evaluate(rows: Rows) -> Array:
            found = [item(rows) for item in items]
            known = reduce(both_known, [one.known for one in found])
            verdicts = [one.values if decisive else np.logical_not(one.values) for one in found]
            decided = reduce(np.logical_or, map(there, verdicts, [one.known for one in found]))
            values = decided if decisive else np.logical_not(decided)
            return Array(values, None if known is None else known | decided)

        return evaluate

    def chosen(self, node: p.Choose | p.Coalesce) -> Evaluate:
        wide = is_wide(node)
        if isinstance(node, p.Coalesce):
            value, instead = self.formula(node.value), self.formula(node.instead)

            def evaluate(rows: Rows) -> Array:
                found = value(rows)
                return (
                    found if found.known is None else fitted(picked(found.known, found, instead(rows)), wide)
                )

            return evaluate
        steps = [(self.formula(test), self.formula(value)) for test, value in reversed(node.steps)]
        otherwise = self.formula(node.otherwise or p.Literal_(node.kind, 0, 0, True, None))

        def choose(rows: Rows) -> Array:
            found = otherwise(rows)
            for test, value in steps:
                verdict = test(rows)
                found = picked(there(verdict.values, verdict.known), value(rows), found)
            return fitted(found, wide)

        return choose

    def dates(self, node: p.DateShift | p.DaysBetween | p.MonthsBetween) -> Evaluate:
        sides = [node.day, node.count] if isinstance(node, p.DateShift) else [node.later, node.earlier]
        if isinstance(node, p.MonthsBetween) or (isinstance(node, p.DateShift) and node.unit == "month"):
            function = months_between if isinstance(node, p.MonthsBetween) else months_later
            return self.each(node, sides, function)
        left, right = (self.formula(side) for side in sides)
        shifts = isinstance(node, p.DateShift)

        def evaluate(rows: Rows) -> Array:
            one, other = left(rows), right(rows)
            if not shifts:
                return Array(one.values - other.values, both_known(one.known, other.known))
            moved = np.minimum(np.maximum(one.values + other.values, FIRST_DAY), LAST_DAY)
            return Array(np.asarray(moved).astype(np.int64), both_known(one.known, other.known))

        return evaluate

    def each(
        self, node: p.AnyFormula, nodes: Sequence[p.AnyFormula], function: Callable[..., Any]
    ) -> Evaluate:
        """A function of Python's values, row by row."""
        kind: Any = object if is_wide(node) else np.int64
        sides = [self.formula(node) for node in nodes]
        days = [node.kind == "date" for node in nodes]

        def evaluate(rows: Rows) -> Array:
            found = [side(rows) for side in sides]
            known = reduce(both_known, [one.known for one in found])
            wanted = [True] * rows.count if known is None else np.broadcast_to(known, rows.count).tolist()
            columns = [np.broadcast_to(one.values, rows.count).tolist() for one in found]
            made = [
                [date.fromordinal(value) for value in compress(column, wanted)]
                if is_day
                else [*compress(column, wanted)]
                for column, is_day in zip(columns, days, strict=True)
            ]
            results = [function(*row) for row in zip(*made, strict=True)]
            values = np.ones(rows.count, kind)
            values[np.array(wanted, np.bool_)] = np.array(
                [one.toordinal() if isinstance(one, date) else one for one in results], kind
            )
            return Array(values, known)

        return evaluate

    def names(self, node: p.Names) -> Evaluate:
        labels = [label for label, _ in node.items]
        tests = [self.formula(test) for _, test in node.items]

        def evaluate(rows: Rows) -> Array:
            held = [test(rows) for test in tests]
            columns = [np.broadcast_to(there(one.values, one.known), rows.count).tolist() for one in held]
            lists = [tuple(compress(labels, row)) for row in zip(*columns, strict=True)]
            return Array(np.fromiter(lists, object, rows.count))

        return evaluate


FILLERS: Mapping[str, Any] = {"whole": 0, "text": 0, "truth": False, "date": 1}


def a_list(items: tuple[str, ...]) -> Any:
    held = np.empty((), object)
    held[()] = items
    return held


def is_wide(node: p.Formula) -> bool:
    return max(-node.low, node.high) > MOST_IN_64


def as_wide(values: Any) -> Any:
    return np.asarray(values).astype(object)


def fitted(array: Array, wide: bool) -> Array:
    """In 64 bits, unless the plan expects more."""
    if array.values.dtype != object or wide or not isinstance(first(array.values), int):
        return array
    return Array(narrowed(array.values, array.known), array.known)


def narrowed(values: Any, known: Any) -> Any:
    """In 64 bits; what stands where nothing is known may be too large for them."""
    return np.asarray(values if known is None else np.where(known, values, 0)).astype(np.int64)


def first(values: Any) -> Any:
    return values.flat[0] if values.size else None


def both_known(one: Any, other: Any) -> Any:
    if one is None:
        return other
    return one if other is None else one & other


def there(values: Any, known: Any) -> Any:
    """Where a verdict is true and known."""
    return values if known is None else values & known


def picked(test: Any, yes: Array, no: Array) -> Array:
    values = np.where(test, yes.values, no.values)
    if yes.known is None and no.known is None:
        return Array(values)
    return Array(values, np.where(test, *(np.True_ if one.known is None else one.known for one in (yes, no))))


def operation_of(node: p.Binary | p.Compare | p.Quotient | p.Whole | p.Extreme) -> Any:
    match node:
        case p.Binary():
            return OPERATORS[node.operator]
        case p.Compare():
            return COMPARISONS[node.operator]
        case p.Extreme():
            return EXTREMES[node.function]
        case p.Whole():
            return lambda left, right: left // np.where(right == 0, 1, right)
        case p.Quotient() if node.left.low >= 0 and isinstance(node.right, p.Literal_) and node.right.low > 0:
            by, half = node.right.low, node.right.low // 2
            return lambda left, _: (left + half) // by
        case p.Quotient():
            return quotient
        case _:
            assert_never(node)


def quotient(left: Any, right: Any) -> Any:
    """To the nearest whole number, halves away from zero."""
    over, by = np.abs(left), np.abs(np.where(right == 0, 1, right))
    found = over // by
    found = found + (2 * (over - found * by) >= by)
    return np.where((left < 0) != (right < 0), -found, found)
