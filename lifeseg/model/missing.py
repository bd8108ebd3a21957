"""A core expression comes in; the part of it that can be missing, and is not guarded against, goes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce

from lifeseg.model import expression as e
from lifeseg.model.context import Context, Known

NOTHING: Known = frozenset()


def demand(context: Context, node: e.Expression, known: Known = NOTHING) -> None:
    """Reports the part that can be missing in a place where no line `if missing` can stand."""
    part = unknown_part(node, known)
    if part is not None:
        name, line = declared(context, part)
        context.report("missing-not-handled.condition", part.span, name=name, line=line)


def not_handled(context: Context, part: e.Expression) -> None:
    """Says which part can be missing, and why."""
    key = "missing-not-handled"
    if not part.type.optional:
        key = "missing-not-handled.zero"
    elif isinstance(part, e.Aggregate):
        key = "missing-not-handled.no-rows"
    elif isinstance(part, e.Statistic):
        key = "missing-not-handled.population"
    elif isinstance(part, e.Apply):
        key = "missing-not-handled.domain"
    name, line = declared(context, part)
    context.report(key, part.span, name=name, line=line)


def declared(context: Context, part: e.Expression) -> tuple[str | None, int | None]:
    """The name of a field, and the line on which it is declared if it is a fact."""
    if not isinstance(part, e.Field):
        return None, None
    fact = context.facts.get((part.entity, part.name))
    return part.name, fact.span.line if fact else None


def unknown_part(node: e.Expression, known: Known = NOTHING) -> e.Expression | None:
    """The first part that can make the whole missing, or unknown for a condition; None if there is none.

    A type is optional if anything in the expression may be missing, whatever conditions say of it.
    """
    if not node.type.optional or (known and node in known):
        return None
    match node:
        case e.Field() | e.Band() | e.Statistic() | e.Aggregate():
            return node
        case e.OneOf():
            return unknown_part(node.subject, known)
        case e.And():
            return unknown_item(node.items, known, True)
        case e.Or():
            return unknown_item(node.items, known, False)
        case e.Quantified():
            return unknown_part(node.body, admitted(node.children.where) | from_below(known))
        case e.Choose():
            return unknown_step(node, known)
        case _:
            return first(operands(node), known) or without_value(node)


def first(nodes: Iterable[e.Expression], known: Known) -> e.Expression | None:
    return next((found for node in nodes if (found := unknown_part(node, known))), None)


def operands(node: e.Expression) -> tuple[e.Expression, ...]:
    """The parts without any of which an operation is missing."""
    match node:
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide() | e.Compare():
            return (node.left, node.right)
        case e.Not() | e.Negate() | e.Round() | e.Distance() | e.Group():
            return (node.value,)
        case e.Apply():
            return node.arguments
        case _:
            return ()


def without_value(node: e.Expression) -> e.Expression | None:
    """The part that keeps an operation from having a value though its operands have one."""
    match node:
        case e.Divide():
            zero = node.right.type.low <= 0 <= node.right.type.high
            return replace(node.right, type=node.right.type.known()) if zero else None
        case e.Apply(function="square_root", arguments=(inner,)):
            return node if inner.type.low < 0 else None
        case e.Apply(function="ln", arguments=(inner,)):
            return node if inner.type.low <= 0 else None
        case _:
            return None


def admitted(where: e.Expression | None) -> Known:
    """What is known of a record that a `where` has let in."""
    return implied(where, True) if where is not None else NOTHING


def from_below(known: Known) -> Known:
    """What is known of a record, as its children name it."""
    return frozenset(replace(node, up=node.up + 1) for node in known if isinstance(node, e.Field | e.Band))


def unknown_item(items: tuple[e.Expression, ...], known: Known, joined_by_and: bool) -> e.Expression | None:
    """An item of `and` is only asked when no other is no, one of `or` when no other is yes, in any order."""
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
            return frozenset(strict(condition.subject)) if condition.negated == verdict else NOTHING
        case e.Not():
            return implied(condition.value, not verdict)
        case e.And() | e.Or():
            found = [implied(item, verdict) for item in condition.items]
            all_have_it = isinstance(condition, e.And) == verdict
            return reduce(frozenset.union if all_have_it else frozenset.intersection, found)
        case e.Compare():
            return frozenset((*strict(condition.left), *strict(condition.right)))
        case e.OneOf():
            met = not condition.decided or verdict != condition.negated
            return frozenset(strict(condition.subject)) if met else NOTHING
        case e.Field():
            return frozenset([condition])
        case _:
            return NOTHING


def strict(node: e.Expression) -> Iterator[e.Expression]:
    """The expression and every part without which it would be missing."""
    yield node
    for part in operands(node):
        yield from strict(part)
