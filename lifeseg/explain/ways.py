"""Changes of one fact that would alter decisions come in; a table of them goes out, in the units people count in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lifeseg.explain import amounts
from lifeseg.explain.catalogue import Catalogue
from lifeseg.explain.conditions import label, value_title
from lifeseg.explain.explanation import Becomes, Column, Line, Table, Way
from lifeseg.explain.scope import Scope, children
from lifeseg.explain.scores import fact_text
from lifeseg.interpreter.trace import FactTrace

FEW, SEVERAL = 3, 10
"""How many are shown, and how many with all details."""


def ways_line(
    ways: Sequence[Way], scope: Scope, words: Catalogue, *, most: int, main: Collection[str]
) -> Line | None:
    """The nearest changes; decisions other than the main ones are called by their names."""
    shown = [way for way in ways if not hidden(way, scope)]
    if not shown:
        return None
    rows = tuple(_row(way, scope, words, main) for way in shown[:most])
    columns = [Column(""), Column(""), Column(""), Column("", right=True), Column("")]
    if not any(row[3] for row in rows):
        columns, rows = [Column("")] * 4, tuple((*row[:3], row[4]) for row in rows)
    return Line("decision", label=words.say("way.title"), table=Table(tuple(columns), rows), level=2)


def hidden(way: Way, scope: Scope) -> bool:
    """Of a personal fact that is masked nothing is told."""
    found = fact_of(way, scope)[0]
    return found is None or (found.value is not None and found.value != way.before)


def fact_of(way: Way, scope: Scope) -> tuple[FactTrace | None, Scope]:
    """The fact and the record that has it."""
    for place in way.child:
        scope = list(children(scope))[place]
    found = scope.names.get(way.fact)
    return (found if isinstance(found, FactTrace) else None), scope


def _row(way: Way, scope: Scope, words: Catalogue, main: Collection[str]) -> tuple[str, ...]:
    fact, record = fact_of(way, scope)
    assert fact is not None
    name = label(fact.name, fact.titles, words)
    if way.child:
        name = words.say("tree.of", name=name, child=record.record.key)
    now, then = (fact_text(_with(fact, value), words) for value in (way.before, way.after))
    change = words.say("change.arrow", before=now, after=then)
    becomes = _becomes(_telling(way), scope, words, main)
    cost = "" if way.cost is None else amounts.with_unit(way.cost, way.unit, words)
    return (name, change, amount_text(way, fact, words), cost, becomes)


def _telling(way: Way) -> Becomes:
    """The first decision that comes to something else; others often follow from it."""
    return next((one for one in way.becomes if one.after is not None), way.becomes[0])


def _with(fact: FactTrace, value: str | None) -> FactTrace:
    return FactTrace(
        fact.name, fact.titles, value, fact.unit, fact.personal, fact.place, fact.kind, fact.highest, fact.key
    )


def amount_text(way: Way, fact: FactTrace, words: Catalogue) -> str:
    """`1 point higher`, `3 months less`, `16 days later`; nothing of what has no amount."""
    if way.amount is None:
        return ""
    size, more = amounts.size(way.amount), amounts.sign(way.amount) > 0
    if fact.kind == "date":
        said = amounts.with_unit(size, "day", words)
        return words.say("way.later" if more else "way.earlier", amount=said)
    if fact.kind == "rating":
        said = amounts.with_unit(size, "point", words)
        return words.say("way.higher" if more else "way.lower", amount=said)
    said = amounts.with_unit(size, fact.unit, words) if fact.unit else amounts.grouped(size)
    return words.say("way.more" if more else "way.less", amount=said)


def _becomes(one: Becomes, scope: Scope, words: Catalogue, main: Collection[str]) -> str:
    definition = scope.definition(one.definition)
    after = words.say("tree.nothing") if one.after is None else one.after
    if definition is not None and definition.kind == "flags":
        after = _members(one.after, scope, words)
    elif definition is not None and one.after is not None:
        after = value_title(definition, one.after, words) if words.in_titles else one.after
    if one.definition in main or definition is None:
        return after
    return words.say("way.named", decision=label(one.definition, definition.titles, words), value=after)


def _members(after: str | None, scope: Scope, words: Catalogue) -> str:
    names = after.split(", ") if after else []
    found = [(name, scope.definition(name)) for name in names]
    told = [label(name, flag.titles if flag is not None else {}, words) for name, flag in found]
    return words.listed(told) if told else words.say("tree.none")
