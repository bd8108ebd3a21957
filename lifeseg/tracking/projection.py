"""What went on from month to month comes in; how many are expected in each case in the months to come, with intervals.

A Markov chain: where somebody goes depends on the case alone, at the rates observed over all months together, and as many
come anew as came in the mean month. The intervals are quantiles of draws: rates from a Dirichlet distribution (what was
observed, and one observation more that is spread over what was seen to happen), newcomers from a gamma distribution, and
then each customer's way by these. So they hold what chance does and how little is known, not that the world may change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

from lifeseg.frozen import dataclass
from lifeseg.tracking.flows import Flow

DRAWS = 1_000
LEVELS = (80, 95)
EACH = 16
"""Up to so many, everybody is drawn alone."""
POISSON = 12.0
PRIOR_OF_NEW = 0.5


@dataclass(frozen=True, slots=True)
class Expected:
    """A case in a month to come: the expected number, and the lowest and highest by level of confidence."""

    number: Fraction
    intervals: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Rates:
    """What was observed over so many months: who was where and went where, and who came anew."""

    cases: tuple[str, ...]
    months: int
    left: Mapping[str, Mapping[str | None, int]]
    new: Mapping[str, int]

    def observed(self, case: str) -> int:
        """For how many customers and months it was seen where they went from a case."""
        return sum(self.left[case].values())


def rates_of(cases: Sequence[str], flows: Sequence[Flow]) -> Rates:
    total: Flow = Counter()
    for flow in flows:
        total.update(flow)
    left: dict[str, dict[str | None, int]] = {case: {} for case in cases}
    new = dict.fromkeys(cases, 0)
    for (before, after), count in sorted(total.items(), key=str):  # always the same draws
        if before is not None:
            left[before][after] = count
        elif after is not None:
            new[after] += count
    return Rates(tuple(cases), len(flows), left, new)


def projected(rates: Rates, start: Mapping[str, int], months: int, seed: int) -> list[dict[str, Expected]]:
    """Each month to come, by case."""
    means = expectations(rates, start, months)
    draws = [drawn(rates, start, months, Random(f"{seed} {number}")) for number in range(DRAWS)]
    found = []
    for month, mean in enumerate(means):
        intervals = {
            case: {level: quantiles(sorted(draw[month][case] for draw in draws), level) for level in LEVELS}
            for case in rates.cases
        }
        found.append({case: Expected(mean[case], intervals[case]) for case in rates.cases})
    return found


def expectations(rates: Rates, start: Mapping[str, int], months: int) -> list[dict[str, Fraction]]:
    now = {case: Fraction(start.get(case, 0)) for case in rates.cases}
    found = []
    for _ in range(months):
        then = {case: Fraction(rates.new[case], rates.months) for case in rates.cases}
        for case, number in now.items():
            all_of_them = rates.observed(case)
            if not all_of_them:
                then[case] += number
            for after, count in rates.left[case].items():
                if after is not None and all_of_them:
                    then[after] += number * count / all_of_them
        now = {case: number.limit_denominator(10**9) for case, number in then.items()}
        found.append(now)
    return found


def quantiles(ordered: Sequence[int], level: int) -> tuple[int, int]:
    """What lies between has at least that share of the draws."""
    beyond = len(ordered) * (100 - level) // 200
    return ordered[beyond], ordered[-1 - beyond]


# ---- One draw ------------------------------------------------------------------------------------


def drawn(rates: Rates, start: Mapping[str, int], months: int, source: Random) -> list[dict[str, int]]:
    """One future: rates that may be true, and what chance makes of them."""
    ways = {case: way(rates, case, source) for case in rates.cases}
    new = {case: source.gammavariate(count + PRIOR_OF_NEW, 1) / rates.months if count else 0.0
           for case, count in rates.new.items()}  # fmt: skip
    now = {case: start.get(case, 0) for case in rates.cases}
    found = []
    for _ in range(months):
        then = {case: poisson(source, new[case]) for case in rates.cases}
        for case, number in now.items():
            for after, count in divided(source, number, ways[case]):
                if after is not None:
                    then[after] += count
        now = then
        found.append(now)
    return found


def way(rates: Rates, case: str, source: Random) -> list[tuple[str | None, float]]:
    """Where those in a case go, and how likely; who was never seen to leave it stays."""
    seen = {case: 0, **rates.left[case]}
    if len(seen) == 1:
        return [(case, 1.0)]
    prior = 1 / len(seen)
    weights = [(after, source.gammavariate(count + prior, 1)) for after, count in seen.items()]
    total = sum(weight for _, weight in weights)
    return [(after, weight / total) for after, weight in weights]


def divided(
    source: Random, number: int, ways: Sequence[tuple[str | None, float]]
) -> list[tuple[str | None, int]]:
    """So many customers, each on one of the ways."""
    found, rest = [], 1.0
    for after, share in ways[:-1]:
        count = binomial(source, number, min(1.0, share / rest) if rest > 0 else 0.0)
        found.append((after, count))
        number, rest = number - count, rest - share
    return [*found, (ways[-1][0], number)]


def binomial(source: Random, number: int, share: float) -> int:
    """Exact for any number: the middle one of so many uniform draws says in which half the others count."""
    found = 0
    while number > EACH:
        middle = (number + 1) // 2
        place = source.betavariate(middle, number + 1 - middle)
        if place <= share:
            found += middle
            number -= middle
            share = (share - place) / (1 - place) if place < 1 else 0.0
        else:
            number = middle - 1
            share = share / place
    return found + sum(source.random() < share for _ in range(number))


def poisson(source: Random, mean: float) -> int:
    """Exact for any mean: the time of an event in the middle says how many came before it."""
    found = 0
    while mean > POISSON:
        middle = int(mean * 7 / 8)
        time = source.gammavariate(middle, 1)
        if time > mean:
            return found + binomial(source, middle - 1, mean / time)
        found += middle
        mean -= time
    time = source.expovariate(1)
    while time <= mean:
        found += 1
        time += source.expovariate(1)
    return found
