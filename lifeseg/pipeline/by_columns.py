"""A compiled policy and tables as columns come in; their results as columns go out.

The engine does it where all is well. Where something wants a closer look, the reference does, and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lifeseg.model.model import Model, Score
from lifeseg.pipeline.errors import DataError, refusal
from lifeseg.pipeline.overview import findings, wrong_of
from lifeseg.pipeline.stages import evaluate
from lifeseg.records.from_columns import from_columns
from lifeseg.records.heading import ancestor_columns, lineage

if TYPE_CHECKING:
    from lifeseg.engines.columns import KeyColumn
    from lifeseg.interpreter.results import Results as Evaluated
    from lifeseg.pipeline.compiling import Compiled

Columns = Mapping[str, Sequence[Any]]
Tables = Mapping[str, Columns]
Found = dict[str, dict[str, list[Any]]]


def quickly(compiled: Compiled) -> Callable[[Tables], Found]:
    """The engine's function; UnusualError where it does not know."""
    if find_spec("numpy") is None:
        raise refusal("engine-missing.columns")
    from lifeseg.engines.column_formulas import NotByColumnsError
    from lifeseg.engines.columns import ByColumns
    from lifeseg.engines.python_reading import UnusualError
    from lifeseg.pipeline.compiling import reading_of

    model = compiled.model
    readings = {found.name: reading_of(model, found) for found in model.entities.values()}
    above = {name: key_columns(model, name) for name in model.entities}
    try:
        return ByColumns(compiled.plan, compiled.baseline.statistics, readings, above)
    except NotByColumnsError:

        def never(_: Tables) -> Found:
            raise UnusualError

        return never


def key_columns(model: Model, name: str) -> tuple[KeyColumn, ...]:
    from lifeseg.engines.columns import KeyColumn

    entity = model.entities[name]
    owners = [(above.name, fact.name) for above in lineage(model.entities, entity) for fact in above.keys]
    columns = [column for column, _ in ancestor_columns(model.entities, entity)]
    return tuple(KeyColumn(column, *owner) for column, owner in zip(columns, owners, strict=True))


def carefully(compiled: Compiled, tables: Tables) -> Found:
    """By the reference: for what is unusual, and to say what is wrong."""
    loaded = from_columns(compiled.model.entities, tables)
    if loaded.population is None:
        raise DataError(loaded.diagnostics)
    results = evaluate(compiled.model, loaded.population, compiled.as_of, compiled.baseline, compiled.only)
    if results.findings:
        raise DataError(findings(results.model, wrong_of(results)), compiled.model.sources)
    return {name: shown(compiled, results, name) for name in compiled.model.entities}


def shown(compiled: Compiled, results: Evaluated, entity: str) -> dict[str, list[Any]]:
    """The keys, the ancestors' first, then the results."""
    from lifeseg.pipeline.policy import Results, plain

    model, found = compiled.model, dict[str, list[Any]]()
    line = [one.name for one in lineage(model.entities, model.entities[entity])]
    for column in key_columns(model, entity):
        slot = results.slots[column.entity][column.fact]
        fact = next(one for one in model.entities[column.entity].facts if one.name == column.fact)
        rows = results.rows[entity]
        for _ in line[line.index(column.entity) :]:
            rows = [row[0] for row in rows]
        found[column.name] = [plain(row[slot], fact.type) for row in rows]
    everything = Results(results, "")
    names = [fact.name for fact in model.entities[entity].keys]
    for definition in model.of(entity):
        if compiled.only is None or definition.name in compiled.only:
            banded = isinstance(definition, Score) and definition.bands
            names += [definition.name, *([f"{definition.name}_band"] if banded else [])]
    return found | {name: everything.column(entity, name) for name in names}
