"""A model comes in; the model of a run that knows the run before goes out: what was is facts, lifecycles are segments, and
the threshold of a band that is left later than it is reached depends on the band before.

So nothing that evaluates, plans or explains knows of time. Without a run before the model stays as it is: a lifecycle has
the state that its start rules give, and a band begins where it is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import (
    AnyDefinition,
    Case,
    Entity,
    Fact,
    Given,
    Labelled,
    Lifecycle,
    Model,
    Move,
    Origin,
    Rank,
    Score,
    ScoreBand,
    Segment,
    State,
    Table,
)
from lifeseg.model.types import DATE, DAY, MONTH, TRUTH, Type, number
from lifeseg.model.walk import nodes

TITLES = {"en": "{} before", "zh": "上次的{}"}
SINCE = {"en": "{} since", "zh": "{}开始于"}


@dataclass(frozen=True, slots=True)
class Recalled:
    """A definition whose case in the run before is asked for, and perhaps since when it was."""

    name: str
    options: tuple[str, ...]
    since: bool


def before(name: str) -> str:
    """The fact that holds the case of the run before; no name of a policy has a blank."""
    return f"{name} before"


def since(name: str) -> str:
    return f"{name} since"


def of_before(name: str) -> bool:
    """Whether a fact holds what was in the run before, or since when it was."""
    return " " in name


def is_since(name: str) -> bool:
    return of_before(name) and name == since(defined(name))


def defined(name: str) -> str:
    """Of what definition a fact holds what was."""
    return name.split(maxsplit=1)[0]


def recalled(definitions: Iterable[AnyDefinition]) -> dict[str, tuple[Recalled, ...]]:
    """What a run asks of the run before, by entity; nothing where no lifecycle has moves and no band is left later."""
    found: dict[str, dict[str, Recalled]] = {}
    known = {(one.entity, one.name): one for one in definitions}
    for lifecycle in lifecycles(known.values()):
        own = Recalled(lifecycle.name, lifecycle.type.options, bool(lifecycle.stays))
        found.setdefault(lifecycle.entity, {})[lifecycle.name] = own
    for lifecycle in lifecycles(known.values()):
        for node in nodes(lifecycle.moves):
            if isinstance(node, e.Was):
                asked = found.setdefault(node.entity, {})
                asked.setdefault(
                    node.name, Recalled(node.name, options(known[node.entity, node.name]), False)
                )
    for one in known.values():
        if isinstance(one, Score) and holds_on(one):
            found.setdefault(one.entity, {}).setdefault(one.name, Recalled(one.name, options(one), False))
    return {entity: tuple(names.values()) for entity, names in found.items()}


def remembers(given: Given) -> bool:
    """Whether a test says what was in the run before."""
    rows = (given.facts, *(row for rows in given.children.values() for row in rows))
    return any(of_before(name) for row in rows for name in row)


def passing_key(entities: Mapping[str, Entity], entity: str) -> tuple[str, Fact | None] | None:
    """The entity, of this one and those above it, and its key, that make no text by which a record is known again in the next
    run: there is none, or it is a number with decimals, or a yes/no.
    """
    own = entities[entity]
    above = passing_key(entities, own.parent) if own.parent is not None else None
    if above is not None or not own.keys:
        return above or (entity, None)
    fact = next((fact for fact in own.keys if fact.type.kind == "truth" or fact.type.scale), None)
    return (entity, fact) if fact is not None else None


def lifecycles(definitions: Iterable[AnyDefinition]) -> Iterator[Lifecycle]:
    return (one for one in definitions if isinstance(one, Lifecycle) and one.moves)


def holds_on(score: Score) -> bool:
    """Whether a band is left later than it is reached."""
    return any(band.leaving is not None for band in score.bands)


def renamed(definition: AnyDefinition) -> dict[str, str]:
    """What the former names of cases, states or bands mean today."""
    cases: Sequence[Labelled] = ()
    match definition:
        case Segment() | Table():
            cases = definition.cases
        case Lifecycle():
            cases = definition.states
        case Score():
            cases = definition.bands
        case Rank():
            cases = definition.classes
        case _:
            return {}
    return {old: one.name for one in cases for old in one.former}


def options(definition: AnyDefinition) -> tuple[str, ...]:
    if isinstance(definition, Score):
        return tuple(band.name for band in definition.bands)
    return definition.type.options


def with_past(model: Model) -> Model:
    """The model of a run that knows the run before; each record needs the facts that `recalled` tells."""
    asked = recalled(model.definitions)
    if not asked:
        return model
    entities = dict(model.entities)
    known = {(one.entity, one.name): one for one in model.definitions}
    for name, found in asked.items():
        facts = [fact for one in found for fact in facts_of(known[name, one.name], one)]
        entities[name] = replace(entities[name], facts=(*entities[name].facts, *facts))
    definitions = [made for one in model.definitions for made in remembering(one)]
    return replace(model, entities=entities, definitions=tuple(definitions))


def facts_of(definition: AnyDefinition, one: Recalled) -> Iterator[Fact]:
    """What it was in the run before, and perhaps since when."""
    kind = Type("choice", True, options=one.options)
    yield Fact(
        before(one.name), titled(definition.titles, TITLES), definition.span, {},
        "one of", kind, 1, False, False, False,
    )  # fmt: skip
    if one.since:
        yield Fact(
            since(one.name), titled(definition.titles, SINCE), definition.span, {},
            "date", DATE.maybe(), 1, False, False, False,
        )  # fmt: skip


def titled(titles: Mapping[str, str], patterns: Mapping[str, str]) -> dict[str, str]:
    return {
        language: patterns.get(language, patterns["en"]).format(title) for language, title in titles.items()
    }


def remembering(definition: AnyDefinition) -> Iterator[AnyDefinition]:
    """The definitions that take the place of one."""
    if isinstance(definition, Lifecycle) and definition.moves:
        yield from Steps(definition).all()
    elif isinstance(definition, Score) and holds_on(definition):
        bands = [holding(definition, place) for place in range(len(definition.bands))]
        yield replace(definition, bands=tuple(bands))
    else:
        yield definition


def holding(score: Score, place: int) -> ScoreBand:
    """A band that is left at its lower threshold by whoever was in it, or in a higher one."""
    band = score.bands[place]
    entry, leaving = band.threshold, band.leaving
    if entry is None or leaving is None:
        return band
    kind = Type("choice", True, options=options(score))
    subject = e.Field(spot(band.span), kind, score.entity, before(score.name))
    was = e.OneOf(spot(band.span), TRUTH, subject, options(score)[: place + 1], False, True)
    both_kinds = Type(
        "number",
        scale=max(entry.type.scale, leaving.type.scale),
        low=min(entry.type.low, leaving.type.low),
        high=max(entry.type.high, leaving.type.high),
    )
    return replace(
        band, threshold=e.Choose(spot(band.span), both_kinds, ((was, leaving),), entry), leaving=None
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """A lifecycle as segments: where its records are after each move of a run, of which the last is the result."""

    lifecycle: Lifecycle

    def all(self) -> Iterator[Segment]:
        for place in self.places:
            yield self.step(
                place, self.place_name(place), self.lifecycle.made if place == self.places[-1] else "step"
            )

    @property
    def places(self) -> range:
        """Of the moves of a run: one, or a start and each state left once, where it goes on until nothing moves."""
        return range(1, 2 + len(self.lifecycle.states) * self.lifecycle.until_settled)

    def moving(self, place: int, move: Move) -> e.Expression:
        """They make it as the move of that place of a run: they are in its source, and leave it so."""
        return both([self.at(place, move.source), *self.leaves(place, move)])

    def place_name(self, moves: int) -> str:
        """What tells where a record is after so many moves."""
        if moves == self.places[-1]:
            return self.lifecycle.name
        return f"{self.lifecycle.name} move {moves}" if moves else before(self.lifecycle.name)

    def step(self, place: int, name: str, made: Origin) -> Segment:
        own = self.lifecycle
        cases = tuple(case for state in own.states for case in self.cases(place, state))
        return Segment(
            name, own.titles, own.span, own.information, own.entity, own.type, None, None, False, cases,
            made=made, moving=True,
        )  # fmt: skip

    def cases(self, place: int, state: State) -> Iterator[Case]:
        """Who is in a state after a move: who was not anywhere and starts there, who comes, and who stays."""
        own = self.lifecycle
        if place == 1:
            for start in own.starts:
                if start.name == state.name:
                    yield case(state, start.span, [self.new(), *self.starting(start)])
        for move in own.moves:
            if move.target == state.name:
                yield Case(
                    state.name, state.titles, move.span, state.information, self.moving(place, move), None
                )
        leaving = [move for move in own.moves if move.source == state.name]
        tests = [e.Not(spot(move.span), TRUTH, both(self.leaves(place, move))) for move in leaving]
        yield case(state, state.span, [self.at(place, state.name), *tests])

    # ---- Conditions ------------------------------------------------------------------------------

    def at(self, place: int, state: str) -> e.Expression:
        """They are in a state before a move."""
        own = self.lifecycle
        subject = e.Field(spot(own.span), own.type.maybe(), own.entity, self.place_name(place - 1))
        return e.OneOf(spot(own.span), TRUTH, subject, (state,), False, True)

    def new(self) -> e.Expression:
        own = self.lifecycle
        subject = e.Field(spot(own.span), own.type.maybe(), own.entity, before(own.name))
        return e.IsMissing(spot(own.span), TRUTH, subject, False)

    def starting(self, start: Case) -> list[e.Expression]:
        """What a start rule asks; `otherwise` that none of the others holds."""
        if start.condition is not None:
            return [start.condition]
        others = [other.condition for other in self.lifecycle.starts if other.condition is not None]
        return [e.Not(spot(start.span), TRUTH, other) for other in others]

    def leaves(self, place: int, move: Move) -> Sequence[e.Expression]:
        """What a move asks of somebody who is in its source: nothing is left twice in a run, nor before its time."""
        condition = move.condition
        tests = [recalling(condition)] if condition is not None else []
        stays = {state: (count, unit) for state, count, unit in self.lifecycle.stays}
        if move.source in stays:
            came = e.Constant(spot(move.span), TRUTH, False)  # who comes today has not stayed
            tests.append(self.stayed(move, *stays[move.source]) if place == 1 else came)
        tests += [e.Not(spot(move.span), TRUTH, self.at(earlier, move.source)) for earlier in range(1, place)]
        return tests or [e.Constant(spot(move.span), TRUTH, True)]

    def stayed(self, move: Move, count: int, unit: str) -> e.Expression:
        """They have been in the state so long."""
        own, span = self.lifecycle, spot(move.span)
        day = e.Field(span, DATE.maybe(), own.entity, since(own.name))
        length = e.Constant(
            span, number(0, Fraction(count), Fraction(count), MONTH if unit == "month" else DAY), count
        )
        end = e.Add(span, DATE.maybe(), day, length)
        return e.Compare(span, TRUTH.maybe(), "<=", end, e.Today(span, DATE))


def recalling(part: e.Expression) -> e.Expression:
    """The condition with `was` asked of the facts that hold what was."""
    match part:
        case e.Was():
            kind = Type("choice", True, options=part.values)
            subject = e.Field(part.span, kind, part.entity, before(part.name))
            return e.OneOf(part.span, TRUTH, subject, part.values, part.negated, True)
        case e.And() | e.Or():
            return replace(part, items=tuple(map(recalling, part.items)))
        case e.Not():
            return replace(part, value=recalling(part.value))
        case _:
            return part


def case(state: State, span: Span, tests: Sequence[e.Expression]) -> Case:
    return Case(state.name, state.titles, span, state.information, both(tests), None)


def spot(span: Span) -> Span:
    """Where something is that is nowhere written."""
    return span._replace(end_line=span.line, end_column=span.column)


def both(items: Iterable[e.Expression]) -> e.Expression:
    found = tuple(items)
    return found[0] if len(found) == 1 else e.And(spot(found[0].span), TRUTH, found)


def either(items: Iterable[e.Expression]) -> e.Expression:
    found = tuple(items)
    return found[0] if len(found) == 1 else e.Or(spot(found[0].span), TRUTH, found)
