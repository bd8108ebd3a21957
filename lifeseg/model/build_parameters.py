"""Parameters as written come in; their values, dated ones in order, at one scale, go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lifeseg.model import expression as e
from lifeseg.model.build import expect_words
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expression import Value
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import from_expression
from lifeseg.model.model import Parameter
from lifeseg.model.types import Type, kind_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def build_parameter(context: Context, node: d.Parameter) -> Parameter:
    """A constant, and the constants that follow it from their days on."""
    expect_words(context, node.information)
    first = constant_of(context, node.value)
    later = [(since.day.value, constant_of(context, since.value)) for since in node.since]
    previous = date.min
    for since, (day, value) in zip(node.since, later, strict=True):
        if day <= previous:
            context.report("since-order", since.day.span)
        previous = day
        if value.type.kind != first.type.kind or value.type.unit != first.type.unit:
            kinds = kind_text(first.type.kind), kind_text(value.type.kind)
            context.report("type-mismatch", value.span, wanted=kinds[0], found=kinds[1])
            raise Unresolved
    kind = joint_type([first, *(value for _, value in later)])
    return Parameter(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        kind,
        at_scale(first, kind),
        tuple((day, at_scale(value, kind)) for day, value in later),
    )


def constant_of(context: Context, tree: t.Expression) -> e.Constant:
    """A literal; parameters are what management sets, not what is worked out."""
    value = from_expression(context, Scope(""), tree)
    if not isinstance(value, e.Constant):
        context.report("not-a-constant", value.span)
        raise Unresolved
    return value


def joint_type(values: list[e.Constant]) -> Type:
    kinds = [value.type for value in values]
    return replace(
        kinds[0],
        scale=max(kind.scale for kind in kinds),
        low=min(kind.low for kind in kinds),
        high=max(kind.high for kind in kinds),
        fixed=kinds[0].kind == "number" and not kinds[0].unit,
    )


def at_scale(value: e.Constant, kind: Type) -> Value:
    if isinstance(value.value, int) and kind.kind == "number":
        return int(value.value * 10 ** (kind.scale - value.type.scale))
    return value.value
