"""A checked model and what is wanted of it come in; the plan goes out: the passes over the tables, in order.

Statistics of a level are measured in one pass over their entity's table. Where a later level needs them, the columns
already worked out are saved, so that no formula is computed twice. Only what is wanted, and what that needs, is planned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import AnyDefinition, FlagBlock, Lifecycle, Model, Score, Segment, Statistic
from lifeseg.plan import tree as p
from lifeseg.plan.formulas import literal
from lifeseg.plan.from_definition import counts_cases
from lifeseg.plan.from_expression import KINDS, Surroundings, bounds, lowered
from lifeseg.plan.naming import Naming
from lifeseg.plan.pruning import inlined, pruned
from lifeseg.plan.reading import Read, Reading
from lifeseg.plan.relations import Claims, Relations
from lifeseg.plan.shared_columns import SharedColumns, extended

Name = tuple[str, str]


def from_model(
    model: Model, as_of: date, only: Collection[str] | None = None, known: Collection[str] = ()
) -> p.Plan:
    """The plan of a run; statistics whose keys are `known` come from a baseline and are not measured."""
    wanted = wanted_of(model, only)
    claims = Claims(model.claims if only is None else ())
    besides = (*claims.conditions.values(), *(model.kpis if only is None else ()))
    reading = Reading()
    needed = closure(model, reading, wanted, besides)
    relations = Relations(model, as_of, claims, reading)
    keys = statistics_of(model, reading, needed, besides)
    used = [found for found in model.statistics if found.key in keys]
    kept = Kept(needed, depths_of(model, reading, needed), used)
    fresh = [found for found in used if found.key not in known]
    steps: list[p.Step] = []
    for level in range(max((found.level for found in fresh), default=-1) + 1):
        if level:
            steps += saves(model, relations, kept, level)
        steps += measures(model, relations, [found for found in fresh if found.level == level])
    steps += [output(model, relations, entity, wanted) for entity in model.entities]
    sources = tuple(source(model, relations.naming, entity) for entity in model.entities)
    return p.Plan(model.name, as_of, sources, inlined(pruned(steps)), dict(relations.scalars))


@dataclass(frozen=True, slots=True)
class Kept:
    """The definitions a run needs, how many levels of statistics each waits for, and the statistics it uses."""

    needed: set[Name]
    depths: dict[Name, int]
    statistics: list[Statistic]


def wanted_of(model: Model, only: Collection[str] | None) -> list[Name]:
    """The definitions asked for, in the policy's order; what only reasons are reckoned from is no result."""
    if only is not None:
        return [(found.entity, found.name) for found in model.definitions if found.name in only]
    return [(found.entity, found.name) for found in model.definitions if not stands_aside(found)]


def stands_aside(found: AnyDefinition) -> bool:
    return found.made == "aside"


def closure(model: Model, reading: Reading, wanted: Iterable[Name], besides: Iterable[object]) -> set[Name]:
    """All definitions that the wanted ones, and what is looked at besides, read."""
    definitions = {(found.entity, found.name): found for found in model.definitions}
    statistics = {found.key: found for found in model.statistics}
    waiting: list[object] = [*(definitions[name] for name in wanted), *besides]
    found: set[Name] = set(wanted)
    while waiting:
        for name in names_in(waiting.pop(), reading, statistics):
            if name in definitions and name not in found:
                found.add(name)
                waiting.append(definitions[name])
    return found


def names_in(part: object, reading: Reading, statistics: dict[str, Statistic]) -> set[Name]:
    """Facts and definitions read, also by the statistics read, and by the moves of a lifecycle."""
    read = reading.with_moves(part)
    names = set(read.names)
    if isinstance(part, FlagBlock):
        names |= {(part.entity, flag) for flag in part.flags}
    for key in read.statistics:
        names |= names_in(statistics[key].parts, reading, statistics)
    return names


def statistics_of(model: Model, reading: Reading, needed: set[Name], besides: Iterable[object]) -> set[str]:
    """The statistics that anything needed reads, also in moves, which ask for them next time; and those these read."""
    by_key = {found.key: found for found in model.statistics}
    parts = [found for found in model.definitions if (found.entity, found.name) in needed]
    keys = set[str]().union(*(reading.with_moves(part).statistics for part in [*parts, *besides]))
    grown = True
    while grown:
        more = set[str]().union(*(reading.statistics(by_key[key].parts) for key in keys)) - keys
        keys |= more
        grown = bool(more)
    return keys


def depths_of(model: Model, reading: Reading, needed: set[Name]) -> dict[Name, int]:
    """How many levels of statistics must be measured before a definition can be computed."""
    levels = {found.key: found.level for found in model.statistics}
    depths: dict[Name, int] = {}
    for found in model.definitions:
        name = (found.entity, found.name)
        if name in needed:
            read = reading.of(found)
            own = max((levels[key] + 1 for key in read.statistics), default=0)
            names: Collection[Name] = read.names
            if isinstance(found, FlagBlock):
                names = {(found.entity, flag) for flag in found.flags}
            depths[name] = max([own, *(depths.get(other, 0) for other in names)])
    return depths


def depth_of(model: Model, read: Read, depths: dict[Name, int]) -> int:
    """How many levels of statistics must be measured before an expression can be computed."""
    levels = {found.key: found.level for found in model.statistics}
    own = max((levels[key] + 1 for key in read.statistics), default=0)
    return max([own, *(depths.get(other, 0) for other in read.names)])


# ---- Steps ---------------------------------------------------------------------------------------


