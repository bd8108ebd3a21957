"""A policy's own tests as written come in; records to start from and what is expected of them go out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from math import prod

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.functions.exact import to_text
from lifeseg.model import expression as e
from lifeseg.model.arithmetic import constant
from lifeseg.model.build_tables import bare_number, cell_condition, unit_size
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.expression import Value
from lifeseg.model.from_expression import condition, from_expression
from lifeseg.model.information import scaled_literal
from lifeseg.model.model import (
    AnyDefinition,
    Check,
    Entity,
    Expected,
    Fact,
    FlagBlock,
    Given,
    Score,
    Test,
)
from lifeseg.model.names import ancestors, child_named, entity_named, resolve_name
from lifeseg.model.symbols import closest
from lifeseg.model.types import kind_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_RECORDS = 10_000  # of one line of a test
Item = t.Expression | t.Range | d.CellLimit | d.CellMissing | d.Fraction | d.Pair


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


def text_key(tree: t.Name | t.Text | t.Number) -> str:
    if isinstance(tree, t.Text):
        return tree.value
    return tree.text if isinstance(tree, t.Number) else ".".join(tree.parts)


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
        fact = fact_named(context, entity, name_of(context, cell))
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


def name_of(context: Context, cell: d.Cell) -> t.Name:
    item = cell.items[0] if len(cell.items) == 1 else None
    if not isinstance(item, t.Name):
        context.report("table-column", cell.span)
        raise Unresolved
    return item


def only(context: Context, cell: d.Cell) -> Item:
    if len(cell.items) != 1:
        context.report("test-shape.one", cell.span)
        raise Unresolved
    return cell.items[0]


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
            "unknown-case", span, name=word, owner=fact.name, options=options, suggestion=suggestion
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
    left = [name_of(context, cell) for cell in heading.conditions]
    right = [name_of(context, cell) for cell in heading.results]
    if not right or len(node.rows) < 2:
        context.report("test-empty", node.span)
        raise Unresolved
    names = [".".join(name.parts) for name in left]
    for place, name in enumerate(names):
        refuse_twice(context, name, names[:place], left[place].span)
    complete = all(key in names for key in keys)
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
        checks += row_checks(context, entity, left, row, keys if complete else (), expected)
    return checks


def key_facts(context: Context, entity: Entity) -> tuple[Fact, ...]:
    """The key facts of an entity's ancestors, then its own."""
    above = [context.entities[name] for name in reversed(ancestors(context, entity.name))]
    return tuple(fact for found in (*above, entity) for fact in found.keys)


def row_checks(
    context: Context,
    entity: Entity,
    left: Sequence[t.Name],
    row: d.Row,
    keys: Sequence[str],
    expected: tuple[Expected, ...],
) -> Iterator[Check]:
    """A check for every record a row names; a key cell may list several."""
    choices: list[list[tuple[str, str | Value]]] = []
    for name, cell in zip(left, row.conditions, strict=True):
        word = ".".join(name.parts)
        if word in keys:
            if not cell.items:
                context.report("test-shape.key", cell.span)
                raise Unresolved
            choices.append([(word, key_text(context, item)) for item in cell.items])
        elif cell.items:
            fact = fact_named(context, entity, name)
            choices.append([(word, fact_value(context, fact, only(context, cell)))])
    if prod(len(values) for values in choices) > MOST_RECORDS:
        context.report("test-shape.many", row.span, most=MOST_RECORDS)
        raise Unresolved
    for combination in product(*choices):
        values = dict(combination)
        key = tuple(str(values[name]) for name in keys) if keys else None
        facts: dict[str, Value] = {name: value for name, value in values.items() if name not in keys}
        yield Check(Given(entity.name, key, facts, {}, row.span), expected, row.span)


def key_text(context: Context, item: Item) -> str:
    if isinstance(item, t.Name | t.Text | t.Number):
        return text_key(item)
    if isinstance(item, t.Day):
        return item.value.isoformat()
    context.report("test-shape.key", item.span)
    raise Unresolved


