"""Results and a record come in; the changes of a single fact that would alter its decisions go out, the nearest first.

Each is found by evaluating the record's family with other values, the population staying as it is: a value that alters a
decision and, one step before it, one that does not. A step is what the policy declares for a change of the fact; else one
point, day, month or piece, a hundredth of a share, and of large amounts a one in the second digit of the present value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lifeseg.explain.differences import ground_of
from lifeseg.explain.explanation import Becomes, Way
from lifeseg.frozen import dataclass
from lifeseg.functions.exact import fraction_text, to_text
from lifeseg.interpreter.results import Results, Row
from lifeseg.interpreter.trace import RecordTrace
from lifeseg.interpreter.values import short_text
from lifeseg.model.changes import is_fixed, unit_of_costs
from lifeseg.model.model import AnyDefinition, Fact, Score
from lifeseg.pipeline.stages import evaluate
from lifeseg.pipeline.whatif import Taken, facts_of, lineage, place_of, rows_of, take
from lifeseg.records.population import Population, Rows

MOST_ROWS = 60_000
"""Rows that are evaluated at most to find the first answer; of a larger family only the record's own facts are varied."""
MOST_DAYS = 3653
ALL_UP_TO = 16
SPLIT = 8

Name = tuple[tuple[str, int, int, int], int]
Ground = Mapping[str, Collection[str]]
"""The facts that decisions rest on, by entity; of an entity that is not named, all."""


@dataclass(frozen=True, slots=True)
class Dial:
    """A fact of one record of the family, and a direction in which it may go: by so much a step and so many steps; or the
    other values that it may have. `cost` is that of a step or another value, None where the policy says nothing of it.
    """

    entity: str
    place: int
    child: tuple[int, ...]
    fact: Fact
    position: int
    present: Any
    step: int  # signed
    reach: int
    values: tuple[Any, ...] = ()
    cost: Fraction | None = None

    def value(self, steps: int) -> Any:
        if self.values:
            return self.values[steps - 1]
        if isinstance(self.present, date):
            return self.present + timedelta(self.step * steps)
        return self.present + self.step * steps

    @property
    def name(self) -> tuple[str, int, int, int]:
        return self.entity, self.place, self.position, self.step


@dataclass(frozen=True, slots=True)
class Search:
    """A dial and a decision: after `short` steps it is as it was, after `far` it is not."""

    dial: Dial
    decision: int
    short: int
    far: int


Variant = tuple[Dial, int]
"""A dial and a number of steps."""


class Family:
    """A record's family, to be evaluated with one fact changed, many changes at a time."""

    def __init__(self, results: Results, entity: str, index: int, decisions: Sequence[str]) -> None:
        self.results, self.entity = results, entity
        self.taken: Taken = {name: [] for name in results.model.entities}
        take(*lineage(results, entity, index)[-1], self.taken)
        self.row = results.rows[entity][index]
        self.place = place_of(self.taken[entity], self.row)
        values = {name: [facts_of(results, name, one) for one in rows] for name, rows in self.taken.items()}
        entities = results.model.entities
        self.rows = {name: rows_of(entities[name], self.taken, values[name]) for name in entities}
        self.size = sum(len(rows) for rows in self.taken.values())
        slots = results.slots[entity]
        definitions: dict[str, AnyDefinition] = {one.name: one for one in results.model.of(entity)}
        self.slots = [
            slots[f"{name}_band" if isinstance(definitions[name], Score) else name] for name in decisions
        ]
        self.known: dict[Name, tuple[Any, ...]] = {}

    @property
    def present(self) -> tuple[Any, ...]:
        return tuple(self.row[slot] for slot in self.slots)

    def outcomes(self, variants: Sequence[Variant]) -> list[tuple[Any, ...]]:
        """What the decisions come to by each."""
        names = [(dial.name, steps) for dial, steps in variants]
        fresh = {
            name: variant for name, variant in zip(names, variants, strict=True) if name not in self.known
        }
        if fresh:
            found = self.evaluated(list(fresh.values()))
            self.known.update(zip(fresh, found, strict=True))
        return [self.known[name] for name in names]

    def evaluated(self, variants: Sequence[Variant]) -> Iterator[tuple[Any, ...]]:
        model, results = self.results.model, self.results
        rows = {name: self.copies(name, variants) for name in model.entities}
        changed = evaluate(model, Population(rows, ""), results.as_of, results.baseline)
        own = changed.rows[self.entity][self.place :: len(self.taken[self.entity])]
        return (tuple(row[slot] for slot in self.slots) for row in own)

    def copies(self, entity: str, variants: Sequence[Variant]) -> Rows:
        """The family's rows once for each variant, with the value that it has instead."""
        rows, above = self.rows[entity], self.results.model.entities[entity].parent
        width = len(self.rows[above].values) if above is not None else 0
        values: list[tuple[Any, ...]] = []
        for dial, steps in variants:
            start = len(values)
            values += rows.values
            if dial.entity == entity:
                old = rows.values[dial.place]
                other = dial.value(steps)
                values[start + dial.place] = (*old[: dial.position], other, *old[dial.position + 1 :])
        parents = [copy * width + parent for copy in range(len(variants)) for parent in rows.parents]
        return Rows(entity, values, parents, [*range(1, len(values) + 1)])


