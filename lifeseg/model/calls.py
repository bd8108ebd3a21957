"""Calls and quantifiers come in; aggregates over children, statistics and library functions go out."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from lifeseg.functions.library import AGGREGATES, FUNCTIONS, RANKING, Function
from lifeseg.model import expression as e
from lifeseg.model.apply import applied
from lifeseg.model.arithmetic import fits, widest
from lifeseg.model.build_chains import FUNCTIONS as CHAINS
from lifeseg.model.build_chains import chain_call
from lifeseg.model.build_offers import offer_call
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expand_offers import BEYOND, NOTHING, WITHIN
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.missing import admitted, demand, unknown_part
from lifeseg.model.model import Entity
from lifeseg.model.names import child_named
from lifeseg.model.population import MANNERS, population_call
from lifeseg.model.symbols import closest
from lifeseg.model.types import DIVISION_DECIMALS, TRUTH, Type, kind_text, number, rounded
from lifeseg.syntax import tree as t
from lifeseg.syntax.from_text import from_text

UNITS = ("day", "week", "month", "quarter", "year")
PERIOD_UNITS = {word: unit for unit in UNITS for word in (unit, unit + "s")}
MOST_AGO = 1200
MOST_NESTED = 4  # library functions whose bodies name an argument more than once multiply it at each level


def call(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """The core form of a call."""
    everyone = isinstance(tree.over, t.Everyone) or any(isinstance(arg, t.Everyone) for arg in tree.arguments)
    if tree.manner is not None and (tree.function, tree.manner.word) not in MANNERS:
        name, word = tree.function, tree.manner.word
        context.report("function-arguments.manner", tree.manner.span, name=name, word=word)
        raise Unresolved
    if tree.function in (NOTHING, WITHIN, BEYOND):
        return offer_call(context, scope, tree)
    function = FUNCTIONS.get(tree.function)
    if function and function.population:
        return expanded(context, scope, tree, function)
    if tree.function in CHAINS:
        return chain_call(context, scope, tree)
    if tree.function in RANKING or (everyone and tree.function in AGGREGATES):
        return population_call(context, scope, tree)
    if tree.function in AGGREGATES:
        return aggregate(context, scope, tree)
    if function is None:
        suggestion = closest(tree.function, {*FUNCTIONS, *AGGREGATES, *RANKING, *CHAINS})
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
    if scope.nested == MOST_NESTED:
        context.report("too-deep", tree.span, most=MOST_NESTED)
        raise Unresolved
    arguments = dict(zip(function.parameters, tree.arguments, strict=True))
    body = filled(body_of(function.name), arguments, tree, in_population=not function.population)
    return from_expression(context, replace(scope, nested=scope.nested + 1), body)


def filled(node: Any, arguments: dict[str, t.Expression], tree: t.Call, *, in_population: bool) -> Any:
    """The body's tree with names replaced and every span that of the call. `known` concerns the population: of
    the record's own amount it is left out.
    """
    if isinstance(node, t.Name) and len(node.parts) == 1 and node.parts[0] in arguments:
        argument = arguments[node.parts[0]]
        return argument.value if isinstance(argument, t.Known) and not in_population else argument
    if isinstance(node, t.Everyone):
        return tree.over
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changes: dict[str, Any] = {"span": tree.span}
    everyone = isinstance(node, t.Call) and isinstance(node.over, t.Everyone)
    inside = in_population or everyone
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple) and field.name == "arguments":
            changes[field.name] = tuple(filled(item, arguments, tree, in_population=inside) for item in value)
        elif is_dataclass(value):
            changes[field.name] = filled(value, arguments, tree, in_population=inside)
    if everyone:
        changes |= {"where": tree.where, "period": tree.period}
    return replace(node, **changes)


# ---- Children ------------------------------------------------------------------------------------


def quantified(context: Context, scope: Scope, tree: t.Quantified) -> e.Expression:
    """some, every, no: each clause of the body must concern the child."""
    child = child_named(context, scope, tree.child)
    inner = replace(scope, entity=child.name)
    where = admission(context, inner, tree.where)
    body = condition(context, inner, tree.body)
    for clause in body.items if isinstance(body, e.And | e.Or) else (body,):
        if not concerns(clause):
            context.report("foreign-clause", clause.span, child=child.name)
    children = e.Children(child.name, None, where)
    quantifier: Any = tree.quantifier
    return e.Quantified(tree.span, TRUTH.maybe(body.type.optional), quantifier, children, body)


def admission(context: Context, scope: Scope, tree: t.Expression | None) -> e.Expression | None:
    """The `where` of a quantifier, an aggregate or a statistic, which lets a row in or not: never unknown."""
    if tree is None:
        return None
    test = condition(context, scope, tree)
    demand(context, test)
    return test


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
    children = e.Children(child.name, period_of(context, tree, child), admission(context, inner, tree.where))
    if tree.function == "count":
        kind = number(0, 0, context.most_records)
        return e.Aggregate(tree.span, kind, "count", None, children, False)
    if tree.function == "share":
        return share(context, tree, children)
    assert value_tree is not None
    value = from_expression(context, inner, value_tree)
    if tree.function == "latest" and child.dated is None:
        context.report("not-dated", tree.span, name=child.name)
        raise Unresolved
    kind = aggregate_type(context, tree, value)
    refuse_missing(context, tree, value, children.where, known)
    return e.Aggregate(tree.span, kind.maybe(), tree.function, value, children, known)


def refuse_missing(
    context: Context, tree: t.Call, value: e.Expression, where: e.Expression | None, known: bool
) -> None:
    """What is aggregated has a value in every row that counts, or is passed over on purpose."""
    if not known and unknown_part(value, admitted(where)):
        context.report("missing-not-handled.known", value.span, function=tree.function)
        raise Unresolved


def subject_of(context: Context, scope: Scope, tree: t.Call) -> tuple[t.Expression | None, bool, Entity]:
    """What is aggregated, whether missing values are passed over, and of which child."""
    if len(tree.arguments) != 1:
        shape = f"{tree.function}(… over …)"
        context.report("function-arguments", tree.span, shape=shape, given=len(tree.arguments))
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
    value = argument.value if isinstance(argument, t.Known) else argument
    return value, known, child_named(context, scope, tree.over)


def share(context: Context, tree: t.Call, children: e.Children) -> e.Expression:
    """The share of all child rows (of the period) for which the `where` clause holds."""
    if children.where is None:
        context.report("function-arguments.share-where", tree.span)
        raise Unresolved
    everyone = e.Children(children.entity, children.period, None)
    kind = number(DIVISION_DECIMALS, 0, 1).maybe()
    return e.Aggregate(tree.span, kind, "share", children.where, everyone, False)


def aggregate_type(context: Context, tree: t.Call, value: e.Expression) -> Type:
    """What an aggregate over values of a type gives."""
    of = value.type.known()
    function = tree.function
    if function == "latest":
        return replace(of, fixed=False)
    if function in ("min", "max") and of.kind == "date":
        return of
    if of.kind != "number":
        context.report("not-a-number", value.span, kind=kind_text(of.kind), operator=function)
        raise Unresolved
    return statistic_type(context, tree, of)


def statistic_type(context: Context, tree: t.Call, of: Type) -> Type:
    """Bounds and scale of a statistic over numbers of a type; what is added up on the way must fit."""
    most, unit = context.most_records, Fraction(10**of.scale)
    extra = max(0, DIVISION_DECIMALS - of.scale)
    match tree.function:
        case "min" | "max":
            return replace(of, fixed=False)
        case "sum":
            fits(context, tree.span, widest(of) * most * unit)
            return replace(of, low=min(of.low, of.low * most), high=max(of.high, of.high * most), fixed=False)
        case "deviation":
            fits(context, tree.span, most * (widest(of) * unit) ** 2)
            spread = Type("number", unit=of.unit, scale=of.scale, low=Fraction(0), high=of.high - of.low)
            return rounded(spread, DIVISION_DECIMALS)
        case "mean":
            fits(context, tree.span, widest(of) * most * unit * 10**extra)
        case _:
            fits(context, tree.span, 3 * widest(of) * unit * 10**DIVISION_DECIMALS)
    return replace(rounded(of, DIVISION_DECIMALS), fixed=False)


def period_of(context: Context, tree: t.Call, entity: Entity) -> e.Period | None:
    written = tree.period
    if written is None:
        return None
    unit = PERIOD_UNITS.get(written.unit)
    if unit is None:
        suggestion = closest(written.unit, PERIOD_UNITS)
        context.report("bad-period.unit", written.span, name=written.unit, suggestion=suggestion)
        raise Unresolved
    if entity.dated is None:
        context.report("not-dated", written.span, name=entity.name)
        raise Unresolved
    if written.first > written.last or written.last > MOST_AGO:
        context.report("bad-period", written.span)
        raise Unresolved
    return e.Period(unit, written.first, written.last, entity.dated)
