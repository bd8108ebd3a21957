"""The parsed files of a policy come in; its parts that can change by themselves go out, each in canonical lines.

A parameter, an index, a flag, a KPI and a fact are parts by themselves, so are scores, segments, tables and all others that
stand alone; the heading of a block or an entity is a part without what stands beneath it. Where a part stands, in which file
and in which order, how it is laid out and what remarks stand beside it, makes no difference to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.frozen import dataclass
from lifeseg.syntax import definitions as d
from lifeseg.syntax.entries import Entry, Source, entry_of
from lifeseg.syntax.tree import Name, Text

KINDS: dict[str, str] = {"params": "parameter", "indexes": "index", "flags": "flag", "kpis": "kpi"}
INDENT = "  "
PADDING = re.compile(r'("[^"]*")| +(?=\|)')


@dataclass(frozen=True, slots=True)
class Unit:
    """`kind` and `name` are what the policy calls it; `of` is its entity, or the block or entity that it stands in.
    `numbers` tells of each line where it stands in the file.
    """

    kind: str
    name: str
    of: str | None
    lines: tuple[str, ...]
    span: Span
    file: str
    numbers: tuple[int, ...] = field(compare=False)
    owner: str | None = None  # who answers for it: as it says itself, or the block that it stands in

    @property
    def key(self) -> tuple[str, str, str | None]:
        return (self.kind, self.name, self.of)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part is in the trees: the file, the definition in it, and the item of that, if it is one."""

    file: int
    definition: int
    item: int | None


def units(files: Sequence[d.File]) -> dict[Place, Unit]:
    """All parts by their places; headers of files that only title others are parts as well."""
    found: dict[Place, Unit] = {}
    for number, file in enumerate(files):
        source = Source(file.text.split("\n"), [])
        for place, node in enumerate(file.definitions):
            for item, unit in parts_of(node, source, file.name):
                found[Place(number, place, item)] = unit
    return found


def parts_of(node: d.Definition | d.Change, source: Source, file: str) -> Iterator[tuple[int | None, Unit]]:
    """The parts of one definition: those in it by their places, itself without a place."""
    inner, prefix = (node.definition, "change ") if isinstance(node, d.Change) else (node, "")
    items: Sequence[Any] = ()
    bare: Any = inner
    if isinstance(inner, d.Block):
        items, bare = inner.items, replace(inner, items=())
    elif isinstance(inner, d.Entity):
        items, bare = inner.facts, replace(inner, facts=())
    whole = replace(node, definition=bare) if isinstance(node, d.Change) else bare
    kind, owner = prefix + kind_of(inner), owner_of(inner)
    entry = entry_of(whole, source)
    yield None, unit((kind, name_of(inner), entity_of(inner)), entry, node.span, file, owner)
    for place, item in enumerate(items):
        alone = alone_in(inner, item)
        entry = entry_of(alone, source).children[-1]
        kind = KINDS[inner.kind] if isinstance(inner, d.Block) else "fact"
        of = inner.name if isinstance(inner, d.Entity) else entity_of(inner)
        key = (prefix + kind, item.name, of)
        yield place, unit(key, entry, item.span, file, owner_of(item) or owner)


def unit(key: tuple[str, str, str | None], entry: Entry, span: Span, file: str, owner: str | None) -> Unit:
    lines, numbers = zip(*lines_of(entry), strict=True)
    return Unit(*key, lines, span, file, tuple(number or span.line for number in numbers), owner)


def alone_in(node: Any, item: Any) -> Any:
    """A block or an entity with one item."""
    return replace(node, items=(item,)) if isinstance(node, d.Block) else replace(node, facts=(item,))


def owner_of(node: Any) -> str | None:
    """Who answers for a part, in its own words."""
    found = (line.value for line in getattr(node, "information", ()) if line.word == "owner")
    return next((value.value for value in found if isinstance(value, Text)), None)


def lines_of(entry: Entry, depth: int = 0) -> Iterator[tuple[str, int]]:
    """The line and those beneath it in canonical order, each with its number; a row of a table without the blanks that align
    its columns.
    """
    aligned = entry.text.startswith("|")
    text = PADDING.sub(lambda found: found[1] or " ", entry.text) if aligned else entry.text
    yield INDENT * depth + text, entry.line
    for child in sorted(entry.children, key=lambda one: one.rank):
        yield from lines_of(child, depth + 1)


def kind_of(node: d.Definition) -> str:
    if isinstance(node, d.Block):
        return f"block of {node.kind}"
    if isinstance(node, d.Claim):
        return node.kind
    return {"header": "policy"}.get(type(node).__name__.lower(), type(node).__name__.lower())


def name_of(node: Any) -> str:
    """What a part is called; of parts without a name the title, or else what is in them."""
    names = (getattr(node, attribute, None) for attribute in ("name", "title", "language"))
    return next((found for found in names if isinstance(found, str)), "")


def entity_of(node: Any) -> str | None:
    found = getattr(node, "entity", None)
    return ".".join(found.parts) if isinstance(found, Name) else None
