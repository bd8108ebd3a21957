"""The nearest way is the cheapest of all there are: on small policies every combination of changes is tried beside it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import prod

import pytest
import z3

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.pipeline.cheapest import Wish, allowed, broken, confirmed
from lifeseg.pipeline.listing import case_named
from lifeseg.pipeline.whatif import edited_results
from lifeseg.prover.family import Family, Lever
from lifeseg.prover.nearest import Goal, Search, Ways, about, wanted
from tests.agreement.pairs import Tally, pairs
from tests.model.checking import TODAY, model_of, population
from tests.prover.nearest_policies import CASES, customers, policy

POLICIES, PARTS = 60, 4
MOST_TRIED = 3000
PAIRS = 150

Point = tuple[Fraction, frozenset[int], tuple[int, ...]]
"""Cost, which levers are moved, and where each is."""


def goal_of(results: Results, case: str) -> Goal:
    wish = Wish(case)
    return Goal(*case_named(results.model, wish.bare), wish.away)


def asked(results: Results, goal: Goal, index: int, most: int, seconds: float) -> tuple[Search, Ways]:
    entity, row = goal.entity, results.rows[goal.entity][index]
    family = Family(results, entity, row, about(results.model, goal), allowed(results.model))
    search = Search(family, wanted(family, goal), confirmed(results, entity, index, goal), seconds)
    return search, search.ways(most)


class Trial:
    """Asks the interpreter of any combination of changes."""

    def __init__(self, results: Results, goal: Goal, index: int, levers: list[Lever]) -> None:
        self.results, self.goal, self.index, self.levers = results, goal, index, levers
        self.before = broken(edited_results(results, goal.entity, index, [])[0])

    def arrives(self, places: Sequence[int]) -> bool:
        """Whether the record is there then, and no assumption is newly broken."""
        goal, rows = self.goal, self.results.rows[self.goal.entity]
        moved = [pair for pair in zip(self.levers, places, strict=True) if pair[1]]
        edits = [(one.entity, one.row, one.fact, one.value(place)) for one, place in moved]
        changed, taken = edited_results(self.results, goal.entity, self.index, edits)
        place = next(at for at, row in enumerate(taken[goal.entity]) if row is rows[self.index])
        return goal.reached(changed.value(goal.entity, place, goal.column)) and broken(changed) <= self.before

    def cost(self, places: Sequence[int]) -> Fraction:
        return sum((one.cost(at) for one, at in zip(self.levers, places, strict=True)), Fraction(0))

    def size(self) -> int:
        return prod(high - low + 1 for low, high in (lever.bounds() for lever in self.levers))

    def all(self) -> list[Point]:
        """Everything there is that leads there."""
        ranges = [range(low, high + 1) for low, high in (lever.bounds() for lever in self.levers)]
        found = (places for places in product(*ranges) if self.arrives(places))
        return [
            (self.cost(places), frozenset(at for at, place in enumerate(places) if place), places)
            for places in found
        ]


def cheapest_of(points: list[Point], most: int) -> list[Fraction]:
    """What the ways cost: each the cheapest of those without all changes of one before it, then the fewest changes."""
    costs: list[Fraction] = []
    while points and len(costs) < most:
        cost, moved, _ = min(points, key=lambda one: (one[0], len(one[1]), rank(one)))
        costs.append(cost)
        points = [one for one in points if not moved <= one[1]]
    return costs


def rank(point: Point) -> tuple[object, ...]:
    """What is declared first is changed first, by the fewest steps, up rather than down."""
    _, moved, places = point
    return tuple(at not in moved for at in range(len(places))), tuple((abs(one), one < 0) for one in places)


def drawn(seed: int) -> Results:
    source = random.Random(seed)
    model = model_of(policy(source), head="")
    return evaluate(model, customers(source), TODAY)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_cheaper(part: int) -> None:
    """The first answer to the letter, the cost of each further one, and whether there is any at all."""
    verdicts: Counter[str] = Counter()
    for seed in range(part, POLICIES, PARTS):
        results, source = drawn(seed), random.Random(seed)
        for case in source.sample(CASES, 5):
            goal = goal_of(results, case)
            if not results.rows[goal.entity] or goal.reached(results.value(goal.entity, 0, goal.column)):
                continue
            search, ways = asked(results, goal, 0, 3, 30.0)
            trial = Trial(results, goal, 0, search.levers)
            if trial.size() <= MOST_TRIED:
                same(search, ways, trial.all(), (seed, case))
                verdicts[ways.verdict] += 1
    assert verdicts["found"] > 10, verdicts
    assert verdicts["impossible"], verdicts


def same(search: Search, ways: Ways, points: list[Point], which: object) -> None:
    """What was found is what trying everything finds."""
    assert ways.why == "", which
    assert ways.verdict == ("found" if points else "impossible"), which
    assert all(way.proved for way in ways.ways), which
    assert [way.cost for way in ways.ways] == cheapest_of(points, 3), which
    if ways.ways:
        _, moved, places = min(points, key=lambda one: (one[0], len(one[1]), rank(one)))
        own = {search.levers.index(change.lever): change.place for change in ways.ways[0].changes}
        assert own == {at: places[at] for at in moved}, which


@pytest.mark.slow
def test_levers_left_out_make_no_difference() -> None:
    """What the search takes no account of changes nothing: with all facts that may change there is nothing cheaper."""
    compared = 0
    for seed in range(1000, 1060):
        results = drawn(seed)
        goal = goal_of(results, "happy")
        if goal.reached(results.value("customer", 0, goal.column)):
            continue
        search, ways = asked(results, goal, 0, 1, 30.0)
        trial = Trial(results, goal, 0, search.family.levers)
        if trial.size() <= MOST_TRIED:
            assert [way.cost for way in ways.ways] == cheapest_of(trial.all(), 1)
            compared += 1
    assert compared > 5


@pytest.mark.slow
def test_nobody_drawn_is_cheaper_on_generated_policies() -> None:
    """Policies of the agreement suite: dates, children of children, missing values, functions no solver knows."""
    verdicts: Counter[str] = Counter()
    for pair in pairs(PAIRS, Tally()):
        results, source = evaluate(pair.model, pair.population, pair.as_of), random.Random(pair.name)
        for goal in goals(results, source):
            search, ways = asked(results, goal, 0, 2, 2.0)
            trial = Trial(results, goal, 0, search.levers)
            verdicts[ways.verdict] += 1
            for way in ways.ways:
                own = {id(change.lever): change.place for change in way.changes}
                assert trial.arrives([own.get(id(one), 0) for one in search.levers]), (pair.name, goal)
            for _ in range(30):
                places = [source.choice((0, source.randint(*one.bounds()))) for one in search.levers]
                if trial.arrives(places):
                    assert ways.verdict != "impossible", (pair.name, goal)
                    assert not ways.ways or trial.cost(places) >= ways.ways[0].least, (pair.name, goal)
    assert verdicts["found"] > 20, verdicts
    assert verdicts["impossible"], verdicts


def goals(results: Results, source: random.Random) -> Iterator[Goal]:
    """A few cases that the first record of their entity is not in."""
    from lifeseg.pipeline.listing import all_cases

    known = [Goal(*one[1:]) for one in all_cases(results.model)]
    for goal in source.sample(known, min(3, len(known))):
        rows = results.rows[goal.entity]
        if rows and not goal.reached(results.value(goal.entity, 0, goal.column)):
            yield goal


FORTY = "\n".join(
    f"  fact{place} share\n    changes up by 1% cost {7 + place * 3 % 11} CNY" for place in range(40)
)
LEAVES = "\n".join(f"  0.025 fact{place}" for place in range(40))
MANY = f"""policy many
  version 1.0.0

