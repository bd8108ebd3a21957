"""The cases of definitions come in; SQL goes out for numbers in whose bits they stand, and for the cases in such numbers.

A database gathers one number of everybody, and compares it with another one, sooner than a text for each definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lifeseg.frozen import dataclass
from lifeseg.records.typed import quoted, text

BITS = 62
"""Of a number that every database has."""


@dataclass(frozen=True, slots=True)
class Held:
    """Which number holds the cases of a definition, and from which bit on: 1 is the first case, and 0 none."""

    number: int
    place: int
    cases: tuple[str, ...]


def held(cases: Mapping[str, Sequence[str]]) -> dict[str, Held]:
    """A place for each definition, with room for a case that is not known."""
    found: dict[str, Held] = {}
    number = place = 0
    for name, known in cases.items():
        width = bits(known)
        if place + width > BITS:
            number, place = number + 1, 0
        found[name] = Held(number, place, tuple(known))
        place += width
    return found


def bits(cases: Sequence[str]) -> int:
    return (len(cases) + 1).bit_length()


def column_of(one: Held) -> str:
    """The column of numbers; no fact is called like that."""
    return quoted(f"cases {one.number}")


def number_of(one: Held, value: str) -> str:
    """The number that stands for a value."""
    ways = [f"WHEN {text(case)} THEN {count << one.place}" for count, case in enumerate(one.cases, 1)]
    unknown = len(one.cases) + 1 << one.place
    known = f"CASE {value} {' '.join(ways)} ELSE {unknown} END" if ways else str(unknown)
    return f"CASE WHEN {value} IS NULL THEN 0 ELSE {known} END"


def case_of(one: Held, number: str) -> str:
    """The case that stands in a number."""
    ways = [f"WHEN {count} THEN {text(case)}" for count, case in enumerate(one.cases, 1)]
    own = f"({number} >> {one.place}) & {(1 << bits(one.cases)) - 1}"
    return f"CASE {own} {' '.join(ways)} END" if ways else "CAST(NULL AS VARCHAR)"
