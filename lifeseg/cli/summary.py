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
LONGEST_BAR = 8


def summary(
    finished: Finished, setting: Setting, out: Path | None, seconds: float, width: int, colour: bool
) -> str:
    """The whole summary."""
    results = finished.results
    lines = [head(results, setting.engine, seconds)]
    for entity in results.model.entities.values():
        if entity.parent is None:
            lines += counts(results, entity, width, finished.only)
    lines.append(" · ".join(foot(finished, setting, out)))
    if colour:
        lines[0], lines[-1] = f"\x1b[1m{lines[0]}\x1b[0m", f"\x1b[2m{lines[-1]}\x1b[0m"
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
        yield from count_lines(results, definition, name, indent, width)


def count_lines(results: Results, definition: Definition, name: str, indent: int, width: int) -> Iterator[str]:
    """The counts with bars if they fit in the width, without if not, on several lines if need be."""
    cases = Counter(results.column(definition.entity, definition.name))
    named = [(str(option), cases[option]) for option in definition.type.options]
    longest = max((count for _, count in named), default=0)
    barred = [f"{case} {count} {bar(count, longest)}".rstrip() for case, count in named]
    plain = [f"{case} {count}" for case, count in named]
    pieces = barred if breadth("   ".join(barred)) + indent <= width else plain
    line = ""
    for piece in pieces:
        if line and indent + breadth(line) + 3 + breadth(piece) > width:
            yield (name + line).rstrip()
            name, line = " " * indent, ""
        line += f"   {piece}" if line else piece
    yield (name + line).rstrip()


def bar(count: int, longest: int) -> str:
    """A bar in proportion to the largest count; what is there at all is seen."""
    return "█" * max((count * LONGEST_BAR + longest // 2) // longest, 1) if count else ""


# ---- What to look at ---------------------------------------------------------------------------


def foot(finished: Finished, setting: Setting, out: Path | None) -> Iterator[str]:
    """Rows set aside, customers on the edge, and where the results are."""
    from lifeseg.pipeline.listing import near_threshold
    from lifeseg.workspace import shown_path

    aside = sum(finished.set_aside.values())
    where = ", ".join(shown_path(path) for path in finished.set_aside)
    yield f"{counted(aside, 'row')} set aside" + (f" in {where}" if where else "")
    entity = next((entity.name for entity in finished.results.model.entities.values() if entity.parent is None), None)
    if entity is not None and (near := len(near_threshold(finished.results, entity, NEAR))):
        yield f"{counted(near, entity)} within {NEAR} of a threshold (lifeseg list --near {NEAR})"
    if out is not None:
        yield f"results in {shown_path(out)}"
    if finished.number is not None and setting.store is not None:
        yield f"run {finished.number} in {shown_path(setting.store)}"
