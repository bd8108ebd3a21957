"""A definition of a checked model comes in; what is asked of it, and what came out, goes out as answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model.expression import Value
from lifeseg.model.model import Claim, Flag, Lifecycle, Model, Score, Segment, Table
from lifeseg.prover.answers import Answer, Kind, Verdict, Witness
from lifeseg.prover.from_definition import scope, tests_of
from lifeseg.prover.from_expression import named
from lifeseg.prover.session import Ask, Limits, Outcome, Recheck, Session, truth_of
from lifeseg.prover.terms import Term, both, negated
from lifeseg.prover.world import Record, World

Decided = Segment | Table | Lifecycle


OF_NOBODY: dict[str, Verdict] = {
    "nobody": "proved", "nobody up to": "proved up to", "somebody": "refuted", "open": "not decided",
}  # fmt: skip
OF_SOMEBODY: dict[str, Verdict] = {
    "nobody": "refuted", "nobody up to": "not decided", "somebody": "proved", "open": "not decided",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """What all questions of a policy share: the model of a run that knows the run before, and the time there is."""

    model: Model
    limits: Limits
    day: date | None
    regions: bool = (
        False  # also tell, of each case of a first match, which earlier ones take some of its customers
    )

    def session(self, entity: str, *parts: object) -> Session:
        return Session(self.model, entity, parts, self.limits, self.day)


@dataclass(frozen=True, slots=True)
class About:
    """What an answer is about."""

    subject: str
    entity: str
    kind: Kind
    span: Span
    cases: tuple[str, ...] = ()


def settled(about: About, verdict: Verdict, *, by: tuple[str, ...] = ()) -> Answer:
    """An answer that needs no solver."""
    return Answer(about.subject, about.entity, about.kind, verdict, about.span, about.cases, by)


def absent(session: Session, about: About, ask: Ask, recheck: Recheck) -> Answer:
    """That there is no such customer."""
    started = time.perf_counter()
    outcome = session.exists(ask, recheck)
    return said(about, outcome, OF_NOBODY[outcome.verdict], started)


def present(session: Session, about: About, ask: Ask, recheck: Recheck) -> Answer:
    """That there is such a customer."""
    started = time.perf_counter()
    outcome = session.exists(ask, recheck, plainly=False)
    if outcome.verdict == "open":  # a plainer customer is sought for longer, and confirmed more often
        outcome = session.exists(ask, recheck)
    found = said(about, outcome, OF_SOMEBODY[outcome.verdict], started)
    if outcome.verdict == "nobody up to":
        return replace(found, tried=(f"nobody with up to {outcome.most} children of each kind",))
    return found


def said(about: About, outcome: Outcome, verdict: Verdict, started: float) -> Answer:
    return Answer(
        about.subject, about.entity, about.kind, verdict, about.span, about.cases, (), outcome.witness, False,
        outcome.most, outcome.free, outcome.tried, time.perf_counter() - started,
    )  # fmt: skip


def everything_known(world: World, record: Record) -> Term:
    """Nothing that may be missing is: no optional fact of the record, of those above and of its children."""
    del record
    missing = [
        symbol.missing
        for one in world.records
        for name, symbol in one.facts.items()
        if " " not in name and symbol.missing is not False
    ]
    return both(negated(item) for item in missing)


def only_when_missing(session: Session, found: Answer, ask: Ask, recheck: Recheck) -> Answer:
    """The same answer, told apart if nobody shows it of whom everything is known."""
    shown = found.witness
    if found.verdict != "refuted" or shown is None or not something_missing(shown):
        return found

    def known(world: World, record: Record) -> Term:
        asked = ask(world, record)
        return both([asked, everything_known(world, record)])

    again = session.exists(known, recheck)
    if again.verdict == "somebody":
        return replace(found, witness=again.witness)
    return replace(found, only_missing=again.verdict == "nobody")


def something_missing(shown: Witness) -> bool:
    waiting = [shown.asked]
    while waiting:
        record = waiting.pop()
        if any(value is None and " " not in name for name, value in record.facts.items()):
            return True
        waiting += [child for below in record.children.values() for child in below]
        waiting += [record.parent] if record.parent is not None else []
    return False


# ---- Segments and tables ---------------------------------------------------------------------------


def troubled(name: str, place: int) -> Ask:
    """No case holds (0), or several do (1)."""

    def ask(world: World, record: Record) -> Term:
        named(world, record, name)
        return world.troubles[record.number, name][place]

    return ask


def about_cases(asking: Asking, definition: Segment | Table) -> Iterator[Answer]:
    """Complete, disjoint or each case reachable."""
    session = asking.session(definition.entity, definition)
    name, entity, span = definition.name, definition.entity, definition.span
    if has_otherwise(definition):
        yield settled(About(name, entity, "complete", span), "proved")
    else:
        ask, confirmed = troubled(name, 0), finds("no-case", name)
        gap = absent(session, About(name, entity, "complete", span), ask, confirmed)
        yield only_when_missing(session, gap, ask, confirmed)
    if not definition.first_match:
        ask, confirmed = troubled(name, 1), finds("several-cases", name)
        overlap = absent(session, About(name, entity, "disjoint", span), ask, confirmed)
        yield only_when_missing(session, overlap, ask, confirmed)
        if overlap.verdict == "refuted":
            yield from overlapping(session, definition)
    for answer in reachable(session, definition):
        tell = asking.regions and definition.first_match and answer.verdict == "proved"
        yield replace(answer, by=takers_of_some(session, definition, answer.cases[0])) if tell else answer


def has_otherwise(definition: Decided) -> bool:
    if isinstance(definition, Table):
        return any(not any(row.conditions) for row in definition.rows)
    cases = definition.starts if isinstance(definition, Lifecycle) else definition.cases
    last = any(case.condition is None for case in cases)
    unknown = any(
        case.condition is not None and case.condition.type.optional and case.if_missing is None
        for case in cases
    )
    first_match = isinstance(definition, Segment) and definition.first_match
    return last and not (first_match and unknown)


def finds(kind: str, name: str) -> Recheck:
    return lambda evaluated: evaluated.finds(kind, name)


def overlapping(session: Session, definition: Segment | Table) -> Iterator[Answer]:
    """Which cases hold together, each pair with a customer."""
    asked = session.world(exact=False)
    tests = tests_of(asked.world, asked.record, definition)
    names = labels(definition)
    for later in range(len(tests)):
        for earlier in range(later):
            if tests[earlier][0] == tests[later][0]:
                continue
            about = About(
                definition.name, definition.entity, "disjoint", spans(definition)[later],
                (names[earlier], names[later]),
            )  # fmt: skip
            ask = holding(definition, (earlier, later))
            pair = absent(session, about, ask, finds("several-cases", definition.name))
            if pair.verdict != "proved":
                yield pair


def holding(definition: Segment | Table, places: Sequence[int], but: Sequence[int] = ()) -> Ask:
    """Some cases hold of somebody in the scope, and others do not."""

    def ask(world: World, record: Record) -> Term:
        tests = tests_of(world, record, definition)
        inside = scope(world, record, definition)
        held = [tests[place][1].yes() for place in places]
        return both([inside, *held, *(negated(tests[place][1].yes()) for place in but)])

    return ask


def labels(definition: Segment | Table) -> tuple[str, ...]:
    """What cases are called: rows by their line."""
    if isinstance(definition, Table):
        return tuple(f"line {row.span.line}" for row in definition.rows)
    cases = [case for case in definition.cases if case.condition is not None]
    return tuple(case.name for case in cases) + tuple(
        case.name for case in definition.cases if case.condition is None
    )


def spans(definition: Segment | Table) -> tuple[Span, ...]:
    if isinstance(definition, Table):
        return tuple(row.span for row in definition.rows)
    cases = sorted(definition.cases, key=lambda case: case.condition is None)
    return tuple(case.span for case in cases)


def reachable(session: Session, definition: Segment | Table) -> Iterator[Answer]:
    """Each case or row can be somebody's."""
    names, places = labels(definition), spans(definition)
    results = [row.case for row in definition.rows] if isinstance(definition, Table) else names
    for place, name in enumerate(names):
        about = About(definition.name, definition.entity, "reachable", places[place], (name,))
        other = [one for one, result in enumerate(results) if result != results[place]]
        ask = holding(definition, (place,), range(place) if definition.first_match else other)
        found = present(session, about, ask, comes_to(definition.name, results[place]))
        if found.verdict == "refuted":
            found = replace(found, by=takers(session, definition, place))
        yield found


