"""lifeseg export: a folder is named; what the result store knows goes into it, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lifeseg.cli.options import PolicyOption
from lifeseg.cli.output import show

Out = Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or that of an earlier export.")]
Format = Annotated[Literal["parquet", "csv"], typer.Option("--format", help="The format of the files.")]


def export(out: Out, format_: Format = "parquet", policy: PolicyOption = None) -> None:
    """Write what the result store knows as files, for other tools.

    memberships (who had which case from when until when), moves, runs, tasks, outcomes and overrides of the policy,
    as they are believed today, and titles (what their names are called). All files are written, or none.
    """
    from lifeseg.pipeline.export import export as written
    from lifeseg.pipeline.setting import settle
    from lifeseg.workspace import shown_path

    show("".join(f"{shown_path(path)}\n" for path in written(settle(policy), out, format_)))
