"""The public Python API: a policy's path comes in; a checked policy goes out that evaluates records and
populations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.model.expression import Value
from lifeseg.model.model import Model, Score
from lifeseg.model.types import Type
from lifeseg.pipeline.errors import ConfigurationError, DataError, refusal
from lifeseg.pipeline.setting import sources_in
from lifeseg.pipeline.stages import OnBadRow, check, evaluate, evaluate_one
from lifeseg.pipeline.stages import load as load_population
from lifeseg.records.source import Source
from lifeseg.workspace import policy_files

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.results import Baseline
    from lifeseg.interpreter.results import Results as Evaluated
    from lifeseg.interpreter.trace import Trace
    from lifeseg.pipeline.compiling import Compiled

Plain = Decimal | str | bool | date | list[str] | None
"""A value in Python: numbers as Decimal, choices as str, a flags block as the list of the flags that hold."""

Day = date | str
Record = "Mapping[str, object] | BaseModel"


def load(policy: str | PathLike[str], *, policies: Sequence[str | PathLike[str]] = ()) -> Policy:
    """Read and check a policy.

    `policy` is a `.seg` file or a folder whose `*.seg` files together are one text. Policies that it uses
    are looked for beside it, then in the folders `policies`, then among the bundled packs. Warnings stay
    in `Policy.findings`.

    Raises PolicyError, which carries every error, if the policy has errors; ConfigurationError if it is
    not there.
    """
    if (missing := policy_files(Path(policy))[1]) is not None:
        raise ConfigurationError([missing])
    checked = check(Path(policy), tuple(map(Path, policies)))
    return Policy(checked.good(), checked.findings)


def compile(
    policy: str | PathLike[str] | Policy,
    *,
    as_of: Day,
    baseline: Mapping[str, Any] | None = None,
    entity: str | None = None,
    only: Sequence[str] | None = None,
) -> Compiled:
    """A function from one record to its results; see `Policy.compile`. `policy` is a path or a loaded policy."""
    loaded = policy if isinstance(policy, Policy) else load(policy)
    return loaded.compile(as_of, baseline=baseline, entity=entity, only=only)


@dataclass(frozen=True, slots=True)
class Policy:
    """A checked policy. `model` is everything it defines, `findings` are its warnings and notes."""

    model: Model
    findings: tuple[Diagnostic, ...]

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def version(self) -> str:
        return self.model.version

    @property
    def content_hash(self) -> str:
        """SHA-256 of the policy's texts, hexadecimal; what a run records as the policy it ran."""
        return self.model.content_hash

    def run(
        self,
        data: str | PathLike[str] | Mapping[str, str | PathLike[str] | Source],
        as_of: Day,
        *,
        baseline: Mapping[str, Any] | None = None,
        only: Sequence[str] | None = None,
        on_bad_row: OnBadRow = "fail",
    ) -> Results:
        """Evaluate a population.

        `data` is a folder with `ENTITY.parquet` or `ENTITY.csv` for each entity, or a path (or Source, with
        encoding and sheet) for each by name. `as_of` is the day that counts as today. Population statistics
        are computed from the data, or taken from `baseline`, as `Results.baseline` gives it. `only` names
        the definitions wanted. Rows that break the declared schema are an error, or with "set-aside" left
        out; `Results.remarks` count them.

        Raises DataError with the findings about the data; ConfigurationError where files or names are
        missing.
        """
        sources = self._sources(data)
        population, loaded = load_population(self.model, sources, on_bad_row)
        results = evaluate(self.model, population, as_day(as_of), as_baseline(baseline), only)
        return Results(results, population.fingerprint, loaded.diagnostics)

    def evaluate(
        self,
        record: Mapping[str, object] | BaseModel,
        as_of: Day,
        *,
        baseline: Mapping[str, Any] | None = None,
        entity: str | None = None,
        keep_going: bool = False,
    ) -> dict[str, Any]:
        """Evaluate one record and give its results by name, as `Results.record` does.

        `record` holds the facts of `entity` (of the first entity without a parent, unless said) by name and
        its children as lists under their entity's name; a model made by `record_model` will do. Numbers may
        be int, Decimal, float or text, in the unit the policy declares. What the policy takes from the
        population (means, rank cuts) comes from `baseline`, as `Results.baseline` gives it.

        Raises DataError if the record is not as the policy declares or, unless told to `keep_going`, if it
        has no case or several somewhere or breaks a `never` or `assume`; ConfigurationError if a baseline
        is needed and not given.
        """
        results, name = self._evaluated(record, as_of, baseline, entity)
        if results.findings and not keep_going:
            raise DataError(results.findings, self.model.sources)
        return results.record(name, 0)

    def compile(
        self,
        as_of: Day,
        *,
        baseline: Mapping[str, Any] | None = None,
        entity: str | None = None,
        only: Sequence[str] | None = None,
    ) -> Compiled:
        """A function from one record to its results, for services: what `evaluate` gives, many times as fast.

        Threads may share it; `.batch(records)` takes many. With `only` it gives the keys and the definitions
        named. Raises ConfigurationError if a baseline is needed and not given, or if the policy has a
        construct that cannot be compiled.
        """
        from lifeseg.interpreter.results import Baseline
        from lifeseg.pipeline.compiling import compiled
        from lifeseg.pipeline.running import known_names

        if baseline is None and self.model.statistics:
            raise refusal("baseline-needed", policy=self.name)
        used = as_baseline(baseline) or Baseline({}, {})
        return compiled(self.model, as_day(as_of), used, self._entity(entity), known_names(self.model, only))

    def trace(
        self,
        record: Mapping[str, object] | BaseModel,
        as_of: Day,
        *,
        baseline: Mapping[str, Any] | None = None,
        entity: str | None = None,
    ) -> Trace:
        """Evaluate one record and give the trace of every definition behind its results; see `evaluate`."""
        results, name = self._evaluated(record, as_of, baseline, entity)
        return results.trace(name, 0)

    def record_model(self, entity: str | None = None) -> type[BaseModel]:
        """A pydantic model of an entity's records, its children as lists of models.

        Its fields are the facts with their types, ranges, steps, choices and titles; its JSON Schema says
        the same.
        """
        from lifeseg.pipeline.record_model import record_model

        return record_model(self.model, self._entity(entity))

    def _entity(self, entity: str | None) -> str:
        if entity is None:
            return next(name for name, found in self.model.entities.items() if found.parent is None)
        if entity not in self.model.entities:
            raise refusal("no-such-name.entity", name=entity, known=", ".join(self.model.entities))
        return entity

    def _evaluated(
        self,
        record: Mapping[str, object] | BaseModel,
        as_of: Day,
        baseline: Mapping[str, Any] | None,
        entity: str | None,
    ) -> tuple[Results, str]:
        from lifeseg.records.from_mapping import from_mapping

        if baseline is None and self.model.statistics:
            raise refusal("baseline-needed", policy=self.name)
        name = self._entity(entity)
        facts = record if isinstance(record, Mapping) else record.model_dump()
        loaded = from_mapping(self.model.entities, facts, name)
        if loaded.population is None:
            raise DataError(loaded.diagnostics)
        population = loaded.population
        results = evaluate_one(self.model, name, population, as_day(as_of), as_baseline(baseline), None)
        return Results(results, population.fingerprint, loaded.diagnostics), name

    def _sources(
        self, data: str | PathLike[str] | Mapping[str, str | PathLike[str] | Source]
    ) -> dict[str, Source]:
        if not isinstance(data, Mapping):
            return sources_in(Path(data), self.model.entities, demanded=True)
        return {name: one if isinstance(one, Source) else Source(Path(one)) for name, one in data.items()}


