"""Syntax trees come in; who is called what goes out: entities, parameters and definitions by name, untyped."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeVar

from lifeseg.diagnostics.catalogue import severity
from lifeseg.diagnostics.diagnostic import Diagnostic, Label, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model.expand_offers import expanded
from lifeseg.model.expand_tasks import for_each_offer, tasks_as_flags
from lifeseg.model.model import Origin
from lifeseg.syntax import definitions as d
from lifeseg.syntax.tree import Information, Number, Text

Find = Callable[[str, str], Sequence[d.File] | None]
"""Looks up a used policy by name and version; None if there is none."""

Kind = TypeVar("Kind", bound=d.Named)
Owned = tuple[str, str]
"""What a policy defines: an entity's name, or a kind of things that belong to none, and a name."""

MOST_ERRORS = 1_000
MOST_NAMES = 1_000

Declaration = d.Index | d.Case | d.Block | d.Score | d.Segment | d.Rank | d.Table | d.Clusters | d.Lifecycle
KINDS: Mapping[type, str] = {
    d.Index: "index",
    d.Case: "flag",
    d.Block: "flag list",
    d.Score: "score",
    d.Segment: "segment",
    d.Rank: "rank",
    d.Table: "table",
    d.Clusters: "clusters",
    d.Lifecycle: "lifecycle",
    d.Fact: "fact",
}


class TooMany(Exception):  # noqa: N818 - a signal
    """Raised when so many errors have been found that nobody will read on."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition, with the heading it stands under if it stands in a block."""

    declaration: Declaration
    entity: str
    block: d.Block | None = None
    made: Origin = ""

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


@dataclass(frozen=True, slots=True)
class Rival:
    """A change of what another policy, which this one does not use, has changed as well."""

    span: Span
    other: Span
    policies: tuple[str, str]


@dataclass(slots=True)
class Symbols:
    """Everything declared, by name; findings about names gather in `found`."""

    header: d.Header | None = None
    entities: dict[str, d.Entity] = field(default_factory=dict)
    parameters: dict[str, d.Parameter] = field(default_factory=dict)
    definitions: dict[tuple[str, str], Symbol] = field(default_factory=dict)
    panels: dict[str, d.Panel] = field(default_factory=dict)
    chains: dict[str, d.Chain] = field(default_factory=dict)
    claims: list[d.Claim] = field(default_factory=list)
    kpis: dict[str, d.Kpi] = field(default_factory=dict)
    tests: list[d.Test] = field(default_factory=list)
    titles: list[d.Titles] = field(default_factory=list)
    offers: list[d.Offers] = field(default_factory=list)
    tasks: list[d.Tasks] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    inherited: dict[str, str] = field(default_factory=dict)  # files of policies that are used, by which `use`
    versions: dict[str, str] = field(default_factory=dict)  # of the policies that are used
    below: dict[str, set[str]] = field(default_factory=dict)  # the policies each uses, also through others
    owners: dict[Owned, str] = field(default_factory=dict)  # the policy that defined or changed it last
    rivals: dict[Owned, Rival] = field(default_factory=dict)
    listed: dict[Owned, list[str]] = field(default_factory=dict)  # the flags of each named block
    found: list[Diagnostic] = field(default_factory=list)
    errors: int = 0

    def names_of(self, entity: str) -> Iterator[str]:
        if entity in self.entities:
            yield from (fact.name for fact in self.entities[entity].facts)
        yield from (name for owner, name in self.definitions if owner == entity)

    def report(self, key: str, span: Span | None, /, *labels: Label, **arguments: object) -> None:
        finding = problem(key, span, *labels, fix=None, **arguments)
        self.found.append(finding)
        self.errors += severity(finding) == "error"
        if self.errors >= MOST_ERRORS:
            raise TooMany

    def forget(self, findings: int) -> None:
        """Takes back the findings that came after so many."""
        self.errors -= sum(severity(finding) == "error" for finding in self.found[findings:])
        del self.found[findings:]


def closest(wanted: str, names: Iterable[str]) -> str | None:
    """The one name that was probably meant."""
    known = list(names)
    if len(known) > MOST_NAMES:
        known = [name for name in known if name[:1] == wanted[:1] and abs(len(name) - len(wanted)) < 4]
    found = difflib.get_close_matches(wanted, known[:MOST_NAMES], 1, 0.7)
    return found[0] if found else None


