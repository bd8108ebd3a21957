"""How the facts of an entity's records are read comes in; the objects and statements that read them go out.

A fact is looked up by the type of what is given and then by its value, so that what was read before costs two look-ups.
What depends on that fact alone (a rating's contribution to a score, say) is kept with the value and never computed again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from lifeseg.engines.python_tree import (
    assign,
    both_of,
    call,
    compared,
    const,
    method,
    name,
    walrus,
    when,
)
from lifeseg.frozen import dataclass

MOST_REMEMBERED = 16_384
"""Values a fact remembers of each Python type; those that come later are read each time."""

LONGEST_REMEMBERED = 64
SHIFT = 3.0 * 2**51
"""Added to a number below 2**51 it leaves no bits for fractions; halves go to the even neighbour, as with `round`."""

NEW = object()
"""Stands for what is not remembered yet."""

ALIKE = (str, int, float, bool, date, type(None))
"""Types whose equal values are read alike. (Equal decimals may be written differently.)"""


class UnusualError(KeyError):
    """The record wants the careful reader, which says what is wrong with it. A fact left out is a KeyError too."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole multiples of `step` from low to high, of 1 / unit: a binary fraction nearest to one of them is read as it."""

    low: int
    high: int
    unit: int
    step: int


@dataclass(frozen=True, slots=True)
class FactReading:
    """`read` gives the value that the plan knows, or raises UnusualError.

    A fact of `few` values is remembered with what is made of it; if they are `often_new`, such as days, no KeyError is
    raised for them. Other facts are read each time, by reckoning if they are on a grid.
    """

    name: str
    kind: str  # number, text, truth, date, choice
    options: tuple[str, ...]  # of a choice
    read: Callable[[Any], Any]
    optional: bool
    few: bool
    often_new: bool
    grid: Grid | None
    scale: int | None  # of a number


@dataclass(frozen=True, slots=True)
class Reading:
    """All facts of an entity, its keys among them, and the entities below it."""

    facts: tuple[FactReading, ...]
    keys: tuple[str, ...]
    children: tuple[str, ...]


Tables = dict[type, dict[Any, Any]]
"""What is made of the values of a fact, by their type."""


