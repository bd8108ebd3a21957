"""A setting comes in; a whole run goes out: policy checked, data loaded, everybody evaluated, results
written and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.model.model import Model
from lifeseg.pipeline import kept, store
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, OnBadRow, Progress, Timings, check, evaluate, load
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Finding, Results
    from lifeseg.records.loaded import Loaded

MOST_NAMED = 5
"""Records that a finding about results names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a run besides its setting."""

    only: tuple[str, ...] | None = None
    out: Path | None = None
    file_format: str = "parquet"
    on_bad_row: OnBadRow = "fail"


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is done: its results, what was found, and where things are."""

    checked: Checked
    results: Results
    findings: tuple[Diagnostic, ...]
    set_aside: dict[Path, int]
    number: int | None
    only: tuple[str, ...] | None


def run(setting: Setting, wish: Wish, progress: Progress | None = None) -> Finished:
    """The whole run, or nothing at all: what is written is written once everything has gone well."""
    timings = Timings()
    started = datetime.now(UTC)
    with timings.of("check"):
        checked = check(setting.policy, setting.policies)
        model = checked.good()
        day = setting.day()
        only = known_names(model, wish.only)
    with timings.of("load"):
        sources = data_sources(setting, model)
        population, loaded = load(model, sources, wish.on_bad_row, progress)
    with timings.of("evaluate"):
        results = evaluate(model, population, day, only=only, progress=progress)
    described: dict[str, Any] | None = None
    if wish.out is not None or setting.store is not None:
        tables = kept.tables(results, only)
        hashed = kept.result_hash(tables)
        described = kept.description(results, setting.engine, hashed, population.fingerprint, timings.seconds)
        if wish.out is not None:
            kept.write(wish.out, tables, described, wish.file_format)
    aside = put_aside(setting, wish, loaded)
    number = None
    if setting.store is not None and described is not None and only is None:
        number = store.record(setting.store, kept.entry(described, day, started, datetime.now(UTC)))
    findings = (*checked.findings, *loaded.diagnostics, *result_findings(results))
    return Finished(checked, results, findings, aside, number, only)


def known_names(model: Model, only: Sequence[str] | None) -> tuple[str, ...] | None:
    """The definitions asked for, all of which must exist."""
    if only is None:
        return None
    known = [definition.name for definition in model.definitions]
    for name in only:
        if name not in known:
            raise refusal("no-such-name.definition", name=name, suggestion=closest(name, known))
    return tuple(only)


def put_aside(setting: Setting, wish: Wish, loaded: Loaded) -> dict[Path, int]:
    """Writes the rows that were set aside beside the results, or into the workspace; gives files and counts.

    Those of a run before are gone afterwards.
    """
    workspace = setting.workspace.folder if setting.workspace is not None else Path()
    folder = wish.out or workspace / "set-aside"
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


# ---- Findings about results --------------------------------------------------------------------


def result_findings(results: Results) -> list[Diagnostic]:
    """One finding for each definition or claim that went wrong, naming the first records and counting the
    others.
    """
    by_place: dict[tuple[str, str, str, tuple[str, ...]], list[Finding]] = {}
    for finding in results.findings:
        by_place.setdefault((finding.kind, finding.definition, finding.entity, finding.cases), []).append(
            finding
        )
    return [one_finding(results, found) for found in by_place.values()]


def one_finding(results: Results, found: Sequence[Finding]) -> Diagnostic:
    first = found[0]
    keys = results.keys(first.entity)
    named = ", ".join("/".join(keys[finding.index]) for finding in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
    key = f"result-{first.kind}" if first.kind in ("no-case", "several-cases") else f"{first.kind}-broken"
    return problem(
        key,
        first.span,
        name=first.definition,
        entity=first.entity,
        records=named + more,
        count=f"{len(found):,}",
        cases=", ".join(first.cases) or None,
    )
