"""A checked policy, a setting and a wish come in; the overview of a run on an engine, and the results it left, go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Model, Score
from lifeseg.model.types import Type
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import ConfigurationError, refusal
from lifeseg.pipeline.overview import NEAR, Overview, Wrong, cases_in_order, counted_definitions, first_entity
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress
from lifeseg.pipeline.totals import Totals, wrong_in
from lifeseg.pipeline.wish import Wish
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.to_results import Column

if TYPE_CHECKING:
    from lifeseg.engines.running import Database, Evaluated, Written
    from lifeseg.engines.running import Run as Running
    from lifeseg.engines.writer import Operations
    from lifeseg.plan import tree as p
    from lifeseg.plan.proving import Proof
    from lifeseg.records.loaded import Loaded
    from lifeseg.records.table_results import ResultTable


class Opened(Protocol):
    """An engine with the records of a policy's entities, opened by the module `on_ENGINE` for one run."""

    @property
    def dialect(self) -> str: ...

    @property
    def records(self) -> Mapping[str, str]:
        """The table or view of each entity's typed records."""

    @property
    def loaded(self) -> Loaded: ...

    @property
    def database(self) -> Database: ...

    @property
    def operations(self) -> Operations: ...

    def proving(self, plan: p.Plan) -> tuple[p.Plan, tuple[Proof, ...]]:
        """The plan and what it proves on its way, of the records that have not been looked at."""

    def fingerprint(self) -> str:
        """Of the data, for the description of the run."""

    def rows(self, query: str) -> list[tuple[Any, ...]]: ...

    def put(self, tables: list[ResultTable], described: Mapping[str, Any]) -> tuple[str, ...]:
        """The results go where they are wanted, as a whole; the names of tables come back."""


@contextmanager
def opened(
    model: Model, setting: Setting, wish: Wish, progress: Progress | None = None, past: Past | None = None
) -> Iterator[Opened]:
    """The engine of the setting, with the records and what they were; what it refuses is said as a finding."""
    from importlib import import_module

    module = import_module(f"lifeseg.pipeline.on_{setting.engine}")
    try:
        with module.opened(model, setting, wish, progress, past) as found:
            yield found
    except UnusableEngineError as error:
        raise ConfigurationError([error.finding]) from error
    except NotImplementedError as gap:
        raise refusal("engine-gap", construct=str(gap), engine=setting.engine) from gap


def planned(
    model: Model,
    as_of: date,
    only: Sequence[str] | None,
    known: Sequence[str] = (),
    engine: str = "duckdb",
) -> p.Plan:
    """The plan; what plans cannot do is said with the construct's name."""
    from lifeseg.plan.from_expression import Gap
    from lifeseg.plan.from_model import from_model

    try:
        return from_model(model, as_of, only, known)
    except Gap as gap:
        raise refusal("engine-gap", construct=str(gap), engine=engine) from gap


@contextmanager
def planning(model: Model, as_of: date, only: Sequence[str] | None, engine: str) -> Iterator[Future[p.Plan]]:
    """The plan, made while the engine looks at the records: until then it leaves a processor to that."""
    with ThreadPoolExecutor(1) as aside:
        yield aside.submit(planned_early, model, as_of, with_flags(model, only), engine)


def planned_early(model: Model, as_of: date, only: Sequence[str] | None, engine: str) -> p.Plan:
    """The plan; what executes it is imported as well."""
    from importlib import import_module

    plan = planned(model, as_of, only, engine=engine)
    for name in (engine, "running", "overview"):
        import_module(f"lifeseg.engines.{name}")
    return plan


@dataclass(frozen=True, slots=True)
class Run:
    """What a run on an engine is about."""

    place: Opened
    model: Model
    as_of: date


@dataclass(frozen=True, slots=True)
class Done:
    """What a run on an engine gave; the hash is there if it was asked for."""

    overview: Overview
    result_hash: str | None
    tables: list[ResultTable]
    totals: Totals | None = None


def run(place: Opened, model: Model, plan: p.Plan, only: Sequence[str] | None, hashed: bool) -> Done:
    """Evaluates the plan, and counts what a summary tells."""
    from lifeseg.engines.running import Run as Running

    tasks = {step.entity: Task.of(model, step, only, hashed, place.dialect) for step in outputs(plan)}
    written = {name: task.written for name, task in tasks.items()}
    plan, proofs = place.proving(plan)
    running = Running(plan, place.database, place.operations, written, proofs)
    evaluated = running.execute({})
    near = near_count(model, running) if only is None else 0
    overview = overview_of(Run(place, model, plan.as_of), evaluated, tasks, near)
    tables = [left(model, name, evaluated, task) for name, task in tasks.items()]
    if not hashed:
        return Done(overview, None, tables)
    sums = sums_of(evaluated, tasks)
    digest = hash_of(tasks, evaluated.counts, sums)
    if place.dialect != "duckdb" or only is not None:
        return Done(overview, digest, tables)
    return Done(overview, digest, tables, Totals(sums, overview.cases, near, wrong_in(running, evaluated)))


