"""A setting comes in; everybody is evaluated as in a run of which nothing is recorded, and single records are found again,
with everything beneath them, in memory or in the data files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.pipeline import kept
from lifeseg.pipeline.lookup import Ground, above, is_plain, typed_key
from lifeseg.pipeline.lookup import evaluated as families_of
from lifeseg.pipeline.opened import Opened, store_of
from lifeseg.pipeline.overview import Overview, of_results
from lifeseg.pipeline.past import Past, past_of
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, Progress, Timings, evaluate, load
from lifeseg.pipeline.wish import Wish

if TYPE_CHECKING:
    from lifeseg.records.loaded import Loaded

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What was evaluated: results in files, and where the interpreter did it, in memory."""

    checked: Checked
    past: Past
    overview: Overview
    loaded: Loaded
    folder: Path
    opened: Opened | None


@contextmanager
def everybody(setting: Setting, checked: Checked, progress: Progress | None) -> Iterator[Run]:
    """Everybody, into a folder that is gone afterwards; rows that break the declared schema are set aside and told."""
    from lifeseg.pipeline.aside import room
    from lifeseg.pipeline.running import by_database

    model, day = checked.good(), setting.day()
    with room(setting) as work:
        (was := work / "was").mkdir()
        past = past_of(store_of(setting), model, day, was)
        if setting.engine == "interpreter":
            yield in_memory(setting, checked, past, work / "results", progress)
            return
        alone = replace(setting, store=None)
        wish = Wish(out=work / "results", plain=True, on_bad_row="set-aside")
        done = by_database(alone, wish, model, replace(past, keeps=False), Timings(), progress)
        yield Run(checked, past, done.overview, done.loaded, work / "results", None)


def in_memory(setting: Setting, checked: Checked, past: Past, out: Path, progress: Progress | None) -> Run:
    model = checked.good()
    population, loaded = load(model, data_sources(setting, model), "set-aside", progress)
    results = evaluate(past.model, past.known(population, model.entities), setting.day(), progress=progress)
    kept.write(out, kept.tables(results), {}, "parquet")
    opened = Opened(checked, past.model, results, None, hand=past.hand)
    return Run(checked, past, of_results(results, None), loaded, out, opened)


# ---- Single records --------------------------------------------------------------------------------


def found_again(setting: Setting, run: Run, entity: str, keys: Sequence[Key]) -> Opened | None:
    """Results among which are those of these records; None where large data cannot be asked for them."""
    from lifeseg.records.files import is_big

    if run.opened is not None:
        return run.opened
    found = families(setting, run, entity, keys, None)
    model = run.checked.good()
    if found is None and not is_big(model.entities, data_sources(setting, model)):
        return read_again(setting, run)
    return found


def families(
    setting: Setting, run: Run, entity: str, keys: Sequence[Key], progress: Progress | None
) -> Opened | None:
    """Only these records and what belongs to them, with the statistics of everybody; None where files cannot be asked for
    single records: a child without a key, rows that were set aside.
    """
    from lifeseg.records.files import fingerprint
    from lifeseg.records.lookup import within_reach

    model, day = run.checked.good(), setting.day()
    sources = data_sources(setting, model)
    ground = Ground(model, sources, day, setting.workspace, store_of(setting), run.past)
    mark, top = fingerprint(sources[name] for name in model.entities), above(model, entity)[0]
    typed = dict.fromkeys(one for key in keys if (one := typed_key(top, key)) is not None)
    with within_reach(model.entities, sources, day, ground.limits) as files:
        if not typed or files is None or not is_plain(files, model, mark, progress):
            return None
        results = families_of(ground, files, top.name, list(typed), run.overview.baseline)
    return Opened(run.checked, run.past.model, results, None, positions={}, hand=run.past.hand)


def read_again(setting: Setting, run: Run) -> Opened:
    """All of it."""
    model = run.checked.good()
    population, _ = load(model, data_sources(setting, model), "set-aside")
    known = run.past.known(population, model.entities)
    results = evaluate(run.past.model, known, setting.day(), run.overview.baseline)
    return Opened(run.checked, run.past.model, results, None, hand=run.past.hand)
