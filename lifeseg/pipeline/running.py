"""A setting comes in; a whole run goes out: policy checked, data loaded, everybody evaluated, results
written and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.model.with_past import defined
from lifeseg.model.with_reasons import with_reasons
from lifeseg.pipeline import freshness, kept, nobody, store
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.kpis import kpis, missed
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.overview import Overview, of_results
from lifeseg.pipeline.overview import findings as findings_about
from lifeseg.pipeline.past import Past, past_of, results_in, room
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, Progress, Timings, check, evaluate, load
from lifeseg.pipeline.totals import to_json
from lifeseg.pipeline.wish import Wish
from lifeseg.records.engine_failure import NotProvedError
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.records.loaded import Loaded
    from lifeseg.tracking.memberships import Found


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is done: an overview of its results, what was found, and where things are."""

    checked: Checked
    overview: Overview
    findings: tuple[Diagnostic, ...]
    set_aside: dict[Path, int]
    number: int | None
    tables: tuple[str, ...]
    only: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an engine gave; the description is there if the results are written or recorded, and so are the files of them
    that the store is to remember.
    """

    overview: Overview
    loaded: Loaded
    described: dict[str, Any] | None
    tables: tuple[str, ...] = ()
    results: Mapping[str, Found] = field(default_factory=dict)


def run(setting: Setting, wish: Wish, progress: Progress | None = None) -> Finished:
    """The whole run, or nothing at all: what is written is written once everything has gone well."""
    timings = Timings()
    started = datetime.now(UTC)
    suitable(setting.engine, wish)
    with timings.of("check"):
        checked = check(setting.policy, setting.policies)
        model = checked.good()
        day = setting.day()
        only = known_names(model, wish.only)
    engine = by_interpreter if setting.engine == "interpreter" else by_database
    if wish.of_changes:
        engine = by_changes
    with room(setting.workspace, setting.store is not None) as folder:
        past = past_of(setting.store, model, day, folder, anew=wish.anew)
        if wish.explained:
            past = replace(past, model=with_reasons(past.model))
        asked = replace(wish, only=with_their_reasons(past.model, only))
        evaluated = engine(setting, asked, model, past, timings, progress)
        aside = put_aside(setting, wish, evaluated.loaded)
        number = None
        if setting.store is not None and evaluated.described is not None and only is None:
            entry = kept.entry(checked, evaluated.described, day, started, datetime.now(UTC))
            number = store.record(setting.store, entry, past.remembered(evaluated.results))
    overview = evaluated.overview
    findings = (
        *checked.findings,
        *past.remarks,
        *evaluated.loaded.diagnostics,
        *findings_about(overview.model, overview.wrong),
        *missed(kpis(overview)),
        *nobody.findings(overview, only),
    )
    stale, text = freshness.findings(model, setting, only)
    findings = (*findings, *stale)
    checked = replace(checked, sources={**checked.sources, **text})
    return Finished(checked, overview, findings, aside, number, evaluated.tables, only)


def suitable(engine: str, wish: Wish) -> None:
    """What is asked for must be something the engine has."""
    if wish.tables is not None and engine not in ("postgres", "spark"):
        raise refusal("bad-argument.tables", engine=engine)
    if wish.master is not None and engine != "spark":
        raise refusal("bad-argument.master", engine=engine)
    if wish.in_file and (engine != "duckdb" or wish.location is not None):
        raise refusal("bad-argument.duckdb-file", engine=engine)
    if wish.frozen and not wish.of_changes:
        raise refusal("bad-argument.frozen")
    if wish.explained and not wish.writes:
        raise refusal("bad-argument.explain")
    if wish.file_format == "csv" and wish.out is None and wish.location is None:
        raise refusal("bad-argument.format")
    if wish.location is not None and (engine != "spark" or wish.file_format == "csv"):
        raise refusal("bad-argument.location", place=wish.location)


def by_interpreter(
    setting: Setting, wish: Wish, model: Model, past: Past, timings: Timings, progress: Progress | None
) -> Evaluated:
    """Everybody in memory, evaluated by the reference."""
    with timings.of("load"):
        population, loaded = load(model, data_sources(setting, model), wish.on_bad_row, progress)
    with timings.of("evaluate"):
        known = past.known(population, model.entities)
        results = evaluate(past.model, known, setting.day(), only=wish.only, progress=progress)
        overview = of_results(results, wish.only)
    described: dict[str, Any] | None = None
    if wish.out is not None or setting.store is not None:
        tables = kept.tables(results, wish.only)
        hashed = kept.result_hash(tables)
        described = kept.description(
            overview,
            setting.engine,
            hashed,
            population.fingerprint,
            timings.seconds,
            freshness.documented(model, setting),
        )
        if wish.out is not None:
            kept.write(wish.out, tables, described, wish.file_format)
        elif past.keeps:
            kept.write(past.folder, tables, described, wish.file_format)
    return Evaluated(overview, loaded, described, results=results_of(model, wish, past))


def results_of(model: Model, wish: Wish, past: Past) -> Mapping[str, Found]:
    """The files in which the store finds what everybody is."""
    return (
        results_in(model, wish.out or past.folder, wish.file_format if wish.out else "parquet")
        if past.keeps
        else {}
    )


def by_database(
    setting: Setting, wish: Wish, model: Model, past: Past, timings: Timings, progress: Progress | None
) -> Evaluated:
    """Everybody in a database, whatever their number; from the beginning, and with more care, where keys turn out wrong."""
    try:
        return in_database(setting, replace(wish, trusting=True), model, past, timings, progress)
    except NotProvedError:
        return in_database(setting, wish, model, past, timings, progress)


def in_database(
    setting: Setting, wish: Wish, model: Model, past: Past, timings: Timings, progress: Progress | None
) -> Evaluated:
    """Everybody, once."""
    from lifeseg.pipeline import by_engine

    wanted = wish.writes or setting.store is not None
    with ExitStack() as stack:
        plan = stack.enter_context(by_engine.planning(past.model, setting.day(), wish.only, setting.engine))
        with timings.of("load"):
            place = stack.enter_context(by_engine.opened(model, setting, wish, progress, past))
        with timings.of("evaluate"):
            if progress is not None:
                progress("evaluating", 0, 0)
            done = by_engine.run(place, past.model, plan.result(), wish.only, wanted and not wish.plain)
        if not wanted:
            return Evaluated(done.overview, place.loaded, None)
        if wish.plain:
            return Evaluated(done.overview, place.loaded, None, place.put(done.tables, {}))
        mark = place.fingerprint()
        described = kept.description(
            done.overview,
            setting.engine,
            done.result_hash or "",
            mark,
            timings.seconds,
            freshness.documented(model, setting),
        )
        if done.totals is not None:
            described["totals"] = to_json(done.totals)
        tables = place.put(done.tables, described)
    return Evaluated(done.overview, place.loaded, described, tables, results_of(model, wish, past))


def by_changes(
    setting: Setting, wish: Wish, model: Model, past: Past, timings: Timings, progress: Progress | None
) -> Evaluated:
    """Only the changed records, if that is enough; otherwise everybody."""
    from lifeseg.pipeline.incremental import incremental

    if past.files:
        raise refusal("incremental-cannot.history")
    merged = incremental(setting, wish, model, timings, progress)
    if merged.overview is not None and merged.loaded is not None:
        loaded = replace(merged.loaded, diagnostics=(*merged.remarks, *merged.loaded.diagnostics))
        return Evaluated(merged.overview, loaded, merged.described, results=results_of(model, wish, past))
    if merged.explained and not wish.explained:
        past = replace(past, model=with_reasons(past.model))
    done = by_database(setting, wish, model, past, timings, progress)
    return replace(done, loaded=replace(done.loaded, diagnostics=(*merged.remarks, *done.loaded.diagnostics)))


def known_names(model: Model, only: Sequence[str] | None) -> tuple[str, ...] | None:
    """The definitions asked for, all of which must exist."""
    if only is None:
        return None
    known = [definition.name for definition in model.definitions]
    for name in only:
        if name not in known:
            raise refusal("no-such-name.definition", name=name, suggestion=closest(name, known))
    return tuple(only)


def with_their_reasons(model: Model, only: Sequence[str] | None) -> tuple[str, ...] | None:
    """The definitions asked for, and what tells why they are what they are."""
    if only is None:
        return None
    told = [one.name for one in model.definitions if one.made == "reason" and defined(one.name) in only]
    return (*only, *told)


def put_aside(setting: Setting, wish: Wish, loaded: Loaded) -> dict[Path, int]:
    """Writes the rows that were set aside beside the results, or into the workspace; gives files and counts.

    Those of a run before are gone afterwards.
    """
    workspace = setting.workspace.folder if setting.workspace is not None else Path()
    beside = wish.out.with_suffix(".set-aside") if wish.out is not None and wish.in_file else wish.out
    folder = beside or workspace / "set-aside"
    if not loaded.set_aside and not folder.is_dir():
        return {}
    from lifeseg.records.to_set_aside import to_set_aside

    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = to_set_aside(loaded.set_aside, folder, in_words)
        if wish.out is not None or setting.store is not None:
            for stale in set(folder.glob("*.set-aside.csv")) - set(paths):
                stale.unlink()
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(folder), reason=reason(error)) from error
    return {path: len(rows.rows) for path, rows in zip(paths, loaded.set_aside, strict=True)}


def in_words(finding: Diagnostic) -> str:
    from lifeseg.diagnostics.catalogue import words

    return words(finding).message
