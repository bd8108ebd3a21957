"""Runs come in and are kept; the baseline of the run that gave certain results goes out. What fails is said
as a finding.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.pipeline.errors import ConfigurationError, refusal
from lifeseg.workspace import shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline
    from lifeseg.model.model import Model
    from lifeseg.tracking.store import Run


def record(path: Path, run: Run) -> int:
    """Enters a run into the store; gives its number."""
    from lifeseg.tracking.store import UnusableStoreError
    from lifeseg.tracking.store import record as enter

    try:
        return enter(Path(shown_path(path)), run)
    except UnusableStoreError as error:
        raise ConfigurationError([error.finding]) from error


def recorded_baseline(
    path: Path, model: Model, as_of: date, fingerprint: str | None
) -> tuple[int, Baseline] | None:
    """Number and baseline of the run that gave these results, if the store knows it."""
    from lifeseg.interpreter.baseline import from_json
    from lifeseg.tracking.store import UnusableStoreError, matching

    try:
        found = matching(Path(shown_path(path)), model.content_hash, as_of, fingerprint)
        return (found[0], from_json(found[1])) if found is not None else None
    except UnusableStoreError as error:
        raise ConfigurationError([error.finding]) from error
    except ValueError as error:
        raise refusal("store-failed", path=shown_path(path), reason=str(error)) from error
