"""Measures `lifeseg run` on DuckDB against the hand-written SQL beside it, in fresh processes run in turn.

    python benchmarks/engines.py FOLDER [FOLDER …]

Each folder has customer.parquet and usage.parquet of the orgcust policy. Figures are ratios of the medians.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 5
DECISIONS = "stage,contract_type,conversion_type,potential,relationship_stability,customer_value,value_level"
BY_HAND = """
import sys, duckdb
from pathlib import Path
folder, out, query = sys.argv[1:]
text = Path(query).read_text().format(customer=folder + "/customer.parquet", usage=folder + "/usage.parquet", out=out)
lines = [line for line in text.splitlines() if not line.startswith("--")]
with duckdb.connect() as connection:
    for statement in "\\n".join(lines).split(";\\n"):
        if statement.strip():
            connection.execute(statement)
"""


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds by the clock and of work, and the most memory in megabytes."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    script = "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=2).returncode;"
    script += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    finished = subprocess.run(
        [sys.executable, "-c", script, *command],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, work, int(finished.stdout) / 1024


def compared(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as out:
        query = str(HERE / "by_hand" / "orgcust_full.sql")
        hand = [sys.executable, "-c", BY_HAND, str(folder), out, query]
        run = [
            sys.executable,
            "-m",
            "lifeseg",
            "run",
            str(HERE.parent / "rules/orgcust"),
            "--data",
            str(folder),
        ]
        run += ["--as-of", "2013-06-30", "--engine", "duckdb", "--out", f"{out}/run"]
        commands = {"by hand": hand, "full contract": run, "seven decisions": [*run, "--only", DECISIONS]}
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                found[name].append(measured(command))
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in found.items()
    }
    for name, row in medians.items():
        ratios = [own / other for own, other in zip(row, medians["by hand"], strict=True)]
        print(f"{folder.name:12} {name:16} time {ratios[0]:5.2f}  work {ratios[1]:5.2f}  memory {ratios[2]:5.2f}"
              f"   ({row[0]:.2f} s, {row[2]:.0f} MB)")  # fmt: skip


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        compared(Path(argument))
