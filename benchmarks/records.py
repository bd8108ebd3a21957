"""Prints what it costs to decide about one customer with three products: lifeseg's compiled form and other libraries.

    python benchmarks/records.py [--records 8000] [--rounds 5] [--save]

Each library runs in fresh processes, in turn, on records it has not seen before; figures are microseconds of a
processor's work. What they decide is compared with the interpreter's decisions. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import generated  # noqa: E402
from benchmarks.measuring import TOP, markdown  # noqa: E402
from benchmarks.report import report  # noqa: E402

LIBRARIES = {
    "by-hand": "Python by hand, unchecked",
    "lifeseg": "lifeseg, compiled",
    "lifeseg-batch": "lifeseg, compiled, in batches of 50",
    "lifeseg-columns": "lifeseg, compiled, columns of 1,000",
    "lifeseg-columns-50": "lifeseg, compiled, columns of 50",
    "lifeseg-full": "lifeseg, compiled, all results",
    "zen-expression": "GoRules Zen, expression",
    "zen-graph": "GoRules Zen, decision graph",
    "rule-engine": "rule-engine",
    "json-logic": "json-logic",
    "cel-python": "cel-python",
}
SECONDS = "3"  # the longest that a library decides for, in one round


def records_of(folder: Path, count: int) -> Path:
    """Customers with three products as JSON, as a service receives them, with the interpreter's decisions."""
    file = folder / f"three_products_{count}.json"
    if not file.exists():
        subprocess.run(
            [sys.executable, str(HERE / "three_products.py"), str(folder), str(file), str(count)], check=True
        )
    return file


def decided(library: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "peers/one_record.py"), library, str(file), SECONDS]
    finished = subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="decisions about single records")
    parser.add_argument("--records", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks")
    parser.add_argument("--save", action="store_true", help="write the table into benchmarks/results.md")
    wish = parser.parse_args()
    file = records_of(generated(wish.data, 100_000), wish.records)
    expected = json.loads(file.with_suffix(".decisions.json").read_text(encoding="utf-8"))[
        wish.records // 2 :
    ]
    found = [{library: decided(library, file) for library in LIBRARIES} for _ in range(wish.rounds)]
    rows = [["", "× by hand", "µs a customer", "least–most", "decisions"]]
    for library, title in LIBRARIES.items():
        each = [one[library]["each"] for one in found]
        ratio = statistics.median(one[library]["each"] / one["by-hand"]["each"] for one in found)
        decisions = max((one[library]["decisions"] for one in found), key=len)
        wrong = sum(own != other for own, other in zip(decisions, expected, strict=False))
        said = f"{wrong:,} of {len(decisions):,} differ" if wrong else f"the same {len(decisions):,}"
        cells = [
            f"{ratio:.1f}",
            f"{statistics.median(each):,.1f}",
            f"{min(each):,.1f}–{max(each):,.1f}",
            said,
        ]
        rows.append([title, *cells])
    heading = f"The contract type of a customer with three products, medians of {wish.rounds} rounds"
    table = markdown(rows)
    print(f"\n{heading}\n\n{table}")
    if wish.save:
        report("Records", {heading: table})


if __name__ == "__main__":
    main()
