"""The pack orgcust, its example's customers, and what the interpreter says of them: what every engine is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lifeseg.engines.running import Evaluated
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.plan import tree as p
from lifeseg.plan.from_model import from_model
from lifeseg.records.from_files import load
from lifeseg.records.population import Population
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


def keys(case: Case, entity: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, key)) for key in case.results.keys(entity)]


def shown(value: Any, scale: int) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-scale)


def result_tables(case: Case, evaluated: Evaluated) -> list[ResultTable]:
    """What the pipeline asks to be written."""
    return [
        ResultTable(name, evaluated.results[name], kept.table(case.results, entity, None).columns, entity.titles.get("en", name),
                    {found.name: found.titles["en"] for found in case.model.of(name) if "en" in found.titles})
        for name, entity in case.model.entities.items()
    ]  # fmt: skip


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
