"""A tree expression and where it stands come in; a core expression, names resolved and typed, goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import arithmetic, common_scale, constant, negated, same_unit
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expression import Operator
from lifeseg.model.model import Lifecycle, Parameter, Rank, Score, Segment, Table
from lifeseg.model.names import resolve_name, unknown_case
from lifeseg.model.types import DATE, DAY, DIVISION_DECIMALS, MONTH, TEXT, TRUTH, Type, kind_text, number
from lifeseg.syntax import tree as t

DURATIONS = {
    "day": (DAY, 1),
    "days": (DAY, 1),
    "week": (DAY, 7),
    "weeks": (DAY, 7),
    "month": (MONTH, 1),
    "months": (MONTH, 1),
    "year": (MONTH, 12),
    "years": (MONTH, 12),
}
DECIDED = (Segment, Rank, Table, Lifecycle)
OPERATORS: Mapping[str, Operator] = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def from_expression(context: Context, scope: Scope, tree: t.Expression) -> e.Expression:
    """The typed expression; raises Unresolved when a finding has been reported instead."""
    match tree:
        case t.Name():
            return resolve_name(context, scope, tree)
        case t.Number():
            return literal(context, tree)
        case t.Text():
            return e.Constant(tree.span, TEXT, tree.value)
        case t.Day():
            return e.Constant(tree.span, DATE, tree.value)
        case t.Truth():
            return e.Constant(tree.span, TRUTH, tree.value)
        case t.Negate():
            return minus(context, scope, tree)
        case t.Arithmetic():
            left, right = both(context, scope, tree.left, tree.right)
            return arithmetic(context, tree.span, tree.operator, left, right)
        case t.Call():
            from lifeseg.model.calls import call

            return call(context, scope, tree)
        case t.Known() | t.Everyone():
            context.report("aggregate-needs-child.word", tree.span)
            raise Unresolved
        case _:
            return verdict(context, scope, tree)


def verdict(
    context: Context,
    scope: Scope,
    tree: t.Compare | t.Is | t.IsMissing | t.Not | t.And | t.Or | t.Quantified,
) -> e.Expression:
    """What holds or does not."""
    match tree:
        case t.Compare():
            left, right = both(context, scope, tree.left, tree.right)
            return compared(context, tree.span, tree.operator, left, right)
        case t.Is():
            return case_check(context, scope, tree)
        case t.IsMissing():
            return missing_check(context, scope, tree)
        case t.Not():
            value = condition(context, scope, tree.value)
            return e.Not(tree.span, TRUTH.maybe(value.type.optional), value)
        case t.And() | t.Or():
            return joined(context, scope, tree)
        case t.Quantified():
            from lifeseg.model.calls import quantified

            return quantified(context, scope, tree)
        case _:
            assert_never(tree)


def both(
    context: Context, scope: Scope, left: t.Expression, right: t.Expression
) -> tuple[e.Expression, e.Expression]:
    """Both sides, so that a mistake in each is found."""
    found = []
    for side in (left, right):
        try:
            found.append(from_expression(context, scope, side))
        except Unresolved:
            continue
    if len(found) < 2:
        raise Unresolved
    return found[0], found[1]


def condition(context: Context, scope: Scope, tree: t.Expression) -> e.Expression:
    """An expression that holds or does not."""
    value = from_expression(context, scope, tree)
    if value.type.kind != "truth":
        key = "not-a-condition.case" if value.type.kind == "choice" else "not-a-condition"
        context.report(key, value.span, kind=kind_text(value.type.kind))
        raise Unresolved
    return value


def literal(context: Context, tree: t.Number) -> e.Expression:
    """A number with its unit; a duration in days or months."""
    if tree.unit in (None, "%"):
        return constant(tree.span, tree.value)
    unit = tree.unit or ""
    if unit in DURATIONS:
        named, factor = DURATIONS[unit]
        value = tree.value * factor
        exact = Fraction(value)
        kind = number(0, exact, exact, named)
        if value != int(value):
            context.report("unit-mismatch.whole", tree.span)
            raise Unresolved
        return e.Constant(tree.span, kind, int(value))
    if unit not in context.units:
        from lifeseg.model.symbols import closest

        suggestion = closest(unit, {*context.units, *DURATIONS})
        context.report("unknown-name.unit", tree.span, name=unit, suggestion=suggestion)
        raise Unresolved
    return constant(tree.span, tree.value, Type("number", unit=((unit, 1),)))


def minus(context: Context, scope: Scope, tree: t.Negate) -> e.Expression:
    value = from_expression(context, scope, tree.value)
    if value.type.kind != "number":
        context.report("not-a-number", value.span, kind=kind_text(value.type.kind), operator="-")
        raise Unresolved
    return negated(tree.span, value)


def compared(
    context: Context, span: Span, operator: str, left: e.Expression, right: e.Expression
) -> e.Expression:
    """A comparison of two amounts or two dates."""
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"number"}:
        left, right = same_unit(context, span, left, right)
        common_scale(context, span, left.type, right.type)
    elif kinds != {"date"}:
        odd = next((side for side in (left, right) if side.type.kind not in ("number", "date")), right)
        key = "not-comparable" if odd.type.kind in ("number", "date") else f"not-comparable.{odd.type.kind}"
        sides = {"left": kind_text(left.type.kind), "right": kind_text(right.type.kind)}
        context.report(key, odd.span, operator=operator, **sides)
        raise Unresolved
    optional = left.type.optional or right.type.optional
    return e.Compare(span, TRUTH.maybe(optional), OPERATORS[operator], left, right)


def missing_check(context: Context, scope: Scope, tree: t.IsMissing) -> e.Expression:
    """`is missing`, which should ask about what can be missing."""
    subject = from_expression(context, scope, tree.subject)
    if not subject.type.optional:
        name = subject.name if isinstance(subject, e.Field) else None
        context.report("never-missing.value", tree.span, name=name)
    return e.IsMissing(tree.span, TRUTH, subject, tree.negated)


def joined(context: Context, scope: Scope, tree: t.And | t.Or) -> e.Expression:
    items: list[e.Expression] = []
    for item in tree.items:
        try:
            items.append(condition(context, scope, item))
        except Unresolved:
            continue
    if len(items) < len(tree.items):
        raise Unresolved
    kind = TRUTH.maybe(any(item.type.optional for item in items))
    return (e.And if isinstance(tree, t.And) else e.Or)(tree.span, kind, tuple(items))


def case_check(context: Context, scope: Scope, tree: t.Is) -> e.Expression:
    """`is` and `was`: the band of a score, the case of a definition, an option of a fact, or a text."""
    subject = from_expression(context, scope, tree.subject)
    definition = (
        context.definitions.get((subject.entity, subject.name)) if isinstance(subject, e.Field) else None
    )
    if isinstance(definition, Score) and isinstance(subject, e.Field):
        if not definition.bands:
            context.report("unknown-case.no-bands", subject.span, name=definition.name)
            raise Unresolved
        options = tuple(band.name for band in definition.bands)
        kind = Type("choice", subject.type.optional, options=options)
        subject = e.Band(subject.span, kind, subject.entity, subject.name, subject.up)
    if subject.type.kind not in ("choice", "text"):
        context.report("not-comparable.is", subject.span, kind=kind_text(subject.type.kind))
        raise Unresolved
    if days := sorted({day for named in parameters_named(context, subject, tree) for day, _ in named.since}):
        return from_expression(context, scope, by_day(context, subject, tree, days))
    values = tuple(case_name(context, subject, value) for value in tree.values)
    if tree.was:
        return before(context, scope, tree, subject, values)
    decided = isinstance(definition, DECIDED)
    truth = TRUTH.maybe(subject.type.optional and not decided)
    return e.OneOf(tree.span, truth, subject, values, tree.negated, decided)


def parameters_named(context: Context, subject: e.Expression, tree: t.Is) -> list[Parameter]:
    """The parameters among the values that are asked for: a case comes before a parameter of its name."""
    found = (text_parameter(context, subject, value) for value in tree.values)
    return [parameter for parameter in found if parameter is not None]


def text_parameter(context: Context, subject: e.Expression, value: t.Name | t.Text) -> Parameter | None:
    if isinstance(value, t.Text) or ".".join(value.parts) in subject.type.options:
        return None
    found = context.parameters.get(".".join(value.parts))
    return found if found is not None and found.type.kind == "text" else None


def by_day(context: Context, subject: e.Expression, tree: t.Is, days: Sequence[date]) -> t.Or:
    """The question once for each time between the days on which a parameter in it changes."""
    span, today = tree.span, t.Name(tree.span, ("today",))
    pieces: list[t.Expression] = []
    for start, end in zip((None, *days), (*days, None), strict=True):
        values = tuple(
            t.Text(value.span, str(named.at(start or date.min))) if named is not None else value
            for value in tree.values
            for named in [text_parameter(context, subject, value)]
        )
        parts: list[t.Expression] = [replace(tree, values=values)]
        if end is not None:
            parts.insert(0, t.Compare(span, "<", today, t.Day(span, end)))
        if start is not None:
            parts.insert(0, t.Compare(span, ">=", today, t.Day(span, start)))
        pieces.append(t.And(span, tuple(parts), False))
    for named in parameters_named(context, subject, tree):
        context.used.add(("", named.name))
    return t.Or(span, tuple(pieces), False)


def case_name(context: Context, subject: e.Expression, value: t.Name | t.Text) -> str:
    word = value.value if isinstance(value, t.Text) else ".".join(value.parts)
    if (named := text_parameter(context, subject, value)) is not None:
        context.used.add(("", named.name))
        return case_name(context, subject, t.Text(value.span, str(named.value)))
    if subject.type.kind == "text":
        if isinstance(value, t.Name):
            context.report("unknown-case.text", value.span, name=word)
            raise Unresolved
        return word
    if word not in subject.type.options:
        unknown_case(context, subject, value.span, word)
        raise Unresolved
    return word


def before(
    context: Context, scope: Scope, tree: t.Is, subject: e.Expression, values: tuple[str, ...]
) -> e.Expression:
    if not scope.in_move:
        context.report("was-outside-move", tree.span)
        raise Unresolved
    if not isinstance(subject, e.Field | e.Band) or subject.up:
        context.report("was-outside-move.subject", tree.subject.span)
        raise Unresolved
    name = subject.name if isinstance(subject, e.Field) else subject.score
    return e.Was(tree.span, TRUTH, subject.entity, name, values, tree.negated)


def whole_number(context: Context, tree: t.Expression, low: int, high: int) -> int:
    """A plain whole number within bounds, as some functions demand it."""
    if isinstance(tree, t.Number) and tree.unit is None and not tree.value % 1 and low <= tree.value <= high:
        return int(tree.value)
    context.report("function-arguments.whole", tree.span, low=low, high=high)
    raise Unresolved


def share_number(context: Context, tree: t.Expression) -> Decimal:
    """A plain number from 0 to 1, of at most twelve decimals."""
    if isinstance(tree, t.Number) and tree.unit in (None, "%"):
        fine_enough = not tree.value.scaleb(DIVISION_DECIMALS) % 1
        if 0 <= tree.value <= 1 and fine_enough:
            return tree.value
    context.report("function-arguments.share", tree.span)
    raise Unresolved
