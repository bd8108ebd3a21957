"""A setting and a model come in; the model of a run that knows the runs before goes out, with what everybody was, and what of
the run's own results the store is to remember.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, Entity, Lifecycle, Model, Rank, Score, Segment, Table
from lifeseg.model.with_past import before, passing_key, recalled, renamed, since, with_past
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.store import shown, usable
from lifeseg.records.source import Limits
from lifeseg.tracking.place import Place
from lifeseg.workspace import Workspace

if TYPE_CHECKING:
    from lifeseg.records.population import Population
    from lifeseg.tracking.in_force import InForce, Override
    from lifeseg.tracking.memberships import Found, Was, Worth
    from lifeseg.tracking.store import Remembered


@dataclass(frozen=True, slots=True)
class Past:
    """The model to be evaluated; files of what the records of an entity were, with the columns the model asks for; and a
    folder, which the run may use.
    """

    model: Model
    folder: Path
    files: Mapping[str, Path] = field(default_factory=dict)
    follows: int | None = None
    keeps: bool = False
    anew: bool = False
    remarks: tuple[Diagnostic, ...] = ()
    hand: tuple[Override, ...] = ()  # what is set, whatever the rules say
    last_hand: int = 0  # the last override that is known
    was: Mapping[str, Was] = field(default_factory=dict)  # what the store says of all that it remembers

    def known(self, population: Population, entities: Mapping[str, Entity]) -> Population:
        """The records, loaded by these entities, with what they were."""
        if not self.files:
            return population
        from lifeseg.records.memory import with_memory

        return with_memory(population, entities, self.files)

    def remembered(self, results: Mapping[str, Found]) -> Remembered | None:
        """What the store is told of this run."""
        from lifeseg.tracking.store import Remembered

        known = {
            entity: replace(found, was=self.was[entity])
            for entity, found in results.items()
            if entity in self.was
        }
        if not self.keeps:
            return None
        return Remembered({**results, **known}, self.follows, self.anew, self.last_hand)


@contextmanager
def room(workspace: Workspace | None, needed: bool) -> Iterator[Path]:
    """A folder for what was, and for results that only the store wants; that of a killed run goes with the next."""
    if not needed:
        yield Path()
        return
    from lifeseg.pipeline.on_duckdb import spilling

    with spilling(workspace.limits if workspace is not None else Limits()) as folder:
        yield folder


def past_of(
    store: Place | None,
    model: Model,
    day: date,
    folder: Path,
    families: Sequence[str] | None = None,
    *,
    by: int | None = None,
    anew: bool = False,
) -> Past:
    """What a result store knows of the days before a day, written into a folder; perhaps only of some families, by the first
    parts of their keys, or what was known `by` a run that has been made. `anew` if a run of that day takes the place of what
    is known of later ones.
    """
    if store is None:
        return Past(model, folder)
    past, hand = past_by_runs(store, model, day, folder, families, by, anew)
    return set_by_hand(replace(past, last_hand=hand.last), hand.overrides, model, day)


def set_by_hand(past: Past, found: Sequence[Override], model: Model, day: date) -> Past:
    """What somebody has set for the day is a fact, too."""
    from lifeseg.model.by_hand import with_hand
    from lifeseg.pipeline.overrides import files_with, usable_in

    hand = usable_in(model, found)
    remarks = [problem("override-some", None, count=len(hand), day=str(day))] if hand else []
    if len(hand) < len(found):
        remarks.append(problem("override-some.gone", None, count=len(found) - len(hand)))
    if not found:
        return past
    columns = {entity: [name for name, *_ in columns_of(model, entity)] for entity in past.files}
    names, files = files_with(hand, past.files, columns, past.folder)
    told = (*past.remarks, *remarks)
    made = with_hand(past.model, names)
    return replace(past, model=made, files=files, remarks=told, hand=tuple(hand))


def past_by_runs(
    store: Place,
    model: Model,
    day: date,
    folder: Path,
    families: Sequence[str] | None,
    by: int | None,
    anew: bool,
) -> tuple[Past, InForce]:
    """What the recorded runs say, and what is set by hand."""
    from lifeseg.tracking.memberships import Wanted
    from lifeseg.tracking.store import past

    asked = recalled(model.definitions)
    wanted = {}
    for number, entity in enumerate(model.entities):
        columns = columns_of(model, entity)
        compared = list(remembered_of(model, entity)) if families is None and by is None else []
        if columns or compared:
            path = folder / f"was-{number}.parquet"
            wanted[entity] = Wanted(path, columns, compared, families, renamed_in(model, entity))
    with usable():
        known = past(shown(store), model.name, day, wanted, by)
    keeps = known.later is None or anew
    remarks = () if keeps else (problem("history-later", None, day=str(day), later=str(known.later)),)
    if known.run is None:
        return Past(model, folder, {}, known.run, keeps, anew, remarks), known.hand
    files = {entity: wanted[entity].path for entity in asked}
    for entity, path in files.items():
        check_states(model, entity, path, known.was[entity])
    known_model = with_past(model) if asked else model
    return Past(known_model, folder, files, known.run, keeps, anew, remarks, was=known.was), known.hand


def columns_of(model: Model, entity: str) -> list[tuple[str, str, bool]]:
    """The columns that a model with a past asks for."""
    found = []
    for one in recalled(model.definitions).get(entity, ()):
        found.append((before(one.name), one.name, False))
        if one.since:
            found.append((since(one.name), one.name, True))
    return found


def renamed_in(model: Model, entity: str) -> dict[str, dict[str, str]]:
    """What former names mean today, by definition."""
    return {one.name: names for one in model.of(entity) if (names := renamed(one))}


def check_states(model: Model, entity: str, path: Path, was: Was) -> None:
    """A state that the policy no longer has would be forgotten in silence, and so would a case or a band that it asks for."""
    from lifeseg.records.memory import count_of

    definitions = {one.name: one for one in model.of(entity)}
    for one in recalled(model.definitions)[entity]:
        unknown = sorted(set(was.held[one.name].cases) - set(one.options))
        if unknown:
            count = count_of(path, before(one.name), unknown[0])
            key = "history-state" if isinstance(definitions[one.name], Lifecycle) else "history-state.case"
            states = ", ".join(one.options)
            raise refusal(
                key, name=one.name, state=unknown[0], count=f"{count:,}", entity=entity, states=states
            )


# ---- What is remembered --------------------------------------------------------------------------


def results_in(model: Model, folder: Path, ending: str) -> dict[str, Found]:
    """The files of results in a folder, or the tables in a DuckDB file, with what is remembered of each."""
    from lifeseg.records.identifiers import identifiers
    from lifeseg.tracking.memberships import Found

    tables = identifiers(model.entities)
    found: dict[str, Found] = {}
    for entity in model.entities.values():
        names, lists = remembered_of(model, entity.name), lists_of(model, entity.name)
        keys = kept.key_columns(model, entity)
        if (names or lists) and passing_key(model.entities, entity.name) is None:
            table = tables[entity.name] if ending == "duckdb" else None
            file = folder / f"{entity.name}.{ending}" if table is None else folder
            found[entity.name] = Found(
                file, [key.name for key in keys], names, lists, table, renamed_in(model, entity.name),
                worths=list(worths_of(model, entity.name)),
            )  # fmt: skip
    return found


def remembered_of(model: Model, entity: str) -> dict[str, str]:
    """The definitions of an entity whose cases are kept, and the columns of results that have them."""
    asked = {one.name for one in recalled(model.definitions).get(entity, ())} | told_with_tasks(model)
    return {one.name: column for one in model.of(entity) if (column := column_of(one, asked)) is not None}


def lists_of(model: Model, entity: str) -> list[str]:
    """The lists of an entity's tasks, and of what is to be known of them later."""
    return [name for block in model.tasks if block.entity == entity for name in block.lists]


def worths_of(model: Model, entity: str) -> Iterator[Worth]:
    """What says how much those are worth to whom something is handed out."""
    from lifeseg.tracking.memberships import Worth

    blocks = [block for block in model.tasks if block.entity == entity and block.worth is not None]
    for name in dict.fromkeys(block.worth for block in blocks if block.worth is not None):
        tasks = [task for block in blocks if block.worth == name for task in block.tasks]
        again = [(one.again.count, one.again.unit) if one.again is not None else None for one in tasks]
        yield Worth(name, [(task.name, after) for task, after in zip(tasks, again, strict=True)])


def told_with_tasks(model: Model) -> set[str]:
    """The definitions whose cases say who does a task, how, or what it is about."""
    tasks = [task for block in model.tasks for task in block.tasks]
    said = [said for task in tasks for said in (task.owner, task.channel, task.about)]
    return {one.text for one in said if one is not None and one.by_case}


def column_of(definition: AnyDefinition, asked: Sequence[str] | set[str]) -> str | None:
    if isinstance(definition, Segment | Table | Rank | Lifecycle) or definition.made == "copy":
        return definition.name if not definition.made or definition.name in asked else None
    if isinstance(definition, Score) and definition.name in asked:
        return f"{definition.name}_band"
    return None
