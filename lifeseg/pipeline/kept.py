"""Results come in; the tables and the description that are written for others, and the entry in the store,
go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.model.model import AnyDefinition, Entity, Fact, Flag, Index, Model, Score
from lifeseg.model.types import TEXT, Type
from lifeseg.pipeline.errors import refusal
from lifeseg.records.result_sums import Cell
from lifeseg.records.to_results import Column, Table, result_hash
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results
    from lifeseg.pipeline.overview import Overview
    from lifeseg.pipeline.stages import Checked
    from lifeseg.records.table_results import ResultTable
    from lifeseg.tracking.store import Run

__all__ = ("columns", "description", "entry", "result_hash", "tables", "write")

DESCRIPTION_VERSION = 1


def tables(results: Results, only: Sequence[str] | None = None) -> list[Table]:
    """The results of each entity as they are written: keys, then definitions in the order of the text."""
    return [table(results, entity, only) for entity in results.model.entities.values()]


def table(results: Results, entity: Entity, only: Sequence[str] | None) -> Table:
    every = columns(results.model, entity, only)
    texts = [texts_of(results, entity.name, column) for column in every if not column.key]
    rows = [(*key, *cells) for key, *cells in zip(results.keys(entity.name), *texts, strict=True)]
    return Table(entity.name, every, rows)


def columns(model: Model, entity: Entity, only: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns that are written of an entity."""
    found = list(key_columns(model, entity))
    for definition in in_order_of_text(model, entity.name):
        if only is None or definition.name in only:
            found += columns_of(definition)
    return tuple(found)


def explained(model: Model) -> bool:
    """Whether results tell why beside what."""
    return any(definition.made == "reason" for definition in model.definitions)


def columns_of(definition: AnyDefinition) -> Iterator[Column]:
    """A column for a definition and one for its band; a flag stands in the list of its block, and of what offers are
    made of only what became of them is a result.
    """
    if isinstance(definition, Flag) and definition.block is not None:
        return
    if definition.made in ("step", "aside") or (definition.made == "part" and isinstance(definition, Index)):
        return
    yield Column(definition.name, definition.type, reason=definition.made == "reason")
    if isinstance(definition, Score) and definition.bands:
        yield Column(
            f"{definition.name}_band", Type("choice", True, options=tuple(b.name for b in definition.bands))
        )


def texts_of(results: Results, entity: str, column: Column) -> Sequence[Cell]:
    """The values of a column as they are written; equal numbers are turned to text once."""
    from lifeseg.interpreter.values import short_text

    values = results.column(entity, column.name)
    match column.type.kind:
        case "choice" | "text":
            return [value if isinstance(value, str) else None for value in values]
        case "flags":
            return [value if isinstance(value, tuple) else None for value in values]
        case _:
            texts = {value: short_text(value, column.type) for value in set(values)}
            return [texts[value] for value in values]


def in_order_of_text(model: Model, entity: str) -> list[AnyDefinition]:
    """An entity's definitions as the reader finds them: file by file, line by line."""
    return sorted(model.of(entity), key=lambda definition: definition.span[:3])


def key_columns(model: Model, entity: Entity) -> tuple[Column, ...]:
    """The keys of an entity's ancestors, then its own; a child without a key has its row number within its
    parent.
    """
    above = key_columns(model, model.entities[entity.parent]) if entity.parent else ()
    if not entity.keys:
        taken = {column.name for column in above} | {fact.name for fact in entity.facts}
        taken |= {definition.name for definition in model.of(entity.name)}
        name = next(
            name for name in ("row", "row_number", f"{entity.name}_row", "lifeseg_row") if name not in taken
        )
        return (*above, Column(name, TEXT, key=True, row_number=True))
    return (*above, *(key_column(fact) for fact in entity.keys))


def key_column(fact: Fact) -> Column:
    return Column(fact.name, fact.type, key=True)


# ---- Descriptions ------------------------------------------------------------------------------


def description(
    overview: Overview,
    engine: str,
    hashed: str,
    fingerprint: str,
    timings: Mapping[str, float],
    stale: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """What `run.json` says of a run; files are added by the writer, stale flags are known in a workspace only."""
    from lifeseg import __version__
    from lifeseg.interpreter.baseline import to_json
    from lifeseg.pipeline.kpis import documented, kpis

    model = overview.model
    return {
        "version": DESCRIPTION_VERSION,
        "lifeseg": __version__,
        "policy": {"name": model.name, "version": model.version, "content_hash": model.content_hash},
        "as_of": overview.as_of.isoformat(),
        "engine": engine,
        "data_fingerprint": fingerprint,
        "rows": overview.rows,
        "result_hash": hashed,
        **({"reasons": True} if explained(model) else {}),
        "kpis": documented(kpis(overview)),
        "stale": list(stale),
        "baseline": to_json(overview.baseline),
        "timings": dict(timings),
    }


def write(folder: Path, written: Iterable[Table], described: Mapping[str, Any], file_format: str) -> None:
    """The files of a run; what the system refuses is said as a finding."""
    from lifeseg.records.to_results import write as write_files

    with refusing(folder):
        write_files(folder, written, described, "csv" if file_format == "csv" else "parquet")


def write_streamed(
    folder: Path,
    found: Iterable[tuple[ResultTable, Iterable[Sequence[Cell]]]],
    described: Mapping[str, Any],
    file_format: str,
) -> None:
    """The same of what an engine left, little by little."""
    write(folder, (Table(left.entity, left.columns, rows) for left, rows in found), described, file_format)


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """What the system refuses is said as a finding."""
    try:
        yield
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(folder), reason=reason(error)) from error


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A folder for the new files of a run; what the system refuses is said as a finding."""
    from lifeseg.records.to_results import staging

    with ExitStack() as stack:
        with refusing(folder):
            work = stack.enter_context(staging(folder))
        yield work


def put_in_place(work: Path, folder: Path, files: Sequence[str], described: Mapping[str, Any]) -> None:
    """The new files take the place of those of the run before."""
    from lifeseg.records.to_results import finish

    with refusing(folder):
        finish(work, folder, files, described)


def entry(
    checked: Checked, described: Mapping[str, Any], as_of: date, started: datetime, finished: datetime
) -> Run:
    """What the result store keeps of a run."""
    from lifeseg.interpreter.values import short_text
    from lifeseg.tracking.store import Run, Text

    policy = described["policy"]
    return Run(
        policy=policy["name"],
        policy_version=policy["version"],
        content_hash=policy["content_hash"],
        as_of=as_of,
        engine=described["engine"],
        data_fingerprint=described["data_fingerprint"],
        baseline=described["baseline"],
        counts=described["rows"],
        timings=described["timings"],
        result_hash=described["result_hash"],
        started=started,
        finished=finished,
        made_by=f"lifeseg {described['lifeseg']}",
        parameters={
            name: short_text(one.at(as_of), one.type) or "" for name, one in checked.good().parameters.items()
        },
        texts=tuple(Text(name, name in checked.own_files, text) for name, text in checked.sources.items()),
        kpis=described["kpis"],
    )
