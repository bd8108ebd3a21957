"""What changed between two versions of a policy comes in; text for a terminal goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lifeseg.cli.differences.words import (
    case,
    causes_of,
    distance,
    heading,
    keys_of,
    kpi_text,
    lines_of,
    listed,
    moved_line,
    owners_of,
    place_of,
    proof_lines,
    summary,
    threshold,
    way,
)
from lifeseg.cli.words import aligned, counted

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import Difference, EntityMoves, Nearest

FEW = 3
"""Neighbours of a threshold that are shown on each side; the other forms have all."""


def to_console(found: Difference) -> str:
    lines = [
        f"{found.old.label} → {found.new.label}: {summary(found)}",
        *rule_lines(found),
        *proof_lines(found),
    ]
    for moves in found.moves:
        if moves is found.top or moves.moved or moves.new or moves.gone:
            lines += ["", moved_line(moves, found.value), *table_of(moves)]
    lines += [f"cut of {cut.rank}.{cut.name}: {case(cut.before)} → {case(cut.after)}" for cut in found.cuts]
    lines += [f"{name}: {kpi_text(before)} → {kpi_text(after)}" for name, before, after in found.kpis]
    top = found.top
    if top is not None and (causes := causes_of(top)):
        counts = (f"  {name}   {counted(count, top.entity)}{listed(top)}" for name, count in causes.items())
        lines += ["", "by", *counts]
    if near := [one for moves in found.moves for one in moves.nearest]:
        lines += ["", "nearest to a threshold, and not moved", *near_lines(near)]
    if found.gates:
        lines.append("")
        lines += [
            f"gate {one.gate.text}: {one.amount}{'  FAILED' if one.fails else ''}" for one in found.gates
        ]
    return "".join(f"{line}".rstrip() + "\n" for line in lines)


def rule_lines(found: Difference) -> Iterator[str]:
    """Each changed part with its place and what was and is; then who answers for them."""
    widest = max((len(heading(change)) for change in found.rules), default=0)
    for change in found.rules:
        yield f"  {heading(change):{widest}}   {place_of(change)}"
        yield from (f"      {line}" for line in lines_of(change))
    if owners := owners_of(found):
        yield f"  to be asked: {', '.join(owners)}"


def table_of(moves: EntityMoves) -> Iterator[str]:
    """Who went where, definition by definition."""
    rows = [
        [went.column, way(went), f"{went.count:,}", keys_of(went)]
        for went in sorted(moves.went, key=lambda one: one.column)
    ]
    last = None
    for row in rows:
        row[0], last = ("" if row[0] == last else row[0]), row[0]
    if rows:
        yield from (f"  {line}" for line in aligned(rows, [False, False, True, False]))
    changed = [f"{name} of {count:,}" for name, count in moves.amounts.items()]
    if changed:
        yield f"  other amounts: {', '.join(changed)}"


def near_lines(nearest: Sequence[Nearest]) -> Iterator[str]:
    """A line for each threshold: the first of those who fall short of it, and of those who reach it."""
    rows = [[threshold(one), side(one, above=False), side(one, above=True)] for one in nearest]
    yield from (f"  {line}" for line in aligned(rows, [False, False, False]))


def side(one: Nearest, *, above: bool) -> str:
    near = one.reached if above else one.short
    said = (f"{'/'.join(each.key)} {distance(one, each)}" for each in near[:FEW])
    return " · ".join(said)
