"""lifeseg table: a policy comes in, its tables, weights and parameters go out as a workbook, and come back from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lifeseg.cli.options import PolicyOption
from lifeseg.cli.output import FINDINGS, guarded, say, say_findings, show

table = typer.Typer(
    help="Edit tables, weights and parameters of a policy in a workbook.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME]...",
        help="Tables, scores and parameters; without any, all of them.",
        show_default=False,
    ),
]
Out = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="The workbook to write, such as weights.xlsx.")
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A workbook that was exported, and edited since.")]
Write = Annotated[
    bool, typer.Option("--write", help="Write the changes into the policy, after showing them.")
]
Format = Annotated[
    Literal["console", "markdown", "json"], typer.Option("--format", help="How to show the changes.")
]


@table.command("export")
@guarded
def export(out: Out, names: Names = None, policy: PolicyOption = None) -> None:
    """Write tables, weights and parameters of a policy as a workbook (.xlsx).

    A sheet a table, and one each for the weights of scores, their bands, and parameters. The same policy gives the
    same file, byte for byte. Needs the extra xlsx.
    """
    from lifeseg.cli.words import counted
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.workbook import export as exported
    from lifeseg.workspace import shown_path

    book = exported(settle(policy), out, names or ())
    for sheet in book.sheets:
        say(f"{sheet.name}: {counted(len(sheet.lines), 'row')}\n")
    say(f"{shown_path(out)} written\n")


@table.command("import")
@guarded
def import_(
    file: File, policy: PolicyOption = None, write: Write = False, format_: Format = "console"
) -> None:
    """Show what an edited workbook changes in the policy, and with --write change it.

    Only the edited words are written, everything else stays as it is. Where the policy has changed since the export, only
    what the workbook changed is taken; what both changed is named and left alone (exit 1).
    """
    from lifeseg.cli.diff import written
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.workbook import bring_back
    from lifeseg.workspace import shown_path

    found = bring_back(settle(policy), file)
    show(written(found.difference, format_))
    say_findings([*found.conflicts, *found.remarks], found.difference.after.sources)
    if write:
        found.write()
    for path in found.contents:
        say(f"{shown_path(path)} changed\n" if write else f"{shown_path(path)} would change: add --write\n")
    if found.conflicts:
        raise typer.Exit(FINDINGS)
