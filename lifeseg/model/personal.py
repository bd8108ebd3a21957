"""A model comes in; what of its records is personal goes out: facts that are marked so, keys among them, and definitions that
give one away, as they are one under another name or in another unit. What is computed from more than that, such as a score,
is a result and stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from lifeseg.model import expression as e
from lifeseg.model.model import Entity, Index, Model, Rank

MASK = "•••"


def personal(model: Model, entity: str) -> frozenset[str]:
    """The names that mean something personal in a record of an entity."""
    return frozenset(name for owner, name in all_personal(model) if owner == entity)


def all_personal(model: Model) -> frozenset[tuple[str, str]]:
    """What is personal of any entity, as entity and name."""
    found = {(name, fact.name) for name, one in model.entities.items() for fact in one.facts if fact.personal}
    for one in model.definitions:  # in the order in which they are evaluated
        if isinstance(one, Index) and gives_away(one.formula, found):
            found.add((one.entity, one.name))
    return frozenset(found)


def has_personal_cuts(model: Model, rank: Rank) -> bool:
    """Whether a cut between two classes is what somebody's fact is: a rank by something personal."""
    return gives_away(rank.by, all_personal(model))


def gives_away(node: e.Expression, known: frozenset[tuple[str, str]] | set[tuple[str, str]]) -> bool:
    """Whether a value tells something personal: it is it, or it with numbers that are the same for everybody."""
    match node:
        case e.Field():
            return (node.entity, node.name) in known
        case e.Negate() | e.Round():
            return gives_away(node.value, known)
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
            sides = (node.left, node.right)
            return any(
                gives_away(one, known) and is_common(other) for one, other in (sides, tuple(reversed(sides)))
            )
        case e.Choose():
            values = [*(value for _, value in node.steps), *([node.otherwise] if node.otherwise else [])]
            return any(gives_away(value, known) for value in values)
        case _:
            return False


def is_common(node: e.Expression) -> bool:
    """Whether it is the same for everybody: a number of the text, today, and what is made of such alone."""
    match node:
        case e.Constant() | e.Parameter() | e.Today() | e.Statistic():
            return True
        case e.Negate() | e.Round():
            return is_common(node.value)
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide():
            return is_common(node.left) and is_common(node.right)
        case _:
            return False


def key_facts(model: Model, entity: str) -> tuple[tuple[str, bool], ...]:
    """The parts of a record's key, its parents' first, and whether each is personal; a child without a key has a number."""
    own: Entity = model.entities[entity]
    above = key_facts(model, own.parent) if own.parent is not None else ()
    return (*above, *(((fact.name, fact.personal) for fact in own.keys) if own.keys else (("", False),)))


def is_personal_key(model: Model, entity: str) -> bool:
    """Whether a part of a record's key, or of one above it, is personal."""
    return any(hidden for _, hidden in key_facts(model, entity))


def shown_key(model: Model, entity: str, key: Sequence[str]) -> tuple[str, ...]:
    """A key as it may be shown to anybody."""
    parts = key_facts(model, entity)
    if len(parts) != len(key):
        return tuple(MASK if is_personal_key(model, entity) else part for part in key)
    return tuple(MASK if hidden else part for part, (_, hidden) in zip(key, parts, strict=True))
