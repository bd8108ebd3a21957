"""A definition's trace comes in; what decided of it, and how nearly, goes out, read off the verdicts of the trace alone.

It is written from the manual's rules, and knows nothing of how a run with reasons is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from lifeseg.interpreter.trace import CaseTrace, Clause, DefinitionTrace


class Told(NamedTuple):
    text: str
    margin: Decimal | None


def decided(definition: DefinitionTrace, personal: Collection[str] = ()) -> Told | None:
    """The deciding clause of a segment, a lifecycle or a table; None where there is no case."""
    if definition.value is None:
        return None
    cases = reached(definition.cases)
    own = [case for case in cases if case.name == definition.value]
    conditions = [clause for case in own if (clause := condition(case)) is not None]
    others = [clause for case in cases if (clause := condition(case)) is not None]
    for clause in conditions:
        if clause.verdict == "yes":
            return said(clause, "yes", personal)
    if len(conditions) == len(own):
        return said(conditions[-1], "unknown", personal)
    if not others:
        return None
    if any(clause.verdict == "unknown" for clause in others):
        return said(next(one for one in others if one.verdict == "unknown"), "unknown", personal)
    return nearest(said(clause, "no", personal) for clause in others)


def reached(cases: Sequence[CaseTrace]) -> Sequence[CaseTrace]:
    """The rows of a table down to one of `-` alone, below which none is asked."""
    last = [place for place, case in enumerate(cases, 1) if case.how == "row" and condition(case) is None]
    return cases[: min(last)] if last else cases


def condition(case: CaseTrace) -> Clause | None:
    """What a case asks; a row of `-` alone, like `otherwise`, asks nothing. A cell may be unknown, where a row is not."""
    if case.how != "row" or case.clause is None:
        return case.clause
    verdicts = [part.verdict for part in case.clause.parts]
    known = next((one for one in ("no", "unknown") if one in verdicts), "yes")
    return replace(case.clause, verdict=known) if verdicts else None


def said(clause: Clause, verdict: str, personal: Collection[str]) -> Told:
    """What decided that a clause has its verdict."""
    match clause.operation:
        case "not":
            return said(clause.parts[0], {"yes": "no", "no": "yes"}.get(verdict, verdict), personal)
        case "and" | "or" if verdict == "unknown":
            return said(next(one for one in clause.parts if one.verdict == "unknown"), verdict, personal)
        case "and" | "or" if (clause.operation == "and") == (verdict == "yes"):
            return nearest(said(one, verdict, personal) for one in clause.parts)
        case "and" | "or":
            return said(next(one for one in clause.parts if one.verdict == verdict), verdict, personal)
        case _:
            told = None if verdict == "unknown" or of_person(clause, personal) else distance(clause)
            return Told(clause.text, told)


def nearest(found: Iterable[Told]) -> Told:
    """The one with the smallest margin, in ties the first; one without a margin is farther than any."""
    told = list(found)
    near = [one for one in told if one.margin is not None]
    return min(near, key=lambda one: abs(one.margin or 0)) if near else told[0]


def distance(clause: Clause) -> Decimal | None:
    if clause.operation == "compare":
        squared = clause.parts[0].operation == "distance"
        return None if clause.distance is None or squared else Decimal(clause.distance)
    if clause.operation != "quantified":
        return None
    rows = [child.clause for child in clause.children if child.counted and child.clause is not None]
    if any(one.operation != "compare" or one.operator == "=" for one in rows):
        return None
    found = [Decimal(one.distance) for one in rows if one.distance is not None]
    if not found:
        return None
    upwards = rows[0].operator in (">", ">=")
    return max(found) if upwards == (clause.name != "every") else min(found)


def of_person(clause: Clause, personal: Collection[str]) -> bool:
    within = [*clause.parts, *(child.clause for child in clause.children if child.clause is not None)]
    own = clause.operation in ("field", "one_of", "compare") and clause.name in personal
    return own or any(of_person(one, personal) for one in within)
