"""Scores and expert panels as written come in; scores with exact weights, and panels worked out to weights, go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lifeseg.diagnostics.diagnostic import Label
from lifeseg.functions.panel import RANDOM_INDEX, PanelWeights, weights_from_marks, weights_from_pairs
from lifeseg.model import expression as e
from lifeseg.model.build import expect_words, fit_result, line_of, not_handled, scaled_literal, shown
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import from_expression
from lifeseg.model.missing import unknown_part
from lifeseg.model.model import Heading, Leaf, Panel, Score, ScoreBand
from lifeseg.model.names import resolve_name
from lifeseg.model.symbols import Symbol, closest
from lifeseg.model.types import DIVISION_DECIMALS, Type, kind_text, unit_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

PANEL_DECIMALS = 6
AVERAGES = ("arithmetic", "geometric")
METHODS = ("pairwise", "eigenvector", "columns", "rows", "marks")


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A leaf with the weights of all groups above it multiplied in."""

    path: tuple[str, ...]
    term: d.Term
    weight: Decimal | None


def build_score(context: Context, symbol: Symbol, node: d.Score) -> Score:
    """A weighted tree of indexes; the weights of groups multiply, the leaves sum to 1."""
    expect_words(context, node.information, "if missing", "if missing reweight")
    scope = Scope(symbol.entity, node.name)
    terms = list(flattened(node.terms, (), Decimal(1)))
    if not terms:
        context.report("empty-definition", node.name_span)
        raise Unresolved
    weights = leaf_weights(context, node, terms)
    scale = max(-int(weight.as_tuple().exponent) for weight in weights)
    scale = max(scale, 0)
    leaves = leaves_of(context, scope, terms, weights, scale)
    kind = score_type(context, node, leaves, scale)
    reweight = line_of(node.information, "if missing reweight") is not None
    fallback = score_fallback(context, node, leaves, kind, reweight)
    fit_result(context, node.name_span, node.name, kind)
    return Score(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        symbol.entity,
        kind,
        None,
        tuple(leaves),
        tuple(headings(node.terms, ())),
        scale,
        bands_of(context, scope, node, kind),
        fallback,
        reweight,
        ".".join(node.panel.parts) if node.panel else None,
    )


def flattened(terms: Sequence[d.Term], path: tuple[str, ...], above: Decimal) -> Iterator[WeightedTerm]:
    for term in terms:
        own = term.weight.value if term.weight else None
        if term.terms:
            yield from flattened(term.terms, (*path, term.name), above * own if own is not None else above)
        else:
            yield WeightedTerm(path, term, above * own if own is not None else None)


def headings(terms: Sequence[d.Term], path: tuple[str, ...]) -> Iterator[Heading]:
    for term in terms:
        if term.terms:
            weight = term.weight.text + ("%" if term.weight.unit else "") if term.weight else None
            yield Heading((*path, term.name), titles_of(term), weight, term.span)
            yield from headings(term.terms, (*path, term.name))


def leaf_weights(context: Context, node: d.Score, terms: Sequence[WeightedTerm]) -> list[Decimal]:
    """The weights as written, or those of the panel."""
    if node.panel is not None:
        return panel_weights(context, node, terms)
    weights = []
    for found in terms:
        if found.weight is None:
            context.report("weights-missing", found.term.name_span, name=found.term.name)
            raise Unresolved
        if found.weight == 0:
            context.report("weight-not-positive", found.term.name_span, name=found.term.name)
        weights.append(found.weight.normalize() if found.weight else found.weight)
    total = sum(weights, Decimal(0))
    if total != 1:
        context.report("weights-sum", node.name_span, name=node.name, total=f"{total.normalize():f}")
    return [Decimal(f"{weight:f}") for weight in weights]


def panel_weights(context: Context, node: d.Score, terms: Sequence[WeightedTerm]) -> list[Decimal]:
    assert node.panel is not None
    name = ".".join(node.panel.parts)
    panel = context.panels.get(name)
    if panel is None:
        if name not in context.symbols.panels:
            suggestion = closest(name, context.symbols.panels)
            context.report("unknown-name.weights", node.panel.span, name=name, suggestion=suggestion)
        raise Unresolved
    context.used.add(("weights", name))
    weights = dict(zip(panel.columns, panel.weights, strict=True))
    for found in terms:
        if found.weight is not None:
            context.report("weights-given-twice", found.term.name_span, name=found.term.name, panel=name)
            raise Unresolved
        if found.term.name not in weights:
            context.report("panel-shape.leaf", found.term.name_span, name=found.term.name, panel=name)
            raise Unresolved
    unused = set(weights) - {found.term.name for found in terms}
    if unused:
        context.report("panel-shape.column", node.panel.span, name=", ".join(sorted(unused)), panel=name)
        raise Unresolved
    return [Decimal(weights[found.term.name]).scaleb(-PANEL_DECIMALS) for found in terms]


