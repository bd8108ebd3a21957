"""Indexes, flags and claims as written come in; their checked definitions go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import common_scale, same_unit, widest
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import plain, plain_ends, texts_of, titles_of
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.information import (
    expect_words,
    fallback,
    if_missing,
    line_of,
    shown,
    truth_if_missing,
    unit_named,
)
from lifeseg.model.missing import operands
from lifeseg.model.model import Claim, Flag, FlagBlock, Index
from lifeseg.model.names import entity_named
from lifeseg.model.symbols import Symbol
from lifeseg.model.types import INDEX_DECIMALS, TRUTH, Type, kind_text, rounded
from lifeseg.model.walk import nodes
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_RESULT = 2**63 - 1
MOST_DECIMALS = 12
READING = (e.Field, e.Band, e.Statistic, e.Aggregate)
"""What makes an amount depend on the record or the population."""


# ---- Indexes -------------------------------------------------------------------------------------


def build_index(context: Context, symbol: Symbol, node: d.Index) -> Index:
    """A formula or steps, rounded to its decimals, capped to its range."""
    block = symbol.block
    assert block is not None
    expect_words(context, node.information, "decimals", "unit", "range", "if missing")
    expect_words(context, block.information, "decimals", "unit")
    scope = Scope(symbol.entity, node.name)
    formula = index_formula(context, scope, node)
    kind = index_type(context, node, [*node.information, *block.information], formula)
    low, high = declared_range(context, node, kind, formula)
    limits = None if low is None or high is None else bounded(kind, low, high)
    line = if_missing(context, node.information, formula, node.name)
    instead, kind = fallback(context, line, kept_within(kind, limits) if limits else kind, limits)
    fit_result(context, node.name_span, node.name, kind)
    return Index(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of((*block.information, *node.information)),
        symbol.entity,
        kind,
        block.name,
        formula,
        low,
        high,
        instead,
    )


def index_formula(context: Context, scope: Scope, node: d.Index) -> e.Expression:
    if node.value is not None:
        formula = from_expression(context, scope, node.value)
    else:
        formula = stepwise(context, scope, node)
    if formula.type.kind not in ("number", "date"):
        key = "wrong-kind.index-condition" if formula.type.kind == "truth" else "wrong-kind.index"
        context.report(key, formula.span, kind=kind_text(formula.type.kind))
        raise Unresolved
    return formula


def stepwise(context: Context, scope: Scope, node: d.Index) -> e.Expression:
    """`VALUE when CONDITION` lines, the last one `otherwise`."""
    steps: list[tuple[e.Expression, e.Expression]] = []
    otherwise: e.Expression | None = None
    for step in node.steps:
        if otherwise is not None:
            context.report("otherwise-not-last", step.span)
            raise Unresolved
        value = from_expression(context, scope, step.value)
        if step.condition is None:
            otherwise = value
        else:
            steps.append((condition(context, scope, step.condition), value))
    if not node.steps:
        context.report("empty-definition", node.name_span)
        raise Unresolved
    values = one_kind(context, [*(value for _, value in steps), *([otherwise] if otherwise else [])])
    if otherwise is None:
        context.report("otherwise-missing", node.name_span, name=node.name)
        raise Unresolved
    tests = [test for test, _ in steps]
    paired = tuple(zip(tests, values, strict=False))
    return e.Choose(node.span, joint_type(context, node, values, tests), paired, values[-1])


def joint_type(
    context: Context, node: d.Index, values: Sequence[e.Expression], tests: Sequence[e.Expression]
) -> Type:
    """The type of whatever step is taken."""
    kinds = [value.type for value in values]
    optional = any(part.type.optional for part in (*values, *tests))
    if kinds[0].kind != "number":
        return replace(kinds[0], optional=optional)
    scale = common_scale(context, node.name_span, *kinds)
    low, high = min(kind.low for kind in kinds), max(kind.high for kind in kinds)
    return replace(kinds[0], optional=optional, scale=scale, low=low, high=high, fixed=False)


def one_kind(context: Context, values: list[e.Expression]) -> list[e.Expression]:
    """All steps in one kind and unit; bare numbers take the unit of the others."""
    lead = next((value for value in values if not value.type.fixed), values[0])
    found = []
    for value in values:
        if value.type.kind != lead.type.kind:
            kinds = kind_text(lead.type.kind), kind_text(value.type.kind)
            context.report("type-mismatch", value.span, wanted=kinds[0], found=kinds[1])
            raise Unresolved
        if value is not lead and value.type.kind == "number":
            value = same_unit(context, value.span, value, lead)[0]
        found.append(value)
    return found


def index_type(
    context: Context, node: d.Index, lines: Sequence[t.Information], formula: e.Expression
) -> Type:
    """The formula's type at the index's decimals and unit."""
    kind = replace(formula.type, fixed=False, optional=False)
    if kind.kind == "date":
        for line in node.information:
            if line.word in ("decimals", "unit", "range"):
                context.report("misplaced-information", line.span, word=line.word)
        return kind
    decimals = INDEX_DECIMALS
    written = line_of(lines, "decimals")
    if written is not None and isinstance(written.value, t.Number):
        number = written.value
        if number.value % 1 or number.value > MOST_DECIMALS or number.unit:
            context.report("decimals-range", written.span, most=MOST_DECIMALS)
        else:
            decimals = int(number.value)
    unit = unit_named(lines)
    if unit and kind.unit not in ((), ((unit, 1),)):
        context.report("unit-mismatch.declared", node.name_span, unit=unit)
    elif unit and not kind.unit:
        kind = replace(kind, unit=((unit, 1),))
    return rounded(kind, decimals)


def declared_range(
    context: Context, node: d.Index, kind: Type, formula: e.Expression
) -> tuple[int | None, int | None]:
    """The declared range at the index's scale; demanded where a divisor is not constant."""
    line = line_of(node.information, "range")
    if line is None or not isinstance(line.value, t.Range) or kind.kind != "number":
        divisor = varying_divisor(formula)
        if divisor is not None:
            context.report("range-needed", node.name_span, Label(divisor.span, "divisor"), name=node.name)
            raise Unresolved
        return None, None
    if not plain_ends(context.symbols, line.value):
        raise Unresolved
    low, high = Fraction(plain(line.value.low)), Fraction(plain(line.value.high))
    if low > high:
        context.report("empty-range", line.span)
        raise Unresolved
    if low * 10**kind.scale % 1 or high * 10**kind.scale % 1:
        context.report("off-step.decimals", line.span, decimals=kind.scale)
        raise Unresolved
    if low > kind.high or high < kind.low:
        context.report("empty-range.outside", line.span, low=shown(kind.low), high=shown(kind.high))
    return int(low * 10**kind.scale), int(high * 10**kind.scale)


