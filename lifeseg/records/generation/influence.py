"""A model and an expression come in; which facts it rises and falls with goes out, as far as its form shows
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Flag, Index, Model, Score

Place = tuple[str, str | None]
"""An entity and a fact of it; None: how many records of it a parent has."""

Signs = Mapping[Place, int]
"""1 where the value never falls when the fact rises, -1 where it never rises, 0 where it does either."""


class Influence:
    """The influences on the expressions of one model; those of definitions are found once."""

    def __init__(self, model: Model) -> None:
        self._facts = {
            (entity.name, fact.name) for entity in model.entities.values() for fact in entity.facts
        }
        self._definitions: Mapping[tuple[str, str], AnyDefinition] = {
            (found.entity, found.name): found for found in model.definitions
        }
        self._known: dict[tuple[str, str], Signs] = {}

    def of(self, node: e.Expression) -> Signs:
        match node:
            case e.Field():
                return self._of_field(node.entity, node.name)
            case e.Add():
                return together((self.of(node.left), self.of(node.right)))
            case e.Subtract():
                return together((self.of(node.left), times(self.of(node.right), -1)))
            case e.Multiply():
                left = times(self.of(node.left), sign_of(node.right))
                return together((left, times(self.of(node.right), sign_of(node.left))))
            case e.Divide():
                left = times(self.of(node.left), sign_of(node.right))
                return together((left, times(self.of(node.right), -sign_of(node.left))))
            case e.Negate():
                return times(self.of(node.value), -1)
            case e.Not():
                return times(self.of(node.value), -1)
            case e.Round() | e.Distance():
                return self.of(node.value)
            case e.Group():
                return self.of(node.value)
            case e.Apply():
                return self._of_call(node)
            case e.And() | e.Or():
                return together(map(self.of, node.items))
            case e.Compare():
                return self._of_comparison(node)
            case e.Aggregate():
                return self._of_aggregate(node)
            case e.Choose():
                return self._of_steps(node)
            case _:
                return {}

    def _of_field(self, entity: str, name: str) -> Signs:
        if (entity, name) in self._facts:
            return {(entity, name): 1}
        if (entity, name) not in self._known:
            self._known[entity, name] = self._of_definition(self._definitions.get((entity, name)))
        return self._known[entity, name]

    def _of_definition(self, definition: AnyDefinition | None) -> Signs:
        match definition:
            case Index():
                return self.of(definition.formula)
            case Score():
                leaves = (times(self.of(leaf.value), leaf.weight) for leaf in definition.leaves)
                return together(leaves)
            case Flag():
                return self.of(definition.condition)
            case _:
                return {}

    def _of_call(self, node: e.Apply) -> Signs:
        if node.function == "months_between":
            return together((self.of(node.arguments[0]), times(self.of(node.arguments[1]), -1)))
        if node.function == "abs" or (node.function == "power" and sign_of(node.arguments[0]) <= 0):
            return times(together(map(self.of, node.arguments)), 0)
        return together(map(self.of, node.arguments))

    def _of_comparison(self, node: e.Compare) -> Signs:
        if node.operator == "=":
            return {}
        sign = 1 if node.operator in (">", ">=") else -1
        return together((times(self.of(node.left), sign), times(self.of(node.right), -sign)))

    def _of_aggregate(self, node: e.Aggregate) -> Signs:
        count: Signs = {(node.children.entity, None): 1} if node.function in ("count", "sum") else {}
        return together((count, self.of(node.value) if node.value is not None else {}))

    def _of_steps(self, node: e.Choose) -> Signs:
        """Of a stepwise value the conditions count by whether their step is a rise, and the values."""
        values = [value for _, value in node.steps]
        values += [node.otherwise] if node.otherwise is not None else []
        parts = [self.of(value) for value in values]
        for (test, value), following in zip(node.steps, values[1:], strict=False):
            if value.type.kind == "number":
                middle, other = value.type.low + value.type.high, following.type.low + following.type.high
                parts.append(times(self.of(test), (middle > other) - (middle < other)))
        return together(parts)


def sign_of(node: e.Expression) -> int:
    """1 for what is never negative, -1 for what is never positive, otherwise 0."""
    return 1 if node.type.low >= 0 else -1 if node.type.high <= 0 else 0


def times(signs: Signs, factor: int) -> Signs:
    sign = (factor > 0) - (factor < 0)
    return {place: found * sign for place, found in signs.items()}


def together(parts: Iterable[Signs]) -> Signs:
    """The influences on a sum; what pulls both ways is 0."""
    found: dict[Place, int] = {}
    for part in parts:
        for place, sign in part.items():
            found[place] = sign if found.get(place, sign) == sign else 0
    return found
