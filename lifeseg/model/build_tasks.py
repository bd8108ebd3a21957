"""A block of tasks as written comes in; what a hand-out and its measures need to know goes out, or findings."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.build_offers import check_exclusions
from lifeseg.model.context import Context, Unresolved
from lifeseg.model.expand_tasks import copy_name, expected_name, goal_name, lost_name, spot, tasks_as_flags
from lifeseg.model.from_expression import DURATIONS
from lifeseg.model.model import Fact, Index, Lifecycle, Rank, Score, Segment, Table
from lifeseg.model.names import entity_named
from lifeseg.model.symbols import closest, information_text
from lifeseg.model.tasks import AMOUNTS, MEASURES, NEEDS, Length, Said, Task, TaskBlock, TaskTarget
from lifeseg.model.types import MONTH
from lifeseg.model.with_past import passing_key
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

DECIDED = (Segment, Table, Rank, Lifecycle)
"""Whose cases a result store remembers."""
WORDS = ("text", "choice")
"""The facts that are words."""


def build_tasks(context: Context, node: d.Tasks) -> TaskBlock:
    entity = entity_named(context, node.entity)
    if (passing := passing_key(context.entities, entity.name)) is not None:
        above, fact = passing
        if fact is None:
            context.report("tasks-shape.key", node.name_span, entity=above)
        else:
            context.report("tasks-shape.key-kind", node.name_span, entity=above, key=fact.name)
    if not node.tasks:
        context.report("tasks-shape", node.name_span)
    for task in node.tasks:
        check_exclusions(context.symbols, (*node.excluded, *task.excluded))
        owner = next((line for line in task.information if line.word == "owner"), None)
        if owner is not None and task.owner is not None:
            context.report("tasks-shape.again", task.owner.span, Label(owner.span, "first"), name="owner")
        if task.expected is not None and task.goal is None:
            context.report("tasks-shape.expected", task.expected.span)
        check_targets(context, node, task)
    tasks = tuple(build_task(context, entity.name, node, task) for task in node.tasks)
    lists = tuple(block.name for block, _ in tasks_as_flags(node) if block.name is not None)
    lost = lost_name(node.name) if node.lost is not None else None
    return TaskBlock(node.name, entity.name, lists, lost, worth(context, entity.name, node.worth), tasks)


def check_targets(context: Context, node: d.Tasks, task: d.Task) -> None:
    """A target of what is never known would never be met."""
    written = {"goal": task.goal, "expect": task.expected, "worth": node.worth}
    for target in task.targets:
        line = NEEDS.get(target.measure)
        if line is not None and written[line] is None:
            context.report("tasks-shape.needs", target.span, name=target.measure, line=line)


def worth(context: Context, entity: str, written: t.Name | None) -> str | None:
    """The index or score that says what a customer is worth."""
    if written is None:
        return None
    name = ".".join(written.parts)
    if not is_amount(context.definitions.get((entity, name)), entity):
        if (entity, name) not in context.broken:
            known = [one.name for one in context.definitions.values() if is_amount(one, entity)]
            context.report("tasks-shape.worth", written.span, name=name, suggestion=closest(name, known))
        raise Unresolved
    context.used.add((entity, name))
    return name


def is_amount(one: object, entity: str) -> bool:
    return isinstance(one, Index | Score) and one.entity == entity and not one.made


def build_task(context: Context, entity: str, node: d.Tasks, task: d.Task) -> Task:
    flag = context.definitions.get((entity, task.name))
    if flag is None:
        raise Unresolved
    owner = information_text((*task.information, *node.information), "owner")
    return Task(
        task.name,
        flag.titles,
        task.name_span,
        said(context, entity, node, task.owner) or (Said(owner, False) if owner is not None else None),
        said(context, entity, node, task.channel),
        said(context, entity, node, task.about),
        length(context, task.due, "due"),
        length(context, task.again, "again after"),
        goal_name(task.name) if task.goal is not None else None,
        expected_name(task.name) if task.expected is not None else None,
        length(context, task.judged, "judged after"),
        targets(context, task.targets),
    )


def said(context: Context, entity: str, node: d.Tasks, value: t.Name | t.Text | None) -> Said | None:
    """Words in quotes, a name whose case it is, or a fact of the customer."""
    if value is None or isinstance(value, t.Text):
        return Said(value.value, False) if value is not None else None
    name = ".".join(value.parts)
    fact = next((fact for fact in context.entities[entity].facts if fact.name == name), None)
    if fact is not None and fact.type.kind in WORDS:
        context.used.add((entity, fact.name))
        return Said(copied(context, entity, node, fact, value), True)
    definition = context.definitions.get((entity, name))
    if not isinstance(definition, DECIDED) or definition.made == "step":
        if (entity, name) not in context.broken:
            known = [one.name for one in context.definitions.values() if told(one, entity)]
            known += [one.name for one in context.entities[entity].facts if one.type.kind in WORDS]
            context.report("tasks-shape.name", value.span, name=name, suggestion=closest(name, known))
        raise Unresolved
    context.used.add((entity, name))
    return Said(name, True)


def copied(context: Context, entity: str, node: d.Tasks, fact: Fact, value: t.Name) -> str:
    """A fact as a column of the results, so that the result store knows it; its name says which block has asked for it."""
    if fact.personal:
        context.report("tasks-shape.personal", value.span, name=fact.name)
        raise Unresolved
    name = copy_name(node.name, fact.name)
    known = context.definitions.get((entity, name))
    if known is None:
        span = spot(node.name_span)
        formula = e.Field(span, fact.type, entity, fact.name)
        own = Index(
            name, fact.titles, span, {}, entity, formula.type, None, formula, None, None, None, made="copy"
        )
        context.definitions[entity, name] = own
    elif known.made != "copy":
        context.report("duplicate-name", known.span, name=name)
        raise Unresolved
    return name


def told(one: object, entity: str) -> bool:
    return isinstance(one, DECIDED) and one.entity == entity and one.made != "step"


def length(context: Context, value: t.Number | None, word: str) -> Length | None:
    if value is None:
        return None
    unit, factor = DURATIONS.get(value.unit or "", ((), 0))
    count = value.value * factor
    if not unit or count != int(count) or count <= 0:
        context.report("tasks-shape.length", value.span, word=word)
        raise Unresolved
    return Length(int(count), "month" if unit == MONTH else "day")


def targets(context: Context, written: Sequence[d.TaskTarget]) -> tuple[TaskTarget, ...]:
    seen: dict[str, Span] = {}
    found = []
    for one in written:
        if one.measure not in MEASURES:
            suggestion = closest(one.measure, MEASURES)
            known = ", ".join(MEASURES)
            context.report(
                "tasks-shape.measure", one.span, name=one.measure, suggestion=suggestion, known=known
            )
            continue
        if one.measure in seen:
            context.report("tasks-shape.again", one.span, Label(seen[one.measure], "first"), name=one.measure)
        seen.setdefault(one.measure, one.span)
        number = one.limit.value if isinstance(one.limit, t.Negate) else one.limit
        assert isinstance(number, t.Number)
        amount = one.measure in AMOUNTS
        if number.unit not in ((None, *context.currencies) if amount else (None, "%")):
            context.report("tasks-shape.unit", one.span, name=one.measure, unit=number.unit)
            continue
        limit = Fraction(number.value)
        found.append(TaskTarget(one.measure, one.operator, -limit if number is not one.limit else limit))
    return tuple(found)
