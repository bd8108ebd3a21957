"""The heading of a table and an entity come in; which column holds which fact, and findings, go out.

A child's table begins with the keys of its parent, of its parent's parent and so on, under their own names;
where such a name is also a fact of the child, it is written with its entity, as in `customer.id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.model.model import Entity, Fact
from lifeseg.records.findings import nearest, shown


@dataclass(frozen=True, slots=True)
class Column:
    """A fact that a table must or may hold, and where; None where the table has no such column."""

    name: str
    fact: Fact
    position: int | None


@dataclass(frozen=True, slots=True)
class Heading:
    """The columns of the ancestors' keys, topmost first, the columns of the facts, and the width."""

    ancestors: tuple[Column, ...]
    own: tuple[Column, ...]
    width: int


def lineage(entities: Mapping[str, Entity], entity: Entity) -> list[Entity]:
    """The ancestors of an entity, the topmost first."""
    above: list[Entity] = []
    while entity.parent is not None:
        entity = entities[entity.parent]
        above.insert(0, entity)
    return above


def ancestor_columns(entities: Mapping[str, Entity], entity: Entity) -> list[tuple[str, Fact]]:
    """The names of the columns with the ancestors' keys, and the facts whose values they hold."""
    keys = [(above, fact) for above in lineage(entities, entity) for fact in above.keys]
    used = Counter([fact.name for fact in entity.facts] + [fact.name for _, fact in keys])
    return [
        (fact.name if used[fact.name] == 1 else f"{above.name}.{fact.name}", fact) for above, fact in keys
    ]


def match_heading(
    entities: Mapping[str, Entity], entity: Entity, names: Sequence[str], place: Span
) -> tuple[Heading, list[Diagnostic]]:
    """Find the entity's columns in a heading; with errors the heading holds what was found all the same."""
    above = ancestor_columns(entities, entity)
    wanted = dict([*above, *((fact.name, fact) for fact in entity.facts)])
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        positions.setdefault(name, position)
    found = list(_findings(entity, wanted, names, positions, place))
    ancestors = tuple(Column(name, fact, positions.get(name)) for name, fact in above)
    own = tuple(Column(fact.name, fact, positions.get(fact.name)) for fact in entity.facts)
    return Heading(ancestors, own, len(names)), found


def without(heading: Heading, positions: Collection[int]) -> Heading:
    """The heading as if there were no columns at these positions."""
    ancestors, own = (
        tuple(
            replace(column, position=None) if column.position in positions else column for column in columns
        )
        for columns in (heading.ancestors, heading.own)
    )
    return replace(heading, ancestors=ancestors, own=own)


def _findings(
    entity: Entity,
    wanted: Mapping[str, Fact],
    names: Sequence[str],
    positions: Mapping[str, int],
    place: Span,
) -> Iterator[Diagnostic]:
    if not wanted.keys() & positions.keys():
        listed = ", ".join(wanted)
        yield problem("data-missing-column.heading", place, entity=entity.name, expected=listed)
        return
    for name, times in Counter(names).items():
        if times > 1 and name in wanted:
            yield problem("data-duplicate-column", place, column=name, times=times)
    strange = [name for name in positions if name and name not in wanted]
    for name, fact in wanted.items():
        if name not in positions:
            yield from _absent(entity, name, fact, strange, place)
    for name in strange:
        yield problem("data-unknown-column", place, column=shown(name), entity=entity.name)
    for position, name in enumerate(names):
        if not name:
            yield problem("data-unknown-column.unnamed", place, number=position + 1)


def _absent(entity: Entity, name: str, fact: Fact, strange: list[str], place: Span) -> Iterator[Diagnostic]:
    """A fact without a column; a strange column that resembles it is taken for it, misspelt."""
    near = nearest(name, strange)
    if near is not None:
        strange.remove(near)
    own_fact = any(name == own.name for own in entity.facts)
    if not (own_fact and fact.type.optional and not fact.key):
        parent = None if own_fact else entity.parent
        key = "data-missing-column" if own_fact else "data-missing-column.parent"
        yield problem(key, place, column=name, entity=entity.name, parent=parent, found=near and shown(near))
    elif near is None:
        yield problem("data-missing-column.optional", place, column=name, entity=entity.name)
    else:
        yield problem("data-unknown-column", place, column=shown(near), entity=entity.name, suggestion=name)
