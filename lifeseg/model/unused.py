"""Everything declared and everything read come in; what nothing reads, and no result shows, is reported."""

from __future__ import annotations

from collections.abc import Iterator

from lifeseg.model.context import Context
from lifeseg.syntax import definitions as d


def check_unused(context: Context) -> None:
    """Facts, indexes, parameters, panels and chains that nothing uses; other definitions are results by themselves."""
    inherited = context.symbols.inherited
    for entity, fact in unused_facts(context):
        if fact.name_span.file not in inherited:
            context.report("unused-fact", fact.name_span, name=fact.name, entity=entity.name)
    for kind, node in unused_definitions(context):
        if node.name_span.file not in inherited:
            context.report("unused-definition", node.name_span, name=node.name, kind=kind)


def unused_facts(context: Context) -> Iterator[tuple[d.Entity, d.Fact]]:
    """Facts that are neither read nor a key, a record's date, or kept for a reason that a note gives."""
    needed = {(name, entity.dated) for name, entity in context.entities.items() if entity.dated}
    for entity in context.symbols.entities.values():
        for fact in entity.facts:
            place = (entity.name, fact.name)
            kept = "key" in fact.attributes or any(line.word == "note" for line in fact.information)
            if not kept and place not in context.used and place not in needed:
                yield entity, fact


def unused_definitions(context: Context) -> Iterator[tuple[str, d.Named]]:
    symbols = context.symbols
    for key, symbol in symbols.definitions.items():
        if isinstance(symbol.declaration, d.Index) and not symbol.made and key not in context.used:
            yield "index", symbol.declaration
    for name, parameter in symbols.parameters.items():
        if ("", name) not in context.used:
            yield "parameter", parameter
    for name, panel in symbols.panels.items():
        if ("weights", name) not in context.used:
            yield "panel", panel
    for name, chain in symbols.chains.items():
        if ("chain", name) not in context.used:
            yield "chain", chain
