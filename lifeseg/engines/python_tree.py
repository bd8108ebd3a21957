"""The pieces a compiled policy is built from: makers of Python syntax nodes, and the functions its code calls."""

from __future__ import annotations

import ast
from datetime import date
from math import isqrt
from typing import Any

from lifeseg.functions.calendar import add_days, add_months
from lifeseg.functions.exact import divide_half_away


def name(identifier: str) -> ast.Name:
    return ast.Name(id=identifier, ctx=ast.Load())


def assign(identifier: str, value: ast.expr) -> ast.stmt:
    return ast.Assign(targets=[ast.Name(id=identifier, ctx=ast.Store())], value=value)


def const(value: float | str | bool | None) -> ast.expr:
    return ast.Constant(value=value)


def is_none(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant):
        return const(value.value is None)
    return ast.Compare(left=value, ops=[ast.Is()], comparators=[const(None)])


def any_of(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(op=ast.Or(), values=tests)


def otherwise(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    return ast.IfExp(test=test, body=yes, orelse=no)


def walrus(identifier: str, value: ast.expr) -> ast.expr:
    return ast.NamedExpr(target=ast.Name(id=identifier, ctx=ast.Store()), value=value)


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left=left, ops=[operator], comparators=[right])


def both_of(*tests: ast.expr) -> ast.expr:
    return ast.BoolOp(op=ast.And(), values=[*tests])


def call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    return ast.Call(func=function, args=[*arguments], keywords=[])


def method(value: ast.expr, called: str, *arguments: ast.expr) -> ast.expr:
    return call(ast.Attribute(value=value, attr=called, ctx=ast.Load()), *arguments)


def when(test: ast.expr, then: ast.stmt) -> ast.stmt:
    return ast.If(test=test, body=[then], orelse=[])


# ---- What the compiled code calls ---------------------------------------------------------------


def divided(left: int, right: int) -> int | None:
    return divide_half_away(left, right) if right else None


def whole(left: int, right: int) -> int | None:
    return left // right if right else None


def near_root(value: int) -> int:
    return isqrt(value) or 1


def later(best: tuple[Any, Any] | None, order: tuple[Any, ...], value: Any) -> tuple[Any, Any]:
    """The later of two rows; of rows at the same place None if one of them has None, else the greatest value."""
    if best is None or order > best[0]:
        return order, value
    if order < best[0]:
        return best
    return order, None if value is None or best[1] is None else max(value, best[1])


def least(left: int, right: int) -> int:
    return min(right, left)


def greatest(left: int, right: int) -> int:
    return max(right, left)


def days(later: date, earlier: date) -> int:
    return (later - earlier).days


def days_later(day: date, count: int) -> date:
    """Beyond the years 1 to 9999 it is their first or last day."""
    try:
        return add_days(day, count)
    except ValueError:
        return date.max if count > 0 else date.min


def months_later(day: date, count: int) -> date:
    try:
        return add_months(day, count)
    except ValueError:
        return date.max if count > 0 else date.min


def all_hold(verdicts: tuple[bool | None, ...]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def any_holds(verdicts: tuple[bool | None, ...]) -> bool | None:
    return True if True in verdicts else None if None in verdicts else False


def holding(items: tuple[tuple[str, bool | None], ...]) -> tuple[str, ...]:
    return tuple([label for label, holds in items if holds])