def saves(model: Model, relations: Relations, kept: Kept, level: int) -> list[p.Step]:
    """For each entity the definitions and claims that the levels so far allow, beyond what is saved already."""
    steps: list[p.Step] = []
    claims = relations.claims.conditions
    # lists are made of their flags where they are shown
    blocks = {(found.entity, found.name) for found in model.definitions if isinstance(found, FlagBlock)}
    for entity in reversed(
        list(model.entities)
    ):  # children before parents, which then summarise what is saved
        names = sorted(
            name
            for owner, name in kept.needed
            if owner == entity and kept.depths[owner, name] <= level and (owner, name) not in blocks
        )
        names += [
            name for name, condition in claims.items()
            if relations.claims.entity_of(name) == entity
            and depth_of(model, relations.reading.of(condition), kept.depths) <= level
        ]  # fmt: skip
        if set(names) <= relations.saved_names(entity):
            continue
        later: list[object] = [
            found for found in model.definitions
            if (found.entity, found.name) in kept.needed and (found.entity != entity or found.name not in names)
        ]  # fmt: skip
        later += [found.parts for found in kept.statistics if found.level >= level]
        later += [condition for name, condition in claims.items() if name not in names]
        steps.append(relations.save(entity, names, later))
    return steps


def measures(model: Model, relations: Relations, statistics: list[Statistic]) -> list[p.Step]:
    """One pass over each entity that the statistics are about."""
    steps: list[p.Step] = []
    for entity in model.entities:
        own = [found for found in statistics if found.entity == entity]
        if not own:
            continue
        steps.append(measure(relations, entity, own))
    return steps


def measure(relations: Relations, entity: str, statistics: list[Statistic]) -> p.Measure:
    parts = tuple(found.parts for found in statistics)
    own = {name for owner, name in relations.reading.names(parts) if owner == entity}
    relation = relations.relation(entity, own, parts)
    shares = SharedColumns()
    around = relations.surroundings(entity, shares)
    requests = tuple(request(relations, around, found) for found in statistics)
    return p.Measure(extended(relation, shares), requests)


def request(relations: Relations, around: Surroundings, found: Statistic) -> p.Request:
    """The statistic in formulas over the relation's columns, each worked out once."""

    def made(part: e.Expression | None) -> p.AnyFormula | None:
        return None if part is None else around.shared(lowered(around, part))

    def sure(part: e.Expression) -> p.AnyFormula:
        return around.shared(lowered(around, part))

    entries = tuple((sure(one.value), sure(one.amount), made(one.where)) for one in found.entries)
    if found.value is not None and found.manner == "lower" and found.function in ("tops", "groups"):
        entries = ((sure(found.value), literal(1), made(found.where)),)  # each counts as one
    argument = found.argument
    if found.limit is not None:
        limit = lowered(around, found.limit)
        assert isinstance(limit, p.Literal_)
        assert isinstance(limit.value, int)
        argument = (limit.value * 10 ** (found.entries[0].amount.type.scale - found.limit.type.scale),)
    return p.Request(
        relations.scalar(found.key), found.key, found.function, made(found.value), made(found.where),
        argument, found.value.type.scale if found.value is not None else 0, entries, found.manner,
    )  # fmt: skip


def output(model: Model, relations: Relations, entity: str, wanted: list[Name]) -> p.Output:
    names = {name for owner, name in wanted if owner == entity}
    definitions = [found for found in model.of(entity) if found.name in names]
    claims, naming = relations.claims, relations.naming
    verdicts = [name for name in claims.conditions if claims.entity_of(name) == entity]
    relation = relations.relation(entity, {*names, *verdicts}, ())
    results = tuple(result for found in definitions for result in results_of(naming, found))
    troubles = tuple(
        p.Trouble(naming.cases[entity, found.name], found.name, has_otherwise(found))
        for found in definitions
        if counts_cases(found)
    )
    broken = tuple(
        p.Broken(
            claims.column(name),
            claims.claims[name].title,
            claims.claims[name].kind,
            claims.claims[name].kind == "never",
        )
        for name in verdicts
    )
    keys = source(model, naming, entity).keys
    return p.Output(entity, naming.tables[entity], relation, keys, results, troubles, broken)


def results_of(naming: Naming, found: AnyDefinition) -> list[p.Result]:
    low, high = bounds(found.type)
    scale = found.type.scale if found.type.kind == "number" else 0
    column = naming.columns[found.entity, found.name]
    own = p.Result(found.name, KINDS[found.type.kind], scale, low, high, found.type.options, column)
    if isinstance(found, Score) and found.bands:
        bands = tuple(band.name for band in found.bands)
        column = naming.bands[found.entity, found.name]
        return [own, p.Result(found.name + "_band", "text", 0, 0, 0, bands, column)]
    return [own]


def has_otherwise(found: AnyDefinition) -> bool:
    cases = (
        found.cases if isinstance(found, Segment) else found.starts if isinstance(found, Lifecycle) else ()
    )
    return any(case.condition is None for case in cases)


def source(model: Model, naming: Naming, name: str) -> p.Source:
    entity = model.entities[name]
    above = source(model, naming, entity.parent).keys if entity.parent else ()
    own = tuple(fact.name for fact in entity.keys)
    facts = tuple((fact.name, naming.columns[name, fact.name]) for fact in entity.facts)
    keys = (*above, *(own or ("row",)))
    return p.Source(name, keys, entity.parent, len(above), not own, entity.dated, facts)
