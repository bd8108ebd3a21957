"""A setting comes in; what came of the tasks of a policy goes out: measures with targets, the KPIs of the last runs, and how
champion, challenger and those to whom nothing was handed out compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.functions.intervals import Amounts, Interval, newcombe, welch
from lifeseg.model.model import Model
from lifeseg.model.tasks import Task
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.tasks import with_tasks
from lifeseg.pipeline.transitions import remembered_definition

if TYPE_CHECKING:
    from lifeseg.tracking.measures import Counts, Measured, Run

COMPARISONS = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
CONTROL, CHAMPION, CHALLENGER = "control", "champion", "challenger"
FEW = 30
"""Fewer than this many tell little, whatever the interval says."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one task, in one case or all; shares and the return are None where nothing can be told."""

    name: str
    case: str | None
    handed_out: int
    held_out: int
    done: int
    overdue: int
    measures: Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target of a task, what its measure came to, and whether it is met; None where nothing can be told yet."""

    name: str
    measure: str
    operator: str
    limit: Fraction
    found: Fraction | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An arm beside another: what is compared, how many there are, and how far apart they are."""

    name: str
    what: str  # goal, response or profit
    arm: str
    other: str
    counts: tuple[int, int]
    found: Fraction
    interval: Interval | None

    @property
    def few(self) -> bool:
        return min(self.counts) < FEW


@dataclass(frozen=True, slots=True)
class Loop:
    model: Model
    first: date
    last: date
    today: date
    by: str | None
    rows: tuple[Row, ...]
    verdicts: tuple[Verdict, ...]
    runs: tuple[Run, ...]
    arms: Mapping[str, tuple[Row, ...]]
    differences: tuple[Difference, ...]


def loop(setting: Setting, first: date | None, last: date | None, by: str | None) -> Loop:
    from lifeseg.tracking.measures import Asked, measured

    model = with_tasks(setting)
    today = setting.day()
    if by is not None:
        remembered_definition(model, by)
    tasks = [task for block in model.tasks for task in block.tasks]
    names = tuple(task.name for task in tasks)
    wanted = Asked(model.name, first or date.min, last or today, today, names, by)
    with asking(setting, model) as store:
        found = measured(store, wanted)
    if found is None:
        raise refusal("history-nothing", policy=model.name)
    return told(model, wanted.first, wanted.last, today, by, found)


def told(model: Model, first: date, last: date, today: date, by: str | None, found: Measured) -> Loop:
    """Everything that is counted, in the order of the policy."""
    written = {task.name: task for block in model.tasks for task in block.tasks}
    names = [*written, *dict.fromkeys(one.name for one in found.counts if one.name not in written)]
    own = [row_of(name, None, found.counts, found.triggered) for name in names]
    cases = dict.fromkeys(one.case for one in found.counts) if by is not None else {}
    split = [
        row_of(name, case or "none", [one for one in found.counts if one.case == case], {})
        for name in names
        for case in sorted(cases, key=lambda case: place_of(model, by, case))
    ]
    rows = tuple(row for row in (split if by is not None else own) if row.handed_out or row.held_out)
    arms = {arm: of_arm(names, arm, found) for arm in (CONTROL, CHAMPION, CHALLENGER)}
    several = {arm: rows for arm, rows in arms.items() if rows}
    return Loop(
        model, first, last, today, by, rows, tuple(verdicts(written.values(), own)), found.runs,
        several if len(several) > 1 else {}, tuple(differences(names, found.counts)),
    )  # fmt: skip


def place_of(model: Model, by: str | None, case: str | None) -> int:
    options = remembered_definition(model, by).type.options
    return options.index(case) if case in options else len(options)


def of_arm(names: Sequence[str], arm: str, found: Measured) -> tuple[Row, ...]:
    counts = [one for one in found.counts if one.arm == arm]
    rows = (row_of(name, None, counts, {}) for name in names)
    return tuple(row for row in rows if row.handed_out or row.held_out)


