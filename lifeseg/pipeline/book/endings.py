"""What a book ends with: where the policy's texts come from, every name with its titles, and where each is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lifeseg.explain.catalogue import languages
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.maker import Maker, lined, text_cell
from lifeseg.pipeline.book.names import GLOBAL, Thing
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

ALL = 10**9


def sources_chapter(maker: Maker) -> b.Chapter:
    """Each source, and what is taken from it."""
    found: dict[str, dict[str, b.Piece]] = {}
    for thing, node in cited(maker):
        source = source_of(node)
        if source:
            piece = b.Piece(maker.words.title(thing.titles, thing.name), thing.anchor, "name")
            found.setdefault(source, {})[thing.anchor] = piece
    rows = tuple(
        b.Row((text_cell(source), lined(comma_pieces(maker, list(pieces.values())))))
        for source, pieces in found.items()
    )
    blocks: list[b.Block] = []
    if header := source_of(maker.symbols.header):
        blocks.append(b.Paragraph((b.Piece(header),)))
    if rows:
        blocks.append(b.Table("", maker.head("source", "what"), rows))
    return b.Chapter(maker.message("chapter_sources"), "chapter-sources", tuple(blocks), ())


def comma_pieces(maker: Maker, pieces: list[b.Piece]) -> b.Words:
    found: list[b.Piece] = []
    for piece in pieces:
        found += [b.Piece(maker.words.messages["list.comma"]), piece] if found else [piece]
    return tuple(found)


def cited(maker: Maker) -> Iterator[tuple[Thing, Any]]:
    """Everything that may name a source, with its text; of what stands in a block that of the block too."""
    for (entity, name), symbol in maker.symbols.definitions.items():
        thing = maker.names.things.get((entity, name))
        if thing is not None and thing.shown:
            yield thing, symbol.declaration
    for entity_name, node in maker.symbols.entities.items():
        yield maker.names.entities[entity_name], node
        for fact in node.facts:
            yield maker.names.things[entity_name, fact.name], fact
    for each in (maker.symbols.panels, maker.symbols.chains, maker.symbols.kpis, maker.symbols.parameters):
        for name, found in each.items():
            yield maker.names.things[GLOBAL, name], found
    blocks: tuple[d.Offers | d.Tasks, ...] = (*maker.symbols.offers, *maker.symbols.tasks)
    for block in blocks:
        yield maker.names.things[".".join(block.entity.parts), block.name], block


def source_of(node: Any) -> str:
    for line in getattr(node, "information", ()):
        if line.word == "source" and isinstance(line.value, t.Text):
            return line.value.value
    return ""


def glossary_chapter(maker: Maker) -> b.Chapter:
    """Every name by its title, with the titles in all languages that the policy has, and where it is used."""
    things = [*maker.names.entities.values(), *(one for one in maker.names.things.values() if one.shown)]
    spoken = [code for code in languages() if any(code in thing.titles for thing in things)]
    rows = sorted(
        (row for thing in things for row in rows_of(maker, thing, spoken)),
        key=lambda row: row.cells[0].lines[0][0].text.casefold(),
    )
    heads = (
        *maker.head("title"),
        *((b.Piece(maker.say(f"language_{code}")),) for code in spoken if code != maker.words.language),
        *maker.head("name", "used_in"),
    )
    table = b.Table("", heads, tuple(rows))
    return b.Chapter(maker.message("chapter_index"), "chapter-index", (table,), ())


def rows_of(maker: Maker, thing: Thing, spoken: list[str]) -> Iterator[b.Row]:
    name = f"{thing.entity}.{thing.name}" if thing.entity else thing.name
    yield row_of(
        maker, thing.titles, thing.name, (name, thing.anchor), spoken, maker.uses(thing, "used", ALL)
    )
    for case, titles in thing.cases.items():
        yield row_of(maker, titles, case, (f"{thing.name}.{case}", thing.case_anchor(case)), spoken, ())


def row_of(
    maker: Maker,
    titles: Mapping[str, str],
    name: str,
    place: tuple[str, str],
    spoken: list[str],
    used: b.Words,
) -> b.Row:
    written, target = place
    cells = [lined((b.Piece(maker.words.title(titles, name), target, "name"),))]
    cells += [text_cell(titles.get(code, "")) for code in spoken if code != maker.words.language]
    cells += [lined((b.Piece(written, kind="code"),)), lined(used) if used else b.Cell()]
    return b.Row(tuple(cells))
