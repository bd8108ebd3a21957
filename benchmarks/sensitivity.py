"""Prints what it costs to ask how much depends on a number: `lifeseg sensitivity` beside `lifeseg run`, both on DuckDB.

    python benchmarks/sensitivity.py [--customers 1000000] [--rounds 3] [--save]

The sizes at the number of today must be those of the run's results, or there is no table. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import generated, lifeseg, made  # noqa: E402
from benchmarks.measuring import TOP, in_turn, table  # noqa: E402
from benchmarks.report import report  # noqa: E402

NUMBER, TODAY, HIGHER, DECISION = "stable_relationship", "0.48", "0.54", "contract_type"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="how much depends on a number, beside a run")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks", help="where data is kept")
    parser.add_argument("--save", action="store_true", help="write the table into benchmarks/results.md")
    return parser.parse_args()


def sensitivity(folder: Path, *words: str) -> list[str]:
    command = [sys.executable, "-m", "lifeseg", "sensitivity", "--policy", str(TOP / "rules/orgcust"), *words]
    return [
        *command,
        "--data",
        str(folder),
        "--as-of",
        "2013-06-30",
        "--engine",
        "duckdb",
        "--format",
        "json",
    ]


def checked(folder: Path, results: Path) -> None:
    """At the value of today everybody is where the run has put them."""
    command = sensitivity(folder, NUMBER, "--from", TODAY, "--to", HIGHER, "--step", "0.06")
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    point = found["number"]["points"][0]
    told = {
        one["case"]: one["size"]["count"]
        for one in point["sizes"]
        if one["decision"] == DECISION and one["size"]["count"]
    }
    query = f"SELECT {DECISION}, count(*) FROM '{results / 'customer.parquet'}' WHERE {DECISION} IS NOT NULL GROUP BY 1"
    if told != dict(duckdb.sql(query).fetchall()) or point["moved"]["count"]:
        sys.exit(f"no table: sizes of {DECISION} are not those of the run")


def main() -> None:
    wish = arguments()
    folder, out = generated(wish.data, wish.customers), Path(made(wish.data / "out" / "sensitivity"))
    commands = {
        "run": lifeseg(folder, out / "results", None),
        "sensitivity of one number, 9 values": sensitivity(folder, NUMBER),
        "sensitivity of the policy, 84 versions": sensitivity(folder),
    }
    lines = in_turn(commands, wish.rounds)
    checked(folder, out / "results")
    heading = f"lifeseg sensitivity beside lifeseg run, {wish.customers:,} customers, rounds: {wish.rounds}"
    found = table(lines, {"sensitivity of one number, 9 values": "the sizes of the run"})
    print(f"\n{heading}\n\n{found}")
    if wish.save:
        report(f"How much depends on a number, {wish.customers:,}", {heading: found})


if __name__ == "__main__":
    main()
