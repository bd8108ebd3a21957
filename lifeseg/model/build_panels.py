"""Expert panels as written come in; panels worked out to exact weights go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.functions.panel import (
    RANDOM_INDEX,
    PanelWeights,
    UnweighableError,
    weights_from_marks,
    weights_from_pairs,
)
from lifeseg.model.build_matrices import comparisons, is_matrix, judgement, matrices, word_of
from lifeseg.model.context import Context, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.information import expect_words, line_of
from lifeseg.model.model import Panel
from lifeseg.model.symbols import closest
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

PANEL_DECIMALS = 6
USUAL_LIMIT = Decimal("0.10")
"""Saaty's rule for the consistency ratio."""
AVERAGES = ("arithmetic", "geometric")
METHODS = ("pairwise", "eigenvector", "columns", "rows", "marks")


@dataclass(frozen=True, slots=True)
class Way:
    """How the judgements become weights."""

    method: Any
    average: Any
    random_index: str


def build_panel(context: Context, node: d.Panel) -> Panel:
    """The judges' marks or comparisons worked out to weights; an inconsistent panel is refused, a weak index screened out."""
    expect_words(
        context, node.information, "method", "average", "random_index", "consistency", "screen below"
    )
    node = with_rows(context, node)
    way = Way(
        choice(context, node, "method", METHODS, "pairwise"),
        choice(context, node, "average", AVERAGES, "arithmetic"),
        choice(context, node, "random_index", tuple(RANDOM_INDEX), "saaty"),
    )
    columns, judges = judged(context, node, way.method)
    found = worked_out(context, node, way, len(columns), judges)
    check_consistency(context, node, found)
    check_judges(context, node, way, len(columns), judges)
    kept = screened(context, node, columns, found)
    if len(kept) < len(columns):
        found = replace(
            worked_out(context, node, way, len(kept), of_kept(way, judges, len(columns), kept)),
            consistency_ratio=found.consistency_ratio,
        )
    return Panel(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        tuple(columns[place] for place in kept),
        tuple(name for place, name in enumerate(columns) if place not in kept),
        found.weights,
        found.consistency_ratio,
        way.method,
    )


def judged(context: Context, node: d.Panel, method: str) -> tuple[list[str], list[list[Fraction]]]:
    """What is weighed, and a row of judgements for each judge."""
    if len(node.rows) < 2 or any(row.results for row in node.rows):
        context.report("panel-shape", node.name_span, name=node.name)
        raise Unresolved
    heading, *rows = node.rows
    matrix = method != "marks" and is_matrix(heading)
    columns = (
        marks_columns(context, heading) if method == "marks" or matrix else pairs_columns(context, heading)
    )
    for place, name in enumerate(columns):
        if name in columns[:place]:
            context.report("panel-shape.twice", heading.span, name=name)
            raise Unresolved
    if matrix:
        return columns, comparisons(context, node, node.rows, columns)
    return columns, [judgements(context, row, len(heading.conditions) - 1) for row in rows]


def check_consistency(context: Context, node: d.Panel, found: PanelWeights) -> None:
    """A ratio above what is allowed is refused; one that is only allowed by a line of its own is still told."""
    if found.consistency_ratio is None:
        return
    ratio, limit = Decimal(found.consistency_ratio).scaleb(-PANEL_DECIMALS), consistency_limit(context, node)
    words = {"name": node.name, "ratio": f"{ratio:.4f}", "limit": f"{limit:f}"}
    if ratio > limit:
        context.report("inconsistent-panel", node.name_span, **words)
        raise Unresolved
    if ratio > USUAL_LIMIT:
        context.report("inconsistent-panel.allowed", node.name_span, **words)


def check_judges(
    context: Context, node: d.Panel, way: Way, size: int, judges: Sequence[Sequence[Fraction]]
) -> None:
    """A judge who contradicts himself is named, though the mean of all may hide it."""
    if way.method == "marks" or len(judges) < 2 or node.judges is not None:
        return
    limit = consistency_limit(context, node)
    rows = [heading for heading, _ in matrices(node.rows)] if is_matrix(node.rows[0]) else node.rows[1:]
    for row, judge in zip(rows, judges, strict=True):
        found = worked_out(context, node, way, size, [judge])
        ratio = Decimal(found.consistency_ratio or 0).scaleb(-PANEL_DECIMALS)
        if ratio > limit:
            words = {"judge": word_of(row.conditions[0]), "ratio": f"{ratio:.4f}", "limit": f"{limit:f}"}
            context.report("inconsistent-panel.judge", row.span, **words)


def screened(context: Context, node: d.Panel, columns: Sequence[str], found: PanelWeights) -> list[int]:
    """The places of the indexes that weigh as much as a line `screen below` asks for; those left out are told."""
    line = line_of(node.information, "screen below")
    everything = list(range(len(columns)))
    if line is None or not isinstance(line.value, t.Number):
        return everything
    if not 0 < line.value.value < 1 or line.value.unit not in (None, "%"):
        context.report("function-arguments.share", line.span)
        raise Unresolved
    kept = [place for place in everything if found.weights[place] >= line.value.value * 10**PANEL_DECIMALS]
    limit = f"{line.value.value.normalize():f}"
    if len(kept) < 2:
        context.report("index-screened.all", line.span, name=node.name, limit=limit, kept=len(kept))
        raise Unresolved
    for place in everything:
        if place not in kept:
            weight = f"{Decimal(found.weights[place]).scaleb(-PANEL_DECIMALS):.4f}"
            words = {"panel": node.name, "weight": weight, "limit": limit}
            context.report("index-screened", line.span, name=columns[place], **words)
    return kept


def of_kept(
    way: Way, judges: Sequence[Sequence[Fraction]], size: int, kept: Sequence[int]
) -> list[list[Fraction]]:
    """What the judges say of the indexes that are left, as if they had been asked about these alone."""
    if way.method == "marks":
        return [[row[place] for place in kept] for row in judges]
    pairs = [place for place, pair in enumerate(combinations(range(size), 2)) if set(pair) <= set(kept)]
    return [[row[place] for place in pairs] for row in judges]


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
    context: Context, node: d.Panel, way: Way, size: int, judges: Sequence[Sequence[Fraction]]
) -> PanelWeights:
    try:
        if way.method == "marks":
            return weights_from_marks(judges, way.average)
        method: Any = "eigenvector" if way.method == "pairwise" else way.method
        return weights_from_pairs(judges, size, way.average, method, way.random_index)
    except UnweighableError as problem:
        context.report(f"panel-marks.{problem.reason}", node.name_span, **problem.named)
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
        return USUAL_LIMIT
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
    return [judgement(context, cell)[0] for cell in row.conditions[1:]]
