"""What no test has seen comes in, clauses and cases; a test that sees it goes out, or why there is none.

The customer is solved for, and told as shortly as the policy allows; what is expected of it is what the interpreter gives. It
is a proposal: whether that is what was meant, only a reader can say.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.interpreter.check_tests import Bench, bench, evaluated, started
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import UNKNOWN, NeedsHistory, NotGiven
from lifeseg.interpreter.results import Row
from lifeseg.interpreter.values import short_text
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Check, Expected, Flag, Model, Score
from lifeseg.model.types import TRUTH, written_with
from lifeseg.model.walk import nodes
from lifeseg.prover.answers import Described
from lifeseg.prover.from_expression import named
from lifeseg.prover.session import Ask, Limits, Outcome, Recheck, Session, truth_of
from lifeseg.prover.terms import Term, both, negated
from lifeseg.prover.to_test import fewest, given_of, lines, why_none, word
from lifeseg.prover.witness import Evaluated
from lifeseg.prover.world import Record, World


@dataclass(frozen=True, slots=True)
class Lack:
    """What no test has seen: a clause of a definition being true, or false; or a case, of a score a band."""

    definition: AnyDefinition
    span: Span
    clause: e.Expression | None = None
    verdict: bool = True
    case: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test that sees it; or why there is none: it cannot be (proved), a test cannot say it, or nobody was found."""

    lack: Lack
    check: Check | None = None
    lines: tuple[str, ...] = ()
    as_of: date | None = None
    never: bool = False
    reason: str = ""
    tried: tuple[str, ...] = field(default=())


class Proposer:
    """Solves for one lack after the other; those of one definition share what the solver knows."""

    def __init__(self, model: Model, limits: Limits, day: date | None) -> None:
        self.model, self.limits, self.day = model, limits, day
        self.sessions: dict[tuple[str, str], Session] = {}
        self.benches: dict[date | None, Bench] = {}

    def proposal(self, lack: Lack, title: str) -> Proposal:
        of = lack.definition
        if lack.clause is not None and any(isinstance(node, e.Was) for node in nodes(lack.clause)):
            return Proposal(lack, reason="tests know nothing of the run before")
        key = (of.entity, of.name)
        if key not in self.sessions:
            self.sessions[key] = Session(self.model, of.entity, (of,), self.limits, self.day)
        ask, confirmed = wanted(lack)
        outcome = self.sessions[key].exists(ask, confirmed)
        if outcome.witness is None:
            return without(lack, outcome)
        shown = outcome.witness
        asked = replace(shown.asked, parent=None)
        reason = why_none(replace(shown, asked=asked))
        if not reason and not self.sees(lack, asked, shown.as_of):
            reason = (
                "it depends on the population" if shown.statistics else "tests cannot give all it depends on"
            )
        if reason:
            return Proposal(lack, reason=reason)
        asked = fewest(asked, lambda fewer: self.sees(lack, fewer, shown.as_of))
        day = None if self.sees(lack, asked, None) else shown.as_of
        condition, text = self.expected(lack, asked, day)
        given = given_of(asked, lack.span)
        check = Check(given, (Expected(condition, span=lack.span),), lack.span)
        return Proposal(lack, check, tuple(lines(self.model, asked, day, title, text)), day)

    # ---- Asked of the interpreter, with nothing known but what the test gives ----------------------

    def ready(self, day: date | None) -> Bench:
        if day not in self.benches:
            self.benches[day] = bench(self.model, None, day)
        return self.benches[day]

    def outcome(self, lack: Lack, asked: Described, day: date | None) -> tuple[Row, object] | None:
        """The record, and what the definition comes to; None where that is open."""
        link, of = self.ready(day).link, lack.definition
        row = started(self.ready(day), given_of(asked, lack.span))
        assert row is not None
        link.troubles.clear()
        try:
            evaluated(self.ready(day), of.entity, row)
        except NeedsHistory:
            return None
        found = row[link.slots[of.entity][called(of)]]
        troubled = any(definition.name == of.name for _, definition, _, _ in link.troubles)
        return None if found is UNKNOWN or troubled else (row, found)

    def sees(self, lack: Lack, asked: Described, day: date | None) -> bool:
        """The definition comes to something, and what was lacking is there."""
        outcome = self.outcome(lack, asked, day)
        if outcome is None:
            return False
        row, found = outcome
        if lack.clause is None:
            return found == lack.case
        try:
            return from_expression(self.ready(day).link, lack.clause)(row) is lack.verdict
        except (NotGiven, NeedsHistory):
            return False

    def expected(self, lack: Lack, asked: Described, day: date | None) -> tuple[e.Expression, str]:
        """What the definition came to, as a condition."""
        outcome = self.outcome(lack, asked, day)
        assert outcome is not None
        return expectation(lack.definition, outcome[1], lack.span)


def called(definition: AnyDefinition) -> str:
    """Under what name its case stands."""
    return f"{definition.name}_band" if has_bands(definition) else definition.name


def has_bands(definition: AnyDefinition) -> bool:
    return isinstance(definition, Score) and bool(definition.bands)


def without(lack: Lack, outcome: Outcome) -> Proposal:
    if outcome.verdict == "nobody":
        return Proposal(lack, never=True)
    if outcome.verdict == "nobody up to":
        return Proposal(lack, reason=f"nobody with up to {outcome.most} children of each kind")
    return Proposal(lack, reason="not decided", tried=outcome.tried)


def wanted(lack: Lack) -> tuple[Ask, Recheck]:
    """The clause decided so, or the case taken, of somebody of whom the definition makes no trouble."""
    of, name = lack.definition, called(lack.definition)

    def ask(world: World, record: Record) -> Term:
        value = named(world, record, name)
        none, many = world.troubles.get((record.number, of.name), (False, False))
        calm = both([negated(none), negated(many)])
        if lack.clause is None:
            return both([calm, negated(value.missing), value.value.get(lack.case, False)])
        node = lack.clause if lack.verdict else e.Not(lack.span, lack.clause.type, lack.clause)
        return both([calm, truth_of(node)(world, record)])

    def confirmed(found: Evaluated) -> bool:
        if lack.clause is None:
            return found.value(name) == lack.case
        return found.verdict(lack.clause) is lack.verdict

    return ask, confirmed


def expectation(definition: AnyDefinition, found: Any, span: Span) -> tuple[e.Expression, str]:
    name = definition.name
    subject: e.Expression = e.Field(span, definition.type.maybe(), definition.entity, name)
    if has_bands(definition):
        subject = e.Band(span, definition.type.maybe(), definition.entity, name)
    if found is None:
        return e.IsMissing(span, TRUTH, subject, False), f"{name} is missing"
    if isinstance(definition, Flag):
        return (subject, name) if found else (e.Not(span, TRUTH, subject), f"not {name}")
    if isinstance(found, str):
        return e.OneOf(span, TRUTH, subject, (found,), False, True), f"{name} is {word(found)}"
    constant = e.Constant(span, definition.type.known(), found)
    text = found.isoformat() if isinstance(found, date) else short_text(found, definition.type)
    compared = e.Compare(span, TRUTH.maybe(), "=", subject, constant)
    return compared, f"{name} = {written_with(text, definition.type.unit)}"
