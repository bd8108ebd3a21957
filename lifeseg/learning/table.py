"""The records learnt from: columns of exact values by name, ordered by their keys, and which are held out.

Whole numbers stand for numbers at their type's scale, as everywhere. Knows nothing of where the records came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction

from lifeseg.frozen import dataclass
from lifeseg.model.expression import Value
from lifeseg.model.types import Type

HASH_SPAN = 2**64


@dataclass(frozen=True, slots=True)
class Column:
    """A fact or definition, its title, and its value for each record; whether each is personal."""

    name: str
    title: str
    type: Type
    values: tuple[Value, ...]
    personal: bool = False

    @property
    def numbers(self) -> list[int]:
        """The values that are there."""
        return [value for value in self.values if isinstance(value, int)]

    @property
    def missing(self) -> int:
        return sum(value is None for value in self.values)

    def at(self, places: Sequence[int]) -> Column:
        return Column(
            self.name, self.title, self.type, tuple(self.values[place] for place in places), self.personal
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where what is learnt comes from, as the text says it; nothing in it depends on the clock."""

    command: str
    policy: str
    entity: str
    as_of: str
    data: str
    seed: int
    where: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one entity; `held_out` are the places kept for checking, `trained` the others.

    `target` is the column that is to be foretold, or empty.
    """

    origin: Origin
    keys: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]
    held_out: tuple[int, ...]
    target: str = ""

    @property
    def trained(self) -> tuple[int, ...]:
        out = set(self.held_out)
        return tuple(place for place in range(len(self.keys)) if place not in out)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def fingerprint(key: Sequence[str], seed: int, purpose: str) -> int:
    """A number that looks random and depends on the record's key, the seed and the purpose alone."""
    text = "\n".join(f"{len(part)}:{part}" for part in (purpose, str(seed), *key))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])


def held_out(keys: Sequence[tuple[str, ...]], seed: int, share: Fraction) -> tuple[int, ...]:
    """The places of the records kept for checking: those whose fingerprint is smallest, so many as the share says."""
    count = int(share * len(keys) + Fraction(1, 2))
    order = sorted(
        range(len(keys)), key=lambda place: (fingerprint(keys[place], seed, "hold out"), keys[place])
    )
    return tuple(sorted(order[:count]))


def moments(values: Sequence[int], scale: int) -> tuple[Fraction, Fraction]:
    """Mean and variance of the whole group, exactly."""
    count, total = len(values), sum(values)
    squares = sum(value * value for value in values)
    unit = 10**scale
    return Fraction(total, count * unit), Fraction(squares * count - total * total, (count * unit) ** 2)
