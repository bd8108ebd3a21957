"""Calls and quantifiers come in; aggregates over children, population statistics and library functions go out."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from lifeseg.functions.library import AGGREGATES, FUNCTIONS, RANKING, Function
from lifeseg.model import expression as e
from lifeseg.model.apply import applied
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.model import Entity
from lifeseg.model.names import child_named
from lifeseg.model.population import population_call
from lifeseg.model.symbols import closest
from lifeseg.model.types import DIVISION_DECIMALS, TRUTH, Type, kind_text, number
from lifeseg.syntax import tree as t
from lifeseg.syntax.from_text import from_text

PERIOD_UNITS = {
    "day": "day",
    "days": "day",
    "week": "week",
    "weeks": "week",
    "month": "month",
    "months": "month",
    "quarter": "quarter",
    "quarters": "quarter",
    "year": "year",
    "years": "year",
}


def call(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """The core form of a call."""
    everyone = isinstance(tree.over, t.Everyone) or any(isinstance(arg, t.Everyone) for arg in tree.arguments)
    function = FUNCTIONS.get(tree.function)
    if function and function.population:
        return expanded(context, scope, tree, function)
    if tree.function in RANKING or (everyone and tree.function in AGGREGATES):
        return population_call(context, scope, tree)
    if tree.function in AGGREGATES:
        return aggregate(context, scope, tree)
    if function is None:
        suggestion = closest(tree.function, {*FUNCTIONS, *AGGREGATES, *RANKING})
        context.report("unknown-name.function", tree.span, name=tree.function, suggestion=suggestion)
        raise Unresolved
    if tree.over or tree.where or tree.period:
        context.report("function-arguments.over", tree.span, name=tree.function)
        raise Unresolved
    expect_arguments(context, tree, function)
    if function.body is not None:
        return expanded(context, scope, tree, function)
    return applied(context, scope, tree)


def expect_arguments(context: Context, tree: t.Call, function: Function) -> None:
    if len(tree.arguments) != len(function.parameters):
        shown = f"{function.name}({', '.join(function.parameters)})"
        context.report("function-arguments", tree.span, shape=shown, given=len(tree.arguments))
        raise Unresolved


# ---- Functions whose body is written in the language ---------------------------------------------


@lru_cache(maxsize=64)
def body_of(name: str) -> t.Expression:
    """The body of a library function as a tree."""
    function = FUNCTIONS[name]
    body = (function.body or "").replace("over all)", "over all population)")
    file, found = from_text(f"indexes of library\n  body = {body}\n", "library")
    block: Any = file.definitions[0]
    if found:
        raise AssertionError(f"the body of {name} does not parse: {found}")
    return block.items[0].value  # type: ignore[no-any-return]


def expanded(context: Context, scope: Scope, tree: t.Call, function: Function) -> e.Expression:
    """The body with the arguments in place of the parameters; findings point at the call."""
    expect_arguments(context, tree, function)
    if function.population and not isinstance(tree.over, t.Everyone):
        context.report("aggregate-needs-child.population", tree.span, name=function.name, entity=scope.entity)
        raise Unresolved
    arguments = dict(zip(function.parameters, tree.arguments, strict=True))
    return from_expression(context, scope, filled(body_of(function.name), arguments, tree))


def filled(node: Any, arguments: dict[str, t.Expression], tree: t.Call) -> Any:
    """The body's tree with names replaced and every span that of the call."""
    if isinstance(node, t.Name) and len(node.parts) == 1 and node.parts[0] in arguments:
        return arguments[node.parts[0]]
    if isinstance(node, t.Everyone):
        return tree.over
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changes: dict[str, Any] = {"span": tree.span}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple) and field.name == "arguments":
            changes[field.name] = tuple(filled(item, arguments, tree) for item in value)
        elif is_dataclass(value):
            changes[field.name] = filled(value, arguments, tree)
    if isinstance(node, t.Call) and isinstance(node.over, t.Everyone):
        changes["where"] = tree.where
    return replace(node, **changes)


# ---- Children ------------------------------------------------------------------------------------


def quantified(context: Context, scope: Scope, tree: t.Quantified) -> e.Expression:
    """some, every, no: each clause of the body must concern the child."""
    child = child_named(context, scope, tree.child)
    inner = replace(scope, entity=child.name)
    where = condition(context, inner, tree.where) if tree.where is not None else None
    body = condition(context, inner, tree.body)
    for clause in body.items if isinstance(body, e.And | e.Or) else (body,):
        if not concerns(clause):
            context.report("foreign-clause", clause.span, child=child.name)
    truth = TRUTH.maybe(body.type.optional or (where is not None and where.type.optional))
    children = e.Children(child.name, None, where)
    quantifier: Any = tree.quantifier
    return e.Quantified(tree.span, truth, quantifier, children, body)


