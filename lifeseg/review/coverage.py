"""A model and what its tests evaluate come in; which clauses they have seen true and false, and which cases taken, goes out.

A test sees what its expectations rest on, and no more: that a named customer has all his facts covers nothing by itself, and
a move is seen by whoever was in its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeseg.frozen import dataclass
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import UNKNOWN, Link, NotGiven, Run
from lifeseg.interpreter.results import Row
from lifeseg.model import expression as e
from lifeseg.model.model import Check, FlagBlock, Model, Rank, Score
from lifeseg.model.walk import nodes
from lifeseg.model.with_past import before
from lifeseg.review.clauses import CaseOf, Clause, cases, clauses

BAND = "_band"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A clause, and whether a test has seen it true, and false."""

    clause: Clause
    true: bool
    false: bool


class Coverage:
    """What tests have seen so far."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.clauses, self.cases = list(clauses(model)), list(cases(model))
        self.seen: list[set[bool]] = [set() for _ in self.clauses]
        self.taken: list[bool] = [False for _ in self.cases]
        self.definitions = {(found.entity, found.name): found for found in model.definitions}
        self.readings: dict[int, Reading] = {}

    def watch(self, link: Link, check: Check, rows: Mapping[str, Mapping[int, Row]]) -> None:
        """Told after a record of a test has been evaluated, with those above and below it."""
        known = self.rests_on(check)
        reading = self.reading_of(link)
        for clause, (where, run), seen in zip(self.clauses, reading.clauses, self.seen, strict=True):
            of = clause.definition
            if (of.entity, of.name) in known and len(seen) < len((True, False)):
                seen.update(
                    verdict
                    for row in rows.get(of.entity, {}).values()
                    if answer(where, row) and (verdict := answer(run, row)) is not None
                )
        for place, (case, run) in enumerate(zip(self.cases, reading.cases, strict=True)):
            of = case.definition
            if (of.entity, of.name) in known and not self.taken[place]:
                self.taken[place] = any(answer(run, row) for row in rows.get(of.entity, {}).values())

    def reading_of(self, link: Link) -> Reading:
        """What is asked of each record, once for each day that tests are about, and for records with a past."""
        if id(link) not in self.readings:
            self.readings[id(link)] = Reading(
                link,
                [clause_of(link, one) for one in self.clauses],
                [case_of(link, one) for one in self.cases],
            )
        return self.readings[id(link)]

    def rests_on(self, check: Check) -> set[Key]:
        """The definitions that the expectations of a record read, whatever entity they are of."""
        waiting: list[Key] = []
        for expected in check.expected:
            if expected.name is not None:
                name = expected.name
                if (check.given.entity, name) not in self.definitions:
                    name = name.removesuffix(BAND)
                waiting.append((check.given.entity, name))
            waiting += fields_in(expected.condition)
        found: set[Key] = set()
        while waiting:
            key = waiting.pop()
            if key in self.definitions and key not in found:
                found.add(key)
                definition = self.definitions[key]
                waiting += fields_in(definition)
                if isinstance(definition, FlagBlock):
                    waiting += [(definition.entity, flag) for flag in definition.flags]
                if isinstance(definition, Rank):
                    waiting += fields_in(definition.by)
        return found

    # ---- What came of it -----------------------------------------------------------------------

    def unseen(self) -> Iterator[Seen]:
        """The clauses that no test has seen both ways."""
        for clause, seen in zip(self.clauses, self.seen, strict=True):
            if len(seen) < len((True, False)):
                yield Seen(clause, True in seen, False in seen)

    def untaken(self) -> Iterator[CaseOf]:
        return (case for case, taken in zip(self.cases, self.taken, strict=True) if not taken)


@dataclass(frozen=True, slots=True)
class Reading:
    """The clauses ready to be evaluated, each with of whom it is asked; and the cases, with who takes them. The link is kept,
    because it is known by itself.
    """

    link: Link
    clauses: list[tuple[Run, Run]]
    cases: list[Run]


def clause_of(link: Link, one: Clause) -> tuple[Run, Run]:
    """Of whom a clause is asked, and what it says of them; without a past nobody moves, and everybody starts."""
    if one.where is None or not has_past(link, one):
        nobody = one.where is not None and one.move is not None
        return (never, never) if nobody else (always, from_expression(link, one.condition))
    return from_expression(link, one.where), from_expression(link, one.condition)


def case_of(link: Link, one: CaseOf) -> Run:
    """Who takes a case, or makes a move."""
    if one.where is not None and has_past(link, one):
        return from_expression(link, one.where)
    of = one.definition
    slot = link.slots[of.entity][of.name + (BAND if isinstance(of, Score) else "")]
    return never if one.move is not None else lambda row: row[slot] == one.name


def has_past(link: Link, one: Clause | CaseOf) -> bool:
    """Whether records say what they were in the run before."""
    return before(one.definition.name) in link.slots[one.definition.entity]


def always(_: Row) -> bool:
    return True


def never(_: Row) -> bool:
    return False


def answer(run: Run, row: Row) -> bool | None:
    """What a clause comes to; None where that is missing or not given."""
    try:
        found = run(row)
    except NotGiven:
        return None
    return None if found is None or found is UNKNOWN else bool(found)


def fields_in(part: object) -> list[Key]:
    """The facts and definitions that something reads."""
    return [
        (node.entity, node.name if isinstance(node, e.Field) else node.score)
        for node in nodes(part)
        if isinstance(node, e.Field | e.Band)
    ]
