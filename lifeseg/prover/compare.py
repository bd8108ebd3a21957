"""Two checked models and a definition come in; whether it is the same of everybody goes out, or who is what under which.

For `lifeseg diff`: `equivalent(old, new, entity, name)` says whether some customer gets another case, band, flag or amount,
and for cases names every pair (from, to) that can happen, each with a customer whom the interpreter has evaluated under both.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.expression import Value
from lifeseg.model.model import Model, Rank, Score
from lifeseg.model.walk import nodes
from lifeseg.model.with_past import with_past
from lifeseg.prover.answers import Verdict, Witness
from lifeseg.prover.from_expression import named
from lifeseg.prover.session import MORE_CHILDREN, Asked, Limits, Recheck, Session
from lifeseg.prover.sizes import manner_for
from lifeseg.prover.terms import Symbol, Term, both, either, negated
from lifeseg.prover.witness import Evaluated, Found, Interpreter, witness
from lifeseg.prover.world import Manner, Record, World

MOST_PAIRS = 100


@dataclass(frozen=True, slots=True)
class Change:
    """What a customer is under the old policy and under the new one; None is no case, or missing."""

    before: Value
    after: Value
    witness: Witness  # as the new policy knows it


@dataclass(frozen=True, slots=True)
class Compared:
    """ "proved": the same of everybody. "refuted": `changes` can happen, and nothing else if `all_found`; of an amount, one
    change stands for all. "not decided": with what was tried.
    """

    entity: str
    name: str
    verdict: Verdict
    changes: tuple[Change, ...] = ()
    all_found: bool = True
    most: int = 0
    tried: tuple[str, ...] = field(default=())


def equivalent(
    old: Model, new: Model, entity: str, name: str, *, limits: Limits | None = None, day: date | None = None
) -> Compared:
    """Whether a definition, or a band as NAME_band, is the same under both policies, of whoever is valid under both."""
    old, new = with_past(old), with_past(new)
    if same_meaning(old, new, entity, name):
        return Compared(entity, name, "proved")
    return Comparison(old, new, entity, name, limits or Limits(), day).compared()


def parts_of(model: Model, entity: str, name: str) -> tuple[object, ...]:
    plain = name.removesuffix("_band")
    found = [one for one in model.of(entity) if one.name == name] or [
        one for one in model.of(entity) if one.name == plain
    ]
    return tuple(found)


def same_meaning(old: Model, new: Model, entity: str, name: str) -> bool:
    """Whether everything behind the definition is the same, so that there is nothing to ask."""
    return meaning(old, parts_of(old, entity, name)) == meaning(new, parts_of(new, entity, name))


def meaning(model: Model, parts: tuple[object, ...]) -> tuple[object, ...]:
    """The definitions, parameters, statistics and entities that parts rest upon; of a score its bands only where they are
    asked for.
    """
    statistics = {one.key: one for one in model.statistics}
    definitions = {(one.entity, one.name): one for one in model.definitions}
    found, waiting, names = set[object](), list(parts), set[str]()
    while waiting:
        part = waiting.pop()
        if part in found:
            continue
        found.add(part)
        for node in nodes(part):
            match node:
                case e.Parameter():
                    names.add(node.name)
                case e.Statistic():
                    waiting.append(statistics[node.key])
                case Rank():
                    waiting.append(statistics[node.cuts])
                case e.Field() if (one := definitions.get((node.entity, node.name))) is not None:
                    waiting.append(replace(one, bands=()) if isinstance(one, Score) else one)
                case e.Band():
                    waiting.append(definitions[node.entity, node.score])
                case _:
                    pass
    claims = tuple(claim for claim in model.claims if claim.kind == "assume")
    values = tuple(
        (name, model.parameters[name].value, model.parameters[name].since) for name in sorted(names)
    )
    return frozenset(found), values, claims, tuple(model.entities.values())


class Comparison(Session):
    """A session about two worlds that share their customers."""

    def __init__(
        self, old: Model, new: Model, entity: str, name: str, limits: Limits, day: date | None
    ) -> None:
        super().__init__(new, entity, parts_of(new, entity, name), limits, day)
        self.old, self.name = old, name
        self.before = Interpreter(old)
        self.others: dict[int, World] = {}
        self.known: dict[int, int] = {}
        self.last: Change | None = None
        self.seen: set[tuple[Value, Value]] = set()

    def made(self, manner: Manner) -> Asked:
        """A world for the new policy, and beside it one for the old."""
        more = 0 if manner.loose_sums else MORE_CHILDREN
        theirs = manner_for(self.old, parts_of(self.old, self.entity, self.name), self.entity, more)
        sizes = {
            entity: manner.sizes.get(entity, 0) + theirs.sizes.get(entity, 0)
            for entity in (*manner.sizes, *theirs.sizes)
        }
        asked = super().made(replace(manner, sizes=sizes))
        same = frozenset(
            one.key
            for one in self.old.statistics
            if one.key in asked.world.by_key
            and meaning(self.old, (one,)) == meaning(self.model, (asked.world.by_key[one.key],))
        )
        theirs = replace(
            theirs, sizes=sizes, loose_sums=manner.loose_sums, loose_products=manner.loose_products
        )
        other = World(self.old, theirs, twin=asked.world, same_statistics=same)
        other.alike = lambda node: meaning(self.old, (node,)) == meaning(self.model, (node,))
        other.mirrored(asked.record)
        self.others[id(asked)] = other
        return asked

    # ---- What is asked ---------------------------------------------------------------------------

    def compared(self) -> Compared:
        """The changes that can happen, one after the other, until there are no others."""
        changes: list[Change] = []
        tried: list[str] = []
        for exact in (False, True):
            with self.within_memory(tried):
                asked = self.world(exact=exact)
                before, after = self.values(asked)
                left = [
                    different(before, after),
                    *(self.not_this(before, after, change) for change in changes),
                ]
                for _ in range(MOST_PAIRS):
                    outcome = self.attempt(asked, both(left), lambda evaluated: True, tried)
                    if outcome is None:
                        break
                    if outcome.verdict != "somebody":
                        return self.said(changes, outcome.most)
                    assert self.last is not None
                    changes.append(self.last)
                    self.seen.add((self.last.before, self.last.after))
                    if not isinstance(before.value, dict):
                        return self.said(changes, 0)
                    left.append(self.not_this(before, after, self.last))
                if not asked.world.notes and not asked.world.calls:
                    break
        verdict: Verdict = "refuted" if changes else "not decided"
        return Compared(
            self.entity, self.name, verdict, tuple(changes), False, tried=tuple(dict.fromkeys(tried))
        )

    def said(self, changes: list[Change], most: int) -> Compared:
        verdict: Verdict = "refuted" if changes else "proved up to" if most else "proved"
        return Compared(self.entity, self.name, verdict, tuple(changes), most=most, all_found=not most)

    def forget(self) -> None:
        super().forget()
        self.others.clear()
        self.known.clear()

    def values(self, asked: Asked) -> tuple[Symbol, Symbol]:
        other = self.others[id(asked)]
        before = named(other, self.mirror(asked), self.name)
        return before, named(asked.world, asked.record, self.name)

    def mirror(self, asked: Asked) -> Record:
        return next(one for one in self.others[id(asked)].records if one.twin is asked.record)

    def check(self, asked: Asked, extra: list[Term]) -> tuple[Any, Any]:
        """With what is known of the other world, too."""
        asked.tell()
        other = self.others[id(asked)]
        known = self.known.get(id(asked), 0)
        self.known[id(asked)] = len(other.constraints)
        asked.solver.add(*(one for one in other.constraints[known:] if one is not True))
        asked.world.calls += [call for call in other.calls if call not in asked.world.calls]
        return super().check(asked, extra)

    def not_this(self, before: Symbol, after: Symbol, change: Change) -> Term:
        return negated(both([is_value(before, change.before), is_value(after, change.after)]))

    def confirmed(self, found: Found, record: Record, recheck: Recheck) -> Witness | None:
        """The customer, if the interpreter sees a change of it."""
        other = next(one for one in self.others.values() if one.twin is found.world)
        for one in list(other.records):
            for entity in one.twin.below if one.twin is not None else ():
                other.children(one, entity)
        new = witness(found, record)
        mirror = next(one for one in other.records if one.twin is record)
        old = replace(witness(Found(other, found.point), mirror), as_of=new.as_of)
        ways = Evaluated(self.before, old), Evaluated(self.interpreter, new)
        before, after = (way.value(self.name) for way in ways)
        if before == after or (before, after) in self.seen or not all(way.assumed() for way in ways):
            return None
        self.last = Change(before, after, new)
        return new


def is_value(symbol: Symbol, value: Value) -> Term:
    """That a choice is this one."""
    if value is None:
        return symbol.missing
    return both([negated(symbol.missing), symbol.value.get(value, False)])


def different(before: Symbol, after: Symbol) -> Term:
    if isinstance(before.value, dict) and isinstance(after.value, dict):
        names = dict.fromkeys((*before.value, *after.value))
        same = either(both([is_value(before, name), is_value(after, name)]) for name in (None, *names))
        return negated(same)
    both_missing = both([before.missing, after.missing])
    equal = both([negated(before.missing), negated(after.missing), before.value == after.value])
    return negated(either([both_missing, equal]))