def read_files(symbols: Symbols, files: Sequence[d.File], find: Find) -> None:
    """The names of a policy and of all policies it uses."""
    symbols.header = header_of(symbols, files)
    add_files(symbols, files, find, ())
    for (_, name), rival in symbols.rivals.items():
        label = Label(rival.other, "first")
        first, second = rival.policies
        symbols.report("change-needed.both", rival.span, label, name=name, policy=first, other=second)
    for symbol in symbols.definitions.values():
        if symbol.block is not None and symbol.block.kind == "flags" and symbol.block.name:
            symbols.listed.setdefault((symbol.entity, symbol.block.name), []).append(symbol.name)


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
    below = symbols.below.setdefault(name, set())
    for use in header.uses if header else ():
        add_used(symbols, use, find, (*path, name))
        below |= {use.name, *symbols.below.get(use.name, ())}
    for file in files:
        symbols.sources[file.name] = file.text
        if path:
            symbols.inherited[file.name] = (*path, name)[1]
    for node in sorted(nodes, key=lambda node: isinstance(node, d.Tasks)):  # which may take the offers
        if not isinstance(node, d.Change):
            add_definition(symbols, node, name, change=False)
    for node in nodes:
        if isinstance(node, d.Change):
            add_definition(symbols, node.definition, name, change=True)


def add_used(symbols: Symbols, use: d.Use, find: Find, path: tuple[str, ...]) -> None:
    """Adds a policy that is used; one that is used on two ways is added once."""
    if use.name in path:
        symbols.report("use-cycle", use.span, loop=" → ".join((*path[path.index(use.name) :], use.name)))
        return
    if use.name in symbols.versions:
        other = symbols.versions[use.name]
        if other != use.version:
            symbols.report("version-mismatch.two", use.span, name=use.name, wanted=use.version, found=other)
        return
    files = find(use.name, use.version)
    if files is None:
        symbols.report("policy-not-found", use.span, name=use.name)
        return
    header = next((n for file in files for n in file.definitions if isinstance(n, d.Header)), None)
    version = version_of(header)
    if version != use.version:
        found = version or "none"
        symbols.report("version-mismatch", use.span, name=use.name, wanted=use.version, found=found)
        return
    symbols.versions[use.name] = use.version
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
            put(symbols, symbols.entities, node, "entity", policy, change)
        case d.Panel():
            put(symbols, symbols.panels, node, "weights", policy, change)
        case d.Chain():
            put(symbols, symbols.chains, node, "chain", policy, change)
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
        case d.Offers():
            refuse_change(symbols, node.span, change)
            symbols.offers.append(node)
            add_made(symbols, node, policy)
        case d.Tasks():
            refuse_change(symbols, node.span, change)
            check_each(symbols, node)
            node = for_each_offer(node, {one.name: one for one in symbols.offers})
            symbols.tasks.append(node)
            for block, made in tasks_as_flags(node):
                add_block(symbols, block, policy, False, made)
        case d.Score() | d.Segment() | d.Rank() | d.Table() | d.Clusters() | d.Lifecycle():
            add_symbol(symbols, Symbol(node, ".".join(node.entity.parts)), policy, change)


def check_each(symbols: Symbols, node: d.Tasks) -> None:
    """A task takes offers that there are, and says nothing else that it is about."""
    names = [one.name for one in symbols.offers]
    for task in node.tasks:
        if task.each is None:
            continue
        name = ".".join(task.each.parts)
        if name not in names:
            symbols.report("tasks-shape.each", task.each.span, name=name, suggestion=closest(name, names))
        if task.about is not None:
            label = Label(task.each.span, "first")
            symbols.report("tasks-shape.again", task.about.span, label, name="about")


def add_block(symbols: Symbols, block: d.Block, policy: str, change: bool, made: Origin = "") -> None:
    for item in block.items:
        if isinstance(item, d.Parameter):
            put(symbols, symbols.parameters, in_range(symbols, item, change), "parameter", policy, change)
        elif isinstance(item, d.Kpi):
            put(symbols, symbols.kpis, item, "kpi", policy, change)
        elif block.entity is not None:
            symbol = Symbol(item, ".".join(block.entity.parts), block, made)
            add_symbol(symbols, symbol, policy, change)
    if block.kind == "flags" and block.name and block.entity is not None and not change:
        add_symbol(symbols, Symbol(block, ".".join(block.entity.parts), None, made), policy, change)


def in_range(symbols: Symbols, node: d.Parameter, change: bool) -> d.Parameter:
    """A changed parameter stays in the range that it had, unless it says another one."""
    known = symbols.parameters.get(node.name)
    if known is None or not change or any(line.word == "range" for line in node.information):
        return node
    kept = (line for line in known.information if line.word == "range")
    return replace(node, information=(*node.information, *kept))


