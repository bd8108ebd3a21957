"""The pieces a compiled policy is built from: makers of Python syntax nodes, and the functions its code calls."""

from __future__ import annotations

import ast
from datetime import date

from lifeseg.functions.exact import divide_half_away


def name(identifier: str) -> ast.expr:
    return ast.Name(id=identifier, ctx=ast.Load())


def assign(identifier: str, value: ast.expr) -> ast.stmt:
    return ast.Assign(targets=[ast.Name(id=identifier, ctx=ast.Store())], value=value)


def const(value: int | str | bool | None) -> ast.expr:
    return ast.Constant(value=value)


def is_none(value: ast.expr) -> ast.expr:
    return ast.Compare(left=value, ops=[ast.Is()], comparators=[const(None)])


def any_of(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(op=ast.Or(), values=tests)


def otherwise(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    return ast.IfExp(test=test, body=yes, orelse=no)


def walrus(identifier: str, value: ast.expr) -> ast.expr:
    return ast.NamedExpr(target=ast.Name(id=identifier, ctx=ast.Store()), value=value)


# ---- What the compiled code calls ---------------------------------------------------------------


def divided(left: int, right: int) -> int | None:
    return divide_half_away(left, right) if right else None


def least(left: int, right: int) -> int:
    return min(right, left)


def greatest(left: int, right: int) -> int:
    return max(right, left)


def days(later: date, earlier: date) -> int:
    return (later - earlier).days


def all_hold(verdicts: tuple[bool | None, ...]) -> bool | None:
    return False if False in verdicts else None if None in verdicts else True


def any_holds(verdicts: tuple[bool | None, ...]) -> bool | None:
    return True if True in verdicts else None if None in verdicts else False


def holding(items: tuple[tuple[str, bool | None], ...]) -> tuple[str, ...]:
    return tuple([label for label, holds in items if holds])
