"""Decision tables as written come in; columns, rows of two-valued conditions and the cases they give go out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import common_scale, constant, same_unit
from lifeseg.model.build_cases import distinct, where_of
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.facts import texts_of, titles_of
from lifeseg.model.from_expression import OPERATORS, from_expression
from lifeseg.model.information import expect_words, former_names
from lifeseg.model.model import Fact, Labelled, Row, Score, Table
from lifeseg.model.names import resolve_name, unknown_case
from lifeseg.model.symbols import Symbol, closest
from lifeseg.model.types import TRUTH, Type, kind_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

YEAR = 12


def build_table(context: Context, symbol: Symbol, node: d.Table) -> Table:
    """A heading, then rows; cells are conditions on the column, the right side a case."""
    expect_words(context, node.information)
    scope = Scope(symbol.entity, node.name)
    where = where_of(context, scope, node.where)
    columns = columns_of(context, scope, node)
    distinct(context, [(given.name, given.name_span) for given in node.gives])
    given = {found.name: found for found in node.gives}
    rows = rows_of(context, columns, node, given)
    unused_results(context, node, {row.case for row in rows})
    former = former_results(context, node)
    names = dict.fromkeys([*given, *(row.case for row in rows)])
    cases = [case_of(name, given.get(name), node, former) for name in names]
    return Table(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        symbol.entity,
        Type("choice", where is not None, options=tuple(case.name for case in cases)),
        None,
        where,
        node.first_match,
        tuple(columns),
        tuple(rows),
        tuple(cases),
    )


def rows_of(
    context: Context, columns: Sequence[e.Expression], node: d.Table, given: dict[str, d.Given]
) -> list[Row]:
    """The rows beneath the heading, with the mistakes in all of them."""
    rows, failed = [], False
    for written in node.rows[1:]:
        try:
            rows.append(row_of(context, node.name, columns, written, given))
        except Unresolved:
            failed = True
    if failed:
        raise Unresolved
    return rows


def unused_results(context: Context, node: d.Table | d.Clusters, reached: Collection[str]) -> None:
    """A result that is declared but given by no row."""
    for found in node.gives:
        if found.name not in reached:
            context.report("unused-case", found.name_span, name=found.name)


def former_results(context: Context, node: d.Table | d.Clusters) -> dict[str, tuple[str, ...]]:
    """What the declared results were called before."""
    for given in node.gives:
        expect_words(context, given.information, "formerly")
    return former_names(context, [(given.name, given.information) for given in node.gives])


def case_of(
    name: str, given: d.Given | None, node: d.Table | d.Clusters, former: Mapping[str, tuple[str, ...]]
) -> Labelled:
    """A result, which a line `gives` may have declared."""
    if given is None:
        return Labelled(name, {}, node.name_span, {})
    texts = texts_of(given.information)
    return Labelled(name, titles_of(given), given.name_span, texts, former=former[name])


def columns_of(context: Context, scope: Scope, node: d.Table | d.Clusters) -> list[e.Expression]:
    if len(node.rows) < 2:
        context.report("table-shape.empty", node.name_span, name=node.name)
        raise Unresolved
    heading = node.rows[0]
    if len(heading.results) != 1:
        context.report("table-shape.result", heading.span, name=node.name)
        raise Unresolved
    result = heading.results[0].items[0] if heading.results[0].items else None
    if not isinstance(result, t.Name) or ".".join(result.parts) != node.name:
        context.report("table-column.result", heading.results[0].span, name=node.name)
        raise Unresolved
    columns, failed = [], False
    for cell in heading.conditions:
        try:
            columns.append(column_of(context, scope, cell))
        except Unresolved:
            failed = True
    if failed:
        raise Unresolved
    return columns


def column_of(context: Context, scope: Scope, cell: d.Cell) -> e.Expression:
    item = cell.items[0] if len(cell.items) == 1 else None
    if not isinstance(item, t.Name):
        context.report("table-column", cell.span)
        raise Unresolved
    column = resolve_name(context, scope, item)
    if column.type.kind == "flags":
        context.report("table-column.flags", column.span)
        raise Unresolved
    return column


def row_of(
    context: Context, owner: str, columns: Sequence[e.Expression], written: d.Row, given: dict[str, d.Given]
) -> Row:
    if len(written.conditions) != len(columns) or len(written.results) != 1:
        wanted, found = len(columns) + 1, len(written.conditions) + len(written.results)
        context.report("table-shape", written.span, wanted=wanted, found=found)
        raise Unresolved
    conditions, failed = [], False
    for column, cell in zip(columns, written.conditions, strict=True):
        try:
            conditions.append(cell_condition(context, column, cell))
        except Unresolved:
            failed = True
    case = result_of(context, owner, written.results[0], given)
    if failed:
        raise Unresolved
    return Row(tuple(conditions), case, written.span)


def result_of(context: Context, owner: str, cell: d.Cell, given: dict[str, d.Given]) -> str:
    item = cell.items[0] if len(cell.items) == 1 else None
    if not isinstance(item, t.Name | t.Text):
        context.report("table-column.case", cell.span)
        raise Unresolved
    name = item.value if isinstance(item, t.Text) else ".".join(item.parts)
    if given and name not in given:
        context.report(
            "unknown-case",
            cell.span,
            name=name,
            owner=owner,
            options=", ".join(given),
            suggestion=closest(name, given),
        )
        raise Unresolved
    return name


# ---- Cells ---------------------------------------------------------------------------------------


def cell_condition(context: Context, column: e.Expression, cell: d.Cell) -> e.Expression | None:
    """The two-valued condition of a cell on its column; None holds for anything."""
    if not cell.items:
        return None
    items = [item_condition(context, column, item) for item in cell.items]
    if len(items) == 1:
        return items[0]
    return e.Or(cell.span, TRUTH, tuple(items))


def item_condition(
    context: Context,
    column: e.Expression,
    item: t.Expression | t.Range | d.CellLimit | d.CellMissing | d.CellWas | d.Fraction | d.Pair,
) -> e.Expression:
    if isinstance(item, d.CellMissing):
        if not column.type.optional:
            context.report("never-missing", item.span)
        return e.IsMissing(item.span, TRUTH, column, False)
    if isinstance(item, d.CellWas | d.Fraction | d.Pair):
        context.report("table-column.cell", item.span)
        raise Unresolved
    test = known_condition(context, column, item)
    if not column.type.optional:
        return test
    present = e.IsMissing(item.span, TRUTH, column, True)
    return e.And(item.span, TRUTH, (present, test))


def known_condition(
    context: Context, column: e.Expression, item: t.Expression | t.Range | d.CellLimit
) -> e.Expression:
    kind = column.type.kind
    if kind == "truth":
        return truth_cell(context, column, item)
    score = band_column(context, column, item)
    if score is not None:
        return one_of(context, score, item)
    if kind in ("choice", "text"):
        return one_of(context, column, item)
    if isinstance(item, t.Range):
        return between(context, column, item)
    if isinstance(item, d.CellLimit):
        return bound(context, column, item.span, OPERATORS[item.operator], item.value)
    return bound(context, column, item.span, "=", item)


def between(context: Context, column: e.Expression, item: t.Range) -> e.Expression:
    low = bound(context, column, item.span, ">=", item.low)
    high = bound(context, column, item.span, "<" if item.open_end else "<=", item.high)
    first, last = limit_of(low), limit_of(high)
    if first is not None and last is not None and (first > last or (item.open_end and first == last)):
        context.report("empty-range", item.span)
        raise Unresolved
    return e.And(item.span, TRUTH, (low, high))


def limit_of(test: e.Expression) -> Any:
    """The literal that a cell compares with: a number or a day."""
    if not isinstance(test, e.Compare) or not isinstance(test.right, e.Constant):
        return None
    return test.right.type.low if test.right.type.kind == "number" else test.right.value


def truth_cell(
    context: Context, column: e.Expression, item: t.Expression | t.Range | d.CellLimit
) -> e.Expression:
    word = ".".join(item.parts) if isinstance(item, t.Name) else ""
    if word not in ("yes", "no"):
        context.report("table-column.truth", item.span)
        raise Unresolved
    return column if word == "yes" else e.Not(item.span, TRUTH, column)


def band_column(
    context: Context, column: e.Expression, item: t.Expression | t.Range | d.CellLimit
) -> e.Expression | None:
    """The bands of a score column, where the cell is a name."""
    if not isinstance(column, e.Field) or not isinstance(item, t.Name):
        return None
    definition = context.definitions.get((column.entity, column.name))
    if not isinstance(definition, Score) or not definition.bands:
        return None
    kind = Type("choice", column.type.optional, options=tuple(band.name for band in definition.bands))
    return e.Band(column.span, kind, column.entity, column.name, column.up)


def one_of(
    context: Context, column: e.Expression, item: t.Expression | t.Range | d.CellLimit
) -> e.Expression:
    if not isinstance(item, t.Name | t.Text):
        word = item.text if isinstance(item, t.Number) else None
        context.report("table-column.choice", item.span, kind=kind_text(column.type.kind), word=word)
        raise Unresolved
    word = item.value if isinstance(item, t.Text) else ".".join(item.parts)
    if column.type.kind == "choice" and word not in column.type.options:
        unknown_case(context, column, item.span, word)
        raise Unresolved
    return e.OneOf(item.span, TRUTH, column, (word,), False, True)


def bound(
    context: Context, column: e.Expression, span: Span, operator: e.Operator, tree: t.Expression
) -> e.Expression:
    """A comparison of the column with a literal or parameter, whose bare number takes the column's unit."""
    amount = bare_number(tree)
    if amount is not None and column.type.kind == "number":
        fact = context.facts.get((column.entity, column.name)) if isinstance(column, e.Field) else None
        value: e.Expression = constant(tree.span, amount * unit_size(fact), column.type)
    else:
        value = from_expression(context, Scope(""), tree)
    if value.type.kind != column.type.kind:
        kinds = kind_text(column.type.kind), kind_text(value.type.kind)
        context.report("type-mismatch", tree.span, wanted=kinds[0], found=kinds[1])
        raise Unresolved
    left = column
    if column.type.kind == "number":
        left, value = same_unit(context, span, column, value)
        common_scale(context, span, left.type, value.type)
    return e.Compare(span, TRUTH, operator, left, value)


def bare_number(tree: t.Expression) -> Decimal | None:
    """A number without a unit."""
    match tree:
        case t.Number(unit=None):
            return tree.value
        case t.Negate(value=t.Number(unit=None) as number):
            return -number.value
        case _:
            return None


def unit_size(fact: Fact | None) -> int:
    """What a bare number counts: a fact in years is held in months."""
    return YEAR if fact is not None and fact.kind == "years" else 1
