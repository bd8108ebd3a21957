"""A setting comes in; what came of the tasks of a policy goes out: measures with targets, the KPIs of the last runs, and how
champion, challenger and those to whom nothing was handed out compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.functions.intervals import Amounts, Interval, newcombe, welch
from lifeseg.model.model import Lifecycle, Model
from lifeseg.model.personal import all_personal
from lifeseg.model.tasks import AMOUNTS, JUDGED, Task
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.past import remembered_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.tasks import trial, with_tasks
from lifeseg.pipeline.transitions import remembered_definition

if TYPE_CHECKING:
    from lifeseg.tracking.measures import Counts, Measured, Run, Terms

COMPARISONS = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
CONTROL, CHAMPION, CHALLENGER = ARMS = ("control", "champion", "challenger")
FEW = 30
"""Fewer than this many tell little, whatever the interval says."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one task, in one case or all; shares and ratios are None where nothing can be told. `before` and `after`
    are what a customer is worth on average when the task is handed out, and when it is judged; of one alone they are not told
    where that gives a personal fact away.
    """

    name: str
    case: str | None
    handed_out: int
    held_out: int
    done: int
    overdue: int
    judged: int
    before: Fraction | None
    after: Fraction | None
    measures: Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target of a task, what its measure came to for all or for those of a case or an arm, and whether it is met; None
    where nothing can be told yet.
    """

    name: str
    measure: str
    operator: str
    limit: Fraction
    found: Fraction | None
    met: bool | None
    case: str | None = None
    arm: str | None = None

    @property
    def spent(self) -> Fraction | None:
        """What part of a budget is spent."""
        budget = self.measure == "cost" and self.operator in ("<", "<=")
        return ratio(self.found or 0, self.limit) if budget else None


@dataclass(frozen=True, slots=True)
class Difference:
    """An arm beside another: what is compared, perhaps in one case, how many there are, and how far apart they are."""

    name: str
    case: str | None
    what: str
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
    policies, split = trial(model, setting)
    names = tuple(dict.fromkeys(task.name for _, policy in policies for task in tasks_of(policy)))
    arms = [(arm, policy.name) for arm, policy in policies]
    terms = terms_of([policy for _, policy in policies])
    wanted = Asked(model.name, first or date.min, last or today, today, names, terms, arms, split, by)
    with asking(setting, model) as store:
        found = measured(store, wanted)
    if found is None:
        raise refusal("history-nothing", policy=model.name)
    return told(model, wanted.first, wanted.last, today, by, found)


def tasks_of(model: Model) -> list[Task]:
    return [task for block in model.tasks for task in block.tasks]


def terms_of(policies: Sequence[Model]) -> Terms:
    """What is counted of tasks, as their policies say it."""
    from lifeseg.tracking.measures import Terms

    blocks = [block for model in policies for block in model.tasks]
    every = [(block, task) for block in blocks for task in block.tasks]
    lifecycles = [one for model in policies for one in model.definitions if isinstance(one, Lifecycle)]
    return Terms(
        goals=[task.name for _, task in every if task.goal is not None],
        expects=[task.name for _, task in every if task.expected is not None],
        losses=[(task.name, block.lost) for block, task in every if block.lost is not None],
        worths=[(task.name, block.worth) for block, task in every if block.worth is not None],
        ends=[(one.name, state.name) for one in lifecycles for state in one.states if state.terminal],
        complete=[
            model.name for model in policies if all(complete(model, one.entity) for one in model.tasks)
        ],
    )


def complete(model: Model, entity: str) -> bool:
    """Whether everybody who is in the data is something that the store remembers."""
    kept = remembered_of(model, entity)
    return any(one.name in kept and not one.type.optional and not one.made for one in model.of(entity))


def told(model: Model, first: date, last: date, today: date, by: str | None, found: Measured) -> Loop:
    """Everything that is counted, in the order of the policy."""
    written = {task.name: task for task in tasks_of(model)}
    names = [*written, *dict.fromkeys(one.name for one in found.counts if one.name not in written)]
    known = (
        {one.case for one in found.counts} | {one.case for one in found.reasons} if by is not None else set()
    )
    cases = sorted(known, key=lambda case: place_of(model, by, case))
    parts: dict[str | None, Measured] = {case or "none": in_part(found, "case", case) for case in cases}
    personal = all_personal(model)
    hidden = {task.name for one in model.tasks if (one.entity, one.worth) in personal for task in one.tasks}
    own = [row_of(name, None, found, hidden) for name in names]
    split = [row_of(name, case, part, hidden) for name in names for case, part in parts.items()]
    of_arms = {arm: in_part(found, "arm", arm) for arm in ARMS}
    arms = {arm: some([row_of(name, None, part, hidden) for name in names]) for arm, part in of_arms.items()}
    several = {arm: rows for arm, rows in arms.items() if rows}
    several = several if len(several) > 1 else {}
    return Loop(
        model, first, last, today, by, some(split if by is not None else own),
        tuple(verdicts(written.values(), own, some(split), several)), found.runs, several,
        tuple(difference for part in ({None: found} | parts).items() for difference in differences(names, *part)),
    )  # fmt: skip


def in_part(found: Measured, word: str, value: str | None) -> Measured:
    """What was counted of an arm, or of a case."""
    counts = tuple(one for one in found.counts if getattr(one, word) == value)
    return replace(
        found, counts=counts, reasons=tuple(one for one in found.reasons if getattr(one, word) == value)
    )


def some(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.handed_out or row.held_out)


def place_of(model: Model, by: str | None, case: str | None) -> int:
    options = remembered_definition(model, by).type.options
    return options.index(case) if case in options else len(options)


