"""A table of centres as written comes in; a first-match segment of which the nearest centre holds goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import added, common_scale, constant, multiplied
from lifeseg.model.build_cases import distinct, where_of
from lifeseg.model.build_tables import (
    bare_number,
    case_of,
    columns_of,
    former_results,
    result_of,
    unused_results,
)
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.information import expect_words
from lifeseg.model.missing import admitted, demand
from lifeseg.model.model import Case, Labelled, Segment
from lifeseg.model.symbols import Symbol
from lifeseg.model.types import TRUTH, Type, kind_text, unit_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_CENTRES = 100
Centre = tuple[Decimal, ...]


def build_clusters(context: Context, symbol: Symbol, node: d.Clusters) -> Segment:
    """A case for each class, in the order of the classes' first centres.

    Where a class is not the nearest one, the nearest is among those after it: so a case compares only with these, and
    the last needs no condition.
    """
    expect_words(context, node.information)
    scope = Scope(symbol.entity, node.name)
    where = where_of(context, scope, node.where)
    columns = columns_of(context, scope, node)
    check_columns(context, columns, where)
    distinct(context, [(given.name, given.name_span) for given in node.gives])
    classes = classes_of(context, node, len(columns))
    unused_results(context, node, classes)
    nearest = [
        distance((name,), least(context, [gap(context, columns, *centre) for centre in centres]))
        for name, centres in classes.items()
    ]
    given, former = {found.name: found for found in node.gives}, former_results(context, node)
    cases = []
    for place, (name, centres) in enumerate(classes.items()):
        test = None
        if rest := nearest[place + 1 :]:
            others = distance(tuple(classes)[place + 1 :], least(context, [found.value for found in rest]))
            test = no_farther(context, nearest[place], others, centres[0][1])
        labelled = case_of(name, given.get(name), node, former)
        cases.append(case_named(labelled, name in given, centres[0][1], test))
    return Segment(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        symbol.entity,
        Type("choice", where is not None, options=tuple(classes)),
        None,
        where,
        True,
        tuple(cases),
    )


def case_named(labelled: Labelled, given: bool, span: Span, test: e.Expression | None) -> Case:
    place = labelled.span if given else span
    return Case(
        labelled.name, labelled.titles, place, labelled.information, test, None, former=labelled.former
    )


# ---- Columns and rows ----------------------------------------------------------------------------


def check_columns(context: Context, columns: Sequence[e.Expression], where: e.Expression | None) -> None:
    """Distances add up plain numbers, which must be there."""
    failed = False
    for column in columns:
        if column.type.kind != "number":
            context.report("cluster-column", column.span, kind=kind_text(column.type.kind))
            failed = True
        elif column.type.unit:
            context.report("cluster-column.unit", column.span, unit=unit_text(column.type.unit))
            failed = True
        else:
            demand(context, column, admitted(where))
    if failed:
        raise Unresolved


def classes_of(context: Context, node: d.Clusters, width: int) -> dict[str, list[tuple[Centre, Span]]]:
    """The centres of each class; no two rows are alike."""
    classes: dict[str, list[tuple[Centre, Span]]] = {}
    seen: dict[Centre, Span] = {}
    failed = False
    for written in node.rows[1:]:
        try:
            name, centre = row_of(context, node, written, width)
        except Unresolved:
            failed = True
            continue
        if centre in seen:
            context.report("cluster-centre.twice", written.span, Label(seen[centre], "first"))
            failed = True
        seen.setdefault(centre, written.span)
        classes.setdefault(name, []).append((centre, written.span))
    if failed:
        raise Unresolved
    if len(classes) < 2 or len(seen) > MOST_CENTRES:
        key = "cluster-centre.few" if len(classes) < 2 else "cluster-centre.many"
        context.report(key, node.name_span, name=node.name, most=MOST_CENTRES)
        raise Unresolved
    return classes


def row_of(context: Context, node: d.Clusters, written: d.Row, width: int) -> tuple[str, Centre]:
    if len(written.conditions) != width or len(written.results) != 1:
        found = len(written.conditions) + len(written.results)
        context.report("cluster-centre.cells", written.span, wanted=width + 1, found=found)
        raise Unresolved
    numbers = [number_in(context, cell) for cell in written.conditions]
    name = result_of(context, node.name, written.results[0], {given.name: given for given in node.gives})
    if None in numbers:
        raise Unresolved
    return name, tuple(number for number in numbers if number is not None)


def number_in(context: Context, cell: d.Cell) -> Decimal | None:
    item = cell.items[0] if len(cell.items) == 1 else None
    number = bare_number(item) if isinstance(item, t.Number | t.Negate) else None
    if number is None:
        context.report("cluster-centre", cell.span)
    return number


# ---- Distances -----------------------------------------------------------------------------------


def distance(classes: tuple[str, ...], value: e.Expression) -> e.Distance:
    return e.Distance(value.span, value.type, value, classes)


def gap(context: Context, columns: Sequence[e.Expression], centre: Centre, span: Span) -> e.Expression:
    """The sum of squared differences from a centre."""
    squares = []
    for column, number in zip(columns, centre, strict=True):
        side = added(context, span, "-", replace(column, span=span), constant(span, number))
        squares.append(multiplied(context, span, side, side))
    return reduce(lambda left, right: added(context, span, "+", left, right), squares)


def least(context: Context, values: Sequence[e.Expression]) -> e.Expression:
    return reduce(lambda left, right: lesser(context, left, right), values)


def lesser(context: Context, left: e.Expression, right: e.Expression) -> e.Expression:
    a, b = left.type, right.type
    scale = common_scale(context, left.span, a, b)
    kind = Type("number", a.optional or b.optional, (), scale, min(a.low, b.low), min(a.high, b.high))
    return e.Apply(left.span, kind, "least", (left, right))


def no_farther(context: Context, near: e.Expression, others: e.Expression, span: Span) -> e.Expression:
    common_scale(context, span, near.type, others.type)
    return e.Compare(span, TRUTH.maybe(near.type.optional or others.type.optional), "<=", near, others)
