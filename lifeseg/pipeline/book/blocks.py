"""Parameters, facts, flags and KPIs come in; an entry for each block of them goes out, with a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.maker import Maker, lined, place_of, text_cell
from lifeseg.pipeline.book.measures import finished
from lifeseg.pipeline.book.names import GLOBAL, Thing
from lifeseg.pipeline.book.speaking import Speaker, comma
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

SHORT = 8


def used_cell(maker: Maker, thing: Thing) -> b.Cell:
    """Where something is used, with the tests and claims that are about it."""
    lines = []
    if used := maker.uses(thing, "used"):
        lines.append(used)
    for how, label in (("tests", "tested_by"), ("claims", "claimed_by")):
        if said := maker.uses(thing, how, 3):  # type: ignore[arg-type]
            lines.append((b.Piece(f"{maker.say(label)}: "), *said))
    return b.Cell(tuple(lines))


# ---- Parameters -------------------------------------------------------------------------------------


def parameter_row(maker: Maker, node: d.Parameter) -> b.Row:
    """Its value, with those that come later, its range, and where it is used."""
    thing, speaker = maker.names.things[GLOBAL, node.name], maker.speaker("")
    lines = [strong(speaker.value(node.value))]
    lines += [
        speaker.say("book.since", day=speaker.value(line.day), value=strong(speaker.value(line.value)))
        for line in node.since
    ]
    notes = [(b.Piece(f"{label}: "), *told) for label, told in maker.information(node.information, speaker)]
    maker.gather(speaker, b.Piece(maker.words.title(thing.titles, node.name), thing.anchor, "name"))
    cells = (maker.titled(thing.titles, node.name), b.Cell((*lines, *notes)), used_cell(maker, thing))
    return b.Row(cells, thing.anchors)


def strong(words: b.Words) -> b.Words:
    return tuple(b.Piece(piece.text, piece.target, piece.kind or "value") for piece in words)


def parameters_table(maker: Maker, nodes: Sequence[d.Parameter], caption: str) -> b.Table:
    rows = tuple(parameter_row(maker, node) for node in nodes)
    return b.Table(caption, maker.head("parameter", "value", "used_in"), rows)


def history_table(maker: Maker) -> Iterator[b.Table]:
    """What management changed, newest first."""
    if maker.known.history is None:
        return
    found = [
        (change, name)
        for name, changes in maker.known.history.items()
        for change in changes
        if change.before is not None and (GLOBAL, name) in maker.names.things
    ]
    rows = []
    for change, name in sorted(found, key=lambda one: one[0].day, reverse=True):
        thing = maker.names.things[GLOBAL, name]
        cells = (
            text_cell(change.day),
            lined((b.Piece(maker.words.title(thing.titles, name), thing.anchor, "name"),)),
            lined((b.Piece(f"{change.before} → "), b.Piece(change.after, kind="value"))),
            text_cell(change.subject),
            text_cell(", ".join(change.approved) or maker.say("nobody")),
            lined((b.Piece(change.commit[:SHORT], kind="code"),)),
        )
        rows.append(b.Row(cells))
    if rows:
        heads = maker.head("day", "parameter", "change", "reason", "approved_by", "commit")
        yield b.Table(maker.say("history"), heads, tuple(rows))


# ---- Facts ------------------------------------------------------------------------------------------


def entity_entry(maker: Maker, node: d.Entity) -> b.Entry:
    """What is known of each record: a line for each fact."""
    thing, speaker = maker.names.entities[node.name], maker.speaker(node.name)
    rows = tuple(fact_row(maker, node, fact) for fact in node.facts)
    facts = maker.information(node.information, speaker)
    for label, name in (("belongs_to", node.parent), ("dated_by", node.dated)):
        if name is not None:
            piece = speaker.entity_title(name) if label == "belongs_to" else speaker.name(name)
            facts.append((maker.say(label), (piece,)))
    table = b.Table("", maker.head("fact", "what", "source", "used_in"), rows)
    return b.Entry(
        thing.anchors, maker.say("kind_entity"), node.name, maker.titles(thing.titles, node.name), place_of(node.span),
        (table,), tuple(facts), maker.written(node.span),
    )  # fmt: skip


def fact_row(maker: Maker, entity: d.Entity, node: d.Fact) -> b.Row:
    thing, speaker = maker.names.things[entity.name, node.name], maker.speaker(entity.name)
    told = dict(maker.information(node.information, speaker))
    source = told.pop(maker.say("source"), ())
    marks = [maker.say(f"mark_{word}") for word in node.attributes]
    lines: list[b.Words] = [type_words(maker, speaker, node)]
    lines += [tuple(b.Piece(mark, kind="code") for mark in [", ".join(marks)])] if marks else []
    lines += [(b.Piece(f"{label}: "), *words) for label, words in told.items()]
    lines += [changes_words(maker, speaker, node.changes)] if node.changes is not None else []
    cells = (maker.titled(thing.titles, node.name), b.Cell(tuple(lines)), b.Cell((source,) if source else ()))
    return b.Row((*cells, used_cell(maker, thing)), thing.anchors)


def type_words(maker: Maker, speaker: Speaker, node: d.Fact) -> b.Words:
    """`rating, 1 – 5`, `money in CNY`, `one of none, running`."""
    kind = node.type
    said: b.Words = (b.Piece(maker.say("type_" + kind.kind.replace("/", "_").replace(" ", "_"))),)
    if kind.unit is not None:
        said += (b.Piece(f" ({kind.unit})"),)
    if kind.options:
        options = [one.value if isinstance(one, t.Text) else ".".join(one.parts) for one in kind.options]
        said += (b.Piece(": "), b.Piece(", ".join(options), kind="value"))
    if kind.range is not None:
        between = maker.between(speaker.value(kind.range.low), speaker.value(kind.range.high))
        said += (b.Piece(", "), *between)
    if node.step is not None:
        said += (b.Piece(f", {maker.say('step')} "), b.Piece(speaker.number(node.step), kind="value"))
    return said


def changes_words(maker: Maker, speaker: Speaker, node: d.Changes) -> b.Words:
    """How a fact may be made another, and what that costs."""
    if node.way == "never":
        return (b.Piece(maker.say("changes_never")),)
    said = speaker.say("book.changes")
    if node.way:
        said += (b.Piece(" " + maker.say(f"changes_{node.way}")),)
    if node.values:
        values = comma(
            [
                (b.Piece(".".join(one.parts), kind="value"),)
                if isinstance(one, t.Name)
                else speaker.value(one)
                for one in node.values
            ]
        )
        said += (b.Piece(" "), *speaker.say("book.changes_to", values=values))
    for key, amount in (("by", node.by), ("cost", node.cost)):
        if amount is not None:
            said += (b.Piece(", "), *speaker.say(f"book.changes_{key}", amount=speaker.value(amount)))
    return said


# ---- Flags ------------------------------------------------------------------------------------------


def flag_row(maker: Maker, entity: str, node: d.Case) -> b.Row:
    thing, speaker = maker.names.things[entity, node.name], maker.speaker(entity)
    if node.condition is None:
        lines: tuple[b.Words, ...] = ((b.Piece(maker.words.say(f"tree.{node.how}")),),)
    else:
        lines = speaker.lines(node.condition)
    notes = tuple(
        (b.Piece(f"{label}: "), *told) for label, told in maker.information(node.information, speaker)
    )
    proofs = (maker.known.proofs or {}).get((entity, node.name), ())
    maker.gather(speaker, b.Piece(maker.words.title(thing.titles, node.name), thing.anchor, "name"))
    cells = (
        maker.titled(thing.titles, node.name),
        b.Cell((*lines, *notes, *proofs)),
        used_cell(maker, thing),
    )
    return b.Row(cells, thing.anchors)


def flags_entry(maker: Maker, entity: str, block: d.Block, nodes: Sequence[d.Case]) -> b.Entry:
    """A block of flags, of one category each where they have one."""
    thing = maker.names.things.get((entity, block.name or ""))
    titles = maker.titles(thing.titles if thing else {}, block.title or block.name or maker.say("flags"))
    rows = tuple(flag_row(maker, entity, node) for node in nodes)
    table = b.Table("", maker.head("flag", "when", "used_in"), rows)
    facts = maker.information(block.information, maker.speaker(entity))
    facts += list(maker.used_facts(thing)) if thing is not None else []
    return b.Entry(
        thing.anchors if thing else (), maker.say("kind_flags"), block.name or "", titles, place_of(block.span), (table,),
        tuple(facts), maker.written(block.span),
    )  # fmt: skip


# ---- KPIs -------------------------------------------------------------------------------------------


def kpi_entry(maker: Maker, node: d.Kpi) -> b.Entry:
    thing, entity = maker.names.things[GLOBAL, node.name], ""
    if node.by is not None:
        entity = next((each for each, name in maker.names.things if name == node.by.parts[-1] and each), "")
    speaker = maker.speaker(entity)
    subject = (b.Piece(maker.words.title(thing.titles, node.name)),)
    blocks: list[b.Block] = [b.Typeset(subject, speaker.formula(node.value))]
    facts = maker.information(node.information, speaker)
    if node.by is not None:
        facts.append((maker.say("split_by"), (speaker.name(node.by),)))
    if node.target is not None:
        key = "target_difference" if node.target.difference else "target"
        sign = {"<=": "≤", ">=": "≥"}.get(node.target.operator, node.target.operator)
        facts.append((maker.say(key), (b.Piece(f"{sign} "), *strong(speaker.value(node.target.limit)))))
    return finished(maker, thing, "kpi", node, blocks, facts, speaker)
