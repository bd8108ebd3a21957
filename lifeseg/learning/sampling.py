"""Keys and perhaps strata come in; which records are in the sample goes out, the same for any order of the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.learning.table import HASH_SPAN, fingerprint

Method = Literal["random", "systematic", "stratified"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The places in the sample in the order of their keys, and by stratum how many are there and how many in it."""

    places: tuple[int, ...]
    strata: Mapping[str, tuple[int, int]]


def at_random(keys: Sequence[tuple[str, ...]], places: Sequence[int], size: int, seed: int) -> list[int]:
    """Those whose fingerprints are smallest: a larger sample of the same seed holds the smaller one."""
    return sorted(places, key=lambda place: (fingerprint(keys[place], seed, "sample"), keys[place]))[:size]


def systematic(places: Sequence[int], size: int, seed: int) -> list[int]:
    """Every so-manieth of the list, from a place that the seed draws."""
    start = Fraction(fingerprint((), seed, "start"), HASH_SPAN)
    return [places[int((start + number) * len(places) / size)] for number in range(size)]


def stratified(keys: Sequence[tuple[str, ...]], strata: Sequence[str], size: int, seed: int) -> list[int]:
    """At random within each stratum, in proportion to its size."""
    members: dict[str, list[int]] = {}
    for place, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(place)
    sizes = allotted({name: len(places) for name, places in members.items()}, size)
    return [place for name, places in members.items() for place in at_random(keys, places, sizes[name], seed)]


def allotted(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """Shares of a sample: the largest remainders are rounded up; no stratum goes without where there is room for all."""
    total = sum(counts.values())
    exact = {name: Fraction(size * count, total) for name, count in counts.items()}
    least = int(size >= len(counts))
    found = {name: max(least, int(share)) for name, share in exact.items()}
    order = sorted(counts, key=lambda name: (found[name] - exact[name], name))
    while sum(found.values()) < size:
        for name in order:
            if sum(found.values()) < size and found[name] < counts[name]:
                found[name] += 1
    while sum(found.values()) > size:
        above = [name for name in found if found[name] > least]
        most = max(above, key=lambda name: (found[name] - exact[name], found[name], name))
        found[most] -= 1
    return found
