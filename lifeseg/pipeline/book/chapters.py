"""A policy in all its forms comes in; the chapters of its book go out, in the order in which one reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from lifeseg.model.symbols import Symbol, Symbols
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.actions import offers_entry, tasks_entry
from lifeseg.pipeline.book.blocks import entity_entry, flags_entry, history_table, kpi_entry, parameters_table
from lifeseg.pipeline.book.checks import claim_entry, test_entry
from lifeseg.pipeline.book.decisions import Decision, decision_entry, in_short, where_of
from lifeseg.pipeline.book.endings import glossary_chapter, sources_chapter
from lifeseg.pipeline.book.maker import Maker
from lifeseg.pipeline.book.measures import chain_entry, index_entry, panel_entry, score_entry
from lifeseg.pipeline.book.names import task_flags
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

FlagBlock = tuple[str, d.Block, list[d.Case]]
MOST_PICTURES = 2
MOST_LISTED = 40


def chapters(maker: Maker) -> tuple[b.Chapter, ...]:
    """Those that have something in them; the first sums up what the others say."""
    rest = [chapter for make in CHAPTERS if (chapter := make(maker)).sections or chapter.blocks]
    return (in_short_chapter(maker), *rest, sources_chapter(maker), glossary_chapter(maker))


def chapter(
    maker: Maker, key: str, sections: Iterable[b.Section], blocks: Iterable[b.Block] = ()
) -> b.Chapter:
    kept = tuple(section for section in sections if section.entries)
    return b.Chapter(maker.message(f"chapter_{key}"), f"chapter-{key}", tuple(blocks), kept)


def section(entries: Iterable[b.Entry], titles: b.Titles = ("",), anchor: str = "") -> b.Section:
    return b.Section(titles, anchor, tuple(entries))


# ---- What a policy has --------------------------------------------------------------------------


def decisions_of(symbols: Symbols) -> Iterator[tuple[str, Decision]]:
    for (entity, _), symbol in symbols.definitions.items():
        node = symbol.declaration
        if not symbol.made and isinstance(node, d.Segment | d.Rank | d.Table | d.Clusters | d.Lifecycle):
            yield entity, node


def flag_blocks(symbols: Symbols) -> list[FlagBlock]:
    """Flags in the blocks they were written in; not those that offers and tasks stand for."""
    written = {
        (".".join(one.entity.parts), name) for one in symbols.tasks for name in (*task_flags(one), one.name)
    }
    found: dict[tuple[str, str], FlagBlock] = {}
    for (entity, _), symbol in symbols.definitions.items():
        if not isinstance(symbol.declaration, d.Case) or symbol.made or symbol.block is None:
            continue
        if (entity, symbol.block.name or "") in written:
            continue
        key = (entity, symbol.block.name or f"{symbol.block.span.file}:{symbol.block.span.line}")
        found.setdefault(key, (entity, symbol.block, []))[2].append(symbol.declaration)
    return list(found.values())


# ---- In short -----------------------------------------------------------------------------------


def in_short_chapter(maker: Maker) -> b.Chapter:
    """The page for whoever reads only one."""
    found = sorted(decisions_of(maker.symbols), key=lambda one: not isinstance(one[1], d.Lifecycle))
    pictures = sum(isinstance(node, d.Lifecycle) for _, node in found) <= MOST_PICTURES
    blocks: list[b.Block] = [b.Paragraph((b.Piece(counts(maker)),))]
    for entity, node in found:
        thing = maker.names.things[entity, node.name]
        title = b.Piece(maker.words.title(thing.titles, thing.name), thing.anchor, "strong")
        speaker = maker.speaker(entity)
        of = inside(maker, speaker.named(maker.names.entity(entity), entity))
        lead = speaker.say("book.decides", title=(title,), entity=(of,))
        if (where := where_of(node)) is not None:
            lead = speaker.say(
                "book.decides_only", title=(title,), entity=(of,), condition=speaker.clause(where)
            )
        blocks.append(b.Paragraph(lead))
        if isinstance(node, d.Lifecycle) and not pictures:
            blocks.append(b.Items(tuple((speaker.case(thing, state.name),) for state in node.states)))
        else:
            blocks += in_short(maker, entity, node)
    blocks += outputs(maker)
    return b.Chapter(maker.message("chapter_decides"), "chapter-decides", tuple(blocks), ())


def inside(maker: Maker, piece: b.Piece) -> b.Piece:
    """A title as it stands inside a sentence."""
    return b.Piece(maker.words.inside(piece.text), piece.target, piece.kind)


def counts(maker: Maker) -> str:
    """How much of everything there is."""
    symbols = maker.symbols
    kinds = [symbol.declaration for symbol in symbols.definitions.values() if not symbol.made]
    numbers = {
        "facts": sum(len(entity.facts) for entity in symbols.entities.values()),
        "parameters": len(symbols.parameters),
        "indexes": sum(isinstance(node, d.Index) for node in kinds),
        "scores": sum(isinstance(node, d.Score) for node in kinds),
        "flags": sum(len(nodes) for _, _, nodes in flag_blocks(symbols)),
        "decisions": sum(1 for _ in decisions_of(symbols)),
        "tests": len(symbols.tests),
    }
    said = [
        maker.say(f"count_{key}" if number != 1 else f"count_one_{key}", count=str(number))
        for key, number in numbers.items()
        if number
    ]
    return maker.say("counts", parts=maker.words.listed(said))


def outputs(maker: Maker) -> Iterator[b.Block]:
    """Flags that nothing else is made of, offers and tasks: what is done with the decisions."""
    for entity, block, nodes in flag_blocks(maker.symbols):
        things = [maker.names.things[entity, node.name] for node in nodes]
        if block.name is None or any(maker.used.get(thing.anchor, {}).get("used") for thing in things):
            continue
        whole = maker.names.things[entity, block.name]
        title = b.Piece(maker.words.title(whole.titles, block.title or block.name), whole.anchor, "strong")
        speaker = maker.speaker(entity)
        of = inside(maker, speaker.named(maker.names.entity(entity), entity))
        yield b.Paragraph(speaker.say("book.marks", title=(title,), entity=(of,)))
        yield b.Items(
            tuple(
                (b.Piece(maker.words.title(thing.titles, thing.name), thing.anchor, "name"),)
                for thing in things[:MOST_LISTED]
            )
        )
    blocks: tuple[d.Offers | d.Tasks, ...] = (*maker.symbols.offers, *maker.symbols.tasks)
    for node in blocks:
        entity = ".".join(node.entity.parts)
        items = node.offers if isinstance(node, d.Offers) else node.tasks
        key = "offers" if isinstance(node, d.Offers) else "hands_out"
        whole = maker.names.things[entity, node.name]
        title = b.Piece(maker.words.title(whole.titles, node.name), whole.anchor, "strong")
        yield b.Paragraph(maker.speaker(entity).say(f"book.{key}", title=(title,)))
        yield b.Items(
            tuple(
                (b.Piece(maker.words.title(one.titles, one.name), one.anchor, "name"),)
                for one in (maker.names.things[entity, item.name] for item in items)
            )
        )


# ---- The other chapters ---------------------------------------------------------------------------


def facts_chapter(maker: Maker) -> b.Chapter:
    return chapter(
        maker, "facts", [section(entity_entry(maker, node) for node in maker.symbols.entities.values())]
    )


def parameters_chapter(maker: Maker) -> b.Chapter:
    nodes = list(maker.symbols.parameters.values())
    blocks: list[b.Block] = [parameters_table(maker, nodes, "")] if nodes else []
    return chapter(maker, "parameters", [], [*blocks, *history_table(maker)])


def measures_chapter(maker: Maker) -> b.Chapter:
    """Indexes in their blocks, and the scores where they stand between them."""
    sections: dict[str, tuple[b.Titles, list[b.Entry]]] = {}
    for (entity, _), symbol in maker.symbols.definitions.items():
        if symbol.made:
            continue
        match symbol.declaration:
            case d.Index() as node:
                titles, key = block_titles(maker, symbol)
                sections.setdefault(key, (titles, []))[1].append(index_entry(maker, symbol, node))
            case d.Score() as node:
                key = f"score {entity}.{node.name}"
                sections[key] = (("",), [score_entry(maker, symbol, node)])
            case _:
                continue
    return chapter(maker, "measures", [section(entries, titles) for titles, entries in sections.values()])


def block_titles(maker: Maker, symbol: Symbol) -> tuple[b.Titles, str]:
    block = symbol.block
    if block is None:
        return ("",), symbol.entity
    titles = {"en": block.title} if block.title else {}
    return maker.titles(
        titles, block.name or symbol.entity
    ), f"{symbol.entity} {block.name or block.span.line}"


def weights_chapter(maker: Maker) -> b.Chapter:
    panels = [panel_entry(maker, node) for node in maker.symbols.panels.values()]
    chains = [chain_entry(maker, node) for node in maker.symbols.chains.values()]
    return chapter(maker, "weights", [section(panels), section(chains)])


def lifecycles_chapter(maker: Maker) -> b.Chapter:
    nodes = [one for one in decisions_of(maker.symbols) if isinstance(one[1], d.Lifecycle)]
    return chapter(maker, "lifecycles", [section(decision_entry(maker, *one) for one in nodes)])


def segments_chapter(maker: Maker) -> b.Chapter:
    nodes = [one for one in decisions_of(maker.symbols) if not isinstance(one[1], d.Lifecycle)]
    return chapter(maker, "segments", [section(decision_entry(maker, *one) for one in nodes)])


def flags_chapter(maker: Maker) -> b.Chapter:
    """By category where blocks have one."""
    sections: dict[str, list[b.Entry]] = {}
    for entity, block, nodes in flag_blocks(maker.symbols):
        sections.setdefault(category_of(block), []).append(flags_entry(maker, entity, block, nodes))
    return chapter(maker, "flags", [section(entries, (name,)) for name, entries in sections.items()])


def category_of(block: d.Block) -> str:
    found = (line.value for line in block.information if line.word == "category")
    value = next(found, None)
    return value.value if isinstance(value, t.Text) else ""


def actions_chapter(maker: Maker) -> b.Chapter:
    return chapter(maker, "offers", [section(offers_entry(maker, node) for node in maker.symbols.offers)])


def tasks_chapter(maker: Maker) -> b.Chapter:
    return chapter(maker, "tasks", [section(tasks_entry(maker, node) for node in maker.symbols.tasks)])


def kpis_chapter(maker: Maker) -> b.Chapter:
    return chapter(maker, "kpis", [section(kpi_entry(maker, node) for node in maker.symbols.kpis.values())])


def claims_chapter(maker: Maker) -> b.Chapter:
    entries = (claim_entry(maker, node, number) for number, node in enumerate(maker.symbols.claims, 1))
    blocks = [b.Paragraph(maker.known.proofs_summary)] if maker.known.proofs_summary else []
    return chapter(maker, "claims", [section(entries)], blocks)


def tests_chapter(maker: Maker) -> b.Chapter:
    entries = [test_entry(maker, node, number) for number, node in enumerate(maker.symbols.tests, 1)]
    blocks: list[b.Block] = []
    if entries and maker.known.tests is not None:
        outcomes = [
            maker.known.tests[node.span] for node in maker.symbols.tests if node.span in maker.known.tests
        ]
        ran = [one for one in outcomes if one.ran]
        failed = sum(bool(one.failures) for one in ran)
        key: Literal["no", "yes"] = "no" if failed else "yes"
        said = maker.say("some_failed" if failed else "all_passed", count=str(len(ran)), failed=str(failed))
        words = [b.Piece(said, kind=key)] if ran else []
        if left := len(outcomes) - len(ran):
            words.append(b.Piece(" " * bool(words) + maker.say("some_not_run", count=str(left))))
        blocks.append(b.Paragraph(tuple(words)))
    return chapter(maker, "tests", [section(entries)], blocks)


CHAPTERS: tuple[Callable[[Maker], b.Chapter], ...] = (
    lifecycles_chapter,
    segments_chapter,
    actions_chapter,
    tasks_chapter,
    flags_chapter,
    measures_chapter,
    weights_chapter,
    parameters_chapter,
    facts_chapter,
    kpis_chapter,
    claims_chapter,
    tests_chapter,
)
