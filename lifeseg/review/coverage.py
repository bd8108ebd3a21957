"""A model and what its tests evaluate come in; which clauses they have seen true and false, and which cases taken, goes out.

A test sees what its expectations rest on, and no more: that a named customer has all his facts covers nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeseg.frozen import dataclass
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import UNKNOWN, Link, NeedsHistory, NotGiven, Run
from lifeseg.interpreter.results import Row
from lifeseg.model import expression as e
from lifeseg.model.model import Check, FlagBlock, Lifecycle, Model, Rank, Score
from lifeseg.model.walk import nodes
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
        self.moves = sum(len(one.moves) for one in model.definitions if isinstance(one, Lifecycle))
        self.seen: list[set[bool]] = [set() for _ in self.clauses]
        self.taken: set[tuple[str, str, str]] = set()
        self.definitions = {(found.entity, found.name): found for found in model.definitions}
        self.runs: dict[int, tuple[Link, list[Run]]] = {}  # a link is known by itself as long as it is kept

    def watch(self, link: Link, check: Check, rows: Mapping[str, Mapping[int, Row]]) -> None:
        """Told after a record of a test has been evaluated, with those above and below it."""
        known = self.rests_on(check)
        runs = self.runs_of(link)
        for clause, run, seen in zip(self.clauses, runs, self.seen, strict=True):
            of = clause.definition
            if (of.entity, of.name) in known and len(seen) < len((True, False)):
                seen.update(
                    verdict
                    for row in rows.get(of.entity, {}).values()
                    if (verdict := answer(run, row)) is not None
                )
        for case in self.cases:
            of = case.definition
            if (of.entity, of.name) in known:
                slot = link.slots[of.entity][of.name + (BAND if isinstance(of, Score) else "")]
                if any(row[slot] == case.name for row in rows.get(of.entity, {}).values()):
                    self.taken.add((of.entity, of.name, case.name))

    def runs_of(self, link: Link) -> list[Run]:
        """The clauses ready to be evaluated, once for each day that tests are about."""
        if id(link) not in self.runs:
            self.runs[id(link)] = link, [from_expression(link, one.condition) for one in self.clauses]
        return self.runs[id(link)][1]

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
        for case in self.cases:
            if (case.definition.entity, case.definition.name, case.name) not in self.taken:
                yield case


def answer(run: Run, row: Row) -> bool | None:
    """What a clause comes to; None where that is missing or not given."""
    try:
        found = run(row)
    except (NotGiven, NeedsHistory):
        return None
    return None if found is None or found is UNKNOWN else bool(found)


def fields_in(part: object) -> list[Key]:
    """The facts and definitions that something reads."""
    return [
        (node.entity, node.name if isinstance(node, e.Field) else node.score)
        for node in nodes(part)
        if isinstance(node, e.Field | e.Band)
    ]
