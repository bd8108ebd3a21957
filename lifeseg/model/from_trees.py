"""The parsed files of a policy come in; its checked model and every finding about it go out. Knows nothing of data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import localcontext

from lifeseg.diagnostics.catalogue import severity
from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.model.build import build_claim, build_flag, build_flag_block, build_index
from lifeseg.model.build_cases import build_lifecycle, build_rank, build_segment, moves_of
from lifeseg.model.build_chains import build_chain
from lifeseg.model.build_clusters import build_clusters
from lifeseg.model.build_kpis import build_kpi
from lifeseg.model.build_offers import check_offers
from lifeseg.model.build_panels import build_panel
from lifeseg.model.build_parameters import build_parameter
from lifeseg.model.build_scores import build_score
from lifeseg.model.build_tables import build_table
from lifeseg.model.build_tasks import build_tasks
from lifeseg.model.build_tests import build_test
from lifeseg.model.check_memory import check_memory
from lifeseg.model.context import Context, Unresolved
from lifeseg.model.facts import entities_from, texts_of, titles_of
from lifeseg.model.levels import levelled
from lifeseg.model.logic import check_logic
from lifeseg.model.model import AnyDefinition, Lifecycle, Model
from lifeseg.model.order import order_of
from lifeseg.model.symbols import Find, Symbol, Symbols, TooMany, check_names, read_files, version_of
from lifeseg.model.titles import add_titles
from lifeseg.model.unused import check_unused
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_RECORDS = 10**8
LARGEST_POPULATION = 10**10
MOST_TITLES = 3  # of tests that are left out
LANGUAGE = 1
EXACT = 10_000
"""Digits that no sum or product of a policy's decimals reaches: the arithmetic of Decimal never rounds here."""


def nothing_found(name: str, version: str) -> None:
    """Where no other policies can be used."""


def from_trees(
    files: Sequence[d.File], find: Find = nothing_found
) -> tuple[Model | None, tuple[Diagnostic, ...]]:
    """The model, or None where something keeps it from being built; `find` looks up the policies it uses."""
    symbols = Symbols()
    context = Context(symbols, {}, MOST_RECORDS)
    with localcontext(prec=EXACT), suppress(TooMany):
        read_files(symbols, files, find)
        check_names(symbols)
        for step in PASSES:
            step(context)
    found = tuple(sorted(distinct(symbols.found), key=place))
    broken = any(severity(finding) == "error" for finding in found)
    return (None if broken else assembled(context)), found


