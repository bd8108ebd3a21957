"""Where the book of a policy lies and a name come in; the address of what the book says of it goes out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from lifeseg.workspace import Workspace, shown_path

SCHEMES = ("https://", "http://")


def address_of(workspace: Workspace | None) -> str | None:
    """Where the workspace says that the book lies, as a page in the current folder would lead there."""
    if workspace is None or workspace.book is None:
        return None
    if workspace.book.startswith(SCHEMES):
        return workspace.book
    return quote(shown_path(workspace.folder / Path(workspace.book)), safe="/")


def link(book: str | None, name: str, entity: str | None = None) -> str | None:
    """The place of a definition, a fact or a parameter; None where there is no book."""
    if book is None or not name:
        return None
    return f"{book}#{quote(f'{entity}.{name}' if entity else name)}"
