"""A table and a yes/no target come in; a scorecard as policy text goes out, with its validation as remarks.

Points are hundredths: the columns' best bands sum to 100. A logistic regression on weights of evidence says how many
points a column has; a second one, on the rounded points, what probability they mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lifeseg.frozen import dataclass
from lifeseg.learning.binning import Bands, banded
from lifeseg.learning.draft import Draft, Evaluated, enough, refuse
from lifeseg.learning.fitting import logistic
from lifeseg.learning.measures import area, brier, calibration, kolmogorov
from lifeseg.learning.table import Column, Table
from lifeseg.learning.text import columns, decimal, percent, provenance, quoted, remarks
from lifeseg.model.types import kind_text

WHOLE = 100
LINK_DECIMALS = 4
LEAST = 20
GROUPS = 5
TOO_GOOD = 0.98
"""An area under the curve that hardly comes about without the answer among the columns."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The scorecard's name, the columns learnt from, and the column by whose values the figures are told apart."""

    name: str
    columns: tuple[str, ...]
    period: str | None


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A column with points by band; the best band has `most`."""

    name: str
    bands: Bands
    points: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Card:
    """`intercept` and `slope` turn the score into a probability; from `cut` on the target is unlikely."""

    characteristics: tuple[Characteristic, ...]
    left_out: tuple[str, ...]
    intercept: str
    slope: str
    cut: str


def learn_scorecard(table: Table, asked: Asked) -> Draft:
    """Bands, coefficients, points, and what they mean."""
    target = table.column(table.target)
    if target.type.kind == "choice":
        raise refuse("learn-target.several", name=table.target, case=next(iter(target.type.options), "CASE"))
    if target.type.kind != "truth":
        found, wanted = kind_text(target.type.kind), "a yes/no, a flag or a case"
        raise refuse("learn-column", name=table.target, found=found, wanted=wanted)
    held = [value is True for value in target.values]
    enough(table, LEAST, "scorecards")
    yes = sum(held[place] for place in table.trained)
    if yes in (0, len(table.trained)):
        found = "nobody" if yes == 0 else "everybody"
        raise refuse("learn-target", name=table.target, found=found, rows=f"{len(table.trained):,}")
    card = fitted(table, asked, held)
    body = text_of(table, asked, card, target)

    def finished(evaluated: Evaluated) -> tuple[str, str]:
        validated = Validated(table, asked, card, held, evaluated)
        return remarks(validated.lines()) + "\n" + body, validated.summary()

    names = (asked.name, probability(asked), *(one.name for one in card.characteristics))
    return Draft(body, names, finished)


def probability(asked: Asked) -> str:
    return f"{asked.name}_probability"


# ---- Fitting -------------------------------------------------------------------------------------


def fitted(table: Table, asked: Asked, held: Sequence[bool]) -> Card:
    """Columns that tell nothing, or only contradict the others, are left out."""
    trained = table.trained
    found = [(name, banded(table.column(name), held, trained)) for name in asked.columns]
    used = [bands for _, bands in found if bands is not None]
    left_out = [name for name, bands in found if bands is None]
    good = [not held[place] for place in trained]
    while used:
        evidence = [bands.weights_of_evidence() for bands in used]
        rows = [evidence_of(used, evidence, table, place) for place in trained]
        _, weights = logistic(rows, good, 1.0)
        points = pointed(evidence, weights)
        poor = [n for n, most in enumerate(max(one) for one in points) if weights[n] <= 0 or most == 0]
        if not poor:
            break
        worst = min(poor, key=lambda n: (weights[n], used[n].column.name))
        left_out.append(used.pop(worst).column.name)
    if not used:
        raise refuse("learn-target.untold", name=table.target)
    characteristics = tuple(
        Characteristic(f"{asked.name}_{bands.column.name}", bands, tuple(one), max(one))
        for bands, one in zip(used, points, strict=True)
    )
    return linked(table, held, characteristics, tuple(left_out))


def evidence_of(
    used: Sequence[Bands], evidence: Sequence[Sequence[float]], table: Table, place: int
) -> list[float]:
    return [
        weights[bands.band(bands.column.values[place])] for bands, weights in zip(used, evidence, strict=True)
    ]


def pointed(evidence: Sequence[Sequence[float]], weights: Sequence[float]) -> list[list[int]]:
    """Whole points by band; the best bands sum to a hundred, the worst have none."""
    spans = [max(0.0, weight) * (max(one) - min(one)) for one, weight in zip(evidence, weights, strict=True)]
    total = math.fsum(spans)
    if not total:
        return [[0 for _ in one] for one in evidence]
    shares = [span * WHOLE / total for span in spans]
    most = [math.floor(share) for share in shares]
    order = sorted(range(len(most)), key=lambda n: (most[n] - shares[n], n))
    for n in order[: WHOLE - sum(most)]:
        most[n] += 1
    return [
        [round((each - min(one)) / (max(one) - min(one)) * top) for each in one]
        for one, top in zip(evidence, most, strict=True)
    ]


def linked(
    table: Table, held: Sequence[bool], found: tuple[Characteristic, ...], left_out: tuple[str, ...]
) -> Card:
    """What the rounded points mean, and where the target is best told apart."""
    totals = [
        sum(one.points[one.bands.band(one.bands.column.values[place])] for one in found)
        for place in table.trained
    ]
    yes = [held[place] for place in table.trained]
    intercept, (slope,) = logistic([[total / WHOLE] for total in totals], yes, 0.01)
    best = kolmogorov([-total for total in totals], yes)
    assert best is not None
    cut = decimal((-best[1] + 0.5) / WHOLE, 3)
    return Card(found, left_out, decimal(intercept, LINK_DECIMALS), decimal(slope, LINK_DECIMALS), cut)


# ---- Text ----------------------------------------------------------------------------------------


def text_of(table: Table, asked: Asked, card: Card, target: Column) -> str:
    entity, name = table.origin.entity, asked.name
    lines = [
        f"indexes {name}_points {quoted('Points: the more, the less likely ' + target.title)} of {entity}"
    ]
    for one in card.characteristics:
        lines += characteristic(one, target)
    lines += ["", f"score {name} {quoted('Score against: ' + target.title)} of {entity}"]
    lines.append(f"  source {quoted(f'{table.origin.command}, seed {table.origin.seed}')}")
    lines += [f"  {decimal(one.most / WHOLE, 2, padded=True)} {one.name}" for one in card.characteristics]
    lines += ["  bands", f'    unlikely "Unlikely" from {card.cut}', '    likely "Likely" below']
    slope = card.slope.lstrip("-")
    formula = f"logistic({card.intercept} {'-' if card.slope.startswith('-') else '+'} {slope} * {name})"
    lines += ["", f"indexes {name}_link of {entity}"]
    lines += [f"  {probability(asked)} {quoted('Probability: ' + target.title)} = {formula}"]
    lines += ["", f"flags {name}_flags of {entity}"]
    lines += [f"  {name}_likely {quoted('Likely: ' + target.title)} when {name} is likely"]
    mean = f"mean({probability(asked)} over all {entity})"
    lines += ["", "kpis", f"  {name}_expected {quoted('Expected share: ' + target.title)} = {mean}"]
    return "".join(f"{line}\n" for line in lines)


def characteristic(one: Characteristic, target: Column) -> list[str]:
    lines = [f"  {one.name} {quoted(one.bands.column.title)}"]
    for condition, points, (rows, yes) in zip(
        one.bands.conditions, one.points, one.bands.counts, strict=True
    ):
        value = str(points // one.most) if points in (0, one.most) else f"{points} / {one.most}"
        when = condition if condition == "otherwise" else f"when {condition}"
        said = f"{percent(yes, rows)} of {rows:,}" if rows else "nobody"
        lines.append(f"    {value} {when}  # {said}")
    return lines


# ---- Figures -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validated:
    """What was learnt, and what the text makes of everybody."""

    table: Table
    asked: Asked
    card: Card
    held: Sequence[bool]
    evaluated: Evaluated

    @property
    def predicted(self) -> list[float]:
        column = self.evaluated[probability(self.asked)]
        return [number / 10**column.type.scale for number in column.numbers]

    def lines(self) -> list[str]:
        table, asked = self.table, self.asked
        lines = provenance(table, f"`{asked.name}`: a scorecard against `{table.target}`")
        if self.card.left_out:
            lines.append(f"Left out, as they add nothing: {', '.join(self.card.left_out)}.")
        known = area(*self.of(table.trained))
        if known is not None and known > TOO_GOOD:
            lines.append("It foretells almost everybody: see whether a column is made from what is foretold.")
        lines.append("Behind a band stands how often it holds there, among the records learnt from.")
        lines += ["", "How well it tells apart", *columns(HEADING, self.parts())]
        lines += ["", f"Predicted and found, {'held out' if table.held_out else 'learnt from'}"]
        lines += columns(["probability up to", "records", "predicted", "found"], self.calibrated())
        likely = [n for n, band in enumerate(self.evaluated[f"{asked.name}_band"].values) if band == "likely"]
        lines += ["", f"Reasons: points that the {len(likely):,} likely lose on average"]
        return [*lines, *columns(["column", "lost", "of"], self.reasons(likely))]

    def summary(self) -> str:
        places = self.table.held_out or self.table.trained
        part = "held out" if self.table.held_out else "learnt from"
        found = area(*self.of(places))
        return f"AUC {'–' if found is None else f'{found:.3f}'} ({part}) · {len(self.card.characteristics)} columns"

    def of(self, places: Sequence[int]) -> tuple[list[float], list[bool]]:
        predicted = self.predicted
        return [predicted[n] for n in places], [self.held[n] for n in places]

    def parts(self) -> list[list[str]]:
        rows = [self.row("learnt from", self.table.trained)]
        if self.table.held_out:
            rows.append(self.row("held out", self.table.held_out))
        if self.asked.period is not None:
            values = [period(value) for value in self.table.column(self.asked.period).values]
            rows += [
                self.row(each, [n for n, own in enumerate(values) if own == each])
                for each in sorted(set(values))
            ]
        return rows

    def row(self, name: str, places: Sequence[int]) -> list[str]:
        predicted, held = self.of(places)
        auc, ks = area(predicted, held), kolmogorov(predicted, held)
        return [
            name,
            f"{len(places):,}",
            percent(sum(held), len(held)),
            percent(math.fsum(predicted), len(predicted)),
            "–" if auc is None else f"{auc:.3f}",
            "–" if ks is None else f"{ks[0]:.3f}",
            f"{brier(predicted, held):.4f}",
        ]

    def calibrated(self) -> list[list[str]]:
        predicted, held = self.of(self.table.held_out or self.table.trained)
        return [
            [percent(high), f"{rows:,}", percent(mean), percent(share)]
            for high, mean, share, rows in calibration(predicted, held, GROUPS)
        ]

    def reasons(self, places: Sequence[int]) -> list[list[str]]:
        """From the column that loses most down."""
        found = []
        for one in self.card.characteristics:
            column = self.evaluated[one.name]
            levels = [value / 10**column.type.scale for value in column.at(places).numbers]
            lost = one.most * (1 - math.fsum(levels) / len(levels)) if levels else 0.0
            found.append((lost, one))
        order = sorted(found, key=lambda pair: (-pair[0], pair[1].name))
        return [[one.bands.column.name, f"{lost:.1f}", str(one.most)] for lost, one in order]


HEADING = ["", "records", "found", "predicted", "AUC", "KS", "Brier"]


def period(value: object) -> str:
    """A value as a row of the table; days by their month."""
    if value is None:
        return "missing"
    return str(value)[:7] if hasattr(value, "isoformat") else str(value)
