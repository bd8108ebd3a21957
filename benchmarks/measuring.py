"""Commands come in; how long each took, how much it worked and how much memory it held go out, against the first one.

Every command is a fresh process, and the commands run in turn, round after round: what else the machine does falls on
all of them alike, and a ratio taken within a round says more than a time.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """Of one process: seconds by the clock, seconds of processors at work, the most megabytes held."""

    wall: float
    work: float
    memory: float


@dataclass(frozen=True)
class Line:
    """A line of a table: medians, and the medians of the ratios to the first command in the same round."""

    name: str
    cost: Cost
    ratio: Cost
    least: float
    most: float


def cost(command: Sequence[str], folder: Path = TOP) -> Cost:
    """Runs a command to its end. This process stays small, for a child is charged with what it was forked from."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{said.decode()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def surroundings() -> dict[str, str]:
    """Those of this process; where Python may keep compiled modules, as it does unless somebody forbids it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int, folder: Path = TOP) -> list[Line]:
    """The commands' costs over so many rounds; the first command is what the others are compared with."""
    found = [[cost(command, folder) for command in commands.values()] for _ in range(rounds)]
    return lines_of(list(commands), found)


def lines_of(names: Sequence[str], rounds: Sequence[Sequence[Cost]]) -> list[Line]:
    """The costs of each round, in the order of the names."""
    lines = []
    for place, name in enumerate(names):
        costs = [row[place] for row in rounds]
        ratios = [compared(row[place], row[0]) for row in rounds]
        walls = [ratio.wall for ratio in ratios]
        lines.append(Line(name, median(costs), median(ratios), min(walls), max(walls)))
    return lines


def compared(own: Cost, other: Cost) -> Cost:
    return Cost(own.wall / other.wall, own.work / other.work, own.memory / other.memory)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.work for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )


def table(lines: Sequence[Line], remarks: Mapping[str, str]) -> str:
    """A Markdown table: ratios first, for they carry over to other machines; then the figures of this one."""
    rows = [["", "time", "least–most", "work", "memory", "seconds", "CPU s", "MB", "results"]]
    for line in lines:
        ratio, own = line.ratio, line.cost
        rows.append([
            line.name, f"{ratio.wall:.2f}", f"{line.least:.2f}–{line.most:.2f}", f"{ratio.work:.2f}", f"{ratio.memory:.2f}",
            f"{own.wall:.2f}", f"{own.work:.2f}", f"{own.memory:.0f}", remarks.get(line.name, ""),
        ])  # fmt: skip
    return markdown(rows)


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows, the first of which is the heading, as a table that reads well as plain text too."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:-1]), "-" * widths[-1]]
    lines = []
    for row in (rows[0], rule, *rows[1:]):
        cells = [
            cell.ljust(width) if place in (0, len(row) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> str:
    """The machine in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = ".".join(map(str, sys.version_info[:2]))
    return (
        f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GB of memory, {sys.platform}, Python {version}"
    )
