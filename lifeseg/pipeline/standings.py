"""Results of everybody and a record come in; how its scores, and those of the records beneath it, compare with everybody's go
out. (Where only the record's family was read, `among_all` measures everybody by queries.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from lifeseg.explain.explanation import Standing
from lifeseg.frozen import dataclass
from lifeseg.functions.exact import divide_half_away, to_text
from lifeseg.interpreter.results import Results
from lifeseg.model.model import Model, Score
from lifeseg.pipeline.single_changes import below

MEAN_DECIMALS = 6
PARTS = 100
Of = tuple[str, str]
"""Entity and score."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """The values that records have of a score: how many, their mean, and 99 of them, at whole hundredths of the number.

    The value at the hundredth k is the smallest that k in a hundred do not exceed, so that as many of these lie below a
    value as there are whole hundredths of all that do.
    """

    population: int
    mean: Fraction
    cuts: tuple[Fraction, ...]

    def percentile(self, value: Fraction) -> int:
        return sum(cut < value for cut in self.cuts)


def standings(
    results: Results, entity: str, index: int, known: Mapping[Of, Distribution] | None = None
) -> Iterator[Standing]:
    """One for each score that a record, or one beneath it, has a value of; among those of the results, unless it is known how
    they are spread among all: what is not known then is not told.
    """
    measured = dict(known) if known is not None else {}
    for name, child, row in below(results, entity, (), results.rows[entity][index]):
        for score in scores_of(results.model, name):
            value = row[results.slots[name][score.name]]
            if value is None:
                continue
            if known is None and (name, score.name) not in measured:
                measured[name, score.name] = among(results, name, score)
            found, own = measured.get((name, score.name)), Fraction(value, 10**score.type.scale)
            if found is not None and found.population > 1:
                mean = decimal(found.mean)
                yield Standing(child, score.name, mean, found.population, found.percentile(own))


def scores_of(model: Model, entity: str) -> list[Score]:
    return [one for one in model.of(entity) if isinstance(one, Score) and not one.made]


def place_of(part: int, count: int) -> int:
    """The place, from 1, of the smallest value that so many in a hundred do not exceed."""
    return -(-count * part // PARTS)


def among(results: Results, entity: str, score: Score) -> Distribution:
    """What all records of the results have."""
    values = sorted(value for value in results.column(entity, score.name) if isinstance(value, int))
    count, unit = len(values), 10**score.type.scale
    cuts = [Fraction(values[place_of(part, count) - 1], unit) for part in range(1, PARTS)]
    return Distribution(count, Fraction(sum(values), count * unit), tuple(cuts))


def decimal(value: Fraction) -> str:
    whole = divide_half_away(value.numerator * 10**MEAN_DECIMALS, value.denominator)
    return to_text(whole, MEAN_DECIMALS)
