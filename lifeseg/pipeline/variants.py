"""A setting and a model come in; a place where versions of the policy are evaluated on the same records, which are read once,
goes out. Nothing is recorded, and no run before is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Progress, evaluate, load
from lifeseg.pipeline.wish import Wish

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Baseline


class Evaluate(Protocol):
    """A version and the definitions wanted of it in; a folder with a Parquet file for each entity they are of, and its
    statistics, out.
    """

    def __call__(self, model: Model, only: tuple[str, ...], name: str) -> tuple[Path, Baseline]: ...


@contextmanager
def evaluating(
    setting: Setting, model: Model, folder: Path, progress: Progress | None, refused: str
) -> Iterator[Evaluate]:
    """The versions must have the entities of the model; an engine whose results are no files is `refused`."""
    if setting.engine == "interpreter":
        yield by_interpreter(setting, model, folder, progress)
    elif setting.engine == "duckdb":
        with by_duckdb(setting, model, folder, progress) as found:
            yield found
    else:
        raise refusal(refused, engine=setting.engine)


def by_interpreter(setting: Setting, model: Model, folder: Path, progress: Progress | None) -> Evaluate:
    population, _ = load(model, data_sources(setting, model), "fail", progress)

    def evaluated(model: Model, only: tuple[str, ...], name: str) -> tuple[Path, Baseline]:
        results = evaluate(model, population, setting.day(), only=only)
        kept.write(folder / name, kept.tables(results, only), {}, "parquet")
        return folder / name, results.baseline

    return evaluated


@contextmanager
def by_duckdb(setting: Setting, model: Model, folder: Path, progress: Progress | None) -> Iterator[Evaluate]:
    from lifeseg.pipeline import by_engine, on_duckdb

    wish = Wish(out=folder / "versions", plain=True)
    with by_engine.opened(model, replace(setting, store=None), wish, progress) as place:
        assert isinstance(place, on_duckdb.OnDuckDB)
        assert place.work is not None
        work = place.work

        def evaluated(model: Model, only: tuple[str, ...], name: str) -> tuple[Path, Baseline]:
            (work / name).mkdir()
            asked = frozenset(one.entity for one in model.definitions if one.name in only)
            here = replace(place, work=work / name, wanted=asked)
            plan = by_engine.planned(model, setting.day(), by_engine.with_flags(model, only))
            overview = by_engine.run(here, model, plan, only, False).overview
            return work / name, overview.baseline

        yield evaluated
