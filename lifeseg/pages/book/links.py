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


def book_for(workspace: Workspace | None, on_terminal: bool) -> str | None:
    """The same for an explanation: a page leads there from where it is, a terminal, which has no folder, from anywhere."""
    if not on_terminal or workspace is None or workspace.book is None or workspace.book.startswith(SCHEMES):
        return address_of(workspace)
    return (workspace.folder / workspace.book).resolve().as_uri()
