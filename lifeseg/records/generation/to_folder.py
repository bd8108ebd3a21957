"""Files made by a function come in; a folder with all of them goes out, or everything is as it was.

They are made in a folder beside the one that is wanted, which takes its place at the end. Only a folder
that is missing, empty or holds nothing but what was generated before is taken.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lifeseg.records.to_results import alive

DESCRIPTION = "generated.json"
MAKING = ".lifeseg-generating-"


def is_ours(folder: Path) -> bool:
    """Whether a folder that exists may be replaced: nobody else has put anything there."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    held = {path.name for path in folder.iterdir()}
    return not held or (DESCRIPTION in held and held <= {DESCRIPTION, *listed(folder)})


def listed(folder: Path) -> list[str]:
    """The files that the description names."""
    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        return [name for name in description["files"] if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """A new folder to fill; what is in it when all has gone well becomes the folder. Raises OSError."""
    target = folder.absolute()
    made = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}{MAKING}"
    clear_up(target.parent, prefix)
    work = target.parent / f"{prefix}{os.getpid()}"
    old = target.parent / f"{prefix}{os.getpid()}.old"
    try:
        work.mkdir()
        yield work
        exchange(work, target, old)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for parent in made:
            if parent.exists() and not any(parent.iterdir()):
                parent.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


def exchange(work: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        work.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def clear_up(folder: Path, prefix: str) -> None:
    """What killed runs have left: the half-made is removed, and what was moved out of the way and not yet
    replaced comes back.
    """
    for left in sorted(folder.glob(f"{prefix}*")):
        process, _, old = left.name.removeprefix(prefix).partition(".")
        if not process.isdigit() or (int(process) != os.getpid() and alive(int(process))):
            continue
        target = folder / prefix.removeprefix(".").removesuffix(MAKING)
        if old and not target.exists():
            left.rename(target)
        else:
            shutil.rmtree(left, ignore_errors=True)
