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
from lifeseg.model.personal import MASK, shown_key
from lifeseg.pipeline import cached
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking, in_store
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check
from lifeseg.pipeline.store import question, shown, usable
from lifeseg.pipeline.transitions import known_case, remembered_definition
from lifeseg.records.files import DIVIDER
from lifeseg.tracking.in_force import InForce, Override
from lifeseg.tracking.overrides import end, enter, in_force
from lifeseg.tracking.place import Place

if TYPE_CHECKING:
    from lifeseg.interpreter.trace import Trace
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


def ended(setting: Setting, number: int, show_personal: bool) -> Override:
    """From the day of the setting on it is not in force."""
    model = check(setting.policy, setting.policies).good()
    with asking(setting, model) as store:
        found = end(store, model.name, number, setting.day())
    if found is None:
        raise refusal("override-words.number", number=number)
    return found if show_personal else without_name(model, found)


def listed(setting: Setting, show_personal: bool) -> list[Override]:
    """What is in force on the day of the setting; personal keys are masked unless they are to be shown."""
    model = check(setting.policy, setting.policies).good()
    with asking(setting, model) as store:
        found = in_force(store, model.name, setting.day()).overrides
    return [one if show_personal else without_name(model, one) for one in found]


def without_name(model: Model, one: Override) -> Override:
    """It without what is personal of the key."""
    if one.entity not in model.entities:  # the policy has changed, and nobody knows what the key was
        return replace(one, key=MASK)
    return replace(one, key=DIVIDER.join(shown_key(model, one.entity, one.key.split(DIVIDER))))


# ---- In a run ------------------------------------------------------------------------------------


def overrides_on(place: Place, policy: str, day: date, by: int | None = None) -> InForce:
    """What is in force on a day, perhaps as it was believed when a run was made; the answer is remembered as long as the file
    of the store does not change.
    """
    name = question(place, f"overrides of {policy}", day, "" if by is None else str(by))
    content = cached.read(name) if name is not None else None
    if content is not None:
        days = ("valid_from", "valid_until")
        last, rows = json.loads(content)
        made = (Override(**{**row, **{each: date.fromisoformat(row[each]) for each in days}}) for row in rows)
        return InForce(tuple(made), last)
    with usable():
        found = in_force(shown(place), policy, day, by)
    if name is not None:
        content = json.dumps([found.last, [asdict(one) for one in found.overrides]], default=str).encode()
        cached.write(name, content)
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


def remarks_on(found: Opened, entity: str, index: int, show_personal: bool) -> list[Diagnostic]:
    """What an explanation says of a record that is set by hand, and what it would be by the rules."""
    return [
        said(one if show_personal else without_name(found.model, one), rules)
        for one, rules in set_for(found, entity, index)
    ]


def set_for(found: Opened, entity: str, index: int) -> list[tuple[Override, str | None]]:
    """What is set for a record, and what it would be by the rules."""
    key = DIVIDER.join(found.results.key(entity, found.results.rows[entity][index]))
    own = [one for one in found.hand if (one.entity, one.key) == (entity, key)]
    rules = (found.results.value(entity, index, by_rules(one.definition)) for one in own)
    return [(one, value if isinstance(value, str) else None) for one, value in zip(own, rules, strict=True)]


def with_hands(trace: Trace, found: Opened, entity: str, index: int) -> Trace:
    """The trace in which each definition that is set says by whom, why and until when."""
    from lifeseg.interpreter.trace import HandTrace

    hands = {
        one.definition: HandTrace(
            one.override, one.owner, one.reason, str(one.valid_from), str(one.valid_until), rules
        )
        for one, rules in set_for(found, entity, index)
    }
    if not hands:
        return trace
    record = trace.record
    definitions = tuple(replace(one, hand=hands.get(one.name)) for one in record.definitions)
    return replace(trace, record=replace(record, definitions=definitions))


def said(one: Override, rules: object) -> Diagnostic:
    return problem(
        "override-in-force", None, definition=one.definition, key=one.key.replace(DIVIDER, "/"), case=one.case,
        owner=one.owner, until=str(one.valid_until), reason=one.reason, number=one.override, rules=rules or "–",
    )  # fmt: skip