def with_flags(model: Model, only: Sequence[str] | None) -> list[str] | None:
    """The definitions asked for, and the flags of the blocks among them, which the hash is made of."""
    if only is None:
        return None
    blocks = [found for found in model.definitions if found.type.kind == "flags" and found.name in only]
    return [*only, *(flag for block in blocks for flag in block.type.options)]


def left(model: Model, entity: str, evaluated: Evaluated, task: Task) -> ResultTable:
    """What the engine left of an entity, and what is said of it."""
    from lifeseg.records.table_results import ResultTable

    titles = {found.name: found.titles["en"] for found in model.of(entity) if "en" in found.titles}
    titles |= {fact.name: fact.titles["en"] for fact in model.entities[entity].facts if "en" in fact.titles}
    title = model.entities[entity].titles.get("en", entity)
    return ResultTable(entity, evaluated.results.get(entity, ""), task.columns, title, titles)


def outputs(plan: p.Plan) -> list[p.Output]:
    from lifeseg.plan import tree

    return [step for step in plan.steps if isinstance(step, tree.Output)]


@dataclass(frozen=True, slots=True)
class Task:
    """What is written and counted of one entity."""

    columns: tuple[Column, ...]
    counted: tuple[
        tuple[str, int], ...
    ]  # the definitions whose cases are counted, and how many cases there are
    written: Written

    @staticmethod
    def of(
        model: Model, step: p.Output, only: Sequence[str] | None, hashed: bool, dialect: str = "duckdb"
    ) -> Task:
        from lifeseg.engines.overview import case_counts, checksums, record_number
        from lifeseg.engines.running import Written
        from lifeseg.records.result_sums import PRIME, part

        columns = kept.columns(model, model.entities[step.entity], only)
        keys = [column for column in columns if column.key]
        names = tuple(column.name for column in columns if not column.key)
        counted = [found for found in counted_definitions(model, only) if found.entity == step.entity]
        by_name = {found.name: found for found in step.results}
        aggregates = [count for found in counted for count in case_counts(by_name[found.name], dialect)]
        helpers: tuple[tuple[tuple[str, Any], ...], ...] = ()
        if hashed:
            places = {f"_k{place}": key.type for place, key in enumerate(keys, 1) if not key.row_number}
            results = [column.name for column in columns if not column.key and not column.reason]
            aggregates += checksums(step.results, results, dialect)
            known = {
                place: {option: part(option) % PRIME for option in kind.options}
                for place, kind in places.items()
                if kind.kind == "choice"
            }
            helpers = record_number(list(places), dialect, known)
        numbered = dialect != "duckdb"
        written = Written(tuple(map(key_result, keys)), names, tuple(aggregates), helpers, numbered)
        return Task(columns, tuple((found.name, len(found.type.options)) for found in counted), written)


def key_result(column: Column) -> p.Result:
    """A key as a result: whole numbers stay what they are."""
    from lifeseg.plan import tree
    from lifeseg.plan.from_expression import bounds

    kind: Type = column.type
    if kind.kind == "number" and kind.scale and not column.row_number:
        return tree.Result(column.name, "whole", kind.scale, *bounds(kind))
    return tree.Result(column.name, "truth" if kind.kind == "truth" else "text", 0, 0, 0)


# ---- What came out -----------------------------------------------------------------------------


def sums_of(evaluated: Evaluated, tasks: Mapping[str, Task]) -> dict[str, list[int]]:
    """The sums that came with the counts, by entity."""
    found = {}
    for entity, task in tasks.items():
        skipped = sum(count for _, count in task.counted)
        found[entity] = [int(total or 0) for total in evaluated.counted[entity][skipped:]]
    return found


def hash_of(tasks: Mapping[str, Task], counts: Mapping[str, int], sums: Mapping[str, Sequence[int]]) -> str:
    """The hash of the results, from their numbers and sums."""
    from lifeseg.records.result_sums import digest

    names = {
        entity: [column.name for column in task.columns if not (column.row_number or column.reason)]
        for entity, task in tasks.items()
    }
    return digest([(entity, names[entity], counts[entity], sums[entity]) for entity in tasks])


