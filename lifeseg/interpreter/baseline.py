"""Evaluated rows come in; the statistics of a population go out, and a baseline travels as plain JSON data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lifeseg.functions import statistics as exact
from lifeseg.functions.exact import DIVISION_DECIMALS
from lifeseg.interpreter.children import summary_of
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Link
from lifeseg.interpreter.results import Baseline, BaselineValue, Row
from lifeseg.model.model import Statistic


class LackingError(LookupError):
    """Raised where a baseline of another population lacks a statistic that the policy needs: it was computed
    under another version of the policy.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"the baseline holds no `{key}`: it belongs to another version of the policy")
        self.key = key


def computed(link: Link, found: Statistic, rows: Sequence[Row]) -> BaselineValue:
    """One statistic over the entity's rows; of no values it is missing, a count 0, cuts empty."""
    if found.where is not None:
        admitted = from_expression(link, found.where)
        rows = [row for row in rows if admitted(row)]
    if found.function == "count":
        return len(rows)
    if found.entries:
        return cut_of(link, found, rows)
    assert found.value is not None
    value = from_expression(link, found.value)
    if found.function == "share":
        return exact.share(sum(value(row) is True for row in rows), len(rows))
    values = [amount for row in rows if (amount := value(row)) is not None]
    scale = found.value.type.scale
    if found.function == "tops":
        shares = [(share, DIVISION_DECIMALS) for share in found.argument]
        return exact.top_cuts(values, shares, found.manner or exact.TIES[0])
    if found.function == "groups":
        return exact.group_cuts(values, found.argument[0], found.manner or exact.TIES[0])
    if not values:
        return None
    if found.function == "quantile":
        share = (found.argument[0], DIVISION_DECIMALS)
        return exact.quantile(values, share, scale, found.manner or exact.INTERPOLATIONS[0])
    result: BaselineValue = summary_of(found.function, scale)(values)
    return result


def cut_of(link: Link, found: Statistic, rows: Sequence[Row]) -> BaselineValue:
    """How far down the amounts of the entries reach, the largest values first."""
    pairs: list[tuple[int, int]] = []
    for entry in found.entries:
        value, amount = from_expression(link, entry.value), from_expression(link, entry.amount)
        where = from_expression(link, entry.where) if entry.where is not None else None
        pairs += [(value(row), amount(row)) for row in rows if where is None or where(row)]
    if found.limit is None:
        return exact.amount_cuts(pairs, [(share, DIVISION_DECIMALS) for share in found.argument])
    scale = found.entries[0].amount.type.scale - found.limit.type.scale
    return exact.spent_cut(pairs, from_expression(link, found.limit)([]) * 10**scale)


def to_json(baseline: Baseline) -> dict[str, Any]:
    """Plain data: whole numbers as text, so that no reader turns them into floating point."""
    statistics = {
        key: [None if cut is None else str(cut) for cut in value]
        if isinstance(value, tuple)
        else None
        if value is None
        else str(value)
        for key, value in baseline.statistics.items()
    }
    return {"statistics": statistics, "counts": dict(baseline.counts)}


def from_json(data: Mapping[str, Any]) -> Baseline:
    """The baseline from its JSON data; raises ValueError where that is not one."""
    try:
        statistics: dict[str, BaselineValue] = {}
        for key, value in data["statistics"].items():
            if isinstance(value, list):
                statistics[str(key)] = tuple(None if cut is None else int(cut) for cut in value)
            else:
                statistics[str(key)] = None if value is None else int(value)
        counts = {str(entity): int(count) for entity, count in data["counts"].items()}
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ValueError("this is not a baseline that lifeseg has written") from None
    return Baseline(statistics, counts)