def remembering(known: Tables, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads a value and remembers what is made of it, as long as there is room."""

    def again(value: Any) -> Any:
        made = read(value)
        values = known.get(type(value))
        short = type(value) is not str or len(value) <= LONGEST_REMEMBERED
        if values is not None and short and len(values) < MOST_REMEMBERED:
            values[value] = made
        return made

    return again


class Made:
    """In the place of a table: makes what is asked for."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __getitem__(self, value: Any) -> Any:
        return self._make(value)

    def get(self, value: Any, _: object) -> Any:
        return self._make(value)


@dataclass(slots=True)
class Read:
    """A fact that the function reads: the local that holds its value, and the locals that are made of it alone."""

    fact: FactReading
    given: str
    value: str
    slot: ast.If = field(
        default_factory=lambda: ast.If(test=ast.Constant(value=True), body=[ast.Pass()], orelse=[])
    )
    made: list[ast.stmt] = field(default_factory=list)

    @property
    def locals_(self) -> list[str]:
        return [self.value, *stored(self.made)]


def got(row: str, fact: str, optional: bool) -> ast.expr:
    """What a record gives for a name: None or a KeyError if it is left out."""
    if not optional:
        return ast.Subscript(value=name(row), slice=ast.Constant(value=fact), ctx=ast.Load())
    get = ast.Attribute(value=name(row), attr="get", ctx=ast.Load())
    return ast.Call(func=get, args=[ast.Constant(value=fact)], keywords=[])


def looked_up(given: str, kinds: ast.expr, type_of: ast.expr) -> ast.expr:
    """kinds[type(given)][given]"""
    table = ast.Subscript(value=kinds, slice=call(type_of, name(given)), ctx=ast.Load())
    return ast.Subscript(value=table, slice=name(given), ctx=ast.Load())


def reckoned(read: Read, grid: Grid, light: bool, new: str, functions: Mapping[Any, ast.expr]) -> ast.expr:
    """Whether a number is on the grid; its number of units is then in the local of its value, as it was given or, unless
    `light`, as a whole number.

    Bounds and unit are written as binary fractions, which they are exactly: mixed arithmetic is slow.
    """
    given = name(read.given)
    whole, kind = grid.unit == 1, functions[int if grid.unit == 1 else float]
    low, high = (ast.Constant(value=bound if whole else float(bound)) for bound in (grid.low, grid.high))
    local = read.value if whole or light else new
    units = walrus(local, given if whole else nearest(given, float(grid.unit)))
    within = ast.Compare(left=low, ops=[ast.LtE(), ast.LtE()], comparators=[units, high])
    tests = [compared(call(functions[type], given), ast.Is(), kind), within]
    if not whole:
        again = ast.BinOp(left=name(local), op=ast.Div(), right=const(float(grid.unit)))
        tests.append(compared(again, ast.Eq(), given))
    if grid.step != 1:
        over = ast.BinOp(
            left=name(local), op=ast.Mod(), right=const(grid.step if whole else float(grid.step))
        )
        tests.append(compared(over, ast.Eq(), const(0)))
    if local != read.value:
        value = walrus(read.value, call(functions[int], name(new)))
        tests.append(compared(value, ast.IsNot(), const(None)))
    return both_of(*tests)


def nearest(given: ast.expr, unit: float) -> ast.expr:
    """given * unit + SHIFT - SHIFT: the next whole number, without the call that `round` is."""
    scaled = ast.BinOp(left=given, op=ast.Mult(), right=const(unit))
    lifted = ast.BinOp(left=scaled, op=ast.Add(), right=const(SHIFT))
    return ast.BinOp(left=lifted, op=ast.Sub(), right=const(SHIFT))


def remembered(
    given: str, found: str, tables: ast.expr, again: ast.expr, functions: Mapping[Any, ast.expr]
) -> list[ast.stmt]:
    """found = tables[type(given)].get(given, NEW); where that knows nothing, found = again(given)"""
    table = ast.Subscript(value=tables, slice=call(functions[type], name(given)), ctx=ast.Load())
    known = assign(found, method(table, "get", name(given), functions[NEW]))
    return [
        known,
        when(compared(name(found), ast.Is(), functions[NEW]), assign(found, call(again, name(given)))),
    ]


def unpacked(wanted: list[str], value: ast.expr) -> ast.stmt:
    """Assigns what is wanted of a value looked up; only looks it up if nothing is."""
    if not wanted:
        return ast.Expr(value=value)
    if len(wanted) == 1:
        return assign(wanted[0], value)
    targets: list[ast.expr] = [ast.Name(id=one, ctx=ast.Store()) for one in wanted]
    return ast.Assign(targets=[ast.Tuple(elts=targets, ctx=ast.Store())], value=value)


def maker(read: Read, wanted: list[str]) -> list[ast.stmt]:
    """The body of a function from a fact's value to what is wanted of it."""
    if len(wanted) == 1:
        return [*read.made, ast.Return(value=name(wanted[0]))]
    elements: list[ast.expr] = [name(one) for one in wanted]
    return [*read.made, ast.Return(value=ast.Tuple(elts=elements, ctx=ast.Load()))]


def stored(statements: list[ast.stmt]) -> list[str]:
    """The locals that are assigned, once each; those of loops inside belong to other rows."""
    found: dict[str, None] = {}
    waiting: list[ast.AST] = [*reversed(statements)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        if not isinstance(node, ast.For):
            waiting.extend(reversed([*ast.iter_child_nodes(node)]))
    return [*found]


def loaded(statements: list[ast.stmt]) -> set[str]:
    nodes = (node for statement in statements for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def as_dict(record: object) -> dict[Any, Any]:
    """A mapping of another kind as a plain one, so that asking it for a name never makes a value up."""
    if isinstance(record, Mapping):
        return dict(record)
    raise UnusualError
