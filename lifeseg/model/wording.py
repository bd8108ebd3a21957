"""A core expression comes in; its words go out, the same however the policy's text is formatted or ordered.

They name the statistics of a baseline, so that a baseline still fits when a policy has only been formatted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from lifeseg.functions.exact import DIVISION_DECIMALS, to_text
from lifeseg.model import expression as e
from lifeseg.model.model import Statistic
from lifeseg.model.types import DAY, MONTH, unit_text

SIGNS = {e.Add: "+", e.Subtract: "-", e.Multiply: "*", e.Divide: "/"}
Plain = (
    e.Constant | e.Parameter | e.Today | e.Field | e.Band | e.Statistic | e.Cut | e.Group | e.Apply | e.Round
    | e.Distance | e.Aggregate
)  # fmt: skip
"""Names, literals and calls, which need no brackets."""


def wording(node: e.Expression) -> str:
    """The expression in the words of the language, with brackets around every inner operation."""
    match node:
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
            return f"{inner(node.left)} {SIGNS[type(node)]} {inner(node.right)}"
        case e.Negate():
            return f"-{inner(node.value)}"
        case e.Compare():
            return f"{inner(node.left)} {node.operator} {inner(node.right)}"
        case e.OneOf():
            return f"{inner(node.subject)} {listed('is', node.negated, node.values)}"
        case e.Was():
            return f"{node.name} {listed('was', node.negated, node.values)}"
        case e.IsMissing():
            return f"{inner(node.subject)} is {'not ' if node.negated else ''}missing"
        case e.Not():
            return f"not {inner(node.value)}"
        case e.And() | e.Or():
            return (" and " if isinstance(node, e.And) else " or ").join(map(inner, node.items))
        case e.Quantified():
            admission = where(node.children.where)
            return f"{node.quantifier} {node.children.entity}{admission}: {wording(node.body)}"
        case e.Choose():
            return chosen(node)
        case _:
            return plain(node)


def inner(node: e.Expression) -> str:
    return plain(node) if isinstance(node, Plain) else f"({wording(node)})"


def plain(node: Plain) -> str:
    match node:
        case e.Constant():
            return literal(node)
        case e.Parameter():
            return node.name
        case e.Today():
            return "today"
        case e.Field():
            return f"{node.entity}.{node.name}" if node.up else node.name
        case e.Band():
            return f"{node.entity}.{node.score}" if node.up else node.score
        case e.Statistic():
            return node.key
        case e.Cut():
            return f"{node.cuts.key} {node.place + 1}"
        case e.Group():
            return f"group({wording(node.value)} among {node.cuts.key})"
        case e.Round():
            return f"round({wording(node.value)}, {node.type.scale})"
        case e.Distance():
            return f"distance to {', '.join(node.classes)}"
        case e.Apply():
            return f"{node.function}({', '.join(map(wording, node.arguments))})"
        case e.Aggregate():
            return aggregate(node)
        case _:
            assert_never(node)


def literal(node: e.Constant) -> str:
    value = node.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        unit = {DAY: "days", MONTH: "months"}.get(node.type.unit) or unit_text(node.type.unit)
        return to_text(value, node.type.scale) + (f" {unit}" if node.type.unit else "")
    return f'"{value}"' if isinstance(value, str) else str(value)


def listed(word: str, negated: bool, values: Iterable[str]) -> str:
    """`is a`, `is not one of a, b`."""
    found = list(values)
    return f"{word} {'not ' if negated else ''}{'one of ' if len(found) > 1 else ''}{', '.join(found)}"


def aggregate(node: e.Aggregate) -> str:
    children = node.children
    head, condition = children.entity, children.where
    if node.function == "share":
        condition = node.value
    elif node.value is not None:
        head = f"{'known ' if node.known else ''}{wording(node.value)} over {children.entity}"
    return f"{node.function}({head}{period(children.period)}{where(condition)})"


def period(found: e.Period | None) -> str:
    if found is None:
        return ""
    if found.first == found.last:
        return f" in {found.unit} {found.first} ago"
    return f" in {found.unit}s {found.first}..{found.last} ago"


def where(condition: e.Expression | None) -> str:
    return f" where {wording(condition)}" if condition is not None else ""


def chosen(node: e.Choose) -> str:
    steps = [f"{wording(value)} when {wording(test)}" for test, value in node.steps]
    last = [f"{wording(node.otherwise)} otherwise"] if node.otherwise is not None else []
    return "; ".join([*steps, *last])


def statistic(found: Statistic) -> str:
    """A population statistic: `mean(known annual_income over all customer where partnership)`."""
    value = found.value
    if value is None or found.function == "share":
        return f"{found.function}(all {found.entity}{where(found.where if value is None else value)})"
    name, decimals = found.function, 0
    if name == "quantile":
        decimals = DIVISION_DECIMALS
    elif name == "groups":
        name = "quantile_group"
    argument = "".join(f", {to_text(part, decimals)}" for part in found.argument)
    known = "known " if found.known else ""
    if found.manner:
        argument += f", {'interpolation' if name == 'quantile' else 'ties'} {found.manner}"
    return f"{name}({known}{wording(value)}{argument} over all {found.entity}{where(found.where)})"
