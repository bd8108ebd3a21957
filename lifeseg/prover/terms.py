"""Solver terms and plain Python values come in; joined terms go out, worked out at once where plain values decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import z3

from lifeseg.frozen import dataclass

Term = Any
"""A term of the solver, or a plain whole number or truth."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A value that may be missing; what stands in `value` then means nothing.

    Numbers are whole numbers at their type's scale, days are ordinals, texts are places in a list. A choice or a case is
    a condition for each of its names, of which one holds.
    """

    value: Term
    missing: Term = False

    def yes(self) -> Term:
        return both([negated(self.missing), self.value])

    def no(self) -> Term:
        return both([negated(self.missing), negated(self.value)])


def both(items: Iterable[Term]) -> Term:
    return joined(items, True, z3.And)


def either(items: Iterable[Term]) -> Term:
    return joined(items, False, z3.Or)


def joined(items: Iterable[Term], idle: bool, join: Callable[[list[Term]], Term]) -> Term:
    """All or any of them: what is `idle` makes no difference, its opposite decides."""
    found = []
    for item in items:
        if item is (not idle):
            return item
        if item is not idle:
            found.append(item)
    return idle if not found else found[0] if len(found) == 1 else join(found)


def negated(item: Term) -> Term:
    return not item if isinstance(item, bool) else z3.Not(item)


def implied(condition: Term, item: Term) -> Term:
    return either([negated(condition), item])


def chosen(condition: Term, then: Term, otherwise: Term) -> Term:
    """One of two numbers or truths."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if isinstance(then, bool) or isinstance(otherwise, bool):
        return either([both([condition, then]), both([negated(condition), otherwise])])
    if isinstance(then, int) and isinstance(otherwise, int) and then == otherwise:
        return then
    return z3.If(condition, then, otherwise)


def either_symbol(condition: Term, then: Symbol, otherwise: Symbol) -> Symbol:
    """One of two values of the same kind."""
    missing = chosen(condition, then.missing, otherwise.missing)
    if isinstance(then.value, dict) and isinstance(otherwise.value, dict):
        names = dict.fromkeys((*then.value, *otherwise.value))
        values = {
            name: chosen(condition, then.value.get(name, False), otherwise.value.get(name, False))
            for name in names
        }
        return Symbol(values, missing)
    if then.missing is True:
        return Symbol(otherwise.value, missing)
    if otherwise.missing is True:
        return Symbol(then.value, missing)
    return Symbol(chosen(condition, then.value, otherwise.value), missing)


def is_plain(*terms: Term) -> bool:
    return all(isinstance(term, int) for term in terms)


def several(items: list[Term]) -> Term:
    """Two or more of these hold."""
    open_ = [item for item in items if item is not False]
    certain = sum(item is True for item in open_)
    if certain:
        rest = [item for item in open_ if item is not True]
        return certain > 1 or either(rest)
    if len(open_) < 2:
        return False
    if len(open_) == 2:
        return both(open_)
    return z3.AtLeast(*open_, 2)


def compared(operator: str, left: Term, right: Term) -> Term:
    match operator:
        case "=":
            return left == right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def divided_half_away(dividend: Term, divisor: int, *, never_negative: bool) -> Term:
    """The nearest whole number, a half away from zero, for a plain divisor above 0."""
    half = divisor >> 1
    if isinstance(dividend, int):
        return (dividend + half) // divisor if dividend >= 0 else -((half - dividend) // divisor)
    if never_negative:
        return (dividend + half) / divisor
    return z3.If(dividend >= 0, (dividend + half) / divisor, -((half - dividend) / divisor))


def nearest_quotient(dividend: Term, divisor: Term, quotient: Term) -> Term:
    """That a whole number is the nearest to a quotient whose divisor, not zero, is no plain number."""
    above = z3.If(divisor > 0, dividend, -dividend)
    below = z3.If(divisor > 0, divisor, -divisor)
    size = z3.If(above >= 0, above, -above)
    share = z3.If(above >= 0, quotient, -quotient)
    return both(
        [2 * share * below <= 2 * size + below, 2 * size + below < 2 * (share + 1) * below, share >= 0]
    )
