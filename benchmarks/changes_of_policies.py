"""Prints what `lifeseg diff` costs beside one run: orgcust on 1,000,000 customers, a change and two changes.

python benchmarks/changes_of_policies.py [--customers 1000000] [--rounds 3] [--save]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import generated  # noqa: E402
from benchmarks.measuring import TOP, in_turn, table  # noqa: E402
from benchmarks.report import report  # noqa: E402

THRESHOLD = ('stable relationship" = 0.48', 'stable relationship" = 0.50')
WEIGHTS = ("0.50 information_level\n    0.50 communication", "0.60 information_level\n    0.40 communication")


def changed(name: str, place: Path, changes: tuple[tuple[str, str], ...]) -> Path:
    """The policy with some changes."""
    shutil.copytree(TOP / "rules/orgcust", place / name, dirs_exist_ok=True)
    file = place / name / "orgcust.seg"
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return place / name


def main() -> None:
    parser = argparse.ArgumentParser(description="lifeseg diff beside a run")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="write the table into benchmarks/results.md")
    wish = parser.parse_args()
    place = TOP / ".cache" / "benchmarks" / "policies"
    place.mkdir(parents=True, exist_ok=True)
    data = generated(TOP / ".cache" / "benchmarks", wish.customers)
    old = changed("old", place, ())
    about = ["--policy", str(old), "--data", str(data), "--as-of", "2013-06-30", "--engine", "duckdb"]
    python = [sys.executable, "-m", "lifeseg"]
    commands = {"run": [*python, "run", str(old), *about[2:], "--out", str(place / "out")]}
    for name, changes in {"one change": (THRESHOLD,), "two changes": (THRESHOLD, WEIGHTS)}.items():
        commands[f"diff, {name}"] = [*python, "diff", str(old), str(changed(name, place, changes)), *about]
    heading = f"A change of the policy, {wish.customers:,} customers, medians of {wish.rounds} rounds"
    made = table(in_turn(commands, wish.rounds), {})
    print(f"\n{heading}\n\n{made}")
    if wish.save:
        report("Changes of policies", {heading: made})


if __name__ == "__main__":
    main()
