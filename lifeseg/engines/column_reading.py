"""How a fact is read and a column of given values come in; an array of what the plan knows of them goes out.

A column is read as a whole if all its values are written plainly and alike; otherwise each value is read as a record's is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from lifeseg.engines.column_numbers import HEADER, integers, marshalled, on_grid
from lifeseg.engines.python_reading import LONGEST_REMEMBERED, MOST_REMEMBERED, FactReading
from lifeseg.frozen import dataclass

MISSING = -1
"""Stands for a missing choice or day while it is looked up; codes and days are not negative."""

MOST_IN_64 = 2**62


class Array(NamedTuple):
    """A value for each row, or one for all: whole numbers and days as integers (as Python's where 64 bits may be too few),
    texts as their codes, yes and no as truth values, lists as tuples. `known` tells which are there; None if all are.
    """

    values: Any
    known: Any = None


class Words:
    """Texts and their codes."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts: list[str] = []
        self.codes: dict[str, int] = {}
        for text in texts:
            self.code(text)

    def code(self, text: str) -> int:
        found = self.codes.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """Reads columns of a fact; UnusualError where a value cannot be read. `remembered` are its choices and days."""

    fact: FactReading
    key: bool
    words: Words
    remembered: dict[Any, int]

    def __call__(self, given: list[Any]) -> Array:
        """Texts come as they are in a list, with None for missing ones."""
        match self.fact.kind:
            case "text":
                return Array(self.texts(given))
            case "number" | "truth":
                found = self.plainly(given)
            case _:
                found = self.looked_up(given)
        return array_of(self.fact.kind, [*map(self.fact.read, given)], self.words) if found is None else found

    def plainly(self, given: list[Any]) -> Array | None:
        """None unless all that are there are written plainly and alike."""
        there = [value is not None for value in given] if self.fact.optional else [True]
        some = given if all(there) else [*compress(given, there)]
        if self.fact.kind == "truth":
            values = truths(some)
        else:
            values = on_grid(some, self.fact.grid) if self.fact.grid is not None else None
        if values is None or some is given:
            return Array(values) if values is not None else None
        known = np.frombuffer(bytes(there), np.bool_)
        filled = np.zeros(len(given), values.dtype)
        filled[known] = values
        return Array(filled, known)

    def texts(self, given: list[Any]) -> list[str | None]:
        plain = (
            set(map(type, given)) <= {str}
            and (all(given) and [*map(str.strip, given)] == given if self.key else all(map(str.strip, given)))
            and "\n#" not in "\n".join(["", *given])
        )
        return given if plain else [*map(self.fact.read, given)]

    def looked_up(self, given: list[Any]) -> Array | None:
        """Equal values of these types are read alike, and values of two of them are never equal."""
        if not set(map(type, given)) <= {str, date, type(None)}:
            return None
        try:
            found = [*map(self.remembered.__getitem__, given)]
        except KeyError:
            known, new = (
                self.remembered,
                {one: self.number(one) for one in {*given} if one not in self.remembered},
            )
            found = [new[one] if one in new else known[one] for one in given]
            short = {one: number for one, number in new.items() if len(str(one)) <= LONGEST_REMEMBERED}
            if len(known) + len(short) <= MOST_REMEMBERED:
                known.update(short)
        values = integers(found)
        there = values != MISSING
        return Array(values) if there.all() else Array(values, there)

    def number(self, given: Any) -> int:
        value = self.fact.read(given)
        if value is None:
            return MISSING
        return value.toordinal() if isinstance(value, date) else self.words.codes[value]


def truths(given: list[Any]) -> Any:
    written = marshalled(given)
    if len(written) != HEADER + len(given):
        return None
    items = np.frombuffer(written, np.uint8, offset=HEADER)
    true = items == ord("T")
    return true if (true | (items == ord("F"))).all() else None


def array_of(kind: str, values: Sequence[Any], words: Words) -> Array:
    """Values as Python has them: whole numbers, truth values, days, texts, tuples."""
    there = [value is not None for value in values]
    convert, filler, dtype = CONVERSIONS[kind]
    of = words.code if convert is None else convert
    made = [of(value) if value is not None else filler for value in values]
    if dtype is np.int64 and any(abs(one) > MOST_IN_64 for one in made):
        dtype = object
    return Array(np.fromiter(made, dtype, len(made)), None if all(there) else np.array(there))


CONVERSIONS: Mapping[str, tuple[Callable[[Any], Any] | None, Any, Any]] = {
    "number": (int, 0, np.int64),
    "whole": (int, 0, np.int64),
    "truth": (bool, False, np.bool_),
    "date": (date.toordinal, 1, np.int64),
    "list": (tuple, (), object),
    "choice": (None, 0, np.int64),
    "text": (None, 0, np.int64),
}
"""What is held of a value, what stands where there is none, and the type of the array; None for texts, which have codes."""


def pythonic(kind: str, array: Array, count: int, words: Words) -> list[Any]:
    """The values as Python has them, None for missing ones."""
    values: list[Any] = np.broadcast_to(array.values, count).tolist()
    show: Callable[[Any], Any] | None = None
    if kind == "date":
        show = date.fromordinal
    elif kind in ("text", "choice"):
        show = words.texts.__getitem__
    if array.known is None:
        return values if show is None else [*map(show, values)]
    pairs = zip(values, np.broadcast_to(array.known, count).tolist(), strict=True)
    return [(value if show is None else show(value)) if there else None for value, there in pairs]
