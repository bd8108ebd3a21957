"""Two traces of one record come in, of different days; what differs in what a definition rests on goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import Clause, DefinitionTrace, RecordTrace


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact or definition that has another value than before; of a child record, `of` is its key. Without a name the child
    itself is new, or gone.
    """

    name: str
    before: str | None
    after: str | None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a definition rests on: facts and definitions of its own record, and of its children by entity."""

    own: frozenset[str]
    below: Mapping[str, frozenset[str]]
    asked: Mapping[str, frozenset[str]]  # of the children, what the definitions of the record itself ask for


def differences(now: RecordTrace, before: RecordTrace, name: str) -> list[Difference]:
    """Facts first, then children, then what the definition itself reads."""
    ground = ground_of(now, name)
    direct = next((one.uses for one in now.definitions if one.name == name), ())
    found = [*changed(amounts(before), amounts(now), ground.own, None), *of_children(now, before, ground)]
    found += changed(worths(before), worths(now), frozenset(direct), None)
    return found


def all_differences(now: RecordTrace, before: RecordTrace, of: str | None = None) -> Iterator[Difference]:
    """Whatever came to something else: facts, definitions, and the same of children; these may be new, or gone."""
    everything = frozenset([*amounts(now), *values(now)])
    yield from changed(amounts(before), amounts(now), everything, of)
    yield from changed(values(before), values(now), everything, of)
    former = {(one.entity, one.key): one for one in before.children}
    today = {(one.entity, one.key): one for one in now.children}
    for name, child in today.items():
        if (was := former.get(name)) is not None:
            yield from all_differences(child, was, child.key)
        else:
            yield Difference("", None, child.entity, child.key)
    yield from (Difference("", entity, None, key) for entity, key in former if (entity, key) not in today)


def ground_of(record: RecordTrace, name: str) -> Ground:
    """Everything that a definition of a record reads, or that what it reads does."""
    definitions = {one.name: one for one in record.definitions}
    own: set[str] = set()
    below: dict[str, set[str]] = {}
    ahead = [name]
    while ahead:
        definition = definitions.get(ahead.pop())
        for used in definition.uses if definition is not None else ():
            if used not in own:
                own.add(used)
                ahead.append(used)
        for entity, names in asked_of_children(definition):
            below.setdefault(entity, set()).update(names)
    wider = {entity: reached(record, entity, names) for entity, names in below.items()}
    return Ground(frozenset(own), wider, {entity: frozenset(names) for entity, names in below.items()})


def asked_of_children(definition: DefinitionTrace | None) -> Iterator[tuple[str, set[str]]]:
    """The entities whose records a definition looks at, and what it asks of them."""
    if definition is None:
        return
    starts = [definition.where, definition.formula, *(case.clause for case in definition.cases)]
    for clause in inside(*starts):
        for child in clause.children:
            yield child.entity, {part.name for part in inside(child.clause) if part.name is not None}


def inside(*clauses: Clause | None) -> Iterator[Clause]:
    for clause in clauses:
        if clause is not None:
            yield clause
            yield from inside(*clause.parts)


def reached(record: RecordTrace, entity: str, names: set[str]) -> frozenset[str]:
    """What is asked of a child, and what that rests on."""
    child = next((one for one in record.children if one.entity == entity), None)
    found = set(names)
    for name in names if child is not None else ():
        assert child is not None
        found |= ground_of(child, name).own
    return frozenset(found)


def of_children(now: RecordTrace, before: RecordTrace, ground: Ground) -> Iterator[Difference]:
    former = {(one.entity, one.key): one for one in before.children}
    today = {(one.entity, one.key) for one in now.children}
    for child in now.children:
        if child.entity not in ground.below:
            continue
        was = former.get((child.entity, child.key))
        if was is None:
            yield Difference("", None, child.entity, child.key)
            continue
        yield from changed(amounts(was), amounts(child), ground.below[child.entity], child.key)
        yield from changed(worths(was), worths(child), ground.asked[child.entity], child.key)
    for entity, key in former:
        if entity in ground.below and (entity, key) not in today:
            yield Difference("", entity, None, key)


def changed(
    before: Mapping[str, str | None], now: Mapping[str, str | None], names: frozenset[str], of: str | None
) -> Iterator[Difference]:
    """Those of the names that came to something else; what was is no fact of the day, and has a blank in its name."""
    for name, after in now.items():
        if name in names and name in before and " " not in name and before[name] != after:
            yield Difference(name, before[name], after, of)


def amounts(record: RecordTrace) -> dict[str, str | None]:
    """The facts of a record, with their units."""
    return {
        fact.name: f"{fact.value} {fact.unit}" if fact.value is not None and fact.unit else fact.value
        for fact in record.facts
    }


def worths(record: RecordTrace) -> dict[str, str | None]:
    """What definitions came to, as it is asked for: the band of a score that has bands."""
    return {one.name: one.value if one.band is None else one.band for one in record.definitions}


def values(record: RecordTrace) -> dict[str, str | None]:
    """What definitions came to, the numbers of scores among them."""
    return {one.name: one.value for one in record.definitions}
