"""A table of numbers comes in; named centres as policy text go out, with sizes, stability and profiles as remarks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from lifeseg.frozen import dataclass
from lifeseg.learning.draft import Draft, Evaluated, enough, refuse
from lifeseg.learning.fitting import centres as fitted_centres
from lifeseg.learning.measures import adjusted_rand, explained, nearest, silhouette
from lifeseg.learning.scaling import Scaled, standardised
from lifeseg.learning.table import Column, Table
from lifeseg.learning.text import columns, decimal, percent, provenance, quoted, remarks
from lifeseg.model.expression import Value

CENTRE_DECIMALS = 4
MOST_OPTIONS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """The clustering's name, the columns compared, the classes from the lowest in the first column up, and what else
    is told of each class.
    """

    name: str
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    profile: tuple[str, ...]


def learn_clusters(table: Table, asked: Asked) -> Draft:
    """K-means on standard scores, the centres rounded."""
    enough(table, len(asked.classes), "classes")
    scaled = [
        standardised(table.column(name), f"{asked.name}_{name}", table.trained) for name in asked.columns
    ]
    points = list(zip(*(one.values for one in scaled), strict=True))
    learnt = [points[place] for place in table.trained]
    if len(set(learnt)) < len(asked.classes):
        raise refuse("learn-rows.alike", found=f"{len(set(learnt)):,}", classes=len(asked.classes))
    cells = rounded(fitted_centres(learnt, len(asked.classes), table.origin.seed))
    if len({tuple(row) for row in cells}) < len(cells):
        raise refuse("learn-rows.alike", found=len({tuple(row) for row in cells}), classes=len(cells))

    def finished(evaluated: Evaluated) -> tuple[str, str]:
        found = Clustering(table, asked, scaled, cells, evaluated)
        return found.remarks() + body, found.summary()

    body = text_of(table, asked, scaled, cells)
    return Draft(body, (asked.name, *(one.name for one in scaled)), finished)


def rounded(found: Sequence[Sequence[float]]) -> list[list[str]]:
    """The centres as written, from the lowest in the first column up."""
    cells = [[decimal(number, CENTRE_DECIMALS, padded=True) for number in row] for row in found]
    return sorted(cells, key=lambda row: [float(cell) for cell in row])


def text_of(table: Table, asked: Asked, scaled: Sequence[Scaled], cells: Sequence[Sequence[str]]) -> str:
    origin = table.origin
    lines = [f"indexes {asked.name}_scaled {quoted('What counts, on one scale')} of {origin.entity}\n"]
    lines += [one.text for one in scaled]
    lines.append(
        f"\nclusters {asked.name} {quoted(asked.name.replace('_', ' ').capitalize())} of {origin.entity}\n"
    )
    lines.append(f"  source {quoted(f'{origin.command}, seed {origin.seed}')}\n")
    lines += [f"  gives {name} {quoted(name.replace('_', ' ').capitalize())}\n" for name in asked.classes]
    rows = [
        [*(one.name for one in scaled), asked.name],
        *([*row, name] for row, name in zip(cells, asked.classes, strict=True)),
    ]
    lines += [f"  | {' | '.join(row[:-1])} || {row[-1]} |\n" for row in rows]
    return "".join(lines)


@dataclass(frozen=True, slots=True)
class Clustering:
    """What was learnt and how the text puts everybody into a class."""

    table: Table
    asked: Asked
    scaled: Sequence[Scaled]
    cells: Sequence[Sequence[str]]
    evaluated: Evaluated

    @property
    def classes(self) -> tuple[Value, ...]:
        return self.evaluated[self.asked.name].values

    @property
    def centres(self) -> list[list[float]]:
        return [[float(cell) for cell in row] for row in self.cells]

    def points(self, places: Sequence[int]) -> list[tuple[float, ...]]:
        found = [self.evaluated[one.name] for one in self.scaled]
        return [tuple(number(column, place) for column in found) for place in places]

    def numbers(self, places: Sequence[int]) -> list[int]:
        return [self.asked.classes.index(str(self.classes[place])) for place in places]

    def remarks(self) -> str:
        table, lines = self.table, provenance(self.table, f"`{self.asked.name}`: {len(self.cells)} classes")
        lines += ["", *self.quality(table.trained, "Of the records learnt from")]
        if table.held_out:
            lines += self.quality(table.held_out, "Of those held out")
            if (stable := self.stability()) is not None:
                lines.append(
                    f"  Centres learnt from these alone put them alike to {stable:.2f} (adjusted Rand index)"
                )
        lines += ["", "Classes: records, their share, and means", *self.profile()]
        every = tuple(chain.from_iterable(self.shares(name) for name in self.asked.profile))
        return remarks([*lines, *every]) + "\n"

    def summary(self) -> str:
        trained = self.table.trained
        found = silhouette(self.points(trained), self.centres, self.numbers(trained))
        sizes = [self.classes.count(name) for name in self.asked.classes]
        parts = " · ".join(
            f"{name} {percent(size, sum(sizes))}"
            for name, size in zip(self.asked.classes, sizes, strict=True)
        )
        return f"{parts} · silhouette {found:.2f}"

    def quality(self, places: Sequence[int], head: str) -> list[str]:
        points, numbers = self.points(places), self.numbers(places)
        if not points:
            return []
        good = silhouette(points, self.centres, numbers)
        between = percent(explained(points, numbers))
        return [
            f"{head} ({len(points):,}): {between} of the variance lies between classes, silhouette {good:.2f}"
        ]

    def stability(self) -> float | None:
        """How far centres learnt from the records held out put these as the text does."""
        points = self.points(self.table.held_out)
        if len(set(points)) < len(self.cells):
            return None
        other = fitted_centres(points, len(self.cells), self.table.origin.seed)
        return adjusted_rand(self.numbers(self.table.held_out), [nearest(point, other) for point in points])

    def profile(self) -> list[str]:
        """Records and means by class, and of all."""
        names = [
            *self.asked.columns,
            *(n for n in self.asked.profile if kind(self.table.column(n)) == "number"),
        ]
        found = [self.table.column(name) for name in names]
        parts: dict[str, Sequence[int]] = {"of all": range(len(self.classes))}
        if self.table.held_out:
            parts = {"of learnt": self.table.trained, "of held out": self.table.held_out}
        heading = ["class", "records", *parts, *(f"{one.name}" for one in found)]
        rows = [
            [
                name,
                f"{len(places):,}",
                *(percent(len(set(places) & set(part)), len(part)) for part in parts.values()),
                *(mean_text(one, places) for one in found),
            ]
            for name, places in [*self.members(), ("all", range(len(self.classes)))]
        ]
        return columns(heading, rows)

    def members(self) -> list[tuple[str, Sequence[int]]]:
        return [
            (name, [n for n, own in enumerate(self.classes) if own == name]) for name in self.asked.classes
        ]

    def shares(self, name: str) -> list[str]:
        """The share of each value of a column in each class."""
        column = self.table.column(name)
        if kind(column) == "number":
            return []
        if kind(column) not in ("choice", "truth", "text"):
            raise refuse("learn-column", name=name, found="a day", wanted="a number, a choice or a yes/no")
        found = sorted({word(value) for value in column.values}, key=lambda one: (one == "missing", one))
        options = [option for option in column.type.options if option in found] or found
        options += [option for option in found if option not in options]
        if len(options) > MOST_OPTIONS:
            raise refuse("learn-column.many", name=name, found=f"{len(options):,}", most=MOST_OPTIONS)
        rows = [
            [
                own,
                *(
                    percent(sum(word(column.values[n]) == option for n in places), len(places))
                    for option in options
                ),
            ]
            for own, places in [*self.members(), ("all", range(len(self.classes)))]
        ]
        return ["", f"Share of each value of `{name}` within a class", *columns(["class", *options], rows)]


def kind(column: Column) -> str:
    return column.type.kind


def word(value: Value) -> str:
    return (
        "missing" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)
    )


def number(column: Column, place: int) -> float:
    value = column.values[place]
    assert isinstance(value, int)
    return float(value / 10**column.type.scale)


def mean_text(column: Column, places: Sequence[int]) -> str:
    """The mean of what is known, with four digits or so."""
    found = column.at(places).numbers
    if not found:
        return "–"
    mean = math.fsum(found) / len(found) / 10**column.type.scale
    return decimal(mean, 4 if abs(mean) < 1 else 2)
