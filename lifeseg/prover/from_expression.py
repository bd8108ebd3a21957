"""A core expression and a record come in; its value as solver terms goes out, with the meaning the interpreter gives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, assert_never

from lifeseg.functions.calendar import add_months, months_between
from lifeseg.functions.exact import DIVISION_DECIMALS, divide_half_away, power, rescale, square_root
from lifeseg.functions.transcendental import exp, ln, logistic
from lifeseg.model import expression as e
from lifeseg.model.types import MONTH, Type
from lifeseg.prover import from_definition
from lifeseg.prover.children import aggregate, quantified
from lifeseg.prover.terms import (
    Symbol,
    Term,
    both,
    chosen,
    compared,
    divided_half_away,
    either,
    either_symbol,
    is_plain,
    nearest_quotient,
    negated,
)
from lifeseg.prover.world import FIRST_DAY, LAST_DAY, Record, World

FEW_DAYS = 8
"""What months differ from their mean length, in any number."""


def from_expression(world: World, record: Record, node: e.Expression) -> Symbol:
    """The value, worked out once for a record."""
    key = (record.number, id(node))
    if key not in world.known:
        known = world.settled(record, node) if world.settled is not None else None
        world.known[key] = (known if known is not None else valued(world, record, node), node)
    return world.known[key][0]


def valued(world: World, record: Record, node: e.Expression) -> Symbol:
    match node:
        case e.Constant():
            return plain(world, node.value, node.type)
        case e.Parameter():
            return world.parameter(node.name, lambda value, kind: plain(world, value, kind))
        case e.Today():
            return Symbol(world.today)
        case e.Field():
            return named(world, climbed(record, node.up), node.name)
        case e.Band():
            return named(world, climbed(record, node.up), f"{node.score}_band")
        case e.Statistic() | e.Cut():
            return statistic(world, node)
        case e.Group():
            return group(world, record, node)
        case e.Add() | e.Subtract():
            return added(world, record, node)
        case e.Multiply():
            return multiplied(world, record, node)
        case e.Divide():
            return divided(world, record, node)
        case e.Negate():
            inner = from_expression(world, record, node.value)
            return Symbol(-inner.value, inner.missing)
        case e.Round():
            return rounded(from_expression(world, record, node.value), node.value.type, node.type.scale)
        case e.Distance():
            return from_expression(world, record, node.value)
        case e.Apply():
            return applied(world, record, node)
        case e.Aggregate():
            return aggregate(world, record, node, from_expression)
        case e.Choose():
            return by_steps(world, record, node)
        case _:
            return condition(world, record, node)


def condition(
    world: World,
    record: Record,
    node: e.Compare | e.OneOf | e.IsMissing | e.Not | e.And | e.Or | e.Was | e.Quantified,
) -> Symbol:
    match node:
        case e.Compare():
            left, right = sides(world, record, node.left, node.right)
            if node.left.type.kind == "text" and node.operator != "=":
                return freed(world, "an order of texts", node.type)
            return Symbol(
                compared(node.operator, left.value, right.value), either([left.missing, right.missing])
            )
        case e.OneOf():
            return one_of(world, record, node)
        case e.IsMissing():
            missing = from_expression(world, record, node.subject).missing
            return Symbol(negated(missing) if node.negated else missing)
        case e.Not():
            inner = from_expression(world, record, node.value)
            return Symbol(negated(inner.value), inner.missing)
        case e.And() | e.Or():
            return joined(
                [from_expression(world, record, item) for item in node.items], isinstance(node, e.Or)
            )
        case e.Quantified():
            return quantified(world, record, node, from_expression)
        case e.Was():
            return freed(world, f"what {node.name} was", node.type)
        case _:
            assert_never(node)


def freed(world: World, what: str, kind: Type) -> Symbol:
    """Anything at all, where the solver is not told what is meant."""
    world.note(what)
    return world.free(what, kind)


def plain(world: World, value: Any, kind: Type) -> Symbol:
    """A literal as the solver's terms hold it."""
    if value is None:
        return Symbol({} if kind.kind == "choice" else 0, True)
    if isinstance(value, date):
        return Symbol(value.toordinal())
    if isinstance(value, str):
        return Symbol({value: True}) if kind.kind == "choice" else Symbol(world.text(value))
    return Symbol(value)


def climbed(record: Record, up: int) -> Record:
    for _ in range(up):
        assert record.parent is not None
        record = record.parent
    return record


def named(world: World, record: Record, name: str) -> Symbol:
    """A fact, a definition or a band of a record."""
    if any(fact.name == name for fact in world.model.entities[record.entity].facts):
        return world.fact(record, name)
    if name not in record.values:
        from_definition.evaluate(world, record, name)
    return record.values[name]


