"""Everything declared and everything read come in; what nothing reads, and no result shows, is reported."""

from __future__ import annotations

from lifeseg.model.context import Context
from lifeseg.syntax import definitions as d


def check_unused(context: Context) -> None:
    """Facts, indexes, parameters and panels that nothing uses; other definitions are results by themselves."""
    inherited = context.symbols.inherited
    needed = {(name, entity.dated) for name, entity in context.entities.items() if entity.dated}
    for entity in context.symbols.entities.values():
        for fact in entity.facts:
            key = (entity.name, fact.name)
            if key not in context.used and key not in needed and "key" not in fact.attributes:
                if fact.name_span.file not in inherited and "note" not in {
                    line.word for line in fact.information
                }:
                    context.report("unused-fact", fact.name_span, name=fact.name, entity=entity.name)
    for key, symbol in context.symbols.definitions.items():
        if isinstance(symbol.declaration, d.Index) and key not in context.used:
            if symbol.name_span.file not in inherited:
                context.report("unused-definition", symbol.name_span, name=symbol.name, kind="index")
    for name, parameter in context.symbols.parameters.items():
        if ("", name) not in context.used and parameter.name_span.file not in inherited:
            context.report("unused-definition", parameter.name_span, name=name, kind="parameter")
    for name, panel in context.symbols.panels.items():
        if ("weights", name) not in context.used and panel.name_span.file not in inherited:
            context.report("unused-definition", panel.name_span, name=name, kind="panel")