def comes_to(name: str, case: Value) -> Recheck:
    return lambda evaluated: evaluated.value(name) == case


def takers(session: Session, definition: Segment | Table, place: int) -> tuple[str, ...]:
    """The earlier cases that take whoever this one would take: as few as are needed."""
    if (
        not definition.first_match
        or session.exists(holding(definition, (place,)), anybody, plainly=False).verdict == "nobody"
    ):
        return ()
    needed = list(range(place))
    for other in range(place):
        fewer = [one for one in needed if one != other]
        if session.exists(holding(definition, (place,), fewer), anybody, plainly=False).verdict == "nobody":
            needed = fewer
    names = labels(definition)
    return tuple(names[one] for one in needed)


def takers_of_some(session: Session, definition: Segment | Table, name: str) -> tuple[str, ...]:
    """The earlier cases that take some of those whom a case asks for."""
    names = labels(definition)
    place = names.index(name)
    if isinstance(definition, Segment) and any(
        one.name == name and one.condition is None for one in definition.cases
    ):
        return ()
    asks = (holding(definition, (earlier, place)) for earlier in range(place))
    found = [session.exists(ask, anybody, plainly=False).verdict == "somebody" for ask in asks]
    return tuple(one for one, overlaps in zip(names, found, strict=False) if overlaps)


