"""Syntax trees come in; who is called what goes out: entities, parameters and definitions by name, nothing typed yet."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from lifeseg.diagnostics.diagnostic import Diagnostic, Label, Span, problem
from lifeseg.syntax import definitions as d
from lifeseg.syntax.tree import Information, Number, Text

Find = Callable[[str, str], Sequence[d.File] | None]
"""Looks up a used policy by name and version; None if there is none."""

Kind = TypeVar("Kind", bound=d.Named)
Declaration = d.Index | d.Case | d.Block | d.Score | d.Segment | d.Rank | d.Table | d.Lifecycle
KINDS: Mapping[type, str] = {
    d.Index: "index",
    d.Case: "flag",
    d.Block: "flag list",
    d.Score: "score",
    d.Segment: "segment",
    d.Rank: "rank",
    d.Table: "table",
    d.Lifecycle: "lifecycle",
    d.Fact: "fact",
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition, with the heading it stands under if it stands in a block, and the policy it came from."""

    declaration: Declaration
    entity: str
    block: d.Block | None = None
    policy: str = ""

    @property
    def name(self) -> str:
        return self.declaration.name or ""

    @property
    def name_span(self) -> Span:
        found = self.declaration
        return found.span if isinstance(found, d.Block) else found.name_span

    @property
    def kind(self) -> str:
        return KINDS[type(self.declaration)]


@dataclass(slots=True)
class Symbols:
    """Everything declared, by name; findings about names gather in `found`."""

    header: d.Header | None = None
    entities: dict[str, d.Entity] = field(default_factory=dict)
    parameters: dict[str, d.Parameter] = field(default_factory=dict)
    definitions: dict[tuple[str, str], Symbol] = field(default_factory=dict)
    panels: dict[str, d.Panel] = field(default_factory=dict)
    claims: list[d.Claim] = field(default_factory=list)
    tests: list[d.Test] = field(default_factory=list)
    titles: list[d.Titles] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    inherited: set[str] = field(default_factory=set)  # files of policies that are used
    found: list[Diagnostic] = field(default_factory=list)

    def names_of(self, entity: str) -> Iterator[str]:
        if entity in self.entities:
            yield from (fact.name for fact in self.entities[entity].facts)
        yield from (name for owner, name in self.definitions if owner == entity)

    def report(self, key: str, span: Span | None, /, *labels: Label, **arguments: object) -> None:
        self.found.append(problem(key, span, *labels, fix=None, **arguments))


def closest(wanted: str, names: Iterable[str]) -> str | None:
    """The one name that was probably meant."""
    found = difflib.get_close_matches(wanted, list(names), 1, 0.7)
    return found[0] if found else None


def from_files(files: Sequence[d.File], find: Find) -> Symbols:
    """The names of a policy and of all policies it uses."""
    symbols = Symbols()
    symbols.header = header_of(symbols, files)
    add_files(symbols, files, find, ())
    return symbols


def header_of(symbols: Symbols, files: Sequence[d.File]) -> d.Header | None:
    headers = [node for file in files for node in file.definitions if isinstance(node, d.Header)]
    if not headers:
        place = Span(files[0].name, 1, 1, 1, 2) if files else None
        symbols.report("no-header", place)
        return None
    for extra in headers[1:]:
        symbols.report("two-headers", extra.name_span, Label(headers[0].name_span, "first"))
    return headers[0]


def add_files(symbols: Symbols, files: Sequence[d.File], find: Find, path: tuple[str, ...]) -> None:
    """Adds the policies used first, then this one's own definitions, then its changes."""
    nodes = [node for file in files for node in file.definitions]
    header = next((node for node in nodes if isinstance(node, d.Header)), None)
    name = header.name if header else ""
    for use in header.uses if header else ():
        add_used(symbols, use, find, (*path, name))
    for file in files:
        symbols.sources[file.name] = file.text
        if path:
            symbols.inherited.add(file.name)
    for node in nodes:
        if not isinstance(node, d.Change):
            add_definition(symbols, node, name, change=False)
    for node in nodes:
        if isinstance(node, d.Change):
            add_definition(symbols, node.definition, name, change=True)


def add_used(symbols: Symbols, use: d.Use, find: Find, path: tuple[str, ...]) -> None:
    if use.name in path:
        symbols.report("use-cycle", use.span, loop=" → ".join((*path[path.index(use.name) :], use.name)))
        return
    files = find(use.name, use.version)
    if files is None:
        symbols.report("policy-not-found", use.span, name=use.name)
        return
    header = next((n for file in files for n in file.definitions if isinstance(n, d.Header)), None)
    version = version_of(header)
    if version != use.version:
        symbols.report(
            "version-mismatch", use.span, name=use.name, wanted=use.version, found=version or "none"
        )
        return
    add_files(symbols, files, find, path)


