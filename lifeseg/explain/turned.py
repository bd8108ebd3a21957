"""A decision before and after comes in; out go the conditions whose answer turned, down to the child rows."""

from __future__ import annotations

from dataclasses import replace

from lifeseg.explain.conditions import note, phrase
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Line
from lifeseg.explain.scope import Scope, condition_of, meaning, rows
from lifeseg.explain.sections import case_line
from lifeseg.interpreter.trace import Clause, DefinitionTrace


def turned_cases(
    old: DefinitionTrace, new: DefinitionTrace, before: Scope, after: Scope, telling: Telling
) -> tuple[Line, ...]:
    """The case that no longer holds, with what turned, and the case that holds instead."""
    lines: list[Line] = []
    for earlier, later in zip(old.cases, new.cases, strict=False):
        if not earlier.taken or later.taken:
            continue
        line = case_line(later, new, after, telling)
        if earlier.clause is not None and later.clause is not None:
            found = turned(earlier.clause, later.clause, before, after, telling)
            line = _joined(line, found)
        lines.append(line)
    for later in new.cases:
        if later.taken:
            line = case_line(later, new, after, telling)
            parts = (replace(below, lines=()) for below in line.lines if below.role == "part")
            lines.append(replace(line, lines=tuple(parts)))
    return tuple(lines)


def _joined(case: Line, found: tuple[Line, ...]) -> Line:
    """A case whose own condition is what turned shows how it turned on its own line."""
    if len(found) == 1 and found[0].text and case.text.endswith(found[0].text):
        return replace(case, note=found[0].note, lines=found[0].lines)
    return replace(case, lines=found)


def turned(old: Clause, new: Clause, before: Scope, after: Scope, telling: Telling) -> tuple[Line, ...]:
    """The conditions at the bottom that came out differently."""
    if old.verdict == new.verdict:
        return ()
    if new.operation == "quantified":
        return (_quantified(old, new, before, after, telling),)
    deeper = _parts(old, new, before, after)
    lines = tuple(line for pair in deeper for line in turned(*pair, before, after, telling))
    return lines or (_line(new, after, telling),)


def _parts(old: Clause, new: Clause, before: Scope, after: Scope) -> list[tuple[Clause, Clause]]:
    """The conditions that a condition is made of, before and after."""
    if new.operation in ("and", "or", "not"):
        return list(zip(old.parts, new.parts, strict=False))
    if new.operation == "field":
        flags = (meaning(before, old), meaning(after, new))
        conditions = [condition_of(flag) for flag in flags if isinstance(flag, DefinitionTrace)]
        if len(conditions) == 2 and conditions[0] is not None and conditions[1] is not None:
            return [(conditions[0], conditions[1])]
    return []


def _quantified(old: Clause, new: Clause, before: Scope, after: Scope, telling: Telling) -> Line:
    earlier = {child.key: (child.clause, scope) for child, scope in rows(before, old)}
    lines: list[Line] = []
    for child, scope in rows(after, new):
        clause, then = earlier.get(child.key, (None, scope))
        if child.clause is None or clause is None:
            continue
        found = turned(clause, child.clause, then, scope, telling)
        lines += [replace(line, role="row", label="" if at else child.key) for at, line in enumerate(found)]
    line = _line(new, after, telling)
    arrow = telling.words.say(
        "change.arrow", before=note(old, before, telling.words), after=note(new, after, telling.words)
    )
    return replace(line, note=arrow, lines=tuple(lines))


def _line(clause: Clause, scope: Scope, telling: Telling) -> Line:
    words = telling.words
    return Line(
        "clause", text=phrase(clause, scope, words), verdict=clause.verdict, note=note(clause, scope, words)
    )
