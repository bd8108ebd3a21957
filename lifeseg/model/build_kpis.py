"""KPIs as written come in; amounts made of population statistics, with their targets, go out."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from lifeseg.model import expression as e
from lifeseg.model.arithmetic import common_scale, same_unit
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import OPERATORS, from_expression
from lifeseg.model.information import expect_words
from lifeseg.model.model import Kpi, Target
from lifeseg.model.names import ancestors, entity_named
from lifeseg.model.types import kind_text
from lifeseg.model.walk import nodes
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

NOBODY = Scope("")


def build_kpi(context: Context, node: d.Kpi) -> Kpi:
    """The amount for everybody, or for each case of what it is split by."""
    expect_words(context, node.information)
    by, options = split(context, node)
    if not options:
        values: list[tuple[str | None, e.Expression]] = [(None, amount(context, node.value))]
    else:
        values = [
            (option, amount(context, within(context, node.value, node.by, option)))
            for option in options
            if node.by is not None
        ]
    target = target_of(context, node, values[0][1], by is not None)
    return Kpi(
        node.name, titles_of(node), node.name_span, texts_of(node.information), by, tuple(values), target
    )


def amount(context: Context, tree: t.Expression) -> e.Expression:
    value = from_expression(context, NOBODY, tree)
    if value.type.kind != "number":
        context.report("not-a-number", value.span, kind=kind_text(value.type.kind), operator="=")
        raise Unresolved
    if not any(isinstance(part, e.Statistic) for part in nodes(value)):
        context.report("kpi-of-nobody", tree.span)
        raise Unresolved
    return value


# ---- Splitting -----------------------------------------------------------------------------------


def split(context: Context, node: d.Kpi) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    """The choice that a KPI is split by, of the entities it counts, and its options."""
    if node.by is None:
        return None, ()
    counted = [entity_named(context, found.entity).name for found in nodes(node.value)
               if isinstance(found, t.Everyone)]  # fmt: skip
    if not counted:
        context.report("kpi-of-nobody", node.value.span)
        raise Unresolved
    owners = [owner_of(context, entity, node.by) for entity in counted]
    kind = from_expression(context, Scope(owners[0]), t.Name(node.by.span, node.by.parts[-1:])).type
    if kind.kind != "choice":
        context.report("kpi-by", node.by.span, kind=kind_text(kind.kind))
        raise Unresolved
    return (owners[0], node.by.parts[-1]), kind.options


def owner_of(context: Context, entity: str, by: t.Name) -> str:
    """The entity, or the one above it, that has the choice."""
    for owner in (entity, *ancestors(context, entity)):
        if by.parts[-1] in context.symbols.names_of(owner) and by.parts[:-1] in ((), (owner,)):
            return owner
    context.report("unknown-name", by.span, name=".".join(by.parts), suggestion=None, entity=entity)
    raise Unresolved


def within(context: Context, tree: Any, by: t.Name, option: str) -> Any:
    """The formula with every population function limited to one case."""
    if isinstance(tree, tuple):
        return tuple(within(context, item, by, option) for item in tree)
    if not isinstance(tree, t.Node):
        return tree
    changes = {
        field.name: within(context, getattr(tree, field.name), by, option)
        for field in fields(tree)
        if field.name != "span"
    }
    found: Any = replace(tree, **changes)
    everyone = [part for part in (found.over, *found.arguments) if isinstance(part, t.Everyone)] if isinstance(
        found, t.Call
    ) else []  # fmt: skip
    if not everyone:
        return found
    entity = ".".join(everyone[0].entity.parts)
    owner = owner_of(context, entity, by)
    parts = by.parts[-1:] if owner == entity else (owner, by.parts[-1])
    case = t.Is(by.span, t.Name(by.span, parts), False, (t.Text(by.span, option),), False, False)
    both = case if found.where is None else t.And(found.span, (found.where, case), False)
    if found.function != "share":
        return replace(found, where=both)
    of = (
        (both, case) if found.where is not None else (case, None)
    )  # of those in the case; the case's part of all
    counts = [replace(found, function="count", where=where) for where in of]
    return t.Arithmetic(found.span, "/", *counts)


# ---- Targets -------------------------------------------------------------------------------------


def target_of(context: Context, node: d.Kpi, value: e.Expression, is_split: bool) -> Target | None:
    written = node.target
    if written is None:
        return None
    if written.difference and not is_split:
        context.report("kpi-by.difference", written.span)
        raise Unresolved
    limit = from_expression(context, NOBODY, written.limit)
    if limit.type.kind != "number":
        context.report("not-a-number", limit.span, kind=kind_text(limit.type.kind), operator=written.operator)
        raise Unresolved
    left, limit = same_unit(context, written.span, value, limit)
    common_scale(context, written.span, left.type, limit.type)
    return Target(OPERATORS[written.operator], limit, written.difference)
