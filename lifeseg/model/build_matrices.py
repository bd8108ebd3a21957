"""Whole matrices of judges as written come in; the comparisons above their diagonals go out.

A matrix says everything twice. What stands below the diagonal is 1 divided by what stands above it, or the matrix is refused:
nobody could tell which of the two was meant. A rounded decimal such as 0.33 agrees with what rounds to it, and then the other
one counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from lifeseg.functions.exact import divide_half_away
from lifeseg.model.context import Context, Unresolved
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

Judgement = tuple[Fraction, int]
"""A comparison, and with how many decimals it is written."""


def is_matrix(heading: d.Row) -> bool:
    """Whether a heading names indexes, two at least, and not pairs of them."""
    return len(heading.conditions) > 2 and all(
        isinstance(item_of(cell), t.Name) for cell in heading.conditions[1:]
    )


def item_of(cell: d.Cell) -> object:
    return cell.items[0] if len(cell.items) == 1 else None


def word_of(cell: d.Cell) -> str | None:
    item = item_of(cell)
    return (
        ".".join(item.parts) if isinstance(item, t.Name) else item.value if isinstance(item, t.Text) else None
    )


def comparisons(
    context: Context, node: d.Panel, rows: Sequence[d.Row], columns: Sequence[str]
) -> list[list[Fraction]]:
    """Of each judge the comparisons of pairs: 1:2, 1:3 .. 2:3 .."""
    found, refused = [], False
    for heading, lines in matrices(rows):
        judge = word_of(heading.conditions[0]) or "the judge"
        named = [word_of(line.conditions[0]) for line in lines]
        if [word_of(cell) for cell in heading.conditions[1:]] != list(columns):
            context.report("panel-matrix.columns", heading.span, judge=judge, columns=" | ".join(columns))
            raise Unresolved
        if named != list(columns) or any(len(line.conditions) != len(columns) + 1 for line in lines):
            context.report(
                "panel-matrix", heading.span, name=node.name, judge=judge, columns=", ".join(columns)
            )
            raise Unresolved
        matrix = [[judgement(context, cell) for cell in line.conditions[1:]] for line in lines]
        refused = check_diagonal(context, lines, matrix, columns) or refused
        pairs = [
            reconciled(context, lines, matrix, columns, pair) for pair in combinations(range(len(columns)), 2)
        ]
        refused = refused or None in pairs
        found.append([pair for pair in pairs if pair is not None])
    if refused:
        raise Unresolved
    return found


def matrices(rows: Sequence[d.Row]) -> Iterator[tuple[d.Row, list[d.Row]]]:
    """Each heading with the lines beneath it."""
    starts = [place for place, row in enumerate(rows) if is_matrix(row)]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield rows[start], list(rows[start + 1 : end])


def check_diagonal(
    context: Context, lines: Sequence[d.Row], matrix: Sequence[Sequence[Judgement]], columns: Sequence[str]
) -> bool:
    """Whether an index is said to be more, or less, important than itself."""
    wrong = [place for place in range(len(columns)) if matrix[place][place][0] != 1]
    for place in wrong:
        span = lines[place].conditions[place + 1].span
        context.report(
            "panel-not-reciprocal.self", span, name=columns[place], found=shown(matrix[place][place][0])
        )
    return bool(wrong)


def reconciled(
    context: Context,
    lines: Sequence[d.Row],
    matrix: Sequence[Sequence[Judgement]],
    columns: Sequence[str],
    pair: tuple[int, int],
) -> Fraction | None:
    """What a judge says of a pair, once for both ways of saying it."""
    first, second = pair
    (above, fine), (below, other) = matrix[first][second], matrix[second][first]
    if 0 not in (above, below):
        if fine <= other and rounds_to(1 / above, below, other):
            return above
        if rounds_to(1 / below, above, fine):
            return 1 / below
    context.report(
        "panel-not-reciprocal",
        lines[second].conditions[first + 1].span,
        left=columns[first],
        right=columns[second],
        above=shown(above),
        below=shown(below),
        wanted=shown(1 / above) if above else None,
    )
    return None


def rounds_to(exact: Fraction, written: Fraction, decimals: int) -> bool:
    """Whether a decimal is what the exact number is at its decimals, or the number itself."""
    if exact == written:
        return True
    scale = 10**decimals
    return decimals > 0 and divide_half_away(exact.numerator * scale, exact.denominator) == written * scale


def judgement(context: Context, cell: d.Cell) -> Judgement:
    """A number or a fraction, and the decimals it is written with."""
    item = item_of(cell)
    if isinstance(item, t.Number) and item.unit is None:
        return Fraction(item.value), max(-int(item.value.as_tuple().exponent), 0)
    if isinstance(item, d.Fraction) and item.denominator.value and not item.numerator.unit:
        return Fraction(item.numerator.value) / Fraction(item.denominator.value), 0
    context.report("panel-marks.cell", cell.span)
    raise Unresolved


def shown(value: Fraction) -> str:
    """`3`, `1/3`, `2.5`"""
    if value.denominator == 1 or value.numerator == 1:
        return str(value)
    return f"{float(value):.4g}"
