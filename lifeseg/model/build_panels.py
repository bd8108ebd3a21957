"""Expert panels as written come in; panels worked out to exact weights go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lifeseg.functions.panel import RANDOM_INDEX, PanelWeights, weights_from_marks, weights_from_pairs
from lifeseg.model.context import Context, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.information import expect_words, line_of
from lifeseg.model.model import Panel
from lifeseg.model.symbols import closest
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

PANEL_DECIMALS = 6
AVERAGES = ("arithmetic", "geometric")
METHODS = ("pairwise", "eigenvector", "columns", "rows", "marks")


def build_panel(context: Context, node: d.Panel) -> Panel:
    """The judges' marks or comparisons worked out to weights; an inconsistent panel is refused."""
    expect_words(context, node.information, "method", "average", "random_index", "consistency")
    node = with_rows(context, node)
    method = choice(context, node, "method", METHODS, "pairwise")
    average = choice(context, node, "average", AVERAGES, "arithmetic")
    random_index = choice(context, node, "random_index", tuple(RANDOM_INDEX), "saaty")
    if len(node.rows) < 2 or any(row.results for row in node.rows):
        context.report("panel-shape", node.name_span, name=node.name)
        raise Unresolved
    heading = node.rows[0]
    columns = marks_columns(context, heading) if method == "marks" else pairs_columns(context, heading)
    for place, name in enumerate(columns):
        if name in columns[:place]:
            context.report("panel-shape.twice", heading.span, name=name)
            raise Unresolved
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


def with_rows(context: Context, node: d.Panel) -> d.Panel:
    """A panel `from` another has that one's rows, and its lines where it says nothing else."""
    if node.judges is None:
        return node
    name, panels = ".".join(node.judges.parts), context.symbols.panels
    context.used.add(("weights", name))
    found = panels.get(name)
    if found is None:
        known = [one for one, panel in panels.items() if panel.judges is None]
        suggestion = closest(name, known)
        context.report("unknown-name.weights", node.judges.span, name=name, suggestion=suggestion)
        raise Unresolved
    if found.judges is not None:
        context.report("panel-shape.from", node.judges.span, name=name)
        raise Unresolved
    return replace(node, information=(*node.information, *found.information), rows=found.rows)


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
