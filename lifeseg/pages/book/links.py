"""A workspace comes in; where the book of its policy lies goes out."""

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


def uri_of(workspace: Workspace | None) -> str | None:
    """The same for a reader that has no folder, such as a terminal."""
    if workspace is None or workspace.book is None or workspace.book.startswith(SCHEMES):
        return workspace.book if workspace is not None else None
    return (workspace.folder / workspace.book).resolve().as_uri()
