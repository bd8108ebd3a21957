"""Rows that were set aside come in; a CSV file an entity goes out, with lines and reasons."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.records.loaded import SetAside

FILE = "set_aside_file"
LINE = "set_aside_line"
REASONS = "set_aside_reasons"


def in_short(reason: Diagnostic) -> str:
    """A reason by its code and the column and value it is about."""
    column, value = reason.arguments.get("column"), reason.arguments.get("value")
    return reason.code + (f" in {column}" if column else "") + (f": {value}" if value else "")


def to_set_aside(
    set_aside: Iterable[SetAside], folder: Path, words: Callable[[Diagnostic], str] = in_short
) -> list[Path]:
    """Write `ENTITY.set-aside.csv` into a folder that exists, each file whole or not at all.

    The cells are as they were, those of personal facts too, so that the rows can be mended and loaded again;
    the reasons stand behind them, as `words` tells them. UTF-8 with a byte order mark, by which spreadsheets
    know it.
    """
    return [_written(rows, folder / f"{rows.entity}.set-aside.csv", words) for rows in set_aside]


def _written(set_aside: SetAside, path: Path, words: Callable[[Diagnostic], str]) -> Path:
    width = len(set_aside.heading)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            several = any(row.file for row in set_aside.rows)
            writer.writerow([*set_aside.heading, *([FILE] if several else []), LINE, REASONS])
            for row in set_aside.rows:
                cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
                reasons = [words(reason) for reason in row.reasons]
                surplus = [f"more cells: {', '.join(row.cells[width:])}"] if len(row.cells) > width else []
                place = [row.file, row.line] if several else [row.line]
                writer.writerow([*cells, *place, "; ".join(reasons + surplus)])
        Path(name).chmod(0o666 & ~_mask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def _mask() -> int:
    """The permissions that the user takes from new files; mkstemp gives its files to nobody else."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
