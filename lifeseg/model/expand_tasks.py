"""A block of tasks as written comes in; the flags that it stands for go out, as an analyst could write them.

A task's flag says that there is a reason to hand it out, and nothing that excludes it; the flag of its goal, that the goal
is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def goal_name(task: str) -> str:
    return f"{task}_goal"


def goals_name(block: str) -> str:
    """The list of the goals that are reached."""
    return f"{block}_goals"


def tasks_as_flags(node: d.Tasks) -> Iterator[d.Block]:
    if node.tasks:
        items = tuple(reason(node, task) for task in node.tasks)
        span = node.name_span
        yield d.Block(span, "flags", node.name, node.title, node.entity, node.information, items)
    goals = tuple(goal(task, task.goal) for task in node.tasks if task.goal is not None)
    if goals:
        span = spot(node.name_span)
        yield d.Block(span, "flags", goals_name(node.name), None, node.entity, (), goals)


def reason(node: d.Tasks, task: d.Task) -> d.Case:
    excluded = [t.Not(unwritten(name.span), name) for name in (*node.excluded, *task.excluded)]
    tests = [*excluded, *parts(task.condition)]
    how: Literal["when", "always"] = "when" if tests else "always"
    return d.Case(task.span, task.name, task.name_span, task.title, how, joined(tests), task.information)


def joined(tests: list[t.Expression]) -> t.Expression | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return t.And(tests[-1].span, tuple(tests), True)


def parts(condition: t.Expression | None) -> tuple[t.Expression, ...]:
    """What must hold together, one by one."""
    if isinstance(condition, t.And):
        return condition.items
    return (condition,) if condition is not None else ()


def goal(task: d.Task, condition: t.Expression) -> d.Case:
    return d.Case(condition.span, goal_name(task.name), condition.span, None, "when", condition, ())


def unwritten(span: Span) -> Span:
    """Where something is that is nowhere written, so that nothing is quoted for it."""
    return span._replace(end_line=span.line, end_column=span.column)


def spot(span: Span) -> Span:
    """Just behind a name: what is nowhere written follows what is."""
    return span._replace(column=span.end_column)
