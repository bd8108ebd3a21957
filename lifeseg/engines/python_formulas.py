"""A plan formula and the locals that hold its columns come in; the Python expression of the same value goes out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, assert_never

from lifeseg.engines.python_reading import Read
from lifeseg.engines.python_tree import (
    all_hold,
    any_holds,
    any_of,
    assign,
    compared,
    const,
    days,
    days_later,
    divided,
    greatest,
    holding,
    is_none,
    least,
    months_later,
    name,
    near_root,
    otherwise,
    walrus,
    whole,
)
from lifeseg.functions.calendar import months_between
from lifeseg.plan import tree as p
from lifeseg.plan.settling import parts_of

MOST_EXACT = 2**53
OPERATORS: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
COMPARISONS: dict[str, ast.cmpop] = {
    "=": ast.Eq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
}


@dataclass(slots=True)
class Formulas:
    """Writes formulas, with numbered names and constants."""

    count: int = 0
    constants: dict[str, Any] = field(default_factory=dict)
    homes: dict[str, Read] = field(default_factory=dict)  # locals that depend on one fact alone
    known: dict[object, str] = field(default_factory=dict)  # such locals by their formulas
    floating: set[str] = field(
        default_factory=set
    )  # locals that may hold a whole number as a binary fraction
    sure: set[str] = field(default_factory=set)  # locals that are never None, whatever the plan allows

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def held(self, value: Any) -> ast.expr:
        """A constant that has no literal of its own: a date, a set of texts, a function."""
        for identifier, known in self.constants.items():
            if type(known) is type(value) and known == value:
                return name(identifier)
        return self.held_apart(value)

    def held_apart(self, value: Any) -> ast.Name:
        identifier = self.fresh("k")
        self.constants[identifier] = value
        return name(identifier)

    def formula(self, node: p.AnyFormula, columns: Mapping[str, str]) -> ast.expr:
        """Its value; where it depends on one fact alone, a local that is remembered with the fact's value."""
        if isinstance(node, p.Column | p.Literal_):
            return self.own(node, columns)
        locals_ = [columns[column] for column in columns_in(node)]
        homes = {id(self.homes[local]) if local in self.homes else None for local in locals_}
        if len(homes) != 1 or None in homes:
            return self.own(node, columns)
        key = (node, *locals_)
        if key not in self.known:
            self.known[key] = self.tabulated(locals_[0], self.own(node, columns))
        return name(self.known[key])

    def tabulated(self, local: str, value: ast.expr) -> str:
        """A new local for a value that depends on the same fact as another local, and on nothing else."""
        home, new = self.homes[local], self.fresh("d")
        home.made.append(assign(new, value))
        self.homes[new] = home
        return new

    def lightly(self, node: p.AnyFormula, columns: Mapping[str, str]) -> tuple[ast.expr, bool]:
        """Its value, and whether that may be a binary fraction: sums of fractions as they were given are quickly made,
        and exact where all numbers are small enough. Elsewhere they become whole numbers.
        """
        if isinstance(node, p.Column):
            return name(columns[node.name]), columns[node.name] in self.floating
        small = isinstance(node, p.Binary) and all(map(is_small, (node, node.left, node.right)))
        if not small or not any(columns[column] in self.floating for column in columns_in(node)):
            return self.formula(node, columns), False
        assert isinstance(node, p.Binary)
        return self.on_both(
            node, columns, lambda a, b: ast.BinOp(left=a, op=OPERATORS[node.operator], right=b)
        )

    def on_both(
        self, node: p.Binary | p.Compare, columns: Mapping[str, str],
        operation: Callable[[ast.expr, ast.expr], ast.expr],
    ) -> tuple[ast.expr, bool]:  # fmt: skip
        """An operation on two sides that are never None: if one may be a binary fraction, constants are too."""
        sides = [self.lightly(side, columns) for side in (node.left, node.right)]
        light = any(found for _, found in sides)
        made_ = [self.as_light(value) if light else value for value, _ in sides]
        return operation(*made_), light

    def as_light(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            return const(float(value.value))
        if isinstance(value, ast.Name) and value.id in self.homes:
            key = (float, value.id)
            if key not in self.known:
                self.known[key] = self.tabulated(
                    value.id, ast.Call(func=self.held(float), args=[value], keywords=[])
                )
            return name(self.known[key])
        return value

    def whole(self, value: ast.expr, light: bool) -> ast.expr:
        return ast.Call(func=self.held(int), args=[value], keywords=[]) if light else value

    def value(self, local: str) -> ast.expr:
        """A whole number as one."""
        return self.whole(name(local), local in self.floating)

    def own(self, node: p.AnyFormula, columns: Mapping[str, str]) -> ast.expr:
        match node:
            case p.Column():
                return self.value(columns[node.name])
            case p.Literal_():
                return self.held(node.value) if isinstance(node.value, date) else const(node.value)
            case p.Scalar():
                raise AssertionError("statistics are settled before")
            case p.Binary() | p.Compare() | p.Quotient() | p.Whole() | p.NearRoot() | p.Extreme():
                return self.arithmetic(node, columns)
            case p.OneOf() | p.IsNull() | p.Not() | p.Both():
                return self.condition(node, columns)
            case p.Choose():
                return self.choose(node, columns)
            case p.Coalesce():
                value, new = self.formula(node.value, columns), self.fresh("t")
                if isinstance(value, ast.Name) and value.id in self.sure:
                    return value
                return otherwise(is_none(walrus(new, value)), self.formula(node.instead, columns), name(new))
            case p.DateShift() | p.DaysBetween() | p.MonthsBetween():
                return self.dates(node, columns)
            case p.Names():
                return self.names(node, columns)
            case _:
                assert_never(node)

    def arithmetic(
        self,
        node: p.Binary | p.Compare | p.Quotient | p.Whole | p.NearRoot | p.Extreme,
        columns: Mapping[str, str],
    ) -> ast.expr:
        def called(function: Any) -> Callable[[ast.expr, ast.expr], ast.expr]:
            held = self.held(function)
            return lambda a, b: ast.Call(func=held, args=[a, b], keywords=[])

        match node:
            case p.Binary() if is_small(node) and is_small(node.left) and is_small(node.right):
                operator = OPERATORS[node.operator]
                return self.whole(
                    *self.on_both(node, columns, lambda a, b: ast.BinOp(left=a, op=operator, right=b))
                )
            case p.Compare() if is_small(node.left) and is_small(node.right):
                sign = COMPARISONS[node.operator]
                return self.on_both(node, columns, lambda a, b: compared(a, sign, b))[0]
            case p.Binary():
                operator = OPERATORS[node.operator]
                return self.strict(node, columns, lambda a, b: ast.BinOp(left=a, op=operator, right=b))
            case p.Compare():
                sign = COMPARISONS[node.operator]
                return self.strict(
                    node, columns, lambda a, b: ast.Compare(left=a, ops=[sign], comparators=[b])
                )
            case p.Quotient():
                return self.quotient(node, columns)
            case p.Whole():
                return self.strict(node, columns, called(whole))
            case p.NearRoot():
                root = self.held(near_root)
                return self.strictly(
                    [node.value], columns, lambda s: ast.Call(func=root, args=s, keywords=[])
                )
            case p.Extreme():
                return self.strict(node, columns, called(least if node.function == "least" else greatest))
            case _:
                assert_never(node)

    def strict(
        self, node: p.Binary | p.Compare | p.Extreme | p.Quotient | p.Whole, columns: Mapping[str, str],
        operation: Callable[[ast.expr, ast.expr], ast.expr],
    ) -> ast.expr:  # fmt: skip
        """An operation on two sides; None if either is."""
        return self.strictly([node.left, node.right], columns, lambda sides: operation(sides[0], sides[1]))

    def strictly(
        self,
        nodes: Sequence[p.AnyFormula],
        columns: Mapping[str, str],
        operation: Callable[[list[ast.expr]], ast.expr],
    ) -> ast.expr:
        sides: list[ast.expr] = []
        tests: list[ast.expr] = []
        for node in nodes:
            value = self.formula(node, columns)
            if node.optional:
                new = self.fresh("t")
                tests.append(is_none(walrus(new, value)))
                value = name(new)
            sides.append(value)
        made_ = operation(sides)
        # all sides are named before any is used: `or` stops at the first that is None, and then none is used
        return otherwise(any_of(tests), const(None), made_) if tests else made_

    def quotient(self, node: p.Quotient, columns: Mapping[str, str]) -> ast.expr:
        left, right = node.left, node.right
        if isinstance(right, p.Literal_) and right.low > 0 and left.low >= 0:

            def rounded(sides: list[ast.expr]) -> ast.expr:
                lifted = ast.BinOp(left=sides[0], op=ast.Add(), right=const(right.low // 2))
                return ast.BinOp(left=lifted, op=ast.FloorDiv(), right=const(right.low))

            return self.strictly([left], columns, rounded)
        divide = self.held(divided)
        return self.strict(node, columns, lambda a, b: ast.Call(func=divide, args=[a, b], keywords=[]))

    def condition(self, node: p.OneOf | p.IsNull | p.Not | p.Both, columns: Mapping[str, str]) -> ast.expr:
        match node:
            case p.OneOf():
                if len(node.values) == 1:
                    only = const(node.values[0])
                    return self.strictly([node.subject], columns, lambda s: compared(s[0], ast.Eq(), only))
                values = self.held(frozenset(node.values))
                return self.strictly([node.subject], columns, lambda s: compared(s[0], ast.In(), values))
            case p.IsNull() if not node.subject.optional and not isinstance(node.subject, p.Column):
                return const(False)
            case p.IsNull():
                return is_none(self.formula(node.subject, columns))
            case p.Not():
                return self.strictly([node.value], columns, lambda s: ast.UnaryOp(op=ast.Not(), operand=s[0]))
            case p.Both():
                return self.both(node, columns)
            case _:
                assert_never(node)

    def both(self, node: p.Both, columns: Mapping[str, str]) -> ast.expr:
        """Two-valued items by Python's own operators; with unknown ones the decisive verdict wins over unknown."""
        items = [self.formula(item, columns) for item in node.items]
        if not node.optional:
            return ast.BoolOp(op=ast.And() if node.operator == "and" else ast.Or(), values=items)
        join = self.held(all_hold if node.operator == "and" else any_holds)
        return ast.Call(func=join, args=[ast.Tuple(elts=items, ctx=ast.Load())], keywords=[])

    def choose(self, node: p.Choose, columns: Mapping[str, str]) -> ast.expr:
        found: ast.expr = self.formula(node.otherwise, columns) if node.otherwise is not None else const(None)
        for test, value in reversed(node.steps):
            found = otherwise(self.formula(test, columns), self.formula(value, columns), found)
        return found

    def dates(
        self, node: p.DateShift | p.DaysBetween | p.MonthsBetween, columns: Mapping[str, str]
    ) -> ast.expr:
        if isinstance(node, p.DateShift):
            shift: Any = months_later if node.unit == "month" else days_later
            sides = [node.day, node.count]
        else:
            shift = days if isinstance(node, p.DaysBetween) else months_between
            sides = [node.later, node.earlier]
        if all(isinstance(side, p.Literal_) and side.value is not None for side in sides):
            found = shift(*(side.value for side in sides if isinstance(side, p.Literal_)))
            return self.held(found) if isinstance(found, date) else const(found)
        function = self.held(shift)
        return self.strictly(sides, columns, lambda s: ast.Call(func=function, args=s, keywords=[]))

    def names(self, node: p.Names, columns: Mapping[str, str]) -> ast.expr:
        listed = [
            ast.Tuple(elts=[const(label), self.formula(test, columns)], ctx=ast.Load())
            for label, test in node.items
        ]
        return ast.Call(
            func=self.held(holding), args=[ast.Tuple(elts=[*listed], ctx=ast.Load())], keywords=[]
        )


def is_small(node: p.AnyFormula) -> bool:
    """A whole number, never None, that a binary fraction holds exactly."""
    return node.kind == "whole" and not node.optional and max(-node.low, node.high) <= MOST_EXACT


def columns_in(node: p.AnyFormula) -> list[str]:
    """The columns a formula reads, each once."""
    return [*dict.fromkeys(one.name for one in parts_of(node) if isinstance(one, p.Column))]
