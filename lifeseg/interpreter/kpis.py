"""A model's KPIs and the statistics of a run come in; what each came to, and whether it met its target, goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lifeseg.frozen import dataclass
from lifeseg.functions.exact import rescale
from lifeseg.interpreter.from_expression import from_expression
from lifeseg.interpreter.link import Link, linked
from lifeseg.interpreter.results import BaselineValue
from lifeseg.model import expression as e
from lifeseg.model.model import Kpi, Model
from lifeseg.model.walk import nodes

COMPARISONS = {
    "=": int.__eq__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """The amounts at `scale`, None where nobody is counted; `difference` is the largest minus the smallest case."""

    kpi: Kpi
    scale: int
    amounts: tuple[tuple[str | None, int | None], ...]
    difference: int | None
    limit: int | None  # of the target
    met: bool | None  # None without a target


def measured(model: Model, as_of: date, statistics: Mapping[str, BaselineValue]) -> tuple[Measured, ...]:
    """Every KPI of which all statistics are there."""
    link = linked(model, as_of, dict(statistics))
    return tuple(one(link, kpi) for kpi in model.kpis if needs(kpi) <= statistics.keys())


def needs(kpi: Kpi) -> set[str]:
    return {node.key for node in nodes((kpi.values, kpi.target)) if isinstance(node, e.Statistic)}


def one(link: Link, kpi: Kpi) -> Measured:
    parts: list[e.Expression] = [value for _, value in kpi.values]
    if kpi.target is not None:
        parts.append(kpi.target.limit)
    scale = max(part.type.scale for part in parts)
    found = [at_scale(link, part, scale) for part in parts]
    amounts = tuple((option, amount) for (option, _), amount in zip(kpi.values, found, strict=False))
    known = [amount for _, amount in amounts if amount is not None]
    difference = max(known) - min(known) if kpi.by is not None and len(known) > 1 else None
    limit = found[-1] if kpi.target is not None else None
    met = None
    if kpi.target is not None:
        asked = [difference] if kpi.target.difference else [amount for _, amount in amounts]
        compare = COMPARISONS[kpi.target.operator]
        met = all(amount is not None and limit is not None and compare(amount, limit) for amount in asked)
    return Measured(kpi, scale, amounts, difference, limit, met)


def at_scale(link: Link, part: e.Expression, scale: int) -> int | None:
    amount = from_expression(link, part)([])
    return None if amount is None else rescale(amount, part.type.scale, scale)
