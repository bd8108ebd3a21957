"""Results of an entity in a file come in; how large each case is, and how its amounts are spread, goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from lifeseg.explain.catalogue import Catalogue
from lifeseg.functions.exact import divide_half_away, fraction_text
from lifeseg.model.model import AnyDefinition, FlagBlock, Lifecycle, Model, Rank, Score, Segment, Table
from lifeseg.pipeline.kept import in_order_of_text
from lifeseg.pipeline.report import content as c
from lifeseg.pipeline.sensitivity import columns_of
from lifeseg.review.thresholds import Threshold, thresholds

if TYPE_CHECKING:
    from lifeseg.interpreter.results import BaselineValue
    from lifeseg.records.results_varied import Part, Varied

FEWEST_BINS = 12
SHOWN = 10_000
STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
BAND = "_band"


def sizes_of(model: Model, side: Varied, words: Catalogue) -> tuple[c.Sizes, ...]:
    """Each decision about the entity, in the order of the policy."""
    everybody, found = side.everybody().count, []
    parts = side.own_sizes(side.form.decisions)
    for one in in_order_of_text(model, side.form.entity):
        for column in columns_of(one) if not one.made else ():
            if column in parts:
                titles = titles_of(model, one)
                sizes = tuple(
                    size(name, words.title(title, name), parts[column].get(name, side.nobody()))
                    for name, title in titles.items()
                )
                inside = everybody if isinstance(one, FlagBlock) else sum(each.count for each in sizes)
                title = words.title(one.titles, one.name)
                found.append(c.Sizes(one.name, title, sizes, everybody, everybody - inside))
    return tuple(found)


def size(name: str, title: str, part: Part) -> c.Size:
    return c.Size(name, title, part.count, worth_text(part.worth))


def worth_text(worth: Fraction | None) -> str | None:
    """With thousands apart, and at most two decimals."""
    if worth is None:
        return None
    cents = divide_half_away(worth.numerator * 100, worth.denominator)
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}{f'.{rest:02}' if rest else ''}"


def titles_of(model: Model, one: AnyDefinition) -> dict[str, Mapping[str, str]]:
    """The titles of its cases by name, in the order of the policy."""
    match one:
        case Segment() | Table():
            return {case.name: case.titles for case in one.cases}
        case Lifecycle():
            return {state.name: state.titles for state in one.states}
        case Rank():
            return {each.name: each.titles for each in one.classes}
        case Score():
            return {band.name: band.titles for band in one.bands}
        case FlagBlock():
            flags = {flag.name: flag.titles for flag in model.of(one.entity)}
            return {name: flags[name] for name in one.flags}
        case _:
            return {name: {} for name in one.type.options}


# ---- Amounts ---------------------------------------------------------------------------------------


def distributions(
    model: Model, side: Varied, day: date, statistics: Mapping[str, BaselineValue], words: Catalogue
) -> Iterator[c.Distribution]:
    """Each score of the entity that varies, with its thresholds."""
    from lifeseg.records.results_told import between

    limits = list(dict.fromkeys(thresholds(model, day, statistics)))
    for one in in_order_of_text(model, side.form.entity):
        spread = side.spread(one.name) if isinstance(one, Score) and not one.made else None
        if spread is None or spread[0] == spread[1]:
            continue
        edges = edges_of(*spread)
        own = [each for each in limits if each.entity == one.entity and each.column == one.name]
        yield c.Distribution(
            one.name,
            words.title(one.titles, one.name),
            tuple(f"{edge:f}" for edge in edges),
            between(side, one.name, edges),
            tuple(marks(model, own, edges, words)),
        )


def edges_of(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round numbers, at equal distances, from below the least to above the most."""
    raw = (high - low) / FEWEST_BINS
    unit = Decimal(1).scaleb(raw.adjusted())
    step = max(each * unit for each in STEPS if each * unit <= raw) if raw >= unit else unit
    first = (low / step).to_integral_value(ROUND_FLOOR) * step
    count = int((high - first) / step) + 1
    return [first + step * place for place in range(count + 1)]


def marks(
    model: Model, limits: Sequence[Threshold], edges: Sequence[Decimal], words: Catalogue
) -> Iterator[c.Mark]:
    """Each amount once, with what begins there."""
    low, width = Fraction(edges[0]), Fraction(edges[-1] - edges[0])
    found: dict[Fraction, list[str]] = {}
    for one in limits:
        definition = next(
            each
            for each in model.of(one.entity)
            if each.name in (one.decision, one.decision.removesuffix(BAND))
        )
        titles = titles_of(model, definition)
        case = one.case or one.flag
        said = (
            words.title(titles[case], case)
            if case in titles
            else words.title(definition.titles, definition.name)
        )
        known = found.setdefault(one.value, [])
        if said not in known:
            known.append(said)
    for value, names in sorted(found.items()):
        if 0 <= (place := (value - low) / width) <= 1:
            yield c.Mark(", ".join(names), short(value), float(place))


def short(value: Fraction) -> str:
    """With at most four decimals, and no noughts behind them."""
    return fraction_text(Fraction(divide_half_away(value.numerator * SHOWN, value.denominator), SHOWN))
