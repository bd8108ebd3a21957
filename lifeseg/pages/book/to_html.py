"""A book comes in; one page of HTML goes out that needs no other file: it loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import assert_never

from lifeseg.diagnostics.catalogue import seen
from lifeseg.pages.book.flows import picture
from lifeseg.pages.book.formulas import math
from lifeseg.pages.book.words import link, worded
from lifeseg.pages.document import document
from lifeseg.pages.markup import Markup, element, inside, scrolled
from lifeseg.pipeline.book import tree as b

STYLE = Path(__file__).with_name("book.css")
MOST_LISTED = 60  # entries of a chapter in the table of contents
HASH = 12
MOST_TOGETHER = 6


def to_html(book: b.Book) -> str:
    titles = book.titles[0]
    body = inside(
        cover(book),
        contents(book),
        element("main", *(chapter(book, number, one) for number, one in enumerate(book.chapters, 1))),
    )
    style = STYLE.read_text(encoding="utf-8") + running_heads(f"{titles} · {book.version}")
    return document(f"{titles} {book.version}", body, language=book.languages[0], style=style)


def running_heads(text: str) -> str:
    """What stands at the top and the foot of each printed page but the first."""
    quoted = "".join(one if one.isascii() and one.isalnum() else f"\\{ord(one):x} " for one in seen(text))
    return (
        f'@page {{ @top-left {{ content: "{quoted}"; font-size: 8pt; color: #555 }}\n'
        "@bottom-right { content: counter(page); font-size: 9pt; color: #555 } }\n"
        "@page :first { @top-left { content: none } @bottom-right { content: none } }\n"
    )


def cover(book: b.Book) -> Markup:
    notes = [
        item for label, words in book.notes for item in (element("dt", label), element("dd", worded(words)))
    ]
    return element(
        "header",
        element("h1", *titled(book, book.titles)),
        element(
            "p",
            element("code", book.name),
            " ",
            element("span", book.version, class_="version"),
            " · ",
            element("code", book.content_hash[:HASH]),
            class_="soft",
        ),
        element("dl", *notes) if notes else None,
        class_="cover",
    )


def titled(book: b.Book, titles: b.Titles) -> Iterator[Markup]:
    """A title, and the same in the other languages of the book."""
    yield inside(titles[0])
    for language, title in zip(book.languages[1:], titles[1:], strict=False):
        if title and title != titles[0]:
            yield inside(" ", element("span", title, class_="other", lang=language))


def contents(book: b.Book) -> Markup:
    items = []
    for chapter in book.chapters:
        entries = [entry for section in chapter.sections for entry in section.entries if entry.name]
        beneath = None
        if 1 < len(entries) <= MOST_LISTED:
            lines = (
                element("li", element("a", entry.titles[0], href=link(entry.anchors[0]))) for entry in entries
            )
            beneath = element("ul", *lines)
        items.append(
            element("li", element("a", *titled(book, chapter.titles), href=link(chapter.anchor)), beneath)
        )
    return element(
        "nav",
        element("h2", book.contents),
        element("ol", *items),
        class_="contents",
        aria_label=book.contents,
    )


# ---- Chapters and entries -------------------------------------------------------------------------


def chapter(book: b.Book, number: int, one: b.Chapter) -> Markup:
    parts: list[Markup] = [
        element(
            "h2",
            element("span", str(number), class_="number"),
            " ",
            *titled(book, one.titles),
            id=f"{one.anchor}-title",
        )
    ]
    parts += [block(book, each, one.titles[0]) for each in one.blocks]
    for section in one.sections:
        if section.titles[0]:
            parts.append(element("h3", *titled(book, section.titles), class_="group"))
        parts += [article(book, entry, "h4" if section.titles[0] else "h3") for entry in section.entries]
    return element("section", *parts, id=one.anchor, aria_labelledby=f"{one.anchor}-title", class_="chapter")


def article(book: b.Book, entry: b.Entry, heading: str) -> Markup:
    first, *others = entry.anchors or ("",)
    head = element(
        "header",
        element(
            heading,
            element("a", *titled(book, entry.titles), href=link(first)) if first else inside(entry.titles[0]),
        ),
        element("p", element("span", entry.kind, class_="kind"), " ", *named(entry), class_="soft"),
    )
    facts = [
        element("div", element("dt", label), element("dd", worded(words))) for label, words in entry.facts
    ]
    text = None
    if entry.text:
        text = element(
            "details",
            element("summary", book.text_label, " ", element("span", entry.place, class_="soft")),
            element("pre", entry.text, tabindex=0),
        )
    return element(
        "article",
        *(element("span", id=other) for other in others),
        head,
        *(block(book, each, entry.titles[0]) for each in entry.blocks),
        element("dl", *facts, class_="facts") if facts else None,
        text,
        id=first or None,
        class_="short" if is_short(entry) else None,
    )


def is_short(entry: b.Entry) -> bool:
    """Whether it is printed on one page rather than on two."""
    return sum(len(each.rows) if isinstance(each, b.Table) else 1 for each in entry.blocks) <= MOST_TOGETHER


def named(entry: b.Entry) -> Iterator[Markup]:
    if entry.name:
        yield element("code", entry.name)


# ---- Blocks -----------------------------------------------------------------------------------------


def block(book: b.Book, one: b.Block, name: str) -> Markup:
    """Within the chapter or the entry of that name."""
    match one:
        case b.Paragraph(words=words):
            return element("p", worded(words), class_="lead")
        case b.Typeset(formula=formula):
            subject = "".join(piece.text for piece in one.subject)
            return scrolled(math(formula), subject, "formula scroll")
        case b.Items(lines=lines):
            return element("ul", *(element("li", worded(line)) for line in lines), class_="items")
        case b.Flow():
            return picture(one)
        case b.Table():
            return table(book, one, name)
        case _:
            assert_never(one)


def table(book: b.Book, one: b.Table, name: str) -> Markup:
    heads = (
        element("th", worded(head), scope="col", class_="n" if place in one.numbers else None)
        if head
        else element("td")
        for place, head in enumerate(one.heads)
    )
    whole = element(
        "table",
        element("caption", one.caption) if one.caption else None,
        element("thead", element("tr", *heads)) if one.heads else None,
        element("tbody", *(row(book, one, each) for each in one.rows)),
    )
    return scrolled(whole, one.caption or name)


def row(book: b.Book, table: b.Table, one: b.Row) -> Markup:
    cells = []
    first, *others = one.anchors or ("",)
    for place, cell in enumerate(one.cells):
        name = "th" if place == 0 and table.named else "td"
        classes = ["n"] if place in table.numbers else []
        classes += [f"deep{cell.depth}"] if cell.depth else []
        spans = (element("span", id=other) for other in others) if place == 0 else ()
        cells.append(
            element(
                name,
                *spans,
                content(book, cell),
                class_=" ".join(classes) or None,
                scope="row" if name == "th" else None,
            )
        )
    return element("tr", *cells, id=first or None)


def content(book: b.Book, cell: b.Cell) -> Markup:
    """The lines of a cell; of what names something the other title and the name beneath."""
    parts: list[Markup] = []
    if cell.formula is not None:
        parts.append(math(cell.formula, equals=False))
    if cell.bar is not None:
        parts.append(bar(cell.bar))
    if len(cell.lines) == 1:
        parts.append(worded(cell.lines[0]))
    else:
        parts += [element("div", worded(line)) for line in cell.lines]
    if cell.also:
        parts.append(element("div", cell.also, class_="other", lang=book.languages[-1]))
    if cell.name:
        parts.append(element("div", element("code", cell.name), class_="soft"))
    return inside(*parts)


def bar(part: Fraction) -> Markup:
    """So long a part of the longest bar."""
    width = f"{float(part) * 100:.1f}"
    return element(
        "svg",
        element("rect", width=width, height=10, rx=2),
        viewBox="0 0 100 10",
        class_="bar",
        aria_hidden="true",
    )
