"""A finished run comes in; its summary on one screen goes out: what ran, who is where, what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lifeseg.cli.words import breadth, counted

if TYPE_CHECKING:
    from lifeseg.pipeline.overview import Overview
    from lifeseg.pipeline.running import Finished
    from lifeseg.pipeline.setting import Setting
    from lifeseg.pipeline.wish import Wish

LONGEST_BARS = (8, 6, 4)


def summary(
    finished: Finished, setting: Setting, wish: Wish, seconds: float, width: int, colour: bool
) -> str:
    """The whole summary."""
    overview = finished.overview
    lines = [head(overview, setting.engine, seconds), *counts(overview, width, finished.only)]
    if finished.only is None:
        lines += targets(overview)
    ending = packed(list(foot(finished, setting, wish)), " · ", width)
    if colour:
        lines[0], ending = f"\x1b[1m{lines[0]}\x1b[0m", [f"\x1b[2m{line}\x1b[0m" for line in ending]
    lines += ending
    return "".join(f"{line}\n" for line in lines)


def head(overview: Overview, engine: str, seconds: float) -> str:
    """`orgcust 1.0.0 · as of 2013-06-30 · duckdb · 150 customers, 412 usages · 0.31 s`"""
    model = overview.model
    people = ", ".join(counted(count, entity) for entity, count in overview.rows.items())
    return f"{model.name} {model.version} · as of {overview.as_of} · {engine} · {people} · {seconds:.2f} s"


# ---- Who is where ------------------------------------------------------------------------------


def counts(overview: Overview, width: int, only: Sequence[str] | None) -> Iterator[str]:
    """A line for each decision of the entities without a parent: its cases with their counts and bars."""
    from lifeseg.pipeline.overview import counted_definitions

    found = counted_definitions(overview.model, only)
    for entity in overview.model.entities:
        own = [definition for definition in found if definition.entity == entity]
        indent = max((breadth(definition.name) for definition in own), default=0) + 3
        for definition in own:
            name = definition.name + " " * (indent - breadth(definition.name))
            cases = list(zip(definition.type.options, overview.cases[entity, definition.name], strict=True))
            shown = outcomes(cases) if definition.made == "part" else cases
            yield from count_lines(shown, name, indent, width)


def outcomes(cases: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """What became of an offer, of many reasons those that there were; whoever was excluded is counted together."""
    found: dict[str, int] = {}
    for name, count in cases:
        name = "excluded" if name.startswith("excluded_by_") else name
        found[name] = found.get(name, 0) + count
    return [(name, count) for name, count in found.items() if count]


def count_lines(named: Sequence[tuple[str, int]], name: str, indent: int, width: int) -> Iterator[str]:
    """The counts with the longest bars that fit in the width, or without any, on several lines if need be."""
    largest = max((count for _, count in named), default=0)
    pieces = [f"{case} {count:,}" for case, count in named]
    for longest in LONGEST_BARS:
        barred = [f"{case} {count:,} {bar(count, largest, longest)}".rstrip() for case, count in named]
        if breadth("   ".join(barred)) + indent <= width:
            pieces = barred
            break
    for line in packed(pieces, "   ", width - indent):
        yield (name + line).rstrip()
        name = " " * indent


def packed(pieces: Sequence[str], gap: str, width: int) -> list[str]:
    """The pieces one after the other, on as many lines as it takes."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and breadth(lines[-1] + gap + piece) > width:
            lines.append("")
        lines[-1] += f"{gap}{piece}" if lines[-1] else piece
    return lines


def bar(count: int, largest: int, longest: int) -> str:
    """A bar in proportion to the largest count; what is there at all is seen."""
    return "█" * max((count * longest + largest // 2) // largest, 1) if count else ""


def targets(overview: Overview) -> list[str]:
    """What the policy's KPIs came to."""
    from lifeseg.pipeline.kpis import kpis, lines

    return lines(kpis(overview))


# ---- What to look at ---------------------------------------------------------------------------


def foot(finished: Finished, setting: Setting, wish: Wish) -> Iterator[str]:
    """Rows set aside, customers on the edge, and where the results are."""
    from lifeseg.pipeline.overview import NEAR, first_entity
    from lifeseg.workspace import shown_path

    aside = sum(finished.set_aside.values())
    where = ", ".join(shown_path(path) for path in finished.set_aside)
    yield f"{counted(aside, 'row')} set aside" + (f" in {where}" if where else "")
    entity, near = first_entity(finished.overview.model), finished.overview.near
    if entity is not None and near:
        yield f"{counted(near, entity)} within {NEAR} of a threshold (lifeseg list --near {NEAR})"
    if wish.out is not None:
        yield f"results in {shown_path(wish.out)}"
    if wish.location is not None:
        yield f"results in {wish.location}"
    if finished.tables:
        yield f"results in {', '.join(finished.tables)}"
    if finished.number is not None and setting.store is not None:
        from lifeseg.pipeline.store import shown

        yield f"run {finished.number} in {shown(setting.store)}"
