"""The rows of a table come in, lines with aligned strokes go out; a Chinese sign is two letters wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from lifeseg.syntax import cells as c
from lifeseg.syntax import tree as t
from lifeseg.syntax.expression_text import UNARY, number, range_to_text, text


def row_lines(rows: Sequence[c.Row]) -> list[str]:
    """One line a row, without indentation."""
    return text_lines(
        [[cell_text(cell) for cell in row.conditions] for row in rows],
        [[cell_text(cell) for cell in row.results] for row in rows],
    )


def text_lines(conditions: Sequence[Sequence[str]], results: Sequence[Sequence[str]]) -> list[str]:
    """The same of cells that are texts already."""
    conditions, results = columns(conditions), columns(results)
    return [
        f"| {' | '.join(left)} " + (f"|| {' | '.join(right)} |" if right else "|")
        for left, right in zip(conditions, results, strict=True)
    ]


def columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells, each filled up to the width of its column."""
    widths = [max(map(width, column)) for column in zip_longest(*rows, fillvalue="")]
    return [
        [cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=False)] for row in rows
    ]


def width(cell: str) -> int:
    """The columns a text takes on a screen."""
    if cell.isascii():
        return len(cell)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in cell
    )


def cell_text(cell: c.Cell) -> str:
    return ", ".join(item_text(item) for item in cell.items) or "-"


def item_text(item: Any) -> str:
    match item:
        case t.Range():
            return range_to_text(item)
        case c.CellLimit(operator=operator, value=value):
            return f"{operator} {text(value, UNARY)}"
        case c.CellMissing():
            return "missing"
        case c.CellWas(definition=definition):
            return f"was {text(definition, UNARY)}"
        case c.Fraction(numerator=numerator, denominator=denominator):
            return f"{number(numerator)}/{number(denominator)}"
        case c.Pair(left=left, right=right):
            return f"{text(left, UNARY)} : {text(right, UNARY)}"
        case _:
            return text(item, UNARY)
