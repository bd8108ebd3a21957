"""Flags with what they say of themselves come in; text goes out: aligned for a terminal, JSON or CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from lifeseg.cli.words import aligned, breadth, counted
from lifeseg.pipeline.labels import Label, Labels

if TYPE_CHECKING:
    from lifeseg.cli import documents

COLUMNS = ("name", "title", "category", "source", "refresh", "owner", "use", "entity", "stale", "place")
SPARED = ("entity", "owner", "use", "refresh", "source", "title")
MOST_WIDE = 30
"""Columns a cell takes on a terminal before it is cut."""


def cells(label: Label) -> dict[str, str]:
    found = {name: getattr(label, name) or "" for name in COLUMNS if name != "stale"}
    return found | {"stale": f"since {label.stale.since}" if label.stale is not None else ""}


def to_console(found: Labels, width: int | None, colour: bool) -> str:
    """The columns that say something; where a terminal is too narrow, long cells are cut, then columns left out."""
    rows = [cells(one) for one in found.labels]
    shown = [name for name in COLUMNS if any(row[name] for row in rows)]
    lines = table(rows, shown, None)
    if too_wide(lines, width):
        lines = table(rows, shown, MOST_WIDE)
    left_out: list[str] = []
    for name in SPARED:
        if too_wide(lines, width) and name in shown:
            left_out.append(name)
            lines = table(rows, [other for other in shown if other not in left_out], MOST_WIDE)
    if colour and lines:
        lines[0] = f"\x1b[2m{lines[0]}\x1b[0m"
    stale = sum(one.stale is not None for one in found.labels)
    said = [f"{len(found.labels):,} of {counted(found.among, 'flag')}", f"{found.policy} {found.version}"]
    said += [f"as of {found.as_of}"] if found.as_of is not None else []
    said += [f"{stale:,} stale"] if stale else []
    said += [f"--format csv for {', '.join(left_out)}"] if left_out else []
    return "".join(f"{line}\n" for line in (*lines, " · ".join(said)))


def too_wide(lines: list[str], width: int | None) -> bool:
    return width is not None and any(breadth(line) > width for line in lines)


def table(rows: list[dict[str, str]], shown: list[str], most: int | None) -> list[str]:
    if not rows:
        return []
    texts = [shown, *([cut(row[name], most) for name in shown] for row in rows)]
    return aligned(texts, [False] * len(shown))


def cut(text: str, most: int | None) -> str:
    """The text as far as it fits; of wide characters half as many."""
    if most is None or breadth(text) <= most:
        return text
    while breadth(text) > most - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"


def to_json(found: Labels) -> str:
    """A versioned document."""
    from lifeseg.cli import documents

    return documents.written(
        documents.Flags(
            policy=documents.PolicyName(name=found.policy, version=found.version),
            as_of=found.as_of,
            among=found.among,
            flags=[as_flag(one) for one in found.labels],
        )
    )


def as_flag(label: Label) -> documents.Flag:
    from lifeseg.cli import documents

    stale = label.stale
    return documents.Flag(
        name=label.name, titles=label.titles, entity=label.entity, block=label.block, category=label.category,
        source=label.source, refresh=label.refresh, owner=label.owner, use=label.use, note=label.note,
        place=label.place,
        stale=documents.Stale(source=stale.source, refreshed=stale.refreshed, since=stale.since)
        if stale is not None else None,
    )  # fmt: skip


def to_csv(found: Labels) -> str:
    """A header and a line per flag; what is not said is empty, and `stale` is the day since when."""
    page = io.StringIO()
    writer = csv.DictWriter(page, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in found.labels:
        row = cells(one) | {"stale": str(one.stale.since) if one.stale is not None else ""}
        writer.writerow(row)
    return page.getvalue()
