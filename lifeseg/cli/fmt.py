"""lifeseg fmt: policy files come in; the same files in the one canonical layout go out."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from lifeseg.cli.options import Policy
from lifeseg.cli.output import FINDINGS, coloured, say, show
from lifeseg.cli.words import counted

Check = Annotated[bool, typer.Option("--check", help="Write nothing; name what would change and exit 1.")]
Diff = Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change and exit 1.")]


def fmt(policy: Policy = None, check: Check = False, diff: Diff = False) -> None:
    """Lay a policy out in its one canonical form.

    Comments stay, meaning never changes. A policy with a mistake in its form is left as it is.
    """
    from lifeseg.pipeline.setting import settle

    changes = changed_files(settle(policy).policy)
    if not check and not diff:
        from lifeseg.pipeline.in_place import put_in_place

        put_in_place({path: new.encode() for path, _, new in changes})
        say(f"{counted(len(changes), 'file')} laid out anew\n" if changes else "")
        return
    from lifeseg.workspace import shown_path

    for path, old, new in changes:
        show(difference(shown_path(path), old, new) if diff else f"{shown_path(path)}\n")
    if changes:
        say(f"{counted(len(changes), 'file')} would be laid out anew\n")
        raise typer.Exit(FINDINGS)


def changed_files(policy: Path) -> list[tuple[Path, str, str]]:
    """The files whose layout is not canonical, with old and new text; all of them must be readable."""
    from lifeseg.pipeline.errors import PolicyError
    from lifeseg.syntax.to_text import to_text
    from lifeseg.workspace import read_policy

    text = read_policy(policy)
    if text.found:
        raise PolicyError(text.found, {file.name: file.text for file in text.files})
    changes = []
    for file in text.files:
        path = text.places[file.name]
        old, new = path.read_bytes().decode(), to_text(file)
        if old != new:
            changes.append((path, old, new))
    return changes


def difference(name: str, old: str, new: str) -> str:
    """A unified diff, coloured on a terminal."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    text = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    if not coloured():
        return text
    colours = {"+": "32", "-": "31", "@": "36"}
    return "".join(
        f"\x1b[{colours[line[0]]}m{line.rstrip()}\x1b[0m\n" if line[0] in colours else line
        for line in text.splitlines(keepends=True)
    )
