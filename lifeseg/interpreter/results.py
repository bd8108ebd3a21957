"""What an evaluation gives: every definition of every record, the baseline it used, and what went wrong for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any, Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.interpreter.values import text_of
from lifeseg.model.expression import Value
from lifeseg.model.model import Model

BaselineValue = int | tuple[int | None, ...] | None
Row = list[Any]
"""A record under evaluation: its parent's row or None, its children's rows by entity, then its facts and definitions."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The population statistics of a run by key (whole numbers at the statistic's scale), and the records counted."""

    statistics: Mapping[str, BaselineValue]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A record for which the policy does not say what it should: no or several cases, a broken never or assume."""

    kind: Literal["no-case", "several-cases", "never", "assume"]
    definition: str  # the definition's name, or the claim's title
    entity: str
    index: int  # of the record among the entity's rows
    cases: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(slots=True)
class Results:
    """All records by entity, in the order of the data (records dated after the as-of date left out)."""

    model: Model
    as_of: date
    baseline: Baseline
    rows: Mapping[str, list[Row]]
    slots: Mapping[
        str, Mapping[str, int]
    ]  # by entity: where a fact or definition stands in a row; bands as NAME_band
    findings: tuple[Finding, ...]
    places: dict[str, dict[tuple[str, ...], int]] = field(
        default_factory=dict, repr=False
    )  # by key, once asked

    def column(self, entity: str, name: str) -> list[Value]:
        """The values of a fact, definition, or band (`NAME_band`) over the entity's records; None is missing."""
        slot = self.slots[entity][name]
        return [row[slot] for row in self.rows[entity]]

    def value(self, entity: str, index: int, name: str) -> Value:
        value: Value = self.rows[entity][index][self.slots[entity][name]]
        return value

    def keys(self, entity: str) -> list[tuple[str, ...]]:
        """The key of each record as texts: its ancestors' keys first; a child without a key gets its row number."""
        found = self.model.entities[entity]
        if found.parent is None or found.keys:
            return [self.key(entity, row) for row in self.rows[entity]]
        numbers: dict[int, tuple[str, ...]] = {}
        for above in self.rows[found.parent]:
            key = self.key(found.parent, above)
            numbers.update((id(row), (*key, str(number))) for number, row in enumerate(above[1][entity], 1))
        return [numbers[id(row)] for row in self.rows[entity]]

    def key(self, entity: str, row: Row) -> tuple[str, ...]:
        """The key of one record."""
        found = self.model.entities[entity]
        slots = self.slots[entity]
        own = tuple(text_of(row[slots[fact.name]], fact.type) or "" for fact in found.keys)
        if found.parent is None:
            return own
        if not own:
            own = (str(1 + next(place for place, other in enumerate(row[0][1][entity]) if other is row)),)
        return (*self.key(found.parent, row[0]), *own)

    def index(self, entity: str, key: tuple[str, ...]) -> int | None:
        """The record with that key."""
        if entity not in self.places:
            numbered = enumerate(self.keys(entity))
            self.places[entity] = {own: place for place, own in numbered}
        return self.places[entity].get(key)
