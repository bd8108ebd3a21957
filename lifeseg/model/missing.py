"""A core expression comes in; the part of it that can be missing, and is not guarded against, goes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from lifeseg.model import expression as e
from lifeseg.model.context import Known

NOTHING: Known = frozenset()


def unknown_part(node: e.Expression, known: Known = NOTHING) -> e.Expression | None:
    """The first part that can make the whole missing, or unknown for a condition; None if it always has a value."""
    match node:
        case e.Constant() | e.Parameter() | e.Today() | e.IsMissing() | e.Was():
            return None
        case e.Field() | e.Band() | e.Statistic():
            return node if node.type.optional and node not in known else None
        case e.OneOf():
            return None if node.decided else unknown_part(node.subject, known)
        case e.And():
            return unknown_item(node.items, known, True)
        case e.Or():
            return unknown_item(node.items, known, False)
        case e.Not() | e.Negate() | e.Round():
            return unknown_part(node.value, known)
        case e.Group():
            return unknown_part(node.value, known)
        case e.Divide():
            return first((node.left, node.right), known) or zero_divisor(node)
        case e.Add() | e.Subtract() | e.Multiply() | e.Compare():
            return first((node.left, node.right), known)
        case e.Apply():
            return first(node.arguments, known) or outside_domain(node)
        case e.Quantified():
            return unknown_part(node.body, inside(node.children))
        case e.Aggregate():
            return None if node.function == "count" else node
        case e.Choose():
            return unknown_step(node, known)


def first(nodes: Iterable[e.Expression], known: Known) -> e.Expression | None:
    return next((found for node in nodes if (found := unknown_part(node, known))), None)


def zero_divisor(node: e.Divide) -> e.Expression | None:
    return node.right if node.right.type.low <= 0 <= node.right.type.high else None


def outside_domain(node: e.Apply) -> e.Expression | None:
    of = node.arguments[0].type
    if node.function == "square_root" and of.low < 0:
        return node
    return node if node.function == "ln" and of.low <= 0 else None


def inside(children: e.Children) -> Known:
    """What is known of a child row that a `where` has let in."""
    return implied(children.where, True) if children.where is not None else NOTHING


def unknown_item(items: tuple[e.Expression, ...], known: Known, joined_by_and: bool) -> e.Expression | None:
    """An item of `and` is only asked when no other is no, one of `or` when no other is yes, in whatever order."""
    guards = [implied(item, joined_by_and) for item in items if unknown_part(item, known) is None]
    return first(items, reduce(frozenset.union, guards, known))


def unknown_step(node: e.Choose, known: Known) -> e.Expression | None:
    for condition, value in node.steps:
        found = unknown_part(condition, known) or unknown_part(value, known | implied(condition, True))
        if found:
            return found
        known |= implied(condition, False)
    return unknown_part(node.otherwise, known) if node.otherwise is not None else None


def implied(condition: e.Expression, verdict: bool) -> Known:
    """What cannot be missing when the condition has this verdict."""
    match condition:
        case e.IsMissing():
            return frozenset([condition.subject]) if condition.negated == verdict else NOTHING
        case e.Not():
            return implied(condition.value, not verdict)
        case e.And() if verdict:
            return frozenset().union(*(implied(item, True) for item in condition.items))
        case e.Or() if not verdict:
            return frozenset().union(*(implied(item, False) for item in condition.items))
        case e.Compare():
            return frozenset(operands(condition.left)) | frozenset(operands(condition.right))
        case e.OneOf() if not condition.decided or verdict != condition.negated:
            return frozenset([condition.subject])
        case _:
            return NOTHING


def operands(node: e.Expression) -> Iterator[e.Expression]:
    """The fields without which an arithmetic expression would be missing."""
    match node:
        case e.Field():
            yield node
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
            yield from operands(node.left)
            yield from operands(node.right)
        case e.Negate() | e.Round():
            yield from operands(node.value)
        case _:
            return
