"""The built definitions come in; the population statistics in the order in which they must be computed go out."""

from __future__ import annotations

from dataclasses import replace

from lifeseg.model import expression as e
from lifeseg.model.context import Context
from lifeseg.model.model import AnyDefinition, FlagBlock, Rank, Statistic
from lifeseg.model.walk import nodes


def levelled(context: Context) -> list[Statistic]:
    """The statistics by level of dependence: level n needs statistics below n only."""
    if not context.statistics:
        return []
    levels: dict[str, int] = {}
    depths: dict[
        tuple[str, str], int
    ] = {}  # how many levels must be done before a definition can be evaluated
    for key, definition in context.definitions.items():
        depths[key] = definition_depth(context, definition, levels, depths)
    for name in context.statistics:
        statistic_level(context, name, levels, depths)
    ordered = [replace(found, level=levels[name]) for name, found in context.statistics.items()]
    return sorted(ordered, key=lambda found: found.level)


def definition_depth(
    context: Context, definition: AnyDefinition, levels: dict[str, int], depths: dict[tuple[str, str], int]
) -> int:
    if isinstance(definition, FlagBlock):
        return max((depths.get((definition.entity, name), 0) for name in definition.flags), default=0)
    deepest = depth(context, definition, levels, depths)
    if isinstance(definition, Rank):
        deepest = max(deepest, statistic_level(context, definition.cuts, levels, depths) + 1)
    return deepest


def depth(context: Context, parts: object, levels: dict[str, int], depths: dict[tuple[str, str], int]) -> int:
    """The deepest of what an expression reads."""
    deepest = 0
    for node in nodes(parts):
        if isinstance(node, e.Field):
            deepest = max(deepest, depths.get((node.entity, node.name), 0))
        elif isinstance(node, e.Band):
            deepest = max(deepest, depths.get((node.entity, node.score), 0))
        elif isinstance(node, e.Statistic):
            deepest = max(deepest, statistic_level(context, node.key, levels, depths) + 1)
    return deepest


def statistic_level(
    context: Context, key: str, levels: dict[str, int], depths: dict[tuple[str, str], int]
) -> int:
    if key not in levels:
        found = context.statistics[key]
        levels[key] = depth(context, found.parts, levels, depths)
    return levels[key]
