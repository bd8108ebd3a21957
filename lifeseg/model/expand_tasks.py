"""A block of tasks as written comes in; the flags that it stands for go out, as an analyst could write them.

A task's flag says that there is a reason to hand it out, and nothing that excludes it; other flags say that its goal is
reached, that it is expected to be, and that a customer is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model.model import Origin
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def goal_name(task: str) -> str:
    return f"{task}_goal"


def expected_name(task: str) -> str:
    return f"{task}_expected"


def lost_name(block: str) -> str:
    return f"{block}_lost"


def copy_name(block: str, fact: str) -> str:
    return f"{block}_{fact}"


def for_each_offer(node: d.Tasks, offers: Mapping[str, d.Offers]) -> d.Tasks:
    """A task that takes the offers of a block is a task for each of them; blocks that there are not are told elsewhere."""
    return replace(node, tasks=tuple(one for task in node.tasks for one in for_each(task, offers)))


def for_each(task: d.Task, offers: Mapping[str, d.Offers]) -> Iterator[d.Task]:
    block = offers.get(".".join(task.each.parts)) if task.each is not None else None
    if block is None or task.each is None:
        yield task
        return
    for offer in block.offers:
        made = t.Name(unwritten(task.each.span), (offer.name,))
        condition = joined([made, *parts(task.condition)])
        title = f"{task.title or task.name}: {offer.title or offer.name}"
        about = t.Text(task.each.span, offer.name)
        name = f"{task.name}_{offer.name}"
        yield replace(task, name=name, title=title, condition=condition, about=about, each=None)


def tasks_as_flags(node: d.Tasks) -> Iterator[tuple[d.Block, Origin]]:
    if node.tasks:
        items = tuple(reason(node, task) for task in node.tasks)
        span = node.name_span
        yield d.Block(span, "flags", node.name, node.title, node.entity, node.information, items), ""
    goals = tuple(unnamed(goal_name(task.name), task.goal) for task in node.tasks if task.goal is not None)
    expected = tuple(
        unnamed(expected_name(task.name), task.expected) for task in node.tasks if task.expected is not None
    )
    lost = (unnamed(lost_name(node.name), node.lost),) if node.lost is not None else ()
    for word, items in (("goals", goals), ("expected", expected), ("losses", lost)):
        if items:
            span = spot(node.name_span)
            made: Origin = "" if word == "goals" else "watch"
            yield d.Block(span, "flags", f"{node.name}_{word}", None, node.entity, (), items), made


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


def unnamed(name: str, condition: t.Expression) -> d.Case:
    """The flag of a line that gives only a condition."""
    return d.Case(condition.span, name, condition.span, None, "when", condition, ())


def unwritten(span: Span) -> Span:
    """Where something is that is nowhere written, so that nothing is quoted for it."""
    return span._replace(end_line=span.line, end_column=span.column)


def spot(span: Span) -> Span:
    """Just behind a name: what is nowhere written follows what is."""
    return span._replace(column=span.end_column)
