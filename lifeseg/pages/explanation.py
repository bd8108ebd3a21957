"""An explanation comes in; HTML goes out in which every level folds: the sentence in view, beneath it decisions, what led to
them, scores and facts. A fragment for other pages, or a whole page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lifeseg.explain.catalogue import Catalogue, catalogue
from lifeseg.explain.explanation import Explanation, Line, Table
from lifeseg.explain.links import link
from lifeseg.frozen import dataclass
from lifeseg.pages.document import document
from lifeseg.pages.markup import Markup, element, scrolled

STYLE = Path(__file__).with_name("explanation.css")
TAGS = {"zh": "zh-Hans"}
GROUPS = ("decisions", "changes", "scores", "facts")
"""The parts of an explanation, in the order of the levels of detail that they come with."""
BAR = "▇"


@dataclass(frozen=True, slots=True)
class Telling:
    """In what words, how far all is unfolded at first, and where the book of the policy lies."""

    words: Catalogue
    detail: int
    book: str | None = None


def page(explanation: Explanation, detail: int = 2) -> str:
    """A whole document, unfolded as far as `detail` asks; the explanation itself should have all levels."""
    name = " · ".join(filter(None, (explanation.key, explanation.name)))
    telling = Telling(catalogue(explanation.language), detail, explanation.book)
    found = [
        (key, body)
        for level, key in enumerate(GROUPS, 1)
        if (body := list(parts(explanation, level, telling)))
    ]
    titles = {key: telling.words.say(f"group.{key}") for key, _ in found}
    links = (element("li", element("a", titles[key], href=f"#{key}")) for key, _ in found)
    about = element("p", " · ".join(explanation.about), class_="soft")
    header = element(
        "header", element("h1", name), about, sentence(explanation), element("nav", element("ul", *links))
    )
    sections = (
        element("section", element("h2", titles[key], id=key), *body, aria_labelledby=key)
        for key, body in found
    )
    style = STYLE.read_text(encoding="utf-8")
    language = TAGS.get(explanation.language, explanation.language)
    return document(name, element("div", header, element("main", *sections)), language=language, style=style)


def fragment(explanation: Explanation, detail: int = 1) -> Markup:
    """What another page shows of a record: the sentence, and all beneath it folded, without headings of its own; that page
    needs STYLE among its styles.
    """
    telling = Telling(catalogue(explanation.language), detail, explanation.book)
    body = (part for level, _ in enumerate(GROUPS, 1) for part in parts(explanation, level, telling))
    return element("article", sentence(explanation), *body, class_="explanation")


def sentence(explanation: Explanation) -> Markup:
    return element("p", explanation.sentence, class_="answer")


def parts(explanation: Explanation, level: int, telling: Telling) -> Iterator[Markup]:
    """What comes with a level, each part folding up what is beneath it."""
    return (part(line, telling) for line in explanation.lines if line.level == level)


def part(line: Line, telling: Telling) -> Markup:
    """A decision, a score, a table: what it came to in view, what led to it folded."""
    folds = bool(line.lines) or line.table is not None
    head = [
        element("span", line.label if folds else named(line.label, line.anchor, telling), class_="label"),
        element("strong", line.text, class_="text") if line.text else None,
        element("span", line.note, class_="note") if line.note else None,
        element("code", line.place, class_="place") if line.place else None,
    ]
    if not folds:
        return element("div", *head, class_="part row")
    shown = [table(line.label, line.table, telling)] if line.table is not None else []
    body = [tree(line.lines, telling), *shown, into_book(line, telling)]
    opened = "" if telling.detail >= max(2, line.level) else None
    return element("details", element("summary", *head, class_="row"), *body, open=opened, class_="part")


def tree(lines: tuple[Line, ...], telling: Telling) -> Markup | None:
    return element("ul", *(branch(line, telling) for line in lines), class_="tree") if lines else None


def branch(line: Line, telling: Telling) -> Markup:
    """A condition with what stands behind it, which is folded where it did not decide."""
    taken = "taken" if line.taken else None
    if not line.lines:
        row = element("div", *cells(line, telling), class_="row")
        return element("li", row, leaf(line, telling), class_=taken)
    opened = "" if line.taken or line.verdict == "yes" or telling.detail >= 3 else None
    folded = element(
        "details",
        element("summary", *cells(line, telling), class_="row"),
        tree(line.lines, telling),
        leaf(line, telling),
        open=opened,
    )
    return element("li", folded, class_=taken)


def cells(line: Line, telling: Telling) -> Iterator[Markup | None]:
    """The label, what is said and where the policy says so; whether it holds, and by how much."""
    yield element("span", line.label, class_="label") if line.label else None
    place = element("code", line.place, class_="place") if line.place else None
    yield element("span", line.text, " " if place else None, place, class_="text")
    if line.verdict is not None:
        said = telling.words.say(f"verdict.{line.verdict}")
        yield element("span", said, class_=f"verdict {line.verdict}")
    if line.verdict is not None or line.note:
        yield element("span", line.note, class_="note")


def named(name: str, anchor: str, telling: Telling) -> str:
    """A name, which leads to what the book says of it."""
    address = link(telling.book, anchor)
    return element("a", name, href=address) if address is not None else name


def into_book(line: Line, telling: Telling) -> Markup | None:
    """The way into the book beneath what folds: what opens and closes cannot lead away as well."""
    address = link(telling.book, line.anchor)
    said = telling.words.say("book.leads", name=line.label)
    return element("p", element("a", said, href=address), class_="into") if address is not None else None


def leaf(line: Line, telling: Telling) -> Markup | None:
    return table(line.label or line.text, line.table, telling) if line.table is not None else None


def table(name: str, shown: Table, telling: Telling) -> Markup:
    """Its headings may be empty: then the first cell names each row."""
    headed = any(column.heading for column in shown.columns)
    kinds = ["n" if column.right else None for column in shown.columns]
    heads = (
        element("th", column.heading, scope="col", class_=kind) if column.heading else element("td")
        for column, kind in zip(shown.columns, kinds, strict=True)
    )
    names = not shown.columns[0].heading
    rows = (
        element(
            "tr",
            *(
                element("th", cell, scope="row")
                if names and at == 0
                else element("td", bar(cell), class_=kind)
                for at, (cell, kind) in enumerate(zip(linked(shown, place, telling), kinds, strict=True))
            ),
        )
        for place in range(len(shown.rows))
    )
    whole = element(
        "table",
        element("caption", name, class_="unseen"),
        element("thead", element("tr", *heads)) if headed else None,
        element("tbody", *rows),
    )
    return scrolled(whole, name)


def linked(shown: Table, place: int, telling: Telling) -> Iterator[str]:
    """The cells of a row, of which the one that names it leads into the book."""
    anchor = shown.anchors[place] if shown.anchors else ""
    for at, cell in enumerate(shown.rows[place]):
        yield named(cell, anchor, telling) if at == shown.naming else cell


def bar(cell: str) -> str:
    """A bar is for the eye: beside it stands its number."""
    drawn = cell and not cell.strip(BAR)
    return element("span", cell, class_="bars", aria_hidden="true") if drawn else cell
