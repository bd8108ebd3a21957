"""A run's results, the keys of changed records and the data as they are now come in; results as of a whole run go out, for
which only the families of these records are evaluated.

Everything a run tells of its results adds up over records: what the changed families had is taken away, what they have is
added. A statistic of the population that has moved changes everybody; then the whole run is made, unless the statistics of
the run before shall stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.model.with_reasons import with_reasons
from lifeseg.pipeline import freshness, kept
from lifeseg.pipeline.by_engine import Task, hash_of, near_count, outputs, planned, sums_of
from lifeseg.pipeline.changes import Changes, Where, changes
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.overview import Overview
from lifeseg.pipeline.results_before import Previous, place_of, previous_run
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Progress, Timings
from lifeseg.pipeline.totals import Keys, Totals, What, to_json, wrong_in
from lifeseg.pipeline.wish import Wish
from lifeseg.pipeline.wrong_keys import Everybody, in_order
from lifeseg.records.source import Limits, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lifeseg.engines.running import Run as Running
    from lifeseg.plan import tree as p
    from lifeseg.records.changed import Families
    from lifeseg.records.loaded import Loaded

MOST_NAMED = 3
NARROW = 18


@dataclass(frozen=True, slots=True)
class Merged:
    """What an incremental run gave, and what it remarks; without an overview the whole run must be made."""

    remarks: tuple[Diagnostic, ...]
    overview: Overview | None = None
    loaded: Loaded | None = None
    described: dict[str, Any] | None = None
    explained: bool = False  # the results told why, and go on telling it


@dataclass(frozen=True, slots=True)
class Ground:
    """What an incremental run stands on."""

    model: Model
    setting: Setting
    previous: Previous
    sources: Mapping[str, Source]
    connection: DuckDBPyConnection
    changes: Changes

    @property
    def families(self) -> Families:
        return self.changes.families


def incremental(
    setting: Setting, wish: Wish, model: Model, timings: Timings, progress: Progress | None
) -> Merged:
    """The results in the folder brought up to date, whole or not at all."""
    from lifeseg.pipeline.on_duckdb import spilling
    from lifeseg.records import duckdb_results, to_database

    suitable(setting, wish, model)
    assert wish.out is not None
    sources = data_sources(setting, model)
    limits = setting.workspace.limits if setting.workspace is not None else Limits()
    with ExitStack() as stack:
        temporary = stack.enter_context(spilling(limits))
        connection = stack.enter_context(to_database.database(limits, temporary))
        to_database.sparing(connection, len(model.definitions))
        previous = previous_run(stack.enter_context(place_of(wish, connection)), model, setting)
        explained = previous.place.described.get("reasons") is True
        if wish.explained and not explained:
            raise refusal("incremental-cannot.explain", path=previous.place.shown)
        model = with_reasons(model) if explained else model
        written = duckdb_results.reached(wish.out) if wish.in_file else []
        to_database.enclose(connection, sources, [temporary, *([] if wish.in_file else [wish.out])], written)
        with timings.of("load"):
            where = Where(model, setting.day(), sources, connection, previous.place, temporary)
            found = changes(where, wish)
        if isinstance(found, Diagnostic):
            return Merged((found,), explained=explained)
        ground = Ground(model, setting, previous, sources, connection, found)
        if progress is not None:
            progress("evaluating what has changed", 0, 0)
        return replace(merged(ground, wish.frozen, timings), explained=explained)


# ---- What must be so ----------------------------------------------------------------------------


def suitable(setting: Setting, wish: Wish, model: Model) -> None:
    """Only results of everything, in Parquet files or a DuckDB file, by DuckDB."""
    tops = [entity.name for entity in model.entities.values() if entity.parent is None]
    if setting.engine != "duckdb":
        raise refusal("incremental-cannot.engine", engine=setting.engine)
    if wish.out is None or wish.only is not None or wish.file_format == "csv":
        raise refusal("incremental-cannot.parquet")
    if wish.by_files and not wish.in_file:
        raise refusal("incremental-cannot.auto")
    if wish.on_bad_row != "fail":
        raise refusal("incremental-cannot.bad-rows")
    if wish.frozen and model.kpis:
        raise refusal("incremental-cannot.kpis")
    if len(tops) > 1:
        raise refusal("incremental-cannot.entities", entities=", ".join(tops))


# ---- Merging ------------------------------------------------------------------------------------


def merged(ground: Ground, frozen: bool, timings: Timings) -> Merged:
    """The changed families evaluated, and put in the place of what they were."""
    model, previous = ground.model, ground.previous
    moved = moved_statistics(ground, frozen)
    if moved and not frozen:
        return Merged((remark("statistics-moved", ground, moved),))
    remarks = (remark("statistics-frozen", ground, moved),) if moved else ()
    plan = planned(model, ground.setting.day(), None, list(previous.baseline.statistics))
    tasks = {step.entity: Task.of(model, step, None, True) for step in outputs(plan)}
    with timings.of("evaluate"):
        new, counted_new, wrong_new = counted_now(ground, plan, tasks)
        counted_old, rows_old = counted_then(ground, plan, tasks)
    totals = turned(previous, counted_old, counted_new)
    rows = {name: previous.rows[name] - rows_old[name] + new.counts[name] for name in model.entities}
    complete(ground, rows)
    if wrong_new is None:
        return Merged((problem("incremental-not.wrong", None),))
    wrong = wrong_of_all(ground, wrong_new)
    totals = replace(totals, wrong=wrong)
    baseline = previous.baseline if frozen else replace(previous.baseline, counts=rows)
    everybody = Everybody(ground.connection, ground.families.everybody)
    overview = Overview(
        model,
        ground.setting.day(),
        baseline,
        rows,
        {name: tuple(found) for name, found in totals.cases.items()},
        totals.near,
        tuple(in_order(model, plan, everybody, wrong, baseline)),
    )
    described = put(ground, tasks, new.results, overview, totals, timings)
    from lifeseg.records.loaded import Loaded

    return Merged(remarks, overview, Loaded(None, ground.families.findings), described)


def counted_now(ground: Ground, plan: p.Plan, tasks: Mapping[str, Task]) -> tuple[Any, Totals, Any]:
    """The changed families as they are now: where their results are, and what they count."""
    running = runner(ground, plan, ground.families.some, tasks)
    evaluated = running.execute(ground.previous.baseline.statistics)
    sums, cases = sums_of(evaluated, tasks), cases_in(evaluated.counted, tasks)
    near = near_count(ground.model, running)
    return evaluated, Totals(sums, cases, near, None), wrong_in(running, evaluated)


def counted_then(ground: Ground, plan: p.Plan, tasks: Mapping[str, Task]) -> tuple[Totals, dict[str, int]]:
    """The same of what they were, from their results."""
    from sqlglot import exp

    from lifeseg.plan import tree

    steps = {step.entity: step for step in outputs(plan)}
    then = [replace(step, relation=tree.Saved(f"old_{step.table}")) for step in steps.values()]
    running = runner(ground, replace(plan, steps=tuple(then)), ground.families.some, tasks)
    rows: dict[str, int] = {}
    for step in then:
        table = table_before(ground, steps[step.entity], tasks[step.entity])
        running.saved[f"old_{step.table}"] = exp.Table(this=exp.to_identifier(table, quoted=True))
        written = tasks[step.entity].written
        named = [exp.alias_(value.copy(), f"c{place}") for place, value in enumerate(written.counted)]
        counted = [exp.alias_(exp.Count(this=exp.Star()), "rows"), *named]
        found = running.rows(running.text(running.counting(step, counted, written.helpers)))[0]
        rows[step.entity] = int(found[0])
        running.evaluated.counted[step.entity] = tuple(found[1:])
    cases = cases_in(running.evaluated.counted, tasks)
    near = near_count(ground.model, running)
    return Totals(sums_of(running.evaluated, tasks), cases, near, None), rows


def table_before(ground: Ground, step: p.Output, task: Task) -> str:
    """The results of the changed families as the run before left them, as a plan's output."""
    from lifeseg.records.changed import Before, results_before

    results = {found.name: found for found in step.results}
    columns: list[Before] = []
    keys = [column for column in task.columns if column.key]
    for place, key in enumerate(keys, 1):
        scaled = key.type.kind == "number" and key.type.scale > 0 and not key.row_number
        columns.append(Before(key.name, f"_k{place}", key.type.scale if scaled else None, scaled))
    for name in task.written.names:
        result = results[name]
        flags = (
            tuple((flag, results[flag].column) for flag in result.options) if result.kind == "list" else ()
        )
        columns.append(Before(name, result.column, *scale_of(result), flags))
    top = len(next(iter(ground.model.entities.values())).keys)
    rows, where = ground.previous.place.find(step.entity, step.table, keys[:top])
    return results_before(ground.connection, step.table, f"{rows} WHERE {where}", columns)


