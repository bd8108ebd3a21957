"""Entity declarations come in, typed facts go out: what a column may hold, how finely, between which bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label
from lifeseg.model.build_changes import changes_from, check_costs
from lifeseg.model.model import Entity, Fact
from lifeseg.model.symbols import Symbols, closest
from lifeseg.model.types import DATE, DAY, MONTH, NO_UNIT, TEXT, TRUTH, Type, Unit
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_WHOLE = 2**63 - 1
MOST_STEP_DECIMALS = 9
FOR_PEOPLE = ("source", "owner", "note", "refresh", "use_for")
MOST_LEVELS = 20  # of entities beneath each other
DEFAULT_DECIMALS = {"money": 2, "share": 6}
NATURAL_BOUNDS = {
    "count": (0, 10**9),
    "money": (-(10**12), 10**12),
    "share": (0, 1),
    "days": (-36_500, 36_500),
    "months": (-1_200, 1_200),
    "years": (-100, 100),
}
DURATION_UNITS: Mapping[str, Unit] = {"days": DAY, "months": MONTH, "years": MONTH}


def entities_from(symbols: Symbols) -> dict[str, Entity]:
    """The typed entities; findings go to the symbols."""
    parents = parents_of(symbols)
    check_costs(symbols, symbols.entities.values())
    return {name: entity_from(symbols, node, parents[name]) for name, node in symbols.entities.items()}


def parents_of(symbols: Symbols) -> dict[str, str | None]:
    """The parent of each entity; a parent that is unknown, goes round or lies too high is reported and left out."""
    parents: dict[str, str | None] = {}
    for node in symbols.entities.values():
        name = ".".join(node.parent.parts) if node.parent else None
        if node.parent is not None and name not in symbols.entities:
            suggestion = closest(name or "", symbols.entities)
            symbols.report("unknown-name.entity", node.parent.span, name=name, suggestion=suggestion)
            name = None
        parents[node.name] = name
    for node in symbols.entities.values():
        path = [node.name]
        while (above := parents[path[-1]]) is not None and above not in path and len(path) <= MOST_LEVELS:
            path.append(above)
        if above == node.name:
            symbols.report("parent-cycle", node.name_span, loop=" → ".join([*path, above]))
            parents[node.name] = None
        elif above is not None and above not in path:
            symbols.report("too-deep", node.name_span, most=MOST_LEVELS)
            parents[node.name] = None
    return parents


def entity_from(symbols: Symbols, node: d.Entity, parent: str | None) -> Entity:
    facts: dict[str, Fact] = {}
    for fact in node.facts:
        if fact.name in facts:
            first = facts[fact.name].span
            label = Label(first, "first")
            symbols.report(
                "duplicate-name", fact.name_span, label, name=fact.name, line=first.line, file=first.file
            )
            continue
        facts[fact.name] = fact_from(symbols, fact)
    only_for_people(symbols, node.information)
    if node.parent is None and not any(fact.key for fact in facts.values()):
        symbols.report("no-key", node.name_span, name=node.name)
    return Entity(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        parent,
        dated_of(symbols, node, facts),
        tuple(facts.values()),
    )


def dated_of(symbols: Symbols, node: d.Entity, facts: Mapping[str, Fact]) -> str | None:
    if node.dated is None:
        return None
    name = ".".join(node.dated.parts)
    fact = facts.get(name)
    if fact is None:
        symbols.report("unknown-name.fact", node.dated.span, name=name, suggestion=closest(name, facts))
        return None
    if fact.type.kind != "date" or fact.type.optional:
        symbols.report("not-dated.fact", node.dated.span, name=name)
        return None
    return name


def titles_of(node: d.Named | d.Block) -> dict[str, str]:
    """The policy's own title; those of other languages are added when the whole policy is known."""
    return {"en": node.title} if node.title else {}


def texts_of(information: tuple[t.Information, ...]) -> dict[str, str]:
    """Information lines that are for people: source, owner, note, refresh, use_for."""
    texts: dict[str, str] = {}
    for line in information:
        if isinstance(line.value, t.Text):
            texts[line.word] = line.value.value
        elif isinstance(line.value, t.Name):
            texts[line.word] = ".".join(line.value.parts)
    return texts


def only_for_people(symbols: Symbols, information: tuple[t.Information, ...]) -> None:
    """Facts and entities say source, owner, note, refresh and use_for; what a fact may hold stands on its own line."""
    for line in information:
        if line.word not in FOR_PEOPLE:
            symbols.report("misplaced-information", line.span, word=line.word)


