"""What a table must hold, and its columns as given, come in; the columns as the plan knows them, and whose child each row
is, go out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import compress
from typing import Any

import numpy as np

from lifeseg.engines.column_formulas import Rows, there
from lifeseg.engines.column_numbers import integers, on_grids
from lifeseg.engines.column_reading import Array, ColumnReader, Words, array_of, pythonic
from lifeseg.engines.python_reading import UnusualError
from lifeseg.frozen import dataclass

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of an entity's table: its ancestors' keys, the topmost first, and its facts."""

    entity: str
    parent: str | None
    above: tuple[str, ...]
    keys: tuple[str, ...]
    readers: Mapping[str, ColumnReader]
    scans: tuple[tuple[str, str], ...]  # the facts that the plan reads, and what it calls them
    dated: str | None
    as_of: int
    leaf: bool  # no other table belongs to it
    words: Words

    @property
    def scans_texts(self) -> bool:
        return any(self.readers[fact].fact.kind == "text" for fact, _ in self.scans)


class Table:
    """The columns of an entity, read and checked, and its rows linked to their parents."""

    def __init__(self, shape: Shape, given: Columns, parent: Table | None) -> None:
        self.shape = shape
        counts = {len(column) for column in given.values()}
        if len(counts) != 1:
            raise UnusualError
        self.count = counts.pop()
        self.parents: Any = None
        self.places: dict[Any, int] = {}
        self.columns = self.read(given)
        self.keys = {name: self.listed(name) for name in (*shape.above, *shape.keys)}
        if parent is not None:
            self.link(parent)
        if shape.keys:
            self.check_keys()
        self.check_days(parent)

    def read(self, given: Columns) -> dict[str, Array]:
        listed: dict[str, list[Any]] = {}
        columns: dict[str, Array] = {}
        for name, reader in self.shape.readers.items():
            if name in given:
                values = given[name]
                listed[name] = values if type(values) is list else as_list(values)
            elif reader.fact.optional:
                columns[name] = array_of(reader.fact.kind, [None] * self.count, self.shape.words)
            else:
                raise UnusualError
        facts = {name: self.shape.readers[name].fact for name in listed}
        grids = {
            name: fact.grid for name, fact in facts.items() if fact.grid is not None and not fact.optional
        }
        numbers = on_grids([listed[name] for name in grids], [*grids.values()])
        for name, units in zip(grids, numbers, strict=True):
            if units is not None:
                columns[name] = Array(units)
        for name, values in listed.items():
            if name in self.shape.above and facts[name].kind == "text" and set(map(type, values)) <= {str}:
                columns[name] = Array(values)  # it is right if a parent has it
            elif name not in columns:
                columns[name] = self.shape.readers[name](values)
        return columns

    def listed(self, name: str) -> list[Any]:
        """The values of a column as Python has them, numbers as units."""
        kind, array = self.shape.readers[name].fact.kind, self.columns[name]
        return (
            array.values
            if isinstance(array.values, list)
            else pythonic(kind, array, self.count, self.shape.words)
        )

    def link(self, parent: Table) -> None:
        """Finds the parent of each row."""
        above = together([self.keys[name] for name in self.shape.above])
        try:
            self.parents = integers([*map(parent.places.__getitem__, above)])
        except KeyError as error:
            raise UnusualError from error

    def check_keys(self) -> None:
        """No two rows have the same key."""
        own = [self.columns[name].values for name in self.shape.keys]
        if self.shape.leaf and self.parents is not None and len(own) == 1 and not isinstance(own[0], list):
            low, high = (int(own[0].min()), int(own[0].max())) if self.count else (0, 0)
            places = (self.parents + 1) * (high - low + 1) + (
                own[0] - low
            )  # a parent that is not there yet is -1
            if high - low < MOST_KEYS:
                if (np.bincount(places) > 1).any():
                    raise UnusualError
                return
        keys = together([*self.keys.values()])
        self.places = dict(zip(keys, range(self.count), strict=True))
        if len(self.places) != self.count:
            raise UnusualError

    def check_days(self, parent: Table | None) -> None:
        """Rows dated later are not there yet, nor is what belongs to them: it finds the place -1."""
        kept = np.ones(self.count, np.bool_) if parent is None else self.parents >= 0
        if self.shape.dated is not None:
            day = self.columns[self.shape.dated]
            kept = kept & ~there(day.values > self.shape.as_of, day.known)
        if kept.all():
            return
        new, wanted = np.where(kept, np.cumsum(kept) - 1, -1).tolist(), kept.tolist()
        self.places = {key: new[place] for key, place in self.places.items()}
        self.keys = {name: [*compress(values, wanted)] for name, values in self.keys.items()}
        self.count, self.parents = int(kept.sum()), None if parent is None else self.parents[kept]
        for name, (values, known) in self.columns.items():
            if isinstance(values, list):
                self.columns[name] = Array([*compress(values, wanted)])
            else:
                self.columns[name] = Array(values[kept], None if known is None else known[kept])

    def rows(self, words: Words) -> Rows:
        """What the plan reads; texts by their codes, new ones among them."""
        rows = Rows(self.count, words, parents=self.parents)
        for fact, column in self.shape.scans:
            found = self.columns[fact]
            rows.columns[column] = (
                array_of("text", found.values, words) if isinstance(found.values, list) else found
            )
        return rows

    def shown_keys(self) -> dict[str, list[Any]]:
        facts = {name: self.shape.readers[name].fact for name in self.keys}
        return {
            name: decimals(values, facts[name].scale or 0) if facts[name].kind == "number" else [*values]
            for name, values in self.keys.items()
        }


MOST_KEYS = 64
"""Of the keys of one parent, as whole numbers, so that all that there may be are counted."""


def as_list(values: Any) -> list[Any]:
    """An array or another sequence, its values as Python has them."""
    return values.tolist() if hasattr(values, "tolist") else [*values]


def together(columns: Sequence[list[Any]]) -> Any:
    return columns[0] if len(columns) == 1 else zip(*columns, strict=True)


def decimals(values: Sequence[int | None], scale: int) -> list[Decimal | None]:
    unit = Decimal(1).scaleb(-scale)
    return [None if value is None else Decimal(value) * unit for value in values]
