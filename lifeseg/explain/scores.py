"""A record's scores and facts come in, their tables go out: each term's weight, value, points and loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import label, number_of
from lifeseg.explain.decisions import reached
from lifeseg.explain.evidence import Telling
from lifeseg.explain.explanation import Column, Line, Table
from lifeseg.explain.formula import formula
from lifeseg.explain.links import in_book
from lifeseg.explain.scope import Named, Scope, children
from lifeseg.explain.sections import measure, named_value, remarks
from lifeseg.functions import exact
from lifeseg.interpreter.trace import Clause, DefinitionTrace, FactTrace, RecordTrace, Term, Trace
from lifeseg.model.with_past import before, since

_BAR = "▇"
_LONGEST_BAR = 8
_MOST_FACTS = 2
_LONGEST_FORMULA = 60
_SIDE_BY_SIDE = 5
_STATISTIC_DECIMALS = 6


# ---- Scores ------------------------------------------------------------------------------------


def score_lines(scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """The scores the decisions rest on, the record's own first, then those of its child records."""
    used = set(reached(scope))
    own = [found for found in scope.record.definitions if found.kind == "score" and found.name in used]
    lines = [score_line(score, scope, telling) for score in own]
    for at, child in enumerate(children(scope)):
        scores = (found for found in child.record.definitions if found.kind == "score")
        lines += [score_line(score, child, telling, (at,)) for score in scores]
    return tuple(lines)


def standing_text(score: DefinitionTrace, child: tuple[int, ...], telling: Telling) -> str:
    """How the score compares with those of all: `population 0.6034, percentile 24`."""
    words = telling.words
    for one in telling.beside.standings:
        if (one.child, one.score) == (child, score.name) and amounts.is_number(score.value):
            mean = amounts.rounded(one.mean, amounts.decimals_of(score, score.value))
            return words.say("measure.standing", mean=mean, percentile=str(one.percentile))
    return ""


def score_line(score: DefinitionTrace, scope: Scope, telling: Telling, child: tuple[int, ...] = ()) -> Line:
    """A score with its band, the distance to the next one, and the table of its terms."""
    words = telling.words
    name = label(score.name, score.titles, words)
    if scope.parent is not None:
        name = words.say("tree.of", name=name, child=scope.record.key)
    value = number_of(score) if score.value is not None else words.say("tree.nothing")
    lines: tuple[Line, ...] = ()
    if score.band is not None:
        value = named_value(score, score.band, words)
        lines = (measure(score, scope, telling),)
    standing = standing_text(score, child, telling)
    if standing:
        lines += (Line("measure", text=standing),)
    return Line(
        "decision", name, value, note=remarks(score, words), place=score.place, lines=lines,
        table=term_table(score, scope, words) if score.terms else None, level=3,
        anchor=in_book(scope.record.entity, score.name),
    )  # fmt: skip


def term_table(score: DefinitionTrace, scope: Scope, words: Catalogue) -> Table:
    """The terms by the rank of their reasons; those that lose nothing follow in the policy's order."""
    headings = ("weight", "value", "points", "lost", "bar", "term", "fact")
    columns = tuple(Column(words.say(f"table.{name}"), right=at < 4) for at, name in enumerate(headings))
    rank = {code: place for place, code in enumerate(score.reasons)}
    terms = sorted(score.terms, key=lambda term: rank.get(term.name, len(rank)))
    most = max((_size(term.lost) for term in terms), default=0)
    rows = tuple(_term_row(term, most, scope, words) for term in terms)
    anchors = tuple(
        in_book(scope.record.entity, term.name) if term.name in scope.names else "" for term in terms
    )
    return Table(columns, rows, anchors, headings.index("term"))


def _term_row(term: Term, most: int, scope: Scope, words: Catalogue) -> tuple[str, ...]:
    numbers = (term.weight, term.value, term.points, term.lost)
    shown = (
        words.say("tree.nothing") if number is None else amounts.rounded(number, amounts.DECIMALS)
        for number in numbers
    )
    length = exact.divide_half_away(_size(term.lost) * _LONGEST_BAR, most) if most else 0
    named = scope.names.get(term.name)
    titles = named.titles if named is not None else term.titles
    return (*shown, _BAR * length, label(term.name, titles, words), _facts_of(named, scope, words))


def _size(number: str | None) -> int:
    """A number as a whole one that orders like it; what is missing or masked counts nothing."""
    if number is None or not amounts.is_number(number):
        return 0
    return max(0, exact.rescale(*exact.from_text(number), exact.DIVISION_DECIMALS))


def _facts_of(named: Named | None, scope: Scope, words: Catalogue) -> str:
    """The facts an index is made of, as a person would say them: `satisfaction 2 of 5`."""
    if not isinstance(named, DefinitionTrace) or named.kind == "score":
        return ""
    facts = [found for name in named.uses if isinstance(found := scope.names.get(name), FactTrace)]
    told = [
        f"{label(fact.name, fact.titles, words)} {fact_text(fact, words)}" for fact in facts[:_MOST_FACTS]
    ]
    note = remarks(named, words)
    return words.messages["list.comma"].join([*told, *([note] if note else [])])


def fact_text(fact: FactTrace, words: Catalogue) -> str:
    """A fact's value with its unit, a rating with its best."""
    shown = amounts.shown(fact, fact.value, fact.unit, words)
    if fact.kind == "rating" and fact.highest is not None and amounts.is_number(fact.value):
        return words.say("table.of", value=shown, highest=fact.highest)
    return shown


