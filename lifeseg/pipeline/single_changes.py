"""Results and a record come in; the changes of a single fact that would alter its decisions go out, the nearest first.

Each is found by evaluating the record's family with other values, the population staying as it is: a value that alters a
decision and, one step before it, one that does not. A step is what the policy declares for the fact; else one point, day,
month or piece, a hundredth of a share, and of large amounts a one in the second digit of the present value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lifeseg.explain.differences import ground_of
from lifeseg.explain.explanation import Becomes, Way
from lifeseg.frozen import dataclass
from lifeseg.functions.exact import to_text
from lifeseg.interpreter.results import Results, Row
from lifeseg.interpreter.trace import RecordTrace
from lifeseg.interpreter.values import short_text
from lifeseg.model.model import AnyDefinition, Fact, Score
from lifeseg.pipeline.stages import evaluate
from lifeseg.pipeline.whatif import Taken, facts_of, lineage, place_of, rows_of, take
from lifeseg.records.population import Population, Rows

MOST_ROWS = 60_000
"""Rows that are evaluated at most to find the first answer; of a larger family only the record's own facts are varied."""
MOST_DAYS = 3653
ALL_UP_TO = 16
SPLIT = 8

Ground = Mapping[str, Collection[str]]
"""The facts that decisions rest on, by entity; of an entity that is not named, all."""


@dataclass(frozen=True, slots=True)
class Dial:
    """A fact of one record of the family that may be set: where it is, its value, and what other values there are.

    `values` gives the nth value in a direction (1 up, -1 down) for n from 1 to its `reach`; a choice has one direction.
    """

    entity: str
    place: int
    child: tuple[int, ...]
    fact: Fact
    position: int
    present: Any
    step: int

    def value(self, direction: int, steps: int) -> Any:
        if self.fact.type.kind == "truth":
            return not self.present
        if self.fact.type.kind == "choice":
            return others(self.fact, self.present)[steps - 1]
        if isinstance(self.present, date):
            return self.present + timedelta(direction * steps)
        return self.present + direction * steps * self.step


@dataclass(frozen=True, slots=True)
class Search:
    """A direction of a dial for one decision: after `short` steps it is as it was, after `far` it is not."""

    dial: Dial
    direction: int
    decision: int
    short: int
    far: int


Variant = tuple[Dial, int, int]
"""A dial, a direction and a number of steps."""


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
        self.known: dict[tuple[str, int, int, int, int], tuple[Any, ...]] = {}

    @property
    def present(self) -> tuple[Any, ...]:
        return tuple(self.row[slot] for slot in self.slots)

    def outcomes(self, variants: Sequence[Variant]) -> list[tuple[Any, ...]]:
        """What the decisions come to by each."""
        names = [(one.entity, one.place, one.position, way, steps) for one, way, steps in variants]
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
        for dial, direction, steps in variants:
            start = len(values)
            values += rows.values
            if dial.entity == entity:
                old = rows.values[dial.place]
                other = dial.value(direction, steps)
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
    dials = list(dials_of(family, ground))
    tried = [variant for dial in dials for variant in probes(dial, results.as_of)]
    if len(tried) * family.size > MOST_ROWS:
        tried = [variant for variant in tried if not variant[0].child and variant[0].entity == entity]
    if not tried or len(tried) * family.size > MOST_ROWS:
        return []
    searches = narrowed(family, list(started(family, tried, to)), to)
    found: dict[tuple[str, int, int, int, int], list[Search]] = {}
    for one in searches:
        dial = one.dial
        key = (dial.entity, dial.place, dial.position, one.direction, one.far)
        found.setdefault(key, []).append(one)
    ways = [way_of(family, group, decisions) for group in found.values()]
    return sorted(ways, key=lambda way: way.steps)


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
    for entity, child, row in below(results, family.entity, (), family.row):
        place = place_of(family.taken[entity], row)
        slots = results.slots[entity]
        of = results.model.entities[entity]
        for position, fact in enumerate(of.facts):
            present = row[slots[fact.name]]
            asked = entity not in ground or fact.name in ground[entity]
            if asked and fact.name != of.dated and may_change(fact, present, results.as_of):
                step = step_of(fact, present) if isinstance(present, int) else 1
                yield Dial(entity, place, child, fact, position, present, step)


