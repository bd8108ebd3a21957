"""A policy's own tests as written come in; records to start from and what is expected of them go out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import constant
from lifeseg.model.build_expected import Item, expectation, key_text, name_of, only, text_key
from lifeseg.model.build_tables import bare_number, unit_size
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expression import Value
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.information import scaled_literal
from lifeseg.model.model import (
    Check,
    Entity,
    Expected,
    Fact,
    Given,
    Test,
)
from lifeseg.model.names import ancestors, child_named, entity_named
from lifeseg.model.symbols import closest
from lifeseg.model.types import kind_text
from lifeseg.model.with_past import before, defined, facts_of, recalled
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_RECORDS = 10_000  # of one line of a test


def build_test(context: Context, node: d.Test) -> Test:
    """A table of records and results, or one given record and conditions."""
    today = node.today.value if node.today else None
    if node.rows and (node.given or node.expected):
        context.report("test-shape.both", node.span)
        raise Unresolved
    checks = table_checks(context, node) if node.rows else [single_check(context, node)]
    return Test(node.title, today, tuple(checks), node.span)


def single_check(context: Context, node: d.Test) -> Check:
    """What is expected of one record: an existing one, or one of which some facts are given."""
    if node.given is None or not node.expected:
        context.report("test-empty", node.span)
        raise Unresolved
    entity = entity_named(context, node.given.entity)
    key = given_key(context, entity, node.given) if node.given.key is not None else None
    facts: dict[str, Value] = {}
    for assignment in node.given.facts:
        fact = fact_named(context, entity, assignment.fact)
        refuse_twice(context, fact.name, facts, assignment.span)
        facts[fact.name] = fact_value(context, fact, assignment.value)
    for was in node.given.past:
        for name, value in past_values(context, entity, was).items():
            refuse_twice(context, name, facts, was.span)
            facts[name] = value
    children: dict[str, tuple[dict[str, Value], ...]] = {}
    for below in node.given.children:
        child = child_named(context, Scope(entity.name), below.entity)
        refuse_twice(context, child.name, children, below.span)
        children[child.name] = tuple(child_rows(context, child, below))
    given = Given(entity.name, key, facts, children, node.given.span)
    scope = Scope(entity.name)
    expected = [Expected(condition(context, scope, tree), span=tree.span) for tree in node.expected]
    return Check(given, tuple(expected), node.span)


def refuse_twice(context: Context, name: str, given: Collection[str], span: Span) -> None:
    if name in given:
        context.report("test-shape.twice", span, name=name)
        raise Unresolved


def given_key(context: Context, entity: Entity, given: d.Subject) -> tuple[str, ...]:
    """The full key of an existing record, that of its parents first: `given usage C1.ict`."""
    tree = given.key
    assert tree is not None
    keys = key_facts(context, entity)
    words: tuple[str, ...] = (text_key(tree),)
    if isinstance(tree, t.Name) and len(keys) > 1:
        words = tree.parts
    if len(words) != len(keys) or not entity.keys:
        names = ".".join(fact.name for fact in keys) if entity.keys else None
        context.report("test-shape.full-key", tree.span, name=entity.name, keys=names)
        raise Unresolved
    return words


def fact_named(context: Context, entity: Entity, tree: t.Name) -> Fact:
    name = ".".join(tree.parts)
    fact = context.facts.get((entity.name, name))
    if fact is None:
        names = [fact.name for fact in entity.facts]
        context.report("unknown-name.fact", tree.span, name=name, suggestion=closest(name, names))
        raise Unresolved
    return fact


def child_rows(context: Context, entity: Entity, given: d.Children) -> Iterator[dict[str, Value]]:
    if not given.rows:
        return
    heading: list[Fact] = []
    for cell in given.rows[0].conditions:
        fact = column_fact(context, entity, cell)
        refuse_twice(context, fact.name, [other.name for other in heading], cell.span)
        heading.append(fact)
    for row in given.rows[1:]:
        if len(row.conditions) != len(heading) or row.results:
            context.report(
                "table-shape", row.span, wanted=len(heading), found=len(row.conditions) + len(row.results)
            )
            raise Unresolved
        yield {
            fact.name: fact_value(context, fact, only(context, cell))
            for fact, cell in zip(heading, row.conditions, strict=True)
            if cell.items
        }


def past_values(context: Context, entity: Entity, node: d.Past) -> dict[str, Value]:
    """The facts that hold what a record was in the run before, and since when: unknown if the test does not say."""
    case, *rest = past_facts(context, entity, node.definition)
    found = {case.name: fact_value(context, case, node.case)}
    if node.since is not None and not rest:
        context.report("test-past.since", node.since.span, name=".".join(node.definition.parts))
        raise Unresolved
    if rest and (node.since is not None or found[case.name] is None):
        found[rest[0].name] = node.since.value if node.since is not None else None
    return found


def past_facts(context: Context, entity: Entity, tree: t.Name) -> list[Fact]:
    """What it was, and if a run asks for it since when."""
    name = ".".join(tree.parts)
    asked = {one.name: one for one in recalled(context.definitions.values()).get(entity.name, ())}
    if name not in asked:
        known = (entity.name, name) in context.definitions
        suggestion = closest(name, list(asked))
        if known:
            context.report("test-past.unasked", tree.span, name=name)
        else:
            context.report(
                "test-past.unknown", tree.span, name=name, entity=entity.name, suggestion=suggestion
            )
        raise Unresolved
    return list(facts_of(context.definitions[entity.name, name], asked[name]))


def column_fact(context: Context, entity: Entity, cell: d.Cell) -> Fact:
    """What a column of a table of records gives: a fact, or what was in the run before."""
    item = cell.items[0] if len(cell.items) == 1 else None
    if isinstance(item, d.CellWas):
        return past_facts(context, entity, item.definition)[0]
    return fact_named(context, entity, name_of(context, cell))


def fact_value(context: Context, fact: Fact, item: Item) -> Value:
    """A fact's value as a test writes it: a bare number takes the fact's unit."""
    if isinstance(item, d.CellMissing):
        if not fact.type.optional:
            context.report("never-missing", item.span)
        return None
    kind, span = fact.type.kind, item.span
    word = (
        ".".join(item.parts) if isinstance(item, t.Name) else item.value if isinstance(item, t.Text) else None
    )
    if kind == "text" and isinstance(item, t.Number):
        return item.text
    if kind == "choice" and isinstance(word, str) and word not in fact.type.options:
        options = ", ".join(fact.type.options)
        suggestion = closest(word, fact.type.options)
        context.report(
            "unknown-case", span, name=word, owner=defined(fact.name), options=options, suggestion=suggestion
        )
        raise Unresolved
    if kind in ("text", "choice") and word is not None:
        return word
    if kind == "truth" and (word in ("yes", "no") or isinstance(item, t.Truth)):
        return item.value if isinstance(item, t.Truth) else word == "yes"
    if isinstance(item, t.Number | t.Negate | t.Day):
        return literal_of(context, fact, item)
    context.report("type-mismatch", span, wanted=kind_text(kind), found="this")
    raise Unresolved


def literal_of(context: Context, fact: Fact, item: t.Number | t.Negate | t.Day) -> Value:
    """A number or a date; a bare number is in the unit the fact is declared in."""
    value = from_expression(context, Scope(""), item)
    if not isinstance(value, e.Constant) or value.type.kind != fact.type.kind:
        wanted, found = kind_text(fact.type.kind), kind_text(value.type.kind)
        context.report("type-mismatch", item.span, wanted=wanted, found=found)
        raise Unresolved
    if fact.type.kind != "number":
        return value.value
    if value.type.unit not in ((), fact.type.unit):
        context.report("unit-mismatch.fact", item.span, name=fact.name)
        raise Unresolved
    amount = bare_number(item)
    if amount is not None:
        value = constant(item.span, amount * unit_size(fact))
    whole = scaled_literal(context, value, fact.type)
    if whole % fact.step:
        context.report("off-step.value", item.span, name=fact.name)
    return whole


# ---- Tables --------------------------------------------------------------------------------------


def table_checks(context: Context, node: d.Test) -> list[Check]:
    if node.entity is None:
        context.report("test-shape.entity", node.span)
        raise Unresolved
    entity = entity_named(context, node.entity)
    heading = node.rows[0]
    keys = [fact.name for fact in key_facts(context, entity)] if entity.keys else []
    left = [heading_of(context, cell) for cell in heading.conditions]
    right = [name_of(context, cell) for cell in heading.results]
    if not right or len(node.rows) < 2:
        context.report("test-empty", node.span)
        raise Unresolved
    for place, (name, cell) in enumerate(zip(left, heading.conditions, strict=True)):
        refuse_twice(context, name, left[:place], cell.span)
    keys = keys if all(key in left for key in keys) else []
    facts = [
        None if name in keys else column_fact(context, entity, cell)
        for name, cell in zip(left, heading.conditions, strict=True)
    ]
    checks: list[Check] = []
    for row in node.rows[1:]:
        if len(row.conditions) != len(left) or len(row.results) != len(right):
            wanted, found = len(left) + len(right), len(row.conditions) + len(row.results)
            context.report("table-shape", row.span, wanted=wanted, found=found)
            continue
        expected = tuple(
            read
            for name, cell in zip(right, row.results, strict=True)
            if (read := expectation(context, entity, name, cell)) is not None
        )
        if not expected:
            context.report("test-empty", row.span)
            continue
        checks += row_checks(context, entity, dict(zip(left, facts, strict=True)), row, keys, expected)
    return checks


def heading_of(context: Context, cell: d.Cell) -> str:
    item = cell.items[0] if len(cell.items) == 1 else None
    tree = item.definition if isinstance(item, d.CellWas) else name_of(context, cell)
    return before(".".join(tree.parts)) if isinstance(item, d.CellWas) else ".".join(tree.parts)


def key_facts(context: Context, entity: Entity) -> tuple[Fact, ...]:
    """The key facts of an entity's ancestors, then its own."""
    above = [context.entities[name] for name in reversed(ancestors(context, entity.name))]
    return tuple(fact for found in (*above, entity) for fact in found.keys)


def row_checks(
    context: Context,
    entity: Entity,
    left: Mapping[str, Fact | None],
    row: d.Row,
    keys: Sequence[str],
    expected: tuple[Expected, ...],
) -> Iterator[Check]:
    """A check for every record a row names; a key, to which no fact belongs here, may list several."""
    choices: list[list[tuple[str, str | Value]]] = []
    for (name, fact), cell in zip(left.items(), row.conditions, strict=True):
        if fact is None:
            if not cell.items:
                context.report("test-shape.key", cell.span)
                raise Unresolved
            choices.append([(name, key_text(context, item)) for item in cell.items])
        elif cell.items:
            choices.append([(name, fact_value(context, fact, only(context, cell)))])
    if prod(len(values) for values in choices) > MOST_RECORDS:
        context.report("test-shape.many", row.span, most=MOST_RECORDS)
        raise Unresolved
    for combination in product(*choices):
        values = dict(combination)
        key = tuple(str(values[name]) for name in keys) if keys else None
        facts: dict[str, Value] = {name: value for name, value in values.items() if name not in keys}
        yield Check(Given(entity.name, key, facts, {}, row.span), expected, row.span)
