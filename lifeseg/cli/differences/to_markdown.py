"""What changed between two versions of a policy comes in; tables for a comment on a pull request go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lifeseg.cli.differences.words import (
    WORST,
    case,
    cause_of,
    distance,
    heading,
    keys_of,
    lines_of,
    moved_line,
    owners_of,
    place_of,
    proof_lines,
    summary,
    threshold,
)

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import Difference, EntityMoves, Near, Nearest


def to_markdown(found: Difference) -> str:
    """Tables that fit a comment: changed parts, moves, the worst of those who move, gates."""
    lines = [f"### Policy change: {summary(found)}", "", f"`{found.old.label}` → `{found.new.label}`", ""]
    lines += rules(found)
    if owners := owners_of(found):
        lines += ["", f"To be asked: {cell(', '.join(owners))}"]
    for line in proof_lines(found):
        lines += [cell(line), ""] if line else [""]
    for moves in found.moves:
        if moves is found.top or moves.moved:
            lines += ["", f"**{moved_line(moves, found.value)}**", "", *ways(moves)]
    lines += worst(found.top) if found.top is not None else []
    lines += neighbours([one for moves in found.moves for one in moves.nearest])
    if found.gates:
        lines += ["", "| gate | found | |", "|---|---|---|"]
        lines += [
            f"| `{cell(one.gate.text)}` | {one.amount} | {'**failed**' if one.fails else 'passed'} |"
            for one in found.gates
        ]
    return "".join(f"{line}\n" for line in lines)


def rules(found: Difference) -> Iterator[str]:
    """A table of what changed, and beneath it what was and is."""
    if found.rules:
        yield from ("| changed | where |", "|---|---|")
    for change in found.rules:
        yield f"| {cell(heading(change))} | `{place_of(change)}` |"
    for change in found.rules:
        if beneath := list(lines_of(change)):
            yield from ("", f"<details><summary>{cell(heading(change))}</summary>", "", "```diff")
            yield from (*beneath, "```", "</details>")


def ways(moves: EntityMoves) -> Iterator[str]:
    """Who went where; a flag that is gained goes from no to yes."""
    if moves.went:
        yield from ("| definition | from | to | number | for example |", "|---|---|---|---:|---|")
    for one in moves.went:
        name = one.column if one.flag is None else f"{one.column}: {one.flag}"
        names = map(cell, (name, case(one.before), case(one.after)))
        yield f"| {' | '.join(names)} | {one.count:,} | {cell(keys_of(one))} |"


def worst(top: EntityMoves) -> Iterator[str]:
    """The first of those who move, with what moves them."""
    if top.movers:
        yield from ("", f"| {top.entity} | moves | by |", "|---|---|---|")
    for mover in top.movers[:WORST]:
        ways = "; ".join(f"{name} {case(one)} → {case(other)}" for name, (one, other) in mover.cases.items())
        yield f"| {cell('/'.join(mover.key))} | {cell(ways)} | {cell(cause_of(mover))} |"


def neighbours(nearest: Sequence[Nearest]) -> Iterator[str]:
    """Who did not move and comes nearest to a threshold, by how much he falls short of it, or has more than it."""
    if not nearest:
        return
    yield from ("", "<details><summary>Did not move, and nearest to a threshold</summary>", "")
    yield from ("| threshold | fall short by | reach it with |", "|---|---|---|")
    for one in nearest:
        yield f"| {cell(threshold(one))} | {named(one, one.short)} | {named(one, one.reached)} |"
    yield from ("", "</details>")


def named(one: Nearest, near: Sequence[Near]) -> str:
    return cell(" · ".join(f"{'/'.join(each.key)} {distance(one, each)}" for each in near))


def cell(text: str) -> str:
    """Text that cannot end a cell, nor be taken for anything else."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
