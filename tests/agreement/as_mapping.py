"""A record of a population comes in; a mapping of Python values, with its children, goes out, as programs give it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact, Model
from lifeseg.model.types import MONTH
from lifeseg.records.population import Population

Give = Callable[[Fact, Value], Any]


def given(fact: Fact, value: Value) -> Any:
    """A value as Python has it: numbers now as a whole number, now as a fraction, a decimal or a text."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    number = number_of(fact, value)
    ways = [number, str(number), f" {number} "]
    if number == number.to_integral_value():
        ways.append(int(number))
    if abs(value) < 10**15:
        ways.append(float(number))
    return ways[value % len(ways)]


def in_json(fact: Fact, value: Value) -> Any:
    """A value as it comes out of JSON: all numbers as whole numbers or binary fractions, as far as these are exact."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    number = number_of(fact, value)
    if fact.type.scale == 0 and number == number.to_integral_value():
        return int(number)
    return float(number) if abs(value) < 10**15 else str(number)


def number_of(fact: Fact, value: int) -> Decimal:
    number = Decimal(value).scaleb(-fact.type.scale)
    return number / 12 if fact.kind == "years" and fact.type.unit == MONTH else number


def as_mapping(
    model: Model, population: Population, entity: Entity, place: int, give: Give = given
) -> dict[str, Any]:
    values = population.rows[entity.name].values[place]
    found: dict[str, Any] = {
        fact.name: give(fact, value) for fact, value in zip(entity.facts, values, strict=True)
    }
    for child in model.entities.values():
        if child.parent == entity.name:
            parents = population.rows[child.name].parents
            own = [one for one, parent in enumerate(parents) if parent == place]
            found[child.name] = [as_mapping(model, population, child, one, give) for one in own]
    return found
