"""What a policy hands out, checked: beside the flags that say for whom, all that a hand-out and its measures need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass

DONE = ("triggered", "response", "on_time", "cost", "revenue", "return")
"""What is measured of tasks that are done, and of what they cost and brought."""
JUDGED = ("goal", "accuracy", "churn", "growth")
"""What is measured of the customers on the day they are judged."""
MEASURES = (*DONE[:3], *JUDGED, *DONE[3:])
"""What is measured of every task; all but costs and revenues are shares or ratios."""
AMOUNTS = ("cost", "revenue")
NEEDS = {"goal": "goal", "accuracy": "expect", "growth": "worth"}
"""The lines without which a measure is never known."""


@dataclass(frozen=True, slots=True)
class Length:
    """So many days, or calendar months."""

    count: int
    unit: Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class Said:
    """A text; or the name of a definition, whose case it is."""

    text: str
    by_case: bool


@dataclass(frozen=True, slots=True)
class TaskTarget:
    measure: str
    operator: str
    limit: Fraction


@dataclass(frozen=True, slots=True)
class Task:
    """A task is handed out to whoever has the flag of its name; `goal` is the flag that says whether it was achieved."""

    name: str
    titles: Mapping[str, str] = field(compare=False)
    span: Span = field(compare=False, repr=False)
    owner: Said | None
    channel: Said | None
    about: Said | None
    due: Length | None
    again: Length | None  # None: once for each time that the reason comes
    goal: str | None
    expected: (
        str | None
    )  # the flag that says on the day of the hand-out whether the goal is expected to be reached
    judged: Length | None  # None: when it is due
    targets: tuple[TaskTarget, ...]


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """The lists of flags that belong to it: `name`, and those of goals, of what is expected and of losses, where there are
    any. `lost` is the flag that says who counts as lost, `worth` the index or score that says what a customer is worth.
    """

    name: str
    entity: str
    lists: tuple[str, ...]
    lost: str | None
    worth: str | None
    tasks: tuple[Task, ...]
