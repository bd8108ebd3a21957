"""Prints what a page about a run costs beside the run: orgcust, `lifeseg report` beside `lifeseg run`, both on DuckDB; and in
what time a browser opens it.

    python benchmarks/pages.py [--customers 1000000] [--rounds 3] [--save]

The sizes that the page says must be those of the run's results, or there is no table. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from pathlib import Path
from statistics import median

import duckdb
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import generated, lifeseg, made  # noqa: E402
from benchmarks.measuring import TOP, in_turn, table  # noqa: E402
from benchmarks.report import report  # noqa: E402
from lifeseg.pages.printing import BROWSERS  # noqa: E402

OPENED = 7
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a page about a run beside the run")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks", help="where data is kept")
    parser.add_argument("--save", action="store_true", help="write the table into benchmarks/results.md")
    return parser.parse_args()


def page(folder: Path, out: Path, *words: str) -> list[str]:
    command = [sys.executable, "-m", "lifeseg", "report", str(TOP / "rules/orgcust"), "--data", str(folder)]
    return [*command, "--as-of", "2013-06-30", "--engine", "duckdb", "--out", str(out), *words]


def checked(text: str, results: Path) -> str:
    """How large the page is; its sizes of the stages are those that the run has written."""
    query = f"SELECT stage, count(*) FROM '{results / 'customer.parquet'}' WHERE stage IS NOT NULL GROUP BY 1"
    cells = set(re.findall(r'<td class="n">([0-9,]+)</td>', text))
    for stage, count in duckdb.sql(query).fetchall():
        if f"{count:,}" not in cells:
            sys.exit(f"no table: {count:,} customers are in stage {stage}, and the page does not say so")
    return f"{len(text.encode()) // 1000} kB"


def opening(page: Path) -> str:
    """Seconds until a browser has drawn a page, in windows of their own: that of the middle, the least and the most."""
    with sync_playwright() as playwright:
        path = next(found for name in BROWSERS if (found := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=path)
        seconds = sorted(opened(browser, page) for _ in range(OPENED))
        browser.close()
    return f"{median(seconds):.2f} s ({seconds[0]:.2f}–{seconds[-1]:.2f})"


def opened(browser: Browser, page: Path) -> float:
    context = browser.new_context()
    seen, started = context.new_page(), time.perf_counter()
    seen.goto(page.as_uri())
    seen.evaluate(DRAWN)
    found = time.perf_counter() - started
    context.close()
    return found


def main() -> None:
    wish = arguments()
    folder, out = generated(wish.data, wish.customers), Path(made(wish.data / "out" / "pages"))
    commands = {
        "run": lifeseg(folder, out / "results", None),
        "report": page(folder, out / "report.html", "--value", "customer_value"),
        "report without explanations": page(folder, out / "short.html", "--explained", "0"),
    }
    lines = in_turn(commands, wish.rounds)
    remarks = {
        name: checked((out / file).read_text(encoding="utf-8"), out / "results")
        for name, file in (("report", "report.html"), ("report without explanations", "short.html"))
    }
    heading = f"lifeseg report beside lifeseg run, {wish.customers:,} customers, {wish.rounds} rounds"
    found = table(lines, remarks)
    found += "".join(
        f"\n\nA browser opens `{file}` in {opening(out / file)}." for file in ("report.html", "short.html")
    )
    print(f"\n{heading}\n\n{found}")
    if wish.save:
        report(f"Pages about {wish.customers:,}", {heading: found})


if __name__ == "__main__":
    main()
