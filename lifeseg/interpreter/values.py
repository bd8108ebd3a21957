"""A value and its type come in; its text as results write it goes out: decimals, yes/no, ISO dates, None for missing."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from lifeseg.functions.exact import to_text
from lifeseg.model.expression import Value
from lifeseg.model.types import Type


def text_of(value: Value, kind: Type) -> str | None:
    """Numbers at all decimals of their scale; a list of flags joined by commas."""
    if value is None:
        return None
    if kind.kind == "number" and isinstance(value, int):
        return padded(value, kind.scale)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def short_text(value: Value, kind: Type) -> str | None:
    """The same without trailing zeros."""
    if value is not None and kind.kind == "number":
        return trimmed(value, kind.scale)
    return text_of(value, kind)


@lru_cache(maxsize=65_536)
def padded(value: int, scale: int) -> str:
    """A number at all its decimals; the same few amounts come up again and again."""
    return to_text(value, scale, scale)


@lru_cache(maxsize=65_536)
def trimmed(value: int, scale: int) -> str:
    """A number without trailing zeros."""
    return to_text(value, scale)
