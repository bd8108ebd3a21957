"""An explanation comes in, Markdown goes out: a heading, the sentence, nested lists and tables that fold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from lifeseg.explain.catalogue import Catalogue, catalogue
from lifeseg.explain.explanation import Explanation, Line, Table
from lifeseg.explain.links import link

_MARKS = re.compile(r"[\\`*\[\]<|]|(?<![^\W_])_|_(?![^\W_])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ORDINAL = re.compile(r"^(\d+)([.)])(?=\s|$)")
_BLOCK = re.compile(r"^([-+=~>#])")


def to_markdown(explanation: Explanation) -> str:
    """The explanation as Markdown, readable as it is; what the data holds is never taken for Markdown."""
    words = catalogue(explanation.language)
    title = " · ".join(filter(None, (explanation.key, explanation.name)))
    blocks = [f"# {_text(title)}", _text(explanation.sentence)]
    if explanation.detail == 0:
        return blocks[1] + "\n"
    blocks.insert(1, _text(" · ".join(explanation.about)))
    for line in explanation.lines:
        blocks += _section(line, words, explanation.book)
    if explanation.more:
        blocks.append(words.say("more.lead") + " · ".join(_code(more) for more in explanation.more))
    return "\n\n".join(blocks) + "\n"


def _section(line: Line, words: Catalogue, book: str | None) -> Iterator[str]:
    """A decision under its own heading; scores and facts fold, remarks are a paragraph."""
    value = _text(line.text)
    if not (line.lines or line.table or line.place):
        yield f"**{_text(line.label)}**: {value}"
        return
    about = " · ".join(filter(None, (_text(line.note), f"`{line.place}`" if line.place else "")))
    items = "\n".join(item for below in line.lines for item in _items(below, 0, words, book))
    table = _table(line.table, book) if line.table is not None else ""
    body = [text for text in (about, items, table) if text]
    if line.level < 3:
        yield f"## {_named(_text(line.label), line.anchor, book)}" + (f": {value}" if value else "")
        yield from body
        return
    address = link(book, line.anchor)
    name = f'<a href="{escape(address)}">{_html(line.label)}</a>' if address else _html(line.label)
    summary = f"<strong>{name}</strong>" + (f": {_html(line.text)}" if value else "")
    yield "\n\n".join((f"<details>\n<summary>{summary}</summary>", *body, "</details>"))


def _items(line: Line, depth: int, words: Catalogue, book: str | None) -> Iterator[str]:
    label = f"**{_text(line.label)}**" if line.label and line.taken else _text(line.label)
    verdict = f"**{words.say(f'verdict.{line.verdict}')}**" if line.verdict else ""
    place = f"`{line.place}`" if line.place else ""
    said = " — ".join(filter(None, (label, _text(line.text), verdict, _text(line.note), place)))
    yield f"{'  ' * depth}- {said}"
    for below in line.lines:
        yield from _items(below, depth + 1, words, book)
    if line.table is not None:
        yield from ("", *_table(line.table, book).splitlines(), "")


def _named(text: str, anchor: str, book: str | None) -> str:
    """Text that leads to what the book says of it."""
    address = link(book, anchor)
    return f"[{text}](<{address}>)" if address and text else text


def _table(table: Table, book: str | None) -> str:
    headings = [_text(column.heading) or " " for column in table.columns]
    rules = ["---:" if column.right else "---" for column in table.columns]
    rows = [headings, rules, *([_text(cell) for cell in row] for row in table.rows)]
    for row, anchor in zip(rows[2:], table.anchors, strict=False):
        row[table.naming] = _named(row[table.naming], anchor, book)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _text(text: str) -> str:
    """Text that Markdown shows as it is: names like `at_risk` need no marks, what would be markup does."""
    text = _CONTROL.sub(" ", text)
    text = _MARKS.sub(lambda found: "\\" + found[0], text)
    text = _ORDINAL.sub(r"\1\\\2", text)
    return _BLOCK.sub(r"\\\1", text)


def _html(text: str) -> str:
    """The same inside an element of HTML."""
    return escape(_CONTROL.sub(" ", text))


def _code(text: str) -> str:
    return f"`{_CONTROL.sub(' ', text).replace('`', chr(0x2BC))}`"
