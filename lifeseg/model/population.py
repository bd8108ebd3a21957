"""Calls over the population come in; statistics of the baseline and the expressions that read them go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from lifeseg.functions.statistics import INTERPOLATIONS, TIES
from lifeseg.model import expression as e
from lifeseg.model import wording
from lifeseg.model.arithmetic import constant
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.from_expression import from_expression, share_number, whole_number
from lifeseg.model.model import Entity, Statistic
from lifeseg.model.names import ancestors, entity_named
from lifeseg.model.symbols import closest
from lifeseg.model.types import DIVISION_DECIMALS, Type, kind_text, number
from lifeseg.syntax import tree as t

MOST_GROUPS = 1000
MANNERS = {
    ("quantile", "interpolation"): INTERPOLATIONS,
    ("quantile_group", "ties"): TIES,
    ("percentile_rank", "ties"): TIES,
}


def population_call(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """count, share, sum, mean, min, max, deviation, quantile, quantile_group, percentile_rank."""
    from lifeseg.model.calls import admission, statistic_type

    entity = entity_of(context, scope, tree)
    inner = replace(scope, entity=entity.name)
    where = admission(context, inner, tree.where)
    if tree.period is not None:
        context.report("bad-period.population", tree.period.span)
        raise Unresolved
    somebody = entity.name in (scope.entity, *ancestors(context, scope.entity))
    manner = manner_of(context, tree)
    if tree.function in ("count", "share"):
        return counted(context, tree, entity, where, somebody)
    value, known = value_of(context, inner, tree, where)
    if tree.function in ("quantile_group", "percentile_rank"):
        return grouped(context, scope, tree, value, where, manner)
    argument: tuple[int, ...] = ()
    if tree.function == "quantile":
        expect(context, tree, 2)
        argument = (int(share_number(context, tree.arguments[1]).scaleb(DIVISION_DECIMALS)),)
    else:
        expect(context, tree, 1)
    kind = statistic_type(context, tree, value.type.known())
    kind = kind.maybe(known or where is not None or not somebody)
    return statistic(
        context,
        Statistic(
            "", tree.function, entity.name, value, where, known, argument, kind, 0, tree.span, manner=manner
        ),
    )


def manner_of(context: Context, tree: t.Call) -> str:
    """How the policy wants a quantile between two values, or ties at a cut; nothing if in the usual way."""
    if tree.manner is None:
        return ""
    return chosen(context, tree.manner.word, tree.manner.choice, MANNERS[tree.function, tree.manner.word])


def chosen(context: Context, word: str, choice: t.Name, allowed: Sequence[str]) -> str:
    """One of a few words, the first of which is the usual one and need not be written."""
    name = ".".join(choice.parts)
    if name not in allowed:
        suggestion = closest(name, allowed)
        context.report(
            "manner-choice",
            choice.span,
            word=word,
            name=name,
            options=", ".join(allowed),
            suggestion=suggestion,
        )
        raise Unresolved
    return "" if name == allowed[0] else name


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


def counted(
    context: Context, tree: t.Call, entity: Entity, where: e.Expression | None, somebody: bool
) -> e.Expression:
    """count(all customer where C), share(all customer where C)."""
    expect(context, tree, 1)
    if not isinstance(tree.arguments[0], t.Everyone):
        context.report("function-arguments.count", tree.span, name=tree.function)
        raise Unresolved
    if tree.function == "count":
        kind = number(0, 0, context.most_records)
        count = Statistic("", "count", entity.name, None, where, False, (), kind, 0, tree.span)
        return statistic(context, count)
    if where is None:
        context.report("function-arguments.share-where", tree.span)
        raise Unresolved
    kind = number(DIVISION_DECIMALS, 0, 1).maybe(not somebody)
    share = Statistic("", "share", entity.name, where, None, False, (), kind, 0, tree.span)
    return statistic(context, share)


def value_of(
    context: Context, scope: Scope, tree: t.Call, where: e.Expression | None
) -> tuple[e.Expression, bool]:
    """The amount a statistic is about; missing values must be passed over on purpose."""
    from lifeseg.model.calls import refuse_missing

    argument = tree.arguments[0]
    known = isinstance(argument, t.Known)
    value = from_expression(context, scope, argument.value if isinstance(argument, t.Known) else argument)
    if value.type.kind != "number":
        kind = kind_text(value.type.kind)
        context.report("not-a-number", value.span, kind=kind, operator=tree.function)
        raise Unresolved
    refuse_missing(context, tree, value, where, known)
    return value, known


def grouped(
    context: Context,
    scope: Scope,
    tree: t.Call,
    value: e.Expression,
    where: e.Expression | None,
    manner: str,
) -> e.Expression:
    """Where the record's own value falls among equal groups of the population."""
    entity = entity_of(context, scope, tree)
    if entity.name != scope.entity:
        context.report("wrong-parent.population", tree.span, entity=scope.entity, other=entity.name)
        raise Unresolved
    percent = tree.function == "percentile_rank"
    expect(context, tree, 1 if percent else 2)
    groups = 100 if percent else whole_number(context, tree.arguments[1], 2, MOST_GROUPS)
    known, of = isinstance(tree.arguments[0], t.Known), value.type.known()
    found = Statistic(
        "", "groups", entity.name, value, where, known, (groups,), of, 0, tree.span, manner=manner
    )
    optional = value.type.optional
    group = e.Group(tree.span, number(0, 1, groups).maybe(optional), value, statistic(context, found))
    if not percent:
        return group
    one, hundredth = constant(tree.span, Decimal(1)), constant(tree.span, Decimal("0.01"))
    below = e.Subtract(tree.span, number(0, 0, 99).maybe(optional), group, one)
    share = Type("number", optional, (), 2, Fraction(0), Fraction(99, 100))
    return e.Multiply(tree.span, share, below, hundredth)


def statistic(context: Context, found: Statistic) -> e.Statistic:
    """The expression that reads a statistic; equal ones are kept once, wherever they are used. A key is its
    words, unless it has one.
    """
    identity = (
        found.function, found.entity, found.value, found.where, found.known, found.argument, found.entries, found.limit,
        found.manner,
    )  # fmt: skip
    if identity not in context.statistic_keys:
        key = unique(found.key or wording.statistic(found), context.statistics.__contains__)
        context.statistic_keys[identity] = key
        context.statistics[key] = replace(found, key=key, type=found.type.known())
    return e.Statistic(found.span, found.type, context.statistic_keys[identity])


def unique(wanted: str, taken: Callable[[str], bool]) -> str:
    """The words, numbered where they are those of another statistic already."""
    key, count = wanted, 1
    while taken(key):
        count += 1
        key = f"{wanted} ({count})"
    return key
