"""Two versions of a policy and one change between them come in; the old version with this change alone goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lifeseg.review.rules import RuleChange, Version
from lifeseg.review.units import Place
from lifeseg.syntax import definitions as d


def with_change(old: Version, new: Version, change: RuleChange) -> tuple[d.File, ...]:
    """The old files, in which one part is what it is in the new ones; whether that makes a policy is not said."""
    if change.old is None:
        assert change.new is not None
        return (*old.files, added(new.files, change.new))
    fresh = part(new.files, change.new) if change.new is not None else None
    return exchanged(old.files, change.old, fresh)


def part(files: Sequence[d.File], place: Place) -> Any:
    """The definition or item at a place."""
    node = files[place.file].definitions[place.definition]
    return node if place.item is None else items_of(node)[place.item]


def added(files: Sequence[d.File], place: Place) -> d.File:
    """A file with nothing but what is at a place, under its heading."""
    file = files[place.file]
    node = file.definitions[place.definition]
    if place.item is not None:
        node = with_items(node, (items_of(node)[place.item],))
    return replace(file, definitions=(node,), comments=())


def exchanged(files: Sequence[d.File], place: Place, fresh: Any) -> tuple[d.File, ...]:
    """Files with another definition or item at a place, or none."""
    file = files[place.file]
    definitions = list(file.definitions)
    if place.item is None:
        former = definitions[place.definition]
        if fresh is not None and items_of(former):
            fresh = with_items(fresh, items_of(former))  # a heading changes, what stands beneath stays
        definitions[place.definition : place.definition + 1] = [fresh] if fresh is not None else []
    else:
        node = definitions[place.definition]
        items = list(items_of(node))
        items[place.item : place.item + 1] = [fresh] if fresh is not None else []
        definitions[place.definition] = with_items(node, tuple(items))
    made = replace(file, definitions=tuple(definitions), comments=())
    return tuple(made if number == place.file else other for number, other in enumerate(files))


def items_of(node: Any) -> tuple[Any, ...]:
    inner = node.definition if isinstance(node, d.Change) else node
    if isinstance(inner, d.Block):
        return inner.items
    return inner.facts if isinstance(inner, d.Entity) else ()


def with_items(node: Any, items: tuple[Any, ...]) -> Any:
    if isinstance(node, d.Change):
        return replace(node, definition=with_items(node.definition, items))
    return replace(node, items=items) if isinstance(node, d.Block) else replace(node, facts=items)
