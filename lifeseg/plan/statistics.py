"""What an engine brings of a population (counts, sums, values at ranks) comes in; its statistics go out.

Engines only count, add and sort whole numbers; everything that rounds is done here, once, for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lifeseg.frozen import dataclass
from lifeseg.functions import statistics as exact
from lifeseg.functions.exact import DIVISION_DECIMALS, mean
from lifeseg.plan import tree as p

StatisticValue = int | tuple[int | None, ...] | None
Sorted = Callable[[p.Request, Sequence[int]], dict[int, int]]
"""Asks for the values at places of the ascending order, counted from 1."""

Running = Callable[[p.Request, Sequence[int], bool], Sequence[int | None]]
"""Of the running sums of amounts, from the largest value: the values at which they reach each limit, or (False) the last
ones at which they are not above it.
"""

RANKED = ("tops", "groups", "quantile")


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the values that are not null: how many, their sum, least, greatest, sum of squares; and of all rows, how many."""

    count: int
    total: int | None
    least: int | None
    greatest: int | None
    squares: int | None
    rows: int


def statistic(request: p.Request, sums: Sums, values_at: Sorted, running: Running) -> StatisticValue:
    """The statistic a request asks for."""
    match request.function:
        case "count":
            return sums.rows
        case "share":
            return exact.share(sums.count, sums.rows)
        case "tops":
            ranks = exact.top_ranks(sums.count, [(share, DIVISION_DECIMALS) for share in request.argument])
            return cuts(request, sums.count, ranks, values_at, running)
        case "groups":
            ranks = exact.group_ranks(sums.count, request.argument[0])
            return cuts(request, sums.count, ranks, values_at, running)
        case "bringing":
            shares = [(share, DIVISION_DECIMALS) for share in request.argument]
            limits = exact.shares_of(sums.total or 0, shares)
            found = running(request, limits, True)
            return tuple(cut if limit else None for cut, limit in zip(found, limits, strict=True))
        case "spent":
            return running(request, request.argument, False)[0]
        case _:
            pass
    if not sums.count:
        return None
    match request.function:
        case "sum":
            return sums.total
        case "mean":
            return mean(sums.total or 0, sums.count, request.scale)
        case "min":
            return sums.least
        case "max":
            return sums.greatest
        case "deviation":
            return exact.deviation_from_sums(sums.count, sums.total or 0, sums.squares or 0, request.scale)
        case _:
            return quantile(request, sums.count, values_at)


def cuts(
    request: p.Request, count: int, from_top: Sequence[int], values_at: Sorted, running: Running
) -> StatisticValue:
    """The k-th largest values, None for k = 0; or, where ties join the lower class, the least that at most k reach."""
    if request.manner == "lower":
        return tuple(running(request, from_top, False))
    places = [count - rank + 1 for rank in from_top if rank]
    found = values_at(request, places) if places else {}
    return tuple(found[count - rank + 1] if rank else None for rank in from_top)


def quantile(request: p.Request, count: int, values_at: Sorted) -> StatisticValue:
    place, fraction = exact.quantile_place(count, (request.argument[0], DIVISION_DECIMALS))
    places = [place + 1, min(place + 2, count)]
    found = values_at(request, places)
    fraction = exact.interpolated(fraction, request.manner or exact.INTERPOLATIONS[0])
    return exact.quantile_between(found[places[0]], found[places[1]], fraction, request.scale)
