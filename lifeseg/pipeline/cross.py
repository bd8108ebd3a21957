"""A listing of one or two columns comes in; how many records have which values goes out, as a listing of its own.

Cases stand in the order of their definition, also those of nobody; other values are sorted. A record counts for each of its
flags, so the parts of a list of flags may sum to more than all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from lifeseg.functions.exact import divide_half_away
from lifeseg.model.personal import MASK
from lifeseg.model.types import TEXT, number
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.listing import Listed, Listing

Cell = str | tuple[str, ...] | None

NONE = "–"
ALL = "all"
MOST_VALUES = 50
"""Of a row or a column; of more, bands or a segment say more than a table."""


def names_of(text: str) -> list[str]:
    """The one or two names of `--cross`."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not 1 <= len(set(names)) == len(names) <= 2:
        raise refusal("bad-argument.cross", text=text)
    return names


def crossed(listing: Listing, names: Sequence[str], share: bool) -> Listing:
    """Counts by the values of the first name, in columns by those of the second; with `share` parts of each row."""
    known = [column.name for column in listing.columns]
    places = [known.index(name) for name in names]
    first, *more = [listing.columns[place] for place in places]
    cells = Counter(
        (row, column)
        for record in listing.rows
        for row in values(record[places[0]])
        for column in (values(record[places[1]]) if more else [ALL])
    )
    rows = in_order(first, (row for row, _ in cells))
    columns = in_order(more[0], (column for _, column in cells)) if more else []
    every = [values(record[places[0]]) for record in listing.rows]
    of_row = Counter(row for own in every for row in own)
    lines = [
        (row, *(part(cells[row, column], of_row[row], share) for column in columns), f"{of_row[row]}")
        for row in rows
    ]
    if more:
        of_column = Counter(column for record in listing.rows for column in values(record[places[1]]))
        whole = len(listing.rows)
        lines.append((ALL, *(part(of_column[column], whole, share) for column in columns), f"{whole}"))
    counts = number(0, 0, 10**18)
    heading = (Listed(first.name, TEXT), *(Listed(name, counts) for name in (*columns, ALL)))
    return replace(listing, columns=heading, rows=tuple(lines), counted=True)


def values(cell: Cell) -> Sequence[str]:
    """What a record counts as: itself, each of its flags, or nothing at all."""
    if isinstance(cell, tuple):
        return cell or (NONE,)
    return (NONE,) if cell is None else (cell,)


def in_order(column: Listed, found: Iterable[str]) -> list[str]:
    """The options of a decision, whether there or not; of other columns what there is, sorted. What is masked has no options,
    for those of nobody would tell what the others are.
    """
    there = set(found)
    if MASK in there:
        return [MASK, *([NONE] if NONE in there else [])]
    options = [
        option for option in column.type.options if len(column.type.options) <= MOST_VALUES or option in there
    ]
    known = options or sorted(there - {NONE}, key=sort_key)
    if len(known) > MOST_VALUES:
        raise refusal("bad-argument.crossed", name=column.name, found=f"{len(known):,}", most=MOST_VALUES)
    others = sorted(there - {NONE} - set(known), key=sort_key)
    return [*known, *others, *([NONE] if NONE in there else [])]


def sort_key(value: str) -> tuple[Decimal, str]:
    try:
        return Decimal(value), value
    except InvalidOperation:
        return Decimal(0), value


def part(count: int, of: int, share: bool) -> str:
    """A count, or its part of the row in per cent."""
    if not share:
        return f"{count}"
    if not of:
        return NONE
    tenths = divide_half_away(count * 1000, of)
    return f"{tenths // 10}.{tenths % 10}%"
