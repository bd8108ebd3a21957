"""Offers and tasks come in; their entries go out: who is offered or handed what, at what worth, within which limits."""

from __future__ import annotations

from collections.abc import Iterator

from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.maker import Maker, lined, place_of
from lifeseg.pipeline.book.names import Thing
from lifeseg.pipeline.book.speaking import SIGNS, Speaker, comma
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def offers_entry(maker: Maker, node: d.Offers) -> b.Entry:
    entity = ".".join(node.entity.parts)
    thing, speaker = maker.names.things[entity, node.name], maker.speaker(entity)
    rows = []
    for offer in node.offers:
        one = maker.names.things[entity, offer.name]
        inner = maker.speaker(entity)
        cells = (
            maker.titled(one.titles, offer.name),
            b.Cell(tuple(offer_lines(maker, inner, offer))),
            lined(inner.amount(offer.worth) if offer.worth is not None else ()),
            lined(inner.amount(offer.cost) if offer.cost is not None else ()),
        )
        maker.gather(inner, b.Piece(maker.words.title(one.titles, offer.name), one.anchor, "name"))
        rows.append(b.Row(cells, one.anchors))
    facts = maker.information(node.information, speaker)
    if node.most is not None:
        facts.append((maker.say("choose"), (b.Piece(speaker.number(node.most), kind="value"),)))
    if node.budget is not None:
        facts.append((maker.say("budget"), speaker.amount(node.budget)))
    if node.excluded:
        facts.append((maker.say("excluded"), comma([(speaker.name(name),) for name in node.excluded])))
    table = b.Table("", maker.head("offer", "when", "worth", "cost"), tuple(rows))
    return entry(maker, thing, "offers", node, table, facts, speaker)


def offer_lines(maker: Maker, speaker: Speaker, offer: d.Offer) -> Iterator[b.Words]:
    if offer.condition is None:
        yield (b.Piece(maker.words.say("tree.always")),)
    else:
        yield from speaker.lines(offer.condition)
    if offer.apart:
        yield labelled(maker, "not_with", comma([(speaker.name(name),) for name in offer.apart]))
    if offer.most is not None:
        yield labelled(maker, "at_most", speaker.amount(offer.most))
    if offer.excluded:
        yield labelled(maker, "excluded", comma([(speaker.name(name),) for name in offer.excluded]))
    for label, told in maker.information(offer.information, speaker):
        yield (b.Piece(f"{label}: "), *told)


def tasks_entry(maker: Maker, node: d.Tasks) -> b.Entry:
    entity = ".".join(node.entity.parts)
    thing, speaker = maker.names.things[entity, node.name], maker.speaker(entity)
    rows = []
    for task in node.tasks:
        one = maker.names.things[entity, task.name]
        inner = maker.speaker(entity)
        cells = (
            maker.titled(one.titles, task.name),
            b.Cell(tuple(reason_lines(maker, inner, task))),
            b.Cell(tuple(task_lines(maker, inner, task))),
            b.Cell(tuple(goal_lines(maker, inner, task))),
        )
        maker.gather(inner, b.Piece(maker.words.title(one.titles, task.name), one.anchor, "name"))
        rows.append(b.Row(cells, one.anchors))
    facts = maker.information(node.information, speaker)
    if node.excluded:
        facts.append((maker.say("excluded"), comma([(speaker.name(name),) for name in node.excluded])))
    if node.lost is not None:
        facts.append((maker.say("lost"), speaker.clause(node.lost)))
    if node.worth is not None:
        facts.append((maker.say("worth"), (speaker.name(node.worth),)))
    table = b.Table("", maker.head("task", "when", "how", "goal"), tuple(rows))
    return entry(maker, thing, "tasks", node, table, facts, speaker)


def reason_lines(maker: Maker, speaker: Speaker, task: d.Task) -> Iterator[b.Words]:
    if task.condition is None:
        yield (b.Piece(maker.words.say("tree.always")),)
    else:
        yield from speaker.lines(task.condition)
    if task.excluded:
        yield labelled(maker, "excluded", comma([(speaker.name(name),) for name in task.excluded]))


def task_lines(maker: Maker, speaker: Speaker, task: d.Task) -> Iterator[b.Words]:
    for key, value in (("owner", task.owner), ("channel", task.channel), ("about", task.about)):
        if value is not None:
            said: b.Words = (speaker.name(value),) if isinstance(value, t.Name) else speaker.value(value)
            yield labelled(maker, key, said)
    for key, length in (("due", task.due), ("again", task.again), ("judged", task.judged)):
        if length is not None:
            yield labelled(maker, key, speaker.value(length))
    for label, told in maker.information(task.information, speaker):
        yield (b.Piece(f"{label}: "), *told)


def goal_lines(maker: Maker, speaker: Speaker, task: d.Task) -> Iterator[b.Words]:
    if task.goal is not None:
        yield labelled(maker, "goal", speaker.clause(task.goal))
    if task.expected is not None:
        yield labelled(maker, "expected", speaker.clause(task.expected))
    for one in task.targets:
        limit = (b.Piece(f"{SIGNS[one.operator]} "), *speaker.value(one.limit))
        yield (b.Piece(f"{maker.say('measure_' + one.measure)} "), *limit)


def labelled(maker: Maker, key: str, words: b.Words) -> b.Words:
    return (b.Piece(f"{maker.say(key)}: "), *words)


def entry(
    maker: Maker, thing: Thing, kind: str, node: d.Offers | d.Tasks, table: b.Table, facts: list[tuple[str, b.Words]],
    speaker: Speaker,
) -> b.Entry:  # fmt: skip
    titles = maker.titles(thing.titles, thing.name)
    maker.gather(speaker, b.Piece(titles[0], thing.anchor, "name"))
    return b.Entry(
        thing.anchors, maker.say(f"kind_{kind}"), node.name, titles, place_of(node.span), (table,),
        (*facts, *maker.used_facts(thing)), maker.written(node.span),
    )  # fmt: skip
