"""What offers ask for comes in: is it complete, and what their limits mean to a population, go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import common_scale, constant, fits, same_unit
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expand_offers import BEYOND, MOST_OFFERS, NOTHING
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.information import shown
from lifeseg.model.missing import demand
from lifeseg.model.model import Entry, Statistic
from lifeseg.model.population import statistic
from lifeseg.model.symbols import Symbols, closest
from lifeseg.model.types import TRUTH, kind_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_CHOSEN = 10


# ---- Their shape ---------------------------------------------------------------------------------


def check_offers(symbols: Symbols, node: d.Offers) -> None:
    """What must be written is, and names offers that there are."""
    most = node.most
    if most is None or most.unit or most.value % 1 or not 1 <= most.value <= MOST_CHOSEN:
        span = most.span if most is not None else node.name_span
        symbols.report("offers-shape", span, most=MOST_CHOSEN)
    if not node.offers or len(node.offers) > MOST_OFFERS:
        symbols.report("offers-shape.count", node.name_span, most=MOST_OFFERS)
    if node.budget is not None and all(offer.cost is None for offer in node.offers):
        symbols.report("offers-shape.budget", node.budget.span)
    names = [offer.name for offer in node.offers]
    for offer in node.offers:
        if offer.worth is None:
            symbols.report("offers-shape.worth", offer.name_span, name=offer.name)
        for line in offer.information:
            if line.word == "if missing" and not (isinstance(line.value, t.Truth) and not line.value.value):
                symbols.report("offers-shape.missing", line.span)
        for name in offer.apart:
            word = ".".join(name.parts)
            if word not in names or word == offer.name:
                others = [other for other in names if other != offer.name]
                symbols.report("unknown-offer", name.span, name=word, suggestion=closest(word, others))
        check_exclusions(symbols, (*node.excluded, *offer.excluded))


def check_exclusions(symbols: Symbols, names: Sequence[t.Name]) -> None:
    """Nothing excludes twice."""
    seen: dict[str, Span] = {}
    for name in names:
        word = ".".join(name.parts)
        if word in seen:
            symbols.report("offers-shape.again", name.span, Label(seen[word], "first"), name=word)
        seen.setdefault(word, name.span)


# ---- Calls that only offers make -----------------------------------------------------------------


def offer_call(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """An amount of nothing in another's unit; whether a limit reaches down to a worth."""
    if tree.function == NOTHING:
        like = from_expression(context, scope, tree.arguments[0])
        if like.type.kind != "number":
            context.report("wrong-kind.offer", like.span, kind=kind_text(like.type.kind))
            raise Unresolved
        zero = constant(tree.span, Decimal(0))
        return replace(zero, type=replace(zero.type, unit=like.type.unit, fixed=False))
    return within(context, scope, tree)


def within(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """Largest worths first, while the amounts stay within the limit."""
    what, worth, limit, *parts = tree.arguments
    assert isinstance(what, t.Text)
    own = from_expression(context, scope, worth)
    entries = [
        Entry(
            from_expression(context, scope, value),
            from_expression(context, scope, amount),
            condition(context, scope, test),
        )
        for value, amount, test in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]
    most = limit_of(context, scope, limit, entries[0].amount)
    scale = common_scale(context, tree.span, own.type, *(entry.value.type for entry in entries))
    fine = common_scale(context, tree.span, most.type, *(entry.amount.type for entry in entries))
    made = tuple(
        Entry(at_scale(entry.value, scale), at_scale(entry.amount, fine), entry.where) for entry in entries
    )
    for entry in made:
        cost = entry.amount.type
        if cost.low < 0:
            context.report("offers-limit.negative", entry.amount.span, low=shown(cost.low))
            raise Unresolved
        fits(context, tree.span, cost.high * 10**cost.scale * context.most_records * len(made))
    kind = made[0].value.type.maybe()
    end = statistic(
        context,
        Statistic(what.value, "spent", scope.entity, None, None, False, (), kind, 0, tree.span, made, most),
    )
    optional = TRUTH.maybe()
    if tree.function == BEYOND:
        nobody = e.IsMissing(tree.span, TRUTH, end, False)
        return e.Or(tree.span, optional, (nobody, e.Compare(tree.span, optional, "<", own, end)))
    somebody = e.IsMissing(tree.span, TRUTH, end, True)
    return e.And(tree.span, optional, (somebody, e.Compare(tree.span, optional, ">=", own, end)))


def limit_of(context: Context, scope: Scope, tree: t.Expression, amount: e.Expression) -> e.Expression:
    """A number or a parameter, in the unit of what it limits, never negative."""
    limit = from_expression(context, scope, tree)
    if not isinstance(limit, e.Constant | e.Parameter) or limit.type.kind != "number":
        context.report("offers-limit", tree.span)
        raise Unresolved
    demand(context, limit)
    limit, _ = same_unit(context, tree.span, limit, amount)
    if limit.type.low < 0:
        context.report("offers-limit.below", tree.span, low=shown(limit.type.low))
        raise Unresolved
    return limit


def at_scale(value: e.Expression, scale: int) -> e.Expression:
    kind = replace(value.type, scale=scale)
    return value if value.type.scale == scale else e.Round(value.span, kind, value)