def version_of(header: d.Header | None) -> str | None:
    return information_text(header.information, "version") if header else None


def information_text(lines: Iterable[Information], word: str) -> str | None:
    """The words of an information line, without quotes."""
    for line in lines:
        if line.word == word and isinstance(line.value, Text):
            return line.value.value
        if line.word == word and isinstance(line.value, Number):
            return line.value.text
    return None


def add_definition(symbols: Symbols, node: d.Definition, policy: str, change: bool) -> None:
    match node:
        case d.Header():
            pass
        case d.Entity():
            put(symbols, symbols.entities, node.name, node, "entity", change)
        case d.Panel():
            put(symbols, symbols.panels, node.name, node, "weights", change)
        case d.Claim():
            refuse_change(symbols, node.span, change)
            symbols.claims.append(node)
        case d.Test():
            refuse_change(symbols, node.span, change)
            symbols.tests.append(node)
        case d.Titles():
            refuse_change(symbols, node.span, change)
            symbols.titles.append(node)
        case d.Block():
            add_block(symbols, node, policy, change)
        case d.Score() | d.Segment() | d.Rank() | d.Table() | d.Lifecycle():
            add_symbol(symbols, Symbol(node, ".".join(node.entity.parts), None, policy), change)


def add_block(symbols: Symbols, block: d.Block, policy: str, change: bool) -> None:
    for item in block.items:
        if isinstance(item, d.Parameter):
            put(symbols, symbols.parameters, item.name, item, "parameter", change)
        elif block.entity is not None:
            add_symbol(symbols, Symbol(item, ".".join(block.entity.parts), block, policy), change)
    if block.kind == "flags" and block.name and block.entity is not None and not change:
        add_symbol(symbols, Symbol(block, ".".join(block.entity.parts), None, policy), change)


def refuse_change(symbols: Symbols, span: Span, change: bool) -> None:
    if change:
        symbols.report("change-nothing.kind", span)


def put(symbols: Symbols, table: dict[str, Kind], name: str, node: Kind, kind: str, change: bool) -> None:
    known = table.get(name)
    if change and known is None:
        symbols.report(
            "change-nothing", node.name_span, name=name, kind=kind, suggestion=closest(name, table)
        )
    elif known is not None and not change:
        already_there(symbols, name, node.name_span, known.name_span)
        return
    table[name] = node


def add_symbol(symbols: Symbols, symbol: Symbol, change: bool) -> None:
    key = (symbol.entity, symbol.name)
    known = symbols.definitions.get(key)
    if change and known is None:
        names = (name for entity, name in symbols.definitions if entity == symbol.entity)
        suggestion = closest(symbol.name, names)
        symbols.report(
            "change-nothing", symbol.name_span, name=symbol.name, kind=symbol.kind, suggestion=suggestion
        )
        return
    if known is not None and change and known.kind != symbol.kind:
        symbols.report(
            "change-nothing.other", symbol.name_span, Label(known.name_span, "first"), kind=known.kind
        )
        return
    if known is not None and not change:
        already_there(symbols, symbol.name, symbol.name_span, known.name_span)
        return
    symbols.definitions[key] = symbol


def already_there(symbols: Symbols, name: str, span: Span, first: Span) -> None:
    if first.file in symbols.inherited and span.file not in symbols.inherited:
        symbols.report("change-needed", span, Label(first, "first"), name=name)
    else:
        symbols.report(
            "duplicate-name", span, Label(first, "first"), name=name, line=first.line, file=first.file
        )


def check_facts_and_definitions(symbols: Symbols) -> None:
    """A fact and a definition of one entity never share a name, nor does either with a parameter or an entity."""
    for (entity, name), symbol in symbols.definitions.items():
        declared = symbols.entities.get(entity)
        for fact in declared.facts if declared else ():
            if fact.name == name:
                already_there(symbols, name, symbol.name_span, fact.name_span)
    own = [(fact.name, fact.name_span) for e in symbols.entities.values() for fact in e.facts]
    own += [(symbol.name, symbol.name_span) for symbol in symbols.definitions.values()]
    for name, span in own:
        if name in symbols.parameters:
            already_there(symbols, name, span, symbols.parameters[name].name_span)
        elif name in symbols.entities or name == "today":
            symbols.report("duplicate-name.entity", span, name=name)
