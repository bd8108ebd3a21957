"""Parts of a model come in; how many children a record needs, so that whatever is true of any number is true of so many.

A quantifier, a least or a greatest is told by one row: with that row kept and any others taken away it says the same. A count
that is compared with a number is told by that many rows and one more. So many children of an entity are enough as there are
such questions about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import ceil, prod

from lifeseg.model import expression as e
from lifeseg.model.expression import Value
from lifeseg.model.model import Model, Parameter
from lifeseg.model.types import Type
from lifeseg.model.walk import nodes
from lifeseg.prover.world import Manner

MOST_COUNTED = 6
"""The largest number that a count may be compared with to be told by rows."""

MOST_CHILDREN = 40


def behind(model: Model, parts: Iterable[object]) -> Iterator[object]:
    """The parts and every definition they need, each once; not what only the population's statistics read."""
    known = {(one.entity, one.name): one for one in model.definitions}
    waiting, met = list(parts), set[tuple[str, str]]()
    while waiting:
        part = waiting.pop()
        yield part
        for node in nodes(part):
            key = ("", "")
            if isinstance(node, e.Field):
                key = (node.entity, node.name)
            elif isinstance(node, e.Band):
                key = (node.entity, node.score)
            if key in known and key not in met:
                met.add(key)
                waiting.append(known[key])


def manner_for(model: Model, parts: Iterable[object], at_hand: str, more: int = 0) -> Manner:
    """How many children of each entity are enough for these parts; `more` where sums are to be followed, too."""
    sizes: defaultdict[str, int] = defaultdict(int)
    asked: set[e.Expression] = set()
    counted: dict[e.Aggregate, int] = {}
    alone: dict[e.Aggregate, int] = defaultdict(int)
    for part in behind(model, parts):
        for node in nodes(part):
            if isinstance(node, e.Quantified | e.Aggregate):
                asked.add(node)
                if isinstance(node, e.Aggregate):
                    alone[node] += 1
            elif isinstance(node, e.Compare):
                for count, other in ((node.left, node.right), (node.right, node.left)):
                    limit = limit_of(model, other)
                    if isinstance(count, e.Aggregate) and count.function == "count" and limit <= MOST_COUNTED:
                        counted[count] = max(counted.get(count, 0), limit + 1)
                        alone[count] -= 1
    exact = {node: rows for node, rows in counted.items() if not alone[node]}
    for one in asked:
        assert isinstance(one, e.Quantified | e.Aggregate)
        told = 0 if isinstance(one, e.Aggregate) and one.function not in ("min", "max", "latest") else 1
        sizes[one.children.entity] += exact.get(one, told) if isinstance(one, e.Aggregate) else told
    enough = {
        name: min(size + more + (name == at_hand), most_keys(model, name)) for name, size in sizes.items()
    }
    capped = max(enough.values(), default=0) > MOST_CHILDREN
    return Manner({name: min(size, MOST_CHILDREN) for name, size in enough.items()}, frozenset(exact), capped)


def limit_of(model: Model, node: e.Expression) -> int:
    """The largest number that a count is compared with."""
    values: list[Value] = []
    if isinstance(node, e.Constant):
        values = [node.value]
    elif isinstance(node, e.Parameter):
        parameter: Parameter = model.parameters[node.name]
        values = [parameter.value, *(value for _, value in parameter.since)]
    numbers = [-(-value // 10**node.type.scale) for value in values if isinstance(value, int)]
    return max(0, *numbers) if numbers else max(0, ceil(node.type.high))


def most_keys(model: Model, entity: str) -> int:
    """How many children of a record can have different keys."""
    keys = model.entities[entity].keys
    if not keys or any(not few_values(key.type) for key in keys):
        return MOST_CHILDREN + 1
    return min(MOST_CHILDREN + 1, prod(few_values(key.type) for key in keys))


def few_values(kind: Type) -> int:
    """How many values a type has; 0 where they are many."""
    match kind.kind:
        case "choice":
            return len(kind.options)
        case "truth":
            return 2
        case "number":
            return min(int((kind.high - kind.low) * 10**kind.scale) + 1, MOST_CHILDREN + 1)
        case _:
            return 0