def below(
    results: Results, entity: str, child: tuple[int, ...], row: Row
) -> Iterator[tuple[str, tuple[int, ...], Row]]:
    """A record and all beneath it, in the order of its trace."""
    yield entity, child, row
    places = ((name, other) for name, others_ in row[1].items() for other in others_)
    for at, (name, other) in enumerate(places):
        yield from below(results, name, (*child, at), other)


def may_change(fact: Fact, present: Any, as_of: date) -> bool:
    """Not a key, not a text, nothing that is missing, no day that has passed, nothing of the run before."""
    if fact.key or fact.type.kind in ("text", "flags") or present is None or " " in fact.name:
        return False
    return not isinstance(present, date) or present > as_of


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


def others(fact: Fact, present: Any) -> tuple[str, ...]:
    return tuple(option for option in fact.type.options if option != present)


def reach(dial: Dial, direction: int, as_of: date) -> int:
    """How many steps there are in a direction."""
    of, present = dial.fact.type, dial.present
    if of.kind in ("truth", "choice"):
        return (1 if of.kind == "truth" else len(others(dial.fact, present))) if direction > 0 else 0
    if isinstance(present, date):
        return MOST_DAYS if direction > 0 else (present - as_of).days - 1
    end = (of.high if direction > 0 else of.low) * 10**of.scale
    return max(0, int((end - present) * direction) // dial.step)


def probes(dial: Dial, as_of: date) -> Iterator[Variant]:
    """All values where there are few, else values further and further away."""
    for direction in (1, -1):
        most = reach(dial, direction, as_of)
        few = most <= ALL_UP_TO or dial.fact.type.kind == "choice"
        steps = range(1, most + 1) if few else sorted({1, 2, 4, *doubling(most), most})
        yield from ((dial, direction, at) for at in steps)


def doubling(most: int) -> Iterator[int]:
    at = 8
    while at < most:
        yield at
        at *= 4


# ---- The search ----------------------------------------------------------------------------------


def started(family: Family, tried: Sequence[Variant], to: str | None) -> Iterator[Search]:
    """For each decision the first value tried in a direction that alters it."""
    present = family.present
    done: set[tuple[int, int, int]] = set()
    last: dict[tuple[int, int], int] = {}
    for (dial, direction, steps), outcome in zip(tried, family.outcomes(tried), strict=True):
        short = 0 if dial.fact.type.kind == "choice" else last.get((id(dial), direction), 0)
        last[id(dial), direction] = steps
        for at in range(len(present)):
            key = (id(dial), direction, at)
            own = dial.fact.type.kind == "choice" or key not in done
            if own and moved(present[at], outcome[at], at, to):
                done.add(key)
                choice = dial.fact.type.kind == "choice"
                yield Search(dial, direction, at, steps - 1 if choice else short, steps)


def moved(before: Any, after: Any, at: int, to: str | None) -> bool:
    if to is None or at > 0:
        return bool(before != after) and to is None
    return (to in after if isinstance(after, tuple) else after == to) and before != after


def narrowed(family: Family, searches: list[Search], to: str | None) -> list[Search]:
    """The same, with a single step between the value that alters nothing and the one that does."""
    while any(one.far - one.short > 1 for one in searches):
        tried = [(one.dial, one.direction, steps) for one in searches for steps in between(one)]
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
            return Search(one.dial, one.direction, one.decision, short, steps)
        short = steps
    return Search(one.dial, one.direction, one.decision, short, one.far)


# ---- What is found -------------------------------------------------------------------------------


def way_of(family: Family, group: Sequence[Search], decisions: Sequence[str]) -> Way:
    dial, direction, far = group[0].dial, group[0].direction, group[0].far
    after = dial.value(direction, far)
    outcome = family.outcomes([(dial, direction, far)])[0]
    shown = short_text(after, dial.fact.type) or ""
    single = dial.fact.type.kind in ("truth", "choice")
    return Way(
        child=dial.child,
        fact=dial.fact.name,
        before=short_text(dial.present, dial.fact.type),
        after=shown,
        amount=amount(dial, after),
        steps=1 if single else far,
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