def scale_of(result: p.Result) -> tuple[int | None, bool]:
    """The scale of a result that is held as a whole number, and whether its digits are few."""
    digits = max(len(str(max(abs(result.low), abs(result.high)))), result.scale + 1)
    return (result.scale, digits <= NARROW) if result.kind == "whole" else (None, False)


def runner(ground: Ground, plan: p.Plan, records: Mapping[str, str], tasks: Mapping[str, Task]) -> Running:
    from lifeseg.engines.duckdb import Database, DuckDB
    from lifeseg.engines.running import Run as Running

    written = {name: task.written for name, task in tasks.items()}
    return Running(plan, Database(ground.connection), DuckDB(records, keeps_outputs=True), written)


def cases_in(
    counted: Mapping[str, Sequence[Any]], tasks: Mapping[str, Task]
) -> dict[tuple[str, str], list[int]]:
    """How many records have each case, by entity and definition."""
    found: dict[tuple[str, str], list[int]] = {}
    for entity, task in tasks.items():
        place = 0
        for name, count in task.counted:
            found[entity, name] = [int(number) for number in counted[entity][place : place + count]]
            place += count
    return found


def turned(previous: Previous, old: Totals, new: Totals) -> Totals:
    """The totals of all, after the old ones of the changed families are taken away and the new ones added."""

    def sums(all_: Sequence[int], gone: Sequence[int], come: Sequence[int]) -> list[int]:
        return [one - other + more for one, other, more in zip(all_, gone, come, strict=True)]

    before = previous.totals
    try:
        return Totals(
            {name: sums(found, old.sums[name], new.sums[name]) for name, found in before.sums.items()},
            {name: sums(found, old.cases[name], new.cases[name]) for name, found in before.cases.items()},
            before.near - old.near + new.near,
            None,
        )
    except (KeyError, ValueError):
        raise refusal("incremental-other.version", path=previous.place.shown) from None


