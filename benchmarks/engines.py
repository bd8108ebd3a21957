"""Prints what `lifeseg run` costs beside hand-written DuckDB SQL and beside other libraries: orgcust, from Parquet files.

    python benchmarks/engines.py [--customers 1000000] [--rounds 5] [--no-peers] [--growth] [--save]

All write the same columns, and what they wrote is compared before anything is measured: where the hand-written SQL and
lifeseg differ in a single value there is no table. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.measuring import TOP, Line, cost, in_turn, markdown, table  # noqa: E402
from benchmarks.report import report  # noqa: E402

DECISIONS = "stage,contract_type,conversion_type,potential,relationship_stability,customer_value,value_level"
GROWTH = (100_000, 1_000_000, 5_000_000)
PEERS = {
    "Polars": "with_polars.py",
    "pandas": "with_pandas.py",
    "Ibis on DuckDB": "with_ibis.py",
    "OpenFisca": "with_openfisca.py",
}
BY_HAND = "SQL by hand"
Commands = dict[str, list[str]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="lifeseg beside hand-written SQL and other libraries")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", action="store_true", help="instead: from 100,000 to 5 million customers")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="only SQL by hand")
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks", help="where data is kept")
    parser.add_argument("--save", action="store_true", help="write the tables into benchmarks/results.md")
    return parser.parse_args()


def generated(data: Path, customers: int) -> Path:
    folder = data / f"{customers}"
    if not (folder / "generated.json").exists():
        count = ["--customers", str(customers), "--seed", "1", "--out", str(folder)]
        cost([sys.executable, "-m", "lifeseg", "generate", str(TOP / "rules/orgcust"), *count])
    return folder


def by_hand(query: str, folder: Path, out: Path) -> list[str]:
    return [
        sys.executable,
        str(HERE / "by_hand/run.py"),
        str(HERE / f"by_hand/{query}"),
        str(folder),
        made(out),
    ]


def lifeseg(folder: Path, out: Path, only: str | None) -> list[str]:
    command = [sys.executable, "-m", "lifeseg", "run", str(TOP / "rules/orgcust"), "--data", str(folder)]
    command += ["--as-of", "2013-06-30", "--engine", "duckdb", "--out", str(out)]
    return command + (["--only", only] if only else [])


def made(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def decisions(folder: Path, out: Path, peers: bool) -> Commands:
    commands = {
        BY_HAND: by_hand("orgcust_decisions.sql", folder, out / "hand"),
        "lifeseg": lifeseg(folder, out / "lifeseg", DECISIONS),
    }
    for name, script in PEERS.items() if peers else ():
        commands[name] = [sys.executable, str(HERE / "peers" / script), str(folder), made(out / script)]
    return commands


def full(folder: Path, out: Path) -> Commands:
    hand = by_hand("orgcust_full.sql", folder, out / "hand")
    return {BY_HAND: hand, "lifeseg": lifeseg(folder, out / "lifeseg", None)}


def checked(commands: Commands, out: Path) -> dict[str, str]:
    """Runs each command once and compares what it wrote with the hand-written SQL; says how, for the table."""
    remarks = {}
    for name, command in commands.items():
        cost(command)
        if name == "lifeseg":
            rows = differing("--exactly", out / "hand", out / "lifeseg", "customer", "usage")
            if rows != "0":
                sys.exit(f"no table: {rows} rows of lifeseg and of the hand-written SQL differ")
            remarks[name] = "the same"
        elif name != BY_HAND:
            customers = differing(out / "hand", out / PEERS[name], "customer")
            remarks[name] = (
                "the same decisions" if customers == "0" else f"{int(customers):,} customers differ"
            )
    return remarks


def differing(*words: object) -> str:
    command = [sys.executable, str(HERE / "differing.py"), *map(str, words)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return finished.stdout.strip() if finished.returncode == 0 else "all"


def growth(data: Path, rounds: int) -> str:
    """Seconds and memory as the population grows."""
    rows = [
        ["customers", "full: s", "s a million", "ratio", "MB", "decisions: s", "s a million", "ratio", "MB"]
    ]
    for customers in GROWTH:
        folder, out = generated(data, customers), data / "out"
        found = [in_turn(full(folder, out / "full"), rounds)[1]]
        found.append(in_turn(decisions(folder, out / "only", peers=False), rounds)[1])
        rows.append([f"{customers:,}", *(cell for line in found for cell in cells(line, customers))])
    return markdown(rows)


def cells(line: Line, customers: int) -> list[str]:
    each = line.cost.wall / customers * 1e6
    return [f"{line.cost.wall:.2f}", f"{each:.2f}", f"{line.ratio.wall:.2f}", f"{line.cost.memory:.0f}"]


def main() -> None:
    wish = arguments()
    if wish.growth:
        heading = f"lifeseg from 100,000 to 5 million customers, medians of {wish.rounds} rounds"
        grown = growth(wish.data, wish.rounds)
        print(f"\n{heading}\n\n{grown}")
        if wish.save:
            report("Growth", {heading: grown})
        return
    folder, out = generated(wish.data, wish.customers), wish.data / "out"
    parts = {}
    for title, commands, place in (
        ("The full result contract", full(folder, out / "full"), out / "full"),
        ("Seven decisions", decisions(folder, out / "only", wish.peers), out / "only"),
    ):
        remarks = checked(commands, place)
        heading = f"{title}, {wish.customers:,} customers, medians of {wish.rounds} rounds"
        parts[heading] = table(in_turn(commands, wish.rounds), remarks)
        print(f"\n{heading}\n\n{parts[heading]}", flush=True)
    if wish.save:
        report("Populations", parts)


if __name__ == "__main__":
    main()
