"""Chains of states as written come in; chains worked out go out, and their use in formulas as plain amounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.functions.chain import shares_after, state_values
from lifeseg.model import expression as e
from lifeseg.model.build_cases import distinct
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import from_expression, whole_number
from lifeseg.model.information import expect_words, line_of
from lifeseg.model.model import Chain, Labelled
from lifeseg.model.symbols import closest
from lifeseg.model.types import INDEX_DECIMALS, NO_UNIT, TRUTH, Type, kind_text, nearest, unit_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_STATES = 30
MOST_PERIODS = 600
MOST_DECIMALS = 12
FUNCTIONS = ("state_value", "state_share")
Rates = tuple[tuple[Fraction, ...], ...]


def build_chain(context: Context, node: d.Chain) -> Chain:
    """The rates of a chain and the values of its states, if they have a worth."""
    expect_words(context, node.information, "discount", "horizon")
    names = states_of(context, node)
    rates = rates_of(context, node, names)
    worths, unit = worths_of(context, node, names)
    values: tuple[Fraction, ...] | None = None
    if worths is not None:
        discount, horizon = discount_of(context, node), horizon_of(context, node)
        try:
            values = tuple(
                nearest(value, INDEX_DECIMALS) for value in state_values(rates, worths, discount, horizon)
            )
        except ValueError:
            context.report("chain-endless", node.name_span, name=node.name)
            raise Unresolved from None
    titles = {state.name: titles_of(state) for state in node.states}
    states = tuple(Labelled(name, titles.get(name, {}), node.name_span, {}) for name in names)
    return Chain(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        states,
        rates,
        unit,
        values,
    )


# ---- What is written -----------------------------------------------------------------------------


def states_of(context: Context, node: d.Chain) -> list[str]:
    """The states in the order of the heading."""
    if len(node.rows) < 2 or any(row.results for row in node.rows):
        context.report("chain-shape", node.name_span, name=node.name)
        raise Unresolved
    heading = node.rows[0]
    names = [named(context, cell) for cell in heading.conditions[1:]]
    distinct(context, [(name, cell.span) for name, cell in zip(names, heading.conditions[1:], strict=True)])
    distinct(context, [(state.name, state.name_span) for state in node.states])
    for state in node.states:
        if state.name not in names:
            suggestion = closest(state.name, names)
            context.report("chain-state", state.name_span, name=state.name, chain=node.name,
                           states=", ".join(names), suggestion=suggestion)  # fmt: skip
            raise Unresolved
    if not 2 <= len(names) <= MOST_STATES or len(set(names)) < len(names):
        context.report("chain-shape.count", heading.span, most=MOST_STATES)
        raise Unresolved
    return names


def named(context: Context, cell: d.Cell) -> str:
    item = cell.items[0] if len(cell.items) == 1 else None
    if not isinstance(item, t.Name | t.Text):
        context.report("chain-shape.heading", cell.span)
        raise Unresolved
    return item.value if isinstance(item, t.Text) else ".".join(item.parts)


def rates_of(context: Context, node: d.Chain, names: Sequence[str]) -> Rates:
    """A row for each state, in any order; each sums to exactly 1."""
    found: dict[str, tuple[Fraction, ...]] = {}
    failed = False
    for row in node.rows[1:]:
        name = named(context, row.conditions[0])
        if len(row.conditions) != len(names) + 1 or name not in names or name in found:
            key = "chain-shape.cells" if len(row.conditions) != len(names) + 1 else "chain-shape.row"
            wanted, cells = len(names) + 1, len(row.conditions)
            context.report(key, row.span, wanted=wanted, found=cells, name=name, states=", ".join(names))
            failed = True
            continue
        rates = tuple(rate(context, cell) for cell in row.conditions[1:])
        found[name] = rates
        if sum(rates) != 1:
            context.report("chain-sum", row.span, name=name, sum=f"{float(sum(rates)):.12g}")
            failed = True
    missing = [name for name in names if name not in found]
    if missing and not failed:
        context.report("chain-shape.missing", node.name_span, names=", ".join(missing))
    if failed or missing:
        raise Unresolved
    return tuple(found[name] for name in names)


def rate(context: Context, cell: d.Cell) -> Fraction:
    item = cell.items[0] if len(cell.items) == 1 else None
    value = None
    if isinstance(item, t.Number) and item.unit in (None, "%"):
        value = Fraction(item.value)
    elif isinstance(item, d.Fraction) and item.denominator.value and not item.numerator.unit:
        value = Fraction(item.numerator.value) / Fraction(item.denominator.value)
    if value is None or not 0 <= value <= 1:
        context.report("chain-rate", cell.span)
        raise Unresolved
    return value


def worths_of(
    context: Context, node: d.Chain, names: Sequence[str]
) -> tuple[list[Fraction] | None, tuple[tuple[str, int], ...]]:
    """What a period in each state brings, and the unit; None if the chain says nothing of it."""
    if not node.states:
        return None, NO_UNIT
    written = {state.name: state for state in node.states}
    missing = [name for name in names if name not in written]
    if missing:
        context.report("chain-worth", node.name_span, names=", ".join(missing))
        raise Unresolved
    amounts = [amount(context, written[name].worth) for name in names]
    units = {found.type.unit for found in amounts}
    if len(units) > 1:
        first, other = sorted(unit_text(unit) for unit in units)[:2]
        context.report("unit-mismatch", written[names[0]].worth.span, left=first, right=other)
        raise Unresolved
    return [found.type.low for found in amounts], units.pop()


def amount(context: Context, tree: t.Expression) -> e.Constant:
    value = from_expression(context, Scope(""), tree)
    if not isinstance(value, e.Constant) or value.type.kind != "number":
        context.report("not-a-constant", tree.span)
        raise Unresolved
    return value


def discount_of(context: Context, node: d.Chain) -> Fraction:
    line = line_of(node.information, "discount")
    if line is None:
        return Fraction(0)
    rate = line.value
    if not isinstance(rate, t.Number) or not 0 <= rate.value <= 1 or rate.unit not in (None, "%"):
        context.report("chain-discount", line.span)
        raise Unresolved
    return Fraction(rate.value)


def horizon_of(context: Context, node: d.Chain) -> int | None:
    line = line_of(node.information, "horizon")
    if line is None or line.value is None or isinstance(line.value, t.Range | t.Names):
        return None
    return whole_number(context, line.value, 0, MOST_PERIODS)


# ---- Formulas ------------------------------------------------------------------------------------


def chain_call(context: Context, scope: Scope, tree: t.Call) -> e.Expression:
    """`state_value(CHAIN, STATE)` and `state_share(CHAIN, FROM, PERIODS, STATE)`."""
    wanted = 2 if tree.function == "state_value" else 4
    if len(tree.arguments) != wanted or tree.over or tree.where or tree.period:
        shape = "state_value(chain, state)" if wanted == 2 else "state_share(chain, from, periods, state)"
        context.report("function-arguments", tree.span, shape=shape, given=len(tree.arguments))
        raise Unresolved
    chain = chain_named(context, tree.arguments[0])
    names = [state.name for state in chain.states]
    if tree.function == "state_value":
        if chain.values is None:
            context.report("chain-worth.none", tree.arguments[0].span, name=chain.name)
            raise Unresolved
        amounts, unit = chain.values, chain.unit
    else:
        periods = whole_number(context, tree.arguments[2], 0, MOST_PERIODS)
        target = names.index(state_named(context, chain, tree.arguments[3]))
        shares = [shares_after(chain.rates, place, periods)[target] for place in range(len(names))]
        amounts, unit = tuple(nearest(share, MOST_DECIMALS) for share in shares), NO_UNIT
    return of_state(context, scope, chain, tree.arguments[1], dict(zip(names, amounts, strict=True)), unit)


def chain_named(context: Context, tree: t.Expression) -> Chain:
    name = ".".join(tree.parts) if isinstance(tree, t.Name) else ""
    context.used.add(("chain", name))
    chain = context.chains.get(name)
    if chain is None:
        if name not in context.symbols.chains:
            suggestion = closest(name, context.symbols.chains)
            context.report("unknown-name.chain", tree.span, name=name or "this", suggestion=suggestion)
        raise Unresolved
    return chain


def state_named(context: Context, chain: Chain, tree: t.Expression) -> str:
    word = word_of(tree)
    names = [state.name for state in chain.states]
    if word not in names:
        context.report("chain-state", tree.span, name=word or "this", chain=chain.name,
                       states=", ".join(names), suggestion=closest(word, names))  # fmt: skip
        raise Unresolved
    return word


def word_of(tree: t.Expression) -> str:
    return (
        tree.value if isinstance(tree, t.Text) else ".".join(tree.parts) if isinstance(tree, t.Name) else ""
    )


def of_state(
    context: Context, scope: Scope, chain: Chain, tree: t.Expression, amounts: dict[str, Fraction], unit: Any
) -> e.Expression:
    """The amount of one state, or of the state a choice of the record names."""
    word = word_of(tree)
    if word in amounts and (scope.entity, word) not in context.facts:
        return settled(tree.span, amounts[word], unit)
    subject = from_expression(context, scope, tree)
    if subject.type.kind != "choice":
        context.report("not-comparable.is", tree.span, kind=kind_text(subject.type.kind))
        raise Unresolved
    for option in subject.type.options:
        if option not in amounts:
            context.report("chain-state", tree.span, name=option, chain=chain.name, states=", ".join(amounts),
                           suggestion=None)  # fmt: skip
            raise Unresolved
    found = {option: settled(tree.span, amounts[option], unit) for option in subject.type.options}
    return chosen(tree.span, subject, found)


def settled(span: Span, value: Fraction, unit: Any) -> e.Constant:
    scale = INDEX_DECIMALS if value * 10**INDEX_DECIMALS % 1 == 0 else MOST_DECIMALS
    kind = Type("number", False, unit, scale, value, value)
    return e.Constant(span, kind, int(value * 10**scale))


def chosen(span: Span, subject: e.Expression, found: dict[str, e.Constant]) -> e.Expression:
    """By cases; missing where the state is."""
    scale = max(each.type.scale for each in found.values())
    ends = [each.type.low for each in found.values()]
    first = next(iter(found.values())).type
    kind = Type("number", subject.type.optional, first.unit, scale, min(ends), max(ends))
    test: Callable[[str], e.Expression] = lambda option: e.OneOf(  # noqa: E731
        span, TRUTH.maybe(subject.type.optional), subject, (option,), False, False
    )
    *steps, (_, last) = [(test(option), value) for option, value in found.items()]
    return e.Choose(span, kind, tuple(steps), last)
