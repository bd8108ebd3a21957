"""lifeseg git: a repository comes in; one whose differences of policies name the rules they are in goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifeseg.cli.output import guarded, say, show

File = Annotated[Path, typer.Argument(metavar="FILE", help="A policy file.")]

git = typer.Typer(
    help="Teach git to show what changes in a policy.", no_args_is_help=True, rich_markup_mode=None
)


@git.command("install")
@guarded
def install() -> None:
    """Let `git diff` and `git log -p` name the rule a change is in, and leave out mere layout.

    Writes a line into .gitattributes, which belongs into the repository, and three settings into the repository's own
    configuration, which everybody makes with this command in their clone. May be repeated.
    """
    from lifeseg.pipeline.git_driver import installed

    for line in installed(Path.cwd()):
        say(f"{line}\n")


@git.command("text", hidden=True)
@guarded
def text(file: File) -> None:
    """Print a policy file in canonical layout, as git compares it; one with a mistake in its form as it is."""
    from lifeseg.pipeline.git_driver import canonical

    show(canonical(file))
