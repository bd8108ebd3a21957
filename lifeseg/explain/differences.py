"""Two traces of one record come in, of different days; what differs in what a definition rests on goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import Clause, DefinitionTrace, FactTrace, RecordTrace


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
    found = [*of_facts(now, before, ground.own, None), *of_children(now, before, ground)]
    found += of_definitions(now, before, frozenset(direct), None)
    return found


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


def of_facts(
    now: RecordTrace, before: RecordTrace, names: frozenset[str], of: str | None
) -> Iterator[Difference]:
    """Those facts that have other values; what was is no fact of the day, and has a blank in its name."""
    former = {fact.name: fact for fact in before.facts}
    for fact in now.facts:
        if fact.name in names and fact.name in former and " " not in fact.name:
            yield from changed(fact.name, amount(former[fact.name]), amount(fact), of)


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
        yield from of_facts(child, was, ground.below[child.entity], child.key)
        yield from of_definitions(child, was, ground.asked[child.entity], child.key)
    for entity, key in former:
        if entity in ground.below and (entity, key) not in today:
            yield Difference("", entity, None, key)


def of_definitions(
    now: RecordTrace, before: RecordTrace, names: frozenset[str], of: str | None
) -> Iterator[Difference]:
    former = {one.name: one for one in before.definitions}
    for one in now.definitions:
        if one.name in names and one.name in former and " " not in one.name:
            yield from changed(one.name, worth(former[one.name]), worth(one), of)


def changed(name: str, before: str | None, after: str | None, of: str | None) -> Iterator[Difference]:
    if before != after:
        yield Difference(name, before, after, of)


def amount(fact: FactTrace) -> str | None:
    return f"{fact.value} {fact.unit}" if fact.value is not None and fact.unit else fact.value


def worth(definition: DefinitionTrace) -> str | None:
    """What a definition came to, as it is asked for: the band of a score that has bands."""
    return definition.band if definition.band is not None else definition.value
