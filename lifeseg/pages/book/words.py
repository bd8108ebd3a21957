"""Words of a book come in; elements with links, or mere text, go out."""

from __future__ import annotations

from urllib.parse import quote

from lifeseg.pages.markup import Markup, element, inside
from lifeseg.pipeline.book import tree as b

CLASSES = {"value": "value", "yes": "passed", "no": "failed", "name": "name"}


def worded(words: b.Words) -> Markup:
    return inside(*map(piece_of, words))


def piece_of(piece: b.Piece) -> Markup:
    """A link where it leads somewhere; else its text, marked by what it is."""
    if piece.target:
        return element(
            "a", piece.text, href=link(piece.target), class_="strong" if piece.kind == "strong" else None
        )
    if piece.kind == "code":
        return element("code", piece.text)
    if piece.kind in CLASSES and piece.kind != "name":
        return element("span", piece.text, class_=CLASSES[piece.kind])
    return inside(piece.text)


def link(target: str) -> str:
    """An address within the page; names may be in any script."""
    return f"#{quote(target)}"


def spoken(words: b.Words) -> str:
    return "".join(piece.text for piece in words)
