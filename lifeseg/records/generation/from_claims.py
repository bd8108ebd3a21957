"""The assumptions of a policy come in; repairs that make records obey them go out, where their form is
simple enough.

Simple are comparisons of a fact with a value, another fact or a number of children, values it is one of, facts that
sum to a value, and a fact's being missing; joined by `and`, `or` and `not`. Of an `or` the last part that can be repaired is,
where the others are false.
"""

from __future__ import annotations

from collections.abc import Sequence

from lifeseg.model import expression as e
from lifeseg.model.model import Model
from lifeseg.model.walk import nodes
from lifeseg.records.generation.alternatives import MIRRORED, Pulls, joined
from lifeseg.records.generation.design import Aim, Pull, Repair
from lifeseg.records.number import bounds

MANY = 10**6
OPPOSITE: dict[str, Aim] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def repairs_of(model: Model) -> tuple[Repair, ...]:
    """In an order in which what a repair reads is repaired before it."""
    found: list[Repair] = []
    for claim in model.claims:
        if claim.kind == "assume":
            found += Claims(model, claim.entity).repairs(claim.condition, True, ())
    return (*in_order(found), *turned(model, found))


def turned(model: Model, repairs: Sequence[Repair]) -> list[Repair]:
    """The same for the other of two facts of a record, in case a later repair has undone the first."""
    found = []
    for repair in repairs:
        claims, other = Claims(model, repair.entity), repair.value
        if isinstance(other, e.Field) and claims.own(other) and repair.aim in MIRRORED:
            fact = claims.facts[repair.entity, repair.fact]
            back = e.Field(other.span, fact.type, repair.entity, repair.fact)
            found.append(Repair(repair.entity, other.name, repair.unless, MIRRORED[repair.aim], back))
    return found


def in_order(repairs: Sequence[Repair]) -> tuple[Repair, ...]:
    waiting, found = list(repairs), []
    while waiting:
        targets = [(repair.entity, repair.fact) for repair in waiting]
        ready = [
            repair
            for repair in waiting
            if not reads(repair).intersection(
                place for place in targets if place != (repair.entity, repair.fact)
            )
        ]
        chosen = ready[0] if ready else waiting[0]
        waiting.remove(chosen)
        found.append(chosen)
    return tuple(found)


def reads(repair: Repair) -> set[tuple[str, str]]:
    parts = (repair.unless, repair.value)
    return {(node.entity, node.name) for node in nodes(parts) if isinstance(node, e.Field)}


