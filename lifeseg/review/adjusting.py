"""The files of a policy come in; the numbers that people set in it go out by name, and the files with another number in the
place of one: a parameter, the threshold of a band, a weight.

Where a weight changes, those beside it keep their proportions, so that together they come to as much as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any, Literal

from lifeseg.frozen import dataclass
from lifeseg.functions.panel import WEIGHT_DECIMALS
from lifeseg.model.model import Panel
from lifeseg.syntax import definitions as d
from lifeseg.syntax.tree import Name, Negate, Number

LEAST_DECIMALS = 4
"""With which weights beside a changed one are written at least."""


@dataclass(frozen=True, slots=True)
class Adjustable:
    """A number by the name that people call it: `stable`, `potential.key`, `potential.staff_scale`. `unit` is the one it is
    written with; a weight has those `beside` it, and itself among them.
    """

    name: str
    kind: Literal["parameter", "threshold", "weight"]
    value: Decimal
    unit: str | None
    node: Number | Negate
    beside: tuple[Number, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((one.value for one in self.beside), Decimal(0))


def adjustables(files: Sequence[d.File], day: date) -> dict[str, Adjustable]:
    """Those of a day, by name, in the order of the text; a threshold that is a parameter means the parameter."""
    found: dict[str, Adjustable] = {}
    nodes = [
        node.definition if isinstance(node, d.Change) else node for file in files for node in file.definitions
    ]
    for node in nodes:
        for one in of_definition(node, day):
            found.setdefault(one.name, one)
    for score in [node for node in nodes if isinstance(node, d.Score)]:
        for band in score.bands:
            if isinstance(band.threshold, Name) and (name := ".".join(band.threshold.parts)) in found:
                found.setdefault(f"{score.name}.{band.name}", found[name])
    return found


def of_definition(node: d.Definition, day: date) -> Iterator[Adjustable]:
    match node:
        case d.Block(kind="params"):
            for item in node.items:
                if isinstance(item, d.Parameter):
                    yield from number("parameter", item.name, in_force(item, day))
        case d.Score():
            yield from weights(node.name, node.terms)
            for band in node.bands:
                if band.threshold is not None:
                    yield from number("threshold", f"{node.name}.{band.name}", band.threshold)
        case _:
            pass


def in_force(node: d.Parameter, day: date) -> Any:
    """The value that a parameter has on a day."""
    later = [since.value for since in node.since if since.day.value <= day]
    return later[-1] if later else node.value


def number(kind: Literal["parameter", "threshold"], name: str, node: object) -> Iterator[Adjustable]:
    """A number as it stands; whatever else a value may be is not on a scale."""
    inner = node.value if isinstance(node, Negate) else node
    if isinstance(inner, Number) and isinstance(node, Number | Negate):
        value = -inner.value if isinstance(node, Negate) else inner.value
        yield Adjustable(name, kind, value, inner.unit, node)


def weights(score: str, terms: Sequence[d.Term]) -> Iterator[Adjustable]:
    """Those of a group stand beside each other; a heading without a weight is no group."""
    group = list(weighted(terms))
    beside = tuple(term.weight for term in group if term.weight is not None)
    for term in group:
        assert term.weight is not None
        yield Adjustable(
            f"{score}.{term.name}", "weight", term.weight.value, term.weight.unit, term.weight, beside
        )
        yield from weights(score, term.terms)


def weighted(terms: Sequence[d.Term]) -> Iterator[d.Term]:
    for term in terms:
        if term.weight is not None:
            yield term
        else:
            yield from weighted(term.terms)


# ---- Weights of panels --------------------------------------------------------------------------


def spelled(files: Sequence[d.File], panels: Mapping[str, Panel]) -> tuple[d.File, ...]:
    """The files in which scores say the weights that their panels have come to: numbers that can be set, like any weight.

    Nobody's result is another; indexes too weak to be weighed are left out. A panel that gives one no weight at all stays.
    """
    changes: dict[int, Any] = {}
    for file in files:
        for node in file.definitions:
            inner = node.definition if isinstance(node, d.Change) else node
            if isinstance(inner, d.Score) and inner.panel is not None:
                panel = panels.get(".".join(inner.panel.parts))
                if panel is not None and all(panel.weights):
                    worked_out = dict(zip(panel.columns, panel.weights, strict=True))
                    changes[id(inner)] = replace(
                        inner, panel=None, terms=tuple(with_weights(inner.terms, worked_out))
                    )
    return tuple(exchanged(file, changes) for file in files) if changes else tuple(files)


def with_weights(terms: Sequence[d.Term], worked_out: Mapping[str, int]) -> Iterator[d.Term]:
    """A group that loses all it has is left out as well."""
    for term in terms:
        if inside := tuple(with_weights(term.terms, worked_out)):
            yield replace(term, terms=inside)
        elif not term.terms and term.name in worked_out:
            value = Decimal(worked_out[term.name]).scaleb(-WEIGHT_DECIMALS)
            yield replace(term, weight=Number(term.span, value, None, f"{value:f}"))


# ---- Another number -----------------------------------------------------------------------------


def adjusted(files: Sequence[d.File], one: Adjustable, value: Decimal) -> tuple[d.File, ...]:
    """The files with this value; of a weight it lies between 0 and the total, and there are others to make up for it."""
    changes: dict[int, Any] = {id(one.node): written(one.node, value)}
    if one.kind == "weight":
        others = [other for other in one.beside if other is not one.node]
        scaled = shared([other.value for other in others], one.total - value, decimals_of(one, value))
        changes |= {id(other): written(other, part) for other, part in zip(others, scaled, strict=True)}
    return tuple(exchanged(file, changes) for file in files)


def decimals_of(one: Adjustable, value: Decimal) -> int:
    """As many as any of the weights has, and no fewer than the new one."""
    every = (value, *(other.value for other in one.beside))
    return max(LEAST_DECIMALS, *(-int(found.normalize().as_tuple().exponent) for found in every))


def shared(parts: Sequence[Decimal], total: Decimal, decimals: int) -> list[Decimal]:
    """Parts in these proportions that come to the total: rounded down, what is left goes to the largest remainders, of equal
    ones to the first.
    """
    whole = sum((Fraction(part) for part in parts), Fraction(0))
    unit = Decimal(1).scaleb(-decimals)
    exact = [Fraction(part) * Fraction(total) / whole * 10**decimals for part in parts]
    floors = [found.numerator // found.denominator for found in exact]
    left = int((total / unit).to_integral_value(ROUND_FLOOR)) - sum(floors)
    order = sorted(range(len(parts)), key=lambda place: (floors[place] - exact[place], place))
    for place in order[:left]:
        floors[place] += 1
    return [floor * unit for floor in floors]


def written(node: Number | Negate, value: Decimal) -> Number | Negate:
    inner = node.value if isinstance(node, Negate) else node
    assert isinstance(inner, Number)
    shown = abs(value).scaleb(2) if inner.unit == "%" else abs(value)
    fresh = replace(inner, value=abs(value), text=f"{shown:f}")
    return Negate(node.span, fresh) if value < 0 else fresh


def exchanged(part: Any, changes: Mapping[int, Any]) -> Any:
    """A tree with other nodes in the places of some."""
    if id(part) in changes:
        return changes[id(part)]
    if isinstance(part, tuple):
        fresh = tuple(exchanged(inner, changes) for inner in part)
        return fresh if any(new is not old for new, old in zip(fresh, part, strict=True)) else part
    if not is_dataclass(part) or isinstance(part, type):
        return part
    inside = {field.name: getattr(part, field.name) for field in fields(part)}
    changed = {name: new for name, old in inside.items() if (new := exchanged(old, changes)) is not old}
    return replace(part, **changed) if changed else part
