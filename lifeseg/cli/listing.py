"""A listing comes in; text goes out: aligned for a terminal, JSON, CSV or a Markdown table."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

from lifeseg.cli.words import aligned, breadth, counted, plural
from lifeseg.pipeline.listing import Listing

DECIMALS = 4


def to_console(listing: Listing, width: int | None, colour: bool) -> str:
    """As many columns as fit, and at the end how many records there are and what did not fit."""
    heading = [column.name for column in listing.columns]
    kinds = [column.type.kind for column in listing.columns]
    rows = [[shown(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in listing.rows]
    kept = fitting([heading, *rows], width)
    right = [kind == "number" for kind in kinds[:kept]]
    first, *rest = aligned([row[:kept] for row in (heading, *rows)], right)
    lines = [f"\x1b[2m{first}\x1b[0m" if colour else first, *rest] if rows else []
    return "".join(f"{line}\n" for line in (*lines, closing_line(listing, heading[kept:])))


def closing_line(listing: Listing, left_out: list[str]) -> str:
    """`7 of 150 customers · orgcust 1.0.0 · as of 2013-06-30`"""
    count = f"{listing.total:,} of {counted(listing.among, listing.entity)}"
    said = [count if listing.total else f"none of {listing.among:,} {plural(listing.entity)}"]
    if len(listing.rows) < listing.total and not listing.counted:
        said.append(f"{len(listing.rows)} shown")
    said += [f"{listing.policy} {listing.version}", f"as of {listing.as_of}"]
    if left_out and listing.rows:
        said.append(f"--columns for {', '.join(left_out)}")
    return " · ".join(said)


def fitting(rows: list[list[str]], width: int | None) -> int:
    """How many columns fit in the width; at least the first two."""
    sizes = [max(map(breadth, column)) for column in zip(*rows, strict=True)]
    kept = len(sizes)
    while width is not None and kept > 2 and sum(sizes[:kept]) + 3 * (kept - 1) > width:
        kept -= 1
    return kept


def shown(cell: str | tuple[str, ...] | None, kind: str) -> str:
    """A cell as people read it: at most four decimals, lists with commas."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return ", ".join(cell)
    if kind == "number" and "." in cell and not cell.endswith("%"):
        from lifeseg.functions.exact import from_text, to_text

        return to_text(*from_text(cell), decimals=DECIMALS)
    return cell


def to_json(listing: Listing) -> str:
    """A versioned document."""
    from lifeseg.cli import documents

    names = [column.name for column in listing.columns]
    document = documents.Listing(
        policy=documents.PolicyName(name=listing.policy, version=listing.version),
        as_of=date.fromisoformat(listing.as_of),
        entity=listing.entity,
        total=listing.total,
        among=listing.among,
        records=[dict(zip(names, map(as_value, row), strict=True)) for row in listing.rows],
    )
    return documents.written(document)


def as_value(cell: str | tuple[str, ...] | None) -> str | list[str] | None:
    return list(cell) if isinstance(cell, tuple) else cell


def to_csv(listing: Listing) -> str:
    """A header and a line per record; missing is empty, a list is a JSON list."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(column.name for column in listing.columns)
    for row in listing.rows:
        writer.writerow(
            [json.dumps(cell, ensure_ascii=False) if isinstance(cell, tuple) else cell for cell in row]
        )
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