def row_of(name: str, case: str | None, found: Measured, hidden: Set[str]) -> Row:
    """The measures of a task. Those held out count for nothing but what their own arm was found to be."""
    every = [one for one in found.counts if one.name == name]
    own = [one for one in every if one.arm != CONTROL]
    seen = own or every
    reasons = [one for one in found.reasons if one.name == name]
    timed = sum(one.early + one.late + one.overdue for one in own)
    done, cost = sum(one.done for one in own), sum(Fraction(one.cost) for one in own)
    revenue = sum(Fraction(one.revenue) for one in own)
    before, after = (
        sum((Fraction(getattr(one, name)) for one in seen), Fraction(0)) for name in ("before", "after")
    )
    valued = sum(one.valued for one in seen)
    measures: dict[str, Fraction | None] = {
        "triggered": ratio(sum(one.led for one in reasons), sum(one.found for one in reasons)),
        "response": ratio(sum(one.responded for one in own), done),
        "on_time": ratio(sum(one.early for one in own), timed),
        "goal": ratio(sum(one.reached for one in seen), sum(one.judged for one in seen)),
        "accuracy": ratio(sum(one.right for one in seen), sum(one.expected for one in seen)),
        "churn": ratio(sum(one.gone for one in seen), sum(one.watched for one in seen)),
        "growth": ratio(after - before, before) if before > 0 else None,
        "cost": Fraction(cost),
        "revenue": Fraction(revenue),
        "return": ratio(revenue, cost),
    }
    held = sum(one.tasks for one in every) - sum(one.tasks for one in own)
    judged = max(
        sum(getattr(one, name) for one in seen) for name in ("judged", "expected", "watched", "valued")
    )
    told_ = 0 if valued == 1 and name in hidden else valued  # a mean of one alone is that one's fact
    return Row(
        name, case, sum(one.tasks for one in own), held, done, sum(one.overdue for one in own), judged,
        ratio(before, told_), ratio(after, told_), measures,
    )  # fmt: skip


def ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole else None


def verdicts(
    tasks: Iterable[Task], own: Iterable[Row], split: Iterable[Row], arms: Mapping[str, Sequence[Row]]
) -> Iterable[Verdict]:
    """Each target for all, and what is no sum for each case and each arm by itself, too."""
    every = [(None, row) for row in own]
    parts = [(None, row) for row in split] + [(arm, row) for arm, rows in arms.items() for row in rows]
    for task in tasks:
        for target in task.targets:
            for arm, row in every if target.measure in AMOUNTS else every + parts:
                if row.name == task.name and (arm != CONTROL or target.measure in JUDGED):
                    value = row.measures[target.measure]
                    met = None if value is None else bool(COMPARISONS[target.operator](value, target.limit))
                    yield Verdict(
                        task.name, target.measure, target.operator, target.limit, value, met, row.case, arm
                    )


# ---- Arms beside each other ----------------------------------------------------------------------


def differences(names: Iterable[str], case: str | None, found: Measured) -> Iterator[Difference]:
    """What became of the customers of each arm beside those who were handed nothing; the challenger beside the champion in
    all.
    """
    for name in names:
        arms = {
            arm: total([one for one in found.counts if (one.name, one.arm) == (name, arm)]) for arm in ARMS
        }
        for arm, other in ((CHAMPION, CONTROL), (CHALLENGER, CONTROL), (CHALLENGER, CHAMPION)):
            own, beside = arms[arm], arms[other]
            words = name, case, arm, other
            for what in ("goal", "churn", "accuracy", "response"):
                held = other == CONTROL and what in ("accuracy", "response")
                if not held and own.shares[what][1] and beside.shares[what][1]:
                    yield of_shares(what, words, own.shares[what], beside.shares[what])
            for what in ("worth", "profit"):
                held = other == CONTROL and what == "profit"
                if not held and own.amounts[what].count and beside.amounts[what].count:
                    yield of_means(what, words, own.amounts[what], beside.amounts[what])


Words = tuple[str, str | None, str, str]


def of_shares(what: str, words: Words, own: tuple[int, int], beside: tuple[int, int]) -> Difference:
    name, case, arm, other = words
    found = Fraction(*own) - Fraction(*beside)
    return Difference(name, case, what, arm, other, (own[1], beside[1]), found, newcombe(*own, *beside))


def of_means(what: str, words: Words, own: Amounts, beside: Amounts) -> Difference:
    name, case, arm, other = words
    counts, found = (own.count, beside.count), own.mean - beside.mean
    return Difference(name, case, what, arm, other, counts, found, welch(own, beside))


@dataclass(frozen=True, slots=True)
class Total:
    """What is compared of an arm: shares as how many of how many, and amounts."""

    shares: Mapping[str, tuple[int, int]]
    amounts: Mapping[str, Amounts]


def total(counts: Sequence[Counts]) -> Total:
    def summed(*names: str) -> tuple[int, int]:
        part, whole = (sum(getattr(one, name) for one in counts) for name in names)
        return part, whole

    def amounts(count: str, squares: str, values: Callable[[Counts], Fraction]) -> Amounts:
        return Amounts(
            sum(getattr(one, count) for one in counts), sum(map(values, counts), Fraction(0)),
            sum((Fraction(getattr(one, squares)) for one in counts), Fraction(0)),
        )  # fmt: skip

    return Total(
        {
            "goal": summed("reached", "judged"),
            "churn": summed("gone", "watched"),
            "accuracy": summed("right", "expected"),
            "response": summed("responded", "done"),
        },
        {
            "worth": amounts("valued", "changes", lambda one: Fraction(one.after) - Fraction(one.before)),
            "profit": amounts("done", "squares", lambda one: Fraction(one.profit)),
        },
    )
