"""A model comes in; that of a run in which some records are set by hand goes out: what was set is a fact, and wins.

What the rules say stands beside it, under a name of its own. So nothing that evaluates, plans or explains knows of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, Case, Fact, Lifecycle, Model, Segment
from lifeseg.model.titles import labelled_inside
from lifeseg.model.types import TRUTH, Type
from lifeseg.model.with_past import spot, titled

HAND = {"en": "{} by hand", "zh": "手工指定的{}"}


def by_hand(name: str) -> str:
    """The fact that holds what was set; no name of a policy has a blank."""
    return f"{name} by hand"


def by_rules(name: str) -> str:
    return f"{name} by rules"


def with_hand(model: Model, names: Collection[tuple[str, str]]) -> Model:
    """The model in which these definitions, by entity and name, may be set; records have a fact for each, in this order."""
    if not names:
        return model
    known = {(one.entity, one.name): one for one in model.definitions}
    entities = dict(model.entities)
    for entity, name in names:
        fact = fact_of(known[entity, name])
        entities[entity] = replace(entities[entity], facts=(*entities[entity].facts, fact))
    definitions = [made for one in model.definitions for made in setting(one, names)]
    return replace(model, entities=entities, definitions=tuple(definitions))


def fact_of(one: AnyDefinition) -> Fact:
    kind = Type("choice", True, options=one.type.options)
    return Fact(
        by_hand(one.name), titled(one.titles, HAND), one.span, {}, "one of", kind, 1, False, False, False
    )


def setting(one: AnyDefinition, names: Collection[tuple[str, str]]) -> Iterator[AnyDefinition]:
    if (one.entity, one.name) not in names:
        yield one
        return
    yield replace(one, name=by_rules(one.name), made="step")
    place = spot(one.span)
    hand = e.Field(place, Type("choice", True, options=one.type.options), one.entity, by_hand(one.name))
    rules = e.Field(place, one.type.maybe(), one.entity, by_rules(one.name))
    known = tuple(e.IsMissing(place, TRUTH, field, True) for field in (hand, rules))
    titles = {case.name: case for case in reversed(labelled_inside(one))}
    cases = []
    for option in one.type.options:
        own = e.OneOf(place, TRUTH, hand, (option,), False, True)
        rest = e.OneOf(place, TRUTH, rules, (option,), False, True)
        unset = e.And(place, TRUTH, (e.IsMissing(place, TRUTH, hand, False), rest))
        case = titles[option]
        condition = e.Or(place, TRUTH, (own, unset))
        cases.append(Case(option, case.titles, case.span, case.information, condition, None))
    where = e.Or(place, TRUTH, known)
    yield Segment(
        one.name, one.titles, one.span, one.information, one.entity, one.type, None, where, False, tuple(cases),
        made=one.made, moving=isinstance(one, Lifecycle) or (isinstance(one, Segment) and one.moving),
    )  # fmt: skip
