"""The symbols and the model of a policy come in; what each name means, is called and where the book has it goes out.

Anchors: what is called `NAME` is found at `#NAME`, and what belongs to an entity also at `#ENTITY.NAME`. Where two entities
have a thing of that name, `#NAME` is the one that the policy defines first, a definition before a fact. A case, band, class,
state or offer is at `#NAME.CASE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from lifeseg.frozen import dataclass
from lifeseg.model.model import Labelled, Model
from lifeseg.model.symbols import Symbols
from lifeseg.model.titles import labelled_inside
from lifeseg.syntax import definitions as d

NOTHING: Mapping[str, str] = {}
GLOBAL = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has a name: its anchors, the best one first, and the titles of its cases."""

    anchors: tuple[str, ...]
    name: str
    entity: str
    titles: Mapping[str, str]
    cases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: bool = True  # whether the book has a place for it

    @property
    def anchor(self) -> str:
        return self.anchors[0]

    def case_anchor(self, case: str) -> str:
        return f"{self.anchor}.{case}"


@dataclass(slots=True)
class Names:
    """Everything by entity and name; what belongs to no entity has the entity ''."""

    parents: Mapping[str, str | None]
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    entities: dict[str, Thing] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def put(self, entity: str, name: str, titles: Mapping[str, str], cases: Iterable[Labelled] = ()) -> None:
        if (entity, name) not in self.things:
            found = {case.name: case.titles for case in cases}
            self.things[entity, name] = Thing(self.anchored(entity, name), name, entity, titles, found)

    def anchored(self, entity: str, name: str) -> tuple[str, ...]:
        """The anchors that nobody else has."""
        wanted = (name, f"{entity}.{name}") if entity else (name, f"{name}-entity")
        free = [anchor for anchor in wanted if anchor not in self.taken]
        self.taken.update(free)
        return tuple(free)

    def of(self, entity: str, parts: tuple[str, ...]) -> Thing | None:
        """What a name means where it stands: the entity's own, a parameter, or its parent's with the entity named."""
        if len(parts) == 1:
            return self.things.get((entity, parts[0])) or self.things.get((GLOBAL, parts[0]))
        return self.things.get((parts[0], ".".join(parts[1:])))

    def entity(self, name: str) -> Thing | None:
        return self.entities.get(name)


def names_of(symbols: Symbols, model: Model) -> Names:
    """Definitions come before facts, so that of two things of a name the definition is at `#NAME`."""
    found = Names({name: entity.parent for name, entity in model.entities.items()})
    for parameter in model.parameters.values():
        found.put(GLOBAL, parameter.name, parameter.titles)
    for panel in model.panels.values():
        found.put(GLOBAL, panel.name, panel.titles)
    for chain in model.chains.values():
        found.put(GLOBAL, chain.name, chain.titles, chain.states)
    hidden = made_only(symbols, model)
    for one in model.definitions:
        if (one.entity, one.name) in hidden:
            continue
        found.put(one.entity, one.name, one.titles, labelled_inside(one))
    for kpi in model.kpis:
        found.put(GLOBAL, kpi.name, kpi.titles)
    for entity in model.entities.values():
        for fact in entity.facts:
            found.put(entity.name, fact.name, fact.titles)
    for entity in model.entities.values():
        found.entities[entity.name] = Thing(
            found.anchored(GLOBAL, entity.name), entity.name, GLOBAL, entity.titles
        )
    for one in model.definitions:
        if (one.entity, one.name) in hidden:
            titles = one.titles
            beside = hidden[one.entity, one.name]
            target = found.things.get((one.entity, beside)) if beside else None
            cases = {case.name: case.titles for case in labelled_inside(one)}
            if target is not None and not one.made:  # goals, which explanations tell of: found at their tasks
                target = replace(target, anchors=(*target.anchors, *found.anchored(one.entity, one.name)))
                found.things[one.entity, beside] = target
            anchors = target.anchors if target is not None else ("",)
            found.things[one.entity, one.name] = Thing(anchors, one.name, one.entity, titles, cases, False)
    return found


def made_only(symbols: Symbols, model: Model) -> dict[tuple[str, str], str]:
    """What offers and tasks stand for and nobody wrote, with the offer, task or block that the book has instead."""
    written: dict[tuple[str, str], str] = {}
    hidden: dict[tuple[str, str], str] = {}
    for node in symbols.offers:
        entity = ".".join(node.entity.parts)
        written |= {(entity, name): name for name in (node.name, *(offer.name for offer in node.offers))}
    for block in symbols.tasks:
        entity = ".".join(block.entity.parts)
        hidden |= {(entity, name): owner for name, owner in task_flags(block).items()}
    for one in model.definitions:
        if one.made and (one.entity, one.name) not in written:
            parts = one.name.split("_")
            owners = ("_".join(parts[:count]) for count in range(len(parts), 0, -1))
            hidden[one.entity, one.name] = next(
                (each for each in owners if (one.entity, each) in written), ""
            )
    return hidden


def task_flags(block: d.Tasks) -> dict[str, str]:
    """The flags of goals, of expectations and of losses, each with the task or block it belongs to."""
    found = {f"{block.name}_lost": block.name}
    for word in ("goals", "expected", "losses"):
        found[f"{block.name}_{word}"] = block.name
    for task in block.tasks:
        found[f"{task.name}_goal"] = task.name
        found[f"{task.name}_expected"] = task.name
    return found
