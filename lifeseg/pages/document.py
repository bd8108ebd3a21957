"""What a page is made of comes in; a whole document of HTML goes out, which loads nothing and runs nothing."""

from __future__ import annotations

from pathlib import Path

from lifeseg.pages.markup import Markup, element

BASE = Path(__file__).with_name("base.css")
OFFLINE = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, body: Markup, *, language: str, style: str) -> str:
    """The style comes behind that of all pages."""
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("meta", http_equiv="Content-Security-Policy", content=OFFLINE),
        element("title", title),
        element("style", Markup(BASE.read_text(encoding="utf-8") + style)),
    )
    return "<!doctype html>\n" + element("html", head, element("body", body), lang=language) + "\n"
