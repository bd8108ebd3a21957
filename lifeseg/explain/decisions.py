"""A record's trace comes in, its decisions go out in the order people ask for them: what the policy is for.

Decisions are the lifecycle, segments, flags blocks most of which nobody builds on, ranks, tables, scores whose
band nobody uses, and offers. A score whose band only flags use says what a record is as long as no segment does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lifeseg.explain.scope import Scope
from lifeseg.interpreter.trace import Clause, DefinitionTrace

_ORDER = ("lifecycle", "segment", "flags", "rank", "table", "score", "offers")
_CHOOSING = ("lifecycle", "segment", "rank", "table")


class _Readers:
    """Who reads a definition of a record, found out once for all of them."""

    def __init__(self, scope: Scope) -> None:
        record = scope.record
        self.own: dict[str, list[DefinitionTrace]] = {}
        for definition in record.definitions:
            for name in definition.uses:
                self.own.setdefault(name, []).append(definition)
        named = re.compile(rf"\b{re.escape(record.entity)}\.(\w+)")
        self.below = {
            name
            for child in record.children
            for definition in child.definitions
            for clause in clauses_of(definition)
            for name in named.findall(clause.text)
        }

    def of_kind(self, name: str, kinds: tuple[str, ...]) -> bool:
        return any(other.kind in kinds for other in self.own.get(name, ()))

    def beside(self, name: str, block: str) -> bool:
        """Whether another definition than a flag's block, of the record or of its children, reads the flag."""
        return name in self.below or any(other.name != block for other in self.own.get(name, ()))


def decisions(scope: Scope) -> tuple[DefinitionTrace, ...]:
    """All decisions about a record, whether they came to something or not."""
    readers = _Readers(scope)
    found = [
        definition for definition in scope.record.definitions if _is_decision(definition, scope, readers)
    ]
    return tuple(sorted(found, key=lambda definition: _ORDER.index(_kind(definition))))


def _kind(definition: DefinitionTrace) -> str:
    return "offers" if "offers" in definition.remarks else definition.kind


def decided(definition: DefinitionTrace) -> bool:
    """Whether a decision was asked for: its `where` held."""
    return definition.value is not None or "outside" not in definition.remarks


def reached(scope: Scope) -> Iterator[str]:
    """The names that the decisions which were asked for read, directly or not."""
    waiting = [definition.name for definition in decisions(scope) if decided(definition)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        definition = scope.definition(name)
        if definition is not None:
            waiting += [*definition.uses, *([definition.by] if definition.by else [])]


def headline(scope: Scope) -> tuple[DefinitionTrace, ...]:
    """What the first sentence tells: the lifecycle and the most telling segment, or else any decision."""
    asked = [definition for definition in decisions(scope) if decided(definition)]
    lifecycle = [definition for definition in asked if definition.kind == "lifecycle"]
    chosen = [definition for definition in asked if definition.kind in ("segment", "table")]
    readers = _Readers(scope)
    final = [
        definition for definition in chosen if not readers.of_kind(definition.name, ("segment", "table"))
    ]
    segments = [definition for definition in final if definition.kind == "segment"]
    if lifecycle:
        return (*lifecycle[:1], *segments[:1])
    return tuple((segments or final or chosen or asked)[:1])


def flags_of(definition: DefinitionTrace, scope: Scope) -> tuple[DefinitionTrace, ...]:
    """The flags of a block, in order of definition."""
    found = (scope.definition(name) for name in definition.uses)
    return tuple(flag for flag in found if flag is not None and flag.kind == "flag")


def _is_decision(definition: DefinitionTrace, scope: Scope, readers: _Readers) -> bool:
    if "watched" in definition.remarks:
        return False
    if "offers" in definition.remarks:
        return definition.kind == "flags"
    match definition.kind:
        case "lifecycle" | "segment" | "rank" | "table":
            return True
        case "flags":
            flags = flags_of(definition, scope)
            used = sum(readers.beside(flag.name, definition.name) for flag in flags)
            return used * 2 < len(flags)
        case "score":
            if definition.band is None or readers.of_kind(definition.name, _CHOOSING):
                return False
            return not readers.of_kind(definition.name, ("index", "score", "flag")) or not _has_type(scope)
        case "index" | "flag":
            return False


def _has_type(scope: Scope) -> bool:
    return any(found.kind == "segment" and decided(found) for found in scope.record.definitions)


def clauses_of(definition: DefinitionTrace) -> Iterator[Clause]:
    """The conditions and the formula of a definition, at the top."""
    for clause in (definition.where, definition.formula, *(case.clause for case in definition.cases)):
        if clause is not None:
            yield clause
