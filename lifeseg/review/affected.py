"""Two models come in; the definitions of the new one whose results may differ from those of the old one go out.

Whatever is defined as before, over facts, parameters, statistics and definitions that are as before, has the same results:
nobody has to evaluate it to know that.
"""

from __future__ import annotations

from collections.abc import Iterator

from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, FlagBlock, Model, Rank
from lifeseg.model.walk import nodes

Key = tuple[str, str]


def affected(old: Model, new: Model) -> set[Key]:
    """By entity and name. If an entity has other keys, or exists since another day, everything is."""
    if frames(old) != frames(new):
        return {(one.entity, one.name) for one in new.definitions}
    before = {(one.entity, one.name): one for one in old.definitions}
    found = changed_facts(old, new)
    parameters = {
        name
        for name, one in new.parameters.items()
        if not same_value(old, name, one.type, one.value, one.since)
    }
    statistics: set[str] = set()
    known = {one.key: one for one in old.statistics}

    def touched(part: object) -> bool:
        return any(
            key in found if isinstance(key, tuple) else key in parameters or key in statistics
            for key in read_in(part)
        )

    for one in sorted(new.statistics, key=lambda one: one.level):
        if known.get(one.key) != one:
            statistics.add(one.key)
    grown = True
    while grown:  # a statistic may read definitions, and these read statistics
        size = len(found) + len(statistics)
        statistics |= {one.key for one in new.statistics if touched((one.parts, one.limit))}
        for definition in new.definitions:
            if before.get((definition.entity, definition.name)) != definition or touched(definition):
                found.add((definition.entity, definition.name))
        grown = len(found) + len(statistics) > size
    return {(one.entity, one.name) for one in new.definitions} & found


def frames(model: Model) -> dict[str, object]:
    return {name: (one.parent, one.dated, one.keys) for name, one in model.entities.items()}


def changed_facts(old: Model, new: Model) -> set[Key]:
    before = {(entity.name, fact.name): fact for entity in old.entities.values() for fact in entity.facts}
    after = {(entity.name, fact.name): fact for entity in new.entities.values() for fact in entity.facts}
    return {key for key, fact in after.items() if before.get(key) != fact}


def same_value(old: Model, name: str, *value: object) -> bool:
    former = old.parameters.get(name)
    return former is not None and (former.type, former.value, former.since) == value


def read_in(part: object) -> Iterator[Key | str]:
    """Facts and definitions by entity and name; parameters and statistics by name."""
    for node in nodes(part):
        match node:
            case e.Field():
                yield node.entity, node.name
            case e.Band():
                yield node.entity, node.score
            case e.Parameter():
                yield node.name
            case e.Statistic():
                yield node.key
            case Rank():
                yield node.cuts
            case FlagBlock():
                yield from ((node.entity, flag) for flag in node.flags)
            case e.Children() if node.period is not None:
                yield node.entity, node.period.dated
            case _:
                pass


def names(model: Model, keys: set[Key]) -> tuple[str, ...]:
    """The names of definitions, in the order of evaluation; with a flag its block."""
    found: list[AnyDefinition] = [one for one in model.definitions if (one.entity, one.name) in keys]
    return tuple(dict.fromkeys(one.name for one in found))
