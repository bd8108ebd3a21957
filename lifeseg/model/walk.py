"""Trees come in; the nodes inside them go out, each once, without knowing what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

SKIPPED = {"span", "type", "name_span", "titles", "information"}
_PARTS: dict[Any, tuple[str, ...] | None] = {tuple: None}


def parts_of(kind: Any) -> tuple[str, ...] | None:
    """The fields of a node class that may hold nodes; None for what is no node."""
    if kind not in _PARTS:
        names = [field.name for field in fields(kind)] if is_dataclass(kind) else None
        _PARTS[kind] = None if names is None else tuple(name for name in names if name not in SKIPPED)
    return _PARTS[kind]


def nodes(start: Any) -> Iterator[Any]:
    """The node and every node inside it, depth first, in the order written."""
    stack = [start]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is tuple:
            stack.extend(reversed(node))
            continue
        parts = parts_of(kind)
        if parts is not None:
            yield node
            stack.extend([getattr(node, name) for name in reversed(parts)])
