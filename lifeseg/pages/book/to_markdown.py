"""A book comes in; a text of Markdown goes out, with formulas on one line and an anchor at every definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import assert_never
from urllib.parse import quote

from lifeseg.diagnostics.catalogue import seen
from lifeseg.pages.book.formulas import plain
from lifeseg.pipeline.book import tree as b

SPECIAL = re.compile(r"([\\`*_\[\]|~#])")
HASH = 12


def to_markdown(book: b.Book) -> str:
    return "\n".join(lines_of(book)).rstrip() + "\n"


def lines_of(book: b.Book) -> Iterator[str]:
    yield f"# {titled(book.titles)}\n"
    yield f"`{book.name}` {book.version} · `{book.content_hash[:HASH]}`\n"
    for label, words in book.notes:
        yield f"- {plainly(label)}: {worded(words)}"
    yield f"\n## {plainly(book.contents)}\n"
    for number, chapter in enumerate(book.chapters, 1):
        yield f"{number}. [{titled(chapter.titles)}](#{chapter.anchor})"
    for number, chapter in enumerate(book.chapters, 1):
        yield f"\n{anchors(chapter.anchor)}\n\n## {number} {titled(chapter.titles)}\n"
        for block in chapter.blocks:
            yield from block_lines(block)
        for section in chapter.sections:
            if section.titles[0]:
                yield f"### {titled(section.titles)}\n"
            for entry in section.entries:
                yield from entry_lines(book, entry)


def entry_lines(book: b.Book, entry: b.Entry) -> Iterator[str]:
    if entry.anchors:
        yield f"{anchors(*entry.anchors)}\n"
    yield f"#### {titled(entry.titles)}\n"
    named = f" `{entry.name}`" if entry.name else ""
    yield f"{plainly(entry.kind)}{named} · {plainly(entry.place)}\n"
    for block in entry.blocks:
        yield from block_lines(block)
    if entry.facts:
        for label, words in entry.facts:
            yield f"- {plainly(label)}: {worded(words)}"
        yield ""
    if entry.text:
        fence = "`" * max(3, longest_ticks(entry.text) + 1)
        yield f"{fence}text\n{entry.text}\n{fence}\n"


def block_lines(block: b.Block) -> Iterator[str]:
    match block:
        case b.Paragraph(words=words):
            yield f"{worded(words)}\n"
        case b.Typeset(subject=subject, formula=formula):
            yield f"> {worded(subject)} = {plainly(plain(formula))}\n"
        case b.Items(lines=lines):
            yield from (f"- {worded(line)}" for line in lines)
            yield ""
        case b.Flow():
            yield from flow_lines(block)
        case b.Table():
            yield from table_lines(block)
        case _:
            assert_never(block)


def flow_lines(flow: b.Flow) -> Iterator[str]:
    """From each state where it goes."""
    titles = {state.name: plainly(state.titles[0]) for state in flow.states}
    for state in flow.states:
        targets = [titles[target] for source, target in flow.moves if source == state.name]
        yield f"- {titles[state.name]}" + (f" → {', '.join(targets)}" if targets else "")
    yield ""


def table_lines(table: b.Table) -> Iterator[str]:
    if table.caption:
        yield f"**{plainly(table.caption)}**\n"
    columns = max([len(table.heads), *(len(row.cells) for row in table.rows)])
    bars = {place for row in table.rows for place, cell in enumerate(row.cells) if cell.bar is not None}
    kept = [place for place in range(columns) if place not in bars]
    heads = [worded(table.heads[place]) if place < len(table.heads) else "" for place in kept]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join(' ---: ' if place in table.numbers else ' --- ' for place in kept)}|"
    for row in table.rows:
        cells = [cell_text(row.cells[place]) if place < len(row.cells) else "" for place in kept]
        cells[0] = anchors(*row.anchors) + cells[0]
        yield f"| {' | '.join(cells)} |"
    yield ""


def cell_text(cell: b.Cell) -> str:
    lines = [worded(line) for line in cell.lines]
    if cell.formula is not None:
        lines.insert(0, plainly(plain(cell.formula)))
    lines += [plainly(cell.also)] if cell.also else []
    lines += [f"`{cell.name}`"] if cell.name else []
    return "&emsp;" * cell.depth + "<br>".join(lines)


# ---- Words ----------------------------------------------------------------------------------------


def titled(titles: b.Titles) -> str:
    others = [title for title in titles[1:] if title and title != titles[0]]
    return " · ".join(map(plainly, (titles[0], *others)))


def worded(words: b.Words) -> str:
    return "".join(map(piece_text, words))


def piece_text(piece: b.Piece) -> str:
    text = plainly(piece.text)
    if piece.target:
        return f"[{text}](#{quote(piece.target)})"
    if piece.kind == "code" and "`" not in piece.text and "|" not in piece.text:
        return f"`{seen(piece.text)}`"
    return f"**{text}**" if piece.kind in ("value", "yes", "no") and text.strip() == text and text else text


def plainly(text: str) -> str:
    """A text in which nothing is taken for Markdown or HTML."""
    return SPECIAL.sub(r"\\\1", escape(seen(" ".join(text.split("\n"))), quote=False))


def anchors(*names: str) -> str:
    return "".join(f'<a id="{escape(name)}"></a>' for name in names)


def longest_ticks(text: str) -> int:
    return max((len(found) for found in re.findall("`+", text)), default=0)