def leaves_of(
    context: Context, scope: Scope, terms: Sequence[WeightedTerm], weights: Sequence[Decimal], scale: int
) -> list[Leaf]:
    leaves, failed = [], False
    seen: dict[str, d.Term] = {}
    for found, weight in zip(terms, weights, strict=True):
        term = found.term
        if term.name in seen:
            label = Label(seen[term.name].name_span, "first")
            context.report("duplicate-name.leaf", term.name_span, label, name=term.name)
        seen[term.name] = term
        try:
            value = leaf_value(context, scope, term)
        except Unresolved:
            failed = True
            continue
        leaves.append(Leaf(found.path, value, int(weight.scaleb(scale)), term.name_span))
    if failed:
        raise Unresolved
    return leaves


def leaf_value(context: Context, scope: Scope, term: d.Term) -> e.Expression:
    """The index, score or fact a leaf names; a plain number, or the weights would add unlike things."""
    value = resolve_name(context, scope, t.Name(term.name_span, (term.name,)))
    if value.type.kind != "number":
        context.report("wrong-kind.leaf", term.name_span, name=term.name, kind=kind_text(value.type.kind))
        raise Unresolved
    if value.type.unit:
        context.report("unit-mismatch.leaf", term.name_span, name=term.name, unit=unit_text(value.type.unit))
        raise Unresolved
    return value


def score_type(context: Context, node: d.Score, leaves: Sequence[Leaf], weight_scale: int) -> Type:
    reweighted = line_of(node.information, "if missing reweight") is not None
    scale = DIVISION_DECIMALS if reweighted else weight_scale + max(leaf.value.type.scale for leaf in leaves)
    if scale > 18:
        context.report("out-of-64-bits.decimals", node.name_span, name=node.name, decimals=scale)
        raise Unresolved
    shares = [(Fraction(leaf.weight, 10**weight_scale), leaf.value.type) for leaf in leaves]
    if reweighted:  # any leaf may be the only one left
        low, high = min(of.low for _, of in shares), max(of.high for _, of in shares)
    else:
        low = sum((share * of.low for share, of in shares), Fraction(0))
        high = sum((share * of.high for share, of in shares), Fraction(0))
    return Type("number", scale=scale, low=low, high=high)


def score_fallback(
    context: Context, node: d.Score, leaves: Sequence[Leaf], kind: Type, reweight: bool
) -> e.Value:
    line = line_of(node.information, "if missing")
    part = next((found for leaf in leaves if (found := unknown_part(leaf.value))), None)
    if part is None:
        if line is not None or reweight:
            span = line.span if line else node.name_span
            context.report("useless-if-missing", span, name=node.name)
    elif line is None and not reweight:
        not_handled(context, part)
    if line is None:
        if reweight and part is not None and all(unknown_part(leaf.value) for leaf in leaves):
            context.report("missing-not-handled.all", node.name_span, name=node.name)
        return None
    if not isinstance(line.value, t.Number):
        context.report("type-mismatch.literal", line.span)
        raise Unresolved
    value = from_expression(context, Scope(""), line.value)
    assert isinstance(value, e.Constant)
    return scaled_literal(context, value, kind)


def bands_of(context: Context, scope: Scope, node: d.Score, kind: Type) -> tuple[ScoreBand, ...]:
    """Bands from the highest threshold down; the last is `below`."""
    bands: list[ScoreBand] = []
    names: dict[str, d.Band] = {}
    for written in node.bands:
        if written.name in names:
            label = Label(names[written.name].name_span, "first")
            context.report("duplicate-case", written.name_span, label, name=written.name)
        names[written.name] = written
        threshold = threshold_of(context, scope, written, kind)
        if bands and bands[-1].threshold is None:
            context.report("bands-order.below", bands[-1].span)
        elif bands and threshold is not None and threshold.type.low >= bands[-1].threshold.type.high:  # type: ignore[union-attr]
            context.report("bands-order", written.name_span, name=written.name, above=bands[-1].name)
        bands.append(ScoreBand(written.name, titles_of(written), written.name_span, {}, threshold))
    if bands and bands[-1].threshold is not None:
        context.report("band-missing-below", bands[-1].span, name=node.name)
    return tuple(bands)


def threshold_of(context: Context, scope: Scope, written: d.Band, kind: Type) -> e.Expression | None:
    if written.threshold is None:
        return None
    value = from_expression(context, scope, written.threshold)
    if value.type.kind != "number" or not isinstance(value, e.Constant | e.Parameter):
        context.report("bands-order.threshold", value.span)
        raise Unresolved
    if value.type.unit:
        context.report("unit-mismatch.leaf", value.span, name=written.name, unit=unit_text(value.type.unit))
        raise Unresolved
    if value.type.low > kind.high or value.type.high < kind.low:
        context.report(
            "band-unreachable",
            written.name_span,
            name=written.name,
            low=shown(kind.low),
            high=shown(kind.high),
        )
    return value