def anybody(evaluated: object) -> bool:
    return True


# ---- Bands and flags ---------------------------------------------------------------------------------


def about_bands(asking: Asking, score: Score) -> Iterator[Answer]:
    """Each band can be somebody's, whatever it was before."""
    own = next(one for one in asking.model.of(score.entity) if one.name == score.name)
    session, name = asking.session(score.entity, own), f"{score.name}_band"
    for band in score.bands:
        about = About(score.name, score.entity, "reachable", band.span, (band.name,))
        yield present(session, about, in_band(name, band.name), comes_to(name, band.name))


def in_band(name: str, band: str) -> Ask:
    def ask(world: World, record: Record) -> Term:
        found = named(world, record, name)
        return both([negated(found.missing), found.value[band]])

    return ask


def about_flags(asking: Asking, subject: str, flags: Sequence[Flag]) -> Iterator[Answer]:
    """Somebody can have each."""
    session = asking.session(flags[0].entity, *flags)
    for flag in flags:
        about = About(subject, flag.entity, "reachable", flag.span, (flag.name,))
        yield present(session, about, has(flag.name), comes_to(flag.name, True))


def has(flag: str) -> Ask:
    return lambda world, record: named(world, record, flag).yes()


# ---- Claims ------------------------------------------------------------------------------------------


def about_claim(asking: Asking, claim: Claim) -> Answer:
    """A `never` holds of nobody."""
    session = asking.session(claim.entity, claim.condition)
    ask, confirmed = truth_of(claim.condition), finds("never", claim.title)
    about = About(claim.title, claim.entity, "never", claim.span)
    return only_when_missing(session, absent(session, about, ask, confirmed), ask, confirmed)


def about_assumptions(asking: Asking, entity: str) -> Answer | None:
    """Somebody is as all assumptions say; otherwise everything would be proved of nobody."""
    claims = [claim for claim in asking.model.claims if claim.kind == "assume" and claim.entity == entity]
    if not claims:
        return None
    session = asking.session(entity)
    about = About("assumptions", entity, "possible", claims[0].span, tuple(claim.title for claim in claims))
    return present(session, about, lambda world, record: True, lambda evaluated: evaluated.assumed())
