"""A setting comes in; how many went from which case to which, and who, goes out, as the result store knows it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, Lifecycle, Model
from lifeseg.model.personal import shown_key
from lifeseg.model.with_past import options, passing_key, renamed
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.past import remembered_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check

if TYPE_CHECKING:
    from lifeseg.tracking.flapping import Flapping, Within
    from lifeseg.tracking.memberships import Span

NOWHERE = "none"
"""Where the new come from, and those go who have no case any more."""
TIME = re.compile(r"([1-9][0-9]{0,4}) *(day|month|year)s?")


@dataclass(frozen=True, slots=True)
class Transitions:
    """How many moved; `cases` are those of the definition, in its order, then those that it had once."""

    model: Model
    definition: AnyDefinition
    cases: tuple[str, ...]
    counts: dict[tuple[str | None, str | None], int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A definition, or the first lifecycle; the days, both included."""

    name: str | None
    first: date | None
    last: date | None


def transitions(setting: Setting, asked: Asked) -> Transitions:
    """How many moved, of everybody."""
    from lifeseg.tracking.store import moves

    model = check(setting.policy, setting.policies).good()
    definition = remembered_definition(model, asked.name)
    with asking(setting, model) as store:
        found = moves(store, span_of(model, definition, asked))
    if found is None:
        raise refusal("history-nothing", policy=model.name)
    today = options(definition)
    once = {case for before, after, _ in found for case in (before, after) if case is not None} - {*today}
    counts = {(before, after): count for before, after, count in found}
    return Transitions(model, definition, (*today, *sorted(once)), counts)


@dataclass(frozen=True, slots=True)
class Movers:
    """Those who moved from one case to another, with the day; and the rule of it, as the policy has it today."""

    rows: tuple[tuple[str, date], ...]
    rule: str | None


def movers(setting: Setting, asked: Asked, before: str, after: str, most: int) -> Movers:
    """Who moved from one case to another, `none` for nowhere."""
    from lifeseg.pipeline.reasons import rule_of
    from lifeseg.tracking.store import movers as who

    checked = check(setting.policy, setting.policies)
    model = checked.good()
    definition = remembered_definition(model, asked.name)
    cases = [None if case == NOWHERE else known_case(definition, case) for case in (before, after)]
    with asking(setting, model) as store:
        rows = who(store, span_of(model, definition, asked), cases[0], cases[1], most)
    if rows is None:
        raise refusal("history-nothing", policy=model.name)
    rule = rule_of(definition, cases[0], cases[1], checked.sources)
    return Movers(tuple((written_key(model, definition, key), day) for key, day in rows), rule)


def came_back(setting: Setting, asked: Asked, within: str, times: int, most: int | None) -> Flapping:
    """Who came back to a case that was left, within a time as people write it."""
    from lifeseg.tracking.flapping import flapping

    model = check(setting.policy, setting.policies).good()
    definition = remembered_definition(model, asked.name)
    with asking(setting, model) as store:
        span = span_of(model, definition, asked)
        found = flapping(store, span, time_of(within), times, renamed(definition), most)
    if found is None:
        raise refusal("history-nothing", policy=model.name)
    return replace(
        found,
        returns=tuple(replace(one, key=written_key(model, definition, one.key)) for one in found.returns),
    )


def time_of(text: str) -> Within:
    from lifeseg.tracking.flapping import Within

    found = TIME.fullmatch(text.strip())
    if found is None:
        raise refusal("bad-argument.time", text=text)
    return Within(int(found[1]), found[2])


def written_key(model: Model, definition: AnyDefinition, key: str) -> str:
    """A key of the store as people write it, and as anybody may see it."""
    from lifeseg.records.files import DIVIDER

    return "/".join(shown_key(model, definition.entity, key.split(DIVIDER)))


def span_of(model: Model, definition: AnyDefinition, asked: Asked) -> Span:
    from lifeseg.tracking.memberships import Span

    first, last = asked.first or date.min, asked.last or date.max
    return Span(model.name, definition.entity, definition.name, first, last)


def remembered_definition(model: Model, name: str | None) -> AnyDefinition:
    """The definition that is meant, which must be one whose cases are kept."""
    kept = [
        one
        for entity in model.entities
        for one in model.of(entity)
        if one.name in remembered_of(model, entity)
    ]
    if name is None:
        first = next((one for one in kept if isinstance(one, Lifecycle)), None)
        if first is None:
            raise refusal("bad-argument.transitions", known=", ".join(one.name for one in kept))
        return first
    for one in kept:
        if one.name == name and (passing := passing_key(model.entities, one.entity)) is None:
            return one
        if one.name == name and passing is not None:
            entity, fact = passing
            if fact is None:
                raise refusal("passing-key.kept", name=name, entity=entity)
            raise refusal("passing-key.kept-kind", name=name, entity=entity, key=fact.name)
    raise refusal("no-such-name.definition", name=name, suggestion=closest(name, [one.name for one in kept]))


def known_case(definition: AnyDefinition, case: str) -> str:
    known = (*options(definition), *renamed(definition))
    if case not in known:
        suggestion = closest(case, known)
        raise refusal("no-such-name.case", name=case, suggestion=suggestion)
    return case
