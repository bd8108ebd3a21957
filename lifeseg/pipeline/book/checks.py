"""Claims and tests come in, with what is known of how they came out; their entries go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.grids import cell_words, subject_of
from lifeseg.pipeline.book.maker import Maker, lined, place_of
from lifeseg.pipeline.book.speaking import Speaker
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t
from lifeseg.syntax.cells import CellMissing

MOST_FAILURES = 5


def claim_entry(maker: Maker, node: d.Claim, number: int) -> b.Entry:
    entity = ".".join(node.entity.parts)
    speaker, anchor = maker.speaker(entity), f"claim-{number}"
    lines = speaker.lines(node.condition)
    of = maker.speaker(entity).entity_title(node.entity)
    head = speaker.say(f"book.{node.kind}", entity=(of,))
    proofs = (maker.known.proofs or {}).get((entity, node.title), ())
    maker.gather(speaker, b.Piece(node.title, anchor, "name"), "claims")
    blocks: list[b.Block] = [b.Paragraph(head), b.Items(lines)]
    blocks += [b.Items(proofs)] if proofs else []
    return b.Entry(
        (anchor,), maker.say(f"kind_{node.kind}"), "", (node.title,), place_of(node.span), tuple(blocks), (),
        maker.written(node.span),
    )  # fmt: skip


def test_entry(maker: Maker, node: d.Test, number: int) -> b.Entry:
    entity = ".".join(node.entity.parts) if node.entity is not None else ""
    if not entity and node.given is not None:
        entity = ".".join(node.given.entity.parts)
    speaker, anchor = maker.speaker(entity), f"test-{number}"
    blocks: list[b.Block] = list(outcome(maker, node))
    blocks += parts_of(maker, speaker, node)
    facts: list[tuple[str, b.Words]] = []
    if node.today is not None:
        facts.append((maker.say("today"), speaker.value(node.today)))
    maker.gather(speaker, b.Piece(node.title, anchor, "name"), "tests")
    return b.Entry(
        (anchor,), maker.say("kind_test"), "", (node.title,), place_of(node.span), tuple(blocks), tuple(facts),
        maker.written(node.span),
    )  # fmt: skip


def outcome(maker: Maker, node: d.Test) -> Iterator[b.Block]:
    """How it came out, and what came out instead."""
    found = maker.known.tests.get(node.span) if maker.known.tests is not None else None
    if found is None:
        return
    if not found.ran:
        yield b.Paragraph((b.Piece(maker.say("not_run")),))
    elif not found.failures:
        yield b.Paragraph((b.Piece(maker.say("passed", count=str(found.expectations)), kind="yes"),))
    else:
        failed = maker.say("failed", count=str(len(found.failures)), of=str(found.expectations))
        yield b.Paragraph((b.Piece(failed, kind="no"),))
        yield b.Items(tuple((b.Piece(text),) for text in found.failures[:MOST_FAILURES]))


def parts_of(maker: Maker, speaker: Speaker, node: d.Test) -> Iterator[b.Block]:
    if node.rows:
        yield rows_table(maker, speaker, node.rows)
    if node.given is not None:
        lines = list(given_lines(maker, speaker, node.given))
        yield b.Items(tuple(lines))
        for child in node.given.children:
            if child.rows:
                inner = speaker.at(".".join(child.entity.parts))
                yield rows_table(maker, inner, child.rows)
    for expected in node.expected:
        lines = list(speaker.lines(expected))
        lines[0] = (b.Piece(f"{maker.say('expected_result')}: "), *lines[0])
        yield b.Items(tuple(lines))


def given_lines(maker: Maker, speaker: Speaker, node: d.Subject) -> Iterator[b.Words]:
    key: b.Words = (
        (b.Piece(" "), *speaker.value(node.key))
        if node.key is not None and not isinstance(node.key, t.Name)
        else ()
    )
    if isinstance(node.key, t.Name):
        key = (b.Piece(" "), b.Piece(".".join(node.key.parts), kind="value"))
    inner = speaker.at(".".join(node.entity.parts))
    yield (b.Piece(f"{maker.say('given')}: "), speaker.entity_title(node.entity), *key)
    for fact in node.facts:
        value = (
            (b.Piece(maker.words.say("verdict.missing")),)
            if isinstance(fact.value, CellMissing)
            else inner.value(fact.value)
        )
        yield (inner.name(fact.fact), b.Piece(" = "), *value)
    for was in node.past:
        yield past_words(maker, inner, was)
    for child in node.children:
        if not child.rows:
            yield inner.say("book.without", entity=(speaker.entity_title(child.entity),))


def past_words(maker: Maker, speaker: Speaker, node: d.Past) -> b.Words:
    """What a record was in the run before, and since when."""
    subject = speaker.names.of(speaker.entity, node.definition.parts)
    case = node.case
    if isinstance(case, CellMissing):
        value = b.Piece(maker.words.say("verdict.missing"))
    else:
        value = speaker.case(subject, case.value if isinstance(case, t.Text) else ".".join(case.parts))
    said = speaker.say("book.was", subject=(speaker.name(node.definition),), value=(value,))
    if node.since is None:
        return said
    return speaker.say("book.was_since", said=said, day=speaker.value(node.since))


def rows_table(maker: Maker, speaker: Speaker, rows: Sequence[d.Row]) -> b.Table:
    """Records on the left, what is expected of them on the right."""
    heading, *lines = rows
    cells = (*heading.conditions, *heading.results)
    subjects = [subject_of(speaker, cell) for cell in cells]
    heads = tuple(cell_words(speaker, cell, None) for cell in cells)
    body = tuple(
        b.Row(
            tuple(
                lined(cell_words(speaker, cell, subject) if cell.items else (b.Piece("–"),))
                for cell, subject in zip((*row.conditions, *row.results), subjects, strict=False)
            )
        )
        for row in lines
    )
    return b.Table("", heads, body, named=False)
