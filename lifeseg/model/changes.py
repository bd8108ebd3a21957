"""How a fact may be made another, as the policy declares it; and what is assumed where a policy declares no costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from lifeseg.frozen import dataclass

if TYPE_CHECKING:
    from lifeseg.model.model import Entity, Fact

FULL = 100
"""Points that a change over the whole range costs, where costs are assumed."""

PARTS = 20
"""Steps of a change over the whole range, where none are declared."""

MOST_STEPS = 1000
"""A range of more steps is one that nobody crosses: what a change costs is then assumed by the value there is."""


@dataclass(frozen=True, slots=True)
class Changes:
    """`step` in units of the fact's scale, or days; None: as finely as it goes. `cost` of a step, or of another value."""

    way: Literal["", "up", "down", "never"]
    values: tuple[str | bool, ...]
    step: int | None
    cost: Fraction | None
    unit: str = ""  # of the cost


@dataclass(frozen=True, slots=True)
class Room:
    """What a fact may become: so many steps down or up, or other values; `cost` of a step, or of another value."""

    step: int
    least: int
    most: int
    values: tuple[str | bool, ...]
    cost: Fraction


def unit_of_costs(entities: Mapping[str, Entity]) -> str | None:
    """In what the policy says what changes cost; then only facts of which it does may change. None: it does not."""
    own = (fact.changes for entity in entities.values() for fact in entity.facts)
    return next((one.unit for one in own if one is not None and one.cost is not None), None)


def room(entity: Entity, fact: Fact, value: object, declared: bool) -> Room | None:
    """What the fact of a record may become; None where it stays what it is. What is missing stays so."""
    if value is None or is_fixed(entity, fact):
        return None
    own = fact.changes
    if own is None and (declared or entity.dated is not None or fact.type.kind == "date"):
        return None
    if fact.type.kind in ("truth", "choice"):
        return among_values(fact, value, own)
    amount = value.toordinal() if isinstance(value, date) else value
    assert isinstance(amount, int)
    found = in_steps(fact, amount, own)
    return found if found is not None and (found.least or found.most) else None


def is_fixed(entity: Entity, fact: Fact) -> bool:
    """Keys and texts say who somebody is; what was in the run before is past; a record's date has been."""
    never = fact.changes is not None and fact.changes.way == "never"
    return never or fact.key or fact.type.kind == "text" or fact.name == entity.dated or " " in fact.name


def among_values(fact: Fact, value: object, own: Changes | None) -> Room | None:
    known: tuple[str | bool, ...] = fact.type.options if fact.type.kind == "choice" else (False, True)
    wanted = own.values if own is not None and own.values else known
    others = tuple(one for one in known if one in wanted and one != value)
    cost = own.cost if own is not None and own.cost is not None else Fraction(FULL)
    return Room(0, 0, 0, others, cost) if others else None


def in_steps(fact: Fact, value: int, own: Changes | None) -> Room | None:
    """Up and down within the declared range."""
    low, high, size = extent(fact, value)
    if size == 0:
        return None
    step = own.step if own is not None and own.step is not None else assumed_step(fact, size, own)
    assumed = Fraction(max(1, (2 * FULL * step + size) // (2 * size)))  # whole points
    cost = own.cost if own is not None and own.cost is not None else assumed
    way = own.way if own is not None else ""
    least = 0 if way == "up" else -max(0, (value - low) // step)
    most = 0 if way == "down" else max(0, (high - value) // step)
    return Room(step, least, most, (), cost)


def assumed_step(fact: Fact, size: int, own: Changes | None) -> int:
    """A twentieth of the extent, in whole steps of the fact; as finely as it goes where a cost is declared."""
    if own is not None and own.cost is not None:
        return fact.step
    part = -(-size // PARTS)
    return -(-part // fact.step) * fact.step


def extent(fact: Fact, value: int) -> tuple[int, int, int]:
    """The least and the largest value, and how far a whole change goes: over the range, or as far as the value is."""
    if fact.type.kind == "date":
        bounded = fact.type.low != fact.type.high
        low, high = (int(fact.type.low), int(fact.type.high)) if bounded else (value - 3653, value + 3653)
        return low, high, high - low
    unit = 10**fact.type.scale
    low, high = int(fact.type.low * unit), int(fact.type.high * unit)
    narrow = fact.bounded and (high - low <= MOST_STEPS * fact.step or fact.kind in ("share", "rating"))
    return low, high, high - low if narrow else abs(value)
