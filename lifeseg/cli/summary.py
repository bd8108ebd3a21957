"""A finished run comes in; its summary on one screen goes out: what ran, who is where, what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.cli.words import breadth, counted
from lifeseg.model.model import Definition, Entity, Lifecycle, Rank, Segment

if TYPE_CHECKING:
    from lifeseg.interpreter.results import Results
    from lifeseg.pipeline.running import Finished
    from lifeseg.pipeline.setting import Setting

NEAR = Decimal("0.01")
LONGEST_BARS = (8, 6, 4)


def summary(
    finished: Finished, setting: Setting, out: Path | None, seconds: float, width: int, colour: bool
) -> str:
    """The whole summary."""
    results = finished.results
    lines = [head(results, setting.engine, seconds)]
    for entity in results.model.entities.values():
        if entity.parent is None:
            lines += counts(results, entity, width, finished.only)
    ending = packed(list(foot(finished, setting, out)), " · ", width)
    if colour:
        lines[0], ending = f"\x1b[1m{lines[0]}\x1b[0m", [f"\x1b[2m{line}\x1b[0m" for line in ending]
    lines += ending
    return "".join(f"{line}\n" for line in lines)


def head(results: Results, engine: str, seconds: float) -> str:
    """`orgcust 1.0.0 · as of 2013-06-30 · interpreter · 150 customers, 412 usages · 0.31 s`"""
    model = results.model
    people = ", ".join(counted(len(rows), entity) for entity, rows in results.rows.items())
    return f"{model.name} {model.version} · as of {results.as_of} · {engine} · {people} · {seconds:.2f} s"


# ---- Who is where ------------------------------------------------------------------------------


def counts(results: Results, entity: Entity, width: int, only: Sequence[str] | None) -> Iterator[str]:
    """A line for each decision of an entity: its cases with their counts and bars."""
    from lifeseg.pipeline.kept import in_order_of_text

    found = [
        definition
        for definition in in_order_of_text(results.model, entity.name)
        if isinstance(definition, Lifecycle | Segment | Rank) and (only is None or definition.name in only)
    ]
    indent = max((breadth(definition.name) for definition in found), default=0) + 3
    for definition in found:
        name = definition.name + " " * (indent - breadth(definition.name))
        yield from count_lines(case_counts(results, definition), name, indent, width)


def case_counts(results: Results, definition: Definition) -> list[tuple[str, int]]:
    cases = Counter(results.column(definition.entity, definition.name))
    return [(str(option), cases[option]) for option in definition.type.options]


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


# ---- What to look at ---------------------------------------------------------------------------


def foot(finished: Finished, setting: Setting, out: Path | None) -> Iterator[str]:
    """Rows set aside, customers on the edge, and where the results are."""
    from lifeseg.pipeline.listing import near_threshold
    from lifeseg.workspace import shown_path

    aside = sum(finished.set_aside.values())
    where = ", ".join(shown_path(path) for path in finished.set_aside)
    yield f"{counted(aside, 'row')} set aside" + (f" in {where}" if where else "")
    entity = next(
        (entity.name for entity in finished.results.model.entities.values() if entity.parent is None), None
    )
    if (
        entity is not None
        and finished.only is None
        and (near := len(near_threshold(finished.results, entity, NEAR)))
    ):
        yield f"{counted(near, entity)} within {NEAR} of a threshold (lifeseg list --near {NEAR})"
    if out is not None:
        yield f"results in {shown_path(out)}"
    if finished.number is not None and setting.store is not None:
        yield f"run {finished.number} in {shown_path(setting.store)}"
