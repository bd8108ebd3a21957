"""A setting comes in; how many were in each case, month by month, and are expected to be in the months to come, goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.functions.calendar import add_months
from lifeseg.model.model import AnyDefinition, Model
from lifeseg.model.with_past import options, renamed
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check
from lifeseg.pipeline.transitions import Asked, remembered_definition, span_of

if TYPE_CHECKING:
    from lifeseg.tracking.flows import Flow, Flows
    from lifeseg.tracking.projection import Expected, Rates

FEW = 30
"""Of fewer observations than this it is said that there are few."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A definition, or the first lifecycle; how many months to come; what is to be added up; the seed of chance."""

    name: str | None
    months: int = 0
    value: str | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Simulation:
    """Sizes by month as recorded, and as expected; `worth` is the mean of a value over those who are in a case today."""

    model: Model
    definition: AnyDefinition
    cases: tuple[str, ...]
    past: tuple[tuple[date, Mapping[str, int]], ...]
    future: tuple[tuple[date, Mapping[str, Expected]], ...]
    rates: Rates | None
    worth: Mapping[str, Fraction] | None

    @property
    def few(self) -> dict[str, int]:
        """The cases of which it was seldom seen where customers go from them, though some are there or may come."""
        if self.rates is None:
            return {}
        return {case: count for case in self.cases if (count := self.rates.observed(case)) < FEW}


def simulate(setting: Setting, wanted: Wanted) -> Simulation:
    from lifeseg.tracking.flows import flows
    from lifeseg.tracking.store import runs_known

    model = check(setting.policy, setting.policies).good()
    definition = remembered_definition(model, wanted.name)
    with asking(setting, model) as store:
        days = last_of_months([run.as_of for run in runs_known(store, model.name)])
        span = span_of(model, definition, Asked(wanted.name, None, None))
        found = flows(store, span, days, renamed(definition))
    if found is None:
        raise refusal("history-nothing", policy=model.name)
    cases = cases_of(definition, found)
    future: tuple[tuple[date, Mapping[str, Expected]], ...] = ()
    rates = None
    if wanted.months:
        rates, future = expected(cases, found, wanted, model)
    worth = worth_of(setting, definition, wanted.value) if wanted.value is not None else None
    past = tuple(zip(found.days, found.sizes, strict=True))
    return Simulation(model, definition, cases, past, future, rates, worth)


def last_of_months(days: list[date]) -> list[date]:
    """The last day with a run of each month."""
    return list({(day.year, day.month): day for day in days}.values())


def cases_of(definition: AnyDefinition, found: Flows) -> tuple[str, ...]:
    today = options(definition)
    once = {case for sizes in found.sizes for case in sizes} - {*today}
    return (*today, *sorted(once))


def expected(
    cases: tuple[str, ...], found: Flows, wanted: Wanted, model: Model
) -> tuple[Rates, tuple[tuple[date, Mapping[str, Expected]], ...]]:
    """From what went on between months that follow each other; steps over months without a run tell no monthly rate."""
    from lifeseg.tracking.projection import projected, rates_of

    steps: list[Flow] = [
        flow
        for first, last, flow in zip(found.days, found.days[1:], found.between, strict=False)
        if months_from(first, last) == 1
    ]
    if not steps:
        raise refusal("simulate-months", policy=model.name)
    rates = rates_of(cases, steps)
    first = found.days[-1].replace(day=1)
    rows = projected(rates, found.sizes[-1], wanted.months, wanted.seed)
    return rates, tuple((add_months(first, number), row) for number, row in enumerate(rows, 1))


def months_from(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def worth_of(setting: Setting, definition: AnyDefinition, name: str) -> dict[str, Fraction]:
    """The mean of an amount over the records of each case, by the data and the day of the workspace."""
    from lifeseg.pipeline.listing import column_of
    from lifeseg.pipeline.opened import opened

    results = opened(setting).results
    kind = column_of(results.model, definition.entity, name).type
    if kind.kind != "number":
        raise refusal("simulate-value", name=name)
    case_column = f"{definition.name}_band" if getattr(definition, "bands", ()) else definition.name
    cases, values = (results.column(definition.entity, column) for column in (case_column, name))
    found: dict[str, list[int]] = {}
    for case, value in zip(cases, values, strict=True):
        if isinstance(case, str) and isinstance(value, int):
            found.setdefault(case, []).append(value)
    return {case: Fraction(sum(amounts), len(amounts) * 10**kind.scale) for case, amounts in found.items()}
