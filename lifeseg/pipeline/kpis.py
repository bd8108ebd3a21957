"""The overview of a run comes in; what the policy's KPIs came to, in words, and which targets were missed, goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.functions.exact import rescale, to_text
from lifeseg.interpreter.kpis import Measured, measured
from lifeseg.model.types import NO_UNIT, unit_text
from lifeseg.pipeline.overview import Overview

KPI_DECIMALS = 4
NOBODY = "–"


def kpis(overview: Overview) -> tuple[Measured, ...]:
    """What the policy's KPIs came to."""
    return (
        measured(overview.model, overview.as_of, overview.baseline.statistics) if overview.model.kpis else ()
    )


def documented(found: Sequence[Measured]) -> list[dict[str, Any]]:
    """What `run.json` says of them: amounts in full, as decimals without unit, None where nobody is counted."""
    return [document(one) for one in found]


def document(one: Measured) -> dict[str, Any]:
    kpi, target = one.kpi, one.kpi.target

    def text(amount: int | None) -> str | None:
        return None if amount is None else to_text(amount, one.scale)

    said: dict[str, Any] = {"name": kpi.name}
    if (unit := kpi.values[0][1].type.unit) != NO_UNIT:
        said["unit"] = unit_text(unit)
    if kpi.by is None:
        said["value"] = text(one.amounts[0][1])
    else:
        said |= {"by": kpi.by[1], "cases": {case: text(amount) for case, amount in one.amounts}}
        said["difference"] = text(one.difference)
    if target is not None:
        said |= {"target": target_text(one), "met": one.met}
    return said


def missed(found: Sequence[Measured]) -> list[Diagnostic]:
    """A finding for each target that was not met."""
    return [
        problem(
            "kpi-missed", one.kpi.span, name=one.kpi.name, target=target_text(one), found=amounts_text(one)
        )
        for one in found
        if one.met is False
    ]


def target_text(one: Measured) -> str:
    """`difference <= 0.2`"""
    target = one.kpi.target
    assert target is not None
    of = "difference " if target.difference else ""
    return f"{of}{target.operator} {kpi_amount(one, one.limit)}"


def amounts_text(one: Measured) -> str:
    target = one.kpi.target
    if target is not None and target.difference:
        return kpi_amount(one, one.difference)
    return ", ".join(f"{option} {kpi_amount(one, amount)}" if option is not None else kpi_amount(one, amount)
                     for option, amount in one.amounts)  # fmt: skip


def kpi_amount(one: Measured, amount: int | None) -> str:
    """An amount with at most four decimals and its unit."""
    if amount is None:
        return NOBODY
    unit = one.kpi.values[0][1].type.unit
    decimals = min(one.scale, KPI_DECIMALS)
    shown = to_text(rescale(amount, one.scale, decimals), decimals)
    return shown if unit == NO_UNIT else f"{shown} {unit_text(unit)}"


def rows(one: Measured) -> list[tuple[str, str]]:
    """The cases of a KPI, and its difference if its target is about that, with their amounts."""
    found = [(option or "", kpi_amount(one, amount)) for option, amount in one.amounts]
    if one.kpi.target is not None and one.kpi.target.difference:
        found.append(("difference", kpi_amount(one, one.difference)))
    return found


def lines(found: Sequence[Measured]) -> list[str]:
    """A line for each amount: the KPI's name before its first, its target behind its last."""
    names = max((len(one.kpi.name) for one in found), default=0)
    cases = max((len(case) for one in found for case, _ in rows(one)), default=0)
    amounts = max((len(amount) for one in found for _, amount in rows(one)), default=0)
    shown = []
    for one in found:
        name, last = (
            one.kpi.name,
            len(one.amounts) - 1 + (one.kpi.target is not None and one.kpi.target.difference),
        )
        for place, (case, amount) in enumerate(rows(one)):
            verdict = ""
            if one.kpi.target is not None and place == last:
                bare = target_text(one).removeprefix("difference ")
                verdict = f"   {bare}: {'met' if one.met else 'missed'}"
            gap = f"   {case:{cases}}" if cases else ""
            shown.append(f"{name:{names}}{gap}   {amount:>{amounts}}{verdict}".rstrip())
            name = ""
    return shown
