"""Entity declarations come in, typed facts go out: what a column may hold, how finely, and between which bounds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label
from lifeseg.model.model import Entity, Fact
from lifeseg.model.symbols import Symbols, closest
from lifeseg.model.types import DATE, DAY, MONTH, NO_UNIT, TEXT, TRUTH, Type, Unit
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

MOST_WHOLE = 2**63 - 1
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
    check_parents(symbols)
    return {name: entity_from(symbols, node) for name, node in symbols.entities.items()}


def check_parents(symbols: Symbols) -> None:
    for node in symbols.entities.values():
        path = [node.name]
        parent = node.parent
        while parent is not None:
            name = ".".join(parent.parts)
            if name not in symbols.entities:
                if len(path) == 1:
                    suggestion = closest(name, symbols.entities)
                    symbols.report("unknown-name.entity", parent.span, name=name, suggestion=suggestion)
                break
            if name in path:
                if name == node.name:
                    symbols.report("parent-cycle", node.name_span, loop=" → ".join([*path, name]))
                break
            path.append(name)
            parent = symbols.entities[name].parent


def entity_from(symbols: Symbols, node: d.Entity) -> Entity:
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
    if node.parent is None and not any(fact.key for fact in facts.values()):
        symbols.report("no-key", node.name_span, name=node.name)
    parent = ".".join(node.parent.parts) if node.parent else None
    return Entity(
        node.name,
        titles_of(node),
        node.name_span,
        texts_of(node.information),
        parent if parent in symbols.entities else None,
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


def fact_from(symbols: Symbols, node: d.Fact) -> Fact:
    written = node.type
    optional = "optional" in node.attributes
    key = "key" in node.attributes
    if key and optional:
        symbols.report("key-optional", node.name_span, name=node.name)
    step, kind, bounded = 1, TEXT, False
    if written.kind == "one of":
        kind = Type("choice", options=options_of(symbols, written))
    elif written.kind in ("text", "yes/no", "date"):
        kind = {"text": TEXT, "yes/no": TRUTH, "date": DATE}[written.kind]
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
        if bound * 10**scale % step and written.range is not None:
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
    exponent = int(value.normalize().as_tuple().exponent)
    scale = max(0, -exponent)
    if scale > 9:
        symbols.report("step-needed.fine", node.step.span)
        return default, 1
    return scale, int(value.scaleb(scale))


def whole_range(written: t.Range) -> bool:
    return all(value == int(value) for value in (plain(written.low), plain(written.high)))


def plain(value: t.Expression) -> Decimal:
    """The number of a range's end, which the grammar lets be a number, a negative number or a date."""
    match value:
        case t.Number():
            return value.value
        case t.Negate(value=t.Number() as number):
            return -number.value
        case t.Day():
            return Decimal(value.value.toordinal())
        case _:
            return Decimal(0)


def bounds_of(symbols: Symbols, written: d.FactType) -> tuple[Fraction, Fraction]:
    if written.range is None:
        low, high = NATURAL_BOUNDS.get(written.kind, (0, 10**9))
        return Fraction(low), Fraction(high)
    for end in (written.range.low, written.range.high):
        if isinstance(end, t.Day):
            symbols.report("empty-range.date", end.span)
    return Fraction(plain(written.range.low)), Fraction(plain(written.range.high))
