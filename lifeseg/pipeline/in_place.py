"""Files and their new contents come in; the files are replaced, all of them whole or none at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from lifeseg.pipeline.errors import refusal
from lifeseg.workspace import reason, shown_path


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
