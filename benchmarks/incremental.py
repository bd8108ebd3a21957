"""Prints what bringing results up to date costs beside evaluating everybody: orgcust, with `run --changed`.

    python benchmarks/incremental.py [--customers 1000000] [--rounds 3] [--save]

A part of the customers, and their products, has other facts than before; rounds go there and back. At the end the results
must have the hash they had at the beginning, or there is no table. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import generated  # noqa: E402
from benchmarks.measuring import TOP, Cost, compared, cost, markdown, median  # noqa: E402
from benchmarks.report import report  # noqa: E402

SHARES = (0.001, 0.01, 0.1)
FILES = 100
ENTITIES = ("customer", "usage")
OTHER = {"satisfaction": "6 - satisfaction", "arrears": "12 - arrears"}
"""Facts of customers and products alike, of which no mean is taken."""


@dataclass(frozen=True)
class Case:
    """A line of the table: a workspace for each of the two versions of the data, and what is run there."""

    name: str
    results: str
    before: Path
    after: Path
    words: tuple[str, ...]
    out: Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="run --changed beside whole runs")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks", help="where data is kept")
    parser.add_argument("--save", action="store_true", help="write the table into benchmarks/results.md")
    return parser.parse_args()


# ---- Data ----------------------------------------------------------------------------------------


def workspace(folder: Path, sources: dict[str, Path]) -> Path:
    """A folder from which `lifeseg run` reads these sources."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"policy = {json.dumps(str(TOP / 'rules/orgcust'))}",
        "as_of = 2013-06-30",
        'engine = "duckdb"',
        "",
        "[data]",
    ]
    lines += [f"{entity} = {json.dumps(str(path))}" for entity, path in sources.items()]
    (folder / "lifeseg.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def other_facts(source: Path, target: Path, share: float) -> None:
    """The same file, in which a share of the customers has other facts."""
    facts = [f"CASE WHEN {among(share)} THEN {new} ELSE {fact} END AS {fact}" for fact, new in OTHER.items()]
    target.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"COPY (SELECT * REPLACE ({', '.join(facts)}) FROM '{source}') TO '{target}'")


def among(share: float) -> str:
    """Whether a customer is one of such a share."""
    return f"hash(customer_id, 'chosen') % 1000 < {round(share * 1000)}"


def listed(folder: Path, source: Path, share: float) -> tuple[Path, Path]:
    """Data in which a share of all customers is another, and the list of these."""
    for entity in ENTITIES:
        other_facts(source / f"{entity}.parquet", folder / f"{entity}.parquet", share)
    keys = folder / "changed.csv"
    duckdb.sql(f"COPY (SELECT customer_id FROM '{source}/customer.parquet' WHERE {among(share)}) TO '{keys}'")
    sources = {entity: folder / f"{entity}.parquet" for entity in ENTITIES}
    return workspace(folder / "workspace", sources), keys


def divided(folder: Path, source: Path) -> None:
    """The data in so many files, each with the same share of the customers and all their products."""
    for entity in ENTITIES:
        shutil.rmtree(folder / entity, ignore_errors=True)
        (folder / entity).mkdir(parents=True)
        with duckdb.connect() as connection:
            table = f"SELECT *, hash(customer_id) % {FILES} AS part FROM '{source}/{entity}.parquet'"
            connection.execute(f"CREATE TABLE parts AS {table} ORDER BY part")
            for part in range(FILES):
                target = folder / entity / f"part-{part:03}.parquet"
                connection.execute(
                    f"COPY (SELECT * EXCLUDE part FROM parts WHERE part = {part}) TO '{target}'"
                )


def partly_other(folder: Path, source: Path, files: int) -> Path:
    """The divided data, in which all customers of some files are others; the other files are the same."""
    for entity in ENTITIES:
        (folder / entity).mkdir(parents=True, exist_ok=True)
        for number, path in enumerate(sorted((source / entity).iterdir())):
            target = folder / entity / path.name
            target.unlink(missing_ok=True)
            if number < files:
                other_facts(path, target, 1)
            else:
                os.link(path, target)
    return workspace(folder / "workspace", {entity: folder / entity for entity in ENTITIES})


# ---- Runs ----------------------------------------------------------------------------------------


