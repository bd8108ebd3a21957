"""A family and what it is to become come in; the cheapest changes that get it there go out, with how sure that is.

The solver looks for a point within a bound of costs, and the bound is halved until nothing is left below it. Every point it
comes up with is asked of the interpreter; one that the interpreter does not confirm is left out from then on. So what is said
to be cheapest is, and where time runs out it is said below which costs nothing is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any, Literal

import z3

from lifeseg.frozen import dataclass
from lifeseg.interpreter.from_expression import from_expression as interpreted
from lifeseg.model.expression import Value
from lifeseg.model.model import Model
from lifeseg.prover.family import Family, Lever
from lifeseg.prover.from_expression import from_expression, named
from lifeseg.prover.memory import ROOM, is_full, make_room
from lifeseg.prover.terms import Symbol, Term, both, either, implied, negated
from lifeseg.prover.witness import Found
from lifeseg.prover.world import Call

MOST_DISPROVED = 300
"""Points that the interpreter may not confirm until the question is given up."""

ATTEMPTS = ((2, 0.5), (6, 1.5), (2, 5.0), (6, float("inf")))
"""Arithmetics of the solver, and seconds for each in turn: the older is quick with weighted sums, the newer not stuck
where few values are left.
"""

FARTHEST = 10**20

RISING = ("exp", "ln", "logistic", "square_root")
"""Functions that give more of more."""

Verdict = Literal["found", "impossible", "open"]
Places = tuple[int, ...]
"""Where each lever is, in their order."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact of a record that becomes another value."""

    lever: Lever
    place: int


@dataclass(frozen=True, slots=True)
class Way:
    """Changes that get there; `least`: nothing costs less. It is the cheapest where the two are the same."""

    changes: tuple[Change, ...]
    cost: Fraction
    least: Fraction

    @property
    def proved(self) -> bool:
        return self.cost == self.least


@dataclass(frozen=True, slots=True)
class Ways:
    """The cheapest first, each without all the changes of one before it. Of what is open nothing costs less than `least`."""

    verdict: Verdict
    ways: tuple[Way, ...]
    least: Fraction
    why: str = ""  # no more was found


class Undecided(Exception):  # noqa: N818 - a signal
    """Raised where the solver gives no answer."""