def single_changes(
    results: Results, entity: str, index: int, decisions: Sequence[str], ground: Ground, to: str | None = None
) -> list[Way]:
    """The nearest change of each fact that alters one of the decisions, or makes the first of them `to`."""
    if not decisions:
        return []
    family = Family(results, entity, index, decisions)
    tried = [variant for dial in dials_of(family, ground) for variant in probes(dial)]
    if len(tried) * family.size > MOST_ROWS:
        tried = [(dial, steps) for dial, steps in tried if not dial.child]
    if not tried or len(tried) * family.size > MOST_ROWS:
        return []
    found: dict[Name, list[Search]] = {}
    for one in narrowed(family, list(started(family, tried, to)), to):
        found.setdefault((one.dial.name, one.far), []).append(one)
    ways = [way_of(family, group, decisions) for group in found.values()]
    return sorted(ways, key=lambda way: (way.cost is None, Fraction(way.cost or 0), way.steps))


def ground_for(record: RecordTrace, decisions: Sequence[str]) -> Ground:
    """The facts that decisions rest on, of the record and of those directly beneath it."""
    found: dict[str, set[str]] = {child.entity: set() for child in record.children}
    found[record.entity] = set()
    for name in decisions:
        one = ground_of(record, name)
        found[record.entity] |= one.own
        for entity, names in one.below.items():
            found.setdefault(entity, set()).update(names)
    return found


# ---- What may be changed -------------------------------------------------------------------------


def dials_of(family: Family, ground: Ground) -> Iterator[Dial]:
    """The facts of the record, then those of the records beneath it, that a decision rests on and somebody could change."""
    results = family.results
    declared = unit_of_costs(results.model.entities) is not None
    for entity, child, row in below(results, family.entity, (), family.row):
        place = place_of(family.taken[entity], row)
        of, slots = results.model.entities[entity], results.slots[entity]
        for position, fact in enumerate(of.facts):
            present = row[slots[fact.name]]
            asked = entity not in ground or fact.name in ground[entity]
            if asked and not is_fixed(of, fact) and may_change(fact, present, results.as_of, declared):
                dial = Dial(entity, place, child, fact, position, present, 1, 0)
                yield from directions(dial, results.as_of)


def below(
    results: Results, entity: str, child: tuple[int, ...], row: Row
) -> Iterator[tuple[str, tuple[int, ...], Row]]:
    """A record and all beneath it, in the order of its trace."""
    yield entity, child, row
    places = ((name, other) for name, others_ in row[1].items() for other in others_)
    for at, (name, other) in enumerate(places):
        yield from below(results, name, (*child, at), other)


def may_change(fact: Fact, present: Any, as_of: date, declared: bool) -> bool:
    """Nothing that is missing, no day that has passed; where the policy says what changes cost, what it says so of."""
    if present is None or (declared and fact.changes is None):
        return False
    return not isinstance(present, date) or present > as_of or fact.changes is not None


def directions(dial: Dial, as_of: date) -> Iterator[Dial]:
    """Other values, or up and down; by the policy's steps and at its cost where it says so, otherwise as people count."""
    fact, present, own = dial.fact, dial.present, dial.fact.changes
    cost = own.cost if own is not None else None
    if fact.type.kind in ("truth", "choice"):
        known = fact.type.options if fact.type.kind == "choice" else (False, True)
        values = tuple(one for one in (own.values if own and own.values else known) if one != present)
        if values:
            yield replace(dial, reach=len(values), values=values, cost=cost)
        return
    for sign, way in ((1, "up"), (-1, "down")):
        meant = own is not None and own.way in ("", way)
        declared = own.step if meant and own is not None else None
        step = declared or (1 if isinstance(present, date) else step_of(fact, present))
        most = reach(fact, present, sign, as_of) // step
        if most > 0:
            yield replace(dial, step=sign * step, reach=most, cost=cost if meant else None)


def step_of(fact: Fact, present: int) -> int:
    """The step in which people would count, at the scale of the fact."""
    of = fact.type
    if fact.step > 1:
        return fact.step
    width = int((of.high - of.low) * 10**of.scale)
    if fact.kind == "years":
        return 12
    small = fact.bounded and of.high - of.low <= 1000
    size = width if small else abs(present) or width // 1000
    return int(10 ** max(0, len(str(size)) - (3 if small else 2)))