def complete(ground: Ground, rows: Mapping[str, int]) -> None:
    """With the listed changes the results must have as many records as the data."""
    from lifeseg.records.typed import quoted

    for entity, view in ground.families.everybody.items():
        found = ground.connection.execute(f"SELECT count(*) FROM {quoted(view)}").fetchone()
        there = int(found[0]) if found is not None else 0
        if there != rows[entity]:
            numbers = {"there": f"{there:,}", "would": f"{rows[entity]:,}"}
            raise refusal("changed-keys.incomplete", entity=entity, **numbers)


# ---- Statistics ---------------------------------------------------------------------------------


def moved_statistics(ground: Ground, frozen: bool) -> dict[str, tuple[Any, Any]]:
    """The statistics that differ from those of the run before, up to the first pass in which any does; frozen ones are
    compared as far as facts alone give them.
    """
    from lifeseg.plan import tree
    from lifeseg.plan.pruning import measuring

    known = ground.previous.baseline.statistics
    plan = planned(ground.model, ground.setting.day(), None)
    running = runner(ground, plan, ground.families.everybody, {})
    for step in measuring(plan).steps:
        if frozen and isinstance(step, tree.Save):
            break
        running.plan = replace(plan, steps=(step,))
        now = running.execute({}).statistics
        moved = {key: (known.get(key), value) for key, value in now.items() if known.get(key) != value}
        if moved:
            return moved
    return {}


def remark(key: str, ground: Ground, moved: Mapping[str, tuple[Any, Any]]) -> Diagnostic:
    """Which statistics have moved, from where to where."""
    from lifeseg.functions.exact import to_text

    scales = {found.key: found.type.scale for found in ground.model.statistics}

    def shown(value: Any, scale: int) -> str:
        parts = value if isinstance(value, tuple) else (value,)
        return ", ".join("missing" if part is None else to_text(part, scale) for part in parts)

    said = [
        f"`{name}` from {shown(before, scales[name])} to {shown(now, scales[name])}"
        for name, (before, now) in list(moved.items())[:MOST_NAMED]
    ]
    return problem(key, None, moved=Several(said, len(moved)))


# ---- What is wrong -------------------------------------------------------------------------------


def wrong_of_all(ground: Ground, new: Mapping[What, Keys]) -> dict[What, Keys]:
    """What is wrong with whom: of the changed families what is now, of the others what was."""
    width = len(next(iter(ground.model.entities.values())).keys)
    rows = ground.connection.execute("SELECT * FROM _changed").fetchall()
    changed = {tuple(map(str, row)) for row in rows}
    found = {
        what: frozenset(key for key in keys if key[:width] not in changed)
        for what, keys in ground.previous.wrong.items()
    }
    for what, keys in new.items():
        found[what] = found.get(what, frozenset()) | keys
    return {what: keys for what, keys in found.items() if keys}


# ---- Writing -------------------------------------------------------------------------------------


def put(
    ground: Ground,
    tasks: Mapping[str, Task],
    results: Mapping[str, str],
    overview: Overview,
    totals: Totals,
    timings: Timings,
) -> dict[str, Any]:
    """The new results in the place of the old ones; gives the description of the run."""
    from lifeseg.pipeline.results_before import Result
    from lifeseg.records.files import fingerprint
    from lifeseg.records.identifiers import identifiers

    top, tables = len(next(iter(ground.model.entities.values())).keys), identifiers(ground.model.entities)
    new = [
        Result(
            entity,
            tables[entity],
            results[entity],
            [column for column in task.columns if column.key][:top],
        )
        for entity, task in tasks.items()
    ]
    hashed = hash_of(tasks, overview.rows, totals.sums)
    data = (ground.sources[name] for name in ground.model.entities)
    mark = fingerprint(data, known=ground.changes.prints)
    stale = freshness.documented(ground.model, ground.setting)
    described = kept.description(overview, ground.setting.engine, hashed, mark, timings.seconds, stale)
    described |= {"totals": to_json(totals)}
    with timings.of("merge"):
        return ground.previous.place.put(new, described, ground.changes.note)