def bounded(kind: Type, low: int, high: int) -> Type:
    return replace(kind, low=Fraction(low, 10**kind.scale), high=Fraction(high, 10**kind.scale))


def kept_within(kind: Type, limits: Type) -> Type:
    """The type of amounts of a type that are capped to limits."""
    low, high = (min(max(end, limits.low), limits.high) for end in (kind.low, kind.high))
    return replace(kind, low=low, high=high)


def varying_divisor(node: e.Expression) -> e.Expression | None:
    """A divisor that depends on the record or the population."""
    if isinstance(node, e.Divide) and any(isinstance(part, READING) for part in nodes(node.right)):
        return node.right
    for part in amounts_in(node):
        if (found := varying_divisor(part)) is not None:
            return found
    return None


def amounts_in(node: e.Expression) -> tuple[e.Expression, ...]:
    """What the amount of a formula is made of."""
    match node:
        case e.Choose():
            return (*(value for _, value in node.steps), *([node.otherwise] if node.otherwise else []))
        case e.Aggregate():
            return (node.value,) if node.value is not None else ()
        case _:
            return operands(node)


def fit_result(context: Context, span: Span, name: str, kind: Type) -> None:
    if kind.kind == "number" and widest(kind) * 10**kind.scale > MOST_RESULT:
        context.report("out-of-64-bits", span, name=name, low=shown(kind.low), high=shown(kind.high))


# ---- Flags and claims ----------------------------------------------------------------------------


def build_flag(context: Context, symbol: Symbol, node: d.Case) -> Flag:
    block = symbol.block
    assert block is not None
    expect_words(context, node.information, "category", "if missing")
    expect_words(context, block.information, "category")
    scope = Scope(symbol.entity, node.name)
    if node.how == "otherwise":
        context.report("misplaced-otherwise", node.name_span)
        raise Unresolved
    test: e.Expression = e.Constant(node.span, TRUTH, True)
    if node.condition is not None:
        test = condition(context, scope, node.condition)
    instead = truth_if_missing(context, node.information, test, node.name)
    return Flag(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of((*block.information, *node.information)),
        symbol.entity,
        TRUTH,
        block.name,
        test,
        instead,
    )


def build_flag_block(context: Context, symbol: Symbol, node: d.Block) -> FlagBlock:
    """The list of the block's flags, in the order of the text."""
    flags = tuple(context.symbols.listed.get((symbol.entity, symbol.name), ()))
    return FlagBlock(
        symbol.name,
        titles_of(node),
        node.span,
        texts_of(node.information),
        symbol.entity,
        Type("flags", options=flags),
        None,
        flags,
    )


def build_claim(context: Context, node: d.Claim) -> Claim:
    """never and assume: three-valued; only a plain yes breaks a `never`, only a plain no an `assume`."""
    entity = entity_named(context, node.entity).name
    test = condition(context, Scope(entity), node.condition)
    return Claim(node.kind, node.title, entity, test, node.span)
