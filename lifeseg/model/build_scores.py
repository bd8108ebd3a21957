"""Scores as written come in; scores whose leaves have exact weights, with their bands, go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import common_scale, fits, widest
from lifeseg.model.build import fit_result
from lifeseg.model.build_panels import PANEL_DECIMALS
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import from_expression
from lifeseg.model.information import expect_words, fallback, former_names, line_of, shown
from lifeseg.model.missing import not_handled, unknown_part
from lifeseg.model.model import Heading, Leaf, Score, ScoreBand
from lifeseg.model.names import resolve_name
from lifeseg.model.symbols import Symbol, closest
from lifeseg.model.types import DIVISION_DECIMALS, Type, kind_text, rounded, unit_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_DECIMALS = 18  # of a score: 64 bits hold as many


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
    terms: Sequence[WeightedTerm] = list(flattened(node.terms, (), Decimal(1)))
    if not terms:
        context.report("empty-definition", node.name_span)
        raise Unresolved
    terms = without_screened(context, scope, node, terms)
    weights = leaf_weights(context, node, terms)
    scale = max(-int(weight.as_tuple().exponent) for weight in weights)
    scale = max(scale, 0)
    leaves = leaves_of(context, scope, terms, weights, scale)
    kind = score_type(context, node, leaves, scale)
    reweight = line_of(node.information, "if missing reweight") is not None
    instead, kind = score_fallback(context, node, leaves, kind, reweight)
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
        tuple(heading for heading in headings(node.terms, ()) if holds_any(heading, terms)),
        scale,
        bands_of(context, scope, node, kind),
        instead,
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


def without_screened(
    context: Context, scope: Scope, node: d.Score, terms: Sequence[WeightedTerm]
) -> Sequence[WeightedTerm]:
    """The leaves but those that the panel found too weak; these are looked up all the same, as the panel is about them."""
    panel = context.panels.get(".".join(node.panel.parts)) if node.panel is not None else None
    if panel is None or not panel.screened:
        return terms
    for found in terms:
        if found.term.name in panel.screened and found.weight is None:
            leaf_value(context, scope, found.term)
    return [found for found in terms if found.term.name not in panel.screened or found.weight is not None]


def holds_any(heading: Heading, terms: Sequence[WeightedTerm]) -> bool:
    """Whether a group has leaves left."""
    return any(found.path[: len(heading.path)] == heading.path for found in terms)


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
        weights.append(found.weight.normalize())
    total = sum(weights, Decimal(0))
    if total != 1:
        context.report("weights-sum", node.name_span, name=node.name, total=f"{total.normalize():f}")
    return weights


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
    for heading in headings(node.terms, ()):
        if heading.weight is not None:
            context.report("weights-given-twice", heading.span, name=heading.path[-1], panel=name)
            raise Unresolved
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
    """The bounds of the weighted sum at a scale that holds it exactly, twelve decimals where it is divided."""
    reweighted = line_of(node.information, "if missing reweight") is not None
    sum_scale = weight_scale + max(leaf.value.type.scale for leaf in leaves)
    scale = DIVISION_DECIMALS if reweighted else sum_scale
    if scale > MOST_DECIMALS:
        context.report("out-of-64-bits.decimals", node.name_span, name=node.name, decimals=scale)
        raise Unresolved
    shares = [(Fraction(leaf.weight, 10**weight_scale), leaf.value.type) for leaf in leaves]
    if not reweighted:
        low = sum((share * of.low for share, of in shares), Fraction(0))
        high = sum((share * of.high for share, of in shares), Fraction(0))
        return Type("number", scale=scale, low=low, high=high)
    largest = sum((share * widest(of) for share, of in shares), Fraction(0))
    fits(context, node.name_span, largest * 10 ** (sum_scale + DIVISION_DECIMALS))
    low, high = min(of.low for _, of in shares), max(of.high for _, of in shares)  # any may be the only one
    return rounded(Type("number", scale=scale, low=low, high=high), scale)


def score_fallback(
    context: Context, node: d.Score, leaves: Sequence[Leaf], kind: Type, reweight: bool
) -> tuple[e.Value, Type]:
    line = line_of(node.information, "if missing")
    part = next((found for leaf in leaves if (found := unknown_part(leaf.value))), None)
    if part is None and (line is not None or reweight):
        context.report("useless-if-missing", line.span if line else node.name_span, name=node.name)
    elif part is not None and line is None:
        if not reweight:
            not_handled(context, part)
        elif all(unknown_part(leaf.value) for leaf in leaves if leaf.weight):
            context.report("missing-not-handled.all", node.name_span, name=node.name)
    return fallback(context, line, kind)


# ---- Bands ---------------------------------------------------------------------------------------


def bands_of(context: Context, scope: Scope, node: d.Score, kind: Type) -> tuple[ScoreBand, ...]:
    """Bands from the highest threshold down; the last is `below`."""
    bands: list[ScoreBand] = []
    names: dict[str, d.Band] = {}
    former = former_names(context, [(written.name, written.information) for written in node.bands])
    for written in node.bands:
        if written.name in names:
            label = Label(names[written.name].name_span, "first")
            context.report("duplicate-case", written.name_span, label, name=written.name)
        names[written.name] = written
        threshold = None
        if written.threshold is not None:
            threshold = threshold_of(context, scope, written.name_span, written.name, written.threshold, kind)
        above = bands[-1] if bands else None
        if above is not None and above.threshold is None:
            context.report("bands-order.below", above.span)
        elif above is not None and threshold is not None:
            check_order(context, written, threshold, above)
        if written.leaving is not None:
            bands[-1:] = left(context, scope, written.leaving, threshold, above, kind)
        expect_words(context, written.information, "formerly")
        titles, texts, before = titles_of(written), texts_of(written.information), former[written.name]
        bands.append(ScoreBand(written.name, titles, written.name_span, texts, threshold, former=before))
    if bands and bands[-1].threshold is not None:
        context.report("band-missing-below", bands[-1].span, name=node.name)
    return tuple(bands)


def left(
    context: Context,
    scope: Scope,
    written: d.Leaving,
    below: e.Expression | None,
    above: ScoreBand | None,
    kind: Type,
) -> list[ScoreBand]:
    """The band above with the threshold at which it is left, which lies between its own and the next lower one."""
    name = ".".join(written.band.parts)
    if above is None or above.threshold is None or name != above.name:
        context.report("bands-order.left", written.band.span, name=name)
        return [above] if above is not None else []
    leaving = threshold_of(context, scope, written.threshold.span, name, written.threshold, kind)
    wrong = first_wrong(context, leaving, above.threshold)
    if wrong is None and below is not None:
        wrong = first_wrong(context, below, leaving)
    if wrong is not None:
        key = "bands-order.leaving" if wrong == date.min else "bands-order.leaving-since"
        context.report(key, written.threshold.span, name=name, day=wrong)
    return [replace(above, leaving=leaving)]


def check_order(context: Context, written: d.Band, threshold: e.Expression, above: ScoreBand) -> None:
    """On every day a threshold lies below the one above it."""
    assert above.threshold is not None
    wrong = first_wrong(context, threshold, above.threshold)
    if wrong is not None:
        key = "bands-order" if wrong == date.min else "bands-order.since"
        context.report(key, written.name_span, name=written.name, above=above.name, day=wrong)


def first_wrong(context: Context, lower: e.Expression, higher: e.Expression) -> date | None:
    """The first day on which a threshold does not lie below another."""
    days = sorted({date.min, *days_of(context, lower), *days_of(context, higher)})
    return next((day for day in days if at(context, lower, day) >= at(context, higher, day)), None)


def days_of(context: Context, threshold: e.Expression) -> Iterator[date]:
    if isinstance(threshold, e.Parameter):
        yield from (day for day, _ in context.parameters[threshold.name].since)


def at(context: Context, threshold: e.Expression, day: date) -> Fraction:
    """What a threshold is on a day."""
    value = context.parameters[threshold.name].at(day) if isinstance(threshold, e.Parameter) else None
    value = threshold.value if isinstance(threshold, e.Constant) else value
    return Fraction(value if isinstance(value, int) else 0, 10**threshold.type.scale)


def threshold_of(
    context: Context, scope: Scope, span: Span, name: str, written: t.Expression, kind: Type
) -> e.Expression:
    value = from_expression(context, scope, written)
    if value.type.kind != "number" or not isinstance(value, e.Constant | e.Parameter):
        context.report("bands-order.threshold", value.span)
        raise Unresolved
    if value.type.unit:
        unit = unit_text(value.type.unit)
        context.report("unit-mismatch.leaf", value.span, name=name, unit=unit)
        raise Unresolved
    if value.type.low > kind.high or value.type.high < kind.low:
        low, high = shown(kind.low), shown(kind.high)
        context.report("band-unreachable", span, name=name, low=low, high=high)
    common_scale(context, value.span, kind, value.type)
    return value
