"""A model comes in; what of its records is personal goes out: facts that are marked so, keys among them, and definitions that
merely repeat one. What is computed from personal facts, such as a score, is a result and stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from lifeseg.model.expression import Field
from lifeseg.model.model import Entity, Index, Model

MASK = "•••"


def personal(model: Model, entity: str) -> frozenset[str]:
    """The names that mean something personal in a record of an entity."""
    found = {fact.name for fact in model.entities[entity].facts if fact.personal}
    for one in model.of(entity):
        if isinstance(one, Index) and repeats(model, one, found):
            found.add(one.name)
    return frozenset(found)


def repeats(model: Model, index: Index, known: set[str]) -> bool:
    """Whether an index is a personal fact, of the record or of one above it, under another name."""
    node = index.formula
    if not isinstance(node, Field):
        return False
    if node.entity == index.entity:
        return node.name in known
    return any(fact.personal and fact.name == node.name for fact in model.entities[node.entity].facts)


def key_facts(model: Model, entity: str) -> tuple[tuple[str, bool], ...]:
    """The parts of a record's key, its parents' first, and whether each is personal; a child without a key has a number."""
    own: Entity = model.entities[entity]
    above = key_facts(model, own.parent) if own.parent is not None else ()
    return (*above, *(((fact.name, fact.personal) for fact in own.keys) if own.keys else (("", False),)))


def shown_key(model: Model, entity: str, key: Sequence[str]) -> tuple[str, ...]:
    """A key as it may be shown to anybody."""
    parts = key_facts(model, entity)
    if len(parts) != len(key):
        return tuple(MASK if any(hidden for _, hidden in parts) else part for part in key)
    return tuple(MASK if hidden else part for part, (_, hidden) in zip(key, parts, strict=True))