def distinct(findings: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """Each finding once: what is said of a heading comes up with every line beneath it."""
    return {(found.key, found.span, *found.arguments.items()): found for found in findings}.values()


def place(finding: Diagnostic) -> tuple[str, int, int, str]:
    span = finding.span
    return (span.file, span.line, span.column, finding.key) if span else ("", 0, 0, finding.key)


# ---- The passes, in order ------------------------------------------------------------------------


def read_header(context: Context) -> None:
    """How many records of an entity there may be, and in which version of the language the text is."""
    header = context.symbols.header
    for line in header.information if header is not None else ():
        number = line.value.value if isinstance(line.value, t.Number) else None
        if line.word == "population" and number is not None:
            if number % 1 or not 1 <= number <= LARGEST_POPULATION:
                context.report("population-size", line.span)
            else:
                context.most_records = int(number)
        if line.word == "language" and number is not None and number != LANGUAGE:
            context.report("language-version", line.span, found=f"{number:f}", known=LANGUAGE)


def type_entities(context: Context) -> None:
    context.entities = entities_from(context.symbols)
    facts = [(entity.name, fact) for entity in context.entities.values() for fact in entity.facts]
    context.facts = {(entity, fact.name): fact for entity, fact in facts}
    written = [fact for entity in context.symbols.entities.values() for fact in entity.facts]
    context.currencies = frozenset(
        fact.type.unit for fact in written if fact.type.kind == "money" and fact.type.unit
    )
    named = {fact.type.unit for fact in written if fact.type.unit}
    blocks = [line for symbol in context.symbols.definitions.values() for line in unit_lines(symbol)]
    context.units = frozenset(named | {unit for line in blocks if (unit := unit_of(line))})
    for (entity, _), symbol in context.symbols.definitions.items():
        if entity not in context.entities:
            unknown_owner(context, symbol)


def unit_lines(symbol: Symbol) -> list[t.Information]:
    lines = getattr(symbol.declaration, "information", ())
    return [
        line for line in (*lines, *(symbol.block.information if symbol.block else ())) if line.word == "unit"
    ]


def unit_of(line: t.Information) -> str | None:
    if isinstance(line.value, t.Name):
        return ".".join(line.value.parts)
    return line.value.value if isinstance(line.value, t.Text) else None


def unknown_owner(context: Context, symbol: Symbol) -> None:
    from lifeseg.model.names import entity_named

    tree = symbol.block.entity if symbol.block else getattr(symbol.declaration, "entity", None)
    key = (symbol.entity, "")
    if tree is not None and key not in context.broken:
        context.broken.add(key)
        with suppress(Unresolved):
            entity_named(context, tree)


def check_shapes(context: Context) -> None:
    for node in context.symbols.offers:
        check_offers(context.symbols, node)


def build_parameters(context: Context) -> None:
    for node in context.symbols.parameters.values():
        try:
            context.parameters[node.name] = build_parameter(context, node)
        except Unresolved:
            continue


def build_panels(context: Context) -> None:
    for node in context.symbols.panels.values():
        try:
            context.panels[node.name] = build_panel(context, node)
        except Unresolved:
            continue


def build_chains(context: Context) -> None:
    for node in context.symbols.chains.values():
        try:
            context.chains[node.name] = build_chain(context, node)
        except Unresolved:
            continue


def build_definitions(context: Context) -> None:
    """Each definition after those it needs, so that types and bounds are known when they are asked for."""
    for key in order_of(context):
        symbol = context.symbols.definitions[key]
        if symbol.entity not in context.entities:
            continue
        try:
            made = built(context, symbol)
            context.definitions[key] = replace(made, made=symbol.made)
        except Unresolved:
            context.broken.add(key)


def built(context: Context, symbol: Symbol) -> AnyDefinition:
    match symbol.declaration:
        case d.Index() as node:
            return build_index(context, symbol, node)
        case d.Score() as node:
            return build_score(context, symbol, node)
        case d.Case() as node:
            return build_flag(context, symbol, node)
        case d.Block() as node:
            return build_flag_block(context, symbol, node)
        case d.Segment() as node:
            return build_segment(context, symbol, node)
        case d.Rank() as node:
            return build_rank(context, symbol, node)
        case d.Table() as node:
            return build_table(context, symbol, node)
        case d.Clusters() as node:
            return build_clusters(context, symbol, node)
        case d.Lifecycle() as node:
            return build_lifecycle(context, symbol, node)


def build_moves(context: Context) -> None:
    for key, definition in list(context.definitions.items()):
        node = context.symbols.definitions[key].declaration
        if isinstance(definition, Lifecycle) and isinstance(node, d.Lifecycle):
            context.definitions[key] = replace(definition, moves=moves_of(context, node, definition.entity))


def build_claims(context: Context) -> None:
    for node in context.symbols.claims:
        try:
            context.claims.append(build_claim(context, node))
        except Unresolved:
            continue


def build_kpis(context: Context) -> None:
    for node in context.symbols.kpis.values():
        try:
            context.kpis.append(build_kpi(context, node))
        except Unresolved:
            continue


def build_hand_outs(context: Context) -> None:
    for node in context.symbols.tasks:
        try:
            context.tasks.append(build_tasks(context, node))
        except Unresolved:
            continue


def build_tests(context: Context) -> None:
    """Tests taken over that name what a change has taken away are left out, and it is said how many."""
    symbols = context.symbols
    left_out: dict[str, list[str]] = {}
    for node in symbols.tests:
        before = len(symbols.found)
        try:
            context.tests.append(build_test(context, node))
        except Unresolved:
            if (used := symbols.inherited.get(node.span.file)) is not None:
                symbols.forget(before)
                left_out.setdefault(used, []).append(node.title)
    for use in symbols.header.uses if symbols.header else ():
        if titles := left_out.get(use.name):
            shown = ", ".join(titles[:MOST_TITLES]) + (", …" if len(titles) > MOST_TITLES else "")
            symbols.report("test-left-out", use.span, name=use.name, count=len(titles), tests=shown)


def title_all(context: Context) -> None:
    if context.symbols.header is not None:
        context.policy_titles.update(titles_of(context.symbols.header))
    add_titles(context)


def judge(context: Context) -> None:
    """Only a policy without errors: what a mistake has taken away would look unused, or like a gap."""
    if not any(severity(finding) == "error" for finding in context.symbols.found):
        check_memory(context)
        check_logic(context)
        check_unused(context)


PASSES: tuple[Callable[[Context], None], ...] = (
    read_header,
    type_entities,
    build_parameters,
    build_panels,
    build_chains,
    check_shapes,
    build_definitions,
    build_moves,
    build_claims,
    build_kpis,
    build_hand_outs,
    build_tests,
    title_all,
    judge,
)


# ---- The model -----------------------------------------------------------------------------------


def assembled(context: Context) -> Model:
    header = context.symbols.header
    assert header is not None
    written = [one for one in context.definitions.values() if one.made != "copy"]
    assert len(written) == len(context.symbols.definitions), "nothing is left out without a finding"
    sources = context.symbols.sources
    return Model(
        header.name,
        version_of(header) or "",
        context.policy_titles,
        texts_of(header.information),
        content_hash(sources.values()),
        context.most_records,
        context.entities,
        context.parameters,
        tuple(context.definitions.values()),
        tuple(levelled(context)),
        tuple(context.claims),
        tuple(context.kpis),
        tuple(context.tests),
        context.panels,
        context.chains,
        dict(sources),
        tuple(context.tasks),
    )


def content_hash(texts: Iterable[str]) -> str:
    """SHA-256 over the policy's texts, whatever their files are called and in whatever order they lie."""
    digest = hashlib.sha256()
    for text in sorted(hashlib.sha256(text.encode()).hexdigest() for text in texts):
        digest.update(text.encode())
    return digest.hexdigest()
