"""A text that somebody wrote into a cell comes in; the same in canonical form goes out, or what is wrong with its form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lifeseg.diagnostics.catalogue import words
from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.syntax import definitions as d
from lifeseg.syntax.expression_text import SUM, text
from lifeseg.syntax.from_text import from_text
from lifeseg.syntax.row_text import cell_text

MOST_CHARACTERS = 1_000
_GLUED = re.compile(r"(?:^|,)\s*\d+(?:\.\d+)?[^\W\d]\w*\s*(?:,|$)")
_WEIGHT = re.compile(r"\d+(\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a text is not what belongs into its cell; None if it just is not."""

    reason: str | None


def canonical(form: str, written: str) -> str | Bad:
    """A `weight`, an `expression`, or a `cell` of a table, as the formatter would write it.

    A line break, a remark or the end of a cell within the text would be read as more than this cell, and are refused.
    """
    if len(written) > MOST_CHARACTERS:
        return Bad(None)
    if form == "weight":
        return written if _WEIGHT.fullmatch(written) else Bad(None)
    if "\n" in written or "\r" in written:
        return Bad(None)
    if form == "expression":
        return expression(written)
    return cell(written)


def expression(written: str) -> str | Bad:
    file, found = from_text(f"params\n  p = {written}\n", "")
    match file.definitions:
        case (d.Block(items=(d.Parameter(value=value, since=(), information=()),)),) if not bad(file, found):
            return text(value, SUM)
    return Bad(why(found))


def cell(written: str) -> str | Bad:
    """Numbers with a unit have a blank before it here: `2G` is more likely to be a value without its quotes."""
    if _GLUED.search(written):
        return Bad(None)
    file, found = from_text(f"table t of e\n  | {written} || r |\n", "")
    match file.definitions:
        case (d.Table(rows=(d.Row(conditions=(only,), results=(_,)),)),) if not bad(file, found):
            return cell_text(only)
    return Bad(why(found))


def bad(file: d.File, found: Sequence[Diagnostic]) -> bool:
    return bool(found or file.comments)


def why(found: Sequence[Diagnostic]) -> str | None:
    return words(found[0]).message if found else None
