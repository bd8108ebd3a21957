"""Files and their contents come in; they are made or replaced, all of them whole or none at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from lifeseg.pipeline.errors import refusal
from lifeseg.workspace import reason, shown_path


def put_new(path: Path, text: str) -> None:
    """A file that is not there yet: what somebody may have edited since is never overwritten."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise refusal("cannot-write.there", path=shown_path(path)) from error
    except OSError as error:
        if path.is_file():
            path.unlink(missing_ok=True)
        raise refusal("cannot-write", path=shown_path(path), reason=reason(error)) from error


def put_in_place(contents: Mapping[Path, bytes]) -> None:
    """Permissions of files that are there stay, and a link still leads to its file."""
    works: dict[Path, Path] = {}
    before: dict[Path, bytes] = {}
    path = Path()
    try:
        for path, content in contents.items():
            target = path.resolve()
            works[target] = target.with_name(f".{target.name}.{os.getpid()}")
            works[target].write_bytes(content)
            if target.exists():
                works[target].chmod(target.stat().st_mode)
        for path, work in works.items():
            old = path.read_bytes() if path.exists() and len(works) > 1 else None
            work.replace(path)
            before |= {path: old} if old is not None else {}
    except OSError as error:
        for work in works.values():
            with contextlib.suppress(OSError):
                work.unlink(missing_ok=True)
        for done, old in before.items():
            with contextlib.suppress(OSError):
                done.write_bytes(old)
        raise refusal("cannot-write", path=shown_path(path), reason=reason(error)) from error