entity customer
  customer_id text key
  level rating 1..5
    changes up cost 100 CNY
{FORTY}

entity item of customer
  amount count 0..9
    changes cost 2 CNY

score many of customer
{LEAVES}
  bands
    high from 0.91
    low below

indexes measures of customer
  spread = deviation(amount over item)
    range 0..100
    if missing 0
  churn = logistic(2 * many - level * 0.5)

flags signs of customer
  even when spread < 1
  safe when churn > 0.4
"""


def of_many() -> Results:
    source = random.Random(3)
    model = model_of(MANY, head="")
    facts = {f"fact{place}": source.randrange(0, 600_000, 10_000) for place in range(40)}
    return evaluate(
        model,
        population(
            model, customer=[{"customer_id": "C1", "level": 1, **facts}], item=[{"amount": 1}, {"amount": 6}]
        ),
        TODAY,
    )


@pytest.mark.parametrize("answered", [1, 3, 6])
def test_what_takes_too_long_is_told_with_a_bound(answered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time runs out after so many questions: there is a way, and what is said of its cost is true of the cheapest."""
    results, check = of_many(), Search.check
    goal, left = goal_of(results, "high"), iter(range(answered))
    (cheapest,) = asked(results, goal, 0, 1, 60.0)[1].ways

    def until_then(self: Search, extra: Sequence[object]) -> object:
        return check(self, extra) if next(left, None) is not None else (z3.unknown, None)

    monkeypatch.setattr(Search, "check", until_then)
    search, ways = asked(results, goal, 0, 1, 60.0)
    (way,) = ways.ways
    own = {id(one.lever): one.place for one in way.changes}
    assert Trial(results, goal, 0, search.levers).arrives([own.get(id(one), 0) for one in search.levers])
    assert (way.proved, ways.why) == (False, "time")
    assert ways.least <= cheapest.cost <= way.cost
    assert ways.least < way.cost


@pytest.mark.parametrize(("case", "cost"), [("even", 8), ("safe", None)])
def test_functions_that_no_solver_knows_are_asked_for(case: str, cost: int | None) -> None:
    """Where a logistic function comes to its threshold is looked for; what a deviation depends on may change."""
    results = of_many()
    _, ways = asked(results, goal_of(results, case), 0, 1, 10.0)
    (way,) = ways.ways
    assert way.proved
    assert cost is None or way.cost == cost
