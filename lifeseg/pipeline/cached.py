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


def kept(key: str) -> tuple[Model, tuple[Diagnostic, ...]] | None:
    """What checking the texts of a key gave."""
    content = read(f"checked-{key}")
    try:
        model, findings = pickle.loads(content) if content is not None else (None, ())
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is made anew
        return None
    return (model, findings) if model is not None else None


def keep(key: str, model: Model, findings: tuple[Diagnostic, ...]) -> None:
    """Keeps what checking gave for the next time."""
    with contextlib.suppress(pickle.PicklingError, RecursionError):
        write(f"checked-{key}", pickle.dumps((model, findings), protocol=5))


# ---- Files -------------------------------------------------------------------------------------


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
