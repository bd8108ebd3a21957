"""The pack orgcust, its example's customers, and what the interpreter says of them: what every engine is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lifeseg.engines.overview import checksums, record_number
from lifeseg.engines.running import Evaluated, Written
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.plan import tree as p
from lifeseg.plan.from_model import from_model
from lifeseg.records.from_files import load
from lifeseg.records.population import Population
from lifeseg.records.result_sums import digest
from lifeseg.records.source import Source
from lifeseg.records.table_results import ResultTable
from lifeseg.syntax.from_text import from_text

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2013, 6, 30)
SOURCES = {
    "customer": Source(ROOT / "examples/orgcust/customers.csv"),
    "usage": Source(ROOT / "examples/orgcust/usage.csv"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A policy with its population, the plan, and the interpreter's results."""

    model: Model
    population: Population
    plan: p.Plan
    results: Results


def case_of(texts: Mapping[str, str], sources: Mapping[str, Source], as_of: date) -> Case:
    trees = []
    for name, text in texts.items():
        tree, problems = from_text(text, name)
        assert not problems, problems
        trees.append(tree)
    model, problems = from_trees(trees)
    assert model is not None, problems
    loaded = load(model.entities, sources)
    assert loaded.population is not None, loaded.diagnostics
    results = evaluate(model, loaded.population, as_of)
    return Case(model, loaded.population, from_model(model, as_of), results)


@cache
def orgcust() -> Case:
    files = sorted((ROOT / "rules/orgcust").glob("*.seg"))
    return case_of({file.name: file.read_text("utf-8") for file in files}, SOURCES, AS_OF)


def hashing(case: Case, dialect: str) -> dict[str, Written]:
    """What is counted besides, for the result hash."""
    found = {}
    for step in (step for step in case.plan.steps if isinstance(step, p.Output)):
        columns = kept.table(case.results, case.model.entities[step.entity], None).columns
        names = tuple(column.name for column in columns if not column.key)
        own = tuple(column for column in columns if column.key)
        numbered = [f"_k{place}" for place, column in enumerate(own, 1) if not column.row_number]
        counted = tuple(checksums(step.results, names, dialect))
        helpers = record_number(numbered, dialect)
        typed = tuple(p.Result(column.name, "text", 0, 0, 0) for column in own)
        found[step.entity] = Written(typed, names, counted, helpers)
    return found


def hash_of(case: Case, evaluated: Evaluated) -> str:
    """The result hash from an engine's sums."""
    parts = []
    for entity in case.model.entities.values():
        columns = kept.table(case.results, entity, None).columns
        names = [column.name for column in columns if not column.row_number]
        sums = [int(total or 0) for total in evaluated.counted[entity.name]]
        parts.append((entity.name, names, evaluated.counts[entity.name], sums))
    return digest(parts)


def expected_hash(case: Case) -> str:
    return kept.result_hash(kept.tables(case.results))


def keys(case: Case, entity: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, key)) for key in case.results.keys(entity)]


def shown(value: Any, scale: int) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-scale)


def result_tables(case: Case, evaluated: Evaluated) -> list[ResultTable]:
    """What the pipeline asks to be written."""
    tables = []
    for name, entity in case.model.entities.items():
        columns = kept.table(case.results, entity, None).columns
        titles = {found.name: found.titles["en"] for found in case.model.of(name) if "en" in found.titles}
        tables.append(
            ResultTable(name, evaluated.results[name], columns, entity.titles.get("en", name), titles)
        )
    return tables


def differences(case: Case, entity: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Where an engine's rows of an entity are not the interpreter's: key, column, expected, found."""
    width = next(len(source.keys) for source in case.plan.sources if source.entity == entity)
    found = {tuple(map(str, row[:width])): dict(zip(names, row, strict=True)) for row in rows}
    problems = [f"{entity}: {len(rows)} rows"] if len(rows) != len(case.results.rows[entity]) else []
    for place, key in enumerate(keys(case, entity)):
        for definition in case.model.of(entity):
            expected: Any = case.results.value(entity, place, definition.name)
            if definition.name not in found[key]:
                continue
            got = found[key][definition.name]
            if definition.type.kind == "number":
                expected = shown(expected, definition.type.scale)
            if isinstance(expected, tuple):
                got = tuple(got)
            if expected != got or (expected is None) != (got is None):
                problems.append(f"{'/'.join(key)}.{definition.name}: {expected!r}, not {got!r}")
    return problems