def joined(items: list[Symbol], is_or: bool) -> Symbol:
    """and, or: what decides wins over what is unknown."""
    if is_or:
        value = either([item.yes() for item in items])
    else:
        value = both([either([item.missing, item.value]) for item in items])
    unknown = either([item.missing for item in items])
    decided = value if is_or else negated(value)
    return Symbol(value, both([unknown, negated(decided)]))


def one_of(world: World, record: Record, node: e.OneOf) -> Symbol:
    subject = from_expression(world, record, node.subject)
    if isinstance(subject.value, dict):
        among = either([subject.value[name] for name in node.values if name in subject.value])
    else:
        among = either([subject.value == world.text(word) for word in node.values])
    if node.decided:
        among = both([negated(subject.missing), among])
        return Symbol(negated(among) if node.negated else among)
    return Symbol(negated(among) if node.negated else among, subject.missing)


def by_steps(world: World, record: Record, node: e.Choose) -> Symbol:
    """The first step that holds; an unknown one met before gives missing."""
    last: Symbol | None = None
    if node.otherwise is not None:
        last = scaled(from_expression(world, record, node.otherwise), node.otherwise.type, node.type)
    for test, value in reversed(node.steps):
        holds = from_expression(world, record, test)
        then = scaled(from_expression(world, record, value), value.type, node.type)
        last = either_symbol(holds.value, then, last or Symbol(then.value, True))
        last = Symbol(last.value, either([holds.missing, last.missing]))
    assert last is not None
    return last


# ---- Numbers -------------------------------------------------------------------------------------


def scaled(symbol: Symbol, kind: Type, wanted: Type) -> Symbol:
    """A value at a larger scale."""
    up = 10 ** (wanted.scale - kind.scale)
    return symbol if kind.kind != "number" or up == 1 else Symbol(symbol.value * up, symbol.missing)


def sides(world: World, record: Record, left: e.Expression, right: e.Expression) -> tuple[Symbol, Symbol]:
    """Both values, numbers at the larger of their scales."""
    first, second = from_expression(world, record, left), from_expression(world, record, right)
    if left.type.kind != "number" or right.type.kind != "number":
        return first, second
    wanted = left.type if left.type.scale >= right.type.scale else right.type
    return scaled(first, left.type, wanted), scaled(second, right.type, wanted)


def rounded(symbol: Symbol, kind: Type, decimals: int) -> Symbol:
    if kind.scale <= decimals:
        return (
            Symbol(symbol.value * 10 ** (decimals - kind.scale), symbol.missing)
            if kind.scale < decimals
            else symbol
        )
    down = 10 ** (kind.scale - decimals)
    return Symbol(divided_half_away(symbol.value, down, never_negative=kind.low >= 0), symbol.missing)


def added(world: World, record: Record, node: e.Add | e.Subtract) -> Symbol:
    sign = 1 if isinstance(node, e.Add) else -1
    if node.type.kind == "date":
        return shifted(world, record, node, sign)
    left, right = sides(world, record, node.left, node.right)
    return Symbol(left.value + sign * right.value, either([left.missing, right.missing]))


def shifted(world: World, record: Record, node: e.Add | e.Subtract, sign: int) -> Symbol:
    """A day so much later; by months it is some day so many times 28 to 31 days later."""
    day, count = from_expression(world, record, node.left), from_expression(world, record, node.right)
    if node.right.type.unit != MONTH:
        later = day.value + sign * count.value
        return Symbol(within(later, FIRST_DAY, LAST_DAY), either([day.missing, count.missing]))

    def exactly(start: int, months: int) -> int:
        return moved(add_months, start, sign * months)

    found = world.called(f"a day in months {sign}", node.type.known(), (day, count), exactly)
    steps = sign * count.value
    least, most = chosen(steps >= 0, 28 * steps, 31 * steps), chosen(steps >= 0, 31 * steps, 28 * steps)
    world.constraints.append(found.value >= within(day.value + least, FIRST_DAY, LAST_DAY))
    world.constraints.append(found.value <= within(day.value + most, FIRST_DAY, LAST_DAY))
    return found


def within(value: Term, low: int, high: int) -> Term:
    if is_plain(value):
        return min(max(value, low), high)
    return chosen(value < low, low, chosen(value > high, high, value))


def moved(shift: Callable[[date, int], date], start: int, count: int) -> int:
    """A day so much later as the interpreter has it."""
    try:
        return shift(date.fromordinal(start), count).toordinal()
    except ValueError:
        return LAST_DAY if count > 0 else FIRST_DAY