def row_of(
    name: str, case: str | None, counts: Iterable[Counts], triggered: Mapping[str, tuple[int, int]]
) -> Row:
    """The measures of a task. Those held out count for nothing but the goal of their own arm."""
    every = [one for one in counts if one.name == name]
    own = [one for one in every if one.arm != CONTROL]
    judged = own or every
    timed = sum(one.early + one.late + one.overdue for one in own)
    done, cost = sum(one.done for one in own), sum(Fraction(one.cost) for one in own)
    revenue = sum(Fraction(one.revenue) for one in own)
    measures: dict[str, Fraction | None] = {
        "triggered": ratio(*triggered.get(name, (0, 0))),
        "response": ratio(sum(one.responded for one in own), done),
        "on_time": ratio(sum(one.early for one in own), timed),
        "goal": ratio(sum(one.reached for one in judged), sum(one.judged for one in judged)),
        "cost": Fraction(cost),
        "revenue": Fraction(revenue),
        "return": ratio(revenue, cost),
    }
    held = sum(one.tasks for one in every) - sum(one.tasks for one in own)
    overdue = sum(one.overdue for one in own)
    return Row(name, case, sum(one.tasks for one in own), held, done, overdue, measures)


def ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def verdicts(tasks: Iterable[Task], rows: Iterable[Row]) -> Iterable[Verdict]:
    found = {row.name: row for row in rows}
    for task in tasks:
        for target in task.targets:
            value = found[task.name].measures[target.measure]
            met = None if value is None else bool(COMPARISONS[target.operator](value, target.limit))
            yield Verdict(task.name, target.measure, target.operator, target.limit, value, met)


# ---- Arms beside each other ----------------------------------------------------------------------


def differences(names: Iterable[str], counts: Sequence[Counts]) -> Iterable[Difference]:
    """The goal of each arm beside that of those who were handed nothing; the challenger beside the champion in all."""
    for name in names:
        arms = {arm: total([one for one in counts if (one.name, one.arm) == (name, arm)]) for arm in
                (CONTROL, CHAMPION, CHALLENGER)}  # fmt: skip
        for arm, other in ((CHAMPION, CONTROL), (CHALLENGER, CONTROL), (CHALLENGER, CHAMPION)):
            own, beside = arms[arm], arms[other]
            if own.judged and beside.judged:
                yield of_shares(
                    name, "goal", arm, other, (own.reached, own.judged), (beside.reached, beside.judged)
                )
        champion, challenger = arms[CHAMPION], arms[CHALLENGER]
        if champion.done and challenger.done:
            parts = (challenger.responded, challenger.done), (champion.responded, champion.done)
            yield of_shares(name, "response", CHALLENGER, CHAMPION, *parts)
            means = (challenger.profit, champion.profit)
            found = means[0].mean - means[1].mean
            interval = welch(*means)
            yield Difference(
                name, "profit", CHALLENGER, CHAMPION, (challenger.done, champion.done), found, interval
            )


def of_shares(
    name: str, what: str, arm: str, other: str, own: tuple[int, int], beside: tuple[int, int]
) -> Difference:
    found = Fraction(*own) - Fraction(*beside)
    return Difference(name, what, arm, other, (own[1], beside[1]), found, newcombe(*own, *beside))


@dataclass(frozen=True, slots=True)
class Total:
    done: int
    responded: int
    judged: int
    reached: int
    profit: Amounts


def total(counts: Sequence[Counts]) -> Total:
    done = sum(one.done for one in counts)
    profit = Amounts(
        done, sum((Fraction(one.profit) for one in counts), Fraction(0)),
        sum((Fraction(one.squares) for one in counts), Fraction(0)),
    )  # fmt: skip
    return Total(
        done, sum(one.responded for one in counts), sum(one.judged for one in counts),
        sum(one.reached for one in counts), profit,
    )  # fmt: skip