# ---- Panels --------------------------------------------------------------------------------------


def build_panel(context: Context, node: d.Panel) -> Panel:
    """The judges' marks or comparisons worked out to weights; an inconsistent panel is refused."""
    expect_words(context, node.information, "method", "average", "random_index", "consistency")
    method = choice(context, node, "method", METHODS, "pairwise")
    average = choice(context, node, "average", AVERAGES, "arithmetic")
    random_index = choice(context, node, "random_index", tuple(RANDOM_INDEX), "saaty")
    if len(node.rows) < 2 or any(row.results for row in node.rows):
        context.report("panel-shape", node.name_span, name=node.name)
        raise Unresolved
    heading = node.rows[0]
    columns = marks_columns(context, heading) if method == "marks" else pairs_columns(context, heading)
    judges = [judgements(context, row, len(heading.conditions) - 1) for row in node.rows[1:]]
    found = worked_out(context, node, method, average, random_index, len(columns), judges)
    limit = consistency_limit(context, node)
    if found.consistency_ratio is not None and found.consistency_ratio > limit * 10**PANEL_DECIMALS:
        ratio = f"{Decimal(found.consistency_ratio).scaleb(-PANEL_DECIMALS):.4f}"
        context.report("inconsistent-panel", node.name_span, name=node.name, ratio=ratio, limit=f"{limit:f}")
        raise Unresolved
    return Panel(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        tuple(columns),
        found.weights,
        found.consistency_ratio,
        method,
    )


def worked_out(
    context: Context,
    node: d.Panel,
    method: Any,
    average: Any,
    random_index: str,
    size: int,
    judges: list[list[Fraction]],
) -> PanelWeights:
    try:
        if method == "marks":
            return weights_from_marks(judges, average)
        way: Any = "eigenvector" if method == "pairwise" else method
        return weights_from_pairs(judges, size, average, way, random_index)
    except ValueError as problem:
        context.report("panel-marks", node.name_span, reason=problem)
        raise Unresolved from None


def choice(context: Context, node: d.Panel, word: str, allowed: Sequence[str], default: str) -> str:
    line = line_of(node.information, word)
    if line is None or not isinstance(line.value, t.Name):
        return default
    value = ".".join(line.value.parts)
    if value not in allowed:
        options = ", ".join(allowed)
        suggestion = closest(value, allowed)
        context.report(
            "panel-choice", line.value.span, word=word, name=value, options=options, suggestion=suggestion
        )
        raise Unresolved
    return value


def consistency_limit(context: Context, node: d.Panel) -> Decimal:
    line = line_of(node.information, "consistency")
    if line is None or not isinstance(line.value, t.Number):
        return Decimal("0.10")
    if not 0 <= line.value.value <= 1:
        context.report("function-arguments.share", line.span)
        raise Unresolved
    return line.value.value


def marks_columns(context: Context, heading: d.Row) -> list[str]:
    names = []
    for cell in heading.conditions[1:]:
        item = cell.items[0] if len(cell.items) == 1 else None
        if not isinstance(item, t.Name):
            context.report("panel-shape.heading", cell.span)
            raise Unresolved
        names.append(".".join(item.parts))
    return names


def pairs_columns(context: Context, heading: d.Row) -> list[str]:
    """The indexes in the order of the upper triangle: a : b | a : c | b : c."""
    pairs: list[tuple[str, str]] = []
    for cell in heading.conditions[1:]:
        item = cell.items[0] if len(cell.items) == 1 else None
        if not isinstance(item, d.Pair):
            context.report("panel-shape.heading", cell.span)
            raise Unresolved
        pairs.append((".".join(item.left.parts), ".".join(item.right.parts)))
    names = [pairs[0][0], *(right for left, right in pairs if left == pairs[0][0])] if pairs else []
    wanted = [(left, right) for place, left in enumerate(names) for right in names[place + 1 :]]
    if pairs != wanted:
        shape = " | ".join(f"{left} : {right}" for left, right in wanted)
        context.report("panel-shape.pairs", heading.span, shape=shape)
        raise Unresolved
    return names


def judgements(context: Context, row: d.Row, count: int) -> list[Fraction]:
    if len(row.conditions) - 1 != count:
        context.report("table-shape", row.span, wanted=count + 1, found=len(row.conditions))
        raise Unresolved
    return [mark(context, cell) for cell in row.conditions[1:]]


def mark(context: Context, cell: d.Cell) -> Fraction:
    item = cell.items[0] if len(cell.items) == 1 else None
    if isinstance(item, t.Number) and item.unit is None:
        return Fraction(item.value)
    if isinstance(item, d.Fraction) and item.denominator.value and not item.numerator.unit:
        return Fraction(item.numerator.value) / Fraction(item.denominator.value)
    context.report("panel-marks.cell", cell.span)
    raise Unresolved
