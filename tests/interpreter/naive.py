"""Expressions as plain tuples and records as dictionaries come in; what they come to, by schoolbook rules, goes out.

An evaluator of its own for the language's meaning, written with fractions and nothing of lifeseg, so that a mistake
in the interpreter is not repeated here. A number is a Fraction, missing is None, conditions are True, False or None.
A record has its facts, its parent under `up`, and under `usage` its child records.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

Record = dict[str, Any]
Tree = tuple[Any, ...]

PRECISE = Context(prec=120, rounding=ROUND_HALF_UP)
ORDER = {"=": (0,), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


def rounded(value: Fraction, decimals: int) -> Fraction:
    """Half away from zero."""
    exact = abs(value) * 10**decimals
    whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def root(value: Fraction) -> Fraction:
    """The square root at twelve decimals, by decimals of 120 digits."""
    exact = PRECISE.sqrt(PRECISE.divide(Decimal(value.numerator), Decimal(value.denominator)))
    return Fraction(exact.quantize(Decimal("1e-12"), context=PRECISE))


class Naive:
    """The meaning of trees under parameters, an as-of date and everybody's records."""

    def __init__(self, everybody: Sequence[Record], parameters: dict[str, Fraction], today: date) -> None:
        self.everybody, self.parameters, self.today = everybody, parameters, today

    def value(self, tree: Tree, record: Record) -> Any:
        kind, *parts = tree
        return getattr(self, kind)(record, *parts)

    # ---- Amounts -----------------------------------------------------------------------------

    def number(self, record: Record, text: str) -> Fraction:
        return Fraction(text)

    def fact(self, record: Record, name: str) -> Any:
        return record[name]

    def parent(self, record: Record, name: str) -> Any:
        return record["up"][name]

    def parameter(self, record: Record, name: str) -> Fraction:
        return self.parameters[name]

    def day(self, record: Record, shift: int) -> date:
        return date.fromordinal(self.today.toordinal() + shift)

    def both(self, record: Record, left: Tree, right: Tree, what: Callable[[Any, Any], Any]) -> Any:
        a, b = self.value(left, record), self.value(right, record)
        return None if a is None or b is None else what(a, b)

    def plus(self, record: Record, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, lambda a, b: a + b)

    def minus(self, record: Record, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, lambda a, b: a - b)

    def times(self, record: Record, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, lambda a, b: a * b)

    def by(self, record: Record, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, lambda a, b: rounded(a / b, 12) if b else None)

    def negative(self, record: Record, tree: Tree) -> Any:
        value = self.value(tree, record)
        return None if value is None else -value

    def least(self, record: Record, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, min)

    def greatest(self, record: Record, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, max)

    def round_to(self, record: Record, tree: Tree, decimals: int) -> Any:
        value = self.value(tree, record)
        return None if value is None else rounded(value, decimals)

    def power(self, record: Record, tree: Tree, exponent: int) -> Any:
        value, result = self.value(tree, record), Fraction(1)
        for _ in range(exponent):
            result = result if value is None else rounded(result * value, 12)
        return None if value is None else result

    def square_root(self, record: Record, tree: Tree) -> Any:
        value = self.value(tree, record)
        return None if value is None or value < 0 else root(value)

    def choose(self, record: Record, steps: Sequence[tuple[Tree, Tree]], otherwise: Tree) -> Any:
        for value, condition in steps:
            verdict = self.value(condition, record)
            if verdict is None:
                return None
            if verdict:
                return self.value(value, record)
        return self.value(otherwise, record)

    # ---- Many records ------------------------------------------------------------------------

    def children(self, record: Record, where: Tree | None, months: tuple[int, int] | None) -> list[Record]:
        found = []
        for child in record["usage"]:
            day = child["used_on"]
            ago = (self.today.year - day.year) * 12 + self.today.month - day.month
            inside = day <= self.today and (months is None or months[0] <= ago <= months[1])
            if inside and (where is None or self.value(where, child) is True):
                found.append(child)
        return found

    def aggregate(
        self, record: Record, name: str, tree: Tree | None, known: bool, where: Tree | None, months: Any
    ) -> Any:
        return self.summary(name, tree, known, self.children(record, where, months))

    def statistic(self, record: Record, name: str, tree: Tree | None, known: bool, where: Tree | None) -> Any:
        admitted = [one for one in self.everybody if where is None or self.value(where, one) is True]
        return self.summary(name, tree, known, admitted)

    def summary(self, name: str, tree: Tree | None, known: bool, records: Sequence[Record]) -> Any:
        if name == "count" or tree is None:
            return Fraction(len(records))
        values = [self.value(tree, one) for one in records]
        if name == "share":
            return rounded(Fraction(values.count(True), len(values)), 12) if values else None
        values = [value for value in values if value is not None] if known else values
        if not values or None in values:
            return None
        mean = Fraction(sum(values)) / len(values)
        if name == "deviation":
            return root(sum(((value - mean) ** 2 for value in values), Fraction(0)) / len(values))
        return {"sum": sum(values), "min": min(values), "max": max(values), "mean": rounded(mean, 12)}[name]

    def group(self, record: Record, tree: Tree, groups: int) -> Any:
        own = self.value(tree, record)
        amounts = [self.value(tree, one) for one in self.everybody]
        ordered = sorted((amount for amount in amounts if amount is not None), reverse=True)
        reached = 0
        for above in range(groups - 1, 0, -1):
            place = int(rounded(Fraction(len(ordered) * above, groups), 0))
            reached += own is not None and place > 0 and own >= ordered[place - 1]
        return None if own is None else Fraction(1 + reached)

    # ---- Conditions --------------------------------------------------------------------------

    def compare(self, record: Record, sign: str, left: Tree, right: Tree) -> Any:
        return self.both(record, left, right, lambda a, b: ((a > b) - (a < b)) in ORDER[sign])

    def is_one_of(self, record: Record, name: str, negated: bool, values: Sequence[str]) -> Any:
        value = record[name]
        return None if value is None else (value in values) != negated

    def is_missing(self, record: Record, tree: Tree, negated: bool) -> bool:
        return (self.value(tree, record) is None) != negated

    def contrary(self, record: Record, tree: Tree) -> Any:
        value = self.value(tree, record)
        return None if value is None else not value

    def all_of(self, record: Record, *trees: Tree) -> Any:
        values = [self.value(tree, record) for tree in trees]
        return False if False in values else None if None in values else True

    def any_of(self, record: Record, *trees: Tree) -> Any:
        values = [self.value(tree, record) for tree in trees]
        return True if True in values else None if None in values else False

    def quantified(self, record: Record, word: str, where: Tree | None, tree: Tree) -> Any:
        values = [self.value(tree, child) for child in self.children(record, where, None)]
        if word == "every":
            return False if False in values or not values else None if None in values else True
        some = True if True in values else None if None in values else False
        return some if word == "some" else None if some is None else not some
