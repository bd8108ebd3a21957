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
from lifeseg.interpreter.check_tests import Bench, Benches, evaluated, started
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import UNKNOWN, NotGiven
from lifeseg.interpreter.results import Row
from lifeseg.interpreter.values import short_text
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Check, Expected, Flag, Lifecycle, Model, Score
from lifeseg.model.types import TRUTH, written_with
from lifeseg.model.with_past import Steps, remembers, with_past
from lifeseg.prover.answers import Described
from lifeseg.prover.from_expression import named
from lifeseg.prover.session import Ask, Limits, Outcome, Recheck, Session, truth_of
from lifeseg.prover.terms import Term, both, negated
from lifeseg.prover.to_test import fewest, given_of, lines, why_none, word
from lifeseg.prover.witness import Evaluated
from lifeseg.prover.world import Record, World


@dataclass(frozen=True, slots=True)
class Lack:
    """What no test has seen: a clause of a definition being true, or false; or a case, of a score a band.

    A move, and what it asks, are seen of those `where` something holds of what they were in the run before.
    """

    definition: AnyDefinition
    span: Span
    clause: e.Expression | None = None
    verdict: bool = True
    case: str = ""
    where: e.Expression | None = None


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
        self.known = with_past(model)
        self.sessions: dict[tuple[str, str, bool], Session] = {}
        self.benches = Benches(model, None)

    def proposal(self, lack: Lack, title: str) -> Proposal:
        ask, confirmed = wanted(lack)
        outcome = self.session(lack).exists(ask, confirmed)
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
        return Proposal(lack, check, tuple(lines(self.known, asked, day, title, text)), day)

    def session(self, lack: Lack) -> Session:
        """Of the model without a past, if it needs none."""
        of = lack.definition
        key = (of.entity, of.name, lack.where is not None)
        if key not in self.sessions:
            about: tuple[object, ...] = (of,)
            if lack.where is not None and isinstance(of, Lifecycle):
                steps = Steps(of)
                names = {(of.entity, step.name) for step in steps.all()}
                moving = [steps.moving(place, move) for place in steps.places for move in of.moves]
                made = [one for one in self.known.definitions if (one.entity, one.name) in names]
                about = (*made, *moving)
            model = self.model if lack.where is None else self.known
            self.sessions[key] = Session(model, of.entity, about, self.limits, self.day)
        return self.sessions[key]

    # ---- Asked of the interpreter, with nothing known but what the test gives ----------------------

    def ready(self, check: Check, day: date | None) -> Bench:
        """Where a proposed test is run."""
        return self.benches.of(day, check.given)

    def outcome(self, lack: Lack, asked: Described, day: date | None) -> tuple[Row, object] | None:
        """The record, and what the definition comes to; None where that is open."""
        given, of = given_of(asked, lack.span), lack.definition
        ready = self.benches.of(day, given)
        link, row = ready.link, started(ready, given)
        assert row is not None
        link.troubles.clear()
        evaluated(ready, of.entity, row)
        found = row[link.slots[of.entity][called(of)]]
        troubled = any(definition.name == of.name for _, definition, _, _ in link.troubles)
        return None if found is UNKNOWN or troubled else (row, found)

    def sees(self, lack: Lack, asked: Described, day: date | None) -> bool:
        """The definition comes to something, and what was lacking is there."""
        outcome = self.outcome(lack, asked, day)
        if outcome is None:
            return False
        row, found = outcome
        if lack.clause is None and lack.where is None:
            return found == lack.case
        given = given_of(asked, lack.span)
        if lack.where is not None and not remembers(given):
            return False
        link = self.benches.of(day, given).link
        clauses = [(lack.where, True), (lack.clause, lack.verdict)]
        try:
            return all(
                from_expression(link, node)(row) is verdict for node, verdict in clauses if node is not None
            )
        except NotGiven:
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
    clause = lack.clause
    if clause is not None and not lack.verdict:
        clause = e.Not(lack.span, clause.type, clause)
    asked = [node for node in (lack.where, clause) if node is not None]

    def ask(world: World, record: Record) -> Term:
        value = named(world, record, name)
        none, many = world.troubles.get((record.number, of.name), (False, False))
        calm = both([negated(none), negated(many)])
        found = [calm, *(truth_of(node)(world, record) for node in asked)]
        return both(found if asked else [calm, negated(value.missing), value.value.get(lack.case, False)])

    def confirmed(found: Evaluated) -> bool:
        return all(found.verdict(node) is True for node in asked) if asked else found.value(name) == lack.case

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
