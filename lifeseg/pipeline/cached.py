"""Policy texts come in; what checking them gave the last time goes out, if nothing has changed since.

Checking takes some tenths of a second, which `explain` does not have. The user's cache folder keeps what it
gave, under a hash of the texts and of the code that read them, so that it cannot be out of date; a file
that cannot be read or is not the user's own counts for nothing. It holds pickled data, as trusted as the
compiled modules Python keeps.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import lifeseg

if TYPE_CHECKING:
    from lifeseg.diagnostics.diagnostic import Diagnostic
    from lifeseg.model.model import Model

FORMAT = 1
MOST_KEPT = 32
ROOMS = ("syntax", "model", "functions", "diagnostics")
_USE = re.compile(r"^\s+use\s", re.MULTILINE)

Kept = "tuple[Model, tuple[Diagnostic, ...]]"


def key_of(texts: Mapping[str, str]) -> str | None:
    """The name under which these texts are kept; None if they use other policies, whose texts are not known
    here.
    """
    if os.environ.get("LIFESEG_NO_CACHE") or any(_USE.search(text) for text in texts.values()):
        return None
    digest = hashlib.sha256(f"{FORMAT} {sys.version_info[:2]} {lifeseg.__version__}".encode())
    package = Path(lifeseg.__file__).parent
    for room in ROOMS:
        with os.scandir(package / room) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    digest.update(f"{room}/{entry.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    for name, text in texts.items():
        digest.update(f"{name} {len(text)}\n{text}".encode())
    return digest.hexdigest()[:32]


def folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "lifeseg"


def kept(key: str) -> tuple[Model, tuple[Diagnostic, ...]] | None:
    """What was kept under a key."""
    try:
        path = folder() / f"checked-{key}.pickle"
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        model, findings = pickle.loads(path.read_bytes())
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is made anew
        return None
    return model, findings


def keep(key: str, model: Model, findings: tuple[Diagnostic, ...]) -> None:
    """Keeps a model for the next time; the oldest are forgotten. A home that cannot be written costs time,
    nothing else.
    """
    place = folder()
    with contextlib.suppress(OSError, pickle.PicklingError, RecursionError):
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place)
        with os.fdopen(handle, "wb") as file:
            pickle.dump((model, findings), file, protocol=5)
        Path(name).replace(place / f"checked-{key}.pickle")
        others = sorted(place.glob("checked-*.pickle"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in others[MOST_KEPT:]:
            path.unlink(missing_ok=True)
