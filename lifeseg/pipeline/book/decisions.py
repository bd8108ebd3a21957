"""Segments, ranks, tables, clusters and lifecycles come in; their entries go out, every case in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.grids import cell_words, subject_of
from lifeseg.pipeline.book.maker import Maker, lined, text_cell
from lifeseg.pipeline.book.measures import finished
from lifeseg.pipeline.book.names import Thing
from lifeseg.pipeline.book.speaking import Speaker
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_ROWS = 8
"""Rows of a table that are shown as they are where a director looks."""

Decision = d.Segment | d.Rank | d.Table | d.Clusters | d.Lifecycle


def decision_entry(maker: Maker, entity: str, node: Decision) -> b.Entry:
    thing, speaker = maker.names.things[entity, node.name], maker.speaker(entity)
    blocks = list(decision_blocks(maker, speaker, thing, node))
    facts = maker.information(node.information, speaker)
    if (where := where_of(node)) is not None:
        facts.insert(0, (maker.say("only"), speaker.clause(where)))
    if getattr(node, "first_match", False):
        facts.append((maker.say("manner"), (b.Piece(maker.say("first_match")),)))
    return finished(maker, thing, type(node).__name__.lower(), node, blocks, facts, speaker)


def where_of(node: Decision) -> t.Expression | None:
    """Whom it is about, if not everybody; a lifecycle is about everybody."""
    return None if isinstance(node, d.Lifecycle) else node.where


def decision_blocks(maker: Maker, speaker: Speaker, thing: Thing, node: Decision) -> Iterator[b.Block]:
    match node:
        case d.Segment():
            yield cases_table(maker, speaker, thing, node.cases)
        case d.Rank():
            yield rank_table(maker, speaker, thing, node)
        case d.Table():
            yield from results(maker, thing, node)
            yield grid(maker, speaker, thing, node.rows, "rules")
        case d.Clusters():
            yield from results(maker, thing, node)
            yield grid(maker, speaker, thing, node.rows, "centres")
        case d.Lifecycle():
            yield flow(maker, thing, node)
            yield from lifecycle_tables(maker, speaker, thing, node)
        case _:
            assert_never(node)


def condition_cell(
    maker: Maker, speaker: Speaker, condition: t.Expression | None, how: str = "otherwise"
) -> b.Cell:
    if condition is None:
        return text_cell(maker.words.say(f"tree.{how}"))
    return b.Cell(speaker.lines(condition))


def noted(maker: Maker, lines: Sequence[t.Information], speaker: Speaker) -> tuple[b.Words, ...]:
    """What a case says of itself, beneath its condition."""
    return tuple((b.Piece(f"{label}: "), *told) for label, told in maker.information(lines, speaker))


def with_notes(cell: b.Cell, notes: tuple[b.Words, ...]) -> b.Cell:
    return b.Cell((*cell.lines, *notes)) if notes else cell


def cases_table(maker: Maker, speaker: Speaker, thing: Thing, cases: Sequence[d.Case]) -> b.Table:
    rows = []
    for case in cases:
        condition = condition_cell(maker, speaker, case.condition, case.how)
        cells = (
            maker.titled(thing.cases.get(case.name, {}), case.name),
            with_notes(condition, noted(maker, case.information, speaker)),
        )
        rows.append(b.Row(cells, (thing.case_anchor(case.name),)))
    return b.Table("", maker.head("case", "when"), tuple(rows))


def rank_table(maker: Maker, speaker: Speaker, thing: Thing, node: d.Rank) -> b.Table:
    by = speaker.name(node.by)
    rows = []
    for one in node.classes:
        share: b.Words = (b.Piece(speaker.number(one.share), kind="value"),) if one.share is not None else ()
        said = speaker.say(f"book.{one.how}", share=share)
        if one.of is not None:
            said += speaker.say("book.share_of", of=(speaker.name(one.of),))
        rows.append(
            b.Row(
                (maker.titled(thing.cases.get(one.name, {}), one.name), lined(said)),
                (thing.case_anchor(one.name),),
            )
        )
    heads = (*maker.head("class"), speaker.say("book.by", by=(by,)))
    return b.Table("", heads, tuple(rows))


def results(maker: Maker, thing: Thing, node: d.Table | d.Clusters) -> Iterator[b.Table]:
    """What a table may give, if it says so."""
    if node.gives:
        rows = tuple(
            b.Row((maker.titled(thing.cases.get(one.name, {}), one.name),), (thing.case_anchor(one.name),))
            for one in node.gives
        )
        yield b.Table(maker.say("results"), maker.head("result"), rows)


def grid(maker: Maker, speaker: Speaker, thing: Thing, written: Sequence[d.Row], caption: str) -> b.Table:
    """Conditions on the left, the result on the right."""
    heading, *rows = written
    subjects = [subject_of(speaker, cell) for cell in heading.conditions]
    heads = [cell_words(speaker, cell, None) for cell in heading.conditions]
    heads += [(b.Piece(maker.words.title(thing.titles, thing.name)),) for _ in heading.results]
    lines = []
    for row in rows:
        cells = [
            lined(cell_words(speaker, cell, subject))
            for cell, subject in zip(row.conditions, subjects, strict=False)
        ]
        cells += [lined(cell_words(speaker, cell, thing)) for cell in row.results]
        lines.append(b.Row(tuple(cells)))
    return b.Table(maker.say(caption) if caption else "", tuple(heads), tuple(lines), named=False)


# ---- Lifecycles ------------------------------------------------------------------------------------


def flow(maker: Maker, thing: Thing, node: d.Lifecycle) -> b.Flow:
    starts = {".".join(start.state.parts) for start in node.starts}
    states = tuple(
        b.FlowState(
            state.name,
            maker.titles(thing.cases.get(state.name, {}), state.name),
            state.name in starts,
            state.terminal,
        )
        for state in node.states
    )
    moves = tuple(
        dict.fromkeys((".".join(move.source.parts), ".".join(move.target.parts)) for move in node.moves)
    )
    return b.Flow(maker.words.title(thing.titles, thing.name), states, moves)


def lifecycle_tables(maker: Maker, speaker: Speaker, thing: Thing, node: d.Lifecycle) -> Iterator[b.Table]:
    yield states_table(maker, speaker, thing, node)
    if node.moves:
        yield b.Table(
            maker.say("moves_settled" if node.until_settled else "moves"),
            maker.head("from_state", "to_state", "when"),
            tuple(
                b.Row(
                    (
                        lined((speaker.case(thing, ".".join(move.source.parts)),)),
                        lined((speaker.case(thing, ".".join(move.target.parts)),)),
                        condition_cell(maker, speaker, move.condition, "always"),
                    )
                )
                for move in node.moves
            ),
        )


def states_table(maker: Maker, speaker: Speaker, thing: Thing, node: d.Lifecycle) -> b.Table:
    """The states, and who is in them without history; what is remarked about them only where anything is."""
    stays = {".".join(stay.state.parts): speaker.number(stay.duration) for stay in node.stays}
    rows = []
    for state in node.states:
        starts = [start.condition for start in node.starts if ".".join(start.state.parts) == state.name]
        cells = [condition_cell(maker, speaker, condition).lines for condition in starts]
        said = with_notes(remark(maker, state, stays), noted(maker, state.information, speaker))
        named = maker.titled(thing.cases.get(state.name, {}), state.name)
        first = b.Cell(tuple(line for lines in cells for line in lines))
        rows.append(b.Row((named, first, said), (thing.case_anchor(state.name),)))
    if any(row.cells[2].lines for row in rows):
        return b.Table(maker.say("states"), maker.head("state", "starts", "remark"), tuple(rows))
    short = tuple(b.Row(row.cells[:2], row.anchors) for row in rows)
    return b.Table(maker.say("states"), maker.head("state", "starts"), short)


def remark(maker: Maker, state: d.State, stays: dict[str, str]) -> b.Cell:
    said = [maker.say("terminal")] if state.terminal else []
    said += [maker.say("stays", duration=stays[state.name])] if state.name in stays else []
    return text_cell("; ".join(said))


# ---- In short ----------------------------------------------------------------------------------------


def in_short(maker: Maker, entity: str, node: Decision) -> Iterator[b.Block]:
    """What a director is shown of a decision: its cases, and when each applies; of a table only what it may give."""
    thing, speaker = maker.names.things[entity, node.name], maker.speaker(entity)
    match node:
        case d.Segment():
            yield unanchored(cases_table(maker, speaker, thing, node.cases))
        case d.Rank():
            yield unanchored(rank_table(maker, speaker, thing, node))
        case d.Table() | d.Clusters():
            if len(node.rows) <= MOST_ROWS:
                yield grid(maker, speaker, thing, node.rows, "")
            else:
                yield b.Items(tuple((speaker.case(thing, case),) for case in thing.cases))
        case d.Lifecycle():
            yield flow(maker, thing, node)
        case _:
            assert_never(node)


def unanchored(table: b.Table) -> b.Table:
    rows = tuple(b.Row(row.cells) for row in table.rows)
    return b.Table(table.caption, table.heads, rows, table.numbers, table.named)
