"""Two traces of one record come in; out goes what differs: facts, decisions with what turned, scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue, catalogue
from lifeseg.explain.conditions import label, number_of
from lifeseg.explain.decisions import decisions, flags_of
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Explanation, Line
from lifeseg.explain.from_trace import about
from lifeseg.explain.links import in_book
from lifeseg.explain.masking import is_personal, masked
from lifeseg.explain.scope import Scope, children, scope_of
from lifeseg.explain.scores import fact_text
from lifeseg.explain.sections import flag_line, measure, named_value, value_text
from lifeseg.explain.sentence import capital, told_value
from lifeseg.explain.turned import turned_cases
from lifeseg.interpreter.trace import DefinitionTrace, FactTrace, RecordTrace, Trace
from lifeseg.model.personal import MASK

_Row = Callable[[DefinitionTrace, DefinitionTrace, Catalogue], "str | None"]
"""What is said of a number that differs; None of what is another kind of definition."""


class _Pair(NamedTuple):
    """The same record before and after."""

    before: Scope
    after: Scope


class _Change(NamedTuple):
    """A fact that differs, as it is shown (masked where personal)."""

    before: FactTrace
    after: FactTrace
    child: str | None


def compare(
    before: Trace,
    after: Trace,
    *,
    above: Sequence[tuple[Trace, Trace]] = (),
    name: str | None = None,
    language: str = "en",
    run: str | None = None,
    show_personal: bool = False,
    days: bool = False,
) -> Explanation:
    """What changes for a record between two traces: of other facts, another day or another policy.

    `days` if it is what has happened since the day of the first. `above` are those of the records it belongs to, the nearest
    first. Raises UnknownLanguage.
    """
    words = catalogue(language)
    differing = _differing(before.record, after.record)
    if not show_personal:
        known = name is not None and any(is_personal(one, name) for one in (before, after))
        name = MASK if known else name
        before, after = masked(before), masked(after)
        above = [(masked(old), masked(new)) for old, new in above]
    pair = _Pair(scope_of(before), scope_of(after))
    parents = [_Pair(scope_of(old), scope_of(new)) for old, new in above]
    changes = list(_changes(pair, differing))
    return Explanation(
        key=after.record.key,
        name=name,
        about=about(after, run, words),
        sentence=_since(before, pair, changes, words) if days else _sentence(pair, parents, changes, words),
        lines=tuple(_lines(pair, parents, changes, words)),
        more=(),
        language=language,
        detail=2,
        run=run,
        shows_personal=show_personal,
    )


# ---- What differs ------------------------------------------------------------------------------


def _differing(before: RecordTrace, after: RecordTrace) -> frozenset[tuple[int | None, str]]:
    """The facts whose values differ, as child record (by its place, None for the record itself) and name."""
    own = {(None, name) for name in _unlike(before, after)}
    below = {(at, name) for at, (old, new) in enumerate(_both(before, after)) for name in _unlike(old, new)}
    return frozenset(own | below)


def _unlike(before: RecordTrace, after: RecordTrace) -> Iterator[str]:
    values = {fact.name: fact.value for fact in before.facts}
    facts = (fact for fact in after.facts if " " not in fact.name)  # not what was known of the run before
    return (fact.name for fact in facts if fact.name in values and values[fact.name] != fact.value)


def _both(before: RecordTrace, after: RecordTrace) -> list[tuple[RecordTrace, RecordTrace]]:
    """The child records that are there before and after, matched by key."""
    known = {(child.entity, child.key): child for child in before.children}
    return [
        (known[child.entity, child.key], child)
        for child in after.children
        if (child.entity, child.key) in known
    ]


def _changes(pair: _Pair, differing: frozenset[tuple[int | None, str]]) -> Iterator[_Change]:
    records = _both(pair.before.record, pair.after.record)
    for at, (old, new) in [(None, (pair.before.record, pair.after.record)), *enumerate(records)]:
        known = {fact.name: fact for fact in old.facts}
        for fact in new.facts:
            if (at, fact.name) in differing:
                yield _Change(known[fact.name], fact, None if at is None else new.key)


def _decided(pair: _Pair) -> list[tuple[DefinitionTrace, DefinitionTrace]]:
    """The decisions of either, before and after."""
    names = dict.fromkeys(found.name for scope in pair for found in decisions(scope))
    both = ((pair.before.definition(name), pair.after.definition(name)) for name in names)
    return [(old, new) for old, new in both if old is not None and new is not None]


def _changed(pair: _Pair) -> list[tuple[DefinitionTrace, DefinitionTrace]]:
    return [found for found in _decided(pair) if _value(found[0]) != _value(found[1])]


def _value(definition: DefinitionTrace) -> tuple[str, ...] | str | None:
    if definition.kind == "flags":
        return definition.members
    return definition.band if definition.kind == "score" else definition.value


# ---- The sentence ------------------------------------------------------------------------------


def _sentence(pair: _Pair, parents: list[_Pair], changes: list[_Change], words: Catalogue) -> str:
    who = pair.after.record.key
    told = [
        _told(old, new, one.after.record.key, at == 0, one, words)
        for one in (pair, *parents)
        for at, (old, new) in enumerate(_changed(one))
    ]
    if told and not _changed(pair):
        told.insert(0, words.say("change.nothing", who=who))
    outcome = words.listed(told, "decisions") if told else words.say("change.nothing", who=who)
    causes = [_cause(change, words) for change in changes] + list(_arrivals(pair, words))
    if causes:
        outcome = words.say("change.with", changes=words.listed(causes), outcome=outcome)
    elif not told:
        outcome = words.say("change.nothing_differs", who=who)
    return words.say("sentence.end", text=capital(outcome, who))


def _since(before: Trace, pair: _Pair, changes: list[_Change], words: Catalogue) -> str:
    """What has become of a record since a day."""
    who = pair.after.record.key
    told = [
        _told(old, new, who, at == 0, pair, words, days=True) for at, (old, new) in enumerate(_changed(pair))
    ]
    outcome = words.listed(told, "decisions") if told else words.say("since.nothing", who=who)
    if changes:
        key = "since.fact" if len(changes) == 1 else "since.facts"
        outcome = words.say(key, outcome=outcome, count=str(len(changes)))
    return words.say("sentence.end", text=words.say("since.lead", day=before.as_of, outcome=outcome))


def _told(
    old: DefinitionTrace,
    new: DefinitionTrace,
    who: str,
    first: bool,
    pair: _Pair,
    words: Catalogue,
    days: bool = False,
) -> str:
    nothing, key = words.say("sentence.nothing"), "first" if first else "further"
    return words.say(
        f"since.{key}" if days else f"change.{key}",
        who=who,
        decision=words.inside(words.title(new.titles, new.name)),
        before=told_value(old, pair.before, words) or nothing,
        after=told_value(new, pair.after, words) or nothing,
    )


def _cause(change: _Change, words: Catalogue) -> str:
    values = {
        when: amounts.shown(fact, fact.value, fact.unit, words)
        for when, fact in (("before", change.before), ("after", change.after))
    }
    title = words.inside(words.title(change.after.titles, change.after.name))
    if change.child is None:
        return words.say("change.fact", title=title, **values)
    return words.say("change.fact_of", title=title, child=change.child, **values)


def _arrivals(pair: _Pair, words: Catalogue) -> Iterator[str]:
    """Child records that are only there before, or only after."""
    keys = [{(child.entity, child.key) for child in scope.record.children} for scope in pair]
    for key, scope, others in (("added", pair.after, keys[0]), ("removed", pair.before, keys[1])):
        for child in scope.record.children:
            if (child.entity, child.key) not in others:
                entity = words.inside(words.title(scope.entities.get(child.entity, {}), child.entity))
                yield words.say(f"change.{key}", entity=entity, child=child.key)


# ---- The lines ---------------------------------------------------------------------------------


def _lines(pair: _Pair, parents: list[_Pair], changes: list[_Change], words: Catalogue) -> Iterator[Line]:
    if changes:
        rows = tuple(_fact_row(change, words) for change in changes)
        yield Line("decision", label=words.say("table.facts"), lines=rows)
    telling = Telling(words, detail=2)
    for one in (pair, *parents):
        whose = one.after.record.key if one is not pair else None
        for old, new in _changed(one):
            values = value_text(old, one.before, words), value_text(new, one.after, words)
            text = words.say("change.arrow", before=values[0], after=values[1])
            name = _of(label(new.name, new.titles, words), whose, words)
            yield Line(
                "decision", name, text, place=new.place, lines=_turned(old, new, one, telling),
                anchor=in_book(one.after.record.entity, new.name),
            )  # fmt: skip
    for key, row in (("table.indexes", _index_row), ("change.scores", _score_row)):
        rows = tuple(_number_rows(pair, parents, row, words))
        if rows:
            yield Line("decision", label=words.say(key), lines=rows)
    same = [
        f"{label(new.name, new.titles, words)} {value_text(new, pair.after, words)}"
        for old, new in _decided(pair)
        if _value(old) == _value(new) and new.value is not None
    ]
    if same:
        text = words.messages["list.separator"].join(same)
        yield Line("decision", label=words.say("change.unchanged"), text=text)


def _fact_row(change: _Change, words: Catalogue) -> Line:
    name = _of(label(change.after.name, change.after.titles, words), change.child, words)
    before, after = fact_text(change.before, words), fact_text(change.after, words)
    return Line("row", label=name, text=words.say("change.arrow", before=before, after=after))


def _turned(old: DefinitionTrace, new: DefinitionTrace, pair: _Pair, telling: Telling) -> tuple[Line, ...]:
    """What made a decision change."""
    match new.kind:
        case "flags":
            moved = set(old.members) ^ set(new.members)
            flags = (flag for flag in flags_of(new, pair.after) if flag.name in moved)
            return tuple(flag_line(flag, pair.after, telling) for flag in flags)
        case "rank" | "score":
            names = {_value(old), _value(new)}
            crossed = next((step for step in new.thresholds if step.name in names), None)
            return (measure(new, pair.after, telling, crossed),)
        case "lifecycle" | "segment" | "table":
            return turned_cases(old, new, pair.before, pair.after, telling)
        case "index" | "flag":
            return ()


def _number_rows(pair: _Pair, parents: list[_Pair], row: _Row, words: Catalogue) -> Iterator[Line]:
    """What differs in numbers, of the record, of its child records, and of those it belongs to."""
    known = {(child.record.entity, child.record.key): child for child in children(pair.before)}
    below = (
        _Pair(known[child.record.entity, child.record.key], child)
        for child in children(pair.after)
        if (child.record.entity, child.record.key) in known
    )
    for one in (pair, *below, *parents):
        whose = one.after.record.key if one is not pair else None
        for new in one.after.record.definitions:
            old = one.before.definition(new.name)
            text = row(old, new, words) if old is not None and old.value != new.value else None
            if text is not None:
                yield Line("row", label=_of(label(new.name, new.titles, words), whose, words), text=text)


def _of(name: str, whose: str | None, words: Catalogue) -> str:
    return name if whose is None else words.say("tree.of", name=name, child=whose)


def _index_row(old: DefinitionTrace, new: DefinitionTrace, words: Catalogue) -> str | None:
    if new.kind != "index":
        return None
    before, after = (amounts.shown(found, found.value, found.unit, words) for found in (old, new))
    return words.say("change.arrow", before=before, after=after)


def _score_row(old: DefinitionTrace, new: DefinitionTrace, words: Catalogue) -> str | None:
    if new.kind != "score":
        return None
    text = words.say("change.arrow", before=_number(old, words), after=_number(new, words))
    if old.band is not None and new.band is not None and old.band != new.band:
        bands = [named_value(found, found.band or "", words) for found in (old, new)]
        bands_text = words.say("change.arrow", before=bands[0], after=bands[1])
        text = words.say("tree.value", value=text, title=bands_text)
    return text


def _number(score: DefinitionTrace, words: Catalogue) -> str:
    return words.say("tree.nothing") if score.value is None else number_of(score)
