"""A setting comes in; its results go out, computed with the baseline of the run that gave them if one is
recorded.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.model.personal import is_personal_key
from lifeseg.model.with_past import recalled
from lifeseg.pipeline.errors import ConfigurationError, refusal
from lifeseg.pipeline.lookup import Ground, Sought, looked_up
from lifeseg.pipeline.past import past_of, room
from lifeseg.pipeline.setting import Setting, data_sources
from lifeseg.pipeline.stages import Checked, Progress, check, evaluate, load
from lifeseg.pipeline.store import begins_before, recorded_baseline
from lifeseg.tracking.place import Place, Schema

if TYPE_CHECKING:
    from lifeseg.diagnostics.diagnostic import Diagnostic
    from lifeseg.explain.explanation import Standing
    from lifeseg.interpreter.results import Results
    from lifeseg.model.model import Model
    from lifeseg.tracking.in_force import Override

MOST_COMPARED = 20_000
"""Keys that a misspelt one is compared with."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything behind a question about customers.

    `run` is the number of the run whose baseline was used, `remarks` say which rows that run had set aside. Where one
    record was looked up, the population is its family, and `positions` and `standings` say
    how it stands among all.
    """

    checked: Checked
    model: Model
    results: Results
    run: int | None
    remarks: tuple[Diagnostic, ...] = ()
    positions: Mapping[str, tuple[int, int]] | None = None
    hand: tuple[Override, ...] = ()
    standings: tuple[Standing, ...] = ()


def opened(
    setting: Setting,
    progress: Progress | None = None,
    sought: Sought | None = None,
    checked: Checked | None = None,
    by: int | None = None,
) -> Opened:
    """The results a question is about, evaluated again from policy and data; of large data only those of the family
    of the record that is sought. Of a run that was made, with the policy it had and what was known to it.

    Rows that break the declared schema are refused, unless a run of these data has been recorded: it set
    them aside.
    """
    from lifeseg.records.files import is_big

    checked = checked or check(setting.policy, setting.policies)
    model = checked.good()
    day, store = setting.day(), store_of(setting)
    sources = data_sources(setting, model)
    remembering = store if is_set(store, model, day, by) or knows(store, model, day) else None
    with room(setting.workspace, remembering is not None) as folder:
        if sought is not None and is_big(model.entities, sources):
            families = [sought.key, sought.key.partition("/")[0]]
            past = past_of(remembering, model, day, folder, families, by=by)
            ground = Ground(model, sources, day, setting.workspace, store, past)
            if (one := looked_up(ground, sought, progress)) is not None:
                return Opened(
                    checked,
                    past.model,
                    one.results,
                    one.run,
                    one.remarks,
                    one.positions,
                    past.hand,
                    one.standings,
                )
        past = past_of(remembering, model, day, folder, by=by)
        return of_all(Ground(model, sources, day, setting.workspace, store, past), checked, progress)


def knows(store: Place | None, model: Model, day: date) -> bool:
    """Whether the policy asks what everybody was, and that is known."""
    return store is not None and bool(recalled(model.definitions)) and begins_before(store, model.name, day)


def is_set(store: Place | None, model: Model, day: date, by: int | None) -> bool:
    """Whether somebody has set something by hand for the day, perhaps as a run knew it."""
    from lifeseg.pipeline.overrides import overrides_on

    return store is not None and bool(overrides_on(store, model.name, day, by).overrides)


def of_all(ground: Ground, checked: Checked, progress: Progress | None) -> Opened:
    """The results of everybody."""
    model, sources, day, past = ground.model, ground.sources, ground.as_of, ground.past
    population, loaded = load(model, sources, "set-aside", progress)
    run = baseline = None
    if ground.store is not None:
        found = recorded_baseline(ground.store, model, day, population.fingerprint)
        run, baseline = found if found is not None else (None, None)
    if loaded.set_aside and run is None:
        population, loaded = load(model, sources, "fail", progress)
    known = past.known(population, model.entities)
    results = evaluate(past.model, known, day, baseline, progress=progress)
    remarks = loaded.diagnostics if loaded.set_aside else ()
    return Opened(checked, past.model, results, run, remarks, hand=past.hand)


def store_of(setting: Setting) -> Place | None:
    """The result store of the policy's workspace, where there is one."""
    store = setting.workspace.results if setting.workspace is not None else None
    return store if store is not None and (isinstance(store, Schema) or store.exists()) else None


def find_record(results: Results, wanted: str, entity: str | None) -> tuple[str, int]:
    """Entity and place of the record with a key; a child's key stands after its parent's: `C19/data`."""
    entities = results.model.entities
    known_entity(results.model, entity)
    if (found := record_with_key(results, wanted, entity)) is not None:
        return found
    first = entity if entity is not None else next(iter(entities))
    raise no_record(
        results.model, first, wanted, ("/".join(key) for key in results.keys(first)[:MOST_COMPARED])
    )


def known_entity(model: Model, entity: str | None) -> None:
    """An entity that is named is one of the policy's."""
    entities = model.entities
    if entity is not None and entity not in entities:
        known = ", ".join(entities)
        raise refusal("no-such-name.entity", name=entity, suggestion=closest(entity, entities), known=known)


def no_record(model: Model, entity: str, wanted: str, keys: Iterable[str]) -> ConfigurationError:
    """There is no record of that key; one of these keys was probably meant. Whom there is instead is told of nobody whose key
    is personal.
    """
    suggestion = None if is_personal_key(model, entity) else closest(wanted, keys)
    return refusal("no-such-name.record", entity=entity, key=wanted, suggestion=suggestion)


def record_with_key(results: Results, wanted: str, entity: str | None) -> tuple[str, int] | None:
    """Entity and place of the record with a key, where there is one."""
    for name in [entity] if entity is not None else list(results.model.entities):
        index = results.index(name, (wanted,))
        if index is None and "/" in wanted:
            index = results.index(name, tuple(wanted.split("/")))
        if index is not None:
            return name, index
    return None


def closest(wanted: str, names: Iterable[str]) -> str | None:
    """The one name that was probably meant."""
    found = difflib.get_close_matches(wanted, list(names), 1, 0.6)
    return found[0] if found else None
