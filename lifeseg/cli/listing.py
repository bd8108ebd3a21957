"""A listing comes in; text goes out: aligned for a terminal, JSON, CSV or a Markdown table."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from lifeseg.cli.words import aligned, breadth, counted, plural
from lifeseg.pipeline.listing import Listing

VERSION = 1
DECIMALS = 4


def to_console(listing: Listing, width: int, colour: bool) -> str:
    """Columns, and at the end how many there are."""
    heading = [column.name for column in listing.columns]
    rows = [[shown(cell, column.type.kind) for cell, column in zip(row, listing.columns, strict=True)] for row in listing.rows]
    right = [column.type.kind == "number" for column in listing.columns]
    heading, rows, right = fitting(heading, rows, right, width)
    first, *rest = aligned([heading, *rows], right) if rows else [""]
    lines = [f"\x1b[2m{first}\x1b[0m" if colour else first, *rest] if rows else []
    return "".join(f"{line}\n" for line in (*lines, closing_line(listing)))


def closing_line(listing: Listing) -> str:
    """`7 of 150 customers · orgcust 1.0.0 · as of 2013-06-30`"""
    shown_rows = f" · {len(listing.rows)} shown" if len(listing.rows) < listing.total else ""
    of = f"{listing.total:,} of {counted(listing.among, listing.entity)}"
    if listing.total == 0:
        of = f"none of {listing.among:,} {plural(listing.entity)}"
    return f"{of}{shown_rows} · {listing.policy} {listing.version} · as of {listing.as_of}"


def fitting(
    heading: list[str], rows: list[list[str]], right: list[bool], width: int
) -> tuple[list[str], list[list[str]], list[bool]]:
    """As many columns as fit, with `…` for the others; the widest texts are cut before a column is left out."""
    sizes = [max(map(breadth, column)) for column in zip(heading, *rows, strict=True)]
    kept = len(sizes)
    while kept > 2 and sum(sizes[:kept]) + 3 * (kept - 1) > width - (4 if kept < len(sizes) else 0):
        kept -= 1
    if kept == len(sizes):
        return heading, rows, right
    return [*heading[:kept], "…"], [[*row[:kept], "…"] for row in rows], [*right[:kept], False]


def shown(cell: str | tuple[str, ...] | None, kind: str) -> str:
    """A cell as people read it: at most four decimals, lists with commas."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return ", ".join(cell)
    if kind == "number" and "." in cell:
        from lifeseg.functions.exact import from_text, to_text

        return to_text(*from_text(cell), decimals=DECIMALS)
    return cell


def to_json(listing: Listing) -> str:
    """A versioned document; its schema is `listing.schema.json` beside this."""
    names = [column.name for column in listing.columns]
    records: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in listing.rows]
    document = {
        "version": VERSION,
        "policy": {"name": listing.policy, "version": listing.version},
        "as_of": listing.as_of,
        "entity": listing.entity,
        "total": listing.total,
        "among": listing.among,
        "records": records,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_csv(listing: Listing) -> str:
    """A header and a line per record; missing is empty, a list is a JSON list."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(column.name for column in listing.columns)
    for row in listing.rows:
        writer.writerow([json.dumps(cell, ensure_ascii=False) if isinstance(cell, tuple) else cell for cell in row])
    return page.getvalue()


def to_markdown(listing: Listing) -> str:
    """A table."""
    lines = [
        "| " + " | ".join(column.name for column in listing.columns) + " |",
        "|" + "|".join("---:" if column.type.kind == "number" else "---" for column in listing.columns) + "|",
    ]
    for row in listing.rows:
        cells = (shown(cell, column.type.kind) for cell, column in zip(row, listing.columns, strict=True))
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "".join(f"{line}\n" for line in lines)