def lifeseg(case: Case, place: Path, whole: bool) -> Cost:
    command = [sys.executable, "-m", "lifeseg", "run", "--out", str(case.out)]
    return cost(command + ([] if whole else [*case.words, "--frozen"]), place)


def hash_in(out: Path) -> str:
    """The result hash of the run that left these results."""
    if out.suffix != ".duckdb":
        return str(json.loads((out / "run.json").read_text(encoding="utf-8"))["result_hash"])
    with duckdb.connect(str(out), read_only=True) as connection:
        row = connection.execute("SELECT description FROM lifeseg.run").fetchone()
    assert row is not None
    return str(json.loads(row[0])["result_hash"])


def there_and_back(case: Case, rounds: int) -> Cost:
    """So many runs of changes there and back; the median of their costs."""
    hashed = hash_in(case.out)
    costs = []
    for _ in range(rounds):
        costs.append(lifeseg(case, case.after, whole=False))
        if hash_in(case.out) == hashed:
            sys.exit(f"no table: nothing has changed ({case.name}, {case.results})")
        costs.append(lifeseg(case, case.before, whole=False))
    if hash_in(case.out) != hashed:
        sys.exit(f"no table: the results are not what they were ({case.name}, {case.results})")
    return median(costs)


def cases(data: Path, customers: int, out: Path) -> list[Case]:
    source, place = generated(data, customers), data / f"changes-{customers}"
    single = workspace(place / "before", {entity: source / f"{entity}.parquet" for entity in ENTITIES})
    found = []
    for share in SHARES:
        other, keys = listed(place / f"after-{share}", source, share)
        name = f"{share * 100:g} % by key"
        for results, target in (("Parquet", out / "folder"), ("DuckDB", out / "results.duckdb")):
            found.append(Case(name, results, single, other, ("--changed", str(keys)), target))
    divided(place / "parts", source)
    parts = workspace(
        place / "parts" / "workspace", {entity: place / "parts" / entity for entity in ENTITIES}
    )
    for files in (1, 10):
        other = partly_other(place / f"parts-{files}", place / "parts", files)
        name = f"{files} of {FILES} files"
        found.append(Case(name, "DuckDB", parts, other, ("--changed", "auto"), out / "results.duckdb"))
    return found


def main() -> None:
    wish = arguments()
    out = wish.data / "out" / "changes"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    found: list[tuple[Case, Cost]] = []
    whole: dict[str, Cost] = {}
    groups: dict[tuple[str, Path], list[Case]] = {}
    for case in cases(wish.data, wish.customers, out):
        groups.setdefault((case.results, case.before), []).append(case)
    for group in groups.values():
        wholes = [lifeseg(group[0], group[0].before, whole=True)]
        found += [(case, there_and_back(case, wish.rounds)) for case in group]
        wholes.append(lifeseg(group[0], group[0].before, whole=True))
        whole.setdefault(group[0].results, median(wholes))
    heading = f"run --changed --frozen, {wish.customers:,} customers, medians of {2 * wish.rounds} runs"
    made = table(whole, found)
    print(f"\n{heading}\n\n{made}")
    if wish.save:
        report(f"Changes in {wish.customers:,}", {heading: made})


def table(whole: dict[str, Cost], found: list[tuple[Case, Cost]]) -> str:
    """Work in ratios to a whole run into Parquet files, and into the same form."""
    rows = [
        [
            "changed",
            "results in",
            "work: of a whole run",
            "of one into the same form",
            "time",
            "seconds",
            "CPU s",
            "MB",
        ]
    ]
    for name, own in whole.items():
        ratio = compared(own, whole["Parquet"])
        rows.append(["everything", name, f"{ratio.work:.2f}", "1.00", f"{ratio.wall:.2f}", *figures(own)])
    for case, own in found:
        ratio, same = compared(own, whole["Parquet"]), compared(own, whole[case.results])
        rows.append(
            [
                case.name,
                case.results,
                f"{ratio.work:.3f}",
                f"{same.work:.3f}",
                f"{ratio.wall:.3f}",
                *figures(own),
            ]
        )
    return markdown(rows)


def figures(found: Cost) -> list[str]:
    return [f"{found.wall:.2f}", f"{found.work:.2f}", f"{found.memory:.0f}"]


if __name__ == "__main__":
    main()