def expectation(context: Context, entity: Entity, name: t.Name, cell: d.Cell) -> Expected | None:
    """What a result cell demands, as results are written; None where it is `-`."""
    if not cell.items:
        return None
    word = ".".join(name.parts)
    definition = context.definitions.get((entity.name, word))
    if definition is None:
        unknown_result(context, entity, word, name.span)
        raise Unresolved
    context.used.add((entity.name, word))
    if isinstance(definition, FlagBlock):
        return flags_expected(context, definition, cell)
    if len(cell.items) > 1 or isinstance(cell.items[0], t.Range | d.CellLimit):
        column = resolve_name(context, Scope(entity.name), name)
        test, banded = (
            cell_condition(context, column, cell),
            isinstance(definition, Score) and names_bands(cell),
        )
        shown_name = word + "_band" if banded else word
        return Expected(test, shown_name, said(context, cell.span), span=cell.span)
    item = only(context, cell)
    if isinstance(item, d.CellMissing):
        return Expected(None, word, None, span=cell.span)
    if isinstance(item, t.Number | t.Negate | t.Day):
        return amount_expected(context, definition, item)
    if isinstance(definition, Score):
        options = tuple(band.name for band in definition.bands)
        text = option_named(context, word, options, key_text(context, item), cell.span)
        return Expected(None, word + "_band", text, span=cell.span)
    if definition.type.kind in ("number", "date"):
        context.report("type-mismatch", cell.span, wanted=kind_text(definition.type.kind), found="a name")
        raise Unresolved
    options = definition.type.options or ("yes", "no")
    text = option_named(context, word, options, key_text(context, item), cell.span)
    return Expected(None, word, text, span=cell.span)


def names_bands(cell: d.Cell) -> bool:
    return any(isinstance(item, t.Name) for item in cell.items)


def said(context: Context, span: Span) -> str:
    """A cell as it is written."""
    line = context.symbols.sources[span.file].split("\n")[span.line - 1]
    return line[span.column - 1 : span.end_column - 1].strip()


def option_named(context: Context, owner: str, options: Sequence[str], word: str, span: Span) -> str:
    if word not in options:
        found = {"options": ", ".join(options), "suggestion": closest(word, options)}
        context.report("unknown-case", span, name=word, owner=owner, **found)
        raise Unresolved
    return word


def amount_expected(
    context: Context, definition: AnyDefinition, item: t.Number | t.Negate | t.Day
) -> Expected:
    """An amount at the decimals it is written with, or a day."""
    value, kind = from_expression(context, Scope(""), item), definition.type
    if not isinstance(value, e.Constant) or value.type.kind != kind.kind:
        wanted, found = kind_text(kind.kind), kind_text(value.type.kind)
        context.report("type-mismatch", item.span, wanted=wanted, found=found)
        raise Unresolved
    if not isinstance(value.value, int):
        return Expected(None, definition.name, str(value.value), span=item.span)
    if value.type.unit not in ((), kind.unit):
        context.report("unit-mismatch.fact", item.span, name=definition.name)
        raise Unresolved
    decimals = value.type.scale
    text = to_text(value.value, decimals, decimals)
    return Expected(None, definition.name, text, decimals, span=item.span)


def flags_expected(context: Context, definition: FlagBlock, cell: d.Cell) -> Expected:
    """Exactly these flags, listed in the order of definition."""
    wanted: list[str] = []
    if not isinstance(cell.items[0], d.CellMissing):
        for item in cell.items:
            word = key_text(context, item)
            wanted.append(option_named(context, definition.name, definition.flags, word, cell.span))
    text = ", ".join(flag for flag in definition.flags if flag in wanted)
    return Expected(None, definition.name, text, span=cell.span)


def unknown_result(context: Context, entity: Entity, word: str, span: Span) -> None:
    names = [name for owner, name in context.symbols.definitions if owner == entity.name]
    if word in names:
        return  # its definition is broken, and that has been said
    context.report(
        "unknown-name.definition", span, name=word, entity=entity.name, suggestion=closest(word, names)
    )
