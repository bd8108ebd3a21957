"""What is being done and how far it is comes in; a bar on standard error goes out, on a terminal and after
a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from lifeseg.pipeline.stages import Progress

PATIENCE = 1.0
"""Seconds after which silence would worry."""


class Report:
    """Takes reports of progress; shows them once it has taken long enough."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.bars: Bars | None = None
        self.tasks: dict[str, Any] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if self.bars is None:
            if time.monotonic() - self.start < PATIENCE:
                return
            self.bars = new_bars()
            self.bars.start()
        if what not in self.tasks:
            self.tasks[what] = self.bars.add_task(what.replace("_", " "), total=total or None)
        self.bars.update(self.tasks[what], completed=done, total=total or None)

    def end(self) -> None:
        if self.bars is not None:
            self.bars.stop()


def new_bars() -> Bars:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def progress() -> Iterator[Progress | None]:
    """What a stage should tell how far it is; nothing if nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    report = Report()
    try:
        yield report
    finally:
        report.end()
