"""What a person waits for: help, an explanation, a check of a large policy; and the interpreter's cost of a customer.

Each whole-process figure is the median of several fresh processes, taken in turn with a bare start of Python.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from benchmarks.large_policy import large_policy  # noqa: E402
from lifeseg.interpreter.evaluate import evaluate  # noqa: E402
from lifeseg.interpreter.tracer import Tracer  # noqa: E402
from lifeseg.model.from_trees import from_trees  # noqa: E402
from lifeseg.records.from_files import load  # noqa: E402
from lifeseg.records.source import Source  # noqa: E402
from lifeseg.syntax.from_text import from_text  # noqa: E402

RUNS = 7


def seconds(command: list[str]) -> float:
    """One run of a fresh process."""
    start = time.perf_counter()
    subprocess.run(command, cwd=TOP, capture_output=True, check=False)
    return time.perf_counter() - start


def in_turn(command: list[str]) -> tuple[float, float]:
    """Medians of the command and of a bare Python, run alternately after one warm-up."""
    bare = [sys.executable, "-c", "pass"]
    seconds(command)
    pairs = [(seconds(command), seconds(bare)) for _ in range(RUNS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def best(action: object, times: int = 7) -> float:
    """The least of several runs: what the work costs when nothing else runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        action()  # type: ignore[operator]
        found.append(time.perf_counter() - start)
    return min(found)


def interpreter() -> tuple[float, float]:
    """Microseconds a customer of the example: evaluated, and evaluated and traced."""
    files = [
        from_text(path.read_text(encoding="utf-8"), path.name)[0]
        for path in sorted((TOP / "rules/orgcust").glob("*.seg"))
    ]
    model, _ = from_trees(files)
    assert model is not None
    folder = TOP / "examples/orgcust"
    sources = {"customer": Source(folder / "customers.csv"), "usage": Source(folder / "usage.csv")}
    population = load(model.entities, sources).population
    assert population is not None
    day = date(2013, 6, 30)
    count = len(population.rows["customer"].values)
    tracer = Tracer(evaluate(model, population, day))

    def traced() -> None:
        evaluate(model, population, day)
        for place in range(count):
            tracer.trace("customer", place)

    plain = best(lambda: evaluate(model, population, day))
    return plain / count * 1e6, best(traced) / count * 1e6


def main() -> None:
    lifeseg = [sys.executable, "-m", "lifeseg"]
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "big.seg"
        big.write_text(large_policy(2000), encoding="utf-8")
        commands = {
            "lifeseg --help": ([*lifeseg, "--help"], 0.2),
            "lifeseg explain C19": ([*lifeseg, "explain", "C19"], 0.6),
            "lifeseg check, 2,000 definitions": ([*lifeseg, "check", str(big)], 1.5),
        }
        print(f"{'whole process':36} {'median':>9} {'target':>9} {'× python':>9}")
        for name, (command, target) in commands.items():
            own, bare = in_turn(command)
            print(f"{name:36} {own:8.3f}s {target:8.1f}s {own / bare:9.1f}")
    plain, traced = interpreter()
    print(f"\n{'interpreter, a customer of orgcust':36} {'least':>9} {'target':>9}")
    print(f"{'evaluated':36} {plain:7.0f} µs {150:6} µs")
    print(f"{'evaluated and traced':36} {traced:7.0f} µs {1000:6} µs")


if __name__ == "__main__":
    main()
