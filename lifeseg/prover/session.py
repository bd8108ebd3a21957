"""Questions about one definition come in; what the solver says of each, within its time, goes out.

A question is whether some customer exists. It is asked first with sums and products as free values: if there is none then,
there is none at all. If there is one, the interpreter evaluates it again. Where it disagrees, sums and products are told
exactly for some children, and functions that no solver knows are pinned down at the points it comes up with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import date
from itertools import islice
from typing import Any, Literal

import z3

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import Model
from lifeseg.prover.answers import Witness
from lifeseg.prover.from_expression import from_expression
from lifeseg.prover.memory import ROOM, is_full, lift_limit, make_room
from lifeseg.prover.sizes import behind, manner_for
from lifeseg.prover.terms import Term, both, implied, negated
from lifeseg.prover.witness import A_DAY, Evaluated, Found, Interpreter, witness
from lifeseg.prover.world import Record, World

MORE_CHILDREN = 3
"""Children that sums are followed over, beyond those that quantifiers ask for."""

MOST_POINTS = 12
"""How often functions are pinned down."""

MOST_WISHES = 80
EFFORT_FOR_A_WISH = 300_000  # of the solver's own units; a million are about a second

Ask = Callable[[World, Record], Term]
Recheck = Callable[[Evaluated], bool]


@dataclass(slots=True)
class Limits:
    """Seconds for a question and for all of them, and the solver's memory."""

    each: float = 10.0
    overall: float = 120.0
    memory: int = ROOM  # megabytes that the solver may take for the questions about one definition
    started: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        return min(self.each, self.overall - (time.monotonic() - self.started))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether such a customer exists; `most`: nobody with so many children."""

    verdict: Literal["nobody", "nobody up to", "somebody", "open"]
    witness: Witness | None = None
    most: int = 0
    free: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


@dataclass(slots=True)
class Asked:
    """A world with its solver."""

    world: World
    record: Record
    solver: Any
    told: int = 0  # constraints that the solver knows
    assumed: int = 0  # records whose assumptions are constraints

    def tell(self) -> None:
        """What became known since: assumptions about new records, and constraints of what was asked for."""
        while self.assumed < len(self.world.records):
            record = self.world.records[self.assumed]
            self.assumed += 1
            for claim in self.world.model.claims:
                if claim.kind == "assume" and claim.entity == record.entity:
                    verdict = from_expression(self.world, record, claim.condition)
                    self.world.constraints.append(implied(record.exists, negated(verdict.no())))
        new = self.world.constraints[self.told :]
        self.told = len(self.world.constraints)
        self.solver.add(*(one for one in new if one is not True))


class Session:
    """What the questions about one definition share."""

    def __init__(
        self, model: Model, entity: str, parts: tuple[object, ...], limits: Limits, day: date | None
    ) -> None:
        self.model, self.entity, self.limits = model, entity, limits
        self.day = day or A_DAY
        assumed = tuple(claim.condition for claim in model.claims if claim.kind == "assume")
        self.parts = (*parts, *assumed)
        self.manner = manner_for(model, self.parts, entity)
        self.interpreter = Interpreter(behind_only(model, self.parts))
        self.plainly = True
        self.why = ""  # the solver did not answer
        self.loosely: Asked | None = None
        self.exactly: Asked | None = None

    def world(self, *, exact: bool) -> Asked:
        if not exact:
            self.loosely = self.loosely or self.made(self.manner)
            return self.loosely
        manner = manner_for(self.model, self.parts, self.entity, MORE_CHILDREN)
        self.exactly = self.exactly or self.made(replace(manner, loose_sums=False, loose_products=False))
        return self.exactly

    def made(self, manner: Any) -> Asked:
        make_room(self.limits.memory)
        world = World(self.model, manner)
        solver = z3.Solver()
        solver.set("random_seed", 7)
        return Asked(world, world.record(self.entity), solver)

    # ---- Questions -------------------------------------------------------------------------------

    def exists(self, ask: Ask, recheck: Recheck, *, plainly: bool = True) -> Outcome:
        """Whether there is a customer of whom it is true; one to be shown is made as plain as it can be."""
        self.plainly = plainly
        tried: list[str] = []
        free: tuple[str, ...] = ()
        for exact in (False, True):
            with self.within_memory(tried):
                asked = self.world(exact=exact)
                term = ask(asked.world, asked.record)
                asked.tell()
                free = tuple(asked.world.notes)
                outcome = self.attempt(asked, term, recheck, tried)
                if outcome is not None:
                    return outcome
                if not exact and not asked.world.notes and not asked.world.calls:
                    break
        return Outcome("open", free=free, tried=tuple(dict.fromkeys(tried)))

    @contextmanager
    def within_memory(self, tried: list[str]) -> Iterator[None]:
        """What needs more memory than there may be is given up, and its worlds with it."""
        try:
            yield
        except z3.Z3Exception as error:
            if not is_full(error):
                raise
            tried.append(self.out_of_memory())

    def out_of_memory(self) -> str:
        lift_limit()
        self.forget()
        return f"the solver needed more than {self.limits.memory} MB"

    def forget(self) -> None:
        """The next question starts afresh."""
        self.loosely = self.exactly = None

    def attempt(self, asked: Asked, term: Term, recheck: Recheck, tried: list[str]) -> Outcome | None:
        """In one world; None where that settles nothing."""
        extra: list[Term] = [] if term is True else [term]
        if term is False:
            return self.nobody(asked)
        for _ in range(MOST_POINTS):
            answer, point = self.check(asked, extra)
            if answer == z3.unsat:
                return self.nobody(asked)
            if answer != z3.sat:
                tried.append(self.why)
                return None
            found = Found(asked.world, point)
            for one in self.shapes(asked, extra, found):
                shown = self.confirmed(one, asked.record, recheck)
                if shown is None and self.pinned(asked, one):
                    shown = self.near(asked, extra, one, recheck)
                if shown is not None:
                    return Outcome("somebody", shown, free=tuple(asked.world.notes))
            if not asked.world.calls:
                tried.append("the interpreter does not confirm what the solver found")
                return None
        tried.append(f"functions were pinned down at {MOST_POINTS} points")
        return None

    def shapes(self, asked: Asked, extra: list[Term], found: Found) -> Iterator[Found]:
        """A customer to be shown is found in plainer shape first; of one that is only to exist any shape does."""
        if self.plainly:
            yield self.plausible(asked, extra, found)
        yield found

    def nobody(self, asked: Asked) -> Outcome:
        if asked.world.bounded:
            most = max(asked.world.manner.sizes.values(), default=0)
            return Outcome("nobody up to", most=most, free=tuple(asked.world.notes))
        return Outcome("nobody", free=tuple(asked.world.notes))

    def check(self, asked: Asked, extra: list[Term]) -> tuple[Any, Any]:
        left, self.why = self.limits.left(), "the solver ran out of time"
        if left <= 0:
            return z3.unknown, None
        asked.solver.set("timeout", max(1, int(left * 1000)))
        answer = asked.solver.check(*extra)
        if answer == z3.unknown and is_full(asked.solver.reason_unknown()):
            self.why = self.out_of_memory()
        return answer, asked.solver.model() if answer == z3.sat else None

    def confirmed(self, found: Found, record: Record, recheck: Recheck) -> Witness | None:
        """The customer, if the interpreter says the same of it."""
        shown = witness(found, record)
        evaluated = Evaluated(self.interpreter, shown)
        return shown if evaluated.assumed() and recheck(evaluated) else None

    # ---- Functions at a point --------------------------------------------------------------------

    def pinned(self, asked: Asked, found: Found) -> bool:
        """Tells the solver what its functions give at this point; False if it knew."""
        news = False
        for call in list(asked.world.calls):
            if any(found.holds(argument.missing) for argument in call.arguments):
                continue
            values = [found.whole(argument.value) for argument in call.arguments]
            result = call.function(*values)
            if result is None:
                fits: Term = call.result.missing
            else:
                fits = both([negated(call.result.missing), call.result.value == result])
            if not found.holds(fits):
                news = True
            same = both(
                [argument.value == value for argument, value in zip(call.arguments, values, strict=True)]
            )
            known = both(negated(argument.missing) for argument in call.arguments)
            asked.solver.add(implied(both([same, known]), fits))
        return news

    def near(self, asked: Asked, extra: list[Term], found: Found, recheck: Recheck) -> Witness | None:
        """A customer where the arguments of functions are as here: the second of two, which makes a product or a quotient
        one of a plain number, or else all.
        """
        seconds, others = [], []
        for call in asked.world.calls:
            values = [found.whole(argument.value) for argument in call.arguments]
            if call.by_second is not None and values[1] != 0:
                exactly = call.by_second(call.arguments[0].value, values[1])
                seconds += [call.arguments[1].value == values[1], call.result.value == exactly]
            else:
                others += [
                    argument.value == value for argument, value in zip(call.arguments, values, strict=True)
                ]
        rest = [
            argument.value == found.whole(argument.value)
            for call in asked.world.calls
            for argument in call.arguments
        ]
        for fixed in ([*seconds, *others], rest) if seconds else (rest,):
            answer, point = self.check(asked, [*extra, *(one for one in fixed if one is not True)])
            if answer == z3.sat:
                shown = self.confirmed(Found(asked.world, point), asked.record, recheck)
                if shown is not None:
                    return shown
        return None

    # ---- Plausible customers ---------------------------------------------------------------------

    def plausible(self, asked: Asked, extra: list[Term], found: Found) -> Found:
        """The same question with as many wishes granted as can be: few children, nothing missing, round numbers."""
        kept = list(extra)
        asked.solver.set("rlimit", EFFORT_FOR_A_WISH)  # not seconds: the same customer on every machine
        for wish in islice(self.wishes(asked, found), MOST_WISHES):
            if not found.holds(wish):
                answer, point = self.check(asked, [*kept, wish])
                if answer != z3.sat:
                    continue
                found = Found(asked.world, point)
            kept.append(wish)
        asked.solver.set("rlimit", 0)
        return found

    def wishes(self, asked: Asked, found: Found) -> Iterator[Term]:
        world = asked.world
        today: Term = self.day.toordinal()
        if world.days:
            yield world.today == today
            today = world.today
        for record in reversed(world.records):
            if record.exists is not True:
                yield negated(record.exists)
        for record in world.records:
            for name, symbol in record.facts.items():
                if not isinstance(symbol.missing, bool):
                    past = " " in name
                    yield symbol.missing if past else negated(symbol.missing)
        for record in world.records:
            for name, symbol in record.facts.items():
                fact = world.fact_of(record.entity, name)
                if fact.type.kind == "date":
                    for days in (400, 4000):
                        yield both([symbol.value <= today + days, symbol.value >= today - days])
                elif fact.type.kind == "number":
                    unit = 10**fact.type.scale
                    wide = fact.type.high - fact.type.low >= 1000
                    for size in (100 * unit, unit) if wide else (unit, unit // 10):
                        if size > 1:
                            yield symbol.value % size == 0


def behind_only(model: Model, parts: tuple[object, ...]) -> Model:
    """The model with nothing but what parts need, for the interpreter; claims are assumptions, or parts themselves."""
    needed = {id(part) for part in behind(model, parts)}
    definitions = tuple(one for one in model.definitions if id(one) in needed)
    claims = tuple(claim for claim in model.claims if id(claim.condition) in needed)
    return replace(model, definitions=definitions, claims=claims, kpis=(), tests=())


def truth_of(node: e.Expression) -> Ask:
    """That a condition holds."""
    return lambda world, record: from_expression(world, record, node).yes()


def holds(node: e.Expression) -> Recheck:
    """The same, asked of the interpreter."""
    return lambda evaluated: evaluated.verdict(node) is True
