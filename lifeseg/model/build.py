"""Indexes, flags and claims as written come in; their checked definitions go out.

What every kind of definition shares stands here too: titles, information lines, literals behind `if missing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import same_unit
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import plain, texts_of, titles_of
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.missing import unknown_part
from lifeseg.model.model import Claim, Flag, FlagBlock, Index
from lifeseg.model.symbols import Symbol, information_text
from lifeseg.model.types import INDEX_DECIMALS, TRUTH, Type, kind_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_RESULT = 2**63 - 1
MOST_DECIMALS = 12
FOR_PEOPLE = {"source", "owner", "note", "refresh", "use_for"}


def line_of(information: Sequence[t.Information], word: str) -> t.Information | None:
    return next((line for line in information if line.word == word), None)


def expect_words(context: Context, lines: Sequence[t.Information], *allowed: str) -> None:
    """Each information line once, and only where it means something."""
    seen: dict[str, Span] = {}
    for line in lines:
        if line.word not in FOR_PEOPLE and line.word not in allowed:
            context.report("misplaced-information", line.span, word=line.word)
        elif line.word in seen:
            context.report("information-twice", line.span, Label(seen[line.word], "first"), word=line.word)
        seen.setdefault(line.word, line.span)


def shared(
    symbol_titles: d.Named | d.Block, context: Context, information: Sequence[t.Information]
) -> dict[str, str]:
    return texts_of(tuple(information))


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
    low, high, kind = capped(context, node, kind, formula)
    fallback = if_missing(context, node.information, node.name_span, kind, formula, node.name)
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
        fallback,
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
    kinds = [value.type for value in values]
    optional = any(kind.optional for kind in kinds) or any(test.type.optional for test, _ in steps)
    kind = replace(
        kinds[0],
        optional=optional,
        scale=max(k.scale for k in kinds),
        low=min(k.low for k in kinds),
        high=max(k.high for k in kinds),
        fixed=False,
    )
    paired = tuple((test, value) for (test, _), value in zip(steps, values, strict=False))
    return e.Choose(node.span, kind, paired, values[-1])


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
        return kind
    decimals = INDEX_DECIMALS
    written = line_of(lines, "decimals")
    if written is not None and isinstance(written.value, t.Number):
        decimals = int(written.value.value)
        if written.value.value != decimals or decimals > MOST_DECIMALS or written.value.unit:
            context.report("decimals-range", written.span, most=MOST_DECIMALS)
            decimals = INDEX_DECIMALS
    unit = information_text(lines, "unit") or named_unit(lines)
    if unit and kind.unit not in ((), ((unit, 1),)):
        context.report("unit-mismatch.declared", node.name_span, unit=unit)
    elif unit and not kind.unit:
        kind = replace(kind, unit=((unit, 1),))
    return replace(kind, scale=decimals)


def named_unit(lines: Sequence[t.Information]) -> str | None:
    line = line_of(lines, "unit")
    return ".".join(line.value.parts) if line and isinstance(line.value, t.Name) else None


def capped(
    context: Context, node: d.Index, kind: Type, formula: e.Expression
) -> tuple[int | None, int | None, Type]:
    """The declared range at the index's scale; demanded where a divisor is not constant."""
    line = line_of(node.information, "range")
    if line is None or not isinstance(line.value, t.Range):
        divisor = varying_divisor(formula)
        if divisor is not None:
            context.report("range-needed", node.name_span, Label(divisor.span, "divisor"), name=node.name)
            raise Unresolved
        return None, None, kind
    low, high = Fraction(plain(line.value.low)), Fraction(plain(line.value.high))
    if low > high or kind.kind != "number":
        context.report("empty-range", line.span)
        raise Unresolved
    if low * 10**kind.scale % 1 or high * 10**kind.scale % 1:
        context.report("off-step.decimals", line.span, decimals=kind.scale)
        raise Unresolved
    if low > kind.high or high < kind.low:
        context.report("empty-range.outside", line.span, low=shown(kind.low), high=shown(kind.high))
    bounds = replace(kind, low=max(low, min(kind.low, high)), high=min(high, max(kind.high, low)))
    return int(low * 10**kind.scale), int(high * 10**kind.scale), bounds


def shown(value: Fraction) -> str:
    """A bound as people write it."""
    return str(value) if value.denominator == 1 else f"{float(value):.6g}"


def varying_divisor(node: object) -> e.Expression | None:
    """A divisor that depends on the record or the population."""
    if isinstance(node, e.Divide) and not isinstance(node.right, e.Constant):
        return node.right
    for part in parts_of(node):
        if (found := varying_divisor(part)) is not None:
            return found
    return None


def parts_of(node: object) -> list[e.Expression]:
    """The direct operands of a formula."""
    match node:
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
            return [node.left, node.right]
        case e.Negate() | e.Round():
            return [node.value]
        case e.Apply():
            return list(node.arguments)
        case e.Choose():
            return [value for _, value in node.steps] + ([node.otherwise] if node.otherwise else [])
        case _:
            return []


def fit_result(context: Context, span: Span, name: str, kind: Type) -> None:
    if kind.kind == "number" and max(abs(kind.low), abs(kind.high)) * 10**kind.scale > MOST_RESULT:
        context.report("out-of-64-bits", span, name=name, low=shown(kind.low), high=shown(kind.high))


