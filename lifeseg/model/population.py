"""Calls over the population come in; statistics of the baseline, and the expressions that read them, go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import MOST_INTERMEDIATE, constant
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.from_expression import condition, from_expression, share_number, whole_number
from lifeseg.model.model import Entity, Statistic
from lifeseg.model.names import entity_named
from lifeseg.model.types import DIVISION_DECIMALS, Type, kind_text, number
from lifeseg.syntax import tree as t

MOST_GROUPS = 1000


def population_call(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """count, share, sum, mean, min, max, deviation, quantile, quantile_group, percentile_rank over a population."""
    entity = entity_of(context, scope, tree)
    inner = replace(scope, entity=entity.name)
    where = condition(context, inner, tree.where) if tree.where is not None else None
    if tree.period is not None:
        context.report("bad-period.population", tree.period.span)
        raise Unresolved
    if tree.function in ("count", "share"):
        return counted(context, tree, entity, where)
    value, known = value_of(context, inner, tree)
    if tree.function in ("quantile_group", "percentile_rank"):
        return grouped(context, scope, tree, entity, value, where)
    argument: tuple[int, ...] = ()
    if tree.function == "quantile":
        expect(context, tree, 2)
        argument = (int(share_number(context, tree.arguments[1]).scaleb(DIVISION_DECIMALS)),)
    else:
        expect(context, tree, 1)
    from lifeseg.model.calls import statistic_type

    kind = statistic_type(tree.function, value.type.known(), context.most_records)
    if max(abs(kind.low), abs(kind.high)) * 10**kind.scale >= MOST_INTERMEDIATE:
        context.report("out-of-64-bits.intermediate", tree.span)
        raise Unresolved
    return statistic(
        context,
        tree.span,
        tree.function,
        entity,
        value,
        where,
        known,
        argument,
        kind.maybe(known or where is not None),
    )


def entity_of(context: Context, scope: Scope, tree: t.Call) -> Entity:
    everyone = tree.over if isinstance(tree.over, t.Everyone) else None
    for argument in tree.arguments:
        if isinstance(argument, t.Everyone):
            everyone = argument
    if everyone is None:
        context.report("aggregate-needs-child.population", tree.span, name=tree.function, entity=scope.entity)
        raise Unresolved
    return entity_named(context, everyone.entity)


def expect(context: Context, tree: t.Call, count: int) -> None:
    if len(tree.arguments) != count:
        shape = f"{tree.function}({'amount, ' if count == 2 else ''}… over all …)"
        context.report("function-arguments", tree.span, shape=shape, given=len(tree.arguments))
        raise Unresolved


def counted(context: Context, tree: t.Call, entity: Entity, where: e.Expression | None) -> e.Expression:
    """count(all customer where C), share(all customer where C)."""
    expect(context, tree, 1)
    if not isinstance(tree.arguments[0], t.Everyone):
        context.report("function-arguments.count", tree.span, name=tree.function)
        raise Unresolved
    if tree.function == "count":
        kind = number(0, 0, context.most_records)
        return statistic(context, tree.span, "count", entity, None, where, False, (), kind)
    if where is None:
        context.report("function-arguments.share-where", tree.span)
        raise Unresolved
    return statistic(
        context, tree.span, "share", entity, where, None, False, (), number(DIVISION_DECIMALS, 0, 1)
    )


def value_of(context: Context, scope: Scope, tree: t.Call) -> tuple[e.Expression, bool]:
    """The amount a statistic is about; missing values must be passed over on purpose."""
    argument = tree.arguments[0]
    known = isinstance(argument, t.Known)
    value = from_expression(context, scope, argument.value if isinstance(argument, t.Known) else argument)
    if value.type.kind != "number":
        context.report("not-a-number", value.span, kind=kind_text(value.type.kind), operator=tree.function)
        raise Unresolved
    if value.type.optional and not known:
        context.report("missing-not-handled.known", value.span, function=tree.function)
        raise Unresolved
    return value, known


def grouped(
    context: Context,
    scope: Scope,
    tree: t.Call,
    entity: Entity,
    value: e.Expression,
    where: e.Expression | None,
) -> e.Expression:
    """Where the record's own value falls among equal groups of the population."""
    if entity.name != scope.entity:
        context.report("wrong-parent.population", tree.span, entity=scope.entity, other=entity.name)
        raise Unresolved
    percent = tree.function == "percentile_rank"
    expect(context, tree, 1 if percent else 2)
    groups = 100 if percent else whole_number(context, tree.arguments[1], 2, MOST_GROUPS)
    known = isinstance(tree.arguments[0], t.Known)
    cuts = statistic(
        context,
        tree.span,
        "groups",
        entity,
        value,
        where,
        known,
        (groups,),
        value.type.known(),
        f" in {groups} groups",
    )
    kind = number(0, 1, groups).maybe(value.type.optional)
    group = e.Group(tree.span, kind, value, cuts)
    if not percent:
        return group
    below = e.Subtract(
        tree.span, number(0, 0, 99).maybe(kind.optional), group, constant(tree.span, Decimal(1))
    )
    hundredth = constant(tree.span, Decimal("0.01"))
    share = Type("number", kind.optional, (), 2, Fraction(0), Fraction(99, 100))
    return e.Multiply(tree.span, share, below, hundredth)


def statistic(
    context: Context,
    span: Span,
    function: str,
    entity: Entity,
    value: e.Expression | None,
    where: e.Expression | None,
    known: bool,
    argument: tuple[int, ...],
    kind: Type,
    suffix: str = "",
) -> e.Statistic:
    """The expression that reads a statistic; equal statistics are kept once, whatever the places they are used at."""
    identity = (function, entity.name, value, where, known, argument)
    if identity in context.statistic_keys:
        return e.Statistic(span, kind, context.statistic_keys[identity])
    key = unique(words_of(context, span) + suffix, context.statistics.__contains__)
    context.statistic_keys[identity] = key
    context.statistics[key] = Statistic(
        key, function, entity.name, value, where, known, argument, kind.known(), 0, span
    )
    return e.Statistic(span, kind, key)


def words_of(context: Context, span: Span) -> str:
    """The call as the analyst wrote it, on one line."""
    lines = context.symbols.sources.get(span.file, "").split("\n")[span.line - 1 : span.end_line]
    if not lines:
        return "statistic"
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(" ".join(lines).split())


def unique(wanted: str, taken: Callable[[str], bool]) -> str:
    key, count = wanted, 1
    while taken(key):
        count += 1
        key = f"{wanted} ({count})"
    return key
