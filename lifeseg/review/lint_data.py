"""A checked policy comes in; what has to be evaluated to judge it by the records goes out, and then, by what was measured of
the results, what a careful reader would ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Label, Several, problem
from lifeseg.frozen import dataclass
from lifeseg.functions.exact import to_text
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Flag, Index, Leaf, Lifecycle, Model, Score, Segment
from lifeseg.review.clauses import conditions, leaves
from lifeseg.review.lint_rules import Chosen, Found
from lifeseg.review.lint_text import MOST_NAMED, Read, Threshold, compared, thresholds_of

if TYPE_CHECKING:
    from lifeseg.records.results_measured import Measured, Spread

COPY = "lint_{}"
BITS = 2**63


# ---- What has to be evaluated -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the results, or one that is added to them, which holds the value of an expression."""

    name: str
    decimals: int


@dataclass(slots=True)
class Asked:
    """What rules want of an entity: its indexes, scores, thresholds and decisions, with columns for what is compared."""

    entity: str
    indexes: list[Index] = field(default_factory=list)
    scores: list[tuple[Score, list[tuple[Leaf, Column]]]] = field(default_factory=list)
    thresholds: list[tuple[Threshold, Column]] = field(default_factory=list)
    cases: list[tuple[AnyDefinition, str]] = field(default_factory=list)
    copies: dict[e.Expression, Index] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def column(self, model: Model, value: e.Expression) -> Column | None:
        """Where the value of an expression stands; what is too large for a result has no column."""
        kind = value.type
        if kind.kind != "number" or max(abs(kind.low), abs(kind.high)) * 10**kind.scale >= BITS:
            return None
        if isinstance(value, e.Field) and value.up == 0:
            own = next((one for one in model.of(self.entity) if one.name == value.name), None)
            if own is not None and not own.made:
                self.names.add(own.name)
                return Column(own.name, own.type.scale)
        if value not in self.copies:
            name = COPY.format(len(self.copies))
            while name in taken(model):
                name += "_"
            self.copies[value] = Index(
                name, {}, value.span, {}, self.entity, kind, None, value, None, None, None
            )
        self.names.add(self.copies[value].name)
        return Column(self.copies[value].name, kind.scale)


def taken(model: Model) -> set[str]:
    """The names that facts and definitions have."""
    facts = (fact.name for entity in model.entities.values() for fact in entity.facts)
    return {*facts, *(one.name for one in model.definitions)}


def asked(read: Read, codes: Sequence[str]) -> dict[str, Asked]:
    """By entity, what these rules look at."""
    found = {entity: Asked(entity) for entity in read.model.entities}
    for definition in sorted(read.definitions(), key=lambda one: one.span[:3]):
        here = found[definition.entity]
        counts = definition.type.kind == "number"
        if isinstance(definition, Index) and counts and "index-constant" in codes:
            here.indexes.append(definition)
            here.names.add(definition.name)
        if isinstance(definition, Score) and {"indexes-correlated", "weight-without-effect"} & set(codes):
            columns = [(leaf, here.column(read.model, leaf.value)) for leaf in definition.leaves]
            here.scores.append((definition, [(leaf, at) for leaf, at in columns if at is not None]))
            here.names.add(definition.name)
        if "threshold-crowded" in codes:
            for threshold in near(definition):
                column = here.column(read.model, threshold.left or own_value(definition))
                if column is not None:
                    here.thresholds.append((threshold, column))
        if "case-small" in codes and (at := case_column(definition)) is not None:
            here.cases.append((definition, at))
            here.names.add(definition.name)
    return {entity: one for entity, one in found.items() if one.names}


def near(definition: AnyDefinition) -> Iterator[Threshold]:
    """The thresholds that decide what becomes of a record itself: not those of steps, and not those of its children."""
    if isinstance(definition, Score):
        yield from thresholds_of(definition)
    elif isinstance(definition, Segment | Flag | Lifecycle):
        for condition in conditions(definition):
            for leaf in leaves(condition):
                if isinstance(leaf, e.Compare):
                    yield from compared(definition, leaf)


def own_value(score: AnyDefinition) -> e.Expression:
    return e.Field(score.span, score.type, score.entity, score.name)


def case_column(definition: AnyDefinition) -> str | None:
    if isinstance(definition, Score) and definition.bands:
        return f"{definition.name}_band"
    return definition.name if isinstance(definition, Segment) else None


def with_copies(model: Model, wanted: Mapping[str, Asked]) -> tuple[Model, tuple[str, ...]]:
    """The model with the columns that are added, and the names of all that is to be evaluated."""
    copies = [copy for one in wanted.values() for copy in one.copies.values()]
    names = {name for one in wanted.values() for name in one.names}
    extended = replace(model, definitions=(*model.definitions, *copies))
    return extended, tuple(one.name for one in extended.definitions if one.name in names)


# ---- What was found -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """What was asked of an entity, its results, and how its columns spread."""

    read: Read
    day: date
    asked: Asked
    measured: Measured
    records: int
    spreads: Mapping[str, Spread]

    def limit(self, threshold: e.Expression) -> Fraction:
        """The number in force on the day."""
        value = None
        if isinstance(threshold, e.Parameter):
            value = self.read.model.parameters[threshold.name].at(self.day)
        elif isinstance(threshold, e.Constant):
            value = threshold.value
        assert isinstance(value, int)
        return Fraction(value, 10**threshold.type.scale)


def seen(read: Read, day: date, wanted: Asked, measured: Measured) -> Seen:
    from lifeseg.records.results_measured import Amounts

    columns = {Column(index.name, index.type.scale) for index in wanted.indexes}
    columns |= {column for _, parts in wanted.scores for _, column in parts}
    columns |= {column for _, column in wanted.thresholds}
    columns |= {Column(score.name, score.type.scale) for score, _ in wanted.scores}
    amounts = [Amounts(one.name, one.decimals) for one in sorted(columns, key=lambda one: one.name)]
    return Seen(read, day, wanted, measured, measured.records(), measured.spreads(amounts))


