"""What a page is made of comes in; a whole document of HTML goes out, which loads nothing, and runs nothing but the script
that it is given.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from lifeseg.pages.markup import Markup, element

BASE = Path(__file__).with_name("base.css")
OFFLINE = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, body: Markup, *, language: str, style: str, script: str = "") -> str:
    """The style comes behind that of all pages; the script is allowed by its hash, and stands last."""
    allowed = f"{OFFLINE}; script-src 'sha256-{hashed(script)}'" if script else OFFLINE
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("meta", http_equiv="Content-Security-Policy", content=allowed),
        element("title", title),
        element("style", Markup(BASE.read_text(encoding="utf-8") + style)),
    )
    last = element("script", Markup(script)) if script else None
    return "<!doctype html>\n" + element("html", head, element("body", body, last), lang=language) + "\n"


def hashed(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()
