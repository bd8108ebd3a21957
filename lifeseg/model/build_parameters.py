"""Parameters as written come in; their values, dated ones in order, at one scale, go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from lifeseg.model import expression as e
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expression import Value
from lifeseg.model.facts import plain, plain_ends, texts_of, titles_of
from lifeseg.model.from_expression import from_expression
from lifeseg.model.information import expect_words, line_of, shown
from lifeseg.model.model import Parameter
from lifeseg.model.types import Type, kind_text, unit_text
from lifeseg.model.walk import nodes
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def build_parameter(context: Context, node: d.Parameter) -> Parameter:
    """A constant, and the constants that follow it from their days on."""
    expect_words(context, node.information, "range")
    first = constant_of(context, node.value)
    later = [(since.day.value, constant_of(context, since.value)) for since in node.since]
    previous = date.min
    for since, (day, value) in zip(node.since, later, strict=True):
        if day <= previous:
            context.report("since-order", since.day.span)
        previous = day
        check_like(context, first, value)
    values = [first, *(value for _, value in later)]
    check_range(context, node, values)
    kind = joint_type(values)
    return Parameter(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        kind,
        at_scale(first, kind),
        tuple((day, at_scale(value, kind)) for day, value in later),
    )


def check_like(context: Context, first: e.Constant, value: e.Constant) -> None:
    """A later value is of the first one's kind and unit."""
    if value.type.kind != first.type.kind:
        wanted, found = kind_text(first.type.kind), kind_text(value.type.kind)
        context.report("type-mismatch", value.span, wanted=wanted, found=found)
        raise Unresolved
    if value.type.unit != first.type.unit:
        left, right = unit_text(first.type.unit), unit_text(value.type.unit)
        context.report("unit-mismatch", value.span, left=left, right=right)
        raise Unresolved


def check_range(context: Context, node: d.Parameter, values: list[e.Constant]) -> None:
    """Every value lies within the range that is declared."""
    line = line_of(node.information, "range")
    if line is None or not isinstance(line.value, t.Range):
        return
    if values[0].type.kind != "number":
        context.report("misplaced-information", line.span, word=line.word)
        return
    if not plain_ends(context.symbols, line.value):
        return
    low, high = Fraction(plain(line.value.low)), Fraction(plain(line.value.high))
    if low > high:
        context.report("empty-range", line.span)
        return
    for value in values:
        if not low <= value.type.low <= high:
            words = {"name": node.name, "low": shown(low), "high": shown(high)}
            context.report("out-of-range.parameter", value.span, **words)


def constant_of(context: Context, tree: t.Expression) -> e.Constant:
    """A literal; parameters are what management sets, not what is worked out."""
    names = [node for node in nodes(tree) if isinstance(node, t.Name)]
    known = [name for name in names if ".".join(name.parts) in context.symbols.parameters]
    value = from_expression(context, Scope(""), tree) if not known else None
    if not isinstance(value, e.Constant):
        context.report("not-a-constant", tree.span)
        raise Unresolved
    return value


def joint_type(values: list[e.Constant]) -> Type:
    """A type that all the values have."""
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
