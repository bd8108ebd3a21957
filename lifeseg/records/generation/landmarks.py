"""A model and a day come in; what its conditions and formulas say about the likely values of facts goes
out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import Model, Score
from lifeseg.model.walk import nodes
from lifeseg.records.generation.alternatives import Range
from lifeseg.records.generation.constants import Seen
from lifeseg.records.generation.from_condition import Demands
from lifeseg.records.generation.influence import Influence, Place, Signs, together


@dataclass(frozen=True, slots=True)
class Landmarks:
    """By fact (or, for None, by how many records of an entity a parent has) what the policy compares it with.

    `values` are in natural units, dates as ordinals; `texts` the texts it names; `past` the dates it counts
    the time since; `signs` tell whether scores rise or fall with a fact.
    """

    values: Mapping[Place, tuple[Fraction, ...]]
    texts: Mapping[Place, tuple[str, ...]]
    past: frozenset[Place]
    signs: Signs


def landmarks_of(model: Model, as_of: date, influence: Influence) -> Landmarks:
    demands = Demands(model, as_of, influence, Seen())
    values: defaultdict[Place, set[Fraction]] = defaultdict(set)
    texts: defaultdict[Place, dict[str, None]] = defaultdict(dict)
    past: set[Place] = set()
    for node in nodes((model.definitions, model.claims, model.statistics)):
        match node:
            case e.Compare():
                for place, value in compared(demands, node):
                    values[place].add(value)
            case e.OneOf(subject=e.Field() as subject) if subject.type.kind == "text":
                texts[subject.entity, subject.name].update(dict.fromkeys(node.values))
            case e.Subtract(left=e.Today(), right=e.Field() as since):
                past.add((since.entity, since.name))
            case e.Apply(function="months_between", arguments=(e.Today(), e.Field() as since)):
                past.add((since.entity, since.name))
            case _:
                pass
    scores = [definition for definition in model.definitions if isinstance(definition, Score)]
    signs = together(influence.of(leaf.value) for score in scores for leaf in score.leaves if leaf.weight > 0)
    return Landmarks(
        {place: tuple(sorted(found)) for place, found in values.items()},
        {place: tuple(found) for place, found in texts.items()},
        frozenset(past),
        signs,
    )


def compared(demands: Demands, node: e.Compare) -> Iterator[tuple[Place, Fraction]]:
    """The facts a comparison is about in the end, and the value where its verdict turns."""
    for one, other in ((node.left, node.right), (node.right, node.left)):
        end = demands.constants.of(other)
        if end is None or one.type.kind not in ("number", "date"):
            continue
        found = demands.reach(one, Range(end, end))
        for pull in found[0] if len(found) == 1 else ():
            if pull.low is not None and pull.low == pull.high:
                yield (pull.entity, pull.fact), pull.low
