"""Trees come in; the nodes inside them go out, each once, without knowing what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from lifeseg.model import expression as e

SKIPPED = {"span", "type", "name_span", "titles", "information"}
_PARTS: dict[Any, tuple[str, ...]] = {}


def parts_of(kind: Any) -> tuple[str, ...]:
    """The fields of a node class that may hold nodes."""
    if kind not in _PARTS:
        _PARTS[kind] = tuple(field.name for field in fields(kind) if field.name not in SKIPPED)
    return _PARTS[kind]


def nodes(start: Any) -> Iterator[Any]:
    """The node and every node inside it, depth first, in the order written."""
    stack = [start]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(reversed(node))
        elif is_dataclass(node) and not isinstance(node, type):
            yield node
            stack.extend(getattr(node, name) for name in reversed(parts_of(type(node))))


def expressions_of(definition: Any) -> Iterator[e.Expression]:
    """Every core expression of a definition."""
    for node in nodes(definition):
        if isinstance(node, e.Node):
            yield node  # type: ignore[misc]
