"""A block of tasks as written: who is to do what for whom, until when, and what it is meant to achieve."""

from __future__ import annotations

from lifeseg.frozen import dataclass
from lifeseg.syntax.tree import Expression, Information, Name, Named, Node, Number, Text


@dataclass(frozen=True, slots=True)
class TaskTarget(Node):
    """`target response > 10%`, of one of the measures that every task has."""

    measure: str
    operator: str
    limit: Expression


@dataclass(frozen=True, slots=True)
class Task(Named):
    condition: Expression | None  # None: always
    excluded: tuple[Name, ...]
    each: Name | None  # a block of offers: one task for every offer that is made
    owner: Name | None  # a definition that tells; an owner in quotes is information
    channel: Name | Text | None
    about: Name | Text | None  # a text is only made, of `each`
    due: Number | None
    again: Number | None  # None: once for each time that the reason comes
    goal: Expression | None
    expected: Expression | None
    judged: Number | None
    targets: tuple[TaskTarget, ...]
    information: tuple[Information, ...]


@dataclass(frozen=True, slots=True)
class Tasks(Named):
    """What is handed out to those for whom there is a reason and who are not excluded."""

    entity: Name
    excluded: tuple[Name, ...]
    lost: Expression | None
    worth: Name | None
    information: tuple[Information, ...]
    tasks: tuple[Task, ...]
