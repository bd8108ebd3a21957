"""lifeseg init: a folder comes in; a workspace that runs at once goes out, made from a bundled pack."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from lifeseg.cli.output import show

PACK = "orgcust"
DATA = "data"
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it; it may exist if it is empty.")]

SETTINGS = """\
# The workspace: what the commands of lifeseg use when they are told nothing else. Paths start here.

policy = "rules/{pack}"
as_of = {as_of}                    # the day that counts as today; it is never the clock's
engine = "interpreter"
results = "lifeseg.duckdb"              # where runs and their baselines are kept

[data]                                  # a CSV, Parquet or Excel file for each entity
{data}"""

README = """\
# A lifeseg workspace

A copy of the policy `{pack}` with its example data, ready to run:

    lifeseg run
    lifeseg list warning --sort customer_value
    lifeseg explain C19
    lifeseg test

`rules/{pack}/` holds the policy, text to be edited: change a threshold, then `lifeseg check`, `lifeseg test`
and `lifeseg run` again. `data/` holds one file for each entity. `lifeseg.toml` says what belongs together.
What the policy is taken from, and what in the data is invented, stands in the `README.md` beside each.
"""


def init(folder: Folder = Path()) -> None:
    """Make a workspace that runs at once.

    It holds a policy, example data and settings, all to be changed. Nothing that exists is overwritten.
    """
    from lifeseg.pipeline.errors import refusal
    from lifeseg.workspace import reason, shown_path

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refusal("folder-not-empty", path=shown_path(folder))
    target = folder.absolute()
    made = next((parent for parent in reversed((target, *target.parents)) if not parent.exists()), None)
    beside = target if target.exists() else target.parent
    work = beside / f".{target.name}.{os.getpid()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fill(work)
        move_in(work, target)
    except OSError as error:
        shutil.rmtree(work, ignore_errors=True)
        if made is not None and made != target:
            shutil.rmtree(made, ignore_errors=True)
        raise refusal("cannot-write", path=shown_path(folder), reason=reason(error)) from error
    step = "" if target == Path.cwd() else f"cd {shown_path(folder)} && "
    show(f"made a workspace in {shown_path(folder)} from the pack {PACK}: {step}lifeseg run\n")


def fill(folder: Path) -> None:
    """Copies pack and data, and writes what holds them together."""
    from lifeseg.bundled import examples_folder, packs_folder
    from lifeseg.workspace import FILE_NAME, read_workspace

    example = examples_folder() / PACK
    settings, _ = read_workspace(example / FILE_NAME)
    pack = packs_folder() / PACK
    for file in sorted(pack.rglob("*")):
        if file.is_file():
            copy(file, folder / "rules" / PACK / file.relative_to(pack))
    for source in settings.data.values():
        copy(source.path, folder / DATA / source.path.name)
    copy(example / "README.md", folder / DATA / "README.md")
    lines = [f'{entity} = "{DATA}/{source.path.name}"\n' for entity, source in settings.data.items()]
    text = SETTINGS.format(pack=PACK, as_of=settings.as_of, data="".join(lines))
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(README.format(pack=PACK), encoding="utf-8")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def move_in(work: Path, target: Path) -> None:
    """Puts the finished workspace in its place; into a folder that exists, piece by piece with the settings
    last.
    """
    if not target.exists():
        work.rename(target)
        return
    moved: list[Path] = []
    try:
        for piece in sorted(work.iterdir(), key=lambda piece: piece.suffix == ".toml"):
            piece.rename(target / piece.name)
            moved.append(target / piece.name)
        work.rmdir()
    except OSError:
        for piece in moved:
            piece.rename(work / piece.name)
        raise
