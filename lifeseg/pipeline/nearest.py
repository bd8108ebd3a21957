"""Two versions of a policy and their results side by side come in; who did not move but comes nearest to a threshold that
decides otherwise than before goes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from lifeseg.pipeline.difference import EntityMoves, Near, Nearest

if TYPE_CHECKING:
    from lifeseg.pipeline.overview import Overview
    from lifeseg.records.results_compared import Compared
    from lifeseg.review.thresholds import Threshold

MOST_THRESHOLDS = 30
"""Thresholds at which is looked."""


def nearest(
    sides: Compared, moves: EntityMoves, overviews: tuple[Overview, Overview], most: int
) -> Iterator[Nearest]:
    """At each threshold of an entity's decisions that is another one, or whose amounts are others: so many on either side."""
    from lifeseg.records.results_compared import At
    from lifeseg.review.thresholds import otherwise

    if not most:
        return
    known = set(sides.pair.columns)
    old, new = (list(of_entity(one, moves.entity, known)) for one in overviews)
    for before, one in list(otherwise(old, new, moves.amounts))[:MOST_THRESHOLDS]:
        place = At(one.column, Decimal(written(one)), one.reached, one.decision, one.flag)
        reached, short = (
            tuple(Near(key, amount) for key, amount in sides.near(place, above, most))
            for above in (True, False)
        )
        if reached or short:
            former = written(before) if before is not None else None
            yield Nearest(one.decision, one.case, one.flag, one.column, former, written(one), reached, short)


def of_entity(overview: Overview, entity: str, columns: set[str]) -> Iterator[Threshold]:
    from lifeseg.review.thresholds import thresholds

    for one in thresholds(overview.model, overview.as_of, overview.baseline.statistics):
        if one.entity == entity and {one.column, one.decision} <= columns:
            yield one


def written(one: Threshold) -> str:
    """All its decimals, at least those of the policy; there is none without an end among thresholds."""
    from lifeseg.functions.exact import to_text

    scale = one.decimals
    while (one.value * 10**scale).denominator != 1:
        scale += 1
    return to_text(int(one.value * 10**scale), scale, scale)
