"""A question about one record of large data comes in; its results go out, evaluated with the baseline of the run that gave
them, without reading the others.

The record's family is looked up in the files and evaluated by the interpreter. Where no run of these data is recorded, the
statistics of the population are measured first, on DuckDB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.model.expression import Field
from lifeseg.model.model import Entity, Model, Rank
from lifeseg.model.types import Type
from lifeseg.pipeline import cached
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.stages import Progress, evaluate
from lifeseg.pipeline.store import latest_run, recorded_baseline
from lifeseg.records.source import Limits, Source
from lifeseg.tracking.place import Place
from lifeseg.workspace import Workspace

if TYPE_CHECKING:
    from lifeseg.engines.running import Run
    from lifeseg.explain.explanation import Standing
    from lifeseg.interpreter.results import Baseline, Results
    from lifeseg.records.lookup import Files, Key

MOST_PLACED = 100_000
"""Records among which a record's places are told whether or not they are asked for; it takes the values of everybody."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A record by its key as people write it, perhaps of a known entity; whether its places among all are wanted, and whether
    they are where all are very many.
    """

    key: str
    entity: str | None
    places: bool = True
    among_many: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What a question stands on: model, data, day, limits of the database, the result store if there is one, and what
    everybody was.
    """

    model: Model
    sources: Mapping[str, Source]
    as_of: date
    workspace: Workspace | None
    store: Place | None
    past: Past

    @property
    def limits(self) -> Limits:
        return self.workspace.limits if self.workspace is not None else Limits()


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a family, the run whose baseline they have, what to remark, and places by rank."""

    results: Results
    run: int | None
    remarks: tuple[Diagnostic, ...]
    positions: Mapping[str, tuple[int, int]]
    standings: tuple[Standing, ...]


def looked_up(ground: Ground, sought: Sought, progress: Progress | None) -> Found | None:
    """The record's family; None where the data are soon read as a whole, or have to be read with care."""
    from lifeseg.pipeline.opened import known_entity, record_with_key
    from lifeseg.records.files import fingerprint
    from lifeseg.records.lookup import within_reach

    model = ground.model
    known_entity(model, sought.entity)
    mark = fingerprint(ground.sources[name] for name in model.entities)
    with within_reach(model.entities, ground.sources, ground.as_of, ground.limits) as files:
        if files is None or not is_plain(files, model, mark, progress):
            return None
        candidates = [found for found in possible(model, sought) if has_rows(files, *found)]
        if not candidates:
            raise unknown(files, model, sought, ())
        run, baseline, remarks = baseline_of(ground, files, mark, progress)
        others: list[str] = []
        for top, key in candidates:
            results = evaluated(ground, files, top, [key], baseline)
            if (place := record_with_key(results, sought.key, sought.entity)) is None:
                others += keys_in(results, sought)
                continue
            few = baseline.counts[place[0]] <= MOST_PLACED
            wanted = sought.places and (few or sought.among_many)
            places = positions(ground, files, results, *place) if wanted and not ground.past.files else {}
            compared = standings(ground, files, results, mark, *place, progress) if wanted else ()
            return Found(results, run, remarks, places, compared)
        raise unknown(files, model, sought, others)


def unknown(files: Files, model: Model, sought: Sought, others: Sequence[str]) -> ConfigurationError:
    """There is no such record; perhaps one of nearly that key."""
    from lifeseg.pipeline.opened import MOST_COMPARED, no_record
    from lifeseg.records.lookup import first_keys

    first = sought.entity if sought.entity is not None else next(iter(model.entities))
    kinds = [fact.type for entity in above(model, first) for fact in entity.keys]
    keys = first_keys(files, first, MOST_COMPARED)
    return no_record(model, first, sought.key, [*others, *(joined(key, kinds) for key in keys)])


