"""A record comes in; what the last run before the day found of it goes out, as the result store remembers it.

What the store answers is kept as long as its file does not change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from lifeseg.explain.explanation import Earlier, Was
from lifeseg.model.model import Model
from lifeseg.pipeline import cached
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.explaining import name_of
from lifeseg.pipeline.lookup import Sought
from lifeseg.pipeline.opened import Opened, record_with_key, store_of
from lifeseg.pipeline.replay import opened_at
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.store import begins_before, question, shown, usable
from lifeseg.tracking.place import Place

if TYPE_CHECKING:
    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.trace import Trace
    from lifeseg.tracking.memberships import Period


def last_run(setting: Setting, found: Opened, entity: str, index: int) -> Earlier | None:
    """What the run before found; None where none is known."""
    store, day = store_of(setting), found.results.as_of
    if store is None or not begins_before(store, found.model.name, day):
        return None
    row = found.results.rows[entity][index]
    return asked(store, found.model, day, entity, found.results.key(entity, row))


def since(
    setting: Setting, found: Opened, entity: str, index: int, day: date, *, language: str, show_personal: bool
) -> tuple[Explanation, Trace, Trace]:
    """What differs from what the last run up to a day found, by the policy and the data that it had; and the traces of now
    and of that day.
    """
    from lifeseg.explain.comparison import compare
    from lifeseg.interpreter.tracer import trace

    key = "/".join(found.results.key(entity, found.results.rows[entity][index]))
    former = opened_at(setting, day, None, Sought(key, entity, False))
    place = record_with_key(former.results, key, entity)
    if place is None:
        raise refusal("history-before.record", entity=entity, key=key, day=str(former.results.as_of))
    before, after = trace(former.results, *place), trace(found.results, entity, index)
    run = str(found.run) if found.run is not None else None
    explanation = compare(
        before, after, name=name_of(found.results, entity, index), language=language, run=run,
        show_personal=show_personal, days=True,
    )  # fmt: skip
    return explanation, after, before


def asked(store: Place, model: Model, day: date, entity: str, key: Sequence[str]) -> Earlier | None:
    name = question(store, json.dumps(["before", model.name, entity, *key]), day, "")
    content = cached.read(name) if name is not None else None
    if content is not None:
        known = json.loads(content)
        return None if known is None else Earlier(known[0], known[1], {of: Was(*was) for of, was in known[2]})
    from lifeseg.tracking.store import history

    with usable():
        told = history(shown(store), model.name, [(entity, key)])
    found = None
    for one in told or []:
        earlier = [run for run in one.runs if run.as_of < day]
        if earlier:
            found = Earlier(str(earlier[-1].as_of), earlier[-1].run, was_on(one.periods, earlier[-1].as_of))
    if name is not None:
        said = (
            None
            if found is None
            else [found.day, found.run, [(of, [was.case, was.since]) for of, was in found.was.items()]]
        )
        cached.write(name, json.dumps(said).encode())
    return found


def was_on(periods: Sequence[Period], day: date) -> dict[str, Was]:
    """What each definition had come to on a day."""
    held = [one for one in periods if one.valid_from <= day and (one.valid_to is None or one.valid_to > day)]
    return {one.definition: Was(one.case, str(one.valid_from)) for one in held}