def multiplied(world: World, record: Record, node: e.Multiply) -> Symbol:
    left, right = from_expression(world, record, node.left), from_expression(world, record, node.right)
    if world.manner.loose_products and not isinstance(left.value, int) and not isinstance(right.value, int):
        world.note("a product of two amounts")
        by = lambda a, b: a * b  # noqa: E731
        return world.called("product", node.type.known(), (left, right), by, by)
    return Symbol(left.value * right.value, either([left.missing, right.missing]))


def divided(world: World, record: Record, node: e.Divide) -> Symbol:
    """To twelve decimals, half away from zero; by zero it is missing."""
    left, right = from_expression(world, record, node.left), from_expression(world, record, node.right)
    shift = DIVISION_DECIMALS + node.right.type.scale - node.left.type.scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    missing = either([left.missing, right.missing])
    if isinstance(right.value, int):
        if right.value == 0:
            return Symbol(0, True)
        dividend = left.value * up if right.value > 0 else -left.value * up
        positive = node.left.type.low >= 0 and right.value > 0
        return Symbol(divided_half_away(dividend, abs(right.value) * down, never_negative=positive), missing)

    def exactly(a: int, b: int) -> int | None:
        return divide_half_away(a * up, b * down) if b else None

    def by_second(a: Term, b: int) -> Term:
        return divided_half_away(a * up if b > 0 else -a * up, abs(b) * down, never_negative=False)

    found = world.called(f"quotient {up} {down}", node.type, (left, right), exactly, by_second)
    result = Symbol(found.value, either([missing, right.value == 0]))
    if world.manner.loose_products:
        world.note("a quotient of two amounts")
    else:
        nearest = nearest_quotient(left.value * up, right.value * down, found.value)
        world.constraints.append(either([result.missing, nearest]))
    return result


def statistic(world: World, node: e.Statistic | e.Cut) -> Symbol:
    read = node if isinstance(node, e.Statistic) else node.cuts
    found = world.statistic(read.key, read.type)
    if isinstance(node, e.Cut):
        assert isinstance(found, tuple)
        return found[node.place]
    assert isinstance(found, Symbol)
    return found


def group(world: World, record: Record, node: e.Group) -> Symbol:
    """1 and how many cuts the value reaches."""
    amount, cuts = from_expression(world, record, node.value), world.statistic(node.cuts.key, node.cuts.type)
    assert isinstance(cuts, tuple)
    reached = [chosen(both([negated(cut.missing), amount.value >= cut.value]), 1, 0) for cut in cuts]
    return Symbol(1 + sum(reached), amount.missing)


def applied(world: World, record: Record, node: e.Apply) -> Symbol:
    """The core functions; those that the solver is not told of are free values that can be pinned down."""
    first = from_expression(world, record, node.arguments[0])
    scale = node.arguments[0].type.scale
    if node.function in ("least", "greatest"):
        left, right = sides(world, record, *node.arguments)
        smaller = left.value <= right.value
        pick = smaller if node.function == "least" else negated(smaller)
        return Symbol(chosen(pick, left.value, right.value), either([left.missing, right.missing]))
    if node.function == "months_between":
        second = from_expression(world, record, node.arguments[1])
        found = world.called("months between", node.type.known(), (first, second), months)
        days = first.value - second.value  # 400 years have 4800 months and 146097 days
        least, most = 4800 * (days - FEW_DAYS), 4800 * (days + FEW_DAYS)
        near = both([146097 * found.value <= most, 146097 * (found.value + 1) >= least])
        world.constraints.append(either([found.missing, near]))
        return found
    if node.function == "power":
        second = from_expression(world, record, node.arguments[1])
        world.note("a power")
        return world.called(
            f"power {scale}", node.type, (first, second), lambda a, count: power(a, scale, count)
        )
    world.note(f"{node.function}(…)")
    return world.called(
        f"{node.function} {scale}", node.type, (first,), lambda a: transcendental(node.function, a, scale)
    )


def months(later: int, earlier: int) -> int:
    return months_between(date.fromordinal(later), date.fromordinal(earlier))


def transcendental(function: str, amount: int, scale: int) -> int | None:
    if function == "square_root":
        return square_root(amount, scale) if amount >= 0 else None
    at_twelve = rescale(amount, scale, DIVISION_DECIMALS)
    if function == "ln":
        return ln(at_twelve) if at_twelve > 0 else None
    return exp(at_twelve) if function == "exp" else logistic(at_twelve)
