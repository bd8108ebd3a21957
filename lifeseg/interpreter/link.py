"""A model and an as-of date come in; a link, the surroundings every evaluator function reads, goes out.

A row is a list: the parent's row, the children's rows by entity, then facts, definitions and bands at fixed slots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from lifeseg.interpreter.results import BaselineValue, Row
from lifeseg.model.expression import Value
from lifeseg.model.model import AnyDefinition, Lifecycle, Model, Score, Segment, Statistic, Table

Run = Callable[[Row], Any]
Kind = Literal["no-case", "several-cases"]
Trouble = tuple[Kind, Segment | Table | Lifecycle, Row, tuple[str, ...]]
"""A record without a case of a definition, or with those several."""

FIRST_SLOT = 2


class Unknown:
    """The value of a fact that a test has not given: not missing, but nobody said."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class NotGiven(Exception):  # noqa: N818 - a signal
    """Raised where the answer depends on what a test has not given."""


class NeedsHistory(Exception):  # noqa: N818 - a signal
    """Raised where a condition asks for the previous run."""


@dataclass(slots=True)
class Link:
    """What evaluator functions close over.

    `partial`: some values are UNKNOWN, as in a test of a described record. `dayless`: so is the as-of date.
    `frozen`: the statistics are those of another population, and what is not among them cannot be computed.
    """

    model: Model
    as_of: date
    slots: Mapping[str, Mapping[str, int]]
    parameters: Mapping[str, Value]
    statistics: dict[str, BaselineValue]
    partial: bool = False
    frozen: bool = False
    dayless: bool = False
    by_key: Mapping[str, Statistic] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    definitions: Mapping[tuple[str, str], AnyDefinition] = field(default_factory=dict)
    sizes: dict[tuple[str, str], int] = field(default_factory=dict)  # how many values an index may have


def linked(model: Model, as_of: date, statistics: dict[str, BaselineValue], partial: bool = False) -> Link:
    """The surroundings of a run."""
    parameters = {name: parameter.at(as_of) for name, parameter in model.parameters.items()}
    by_key = {found.key: found for found in model.statistics}
    definitions = {(found.entity, found.name): found for found in model.definitions}
    slots = slots_of(model)
    return Link(model, as_of, slots, parameters, statistics, partial, by_key=by_key, definitions=definitions)


def slots_of(model: Model) -> dict[str, dict[str, int]]:
    """Where each fact, definition and band of an entity stands in its rows."""
    slots: dict[str, dict[str, int]] = {}
    for entity in model.entities.values():
        slots[entity.name] = {fact.name: place for place, fact in enumerate(entity.facts, FIRST_SLOT)}
    for definition in model.definitions:
        own = slots[definition.entity]
        own[definition.name] = len(own) + FIRST_SLOT
        if isinstance(definition, Score) and definition.bands:
            own[definition.name + "_band"] = len(own) + FIRST_SLOT
    return slots
