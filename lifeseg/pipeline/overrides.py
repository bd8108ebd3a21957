"""What somebody decides by hand comes in and is kept in the store; what is in force on a day goes out, as facts of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.model.by_hand import by_hand, by_rules
from lifeseg.model.model import Model
from lifeseg.pipeline import cached
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking, in_store
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check
from lifeseg.pipeline.store import question, shown, usable
from lifeseg.pipeline.transitions import known_case, remembered_definition
from lifeseg.records.memory import DIVIDER
from lifeseg.tracking.overrides import Override, end, enter, in_force
from lifeseg.tracking.place import Place

if TYPE_CHECKING:
    from lifeseg.pipeline.opened import Opened


def override(setting: Setting, wanted: str, to: str, until: date, words: tuple[str, str]) -> Override:
    """A record has a case from the day of the setting until a day; `words` are the reason and the owner."""
    checked, day = check(setting.policy, setting.policies), setting.day()
    model = checked.good()
    name, _, case = to.partition(".")
    definition = remembered_definition(model, name)
    case = known_case(definition, case)
    if until < day:
        raise refusal("override-words.until", day=str(day))
    for word, text in zip(("reason", "owner"), words, strict=True):
        if not text.strip():
            raise refusal("override-words", word=word)
    reason, owner = words
    with asking(setting, model) as store:
        in_store(store, checked, wanted, definition.entity)
        key = wanted.replace("/", DIVIDER)
        one = Override(0, definition.entity, key, name, case, reason.strip(), owner.strip(), day, until)
        return replace(one, override=enter(store, model.name, one))


def ended(setting: Setting, number: int) -> Override:
    """From the day of the setting on it is not in force."""
    model = check(setting.policy, setting.policies).good()
    with asking(setting, model) as store:
        found = end(store, model.name, number, setting.day())
    if found is None:
        raise refusal("override-words.number", number=number)
    return found


def listed(setting: Setting) -> list[Override]:
    """What is in force on the day of the setting."""
    model = check(setting.policy, setting.policies).good()
    with asking(setting, model) as store:
        return in_force(store, model.name, setting.day())


# ---- In a run ------------------------------------------------------------------------------------


def overrides_on(place: Place, policy: str, day: date) -> list[Override]:
    """What is in force on a day; the answer is remembered as long as the file of the store does not change."""
    name = question(place, f"overrides of {policy}", day, "")
    content = cached.read(name) if name is not None else None
    if content is not None:
        days = ("valid_from", "valid_until")
        rows = json.loads(content)
        return [Override(**{**row, **{each: date.fromisoformat(row[each]) for each in days}}) for row in rows]
    with usable():
        found = in_force(shown(place), policy, day)
    if name is not None:
        cached.write(name, json.dumps([asdict(one) for one in found], default=str).encode())
    return found


def usable_in(model: Model, found: Sequence[Override]) -> list[Override]:
    """Those of definitions and cases that the policy still has."""
    options = {(one.entity, one.name): one.type.options for one in model.definitions}
    return [one for one in found if one.case in options.get((one.entity, one.definition), ())]


def files_with(
    found: Sequence[Override], was: Mapping[str, Path], asked: Mapping[str, Sequence[str]], folder: Path
) -> tuple[list[tuple[str, str]], dict[str, Path]]:
    """The definitions that are set, and the files of what records were, as far as it is asked for, with what is set."""
    from lifeseg.records.memory import with_columns

    names, files = sorted({(one.entity, one.definition) for one in found}), dict(was)
    for number, entity in enumerate(dict.fromkeys(entity for entity, _ in names)):
        columns = [name for owner, name in names if owner == entity]
        rows: dict[str, dict[str, str]] = {}
        for one in found:
            if one.entity == entity:
                rows.setdefault(one.key, {})[one.definition] = one.case
        path = folder / f"set-{number}.parquet"
        cells = [(key, *(cases.get(name) for name in columns)) for key, cases in rows.items()]
        with_columns(was.get(entity), asked.get(entity, ()), path, [by_hand(name) for name in columns], cells)
        files[entity] = path
    return names, files


def remarks_on(found: Opened, entity: str, index: int) -> list[Diagnostic]:
    """What an explanation says of a record that is set by hand, and what it would be by the rules."""
    key = DIVIDER.join(found.results.key(entity, found.results.rows[entity][index]))
    own = [one for one in found.hand if (one.entity, one.key) == (entity, key)]
    return [said(one, found.results.value(entity, index, by_rules(one.definition))) for one in own]


def said(one: Override, rules: object) -> Diagnostic:
    return problem(
        "override-in-force", None, definition=one.definition, key=one.key.replace(DIVIDER, "/"), case=one.case,
        owner=one.owner, until=str(one.valid_until), reason=one.reason, number=one.override, rules=rules or "–",
    )  # fmt: skip
