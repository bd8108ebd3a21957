"""Declared names come in; the order in which definitions can be built and evaluated goes out, and loops found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lifeseg.functions.library import FUNCTIONS
from lifeseg.model.context import Context
from lifeseg.model.symbols import Symbol
from lifeseg.model.walk import parts_of
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

Key = tuple[str, str]


def order_of(context: Context) -> list[Key]:
    """Each definition after those it needs; definitions in a loop are reported and left out."""
    symbols = context.symbols.definitions
    needs = {key: sorted(set(needed_by(context, symbol))) for key, symbol in symbols.items()}
    order: list[Key] = []
    state: dict[Key, int] = {}  # 1: on the path, 2: done
    for root in needs:
        if root not in state:
            visit(context, root, needs, state, order)
    return [key for key in order if key not in context.broken]


def visit(
    context: Context, root: Key, needs: Mapping[Key, list[Key]], state: dict[Key, int], order: list[Key]
) -> None:
    """Depth first without recursion: a chain of definitions may be thousands long."""
    path: list[tuple[Key, Iterator[Key]]] = [(root, iter(needs[root]))]
    state[root] = 1
    while path:
        key, rest = path[-1]
        following = next(rest, None)
        if following is None:
            state[key] = 2
            order.append(key)
            path.pop()
        elif state.get(following) == 1:
            loop(context, [step for step, _ in path], following)
        elif following not in state:
            state[following] = 1
            path.append((following, iter(needs[following])))


def loop(context: Context, path: list[Key], start: Key) -> None:
    members = path[path.index(start) :]
    if not any(key in context.broken for key in members):
        names = " → ".join(name for _, name in [*members, start])
        context.report("cycle", context.symbols.definitions[start].name_span, loop=names)
    context.broken.update(members)


def needed_by(context: Context, symbol: Symbol) -> Iterator[Key]:
    """The definitions whose values a definition reads in the same run."""
    node = symbol.declaration
    if isinstance(node, d.Block):
        yield from (
            (symbol.entity, flag) for flag in context.symbols.listed.get((symbol.entity, symbol.name), ())
        )
        return
    if isinstance(node, d.Score):
        for name in leaf_names(node.terms):
            if (symbol.entity, name) in context.symbols.definitions:
                yield (symbol.entity, name)
    yield from named_in(context, symbol.entity, node)


def leaf_names(terms: Iterable[d.Term]) -> Iterator[str]:
    for term in terms:
        if term.terms:
            yield from leaf_names(term.terms)
        else:
            yield term.name


def named_in(context: Context, entity: str, start: Any) -> Iterator[Key]:
    """The definitions named inside a tree, each name read where it stands: of the record, a child, everybody."""
    stack: list[tuple[str, Any]] = [(entity, start)]
    while stack:
        where, node = stack.pop()
        kind = type(node)
        if kind is t.Name:
            yield from named(context, where, node)
        elif kind is tuple:
            stack.extend([(where, item) for item in node])
        elif kind in INSIDE:
            stack += INSIDE[kind](where, node)
        elif kind not in WITHOUT_NAMES:
            stack.extend([(where, getattr(node, name)) for name in fields_of(kind)])


def fields_of(kind: type) -> tuple[str, ...]:
    """Where names may stand in a node that are neither its entity nor its panel."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in parts_of(kind) or () if name not in ("entity", "panel"))
    return _FIELDS[kind]


def quantified_parts(where: str, node: t.Quantified) -> list[tuple[str, Any]]:
    inner = ".".join(node.child.parts)
    return [(inner, node.body), (inner, node.where)]


def table_parts(where: str, node: d.Table | d.Clusters) -> list[tuple[str, Any]]:
    """The names of a table's heading; its cells name values."""
    return [(where, node.where), (where, node.rows[0].conditions if node.rows else ())]


def call_parts(where: str, node: t.Call) -> list[tuple[str, Any]]:
    """A call's arguments and clause belong to the rows it goes over, if it names any."""
    over = node.over
    arguments = node.arguments
    if over is None and len(arguments) == 1 and node.function in ("count", "share"):
        only = arguments[0]
        over = only if isinstance(only, t.Name | t.Everyone) else None
        arguments = ()
    inner = where
    if isinstance(over, t.Everyone):
        inner = ".".join(over.entity.parts)
    elif over is not None:
        inner = ".".join(over.parts)
    found = [(inner, arguments), (inner, node.where)]
    if (function := FUNCTIONS.get(node.function)) and function.population:
        found.append((where, arguments))  # mean quantization sets the record's own amount against everybody's
    return found


def named(context: Context, entity: str, node: t.Name) -> Iterator[Key]:
    owner, name = (
        (entity, node.parts[0]) if len(node.parts) == 1 else (node.parts[0], ".".join(node.parts[1:]))
    )
    if (owner, name) in context.symbols.definitions:
        yield (owner, name)


Inside = Callable[[str, Any], list[tuple[str, Any]]]
INSIDE: Mapping[type, Inside] = {
    t.Is: lambda where, node: [] if node.was else [(where, node.subject)],
    t.Quantified: quantified_parts,
    t.Call: call_parts,
    d.Table: table_parts,
    d.Clusters: table_parts,
    d.Leaving: lambda where, node: [(where, node.threshold)],
    d.Move: lambda where, node: [(where, node.condition)],
    d.Start: lambda where, node: [(where, node.condition)],
}
WITHOUT_NAMES = frozenset({t.Number, t.Text, t.Day, t.Truth, d.Stay, str, bool, type(None)})
_FIELDS: dict[type, tuple[str, ...]] = {}