# ---- If missing ----------------------------------------------------------------------------------


def if_missing(
    context: Context,
    lines: Sequence[t.Information],
    name_span: Span,
    kind: Type,
    formula: e.Expression,
    name: str,
) -> e.Value:
    """The value that answers for a missing one, at the definition's scale."""
    line = line_of(lines, "if missing")
    part = unknown_part(formula)
    if line is None:
        if part is not None:
            not_handled(context, part)
        return None
    if part is None:
        context.report("useless-if-missing", line.span, name=name)
    return fallback_value(context, line, kind)


def not_handled(context: Context, part: e.Expression) -> None:
    """Says which part can be missing, and why."""
    if isinstance(part, e.Field) and not part.type.optional:
        part = replace(part)
    key = "missing-not-handled"
    if isinstance(part, e.Aggregate):
        key = "missing-not-handled.no-rows"
    elif isinstance(part, e.Statistic):
        key = "missing-not-handled.population"
    elif not part.type.optional:
        key = "missing-not-handled.zero"
    elif isinstance(part, e.Apply):
        key = "missing-not-handled.domain"
    name = part.name if isinstance(part, e.Field) else None
    labels = ()
    if isinstance(part, e.Field):
        fact = context.facts.get((part.entity, part.name))
        line = fact.span.line if fact else None
        context.report(key, part.span, name=name, line=line)
        return
    context.report(key, part.span, *labels)


def fallback_value(context: Context, line: t.Information, kind: Type) -> e.Value:
    """The literal behind `if missing`, in the definition's own type."""
    if line.value is None:
        context.report("misplaced-information", line.span, word="if missing reweight")
        raise Unresolved
    if isinstance(line.value, t.Range):
        raise Unresolved
    value = from_expression(context, Scope("", None), line.value)
    if isinstance(value, e.Parameter) or not isinstance(value, e.Constant):
        context.report("type-mismatch.literal", line.value.span)
        raise Unresolved
    if value.type.kind != kind.kind:
        context.report(
            "type-mismatch", value.span, wanted=kind_text(kind.kind), found=kind_text(value.type.kind)
        )
        raise Unresolved
    if kind.kind != "number":
        return value.value
    if value.type.unit:  # a bare number is in the definition's own unit
        same_unit(context, value.span, value, e.Constant(value.span, kind, 0))
    return scaled_literal(context, value, kind)


def scaled_literal(context: Context, value: e.Constant, kind: Type) -> int:
    """A literal at another scale; it must not have more decimals than that."""
    assert isinstance(value.value, int)
    if value.type.scale > kind.scale and value.value % 10 ** (value.type.scale - kind.scale):
        context.report("off-step.decimals", value.span, decimals=kind.scale)
        raise Unresolved
    exact = Fraction(value.value, 10**value.type.scale) * 10**kind.scale
    if not kind.low <= exact / 10**kind.scale <= kind.high:
        low, high = shown(kind.low), shown(kind.high)
        context.report("out-of-range.literal", value.span, low=low, high=high)
    return int(exact)


def truth_if_missing(
    context: Context, lines: Sequence[t.Information], test: e.Expression | None, name: str
) -> bool | None:
    """What a case or flag answers when its condition stays unknown."""
    line = line_of(lines, "if missing")
    part = unknown_part(test) if test is not None else None
    if line is None:
        if part is not None:
            not_handled(context, part)
        return None
    if part is None:
        context.report("useless-if-missing", line.span, name=name)
    if not isinstance(line.value, t.Truth):
        context.report("type-mismatch.truth", line.span)
        raise Unresolved
    return line.value.value


# ---- Flags and claims ----------------------------------------------------------------------------


def build_flag(context: Context, symbol: Symbol, node: d.Case) -> Flag:
    block = symbol.block
    assert block is not None
    expect_words(context, node.information, "if missing")
    expect_words(context, block.information)
    scope = Scope(symbol.entity, node.name)
    if node.how == "otherwise":
        context.report("misplaced-otherwise", node.name_span)
        raise Unresolved
    test: e.Expression = e.Constant(node.span, TRUTH, True)
    if node.condition is not None:
        test = condition(context, scope, node.condition)
    fallback = truth_if_missing(context, node.information, test, node.name)
    return Flag(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of((*block.information, *node.information)),
        symbol.entity,
        TRUTH,
        block.name,
        test,
        fallback,
    )


def build_flag_block(context: Context, symbol: Symbol, node: d.Block) -> FlagBlock:
    flags = tuple(
        other.name
        for other in context.symbols.definitions.values()
        if other.block is not None
        and other.block.kind == "flags"
        and other.block.name == node.name
        and other.entity == symbol.entity
    )
    kind = Type("flags", options=flags)
    return FlagBlock(
        node.name or "",
        titles_of(node),
        node.span,
        texts_of(node.information),
        symbol.entity,
        kind,
        None,
        flags,
    )


def build_claim(context: Context, node: d.Claim) -> Claim:
    """never and assume: three-valued; only a plain yes breaks a `never`, only a plain no an `assume`."""
    entity = ".".join(node.entity.parts)
    if entity not in context.entities:
        from lifeseg.model.names import entity_named

        entity_named(context, node.entity)
    test = condition(context, Scope(entity), node.condition)
    return Claim(node.kind, node.title, entity, test, node.span)