def add_made(symbols: Symbols, node: d.Offers, policy: str) -> None:
    """What offers stand for."""
    for one in expanded(node):
        found = one.definition
        if isinstance(found, d.Block):
            add_block(symbols, found, policy, False, one.origin)
        else:
            entity = ".".join(found.entity.parts)
            add_symbol(symbols, Symbol(found, entity, None, one.origin), policy, False)


def refuse_change(symbols: Symbols, span: Span, change: bool) -> None:
    if change:
        symbols.report("change-nothing.kind", span)


def put(symbols: Symbols, table: dict[str, Kind], node: Kind, kind: str, policy: str, change: bool) -> None:
    """An entity, a parameter, a panel or a chain: a new one, or in place of another policy's."""
    name = node.name
    known = table.get(name)
    if known is None and change:
        suggestion = closest(name, table)
        symbols.report("change-nothing", node.name_span, name=name, kind=kind, suggestion=suggestion)
    key = (f"{kind} ", name)  # no entity is called that
    if known is not None and not may_replace(symbols, key, node.name_span, known.name_span, policy, change):
        return
    symbols.owners[key] = policy
    table[name] = node


def add_symbol(symbols: Symbols, symbol: Symbol, policy: str, change: bool) -> None:
    """A definition: a new one, or in place of another policy's; a changed flag stays in its list."""
    key, span = (symbol.entity, symbol.name), symbol.name_span
    known = symbols.definitions.get(key)
    if known is None and change:
        names = (name for entity, name in symbols.definitions if entity == symbol.entity)
        found = {"kind": symbol.kind, "suggestion": closest(symbol.name, names)}
        symbols.report("change-nothing", span, name=symbol.name, **found)
        return
    if known is not None:
        if change and known.kind != symbol.kind:
            label = Label(known.name_span, "first")
            symbols.report("change-nothing.other", span, label, kind=known.kind)
            return
        if not may_replace(symbols, key, span, known.name_span, policy, change):
            return
        if symbol.block is not None and known.block is not None:
            block = replace(symbol.block, name=known.block.name, title=known.block.title)
            symbol = replace(symbol, block=block)
    symbols.owners[key] = policy
    symbols.definitions[key] = symbol


def may_replace(symbols: Symbols, key: Owned, span: Span, first: Span, policy: str, change: bool) -> bool:
    """Whether a definition takes the place of another; two policies that do not know of each other may not
    both change one, unless a policy that uses both decides.
    """
    owner = symbols.owners[key]
    if not change or owner == policy:
        already_there(symbols, key[1], span, first)
        return False
    if owner in symbols.below[policy]:
        symbols.rivals.pop(key, None)
    else:
        symbols.rivals[key] = Rival(span, first, (policy, owner))
    return True


def already_there(symbols: Symbols, name: str, span: Span, first: Span) -> None:
    if first.file in symbols.inherited and span.file not in symbols.inherited:
        symbols.report("change-needed", span, Label(first, "first"), name=name)
    else:
        symbols.report(
            "duplicate-name", span, Label(first, "first"), name=name, line=first.line, file=first.file
        )


# ---- Names that would stand for two things -------------------------------------------------------


def check_names(symbols: Symbols) -> None:
    """A fact and a definition of one entity never share a name, nor does either with a parameter or an entity."""
    facts = {
        (entity.name, fact.name): fact.name_span
        for entity in symbols.entities.values()
        for fact in entity.facts
    }
    defined = {key: symbol.name_span for key, symbol in symbols.definitions.items()}
    for key, span in defined.items():
        if key in facts:
            already_there(symbols, key[1], span, facts[key])
    for (_, name), span in (*facts.items(), *defined.items()):
        if name in symbols.parameters:
            already_there(symbols, name, span, symbols.parameters[name].name_span)
    for name, parameter in symbols.parameters.items():
        check_reserved(symbols, name, parameter.name_span)
    for (_, name), span in (*facts.items(), *defined.items()):
        check_reserved(symbols, name, span)
    for (entity, name), symbol in symbols.definitions.items():
        band = (entity, name + "_band")
        taken = facts.get(band) or defined.get(band)
        if isinstance(symbol.declaration, d.Score) and symbol.declaration.bands and taken is not None:
            symbols.report(
                "duplicate-name.band", taken, Label(symbol.name_span, "first"), name=band[1], score=name
            )


def check_reserved(symbols: Symbols, name: str, span: Span) -> None:
    if name in symbols.entities or name == "today":
        symbols.report("duplicate-name.entity", span, name=name)
