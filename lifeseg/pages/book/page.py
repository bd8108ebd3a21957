"""What a book is made of comes in; a whole document of HTML goes out, which loads nothing and runs nothing."""

from __future__ import annotations

from lifeseg.pages.markup import Markup, element

OFFLINE = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, body: Markup, *, language: str, style: str) -> str:
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("meta", http_equiv="Content-Security-Policy", content=OFFLINE),
        element("title", title),
        element("style", Markup(style)),
    )
    return "<!doctype html>\n" + element("html", head, element("body", body), lang=language) + "\n"
