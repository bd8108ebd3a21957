"""A record's scope comes in; out go lines that say what its decisions rest on that is assumed or stale."""

from __future__ import annotations

from collections.abc import Iterator

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import label
from lifeseg.explain.decisions import reached
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Line
from lifeseg.explain.scope import Scope, children
from lifeseg.interpreter.trace import DefinitionTrace, FactTrace

MOST_NAMED = 8


def input_lines(scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """One line for what `if missing` answered, one for flags that are stale; neither where there is nothing to say."""
    words, named = telling.words, list(_read(scope))
    found = {
        "assumed": [_assumed(one, of, words) for one, of in named if _is_assumed(one)],
        "stale": [_stale(one, of, words) for one, of in named if one.stale_since is not None],
    }
    return tuple(
        Line("decision", label=words.say(f"input.{key}"), text=_listed(told, telling))
        for key, told in found.items()
        if told
    )


def _read(scope: Scope) -> Iterator[tuple[DefinitionTrace, Scope]]:
    """The definitions that decisions rest on, of the record and of those beneath it."""
    used = set(reached(scope))
    yield from ((one, scope) for one in scope.record.definitions if one.name in used)
    for child in children(scope):
        yield from ((one, child) for one in child.record.definitions)


def _is_assumed(definition: DefinitionTrace) -> bool:
    answered = "defaulted" in definition.remarks or "reweighted" in definition.remarks
    return answered and definition.kind in ("index", "score", "flag") and "offers" not in definition.remarks


def _listed(told: list[str], telling: Telling) -> str:
    words = telling.words
    if telling.detail < 3 and len(told) > MOST_NAMED:
        told = [*told[:MOST_NAMED], words.say("list.more", count=str(len(told) - MOST_NAMED))]
    return words.messages["list.separator"].join(told)


def _named(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    name = label(definition.name, definition.titles, words)
    return name if scope.parent is None else words.say("tree.of", name=name, child=scope.record.key)


def _assumed(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    """What was taken instead of what, for want of which facts."""
    value = amounts.shown(definition, definition.value, definition.unit, words)
    said = words.say("input.taken", name=_named(definition, scope, words), value=value)
    facts = (scope.names.get(name) for name in definition.uses)
    missing = [one for one in facts if isinstance(one, FactTrace) and one.value is None]
    if not missing:
        return said
    names = words.listed([label(one.name, one.titles, words) for one in missing])
    return words.say("input.for_want", taken=said, facts=names)


def _stale(definition: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    return words.say("input.since", name=_named(definition, scope, words), day=definition.stale_since or "")