def reach(fact: Fact, present: Any, sign: int, as_of: date) -> int:
    """How far it goes in a direction; a day not into the past."""
    of = fact.type
    if isinstance(present, date):
        return MOST_DAYS if sign > 0 else (present - as_of).days - 1
    end = (of.high if sign > 0 else of.low) * 10**of.scale
    return max(0, int((end - present) * sign))


def probes(dial: Dial) -> Iterator[Variant]:
    """All values where there are few, else values further and further away."""
    if dial.values or dial.reach <= ALL_UP_TO:
        steps = [*range(1, dial.reach + 1)]
    else:
        steps = sorted({1, 2, 4, *doubling(dial.reach), dial.reach})
    return ((dial, at) for at in steps)


def doubling(most: int) -> Iterator[int]:
    at = 8
    while at < most:
        yield at
        at *= 4


# ---- The search ----------------------------------------------------------------------------------


def started(family: Family, tried: Sequence[Variant], to: str | None) -> Iterator[Search]:
    """For each decision the first value tried of a dial that alters it; of other values each that does."""
    present = family.present
    last: dict[tuple[str, int, int, int], int] = {}
    done: set[tuple[tuple[str, int, int, int], int]] = set()
    for (dial, steps), outcome in zip(tried, family.outcomes(tried), strict=True):
        short = steps - 1 if dial.values else last.get(dial.name, 0)
        last[dial.name] = steps
        for at, before in enumerate(present):
            if (dial.values or (dial.name, at) not in done) and moved(before, outcome[at], at, to):
                done.add((dial.name, at))
                yield Search(dial, at, short, steps)


def moved(before: Any, after: Any, at: int, to: str | None) -> bool:
    if to is None or at > 0:
        return bool(before != after) and to is None
    return (to in after if isinstance(after, tuple) else after == to) and before != after


def narrowed(family: Family, searches: list[Search], to: str | None) -> list[Search]:
    """The same, with a single step between the value that alters nothing and the one that does."""
    while any(one.far - one.short > 1 for one in searches):
        tried = [(one.dial, steps) for one in searches for steps in between(one)]
        outcomes = iter(family.outcomes(tried))
        searches = [
            narrower(one, {at: next(outcomes) for at in between(one)}, family, to) for one in searches
        ]
    return searches


def between(one: Search) -> list[int]:
    width = one.far - one.short
    return sorted({one.short + width * part // SPLIT for part in range(1, SPLIT)} - {one.short, one.far})


def narrower(one: Search, outcomes: Mapping[int, tuple[Any, ...]], family: Family, to: str | None) -> Search:
    short = one.short
    for steps, outcome in outcomes.items():
        if moved(family.present[one.decision], outcome[one.decision], one.decision, to):
            return Search(one.dial, one.decision, short, steps)
        short = steps
    return Search(one.dial, one.decision, short, one.far)


# ---- What is found -------------------------------------------------------------------------------


def way_of(family: Family, group: Sequence[Search], decisions: Sequence[str]) -> Way:
    dial, far = group[0].dial, group[0].far
    after = dial.value(far)
    outcome = family.outcomes([(dial, far)])[0]
    shown = short_text(after, dial.fact.type) or ""
    steps = 1 if dial.values else far
    changes = dial.fact.changes
    return Way(
        child=dial.child,
        fact=dial.fact.name,
        before=short_text(dial.present, dial.fact.type),
        after=shown,
        amount=amount(dial, after),
        steps=steps,
        cost=None if dial.cost is None else fraction_text(dial.cost * steps),
        unit=changes.unit or None if changes is not None and dial.cost is not None else None,
        setting=f"{path_of(family, dial)}{dial.fact.name}={written(shown, dial.fact)}",
        becomes=tuple(
            Becomes(decisions[one.decision], said(family.present[one.decision]), said(outcome[one.decision]))
            for one in group
        ),
    )


def amount(dial: Dial, after: Any) -> str | None:
    if isinstance(after, date):
        return str((after - dial.present).days)
    if dial.fact.type.kind != "number":
        return None
    return to_text(after - dial.present, dial.fact.type.scale)


def path_of(family: Family, dial: Dial) -> str:
    """What stands before the fact in a setting of `whatif`."""
    if not dial.child:
        return ""
    results = family.results
    row = family.taken[dial.entity][dial.place]
    key = results.key(dial.entity, row)[len(results.key(family.entity, family.row)) :]
    return f"{dial.entity}.{'/'.join(key)}."


def written(value: str, fact: Fact) -> str:
    """A number of months is read as years where the fact counts years."""
    return f"{(Decimal(value) / 12).normalize():f}" if fact.kind == "years" else value


def said(value: Any) -> str | None:
    return ", ".join(value) if isinstance(value, tuple) else value
