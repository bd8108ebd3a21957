"""lifeseg outcomes: a file of what became of tasks comes in; how much of it is new goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifeseg.cli.options import PolicyOption
from lifeseg.cli.output import show

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="A CSV file with task, outcome, day, cost, revenue, note.", show_default=False
    ),
]


def outcomes(file: File, policy: PolicyOption = None) -> None:
    """Read back what became of tasks.

    The outcome is responded, no_response or cancelled; cost, revenue and note may be empty, and rows without
    an outcome are passed over, so that a file of `lifeseg tasks` can be filled in and read. All rows are
    entered, or none; a row that is known already changes nothing, another one corrects it.
    """
    from lifeseg.cli.words import counted
    from lifeseg.pipeline.outcomes import outcomes as entered
    from lifeseg.pipeline.setting import settle

    found = entered(settle(policy), file)
    read = found.read
    words = [f"{counted(read.new + read.corrected + read.known, 'outcome')}: {read.new:,} new"]
    words += [f"{read.corrected:,} corrected"] if read.corrected else []
    words += [f"{read.known:,} known already"] if read.known else []
    rest = f" · {counted(found.empty, 'row')} without an outcome" if found.empty else ""
    show(f"{', '.join(words)}{rest} · {found.model.name} {found.model.version}\n")
