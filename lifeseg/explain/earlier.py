"""What a record was at the run before comes in, with its scope; out go a line that says what has changed since, and since
when each decision has been what it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import label
from lifeseg.explain.decisions import decisions
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Earlier, Line, Was
from lifeseg.explain.scope import Scope
from lifeseg.explain.sections import named_value
from lifeseg.interpreter.trace import DefinitionTrace

NOTHING = Was(None, None)


def earlier_lines(earlier: Earlier | None, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """One line; with scores and facts, one more for each decision that has not changed."""
    if earlier is None:
        return ()
    words = telling.words
    known = [(found, earlier.was.get(found.name, NOTHING)) for found in decisions(scope) if told(found)]
    changed = [(found, was) for found, was in known if found.value != was.case]
    since = [was.since for _, was in known if was.since is not None]
    if changed:
        text = words.messages["list.separator"].join(_moved(found, was, words) for found, was in changed)
    elif since:
        text = words.say("earlier.same", day=max(since))
    else:
        text = words.say("earlier.nothing")
    lines = tuple(_kept(known, scope, words)) if telling.detail >= 3 else ()
    title = words.say("earlier.title", day=earlier.day)
    return (Line("decision", label=title, text=text, note="", lines=lines),)


def told(definition: DefinitionTrace) -> bool:
    """Whether the store remembers what such a decision was."""
    return definition.kind in ("lifecycle", "segment", "rank", "table")


def _moved(definition: DefinitionTrace, was: Was, words: Catalogue) -> str:
    values = [
        words.say("tree.nothing") if value is None else named_value(definition, value, words)
        for value in (was.case, definition.value)
    ]
    text = words.say("change.arrow", before=values[0], after=values[1])
    return words.say("earlier.moved", decision=label(definition.name, definition.titles, words), change=text)


def _kept(known: list[tuple[DefinitionTrace, Was]], scope: Scope, words: Catalogue) -> Iterator[Line]:
    for definition, was in known:
        if definition.value is not None and definition.value == was.case and was.since is not None:
            value = named_value(definition, definition.value, words)
            text = words.say("earlier.since", value=value, day=was.since)
            yield Line("row", label=label(definition.name, definition.titles, words), text=text)