def keys_in(results: Results, sought: Sought) -> list[str]:
    """The keys of a family's records of the entity that was most likely meant."""
    entity = sought.entity if sought.entity is not None else next(iter(results.model.entities))
    return ["/".join(key) for key in results.keys(entity)]


def joined(key: Key, kinds: Sequence[Type]) -> str:
    from lifeseg.interpreter.values import text_of

    return "/".join(text_of(part, kind) or "" for part, kind in zip(key, kinds, strict=True))


# ---- Whether the files can be read where they lie -----------------------------------------------


def is_plain(files: Files, model: Model, mark: str, progress: Progress | None) -> bool:
    """Whether all rows are plainly valid; the answer is remembered for as long as the files are the same."""
    name = plain_name(model, mark)
    known = cached.read(name)
    if known is None:
        if progress is not None:
            progress("checking the data", 0, 0)
        known = b"true" if files.plain() else b"false"
        cached.write(name, known)
    return known == b"true"


def remember_plain(model: Model, mark: str) -> None:
    """A run has found that all rows are plainly valid."""
    cached.write(plain_name(model, mark), b"true")


def plain_name(model: Model, mark: str) -> str:
    return f"plain-{hashlib.sha256(f'{model.content_hash} {mark}'.encode()).hexdigest()[:32]}"


# ---- Which record is meant ----------------------------------------------------------------------


def possible(model: Model, sought: Sought) -> Iterator[tuple[str, Key]]:
    """The top records that a key can be about: of its entity's own tree, in the order of the policy."""
    parts = tuple(sought.key.split("/"))
    for name in [sought.entity] if sought.entity is not None else list(model.entities):
        chain = above(model, name)
        width = sum(max(len(entity.keys), 1) for entity in chain)
        for written in dict.fromkeys(((sought.key,), parts)):
            if len(written) == width:
                key = typed_key(chain[0], written)
                if key is not None:
                    yield chain[0].name, key


def above(model: Model, name: str) -> list[Entity]:
    """An entity after those it belongs to."""
    entity = model.entities[name]
    return [*above(model, entity.parent), entity] if entity.parent is not None else [entity]


def typed_key(entity: Entity, written: tuple[str, ...]) -> Key | None:
    """The first parts of a key as values; None if they are written otherwise than results write them."""
    from lifeseg.interpreter.values import text_of
    from lifeseg.records.findings import Refused
    from lifeseg.records.from_cell import Cells

    found: list[Any] = []
    for fact, text in zip(entity.keys, written, strict=False):
        value = Cells(fact)[text]
        if isinstance(value, Refused) or text_of(value, fact.type) != text:
            return None
        found.append(value)
    return tuple(found)


def has_rows(files: Files, top: str, key: Key) -> bool:
    from lifeseg.records.lookup import rows_of

    return bool(rows_of(files, top, [key]))


def evaluated(ground: Ground, files: Files, top: str, keys: Sequence[Key], baseline: Baseline) -> Results:
    from lifeseg.records.lookup import families

    population, past = families(files, top, keys), ground.past
    return evaluate(past.model, past.known(population, ground.model.entities), ground.as_of, baseline)


# ---- The population's statistics ----------------------------------------------------------------


def baseline_of(
    ground: Ground, files: Files, mark: str, progress: Progress | None
) -> tuple[int | None, Baseline, tuple[Diagnostic, ...]]:
    """The baseline of the run of these data, otherwise one that is measured now."""
    from lifeseg.interpreter.results import Baseline
    from lifeseg.records.lookup import counts

    model = ground.model
    if ground.store is not None:
        recorded = recorded_baseline(ground.store, model, ground.as_of, mark)
        if recorded is not None:
            return (*recorded, ())
    if progress is not None:
        progress("measuring the population: no run of these data is recorded", 0, 0)
    numbers = counts(files)
    if not model.statistics:
        return None, Baseline({}, numbers), ()
    baseline = Baseline(measured(ground, files), numbers)
    before = latest_run(ground.store, model, ground.as_of) if ground.store is not None else None
    key = "population-measured" if before is None else "population-measured.changed"
    count = sum(numbers[name] for name, entity in model.entities.items() if entity.parent is None)
    return None, baseline, (problem(key, None, count=f"{count:,}", run=before),)


