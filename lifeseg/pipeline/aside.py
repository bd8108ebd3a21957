"""A setting and a model come in; the results of the records of the workspace go out into a folder, and are not recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lifeseg.model.model import Model
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.overview import Overview
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress, Timings
from lifeseg.pipeline.wish import Wish
from lifeseg.records.source import Limits


@contextmanager
def room(setting: Setting) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    from lifeseg.pipeline.on_duckdb import spilling

    with spilling(setting.workspace.limits if setting.workspace is not None else Limits()) as folder:
        yield folder


def evaluated(
    setting: Setting,
    model: Model,
    out: Path,
    progress: Progress | None,
    only: tuple[str, ...] | None = None,
    *,
    refused: str = "diff-engine",
) -> Overview:
    """The results as of the day, as if there had been no run before; an engine whose results are no files is `refused`."""
    from lifeseg.pipeline.running import by_database, by_interpreter

    if setting.engine not in ("interpreter", "duckdb"):
        raise refusal(refused, engine=setting.engine)
    engine = by_interpreter if setting.engine == "interpreter" else by_database
    alone = replace(setting, store=None)
    wish = Wish(out=out, only=only, plain=True)
    return engine(alone, wish, model, Past(model, out), Timings(), progress).overview