def limits_of_children(model: Model, repairs: Sequence[Repair]) -> dict[str, tuple[int, int]]:
    """How many children a parent may have, where a fact of it has to hold their number."""
    found: dict[str, tuple[int, int]] = {}
    for repair in repairs:
        if isinstance(repair.value, e.Aggregate) and repair.aim in ("=", ">=", ">"):
            fact = next(fact for fact in model.entities[repair.entity].facts if fact.name == repair.fact)
            low, high = bounds(fact)
            unit, child = 10**fact.type.scale, repair.value.children.entity
            before, most = found.get(child, (0, MANY))
            least = max(-(-low // unit), before) if repair.aim == "=" else before
            most = max(min(high // unit - (repair.aim == ">"), most), 0)
            found[child] = (min(least, most), most)
    return found


class Claims:
    """Reads the conditions that records of one entity must fulfil."""

    def __init__(self, model: Model, entity: str) -> None:
        self.model, self.entity = model, entity
        self.facts = {(of.name, fact.name): fact for of in model.entities.values() for fact in of.facts}

    def repairs(self, node: e.Expression, want: bool, unless: tuple[e.Expression, ...]) -> list[Repair]:
        match node:
            case e.Not():
                return self.repairs(node.value, not want, unless)
            case e.And() | e.Or() if isinstance(node, e.And) is want:
                return [repair for item in node.items for repair in self.repairs(item, want, unless)]
            case e.And() | e.Or():
                return self._one_of_parts(node, want, unless)
            case e.Compare():
                return self._comparison(node, want, unless)
            case e.Field() if self.own(node):
                return [self._repair(node, unless, "one of", values=(want,))]
            case e.OneOf(subject=e.Field() as subject) if self.own(subject) and subject.type.kind == "choice":
                wanted = want is not node.negated
                options = [option for option in subject.type.options if (option in node.values) is wanted]
                return [self._repair(subject, unless, "one of", values=tuple(options))] if options else []
            case e.IsMissing(subject=e.Field() as subject) if self.own(subject):
                can = subject.type.optional and want is not node.negated
                return [self._repair(subject, unless, "missing")] if can else []
            case _:
                return []

    def _one_of_parts(self, node: e.And | e.Or, want: bool, unless: tuple[e.Expression, ...]) -> list[Repair]:
        for place in reversed(range(len(node.items))):
            others = tuple(item for at, item in enumerate(node.items) if at != place)
            if not all(map(self.simple, others)):
                continue
            excuses = others if want else tuple(e.Not(item.span, item.type, item) for item in others)
            if found := self.repairs(node.items[place], want, (*unless, *excuses)):
                return found
        return []

    def _comparison(self, node: e.Compare, want: bool, unless: tuple[e.Expression, ...]) -> list[Repair]:
        for one, operator, other in (
            (node.left, node.operator, node.right),
            (node.right, MIRRORED[node.operator], node.left),
        ):
            aim = operator if want else OPPOSITE.get(operator)
            if aim == "=" and self.simple(other) and (parts := self.summed(one)):
                return self._sharing(parts, other, unless)
            if aim is not None and isinstance(one, e.Field) and self.own(one) and self.simple(other):
                return [self._repair(one, unless, aim, other)]
        return []

    def summed(self, node: e.Expression) -> list[e.Field]:
        """The facts of the record that are added up here, if there is nothing else."""
        if isinstance(node, e.Add):
            left, right = self.summed(node.left), self.summed(node.right)
            return [*left, *right] if left and right else []
        plain = isinstance(node, e.Field) and node.type.kind == "number" and self.own(node)
        return [node] if plain and isinstance(node, e.Field) else []

    def _sharing(
        self, parts: Sequence[e.Field], whole: e.Expression, unless: tuple[e.Expression, ...]
    ) -> list[Repair]:
        """Each part takes at most what those before it have left, the last all of it."""
        found, left = [], whole
        for part in parts[:-1]:
            found.append(self._repair(part, unless, "<=", left))
            left = e.Subtract(part.span, left.type, left, part)
        return [*found, self._repair(parts[-1], unless, "=", left)]

    def own(self, node: e.Field) -> bool:
        """Whether it is a fact of the record itself that may be changed."""
        fact = self.facts.get((node.entity, node.name))
        return fact is not None and node.entity == self.entity and not node.up and not fact.key

    def _repair(
        self,
        node: e.Field,
        unless: tuple[e.Expression, ...],
        aim: Aim,
        value: e.Expression | None = None,
        values: tuple[str | bool, ...] = (),
    ) -> Repair:
        return Repair(self.entity, node.name, unless, aim, value, values)

    def simple(self, node: e.Expression) -> bool:
        """Whether to_sql can write it."""
        match node:
            case e.Constant() | e.Today() | e.Parameter():
                return True
            case e.Field():
                return (node.entity, node.name) in self.facts
            case e.Aggregate():
                children = node.children
                plain = children.where is None and children.period is None
                above = self.model.entities[children.entity].parent
                return node.function == "count" and plain and above == self.entity
            case e.Not():
                return self.simple(node.value)
            case e.And() | e.Or():
                return all(map(self.simple, node.items))
            case e.Compare():
                return self.simple(node.left) and self.simple(node.right)
            case e.OneOf() | e.IsMissing():
                return isinstance(node.subject, e.Field) and self.simple(node.subject)
            case e.Add() | e.Subtract():
                numbers = {node.left.type.kind, node.right.type.kind, node.type.kind} == {"number"}
                return numbers and self.simple(node.left) and self.simple(node.right)
            case _:
                return False


def redirected(pulls: Sequence[Pull], repairs: Sequence[Repair]) -> tuple[Pull, ...]:
    """Pulls on a fact that is made equal to the number of children pull on that number instead."""
    counts = {
        (repair.entity, repair.fact): repair.value.children.entity
        for repair in repairs
        if isinstance(repair.value, e.Aggregate) and repair.aim == "=" and not repair.unless
    }
    found: Pulls = ()
    for pull in pulls:
        child = counts.get((pull.entity, pull.fact or ""))
        moved = pull if child is None else Pull(child, None, pull.low, pull.high, shift=pull.shift)
        merged = joined(found, (moved,))
        if merged is None:
            return ()
        found = merged
    return found
