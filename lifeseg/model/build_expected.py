"""The cells of a test as written come in; what they name, and what results they demand, goes out."""

from __future__ import annotations

from collections.abc import Sequence

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.functions.exact import to_text
from lifeseg.model import expression as e
from lifeseg.model.build_tables import cell_condition
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.from_expression import from_expression
from lifeseg.model.model import AnyDefinition, Entity, Expected, FlagBlock, Score
from lifeseg.model.names import resolve_name
from lifeseg.model.symbols import closest
from lifeseg.model.types import kind_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

Item = t.Expression | t.Range | d.CellLimit | d.CellMissing | d.CellWas | d.Fraction | d.Pair


def text_key(tree: t.Name | t.Text | t.Number) -> str:
    if isinstance(tree, t.Text):
        return tree.value
    return tree.text if isinstance(tree, t.Number) else ".".join(tree.parts)


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
