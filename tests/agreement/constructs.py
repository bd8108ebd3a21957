"""Models come in; how often each construct of the language occurs in them goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from lifeseg.model import expression as e
from lifeseg.model.model import Entity, Index, Lifecycle, Model, Score, Segment, Table
from lifeseg.model.walk import nodes

LEVELS = ("", "two levels", "three levels", "four levels")


def constructs(models: Iterable[Model]) -> Counter[str]:
    found: Counter[str] = Counter()
    for model in models:
        found.update(of_model(model))
    return found


def of_model(model: Model) -> Iterator[str]:
    for entity in model.entities.values():
        yield from of_entity(model, entity)
    yield from (f"dated parameter {parameter.type.kind}" if parameter.since else f"parameter {parameter.type.kind}"
                for parameter in model.parameters.values())  # fmt: skip
    yield from ("expert panel" for _ in model.panels)
    yield from (claim.kind for claim in model.claims)
    for block in model.tasks:
        yield from ["tasks", *["tasks with worth"] * (block.worth is not None)]
        yield from ["tasks with losses"] * (block.lost is not None)
        yield from ("task with a goal" for task in block.tasks if task.goal is not None)
        yield from ("task with an offer" for task in block.tasks if task.about is not None)
    for statistic in model.statistics:
        yield f"population {statistic.function}"
        if statistic.manner:
            yield f"{statistic.function} {statistic.manner}"
        yield f"statistic of level {statistic.level}"
    for definition in model.definitions:
        yield from of_definition(definition)
    for node in nodes((model.definitions, model.statistics, model.claims)):
        yield from of_node(node)


def of_entity(model: Model, entity: Entity) -> Iterator[str]:
    depth, above = 0, entity.parent
    while above is not None:
        depth, above = depth + 1, model.entities[above].parent
    yield LEVELS[depth] or "root"
    yield "dated entity" if entity.dated else "undated entity"
    yield f"key of {len(entity.keys)}" if entity.keys else "child without key"
    for fact in entity.facts:
        yield f"fact {fact.kind}"
        if fact.type.optional:
            yield "optional fact"
        if fact.step > 1:
            yield "step"
        if fact.type.low < 0:
            yield "negative range"
        if max(-fact.type.low, fact.type.high) * 10**fact.type.scale > 10**18:
            yield "extreme range"


def of_definition(definition: object) -> Iterator[str]:
    yield type(definition).__name__.lower()
    yield from ["fact told with tasks"] * (isinstance(definition, Index) and definition.made == "copy")
    match definition:
        case Index():
            if definition.type.kind == "number":
                yield f"{definition.type.scale} decimals"
            if definition.low is not None:
                yield "index with range"
            if definition.if_missing is not None:
                yield "index if missing"
        case Score():
            yield from ["reweighted score"] * definition.reweight
            yield from ["score with bands"] * bool(definition.bands)
            yield from ["band left later"] * any(
                isinstance(band.threshold, e.Choose) for band in definition.bands
            )
            yield from ["score in groups"] * bool(definition.headings)
        case Segment() | Table():
            kind = type(definition).__name__.lower()
            yield f"first match {kind}" if definition.first_match else f"unique {kind}"
            yield from [f"{kind} where"] * (definition.where is not None)
            yield from ["moves until settled"] * (definition.made == "step" and " move " in definition.name)
        case Lifecycle():
            yield from ["moves"] * bool(definition.moves)
        case _:
            pass


def of_node(node: object) -> Iterator[str]:
    match node:
        case e.Field() | e.Band() if node.up:
            yield f"parent's, {node.up} up"
        case e.Apply() | e.Aggregate():
            yield f"{node.function} of rows" if isinstance(node, e.Aggregate) else node.function
            if isinstance(node, e.Aggregate) and node.known:
                yield "known"
        case e.Quantified():
            yield node.quantifier
        case e.Children():
            yield from [f"in {node.period.unit}s"] if node.period else []
            yield from ["where"] * (node.where is not None)
        case e.Add() | e.Subtract() if node.type.kind == "date":
            yield "date shifted"
        case e.Subtract() if node.left.type.kind == "date":
            yield "days between"
        case e.OneOf():
            yield f"is, of a {node.subject.type.kind}"
        case e.Node():
            yield type(node).__name__
        case _:
            pass