def lint_data(here: Seen, rules: Mapping[str, Chosen]) -> Iterator[tuple[str, Found]]:
    """What each rule finds, by its code; of an entity with few records nothing."""
    for code, chosen in rules.items():
        if here.records >= chosen.count("records"):
            for found in DATA_RULES[code](here, chosen):
                yield code, found


def index_constant(here: Seen, chosen: Chosen) -> Iterator[Found]:
    for index in here.asked.indexes:
        spread = here.spreads[index.name]
        if spread.known >= chosen.count("records") and spread.least == spread.most:
            value = to_text(spread.least or 0, index.type.scale)
            told = problem(
                "index-constant", index.span, name=index.name, value=value, count=f"{spread.known:,}"
            )
            yield Found(index.name, told)


def indexes_correlated(here: Seen, chosen: Chosen) -> Iterator[Found]:
    from lifeseg.records.results_measured import Amounts

    limit = chosen.share("correlation")
    for score, parts in here.asked.scores:
        columns = {column.name: (leaf, column) for leaf, column in parts}
        amounts = [Amounts(column.name, column.decimals) for _, column in columns.values()]
        for pair in here.measured.alike(amounts, here.spreads, chosen.count("records")):
            if pair.squared < limit**2:
                continue
            one, other = columns[pair.one][0], columns[pair.other][0]
            size = f"{'-' if pair.negative else ''}{float(pair.squared) ** 0.5:.3f}"
            told = problem(
                "indexes-correlated", one.span, Label(other.span, "other"), one=leaf_name(here, one),
                other=leaf_name(here, other), name=score.name, correlation=size,
            )  # fmt: skip
            yield Found(score.name, told)


def weight_without_effect(here: Seen, chosen: Chosen) -> Iterator[Found]:
    from lifeseg.records.results_measured import Amounts, Part

    for score, columns in here.asked.scores:
        limits = [here.limit(band.threshold) for band in score.bands if band.threshold is not None]
        if not limits or score.reweight:
            continue
        parts: list[tuple[Leaf, Part]] = []
        for leaf, column in columns:
            spread = here.spreads[column.name]
            finer = score.type.scale - column.decimals - score.weight_scale
            if spread.known >= chosen.count("records") and spread.least != spread.most and finer >= 0:
                parts.append((leaf, Part(Amounts(column.name, column.decimals), leaf.weight * 10**finer)))
        whole = [ceil(limit * 10**score.type.scale) for limit in limits]
        total = Amounts(score.name, score.type.scale)
        counts = here.measured.moved_by(total, [part for _, part in parts], whole, here.spreads)
        for (leaf, _), moved in zip(parts, counts, strict=True):
            if not moved and leaf.weight:
                told = problem(
                    "weight-without-effect", leaf.span, leaf=leaf_name(here, leaf), name=score.name,
                    count=f"{here.records:,}",
                )  # fmt: skip
                yield Found(score.name, told)


def threshold_crowded(here: Seen, chosen: Chosen) -> Iterator[Found]:
    from lifeseg.records.results_measured import Amounts

    around: dict[tuple[Column, int, int], list[Threshold]] = {}
    for threshold, column in here.asked.thresholds:
        limit = here.limit(threshold.limit)
        edge, unit = abs(limit) * chosen.share("within"), 10**column.decimals
        ends = (ceil((limit - edge) * unit), floor((limit + edge) * unit))
        around.setdefault((column, *ends), []).append(threshold)
    every = [(Amounts(column.name, column.decimals), low, high) for column, low, high in around]
    for (column, _, _), near_it, same in zip(
        around, here.measured.within(every), around.values(), strict=True
    ):
        known = here.spreads[column.name].known
        if known < chosen.count("records") or near_it.least == near_it.most:
            continue
        if Fraction(near_it.known, known) >= chosen.share("share"):
            first = same[0]
            told = problem(
                "threshold-crowded", first.limit.span, limit=here.read.text(first.limit.span),
                count=f"{near_it.known:,}", known=f"{known:,}", share=per_cent(Fraction(near_it.known, known)),
                within=per_cent(chosen.share("within")), entity=here.asked.entity,
            )  # fmt: skip
            yield Found(first.definition.name, told)


def case_small(here: Seen, chosen: Chosen) -> Iterator[Found]:
    for definition, column in here.asked.cases:
        sizes = here.measured.sizes(column)
        total = sum(sizes.values())
        if total < chosen.count("records"):
            continue
        parts = definition.bands if isinstance(definition, Score) else getattr(definition, "cases", ())
        small = [part for part in parts if Fraction(sizes.get(part.name, 0), total) < chosen.share("share")]
        if small:
            named = Several.first(
                [f"`{part.name}` {sizes.get(part.name, 0):,}" for part in small], MOST_NAMED
            )
            told = problem(
                "case-small", small[0].span, name=definition.name, cases=named, total=f"{total:,}",
                share=per_cent(chosen.share("share")),
            )  # fmt: skip
            yield Found(definition.name, told)


def leaf_name(here: Seen, leaf: Leaf) -> str:
    return here.read.text(leaf.value.span)


def per_cent(share: Fraction) -> str:
    return f"{float(share * 100):.3g} %"


DATA_RULES: Mapping[str, Callable[[Seen, Chosen], Iterator[Found]]] = {
    "index-constant": index_constant,
    "indexes-correlated": indexes_correlated,
    "weight-without-effect": weight_without_effect,
    "threshold-crowded": threshold_crowded,
    "case-small": case_small,
}
