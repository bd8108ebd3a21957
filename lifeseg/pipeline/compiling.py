"""A checked policy, a day and a baseline come in; a function from one record to its results goes out, for services that
decide often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Fact, Model
from lifeseg.model.types import MONTH
from lifeseg.pipeline.errors import DataError, refusal
from lifeseg.pipeline.overview import findings, wrong_of
from lifeseg.pipeline.stages import evaluate_one
from lifeseg.records.findings import Refused
from lifeseg.records.from_cell import reader
from lifeseg.records.from_mapping import from_mapping
from lifeseg.records.number import bounds
from lifeseg.records.to_cell import to_cell

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lifeseg.engines.compiled import Compiled as Functions
    from lifeseg.engines.python_reading import Grid, Reading
    from lifeseg.interpreter.results import Baseline
    from lifeseg.plan.tree import Plan

Record = "Mapping[str, object] | BaseModel"

FEW = 2_000
"""A number that can have fewer values is remembered with what is made of it."""

MOST_EXACT = 10**15
"""Below it two different decimals are two different binary fractions."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Decides about one record, or many. Threads may share it: it keeps no record, only what single values mean.

    Called with a record, as `Policy.evaluate` takes it, it gives the same results, or raises the same DataError.
    """

    model: Model
    as_of: date
    entity: str
    only: tuple[str, ...] | None
    baseline: Baseline
    functions: Functions = field(repr=False)
    quickly: Callable[[Any], dict[str, Any] | None] = field(repr=False)
    plan: Plan = field(repr=False)
    known: dict[str, Callable[[Any], Any]] = field(
        default_factory=dict, repr=False
    )  # made when first asked for

    def __call__(self, record: Mapping[str, object] | BaseModel) -> dict[str, Any]:
        try:
            found: dict[str, Any] | None = self.quickly(record)
        except KeyError:
            return self.patiently(record)
        return found if found is not None else self.carefully(record)

    def batch(self, records: Iterable[Mapping[str, object] | BaseModel]) -> list[dict[str, Any]]:
        """The results of many records, in their order."""
        return [*map(self, records)]

    def columns(self, tables: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, dict[str, list[Any]]]:
        """The results of whole tables, of all rows at once.

        `tables` has a table for each entity: its columns by name as in files, the keys of its ancestors among them. The
        results are what `Policy.run` would give of such files with the baseline, as columns, the keys first.

        Raises DataError with all findings about the tables, ConfigurationError if numpy is not installed.
        """
        from lifeseg.pipeline import by_columns

        if "columns" not in self.known:
            self.known["columns"] = by_columns.quickly(self)
        try:
            found: dict[str, dict[str, list[Any]]] = self.known["columns"](tables)
        except KeyError:
            return by_columns.carefully(self, tables)
        return found

    def patiently(self, record: Mapping[str, object] | BaseModel) -> dict[str, Any]:
        """As quickly, and values that are new are remembered."""
        try:
            found: dict[str, Any] | None = self.functions.patiently(record)
        except KeyError:
            found = None
        return found if found is not None else self.carefully(record)

    def carefully(self, record: Mapping[str, object] | BaseModel) -> dict[str, Any]:
        """By the reference: for what is unusual, and to say what is wrong."""
        from lifeseg.pipeline.policy import Results

        facts = record if isinstance(record, Mapping) else record.model_dump()
        loaded = from_mapping(self.model.entities, facts, self.entity)
        if loaded.population is None:
            raise DataError(loaded.diagnostics)
        results = evaluate_one(
            self.model, self.entity, loaded.population, self.as_of, self.baseline, self.only
        )
        if results.findings:
            raise DataError(findings(results.model, wrong_of(results)), self.model.sources)
        found = Results(results, loaded.population.fingerprint).record(self.entity, 0)
        return chosen(self.model, self.entity, found, self.only)


def chosen(model: Model, entity: str, found: dict[str, Any], only: Sequence[str] | None) -> dict[str, Any]:
    """Only the keys and what was asked for."""
    if only is None:
        return found
    keys = {fact.name for fact in model.entities[entity].keys}
    kept: dict[str, Any] = {}
    for name, value in found.items():
        if name in model.entities:
            kept[name] = [chosen(model, name, one, only) for one in value]
        elif name in keys or name.removesuffix("_band") in only or name in only:
            kept[name] = value
    return kept


def compiled(
    model: Model, as_of: date, baseline: Baseline, entity: str, only: Sequence[str] | None
) -> Compiled:
    from lifeseg.engines.compiled import compiled as build
    from lifeseg.plan.from_expression import Gap
    from lifeseg.plan.from_model import from_model

    readings = {found.name: reading_of(model, found) for found in model.entities.values()}
    try:
        plan = from_model(model, as_of, only, [found.key for found in model.statistics])
        functions = build(plan, entity, baseline.statistics, readings, shown=True)
    except Gap as gap:
        raise refusal("engine-gap", construct=str(gap), engine="compiled") from gap
    return Compiled(
        model,
        as_of,
        entity,
        tuple(only) if only is not None else None,
        baseline,
        functions,
        functions.quickly,
        plan,
    )


def reading_of(model: Model, entity: Entity) -> Reading:
    from lifeseg.engines.python_reading import FactReading, Reading

    facts = tuple(
        FactReading(
            name=fact.name,
            kind=fact.type.kind,
            options=fact.type.options,
            read=READERS.get(fact.type.kind, cell_read)(fact),
            optional=fact.type.optional and not fact.key,
            few=has_few(fact),
            often_new=fact.type.kind == "date",
            grid=grid_of(fact),
            scale=fact.type.scale if fact.type.kind == "number" else None,
        )
        for fact in entity.facts
    )
    children = tuple(child.name for child in model.entities.values() if child.parent == entity.name)
    return Reading(facts, tuple(fact.name for fact in entity.keys), children)


def has_few(fact: Fact) -> bool:
    """Texts are other ones each time, and personal."""
    if fact.type.kind == "number":
        low, high = bounds(fact)
        return (high - low) // fact.step < FEW
    return fact.type.kind != "text"


def grid_of(fact: Fact) -> Grid | None:
    from lifeseg.engines.python_reading import Grid

    if fact.type.kind != "number" or (fact.kind == "years" and fact.type.unit == MONTH):
        return None
    low, high = bounds(fact)
    return Grid(low, high, 10**fact.type.scale, fact.step) if -MOST_EXACT < low <= high < MOST_EXACT else None


def cell_read(fact: Fact) -> Callable[[Any], Any]:
    """Reads a value as the same text in a file would be read."""
    from lifeseg.engines.python_reading import UnusualError

    read = reader(fact)
    optional = fact.type.optional and not fact.key

    def cell(value: Any) -> Any:
        text = to_cell(value)
        if text is None:
            raise UnusualError
        if not text or text.isspace():
            if optional:
                return None
            raise UnusualError
        found = read(text)
        if type(found) is Refused:
            raise UnusualError
        return found

    return cell


def text_read(fact: Fact) -> Callable[[Any], Any]:
    """Reads plain texts as they are, all others as cells."""
    carefully, key = cell_read(fact), fact.key

    def text(value: Any) -> Any:
        if (
            type(value) is str
            and value
            and value[0] != "#"
            and (value == value.strip() if key else not value.isspace())
        ):
            return value
        return carefully(value)

    return text


def number_read(fact: Fact) -> Callable[[Any], Any]:
    """Reads whole numbers by reckoning, all others as cells."""
    carefully, grid, optional = cell_read(fact), grid_of(fact), fact.type.optional and not fact.key
    if grid is None:
        return carefully

    def number(value: Any) -> Any:
        if (
            type(value) is int
            and grid.low <= (found := value * grid.unit) <= grid.high
            and not found % grid.step
        ):
            return found
        elif value is None and optional:
            return None
        return carefully(value)

    return number


def day_read(fact: Fact) -> Callable[[Any], Any]:
    """Reads days in the usual form at once, all others as cells."""
    carefully = cell_read(fact)
    low, high = (int(fact.type.low), int(fact.type.high)) if fact.bounded else (1, date.max.toordinal())

    def day(value: Any) -> Any:
        if type(value) is str and len(value) == 10 and value[4] == value[7] == "-":
            try:
                found = date.fromisoformat(value)
            except ValueError:
                return carefully(value)
            if low <= found.toordinal() <= high:
                return found
        return carefully(value)

    return day


READERS = {"date": day_read, "number": number_read, "text": text_read}
