"""What became of tasks comes in; it goes into the store's table `outcomes`, all or nothing, and what is wrong goes out.

An outcome is never changed: a correction leaves it with the number of the reading that `replaced` it. What is known
already is not entered again, so that the same file may be read as often as one likes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.tracking.place import Place
from lifeseg.tracking.store import PATIENCE, opened

WORDS = ("responded", "no_response", "cancelled")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task; `line` is its place in the file."""

    line: int
    task: int
    outcome: str
    day: date
    cost: Decimal
    revenue: Decimal
    note: str | None

    @property
    def told(self) -> tuple[object, ...]:
        return (self.outcome, self.day, self.cost, self.revenue, self.note)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an outcome cannot be: there is no such task, it was held out, or it is from before the task was handed out."""

    line: int
    task: int
    reason: Literal["task", "held", "early"]
    handed_out: date | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """How many were new, corrected, and known already; or what is wrong, and then nothing was entered."""

    new: int
    corrected: int
    known: int
    wrong: tuple[Wrong, ...] = ()


def read(
    place: Place, policy: str, outcomes: Sequence[Outcome], *, enter: bool = True, patience: float = PATIENCE
) -> Read:
    """Enters the outcomes of a policy's tasks, or only says what is wrong with them."""
    with opened(place, writing=True, patience=patience) as store:
        assert store is not None
        rows = store.execute("SELECT task, handed_out, arm FROM tasks WHERE policy = ?", (policy,)).fetchall()
        tasks = {int(task): (day, arm) for task, day, arm in rows}
        wrong = tuple(found for one in outcomes if (found := impossible(one, tasks)) is not None)
        if wrong or not enter:
            return Read(0, 0, 0, wrong)
        query = "SELECT task, outcome, day, cost, revenue, note FROM outcomes WHERE replaced IS NULL"
        before = {int(task): tuple(told) for task, *told in store.execute(query).fetchall()}
        entered = [one for one in outcomes if before.get(one.task) != one.told]
        corrected = [(one.task,) for one in entered if one.task in before]
        number = store.execute("SELECT coalesce(max(reading), 0) + 1 FROM outcomes").fetchone()
        reading = int(number[0]) if number is not None else 1
        if corrected:
            update = f"UPDATE outcomes SET replaced = {reading:d} WHERE task = ? AND replaced IS NULL"
            store.many(update, corrected)
        if entered:
            values = [(one.task, *one.told, reading) for one in entered]
            store.many("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", values)
    return Read(len(entered) - len(corrected), len(corrected), len(outcomes) - len(entered))


def impossible(one: Outcome, tasks: dict[int, tuple[date, str]]) -> Wrong | None:
    if one.task not in tasks:
        return Wrong(one.line, one.task, "task")
    handed_out, arm = tasks[one.task]
    if arm == "control":
        return Wrong(one.line, one.task, "held")
    if one.day < handed_out:
        return Wrong(one.line, one.task, "early", handed_out)
    return None