class Search:
    """The questions about one family."""

    def __init__(
        self, family: Family, wanted: Term, confirm: Callable[[Sequence[Change]], bool], seconds: float
    ) -> None:
        make_room(ROOM)
        self.family, self.confirm = family, confirm
        self.until = time.monotonic() + seconds
        self.told: list[Term] = [one for one in (*family.world.constraints, wanted) if one is not True]
        names, self.calls = read(self.told, family.world.calls)
        self.levers = [lever for lever in family.levers if lever.place.decl().name() in names]
        for lever in self.levers:
            low, high = lever.bounds()
            self.told += [lever.place >= low, lever.place <= high]
        self.unit, weights = units([lever.room.cost for lever in self.levers])
        self.changed = [lever.place != 0 for lever in self.levers]
        terms = [
            weight * lever.counted() for weight, lever in zip(weights, self.levers, strict=True) if weight
        ]
        self.weights, self.cost = weights, z3.Sum(terms) if terms else z3.IntVal(0)
        self.number = z3.Sum([z3.If(one, 1, 0) for one in self.changed]) if self.changed else z3.IntVal(0)
        self.disproved = 0

    # ---- The cheapest ----------------------------------------------------------------------------

    def ways(self, most: int) -> Ways:
        """So many at most."""
        found: list[Way] = []
        least = 0
        self.least = 0
        while len(found) < most:
            try:
                places = self.cheapest(least)
            except Undecided as reason:
                return self.ended("open", found, str(reason))
            if places is None:
                return self.ended("impossible", found, "")
            way, why = self.way(places), self.why
            found.append(way)
            if not way.proved:
                return self.ended("open", found, why)
            least = self.cost_of(places)
            taken = [one for one, place in zip(self.changed, places, strict=True) if place]
            if not taken:
                break
            self.told.append(negated(both(taken)))
        return self.ended("found", found, "")

    def ended(self, verdict: Verdict, found: Sequence[Way], why: str) -> Ways:
        least = found[0].least if found else self.least * self.unit
        return Ways("found" if found else verdict, tuple(found), least, why)

    def way(self, places: Places) -> Way:
        cost = self.cost_of(places) * self.unit
        return Way(tuple(self.changes(places)), cost, min(cost, self.least * self.unit))

    def cheapest(self, least: int) -> Places | None:
        """Of the cheapest the one that changes fewest facts, of these those that are declared first, by the fewest steps."""
        self.why, self.least = "", least
        best = self.point()
        if best is None:
            return None
        try:
            reach = max(least, 1)
            while self.least < self.cost_of(best):
                most = min(reach, (self.least + self.cost_of(best)) // 2)
                better = self.point(most=most)
                if better is None:
                    self.least, reach = most + 1, 2 * reach
                else:
                    best = better
            return self.plainest(best)
        except Undecided as reason:
            self.why = str(reason)
            return best

    def plainest(self, best: Places) -> Places:
        """The one of equal cost that everybody finds, whatever the solver begins with."""
        kept: list[Term] = [self.cost == self.cost_of(best), *self.narrowed(self.cost_of(best))]
        while (fewer := self.point(*kept, self.number < sum(map(bool, best)))) is not None:
            best = fewer
        kept.append(self.number == sum(map(bool, best)))
        for at, one in enumerate(self.changed):
            if not any(best[at:]):
                break
            if not best[at] and (earlier := self.point(*kept, one)) is not None:
                best = earlier
            kept.append(one if best[at] else negated(one))
        for at in [place for place, value in enumerate(best) if value]:
            best = self.smallest(at, best, kept)
        return best

    def smallest(self, at: int, best: Places, kept: list[Term]) -> Places:
        """The lever as near to where it is now as it can be, up rather than down, the others as they may."""
        own = self.levers[at]
        while (nearer := self.point(*kept, size(own) < abs(best[at]))) is not None:
            best = nearer
        kept.append(size(own) == abs(best[at]))
        if best[at] < 0 and (upward := self.point(*kept, own.place > 0)) is not None:
            best = upward
        kept.append(own.place == best[at])
        return best

    # ---- One point -------------------------------------------------------------------------------

    def point(self, *extra: Term, most: int | None = None) -> Places | None:
        """A point that the interpreter confirms, of such a cost at most; None where there is none."""
        if most is not None:
            extra = (*extra, self.cost <= most, *self.narrowed(most))
        while True:
            answer, found = self.check(extra)
            if answer == z3.unsat:
                return None
            if found is None:
                raise Undecided("time")
            places = tuple(found.whole(lever.place) for lever in self.levers)
            if self.confirm(list(self.changes(places))):
                return places
            self.disproved += 1
            if self.disproved > MOST_DISPROVED:
                raise Undecided("functions")
            self.learn(found)
            self.told.append(
                either([lever.place != place for lever, place in zip(self.levers, places, strict=True)])
            )

    def narrowed(self, most: int) -> Iterator[Term]:
        """How far each lever goes for such a cost."""
        for lever, weight in zip(self.levers, self.weights, strict=True):
            low, high = lever.bounds()
            if weight and most // weight < max(-low, high):
                steps = most // weight if not lever.room.values or weight > most else high
                yield lever.place <= min(steps, high)
                yield lever.place >= max(-steps, low)

    def check(self, extra: Sequence[Term]) -> tuple[Any, Found | None]:
        """A solver of its own for each question: what one has learned makes the next one slower here, not faster."""
        terms = [*self.told, *(one for one in extra if one is not True)]
        for arithmetic, share in ATTEMPTS:
            left = self.until - time.monotonic()
            if left <= 0:
                break
            answer, found = self.attempt(terms, arithmetic, min(left, share))
            if answer != z3.unknown:
                return answer, found
        return z3.unknown, None

    def attempt(self, terms: Sequence[Term], arithmetic: int, seconds: float) -> tuple[Any, Found | None]:
        solver = z3.SimpleSolver()
        solver.set("random_seed", 7, "arith.solver", arithmetic)
        solver.set("timeout", max(1, int(seconds * 1000)))
        try:
            solver.add(*terms)
            answer = solver.check()
        except z3.Z3Exception as error:
            if not is_full(error):
                raise
            raise Undecided("memory") from error
        if answer == z3.unknown and is_full(solver.reason_unknown()):
            raise Undecided("memory")
        return answer, Found(self.family.world, solver.model()) if answer == z3.sat else None

    def learn(self, found: Found) -> None:
        """What the functions that the solver is not told of give at this point; one that rises gives less before it."""
        for call in self.calls:
            if any(found.holds(argument.missing) for argument in call.arguments):
                continue
            values = [found.whole(argument.value) for argument in call.arguments]
            self.told += [one for one in lessons(call, values) if one is not True]
            if call.name.split(" ")[0] in RISING and not found.holds(call.result.missing):
                for place in turning(call, values[0], found.whole(call.result.value)):
                    self.told += [one for one in lessons(call, [place]) if one is not True]

    def changes(self, places: Places) -> Iterator[Change]:
        return (Change(lever, place) for lever, place in zip(self.levers, places, strict=True) if place)

    def cost_of(self, places: Places) -> int:
        pairs = zip(self.weights, self.levers, places, strict=True)
        return sum(weight * lever.steps(place) for weight, lever, place in pairs)


def lessons(call: Call, values: Sequence[int]) -> Iterator[Term]:
    result, own = call.function(*values), call.result
    known = both(negated(argument.missing) for argument in call.arguments)
    if result is None:
        fits: Term = own.missing
    else:
        fits = both([negated(own.missing), own.value == result])
    same = both([one.value == value for one, value in zip(call.arguments, values, strict=True)])
    yield implied(both([same, known]), fits)
    if result is not None and call.name.split(" ")[0] in RISING:
        (argument,) = call.arguments
        yield implied(both([known, argument.value >= values[0]]), own.value >= result)
        yield implied(both([known, argument.value <= values[0]]), own.value <= result)


def read(terms: Sequence[Term], calls: Sequence[Call]) -> tuple[set[str], list[Call]]:
    """What the solver has to find, and the functions among it; what these are given counts as well."""
    names, taken, waiting = free_names(terms), list[Call](), list(calls)
    while found := [call for call in waiting if free_names(parts(call.result)) & names]:
        waiting = [call for call in waiting if not free_names(parts(call.result)) & names]
        taken += found
        names |= free_names([term for call in found for one in call.arguments for term in parts(one)])
    return names, taken


def parts(symbol: Symbol) -> tuple[Term, Term]:
    return symbol.value, symbol.missing


def free_names(terms: Sequence[Term]) -> set[str]:
    """The free values in terms."""
    waiting, seen, found = [one for one in terms if not isinstance(one, int)], set[int](), set[str]()
    while waiting:
        term = waiting.pop()
        if term.get_id() in seen:
            continue
        seen.add(term.get_id())
        if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found.add(term.decl().name())
        waiting += term.children()
    return found


def turning(call: Call, argument: int, claimed: int) -> Iterator[int]:
    """Where a rising function comes to what was claimed of it elsewhere: the last place before, and one half way there."""
    result = call.function(argument)
    if result is None or result == claimed:
        return
    way = 1 if result < claimed else -1
    near, far = argument, argument + way
    while short(call, far, claimed, way):
        near, far = far, far + 2 * (far - argument)
        if abs(far - argument) > FARTHEST:
            return
    while abs(far - near) > 1:
        middle = (near + far) // 2
        near, far = (middle, far) if short(call, middle, claimed, way) else (near, middle)
    yield near
    yield (argument + near) // 2


def short(call: Call, argument: int, claimed: int, way: int) -> bool:
    """Whether a rising function does not come to it there yet; nor does it where it is not known."""
    try:
        result = call.function(argument)
    except ValueError:
        return False
    return result is None or (claimed - result) * way > 0


def size(lever: Lever) -> Term:
    low, _ = lever.bounds()
    return lever.place if low >= 0 else z3.If(lever.place >= 0, lever.place, -lever.place)


def units(costs: Sequence[Fraction]) -> tuple[Fraction, list[int]]:
    """The largest cost of which all others are multiples, and how many times each is."""
    below = lcm(*(cost.denominator for cost in costs))
    whole = [int(cost * below) for cost in costs]
    shared = reduce(gcd, whole, 0) or 1
    return Fraction(shared, below), [cost // shared for cost in whole]


# ---- What is wanted ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """A case of a definition, a band or a flag (True), to be in or, `away`, to be out of."""

    entity: str
    column: str
    case: Value
    away: bool = False

    def reached(self, value: Value) -> bool:
        return (value == self.case) is not self.away


def wanted(family: Family, goal: Goal) -> Term:
    """That the record reaches it, and no assumption is broken that holds now."""
    found = named(family.world, family.record, goal.column)
    holds = found.value if goal.case is True else found.value.get(goal.case, False)
    inside = both([negated(found.missing), holds])
    terms = [negated(inside) if goal.away else inside]
    for claim in family.results.model.claims:
        if claim.kind == "assume":
            run = interpreted(family.link, claim.condition)
            for record, row in zip(family.world.records, family.rows, strict=True):
                if record.entity == claim.entity and run(row) is not False:
                    terms.append(negated(from_expression(family.world, record, claim.condition).no()))
    return both(terms)


def about(model: Model, goal: Goal) -> list[object]:
    """The parts of the model that decide about it."""
    name = goal.column if goal.case is True else goal.column.removesuffix("_band")
    own = [one for one in model.of(goal.entity) if one.name in (goal.column, name)]
    return [*own[:1], *(claim.condition for claim in model.claims if claim.kind == "assume")]
