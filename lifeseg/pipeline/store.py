"""Runs come in and are kept; the baseline of the run that gave certain results goes out.

What the store answers is remembered as long as its file has not changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.pipeline import cached
from lifeseg.pipeline.errors import ConfigurationError, refusal
from lifeseg.tracking.place import Place, UnusableStoreError
from lifeseg.workspace import shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline
    from lifeseg.model.model import Model
    from lifeseg.tracking.store import Remembered, Run


@contextmanager
def usable() -> Iterator[None]:
    """What is wrong with a store is said as a finding."""
    try:
        yield
    except UnusableStoreError as error:
        raise ConfigurationError([error.finding]) from error


def shown(place: Place) -> Place:
    """A store as the user would name it."""
    return Path(shown_path(place)) if isinstance(place, Path) else place


def record(path: Place, run: Run, memory: Remembered | None = None) -> int:
    """Enters a run into the store, with what everybody is by it; gives its number."""
    from lifeseg.tracking.store import record as enter

    with usable():
        number = enter(shown(path), run, memory)
    remember(question(path, run.content_hash, run.as_of, run.data_fingerprint), (number, run.baseline))
    return number


def recorded_baseline(
    path: Place, model: Model, as_of: date, fingerprint: str
) -> tuple[int, Baseline] | None:
    """Number and baseline of the run that gave these results, if the store knows it."""
    from lifeseg.interpreter.baseline import from_json

    name = question(path, model.content_hash, as_of, fingerprint)
    known, found = remembered(name)
    if not known:
        found = asked(path, model, as_of, fingerprint)
        remember(name, found)
    try:
        return (found[0], from_json(found[1])) if found is not None else None
    except ValueError as error:
        raise refusal("store-failed", path=str(shown(path)), reason=str(error)) from error


def asked(path: Place, model: Model, as_of: date, fingerprint: str | None) -> tuple[int, Any] | None:
    """What the store itself answers."""
    from lifeseg.tracking.store import matching

    with usable():
        return matching(shown(path), model.content_hash, as_of, fingerprint)


def begins_before(path: Place, policy: str, day: date) -> bool:
    """Whether it is known what everybody was before a day; the answer is remembered as long as the file does not change."""
    name = question(path, f"first day of {policy}", date.min, "")
    content = cached.read(name) if name is not None else None
    if content is not None:
        first = content.decode()
    else:
        from lifeseg.tracking.store import first_day

        with usable():
            first = str(first_day(shown(path), policy) or "")
        if name is not None:
            cached.write(name, first.encode())
    return bool(first) and first < day.isoformat()


def latest_run(path: Place, model: Model, as_of: date) -> int | None:
    """The number of the latest run of that policy and day, whatever its data."""
    found = asked(path, model, as_of, None)
    return found[0] if found is not None else None


def question(path: Place, content_hash: str, as_of: date, fingerprint: str) -> str | None:
    """The name under which an answer of the store is kept, another one as soon as the file changes.

    Opening the database takes a quarter of the time that `explain` has. While somebody writes, there is no
    name.
    """
    if not isinstance(path, Path):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if path.with_name(f"{path.name}.wal").exists():
        return None
    asked_of = (str(path.resolve()), status.st_ino, status.st_size, status.st_mtime_ns)
    text = json.dumps([*asked_of, content_hash, as_of.isoformat(), fingerprint])
    return f"run-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def remembered(name: str | None) -> tuple[bool, Any]:
    """Whether an answer is kept under a name, and the answer."""
    content = cached.read(name) if name is not None else None
    try:
        return (False, None) if content is None else (True, json.loads(content))
    except ValueError:
        return False, None


def remember(name: str | None, found: tuple[int, Any] | None) -> None:
    if name is not None:
        cached.write(name, json.dumps(found).encode())