def fact_from(symbols: Symbols, node: d.Fact) -> Fact:
    written = node.type
    optional = "optional" in node.attributes
    key = "key" in node.attributes
    if key and optional:
        symbols.report("key-optional", node.name_span, name=node.name)
    only_for_people(symbols, node.information)
    step, kind, bounded = 1, TEXT, False
    if written.kind == "one of":
        kind = Type("choice", options=options_of(symbols, written))
    elif written.kind in ("text", "yes/no"):
        kind = {"text": TEXT, "yes/no": TRUTH}[written.kind]
    elif written.kind == "date":
        kind, bounded = dates_between(symbols, written.range), written.range is not None
    else:
        kind, step, bounded = numeric(symbols, node)
    if node.step is not None and kind.kind != "number":
        symbols.report("step-needed.useless", node.step.span, name=node.name)
    return Fact(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        written.kind,
        kind.maybe(optional and not key),
        step,
        key,
        "personal" in node.attributes,
        bounded,
        changes=changes_from(symbols, node, kind, step),
    )


def options_of(symbols: Symbols, written: d.FactType) -> tuple[str, ...]:
    options: list[str] = []
    for option in written.options:
        word = option.value if isinstance(option, t.Text) else ".".join(option.parts)
        if word in options:
            symbols.report("duplicate-name.option", option.span, name=word)
        else:
            options.append(word)
    return tuple(options)


def dates_between(symbols: Symbols, written: t.Range | None) -> Type:
    """The type of a date; low and high are the days of its range as ordinals."""
    if written is None:
        return DATE
    low, high = written.low, written.high
    if not isinstance(low, t.Day) or not isinstance(high, t.Day) or low.value > high.value:
        symbols.report("empty-range.day", written.span)
        return DATE
    return replace(DATE, low=Fraction(low.value.toordinal()), high=Fraction(high.value.toordinal()))


def numeric(symbols: Symbols, node: d.Fact) -> tuple[Type, int, bool]:
    """The type, the step in units of the type's scale, and whether bounds were declared."""
    written = node.type
    scale, step = step_of(symbols, node)
    low, high = bounds_of(symbols, written)
    if written.kind == "number" and written.range is None:
        symbols.report("range-needed.fact", written.span, name=node.name)
    if low > high:
        symbols.report("empty-range", written.range.span if written.range else written.span)
        low, high = high, low
    months = 12 if written.kind == "years" else 1
    low, high = low * months, high * months
    for bound in (low, high):
        if bound * 10**scale % (step * months) and written.range is not None:
            symbols.report("off-step", written.range.span, value=bound, name=node.name)
        if abs(bound) * 10**scale > MOST_WHOLE:
            symbols.report("out-of-64-bits", written.span, name=node.name)
            low, high = Fraction(0), Fraction(1)
            break
    unit = DURATION_UNITS.get(written.kind) or (((written.unit, 1),) if written.unit else NO_UNIT)
    bounded = written.range is not None or written.kind in ("share", "rating")
    return Type("number", unit=unit, scale=scale, low=low, high=high), step * months, bounded


def step_of(symbols: Symbols, node: d.Fact) -> tuple[int, int]:
    kind = node.type.kind
    default = DEFAULT_DECIMALS.get(kind, 0)
    if node.step is None:
        if kind == "number" and node.type.range is not None and not whole_range(node.type.range):
            symbols.report("step-needed", node.type.span, name=node.name)
        return default, 1
    value = node.step.value
    if value <= 0:
        symbols.report("step-needed.positive", node.step.span)
        return default, 1
    scale = max(0, -int(value.normalize().as_tuple().exponent))
    if scale > MOST_STEP_DECIMALS:
        symbols.report("step-needed.fine", node.step.span)
        return default, 1
    return scale, int(value.scaleb(scale))


def whole_range(written: t.Range) -> bool:
    return not any(value % 1 for value in (plain(written.low), plain(written.high)))


def plain(value: t.Expression) -> Decimal:
    """The number of a range's end, which the grammar lets be a number, a negative number or a date."""
    match value:
        case t.Number():
            return value.value
        case t.Negate(value=t.Number() as number):
            return -number.value
        case _:
            return Decimal(0)


def bounds_of(symbols: Symbols, written: d.FactType) -> tuple[Fraction, Fraction]:
    if written.range is None:
        low, high = NATURAL_BOUNDS.get(written.kind, (0, 10**9))
        return Fraction(low), Fraction(high)
    if not plain_ends(symbols, written.range):
        return Fraction(0), Fraction(10**9)
    return Fraction(plain(written.range.low)), Fraction(plain(written.range.high))


def plain_ends(symbols: Symbols, written: t.Range) -> bool:
    """Whether both ends of an amount's range are plain numbers in its unit, or percentages."""
    found = len(symbols.found)
    for end in (written.low, written.high):
        number = end.value if isinstance(end, t.Negate) else end
        if isinstance(number, t.Day):
            symbols.report("empty-range.date", end.span)
        elif isinstance(number, t.Number) and number.unit not in (None, "%"):
            symbols.report("empty-range.unit", end.span, unit=number.unit)
    return len(symbols.found) == found
