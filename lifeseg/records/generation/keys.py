"""An entity's design comes in; the same goes out with keys that differ: between all records, or between
siblings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import floor, prod

from lifeseg.model.model import Fact
from lifeseg.records.generation.design import (
    Column,
    EntityDesign,
    Monthly,
    Numbered,
    Placed,
    Places,
    Ties,
)
from lifeseg.records.generation.mixing import drawn, key, mixed
from lifeseg.records.number import bounds

MANY = 10**9
MOST_ORDERED = 200
ORDERS = 256
DAYS = 30_000


def keyed(design: EntityDesign, as_of: date, seed: int) -> EntityDesign:
    """One key tells records apart where one can; otherwise all keys together do."""
    columns = [column for column in design.columns if column.fact.key]
    if not columns:
        return design
    entity = design.entity
    text = next((column for column in columns if column.fact.type.kind == "text"), None)
    if text is not None:
        return with_columns(design, [replace(text, spread=Numbered(entity.name[0].upper()), ties=Ties())])
    monthly = next((column for column in columns if column.fact.name == entity.dated), None)
    if design.brood is not None and monthly is not None:
        return with_columns(design, [replace(monthly, spread=Monthly(as_of.replace(day=1)), ties=Ties())])
    most = design.brood.most if design.brood is not None else MANY
    able = [column for column in columns if capacity(column.fact) >= most]
    placed = [placed_column(column, 1, as_of) for column in able[:1]] or in_turn(columns, as_of)
    design = with_places(with_columns(design, placed), [capacity(column.fact) for column in placed], seed)
    listed = all(column.fact.type.kind in ("choice", "truth") for column in placed)
    return replace(design, places=replace(design.places, listed=listed))


def with_columns(design: EntityDesign, changed: Sequence[Column]) -> EntityDesign:
    by_name = {column.fact.name: column for column in changed}
    return replace(design, columns=tuple(by_name.get(column.fact.name, column) for column in design.columns))


def with_places(design: EntityDesign, capacities: Sequence[int], seed: int) -> EntityDesign:
    """Siblings are at most as many as there are keys for them."""
    whole = min(prod(capacities), MANY)
    if design.brood is None:
        return replace(design, places=Places(whole))
    most = min(design.brood.most, whole)
    brood = replace(design.brood, most=most, least=min(design.brood.least, most))
    orders = orders_of(design.entity.name, capacities, most, seed) if whole <= MOST_ORDERED else ()
    return replace(design, brood=brood, places=Places(whole, orders))


def capacity(fact: Fact) -> int:
    """How many values a key has."""
    match fact.type.kind:
        case "number":
            low, high = bounds(fact)
            return max(high // fact.step - -(-low // fact.step) + 1, 1)
        case "choice":
            return max(len(fact.type.options), 1)
        case "truth":
            return 2
        case "date":
            return DAYS
        case _:
            return MANY


def in_turn(columns: Sequence[Column], as_of: date) -> list[Column]:
    """All keys together, like the digits of a number."""
    found, every = [], 1
    for column in columns:
        found.append(placed_column(column, every, as_of))
        every *= capacity(column.fact)
    return found


def placed_column(column: Column, every: int, as_of: date) -> Column:
    fact = column.fact
    match fact.type.kind:
        case "choice":
            spread = Placed(every, fact.type.options, 0, 0, len(fact.type.options))
        case "truth":
            spread = Placed(every, (False, True), 0, 0, 2)
        case "date":
            spread = Placed(every, (), max(as_of.toordinal() - DAYS + 1, 1), 1, DAYS)
        case _:
            low = -(-bounds(fact)[0] // fact.step) * fact.step
            spread = Placed(every, (), low, fact.step, capacity(fact))
    return replace(column, spread=spread, ties=Ties())


# ---- Orders --------------------------------------------------------------------------------------


def orders_of(entity: str, capacities: Sequence[int], most: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Permutations of the places, as far as siblings go; those of the first values come first more often."""
    weights = [1]
    for values in capacities:
        weights = [weight * (2**16 // (2 * place + 3)) for place in range(values) for weight in weights]
    return tuple(order_of(weights, most, key(seed, entity, "order", number)) for number in range(ORDERS))


def order_of(weights: Sequence[int], most: int, start: int) -> tuple[int, ...]:
    left = list(range(len(weights)))
    order: list[int] = []
    state = mixed(start)
    for turn in range(min(most, len(weights))):
        state = mixed(drawn(state, start, "order", turn))
        aim = floor(state * sum(weights[place] for place in left) / 2**32)
        chosen = left[-1]
        for place in left:
            aim -= weights[place]
            if aim < 0:
                chosen = place
                break
        left.remove(chosen)
        order.append(chosen)
    return tuple(order)
