"""A case or a clause comes in; out go its lines: what it demands, how that came out, the child rows behind.

A flag is opened up to its own condition the first time a record shows it, and stands for itself afterwards.
"""

from __future__ import annotations

from dataclasses import field, replace

from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import note, phrase
from lifeseg.explain.explanation import Beside, Line
from lifeseg.explain.prose import decisive
from lifeseg.explain.scope import Scope, condition_of, meaning, rows
from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import Clause, DefinitionTrace

MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Telling:
    """How an explanation is told, and which flags of which records it has opened up already."""

    words: Catalogue
    detail: int
    beside: Beside = field(default_factory=Beside)
    opened: set[tuple[str, str, str]] = field(default_factory=set)


# ---- What a case demands -----------------------------------------------------------------------


def demands(clause: Clause, scope: Scope, telling: Telling, everything: bool) -> tuple[Line, ...]:
    """The conditions of a case, a line each; of one that fails only what failed, unless `everything`."""
    parts = clause.parts if clause.operation in ("and", "or") else (clause,)
    if not everything:
        parts = _telling_parts(clause)
    word = "or" if clause.operation == "or" else "and"
    lines = []
    for at, part in enumerate(parts):
        said = phrase(part, scope, telling.words)
        if part.operation in ("and", "or") and len(parts) > 1:
            said = f"({said})"
        text = telling.words.say(f"tree.{word if at else 'when'}", condition=said)
        lines.append(
            Line(
                "part",
                text=text,
                verdict=part.verdict,
                note=note(part, scope, telling.words),
                lines=behind(part, scope, telling) if everything or clause.verdict == "yes" else (),
            )
        )
    return tuple(lines)


def _telling_parts(clause: Clause) -> tuple[Clause, ...]:
    """The parts that made a condition come out as it did; of several that fail, the first."""
    if clause.operation == "and":
        chosen = tuple(part for part in clause.parts if part.verdict == clause.verdict)
        return chosen if clause.verdict == "yes" else chosen[:1] or (clause,)
    if clause.operation == "or" and clause.verdict == "yes":
        return tuple(part for part in clause.parts if part.verdict == "yes")[:1]
    return (clause,)


# ---- What stands behind a condition ------------------------------------------------------------


def behind(clause: Clause, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """The evidence below a condition: child rows of a quantifier, what a flag asks, parts of and, or, not."""
    match clause.operation:
        case "quantified":
            return _rows(clause, scope, telling)
        case "not" if clause.parts:
            return _refuted(clause.parts[0], scope, telling)
        case "and" | "or":
            return tuple(_clause_line(part, scope, telling, clause.place) for part in decisive(clause))
        case "field":
            formula = _open(clause, scope, telling)
            if formula is None:
                return ()
            return tuple(_clause_line(part, scope, telling, clause.place) for part in decisive(formula))
        case _:
            return ()


def _refuted(clause: Clause, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """What stands behind a condition that was denied: at first only what it came to."""
    lines = behind(clause, scope, telling)
    return lines if telling.detail >= 3 else tuple(replace(line, lines=()) for line in lines)


def _clause_line(clause: Clause, scope: Scope, telling: Telling, place: str) -> Line:
    return Line(
        "clause",
        text=phrase(clause, scope, telling.words),
        verdict=clause.verdict,
        note=note(clause, scope, telling.words),
        place=clause.place if clause.place != place else "",
        lines=behind(clause, scope, telling),
    )


def _flag(clause: Clause, scope: Scope) -> DefinitionTrace | None:
    found = meaning(scope, clause) if clause.operation == "field" else None
    return found if isinstance(found, DefinitionTrace) and found.kind == "flag" else None


def _open(clause: Clause, scope: Scope, telling: Telling) -> Clause | None:
    """The condition of a flag that has not been shown yet."""
    flag = _flag(clause, scope)
    condition = condition_of(flag) if flag is not None else None
    if flag is None or condition is None:
        return None
    key = (scope.record.entity, scope.record.key, flag.name)
    if key in telling.opened:
        return None
    telling.opened.add(key)
    return condition


# ---- Child rows --------------------------------------------------------------------------------


def _rows(clause: Clause, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    counted = [
        (child.key, child.clause, within)
        for child, within in rows(scope, clause)
        if child.counted and child.clause is not None
    ]
    most = MOST_ROWS if telling.detail < 3 else len(counted)
    if len(counted) > most:
        quantifier = clause.text.partition(" ")[0]
        telling_verdict = "no" if quantifier == "every" else "yes"
        counted.sort(key=lambda row: row[1].verdict != telling_verdict)
    lines = [line for row in counted[:most] for line in _row(*row, telling)]
    rest = [found.verdict for _, found, _ in counted[most:]]
    if rest:
        count, yes = str(len(rest)), str(rest.count("yes"))
        text = telling.words.say(
            "note.more_rows", count=count, yes=yes, no=str(len(rest) - rest.count("yes"))
        )
        lines.append(Line("remark", text=text))
    return tuple(lines)


def _row(key: str, clause: Clause, within: Scope, telling: Telling) -> tuple[Line, ...]:
    """A child's lines: the first names it, each shows a condition that made it count or not."""
    lines: list[Line] = []
    for leaf in _leaves(clause, within, telling):
        assumed = leaf.verdict == "unknown" and clause.verdict != "unknown"
        lines.append(
            Line(
                "row",
                label="" if lines else key,
                text=phrase(leaf, within, telling.words),
                verdict=clause.verdict if assumed else leaf.verdict,
                note=telling.words.say("note.defaulted") if assumed else _row_note(leaf, within, telling),
                lines=behind(leaf, within, telling) if leaf.operation in ("not", "quantified") else (),
            )
        )
    return tuple(lines)


def _row_note(clause: Clause, scope: Scope, telling: Telling) -> str:
    """By how much a condition holds; of a flag that was opened up before, what its comparison says."""
    flag = _flag(clause, scope)
    asked = condition_of(flag) if flag is not None else None
    return note(asked if asked is not None and asked.operation == "compare" else clause, scope, telling.words)


def _leaves(clause: Clause, scope: Scope, telling: Telling) -> tuple[Clause, ...]:
    """What decided a child's row, flags opened up; those shown before only if no other is left."""
    formula = _open(clause, scope, telling)
    if formula is None and clause.operation not in ("and", "or"):
        return (clause,)
    parts = decisive(formula or clause)
    if len(parts) == 1 and parts[0] is not clause:
        return _leaves(parts[0], scope, telling) if parts[0] is not formula else parts
    fresh = tuple(part for part in parts if not _shown(part, scope, telling))
    return tuple(leaf for part in fresh or parts for leaf in _leaves(part, scope, telling))


def _shown(clause: Clause, scope: Scope, telling: Telling) -> bool:
    flag = _flag(clause, scope)
    return flag is not None and (scope.record.entity, scope.record.key, flag.name) in telling.opened
