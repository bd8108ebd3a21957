"""The line `changes` of a fact comes in; how the fact may be made another goes out, or findings."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from lifeseg.diagnostics.diagnostic import Label
from lifeseg.model.changes import Changes
from lifeseg.model.from_expression import DURATIONS
from lifeseg.model.symbols import Symbols, closest
from lifeseg.model.types import DAY, MONTH, Type, unit_text
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t


def changes_from(symbols: Symbols, node: d.Fact, kind: Type, step: int) -> Changes | None:
    """What the line says; nothing where it cannot be so, which is reported."""
    written = node.changes
    if written is None:
        return None
    if written.way == "never":
        return Changes("never", (), None, None)
    if kind.kind == "text" or "key" in node.attributes:
        symbols.report("changes-shape.who", written.span, name=node.name)
        return None
    cost, unit = (Fraction(written.cost.value), written.cost.unit or "") if written.cost else (None, "")
    if kind.kind in ("truth", "choice"):
        if written.way or written.by is not None:
            symbols.report("changes-shape.amount", written.span, name=node.name)
        return Changes("", values_of(symbols, node.name, written, kind), None, cost, unit)
    if written.values:
        symbols.report("changes-shape", written.span, name=node.name)
    return Changes(written.way, (), step_of(symbols, node, written.by, kind, step), cost, unit)


def values_of(symbols: Symbols, name: str, written: d.Changes, kind: Type) -> tuple[str | bool, ...]:
    """The values behind `to`; none: any."""
    found: list[str | bool] = []
    for value in written.values:
        if isinstance(value, t.Truth) and kind.kind == "truth":
            found.append(value.value)
            continue
        word = word_of(value)
        if kind.kind == "choice" and word in kind.options:
            found.append(word)
            continue
        known = kind.options if kind.kind == "choice" else ("yes", "no")
        symbols.report(
            "changes-shape.value", value.span, name=name, value=word, suggestion=closest(word, known)
        )
    return tuple(found)


def word_of(value: t.Name | t.Text | t.Truth) -> str:
    if isinstance(value, t.Truth):
        return "yes" if value.value else "no"
    return value.value if isinstance(value, t.Text) else ".".join(value.parts)


def step_of(symbols: Symbols, node: d.Fact, written: t.Number | None, kind: Type, step: int) -> int | None:
    """In units of the scale, or days; whole steps of the fact."""
    if written is None:
        return None
    unit, factor = unit_of(written, kind, node.type.kind)
    if unit != (DAY if kind.kind == "date" else kind.unit):
        wanted = "days" if kind.kind == "date" else unit_text(kind.unit)
        symbols.report("changes-shape.unit", written.span, name=node.name, unit=wanted)
        return None
    size = Fraction(written.value) * factor * 10**kind.scale
    if size <= 0 or size % step:
        symbols.report("changes-shape.step", written.span, name=node.name)
        return None
    return int(size)


def unit_of(written: t.Number, kind: Type, word: str) -> tuple[object, int]:
    """A number alone is in the unit of the fact; years are held as months."""
    if written.unit in (None, "%"):
        own = DAY if kind.kind == "date" else kind.unit
        return own, 12 if word == "years" and own == MONTH else 1
    return DURATIONS.get(written.unit, (((written.unit, 1),), 1))


def check_costs(symbols: Symbols, entities: Iterable[d.Entity]) -> None:
    """All costs in one unit, so that they can be compared; where one is declared, those of all others are."""
    lines = [fact.changes for entity in entities for fact in entity.facts if fact.changes is not None]
    priced = [line.cost for line in lines if line.cost is not None]
    if not priced:
        return
    first = priced[0]
    for cost in priced[1:]:
        if cost.unit != first.unit:
            unit = first.unit or "a plain number"
            symbols.report("changes-cost.unit", cost.span, Label(first.span, "first"), unit=unit)
    for line in lines:
        if line.cost is None and line.way != "never":
            symbols.report("changes-cost", line.span, Label(first.span, "first"))
