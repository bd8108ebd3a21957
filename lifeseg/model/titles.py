"""`titles` blocks come in; the titles of everything they name are added, and unknown names are reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model.context import Context
from lifeseg.model.model import AnyDefinition, Labelled, Lifecycle, Rank, Score, Segment, Table
from lifeseg.model.symbols import closest

Titles = Mapping[str, str]


def add_titles(context: Context) -> None:
    """Titles in other languages, by `name`, `name.case`, `entity.name` and `entity.name.case`."""
    if not context.symbols.titles:
        return
    named: dict[str, list[Titles]] = {}
    for name, titles in titled(context):
        named.setdefault(name, []).append(titles)
    broken = {name for _, name in context.symbols.definitions} | set(context.symbols.parameters)
    seen: dict[tuple[str, str, bool], Span] = {}  # a policy may retitle what it takes from another
    for block in context.symbols.titles:
        for tree, text in block.titles:
            name = ".".join(tree.parts)
            inherited = tree.span.file in context.symbols.inherited
            place = (block.language, name, inherited)
            if place in seen:
                context.report("title-twice", tree.span, Label(seen[place], "first"), name=name)
            seen.setdefault(place, tree.span)
            known = name in named or inherited  # that policy's own name, or what this one has taken away
            if not known and not broken.intersection(tree.parts):
                context.report("title-unknown", tree.span, name=name, suggestion=closest(name, named))
            for titles in named.get(name, ()):
                cast("dict[str, str]", titles)[block.language] = text.value  # still being built


def titled(context: Context) -> Iterator[tuple[str, Titles]]:
    """Every name that may be titled, with the titles it has."""
    if context.symbols.header is not None:
        yield context.symbols.header.name, context.policy_titles
    for entity in context.entities.values():
        yield entity.name, entity.titles
        for fact in entity.facts:
            yield f"{entity.name}.{fact.name}", fact.titles
            yield fact.name, fact.titles
    for parameter in context.parameters.values():
        yield parameter.name, parameter.titles
    for kpi in context.kpis:
        yield kpi.name, kpi.titles
    for panel in context.panels.values():
        yield panel.name, panel.titles
    for chain in context.chains.values():
        yield chain.name, chain.titles
        yield from ((f"{chain.name}.{state.name}", state.titles) for state in chain.states)
    for definition in context.definitions.values():
        yield from definition_titles(definition)
        if definition.made and isinstance(definition, Segment):
            yield from offer_titles(definition)


def definition_titles(definition: AnyDefinition) -> Iterator[tuple[str, Titles]]:
    for name, titles in ((definition.name, definition.titles), *inner_titles(definition)):
        yield name, titles
        yield f"{definition.entity}.{name}", titles


def offer_titles(made: Segment) -> Iterator[tuple[str, Titles]]:
    """What offers stand for is called as they are: `fibre_outcome` as `fibre`, the cases of the best as the offers."""
    for before in ("", f"{made.entity}."):
        yield before + made.name.rpartition("_")[0], made.titles
        if made.made == "result":
            yield from ((before + case.name, case.titles) for case in made.cases)


def inner_titles(definition: AnyDefinition) -> Iterator[tuple[str, Titles]]:
    """The cases, bands, classes, states and groups of a definition."""
    for found in labelled_inside(definition):
        yield f"{definition.name}.{found.name}", found.titles
    if isinstance(definition, Score):
        for heading in definition.headings:
            yield f"{definition.name}.{heading.path[-1]}", heading.titles
    if isinstance(definition, Lifecycle):
        for start in definition.starts:
            yield f"{definition.name}.{start.name}", start.titles


def labelled_inside(definition: AnyDefinition) -> tuple[Labelled, ...]:
    match definition:
        case Segment():
            return definition.cases
        case Table():
            return definition.cases
        case Rank():
            return definition.classes
        case Score():
            return definition.bands
        case Lifecycle():
            return definition.states
        case _:
            return ()
