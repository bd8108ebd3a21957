"""The heading of a table and an entity come in; which column holds which fact, and findings, go out.

A child's table begins with the keys of its parent, of its parent's parent and so on, under their own names;
where such a name is also a fact of the child, it is written with its entity, as in `customer.id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Fact
from lifeseg.records.findings import finding, nearest, shown

MOST_SHOWN = 8


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


def key_columns(heading: Heading) -> list[Column]:
    """The columns of the keys, the ancestors' first."""
    return [*heading.ancestors, *(column for column in heading.own if column.fact.key)]


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
        expected = ", ".join(f"`{name}`" for name in list(wanted)[:MOST_SHOWN])
        yield problem("data-missing-column.heading", place, entity=entity.name, expected=expected)
        return
    for name, times in Counter(names).items():
        if times > 1 and name in wanted:
            yield problem("data-duplicate-column", place, column=name, times=times)
    strange = [name for name in positions if name and name not in wanted]
    absent = [name for name in wanted if name not in positions]
    yield from _absent(entity, wanted, absent, strange, place)
    for name in strange:
        yield problem("data-unknown-column", place, column=shown(name), entity=entity.name)
    for position, name in enumerate(names):
        if not name:
            yield problem("data-unknown-column.unnamed", place, number=position + 1)


def _absent(
    entity: Entity, wanted: Mapping[str, Fact], absent: Sequence[str], strange: list[str], place: Span
) -> Iterator[Diagnostic]:
    """Facts without a column; a strange column that resembles one is taken for it, and out of `strange`."""
    not_needed: list[str] = []
    own = {fact.name for fact in entity.facts}
    for name in absent:
        near = nearest(name, strange)
        if near is not None:
            strange.remove(near)
        if name not in own:
            words = {
                "column": name,
                "entity": entity.name,
                "parent": entity.parent,
                "found": near and shown(near),
            }
            yield finding("data-missing-column.parent", place, words)
        elif wanted[name].key or not wanted[name].type.optional:
            yield problem(
                "data-missing-column", place, column=name, entity=entity.name, found=near and shown(near)
            )
        elif near is not None:
            yield problem(
                "data-unknown-column", place, column=shown(near), entity=entity.name, suggestion=name
            )
        else:
            not_needed.append(name)
    if not_needed:
        columns = Several.first([f"`{name}`" for name in not_needed], MOST_SHOWN)
        yield problem("data-missing-column.optional", place, columns=columns, entity=entity.name)