def concerns(node: Any) -> bool:
    """Whether an expression reads anything of the record at hand."""
    if isinstance(node, e.Field | e.Band):
        return node.up == 0
    if isinstance(node, e.Aggregate | e.Quantified | e.Group):
        return True
    if not is_dataclass(node):
        return False
    values = (getattr(node, field.name) for field in fields(node))
    return any(any(map(concerns, v)) if isinstance(v, tuple) else concerns(v) for v in values)


def aggregate(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """An aggregate over the child rows of the record at hand."""
    value_tree, known, child = subject_of(context, scope, tree)
    inner = replace(scope, entity=child.name)
    where = condition(context, inner, tree.where) if tree.where is not None else None
    children = e.Children(child.name, period_of(context, tree, child), where)
    if tree.function == "count":
        return e.Aggregate(tree.span, number(0, 0, context.most_records), "count", None, children, False)
    if tree.function == "share":
        return share(context, scope, tree, child, children)
    assert value_tree is not None
    value = from_expression(context, inner, value_tree)
    if tree.function == "latest" and child.dated is None:
        context.report("not-dated", tree.span, name=child.name)
        raise Unresolved
    kind = aggregate_type(context, tree, value)
    if value.type.optional and not known:
        context.report("missing-not-handled.known", value.span, function=tree.function)
        raise Unresolved
    return e.Aggregate(tree.span, kind.maybe(), tree.function, value, children, known)


def subject_of(context: Context, scope: Scope, tree: t.Call) -> tuple[t.Expression | None, bool, Entity]:
    """What is aggregated, whether missing values are passed over, and of which child."""
    if len(tree.arguments) != 1:
        context.report(
            "function-arguments", tree.span, shape=f"{tree.function}(… over …)", given=len(tree.arguments)
        )
        raise Unresolved
    argument = tree.arguments[0]
    if tree.function in ("count", "share"):
        if tree.over is not None or not isinstance(argument, t.Name):
            context.report("function-arguments.count", tree.span, name=tree.function)
            raise Unresolved
        return None, False, child_named(context, scope, argument)
    if tree.over is None or isinstance(tree.over, t.Everyone):
        context.report("aggregate-needs-child", tree.span, name=tree.function)
        raise Unresolved
    known = isinstance(argument, t.Known)
    return (
        argument.value if isinstance(argument, t.Known) else argument,
        known,
        child_named(context, scope, tree.over),
    )


def share(context: Context, scope: Scope, tree: t.Call, child: Entity, children: e.Children) -> e.Expression:
    """The share of all child rows (of the period) for which the `where` clause holds."""
    if children.where is None:
        context.report("function-arguments.share-where", tree.span)
        raise Unresolved
    everyone = e.Children(child.name, children.period, None)
    kind = number(DIVISION_DECIMALS, 0, 1).maybe()
    return e.Aggregate(tree.span, kind, "share", children.where, everyone, False)


def aggregate_type(context: Context, tree: t.Call, value: e.Expression) -> Type:
    """What an aggregate over values of a type gives."""
    of = value.type.known()
    function = tree.function
    if function == "latest":
        return of
    if function in ("min", "max") and of.kind == "date":
        return of
    if of.kind != "number":
        context.report("not-a-number", value.span, kind=kind_text(of.kind), operator=function)
        raise Unresolved
    return statistic_type(function, of, context.most_records)


def statistic_type(function: str, of: Type, most: int) -> Type:
    """Bounds and scale of sum, mean, min, max, deviation and quantile over numbers of a type."""
    if function in ("min", "max"):
        return replace(of, fixed=False)
    if function == "sum":
        return replace(of, low=min(of.low, of.low * most), high=max(of.high, of.high * most), fixed=False)
    if function == "deviation":
        return Type("number", unit=of.unit, scale=DIVISION_DECIMALS, low=Fraction(0), high=of.high - of.low)
    return Type("number", unit=of.unit, scale=DIVISION_DECIMALS, low=of.low, high=of.high)


def period_of(context: Context, tree: t.Call, entity: Entity) -> e.Period | None:
    written = tree.period
    if written is None:
        return None
    unit = PERIOD_UNITS.get(written.unit)
    if unit is None:
        context.report(
            "bad-period.unit", written.span, name=written.unit, suggestion=closest(written.unit, PERIOD_UNITS)
        )
        raise Unresolved
    if entity.dated is None:
        context.report("not-dated", written.span, name=entity.name)
        raise Unresolved
    if written.first > written.last or written.last > 1200:
        context.report("bad-period", written.span)
        raise Unresolved
    return e.Period(unit, written.first, written.last, entity.dated)
