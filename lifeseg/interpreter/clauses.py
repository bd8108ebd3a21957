"""A core expression comes in; a function from a row to its `Clause` goes out: the analyst's words and what they came to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lifeseg.interpreter.children import rows_of
from lifeseg.interpreter.from_expression import factors, from_expression
from lifeseg.interpreter.link import Link
from lifeseg.interpreter.memory import remembered
from lifeseg.interpreter.results import Row
from lifeseg.interpreter.trace import Child, Clause, Verdict
from lifeseg.interpreter.values import short_text, text_of, trimmed
from lifeseg.model import expression as e
from lifeseg.model.quoting import Words
from lifeseg.model.types import NO_UNIT, Type, unit_text

Explain = Callable[[Row], Clause]

OPERATIONS: dict[type, str] = {
    e.Constant: "constant",
    e.Parameter: "parameter",
    e.Today: "today",
    e.Field: "field",
    e.Band: "band",
    e.Statistic: "statistic",
    e.Group: "group",
    e.Add: "add",
    e.Subtract: "subtract",
    e.Multiply: "multiply",
    e.Divide: "divide",
    e.Negate: "negate",
    e.Apply: "apply",
    e.Round: "round",
    e.Distance: "distance",
    e.Compare: "compare",
    e.OneOf: "one_of",
    e.Was: "was",
    e.IsMissing: "is_missing",
    e.Not: "not",
    e.And: "and",
    e.Or: "or",
    e.Quantified: "quantified",
    e.Aggregate: "aggregate",
    e.Choose: "choose",
}


def place_of(node: Any) -> str:
    return f"{node.span.file}:{node.span.line}"


def unit_of(kind: Type) -> str | None:
    return unit_text(kind.unit) if kind.kind == "number" and kind.unit != NO_UNIT else None


def verdict_text(value: Any) -> Verdict:
    return "unknown" if value is None else "yes" if value else "no"


def clause_of(link: Link, words: Words, node: e.Expression) -> Explain:
    """The function that explains the expression on a row."""
    match node:
        case e.Compare():
            explain = comparison(link, words, node)
        case e.Quantified() | e.Aggregate():
            return over_children(link, words, node)
        case e.Was():
            return lambda row: Clause(words.quote(node), "was", place_of(node), "unknown", name=node.name)
        case e.Constant() | e.Parameter() | e.Today() | e.Statistic():
            return settled(link, words, node)
        case _:
            explain = judged(link, words, node) if node.type.kind == "truth" else valued(link, words, node)
    return remembered(link, explain, node)


def parts_of(node: e.Expression) -> tuple[e.Expression, ...]:
    """What an expression is explained by; names and literals stand for themselves."""
    match node:
        case e.And() | e.Or():
            return node.items
        case e.Not() | e.Negate() | e.Round():
            return (node.value,)
        case e.Add() | e.Subtract() | e.Multiply() | e.Divide() | e.Compare():
            return (node.left, node.right)
        case e.Apply():
            return node.arguments
        case e.OneOf() | e.IsMissing():
            return (node.subject,)
        case e.Group():
            return (node.value, node.cuts)
        case e.Choose():
            last = (node.otherwise,) if node.otherwise is not None else ()
            return tuple(part for step in node.steps for part in step) + last
        case _:
            return ()


def settled(link: Link, words: Words, node: e.Constant | e.Parameter | e.Today | e.Statistic) -> Explain:
    """What is the same for every record."""
    value = (
        link.statistics.get(node.key) if isinstance(node, e.Statistic) else from_expression(link, node)([])
    )
    kind = node.type
    head = (words.quote(node), OPERATIONS[type(node)], place_of(node))
    if kind.kind == "truth":
        said = Clause(*head, verdict_text(value), name=name_of(node))
    else:
        shown = None if isinstance(value, tuple) else short_text(value, kind)
        said = Clause(*head, None, shown, unit_of(kind), name_of(node))
    return lambda row: said


def judged(link: Link, words: Words, node: e.Expression) -> Explain:
    """A condition with its parts."""
    run, parts = from_expression(link, node), [clause_of(link, words, part) for part in parts_of(node)]
    text, operation, place, name = words.quote(node), OPERATIONS[type(node)], place_of(node), name_of(node)

    def explain(row: Row) -> Clause:
        said = tuple([part(row) for part in parts])
        return Clause(text, operation, place, verdict_text(run(row)), name=name, parts=said)

    return explain


def valued(link: Link, words: Words, node: e.Expression) -> Explain:
    """An amount, a date or a case with its parts."""
    run, parts = from_expression(link, node), [clause_of(link, words, part) for part in parts_of(node)]
    text, operation, place, name = words.quote(node), OPERATIONS[type(node)], place_of(node), name_of(node)
    kind, unit = node.type, unit_of(node.type)
    if not parts:
        return lambda row: Clause(text, operation, place, None, short_text(run(row), kind), unit, name)

    def explain(row: Row) -> Clause:
        said = tuple([part(row) for part in parts])
        return Clause(text, operation, place, None, short_text(run(row), kind), unit, name, parts=said)

    return explain


def name_of(node: e.Expression) -> str | None:
    match node:
        case e.Field():
            return node.name
        case e.Band():
            return node.score
        case e.Parameter():
            return node.name
        case e.Statistic():
            return node.key
        case e.OneOf() | e.IsMissing():
            return name_of(node.subject)
        case e.Apply() | e.Aggregate():
            return node.function
        case _:
            return None


def comparison(link: Link, words: Words, node: e.Compare) -> Explain:
    """Both sides, and how far the left lies from the right."""
    run = from_expression(link, node)
    left, right = from_expression(link, node.left), from_expression(link, node.right)
    sides = [clause_of(link, words, node.left), clause_of(link, words, node.right)]
    text, place, left_type, right_type = words.quote(node), place_of(node), node.left.type, node.right.type
    unit = unit_of(left_type) or unit_of(right_type) or ("day" if left_type.kind == "date" else None)
    up, down = factors(node.left, node.right) if left_type.kind == "number" else (1, 1)
    scale = max(left_type.scale, right_type.scale)
    name = name_of(node.left)

    def explain(row: Row) -> Clause:
        a, b = left(row), right(row)
        distance = None
        if a is not None and b is not None:
            distance = trimmed(a * up - b * down, scale) if left_type.kind == "number" else str((a - b).days)
        return Clause(
            text,
            "compare",
            place,
            verdict_text(run(row)),
            None,
            unit,
            name,
            node.operator,
            short_text(a, left_type),
            short_text(b, right_type),
            distance,
            (sides[0](row), sides[1](row)),
        )

    return explain


def over_children(link: Link, words: Words, node: e.Quantified | e.Aggregate) -> Explain:
    """Each child row: whether it was counted, and what the clause came to for it."""
    run = from_expression(link, node)
    body = node.body if isinstance(node, e.Quantified) else node.value
    inner = clause_of(link, words, body) if body is not None else None
    counted = rows_of(link, node.children, from_expression)
    text, place, operation = words.quote(node), place_of(node), OPERATIONS[type(node)]
    entity, kind, unit = node.children.entity, node.type, unit_of(node.type)
    key = key_of(link, entity)
    name = node.quantifier if isinstance(node, e.Quantified) else node.function

    def explain(row: Row) -> Clause:
        admitted = {id(child) for child in counted(row)}
        children, holding = [], 0
        for number, child in enumerate(row[1][entity], 1):
            clause = inner(child) if inner is not None and id(child) in admitted else None
            holding += clause is not None and clause.verdict == "yes"
            children.append(Child(entity, key(child) or str(number), id(child) in admitted, clause))
        value = run(row)
        verdict = verdict_text(value) if kind.kind == "truth" else None
        shown = (
            None
            if kind.kind == "truth"
            else text_of(value, kind)
            if kind.kind != "number"
            else short_text(value, kind)
        )
        return Clause(
            text,
            operation,
            place,
            verdict,
            shown,
            unit,
            name,
            children=tuple(children),
            holding=holding,
            among=len(admitted),
        )

    return explain


def key_of(link: Link, entity: str) -> Callable[[Row], str]:
    """A child's own key in words."""
    slots = link.slots[entity]
    keys = [(slots[fact.name], fact.type) for fact in link.model.entities[entity].keys]
    return lambda row: " ".join(text_of(row[slot], kind) or "" for slot, kind in keys)
