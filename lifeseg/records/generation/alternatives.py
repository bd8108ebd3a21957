"""What a condition may need comes in as alternatives; alternatives of several conditions together go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.records.generation.design import Pull

Pulls = tuple[Pull, ...]
Alternatives = Sequence[Pulls]
"""One of them suffices; none: it cannot be; an empty one: nothing is known that would help."""

NOTHING: Alternatives = ((),)
MOST = 6
LITTLE = Fraction(1, 10**13)
MOST_SHIFT = 4
Operator = Literal["=", "<", "<=", ">", ">="]
OPPOSITE: Mapping[Operator, tuple[Operator, ...]] = {
    "=": (">", "<"), "<": (">=",), "<=": (">",), ">": ("<=",), ">=": ("<",),
}  # fmt: skip
MIRRORED: Mapping[str, Operator] = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`; None has no end."""

    low: Fraction | None
    high: Fraction | None

    def moved(self, by: Fraction) -> Range:
        return Range(*(None if end is None else end + by for end in (self.low, self.high)))

    def scaled(self, by: Fraction) -> Range:
        low, high = (None if end is None else end * by for end in (self.low, self.high))
        return Range(low, high) if by > 0 else Range(high, low)

    def holds(self, value: Fraction) -> bool:
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


def range_of(operator: Operator, end: Fraction) -> Range:
    match operator:
        case "=":
            return Range(end, end)
        case "<" | "<=":
            return Range(None, end if operator == "<=" else end - LITTLE)
        case _:
            return Range(end if operator == ">=" else end + LITTLE, None)


def shifts(wanted: Range, seen: tuple[Fraction, Fraction] | None) -> list[Fraction]:
    """By how many deviations to move a value so that it comes into the range; both ways if nobody knows."""
    low, high = wanted.low, wanted.high
    if seen is None or not seen[1]:
        if low is None or high is None:
            return [Fraction(1 if high is None else -1)]
        return [Fraction(1), Fraction(-1)]
    median, deviation = seen
    if (low is None or low <= median) and (high is None or median <= high):
        return []
    inside = deviation * Fraction(2, 5)
    if low is not None and median < low:
        aim = low + (inside if high is None else min(inside, (high - low) / 2))
    else:
        assert high is not None
        aim = high - (inside if low is None else min(inside, (high - low) / 2))
    found = (aim - median) / deviation
    return [max(Fraction(-MOST_SHIFT), min(Fraction(MOST_SHIFT), found))]


def brood(entity: str, low: Fraction | int | None, high: Fraction | int | None) -> Alternatives:
    """How many records of a child entity there must be."""
    least, most = (None if end is None else Fraction(end) for end in (low, high))
    return ((Pull(entity, None, least, most),),)


def either(left: Alternatives, right: Alternatives) -> Alternatives:
    return (*left, *(found for found in right if found not in left))


def any_of(parts: Iterable[Alternatives]) -> Alternatives:
    """Alternatives of all, the first of each first."""
    listed = [list(part) for part in parts]
    found: list[Pulls] = []
    for place in range(max(map(len, listed), default=0)):
        found += [part[place] for part in listed if place < len(part) and part[place] not in found]
    return found[:MOST]


def all_of(parts: Sequence[Alternatives]) -> Alternatives:
    found: Alternatives = NOTHING
    for part in parts:
        found = both(found, part)
    return found


def both(left: Alternatives, right: Alternatives) -> Alternatives:
    """An alternative of each, as far as they do not exclude each other."""
    found: list[Pulls] = []
    for first in left:
        for second in right:
            merged = joined(first, second)
            if merged is not None and merged not in found:
                found.append(merged)
    return found[:MOST]


def joined(left: Pulls, right: Pulls) -> Pulls | None:
    """The pulls of both sides, those on one fact made one; None if they exclude each other."""
    found = {(pull.entity, pull.fact, pull.child): pull for pull in left}
    for pull in right:
        place = (pull.entity, pull.fact, pull.child)
        merged = merge(found[place], pull) if place in found else pull
        if merged is None:
            return None
        found[place] = merged
    return tuple(found.values())


def merge(one: Pull, other: Pull) -> Pull | None:
    lows = [pull.low for pull in (one, other) if pull.low is not None]
    highs = [pull.high for pull in (one, other) if pull.high is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(value for value in one.values if value in other.values)
    missing = one.missing if other.missing is None else other.missing
    known = values is not None or low is not None or high is not None
    contradiction = (
        (low is not None and high is not None and low > high)
        or values == ()
        or (one.missing is not None and other.missing is not None and one.missing is not other.missing)
        or (missing is True and known)
    )
    shift = max((one.shift, other.shift), key=abs)
    return (
        None
        if contradiction
        else replace(one, low=low, high=high, values=values, missing=missing, shift=shift)
    )