def overview_of(data: Run, evaluated: Evaluated, tasks: Mapping[str, Task], near: int) -> Overview:
    from lifeseg.interpreter.results import Baseline

    cases: dict[tuple[str, str], tuple[int, ...]] = {}
    for entity, task in tasks.items():
        place = 0
        for name, count in task.counted:
            cases[entity, name] = tuple(
                int(found) for found in evaluated.counted[entity][place : place + count]
            )
            place += count
    counts = {name: evaluated.counts[name] for name in data.model.entities}
    baseline = Baseline(dict(evaluated.statistics), counts)
    wrong = tuple(wrong_of(data, evaluated, baseline))
    return Overview(data.model, data.as_of, baseline, counts, cases, near, wrong)


def near_count(model: Model, running: Running) -> int:
    """The records of the first entity of which a score, or a score of a child, is near a threshold."""
    from sqlglot import exp

    from lifeseg.engines.overview import near
    from lifeseg.engines.writer import column

    first = first_entity(model)
    if first is None:
        return 0
    width = len(model.entities[first].keys)
    parts: list[str] = []
    for step in outputs(running.plan):
        by_name = {found.name: found for found in step.results}
        tests = [
            near(by_name[score.name], ranges)
            for score in model.of(step.entity)
            if isinstance(score, Score) and (ranges := ranges_of(model, score, running.plan.as_of))
        ]
        if tests and first in (step.entity, *ancestors_of(model, step.entity)):
            keys = [column(f"_k{place}") for place in range(1, width + 1)]
            query = running.queries().select(step.relation, keys).where(exp.or_(*tests))
            parts.append(running.text(query))
    if not parts:
        return 0
    everyone = " UNION ".join(f"SELECT DISTINCT * FROM ({part}) AS part_{n}" for n, part in enumerate(parts))
    return int(running.rows(f"SELECT count(*) FROM ({everyone}) AS found")[0][0])


def ancestors_of(model: Model, entity: str) -> list[str]:
    from lifeseg.pipeline.listing import ancestors

    return ancestors(model, entity)


def ranges_of(model: Model, score: Score, as_of: date) -> list[tuple[int, int]]:
    """The whole numbers near a threshold of a score."""
    from lifeseg.pipeline.listing import thresholds_on

    unit = Fraction(10) ** score.type.scale
    reach = Fraction(NEAR) * unit
    found = []
    for cut in thresholds_on(model, as_of, score):
        low, high = cut * unit - reach, cut * unit + reach
        found.append((-(-low.numerator // low.denominator), high.numerator // high.denominator))
    return found


# ---- What is wrong -----------------------------------------------------------------------------


def wrong_of(data: Run, evaluated: Evaluated, baseline: Any) -> Iterator[Wrong]:
    """What went wrong, in the form and order in which the interpreter tells it."""
    from lifeseg.plan import tree

    claims = {claim.title: claim for claim in data.model.claims}
    definitions = {(found.entity, found.name): found for found in data.model.definitions}
    for found in evaluated.wrong:
        keys = tuple(key for key, _ in found.examples)
        if isinstance(found.found, tree.Broken):
            title = found.found.title
            yield Wrong(found.found.kind, title, found.entity, found.count, keys, (), claims[title].span)
            continue
        name = found.found.definition
        several = bool(found.examples[0][1])
        cases = held_cases(data, found.entity, name, keys, baseline) if several else ()
        kind = "several-cases" if several else "no-case"
        span = definitions[found.entity, name].span
        yield Wrong(kind, name, found.entity, found.count, keys, cases, span)


def held_cases(
    data: Run, entity: str, name: str, keys: Sequence[tuple[str, ...]], baseline: Any
) -> tuple[str, ...]:
    """The cases that hold of these records, by the interpreter."""
    from lifeseg.interpreter.evaluate import evaluate
    from lifeseg.records.families import families_by

    top = top_of(data.model, entity)
    wanted = [key[: len(top.keys)] for key in dict.fromkeys(keys)]
    place, entities = data.place, data.model.entities
    found = families_by(place.rows, place.dialect, entities, place.records, top.name, wanted)
    results = evaluate(data.model, found, data.as_of, baseline=baseline)
    cases = [
        finding.cases
        for finding in results.findings
        if (finding.kind, finding.definition, finding.entity) == ("several-cases", name, entity)
        and results.key(entity, results.rows[entity][finding.index]) in keys
    ]
    return cases_in_order(data.model, name, entity, cases)


def top_of(model: Model, entity: str) -> Entity:
    """The topmost entity above one."""
    above = ancestors_of(model, entity)
    return model.entities[above[-1] if above else entity]
