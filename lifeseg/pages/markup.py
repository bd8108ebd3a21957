"""Names and texts come in; elements of a page of HTML go out, in which no text can be anything but text."""

from __future__ import annotations

from html import escape

from lifeseg.diagnostics.catalogue import seen


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content = str | None
"""Texts are escaped, elements are not, None is left out."""

EMPTY = frozenset({"meta", "input", "rect", "path", "line"})
VOID = frozenset({"meta", "input"})
"""Of these, those that HTML itself ends."""


def element(name: str, *content: Content, **attributes: str | int | None) -> Markup:
    """`class_` is the attribute class, `aria_label` aria-label; attributes that are None are left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(seen(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in EMPTY and not content:
        return Markup(f"<{name}{given}{'/' if name not in VOID else ''}>")
    return Markup(f"<{name}{given}>{inside(*content)}</{name}>")


def inside(*content: Content) -> Markup:
    return Markup("".join(one if isinstance(one, Markup) else escape(seen(one)) for one in content if one))


def scrolled(content: Markup, name: str, class_: str = "scroll") -> Markup:
    """What may be wider than the page: its own width is moved through, by hand and with keys."""
    return element("div", content, class_=class_, role="group", aria_label=name, tabindex=0)
