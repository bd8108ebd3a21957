"""Prints what it costs to tell of everybody why: `run --explain` beside the run without, orgcust.

    python benchmarks/reasons.py [--customers 1000000] [--rounds 3] [--save]

Both write the same results, told by their hash, or there is no table. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.engines import generated, lifeseg
from benchmarks.measuring import TOP, in_turn, table
from benchmarks.report import report


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a run that tells why beside one that does not")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks", help="where data is kept")
    parser.add_argument("--save", action="store_true", help="write the table into benchmarks/results.md")
    return parser.parse_args()


def hash_in(out: Path) -> str:
    found: str = json.loads((out / "run.json").read_text(encoding="utf-8"))["result_hash"]
    return found


def main() -> None:
    asked = arguments()
    folder = generated(asked.data, asked.customers)
    with tempfile.TemporaryDirectory() as made:
        plain, told = Path(made) / "plain", Path(made) / "told"
        commands = {
            "lifeseg run": lifeseg(folder, plain, None),
            "lifeseg run --explain": [*lifeseg(folder, told, None), "--explain"],
        }
        lines = in_turn(commands, asked.rounds)
        if hash_in(plain) != hash_in(told):
            sys.exit("the results differ")
    found = table(lines, dict.fromkeys(commands, "the same hash"))
    print(found)
    if asked.save:
        report("Reasons of everybody", {f"{asked.customers:,} customers, orgcust, DuckDB": found})


if __name__ == "__main__":
    main()
