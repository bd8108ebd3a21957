"""The address of a policy's book and a name come in; the address of what the book says of it goes out."""

from __future__ import annotations

from urllib.parse import quote


def in_book(entity: str, name: str) -> str:
    """What the book calls a definition or a fact of an entity."""
    return f"{entity}.{name}"


def link(book: str | None, name: str, entity: str | None = None) -> str | None:
    """The place of a definition, a fact or a parameter; None where there is no book."""
    if book is None or not name:
        return None
    return f"{book}#{quote(in_book(entity, name) if entity else name)}"
