"""What a policy hands out, checked: beside the flags that say for whom, all that a hand-out and its measures need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass

MEASURES = ("triggered", "response", "on_time", "goal", "cost", "revenue", "return")
"""What is measured of every task; all but costs and revenues are shares or ratios."""
AMOUNTS = ("cost", "revenue")


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
    judged: Length | None  # None: when it is due
    targets: tuple[TaskTarget, ...]


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """The list of flags `name`, and `name_goals` where there are any, belong to it."""

    name: str
    entity: str
    tasks: tuple[Task, ...]
