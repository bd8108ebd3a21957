"""Whole numbers of one population come in, exact statistics at a known scale go out.

All values of a call share one scale (value / 10**scale is the number) and none of them is
missing: the caller leaves missing values out first. Nothing depends on the order of the
values, so no engine, thread count or row order can change a statistic. A statistic of no
values is None, which a policy calls missing. The module knows nothing of engines: they
bring counts, sums and the values at given ranks; `deviation_from_sums`, `quantile_place`,
`quantile_between`, `top_ranks`, `group_ranks` and `shares_of` are the parts they need for that.

Source: `Population` in the language reference; quantiles are type 7 of R unless another interpolation is asked for.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise

from lifeseg.functions import exact
from lifeseg.functions.exact import DIVISION_DECIMALS, divide_half_away

Share = tuple[int, int]
"""A share of the population, 0..1, as (value, scale): (2, 1) is 0.2, or 20 %."""

INTERPOLATIONS = ("linear", "lower", "higher", "nearest", "midpoint")
TIES = ("higher", "lower")


def total(values: Collection[int]) -> int | None:
    """Return the exact sum at the scale of the values; None of no values."""
    return sum(values) if values else None


def minimum(values: Collection[int]) -> int | None:
    """Return the smallest value at the scale of the values; None of no values."""
    return min(values, default=None)


def maximum(values: Collection[int]) -> int | None:
    """Return the largest value at the scale of the values; None of no values."""
    return max(values, default=None)


def mean(values: Collection[int], scale: int) -> int | None:
    """Return the arithmetic mean at 12 decimals; None of no values."""
    return exact.mean(sum(values), len(values), scale)


def share(count: int, total_count: int) -> int | None:
    """Return count / total_count at 12 decimals; None of an empty population."""
    return exact.quotient(count, 0, total_count, 0)


def deviation(values: Collection[int], scale: int) -> int | None:
    """Return the population standard deviation at 12 decimals; None of no values."""
    squares = sum(value * value for value in values)
    return deviation_from_sums(len(values), sum(values), squares, scale)


def deviation_from_sums(count: int, total: int, squares: int, scale: int) -> int | None:
    """Return the population standard deviation at 12 decimals from exact sums.

    With N values, their sum T at `scale` and the sum Q of their squares at twice that
    scale, it is the root of N*Q - T*T, divided by N. Root and division are rounded
    together, once, half away from zero. None of no values.
    """
    if count == 0:
        return None
    spread = count * squares - total * total
    if spread < 0:
        raise ValueError(f"no {count} values have the sum {total} and the sum of squares {squares}")
    return exact.nearest_root(spread * 10 ** (2 * DIVISION_DECIMALS), (count * 10**scale) ** 2)


def quantile(values: Collection[int], p: Share, scale: int, interpolation: str = "linear") -> int | None:
    """Return the p-quantile at 12 decimals, of a straight line type 7 of R; None of no values.

    With the values in rising order and counted from 0, it lies at the place (N - 1) * p;
    between two values it is what the interpolation says, rounded once. Values that
    are sorted already cost least, but any order gives the same.
    """
    if not values:
        return None
    ordered = sorted(values)
    index, fraction = quantile_place(len(ordered), p)
    upper = ordered[min(index + 1, len(ordered) - 1)]
    return quantile_between(ordered[index], upper, interpolated(fraction, interpolation), scale)


def quantile_place(count: int, p: Share) -> tuple[int, Share]:
    """Return where the p-quantile of `count` values lies, count being above 0.

    First the index of the value below it, in rising order from 0; then how far it lies
    towards the next value, as a share at the scale of p, always below 1.
    """
    _check_share(p)
    value, scale = p
    index, fraction = divmod((count - 1) * value, 10**scale)
    return index, (fraction, scale)


def interpolated(fraction: Share, interpolation: str) -> Share:
    """Return how far towards the next value a quantile is taken that lies a fraction of the way there.

    `nearest` takes the next value from half way on; a quantile that lies on a value is that value.
    """
    part, scale = fraction
    match interpolation:
        case "linear":
            return fraction
        case "lower":
            return 0, 0
        case "higher":
            return int(part > 0), 0
        case "nearest":
            return int(2 * part >= 10**scale), 0
        case "midpoint":
            return 5 * (part > 0), 1
        case _:
            raise ValueError(f"`{interpolation}` is none of {', '.join(INTERPOLATIONS)}")


def quantile_between(lower: int, upper: int, fraction: Share, scale: int) -> int:
    """Return lower + fraction * (upper - lower) at 12 decimals, rounded once."""
    part, part_scale = fraction
    wide = lower * 10**part_scale + part * (upper - lower)
    return exact.rescale(wide, scale + part_scale, DIVISION_DECIMALS)


def top_ranks(count: int, cumulative_shares: Sequence[Share]) -> tuple[int, ...]:
    """Return for each class how many values it and the better classes should hold.

    That is k = count * cumulative share, rounded half away from zero (half up). The
    shares run from the best class on and never fall.
    """
    for cumulative in cumulative_shares:
        _check_share(cumulative)
    for (before, before_scale), (after, after_scale) in pairwise(cumulative_shares):
        if after * 10**before_scale < before * 10**after_scale:
            raise ValueError(
                "cumulative shares never fall, but "
                f"{exact.to_text(after, after_scale)} comes after "
                f"{exact.to_text(before, before_scale)}"
            )
    return tuple(divide_half_away(count * value, 10**scale) for value, scale in cumulative_shares)


def top_cuts(
    values: Collection[int], cumulative_shares: Sequence[Share], ties: str = "higher"
) -> tuple[int | None, ...]:
    """Return the cut of each class of a rank, at the scale of the values.

    With k as in `top_ranks`, it is the k-th largest value, so that ties join the better class; or,
    if ties join the lower one, the least value that at most k reach. A value at or above the cut
    belongs to the class or a better one. None is the cut of a class to which no value belongs.
    """
    return _cuts(values, top_ranks(len(values), cumulative_shares), ties)


def group_ranks(count: int, groups: int) -> tuple[int, ...]:
    """Return for the groups 2, 3 .. how many values they and the groups above should hold.

    Group g and above hold the share (groups - g + 1) / groups of the population, rounded
    like a class in `top_ranks`.
    """
    if groups < 1:
        raise ValueError(f"a population has at least 1 group, not {groups}")
    return tuple(divide_half_away(count * above, groups) for above in range(groups - 1, 0, -1))


def group_cuts(values: Collection[int], groups: int, ties: str = "higher") -> tuple[int | None, ...]:
    """Return the cuts between quantile groups 1..groups, at the scale of the values.

    The first cut leads into group 2, the last into the highest group, so there are
    groups - 1. A value at or above a cut lies in that group or a higher one; ties join
    as in `top_cuts`. None is the cut into a group that nobody reaches.
    """
    return _cuts(values, group_ranks(len(values), groups), ties)


def shares_of(total: int, cumulative_shares: Sequence[Share]) -> tuple[int, ...]:
    """Return for each class how much it and the better classes bring of a total, rounded up to whole units."""
    return tuple(-(-total * value // 10**scale) for value, scale in cumulative_shares)


def amount_cuts(
    pairs: Collection[tuple[int, int]], cumulative_shares: Sequence[Share]
) -> tuple[int | None, ...]:
    """Return the cut of each class of a rank by what its members bring, from pairs of a value and an amount.

    The cut is the largest value such that all who reach it bring at least that share of everybody's amounts,
    none of which is negative. So ties belong together, and who reaches the share belongs. None, where there is
    nothing to bring, is the cut of an empty class.
    """
    limits = shares_of(sum(amount for _, amount in pairs), cumulative_shares)
    sums = running_sums(pairs)
    return tuple(next((v for v, s in sums if s >= limit), None) if limit else None for limit in limits)


def spent_cut(pairs: Collection[tuple[int, int]], limit: int) -> int | None:
    """Return the smallest value such that all who reach it together cost no more than the limit.

    None, where the most valuable cost more already, admits nobody. No cost is negative.
    """
    return next((v for v, s in reversed(running_sums(pairs)) if s <= limit), None)


def running_sums(pairs: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return each value, from the largest, with the sum of the amounts of all that are as large or larger."""
    amounts: dict[int, int] = {}
    for value, amount in pairs:
        amounts[value] = amounts.get(value, 0) + amount
    values = sorted(amounts, reverse=True)
    return list(zip(values, accumulate(amounts[value] for value in values), strict=True))


def _cuts(values: Collection[int], ranks: Sequence[int], ties: str) -> tuple[int | None, ...]:
    """Return for each rank k the largest value that at least k reach, or the least that at most k reach."""
    if ties == "lower":
        sums = running_sums([(value, 1) for value in values])
        reaching = [count for _, count in sums]
        places = [bisect_right(reaching, rank) for rank in ranks]
        return tuple(sums[place - 1][0] if place else None for place in places)
    ordered = sorted(values, reverse=True)
    return tuple(ordered[rank - 1] if rank else None for rank in ranks)


def _check_share(share: Share) -> None:
    """Refuse what is not between 0 and 1."""
    value, scale = share
    if not 0 <= value <= 10**scale:
        raise ValueError(
            f"a share of the population lies between 0 and 1, but got {exact.to_text(value, scale)}"
        )