# ---- Indexes -----------------------------------------------------------------------------------


def index_lines(scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """The indexes the decisions rest on, but for those in the tables of scores: the formula, and what it was made of."""
    used, words = set(reached(scope)), telling.words
    in_scores = {
        term.name for found in scope.record.definitions if found.name in used for term in found.terms
    }
    shown = [
        found
        for found in scope.record.definitions
        if found.kind == "index" and found.name in used - in_scores and "offers" not in found.remarks
    ]
    if not shown:
        return ()
    rows = tuple(
        (
            label(found.name, found.titles, words),
            amounts.shown(found, found.value, found.unit, words),
            _formula(found, scope, words),
            words.messages["list.comma"].join(_made_of(found, scope, words)),
        )
        for found in shown
    )
    anchors = tuple(in_book(scope.record.entity, found.name) for found in shown)
    headings = [words.say(f"table.{name}") for name in ("indexes", "value", "formula", "made_of")]
    columns = tuple(Column(heading, right=at == 1) for at, heading in enumerate(headings))
    return (
        Line("decision", label=headings[0], table=Table((Column(""), *columns[1:]), rows, anchors), level=3),
    )


def _formula(index: DefinitionTrace, scope: Scope, words: Catalogue) -> str:
    text = formula(_written(index.formula), scope, words) if index.formula is not None else ""
    return text if len(text) <= _LONGEST_FORMULA else f"{text[: _LONGEST_FORMULA - 1]}…"


def _written(clause: Clause) -> str:
    """The formula as it stands in the policy; of several lines the one that was taken."""
    if clause.operation != "choose":
        return clause.text
    *steps, last = clause.parts if len(clause.parts) % 2 else (*clause.parts, None)
    for test, value in zip(steps[::2], steps[1::2], strict=True):
        if test is not None and value is not None and test.verdict != "no":
            return f"{value.text} when {test.text}"
    return f"{last.text} otherwise" if last is not None else ""


def _made_of(index: DefinitionTrace, scope: Scope, words: Catalogue) -> Iterator[str]:
    """What a formula reads of the record, with its value."""
    for name in index.uses:
        named = scope.names.get(name)
        if named is not None:
            value = amounts.shown(named, named.value, named.unit, words)
            yield f"{label(named.name, named.titles, words)} {value}"


# ---- Facts and statistics ----------------------------------------------------------------------


def fact_lines(scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """All facts: the record's own one below the other, those of child records side by side."""
    words = telling.words
    rows = tuple(
        (label(fact.name, fact.titles, words), fact_text(fact, words)) for fact in scope.record.facts
    )
    name = label(scope.record.entity, scope.entities.get(scope.record.entity, {}), words)
    anchors = _anchors(scope.record, scope.record.facts)
    lines = [_table_line(words.say("table.facts_of", child=name), (Column(""), Column("")), rows, anchors)]
    entities = dict.fromkeys(child.entity for child in scope.record.children)
    for entity in entities:
        found = list(children(scope, entity))
        title = label(entity, scope.entities.get(entity, {}), words)
        for start in range(0, len(found), _SIDE_BY_SIDE):
            group = found[start : start + _SIDE_BY_SIDE]
            lines.append(_side_by_side(words.say("table.facts_of", child=title), group, words))
    return tuple(lines)


def _side_by_side(name: str, records: Sequence[Scope], words: Catalogue) -> Line:
    columns = (Column(""), *(Column(scope.record.key, right=True) for scope in records))
    first = records[0].record.facts
    rows = tuple(
        (
            label(fact.name, fact.titles, words),
            *(fact_text(scope.record.facts[at], words) for scope in records),
        )
        for at, fact in enumerate(first)
        if not fact.key  # the keys are the headings
    )
    anchors = _anchors(records[0].record, [fact for fact in first if not fact.key])
    return _table_line(name, columns, rows, anchors)


def _anchors(record: RecordTrace, facts: Sequence[FactTrace]) -> tuple[str, ...]:
    """Of what a record was before, the book tells where it tells of the definition."""
    of = {was(one.name): one.name for one in record.definitions for was in (before, since)}
    return tuple(in_book(record.entity, of.get(fact.name, fact.name)) for fact in facts)


def statistic_lines(trace: Trace, scope: Scope, telling: Telling) -> tuple[Line, ...]:
    """What the population contributed: the statistics of the run's baseline."""
    if not trace.baseline:
        return ()
    words = telling.words
    missing = words.say("verdict.missing")
    rows = tuple(
        (
            formula(key, scope, words),
            _statistic(value, missing) if not isinstance(value, list) else _cuts(value, words),
        )
        for key, value in trace.baseline.items()
    )
    columns = (Column(""), Column("", right=True))
    return (_table_line(words.say("table.statistics"), columns, rows),)


def _statistic(value: str | None, missing: str) -> str:
    return missing if value is None else amounts.grouped(amounts.rounded(value, _STATISTIC_DECIMALS))


def _cuts(values: Sequence[str | None], words: Catalogue) -> str:
    nothing = words.say("tree.nothing")
    return "  ".join(
        nothing if value is None else amounts.rounded(value, amounts.DECIMALS) for value in values
    )


def _table_line(
    name: str, columns: tuple[Column, ...], rows: tuple[tuple[str, ...], ...], anchors: tuple[str, ...] = ()
) -> Line:
    return Line("decision", label=name, table=Table(columns, rows, anchors), level=4)