@dataclass(frozen=True, slots=True)
class Results:
    """What an evaluation gave.

    `evaluated` holds exact whole numbers, `fingerprint` is the SHA-256 of the data, `remarks` are
    warnings about it.
    """

    evaluated: Evaluated
    fingerprint: str
    remarks: tuple[Diagnostic, ...] = ()

    @property
    def as_of(self) -> date:
        return self.evaluated.as_of

    @property
    def baseline(self) -> dict[str, Any]:
        """The population statistics that were used, as JSON data; give it to `evaluate` to judge a single
        record.
        """
        from lifeseg.interpreter.baseline import to_json

        return to_json(self.evaluated.baseline)

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Records without a case or with several, and broken `never` and `assume`; a finding for each
        kind.
        """
        from lifeseg.pipeline.overview import findings, wrong_of

        return tuple(findings(self.evaluated.model, wrong_of(self.evaluated)))

    def keys(self, entity: str) -> list[tuple[str, ...]]:
        """The key of each record as texts, its ancestors' keys first, in the order of the data."""
        return self.evaluated.keys(entity)

    def index(self, entity: str, *key: str) -> int:
        """The place of the record with that key; DataError if there is none."""
        found = self.evaluated.index(entity, key)
        if found is None:
            raise refusal("no-such-name.record", entity=entity, key="/".join(key))
        return found

    def column(self, entity: str, name: str) -> list[Plain]:
        """A fact, definition or band (`NAME_band`) of all records, in the order of the data; missing is
        None.
        """
        kind = type_of(self.evaluated.model, entity, name)
        return [plain(value, kind) for value in self.evaluated.column(entity, name)]

    def record(self, entity: str, index: int) -> dict[str, Any]:
        """The results of one record by name (bands as `NAME_band`), its children as lists under their
        entity's name.

        Numbers are exact Decimals, dates are dates, a case is its name, a flags block the list of those
        that hold, missing is None.
        """
        return self._record(entity, self.evaluated.rows[entity][index])

    def _record(self, entity: str, row: list[Any]) -> dict[str, Any]:
        model = self.evaluated.model
        found: dict[str, Any] = {
            fact.name: self._cell(entity, row, fact.name) for fact in model.entities[entity].keys
        }
        for definition in model.of(entity):
            found[definition.name] = self._cell(entity, row, definition.name)
            if isinstance(definition, Score) and definition.bands:
                found[f"{definition.name}_band"] = self._cell(entity, row, f"{definition.name}_band")
        for child, below in row[1].items():
            found[child] = [self._record(child, other) for other in below]
        return found

    def trace(self, entity: str, index: int) -> Trace:
        """Why a record has its results: inputs, values, contributions, distances, the clauses that failed."""
        from lifeseg.interpreter.tracer import trace

        return trace(self.evaluated, entity, index)

    def explain(self, entity: str, index: int, *, language: str = "en", detail: int = 2) -> Explanation:
        """The trace as a sentence and the evidence behind it, in `language`, from 0 (the sentence) to 4
        (every fact).
        """
        from lifeseg.explain.from_trace import explain

        return explain(self.trace(entity, index), language=language, detail=detail)

    def write(self, folder: str | PathLike[str], file_format: Literal["parquet", "csv"] = "parquet") -> None:
        """Write a file for each entity and `run.json` into a folder, as `lifeseg run --out` does.

        Keys come first, then a column for each definition; numbers are decimals, flags lists. Files of a
        run before are replaced, others left alone. Raises ConfigurationError if the folder cannot be
        written.
        """
        from lifeseg.pipeline import kept
        from lifeseg.pipeline.overview import of_results

        tables = kept.tables(self.evaluated)
        hashed = kept.result_hash(tables)
        described = kept.description(
            of_results(self.evaluated, None), "interpreter", hashed, self.fingerprint, {}
        )
        kept.write(Path(folder), tables, described, file_format)

    def _cell(self, entity: str, row: list[Any], name: str) -> Plain:
        return plain(row[self.evaluated.slots[entity][name]], type_of(self.evaluated.model, entity, name))


def type_of(model: Model, entity: str, name: str) -> Type:
    for one in (*model.entities[entity].facts, *model.of(entity)):
        if one.name == name:
            return one.type
        if isinstance(one, Score) and name == f"{one.name}_band":
            return Type("choice", optional=True)
    raise refusal("no-such-name.column", entity=entity, name=name)


def plain(value: Value, kind: Type) -> Plain:
    """A value as Python has it."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return Decimal(value).scaleb(-kind.scale)
    assert not isinstance(value, int)
    return value


def as_day(day: Day) -> date:
    if isinstance(day, date):
        return day
    from lifeseg.pipeline.setting import as_day as read_day

    return read_day(day)


def as_baseline(baseline: Mapping[str, Any] | None) -> Baseline | None:
    from lifeseg.interpreter.baseline import from_json

    return from_json(baseline) if baseline is not None else None
