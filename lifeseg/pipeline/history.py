"""A setting and a record's key come in; what the record was from day to day goes out, as the result store knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.opened import known_entity, no_record, store_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, check
from lifeseg.pipeline.store import shown, usable
from lifeseg.tracking.place import Place

if TYPE_CHECKING:
    from lifeseg.tracking.memberships import Period
    from lifeseg.tracking.store import Known


@dataclass(frozen=True, slots=True)
class Change:
    """On a day a record had another case of a definition than before, or one for the first time, or none any more."""

    day: date
    definition: str
    before: str | None
    after: str | None
    run: int


@dataclass(frozen=True, slots=True)
class History:
    """What a record was, oldest first, and the recorded runs by which it is told."""

    checked: Checked
    entity: str
    key: str
    changes: tuple[Change, ...]
    runs: tuple[Known, ...]

    @property
    def model(self) -> Model:
        return self.checked.good()


def history(setting: Setting, wanted: str, entity: str | None) -> History:
    """The history of the record with a key as people write it."""
    checked = check(setting.policy, setting.policies)
    known_entity(checked.good(), entity)
    with asking(setting, checked.good()) as store:
        return in_store(store, checked, wanted, entity)


@contextmanager
def asking(setting: Setting, model: Model) -> Iterator[Place]:
    """The result store; that there is none, or that it cannot be read, is said as a finding."""
    store = store_of(setting)
    if store is None:
        raise refusal("history-nothing", policy=model.name)
    with usable():
        yield shown(store)


def in_store(store: Place, checked: Checked, wanted: str, entity: str | None) -> History:
    from lifeseg.records.files import DIVIDER
    from lifeseg.tracking.store import history as told
    from lifeseg.tracking.store import keys_known

    model = checked.good()
    records = [
        (name, key)
        for name in ([entity] if entity is not None else model.entities)
        for key in dict.fromkeys(((wanted,), tuple(wanted.split("/"))))
    ]
    found = told(store, model.name, records)
    if found is None:
        raise refusal("history-nothing", policy=model.name)
    for one in found:
        return History(checked, one.entity, wanted, tuple(changes(one.periods)), tuple(one.runs))
    first = entity if entity is not None else next(iter(model.entities))
    raise no_record(
        model, first, wanted, (key.replace(DIVIDER, "/") for key in keys_known(store, model.name, first))
    )


def changes(periods: Sequence[Period]) -> Iterator[Change]:
    """The days on which something changed, and what."""
    ended = {(one.definition, one.valid_to): one for one in periods}
    begun = {(one.definition, one.valid_from) for one in periods}
    found = []
    for one in periods:
        former = ended.get((one.definition, one.valid_from))
        before = former.case if former is not None else None
        found.append(Change(one.valid_from, one.definition, before, one.case, one.begun))
        if one.valid_to is not None and (one.definition, one.valid_to) not in begun:
            found.append(Change(one.valid_to, one.definition, one.case, None, one.ended))
    return iter(sorted(found, key=lambda change: change.day))