def measured(ground: Ground, files: Files) -> dict[str, Any]:
    """The statistics of the population, by the steps of a run that find them."""
    from lifeseg.plan.pruning import measuring

    running = runner(ground, files, None, {})
    running.plan = measuring(running.plan)
    return dict(running.execute({}).statistics)


def runner(ground: Ground, files: Files, only: list[str] | None, known: Mapping[str, Any]) -> Run:
    """The runner of a plan on these files, with the statistics that are known."""
    from lifeseg.engines.duckdb import Database, DuckDB
    from lifeseg.engines.running import Run
    from lifeseg.pipeline.by_engine import planned

    plan = planned(ground.model, ground.as_of, only, list(known))
    running = Run(plan, Database(files.connection), DuckDB(files.records))
    for key, value in known.items():
        running.learn(plan.scalars.get(key, ""), key, value)
    return running


# ---- Places among all ---------------------------------------------------------------------------


def positions(
    ground: Ground, files: Files, results: Results, entity: str, index: int
) -> dict[str, tuple[int, int]]:
    """Of each rank by one value, the record's place and how many are ranked, by a query over everybody."""
    model = ground.model
    ranked: dict[str, tuple[str, int]] = {}
    for rank in model.of(entity):
        if isinstance(rank, Rank) and isinstance(rank.by, Field) and not rank.by.up:
            own = results.value(entity, index, rank.by.name)
            if results.value(entity, index, rank.name) is not None and isinstance(own, int):
                ranked[rank.name] = (rank.by.name, own)
    if not ranked:
        return {}
    from sqlglot import exp

    from lifeseg.pipeline.by_engine import outputs

    names = [*ranked, *(by for by, _ in ranked.values())]
    running = runner(ground, files, names, results.baseline.statistics)
    step = next(step for step in outputs(running.plan) if step.entity == entity)
    source = next(source for source in running.plan.sources if source.entity == entity)
    columns = dict(source.facts) | {result.name: result.column for result in step.results}
    counted: list[Any] = []
    for rank_name, (by, own) in ranked.items():
        level, value = (exp.column(columns[name], quoted=True) for name in (rank_name, by))
        ahead = exp.and_(
            exp.GT(this=value, expression=exp.Literal.number(own)), level.copy().is_(exp.null()).not_()
        )
        counted += [exp.Count(this=exp.Case(ifs=[exp.If(this=ahead, true=exp.Literal.number(1))]))]
        counted += [exp.Count(this=level)]
    found = running.rows(running.text(running.queries().select(step.relation, counted)))[0]
    pairs = zip(found[::2], found[1::2], strict=True)
    return {name: (1 + int(ahead), int(among)) for name, (ahead, among) in zip(ranked, pairs, strict=True)}


def standings(
    ground: Ground,
    files: Files,
    results: Results,
    mark: str,
    entity: str,
    index: int,
    progress: Progress | None,
) -> tuple[Standing, ...]:
    """How the scores of the record, and of those beneath it, compare with everybody's."""
    from lifeseg.pipeline import among_all
    from lifeseg.pipeline.standings import standings as compared

    statistics = results.baseline.statistics
    name = among_all.name_of(ground.model, mark, ground.as_of, statistics)
    spread = among_all.kept(name)
    if spread is None:
        if progress is not None:
            progress("comparing with everybody", 0, 0)
        scores = among_all.of_today(ground.past.model)
        names = [score.name for score in scores]
        spread = among_all.measured(runner(ground, files, names, statistics), scores) if names else {}
        among_all.keep(name, spread)
    return tuple(compared(results, entity, index, spread))
