"""Indexes, scores, expert panels and chains come in; their entries go out: formulas to be typeset, weights as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.functions.exact import divide_half_away, fraction_text, to_text
from lifeseg.model.model import Score
from lifeseg.model.symbols import Symbol
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.grids import cell_words
from lifeseg.pipeline.book.maker import Maker, lined, place_of, text_cell
from lifeseg.pipeline.book.names import GLOBAL, Thing
from lifeseg.pipeline.book.speaking import Speaker
from lifeseg.syntax import definitions as d

MOST_TERMS = 6
PANEL_DECIMALS = 6


def index_entry(maker: Maker, symbol: Symbol, node: d.Index) -> b.Entry:
    """Its formula, or its steps."""
    thing, speaker = maker.names.things[symbol.entity, node.name], maker.speaker(symbol.entity)
    subject = (b.Piece(maker.words.title(thing.titles, thing.name)),)
    blocks: list[b.Block] = []
    if node.value is not None:
        blocks.append(b.Typeset(subject, speaker.formula(node.value)))
    if node.steps:
        rows = tuple(
            b.Row((
                b.Cell(formula=speaker.formula(step.value)),
                b.Cell(
                    speaker.lines(step.condition)
                    if step.condition is not None
                    else ((b.Piece(maker.words.say("tree.otherwise")),),)
                ),
            ))
            for step in node.steps
        )  # fmt: skip
        blocks.append(b.Table("", maker.head("value", "when"), rows, named=False))
    facts = maker.information(node.information, speaker)
    return finished(maker, thing, "index", node, blocks, facts, speaker)


def score_entry(maker: Maker, symbol: Symbol, node: d.Score) -> b.Entry:
    """The weighted sum, its weights with what each counts in the whole, its bands."""
    thing, model = maker.names.things[symbol.entity, node.name], maker.definitions[symbol.entity, node.name]
    assert isinstance(model, Score)
    speaker = maker.speaker(symbol.entity)
    counted = {leaf.span: Fraction(leaf.weight, 10**model.weight_scale) for leaf in model.leaves}
    leaves = [
        (term, counted[term.name_span])
        for term in flat(node.terms)
        if not term.terms and term.name_span in counted
    ]
    blocks: list[b.Block] = [
        b.Typeset((b.Piece(maker.words.title(thing.titles, thing.name)),), sum_of(maker, speaker, leaves))
    ]
    blocks.append(weights_table(maker, speaker, thing, node.terms, counted))
    facts = maker.information(node.information, speaker)
    if node.panel is not None:
        panel = maker.names.things.get((GLOBAL, ".".join(node.panel.parts)))
        facts.append((maker.say("weights_by"), (speaker.named(panel, ".".join(node.panel.parts)),)))
    if node.bands:
        blocks.append(bands_table(maker, speaker, thing, node.bands))
    return finished(maker, thing, "score", node, blocks, facts, speaker)


def flat(terms: Sequence[d.Term]) -> Iterator[d.Term]:
    for term in terms:
        yield term
        yield from flat(term.terms)


def sum_of(maker: Maker, speaker: Speaker, leaves: Sequence[tuple[d.Term, Fraction]]) -> b.Formula:
    """The sum written out, or in general where it is long."""
    if len(leaves) > MOST_TERMS:
        product = b.Chain(
            (b.Said((b.Piece(maker.say("weight")),)), "×", b.Said((b.Piece(maker.say("measure")),)))
        )
        return b.Applied("Σ", (product,), (b.Piece(maker.say("measures", count=str(len(leaves)))),))
    parts: list[b.Formula | str] = []
    for term, weight in leaves:
        parts += ["+"] if parts else []
        parts += [b.Number(fraction_text(weight)), "×", b.Name(leaf_piece(speaker, term))]
    return b.Chain(tuple(parts))


def leaf_piece(speaker: Speaker, term: d.Term) -> b.Piece:
    return speaker.named(speaker.names.of(speaker.entity, tuple(term.name.split("."))), term.name)


def weights_table(
    maker: Maker, speaker: Speaker, thing: Thing, terms: Sequence[d.Term], counted: Mapping[Span, Fraction]
) -> b.Table:
    most = max(counted.values(), default=Fraction(1))
    headings = {
        (heading.path[-1]): heading.titles
        for heading in getattr(maker.definitions[thing.entity, thing.name], "headings", ())
    }

    def rows(terms: Sequence[d.Term], depth: int) -> Iterator[b.Row]:
        for term in terms:
            whole = sum(
                (counted.get(leaf.name_span, Fraction(0)) for leaf in flat([term]) if not leaf.terms),
                Fraction(0),
            )
            written = speaker.number(term.weight) if term.weight is not None else ""
            if term.terms:
                first, *others = maker.titles(headings.get(term.name, {}), term.name)
                cell = b.Cell(((b.Piece(first),),), depth=depth, also=" · ".join(filter(None, others)))
                yield b.Row((cell, text_cell(written), text_cell(percent(whole)), b.Cell()))
                yield from rows(term.terms, depth + 1)
                continue
            found = speaker.names.of(speaker.entity, tuple(term.name.split(".")))
            titles = maker.titles(found.titles, term.name) if found is not None else (term.name,)
            cell = b.Cell(
                ((leaf_piece(speaker, term),),), depth=depth, also=" · ".join(filter(None, titles[1:]))
            )
            shown = written or (decimal_of(counted[term.name_span]) if term.name_span in counted else "–")
            bar = whole / most if most else None
            yield b.Row((cell, text_cell(shown), text_cell(percent(whole)), b.Cell(bar=bar)))

    return b.Table(
        maker.say("weights"),
        maker.head("measure", "weight", "share", ""),
        tuple(rows(terms, 0)),
        frozenset({1, 2}),
    )


def bands_table(maker: Maker, speaker: Speaker, thing: Thing, bands: Sequence[d.Band]) -> b.Table:
    rows = []
    for band in bands:
        if band.threshold is None:
            limit: b.Words = (b.Piece(maker.say("below")),)
        else:
            limit = speaker.say("book.from", limit=speaker.value(band.threshold))
        if band.leaving is not None:
            of = speaker.case(thing, ".".join(band.leaving.band.parts))
            limit += speaker.say("book.leaving", band=(of,), limit=speaker.value(band.leaving.threshold))
        cell = maker.titled(thing.cases.get(band.name, {}), band.name)
        rows.append(b.Row((cell, lined(limit)), (thing.case_anchor(band.name),)))
    return b.Table(maker.say("bands"), maker.head("band", "reached"), tuple(rows))


def percent(value: Fraction) -> str:
    return f"{fraction_text(value * 100)} %"


def decimal_of(value: Fraction) -> str:
    return to_text(divide_half_away(value.numerator * 10**PANEL_DECIMALS, value.denominator), PANEL_DECIMALS)


# ---- Panels and chains ---------------------------------------------------------------------------


def panel_entry(maker: Maker, node: d.Panel) -> b.Entry:
    """What the judges said, and the weights that come of it."""
    thing, panel = maker.names.things[GLOBAL, node.name], maker.model.panels[node.name]
    speaker = maker.speaker("")
    blocks: list[b.Block] = []
    most = max(panel.weights, default=1)
    results = []
    for name, weight in zip(panel.columns, panel.weights, strict=True):
        found = next((one for (_, each), one in maker.names.things.items() if each == name), None)
        cell = lined((speaker.named(found, name),))
        shown = to_text(weight, PANEL_DECIMALS)
        results.append(b.Row((cell, text_cell(shown), b.Cell(bar=Fraction(weight, most)))))
    results += [b.Row((text_cell(name), text_cell("–"), b.Cell())) for name in panel.screened]
    blocks.append(
        b.Table(maker.say("weights"), maker.head("measure", "weight", ""), tuple(results), frozenset({1}))
    )
    if node.rows:
        blocks.append(judgements(maker, speaker, node.rows))
    facts = maker.information(node.information, speaker)
    if node.judges is not None:
        judges = maker.names.things.get((GLOBAL, ".".join(node.judges.parts)))
        facts.append((maker.say("judges"), (speaker.named(judges, ".".join(node.judges.parts)),)))
    if panel.consistency_ratio is not None:
        ratio = to_text(panel.consistency_ratio, PANEL_DECIMALS)
        facts.append((maker.say("consistency_ratio"), (b.Piece(ratio, kind="value"),)))
    return finished(maker, thing, "panel", node, blocks, facts, speaker)


def judgements(maker: Maker, speaker: Speaker, rows: Sequence[d.Row]) -> b.Table:
    heading, *lines = rows
    heads = tuple(cell_words(speaker, cell, None) for cell in (*heading.conditions, *heading.results))
    body = tuple(
        b.Row(tuple(lined(cell_words(speaker, cell, None)) for cell in (*row.conditions, *row.results)))
        for row in lines
    )
    return b.Table(maker.say("judgements"), heads, body, frozenset(range(1, len(heads))))


def chain_entry(maker: Maker, node: d.Chain) -> b.Entry:
    """Its states with what they are worth, and the rates from one to another."""
    thing, chain = maker.names.things[GLOBAL, node.name], maker.model.chains[node.name]
    speaker = maker.speaker("")
    values = dict(zip([state.name for state in chain.states], chain.values or (), strict=False))
    states = []
    for state in node.states:
        value = values.get(state.name)
        cells = (
            maker.titled(thing.cases.get(state.name, {}), state.name),
            lined(speaker.value(state.worth)),
            text_cell(decimal_of(value) if value is not None else ""),
        )
        states.append(b.Row(cells, (thing.case_anchor(state.name),)))
    blocks: list[b.Block] = [
        b.Table(
            maker.say("states"),
            maker.head("state", "worth", "lifetime_value"),
            tuple(states),
            frozenset({1, 2}),
        )
    ]
    heading, *lines = node.rows
    heads = tuple(cell_words(speaker, cell, thing) for cell in (*heading.conditions, *heading.results))
    body = tuple(
        b.Row(tuple(lined(cell_words(speaker, cell, thing)) for cell in (*row.conditions, *row.results)))
        for row in lines
    )
    blocks.append(b.Table(maker.say("rates"), heads, body, frozenset(range(1, len(heads)))))
    return finished(
        maker, thing, "chain", node, blocks, maker.information(node.information, speaker), speaker
    )


# ---- Every entry -----------------------------------------------------------------------------------


def finished(
    maker: Maker,
    thing: Thing,
    kind: str,
    node: d.Named,
    blocks: Sequence[b.Block],
    facts: Sequence[tuple[str, b.Words]],
    speaker: Speaker,
) -> b.Entry:
    """An entry with where it is used and the policy's own text; what it mentions is remembered."""
    titles = maker.titles(thing.titles, thing.name)
    maker.gather(speaker, b.Piece(titles[0], thing.anchor, "name"))
    proofs = (maker.known.proofs or {}).get((thing.entity, thing.name), ())
    more = [b.Items(proofs)] if proofs else []
    used = list(maker.used_facts(thing))
    return b.Entry(
        thing.anchors, maker.say(f"kind_{kind}"), thing.name, titles, place_of(node.span), (*blocks, *more),
        (*facts, *used), maker.written(node.span),
    )  # fmt: skip
