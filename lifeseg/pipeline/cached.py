"""Small answers come in under names and come back the next time; a cache may always be lost, and is only JSON."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

MOST_KEPT = 32


def folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "lifeseg"


def read(name: str) -> bytes | None:
    """What is kept under a name."""
    path = folder() / name
    try:
        if os.environ.get("LIFESEG_NO_CACHE") or (
            hasattr(os, "getuid") and path.stat().st_uid != os.getuid()
        ):
            return None
        return path.read_bytes()
    except (OSError, RuntimeError):
        return None


def write(name: str, content: bytes) -> None:
    """Keeps something under a name; of each kind (the name up to its dash) the oldest are forgotten.

    A home that cannot be written costs time, nothing else.
    """
    if os.environ.get("LIFESEG_NO_CACHE"):
        return
    with contextlib.suppress(OSError, RuntimeError):
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(place / name)
        alike = place.glob(f"{name.partition('-')[0]}-*")
        for path in sorted(alike, key=lambda path: path.stat().st_mtime, reverse=True)[MOST_KEPT:]:
            path.unlink(missing_ok=True)
