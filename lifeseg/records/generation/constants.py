"""An expression that does not depend on the record comes in; its value goes out: a number or, for a date,
its ordinal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from fractions import Fraction

from lifeseg.frozen import dataclass
from lifeseg.functions.calendar import add_months
from lifeseg.model import expression as e
from lifeseg.model.model import Model
from lifeseg.model.types import MONTH

Arithmetic = e.Add | e.Subtract | e.Multiply | e.Divide


@dataclass(frozen=True, slots=True)
class Seen:
    """What a sample has shown: population statistics, and median and deviation of definitions that are
    numbers.
    """

    statistics: Mapping[str, int | tuple[int | None, ...] | None] = field(default_factory=dict)
    numbers: Mapping[tuple[str, str], tuple[Fraction, Fraction]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constants:
    """The surroundings in which expressions are constant: a model's parameters, a day, a sample's
    statistics.
    """

    model: Model
    as_of: date
    seen: Seen

    def of(self, node: e.Expression) -> Fraction | None:
        """The value; None where it depends on the record."""
        match node:
            case e.Constant():
                return natural(node.value, node)
            case e.Parameter():
                return natural(self.model.parameters[node.name].at(self.as_of), node)
            case e.Today():
                return Fraction(self.as_of.toordinal())
            case e.Statistic():
                found = self.seen.statistics.get(node.key)
                return Fraction(found, 10**node.type.scale) if isinstance(found, int) else None
            case e.Negate():
                inner = self.of(node.value)
                return None if inner is None else -inner
            case e.Round():
                return self.of(node.value)
            case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
                left, right = self.of(node.left), self.of(node.right)
                return None if left is None or right is None else calculated(node, left, right)
            case _:
                return None


def natural(value: object, node: e.Expression) -> Fraction | None:
    """A value in natural units."""
    if isinstance(value, date):
        return Fraction(value.toordinal())
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value, 10**node.type.scale)
    return None


def in_months(node: e.Expression) -> bool:
    """Whether months are added to a date."""
    return (
        isinstance(node, e.Add | e.Subtract)
        and node.type.kind == "date"
        and MONTH in (node.left.type.unit, node.right.type.unit)
    )


def calculated(node: Arithmetic, left: Fraction, right: Fraction) -> Fraction | None:
    match node:
        case e.Add() | e.Subtract():
            sign = 1 if isinstance(node, e.Add) else -1
            if not in_months(node):
                return left + sign * right
            day, months = (left, right) if node.left.type.kind == "date" else (right, left)
            try:
                return Fraction(add_months(date.fromordinal(int(day)), sign * int(months)).toordinal())
            except (ValueError, OverflowError):
                return None
        case e.Multiply():
            return left * right
        case _:
            return left / right if right else None
