"""Prints what remembering costs: a monthly run beside one without a store, and questions to the store: orgcust.

    python benchmarks/months.py [--customers 1000000] [--months 12] [--history 36] [--rounds 3] [--save]

Months are made up and run one after the other, each from the facts of the month before. What the store then says everybody
is must be what the run wrote, or there is no table. Read benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import generated  # noqa: E402
from benchmarks.measuring import TOP, Cost, cost, in_turn, lines_of, markdown, table  # noqa: E402
from benchmarks.report import report  # noqa: E402

FIRST = date(2010, 7, 31)
TERM = 48
"""Months of a contract: each month the contracts of some two in a hundred customers end, and are renewed a month later."""
ENTITIES = ("customer", "usage")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a monthly run beside one without a store")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=12, help="of history before the run that is measured")
    parser.add_argument(
        "--history", type=int, default=0, help="go on to so many months before questions are asked"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=TOP / ".cache" / "benchmarks", help="where data is kept")
    parser.add_argument("--save", action="store_true", help="write the tables into benchmarks/results.md")
    return parser.parse_args()


# ---- Facts from month to month -------------------------------------------------------------------


def day_of(month: int) -> date:
    """The last day of a month, the first of which is 1."""
    months = FIRST.year * 12 + FIRST.month - 1 + month
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def among(month: int, what: str, thousandths: int) -> str:
    """Whether a customer is one of such a share, by chance, that month."""
    return f"hash(customer_id, '{what}', {month}) % 1000 < {thousandths}"


def at_first(facts: duckdb.DuckDBPyConnection, source: Path) -> None:
    """The facts of the beginning: contracts that end evenly over their term, and few programmes."""
    programme = f"CASE WHEN {among(0, 'programme', 50)} THEN 'running' ELSE 'none' END"
    ends = f"DATE '{FIRST}' + CAST(hash(customer_id) % {TERM * 30} AS INTEGER)"
    end = f"CASE WHEN contract_end IS NOT NULL THEN {ends} END"
    for entity, fact, value in (("customer", "programme", programme), ("usage", "contract_end", end)):
        query = f"SELECT * REPLACE ({value} AS {fact}) FROM '{source}/{entity}.parquet'"
        facts.execute(f"CREATE TABLE {entity} AS {query}")


def goes_on(facts: duckdb.DuckDBPyConnection, month: int) -> None:
    """From the month before: contracts are renewed, some are asked again or pay late, programmes begin and end."""
    day = day_of(month)
    renewed = f"contract_end + to_months({TERM})"
    facts.execute(f"UPDATE usage SET contract_end = {renewed} WHERE contract_end < DATE '{day}' - 30")
    asked = "satisfaction = satisfaction % 5 + 1, arrears = (arrears + 5) % 13"
    for entity in ENTITIES:
        facts.execute(f"UPDATE {entity} SET {asked} WHERE {among(month, 'asked', 20)}")
    ended = f"CASE WHEN {among(month, 'result', 600)} THEN 'succeeded' ELSE 'failed' END"
    facts.execute(f"""
        UPDATE customer SET programme = CASE WHEN programme = 'running' THEN {ended} ELSE 'running' END
        WHERE CASE WHEN programme = 'running' THEN {among(month, "ends", 200)} ELSE {among(month, "begins", 8)} END
    """)


def write(source: Path, month: int, folder: Path) -> None:
    """The files of a month. A few customers are not there yet, or no more."""
    there = f"hash(customer_id, 'comes') % 1000 + 1 NOT BETWEEN {month + 1} AND 36"
    gone = f"hash(customer_id, 'goes') % 1000 + 1 BETWEEN 2 AND {month}"
    with duckdb.connect(str(folder / "facts.duckdb")) as facts:
        if month > 1:
            goes_on(facts, month)
        else:
            at_first(facts, source)
        for entity in ENTITIES:
            query = f"SELECT * FROM {entity} WHERE {there} AND NOT ({gone}) ORDER BY rowid"
            facts.execute(f"COPY ({query}) TO '{folder / entity}.parquet'")


# ---- Runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Folders: with this month's files, of a workspace without a store, and of one with a store."""

    folder: Path

    @property
    def forgetful(self) -> Path:
        return self.folder / "forgetful"

    @property
    def remembering(self) -> Path:
        return self.folder / "remembering"

    @property
    def store(self) -> Path:
        return self.remembering / "store.duckdb"

    @property
    def out(self) -> Path:
        return self.folder / "out"


def made(folder: Path) -> Place:
    """A place for runs, where nothing is yet."""
    shutil.rmtree(folder, ignore_errors=True)
    place = Place(folder)
    sources = [f'{entity} = {json.dumps(str(folder / entity))[:-1]}.parquet"' for entity in ENTITIES]
    for workspace, store in ((place.forgetful, []), (place.remembering, ['results = "store.duckdb"'])):
        workspace.mkdir(parents=True)
        lines = [
            f"policy = {json.dumps(str(TOP / 'rules/orgcust'))}",
            f"as_of = {FIRST}",
            'engine = "duckdb"',
        ]
        (workspace / "lifeseg.toml").write_text("\n".join([*lines, *store, "[data]", *sources]) + "\n")
    return place


def lifeseg(*words: str) -> list[str]:
    return [sys.executable, "-m", "lifeseg", *words]


def run(workspace: Path, month: int, out: Path | None = None) -> Cost:
    written_to = ["--out", str(out)] if out is not None else []
    return cost(lifeseg("run", "--as-of", str(day_of(month)), *written_to), workspace)


@dataclass(frozen=True)
class Month:
    """What a month left in the store, and what its run cost."""

    day: date
    moved: int
    rows: int
    size: int
    cost: Cost


def remembered(place: Place, month: int, elsewhere: Executor) -> Month:
    """A month that is run and remembered."""
    found = run(place.remembering, month)
    counted = elsewhere.submit(in_store, place, day_of(month)).result()
    return Month(day_of(month), *counted, place.store.stat().st_size, found)


def in_store(place: Place, day: date) -> tuple[int, int]:
    """How many have something else than before, and how many rows there are of everybody."""
    with duckdb.connect(str(place.store), read_only=True) as store:
        row = store.execute(
            "SELECT count(DISTINCT key) FILTER (valid_from = $day OR valid_to = $day), count(*) FROM memberships",
            {"day": day},
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


WAYS = {
    "no store": (False, True),
    "with a store": (True, True),
    "with a store, nothing else written": (True, False),
}


def measured(place: Place, month: int, rounds: int, elsewhere: Executor) -> str:
    """The run of a month without a store and with one, round after round; each finds the same store."""
    before = place.folder / "before.duckdb"
    shutil.copy(place.store, before)
    found: list[list[Cost]] = []
    for _ in range(rounds):
        costs = []
        for remembers, writes in WAYS.values():
            shutil.copy(before, place.store)
            workspace = place.remembering if remembers else place.forgetful
            costs.append(run(workspace, month, place.out if writes else None))
            if remembers and writes and (different := elsewhere.submit(untrue, place).result()):
                sys.exit(f"no table: the store says otherwise than the results of {different} customers")
        found.append(costs)
    shutil.move(before, place.store)
    return table(lines_of(list(WAYS), found), {"with a store": "the same in both"})


def untrue(place: Place) -> int:
    """How many the store says to be in another stage, or in none, than the results."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{place.store}' AS store (READ_ONLY)")
        stages = "SELECT key, \"case\" FROM store.membership_today WHERE definition = 'stage'"
        row = connection.execute(f"""
            SELECT count(*) FROM ({stages}) s FULL JOIN '{place.out}/customer.parquet' r ON r.customer_id = s.key
            WHERE s."case" IS DISTINCT FROM r.stage
        """).fetchone()
    assert row is not None
    return int(row[0])


# ---- Questions -----------------------------------------------------------------------------------


def most_moved(place: Place) -> str:
    with duckdb.connect(str(place.store), read_only=True) as store:
        most = "SELECT key FROM memberships GROUP BY key ORDER BY count(*) DESC, key LIMIT 1"
        row = store.execute(most).fetchone()
    assert row is not None
    return str(row[0])


def asked(place: Place, key: str, rounds: int) -> str:
    """What questions to the store cost."""
    questions = {
        "history ID": lifeseg("history", key),
        "transitions": lifeseg("transitions"),
        "simulate": lifeseg("simulate"),
        "simulate --months 12": lifeseg("simulate", "--months", "12"),
    }
    return table(in_turn(questions, rounds, place.remembering), {})


def grown(found: list[Month]) -> str:
    rows = [["month", "customers with a change", "rows", "MB", "CPU s of the run"]]
    for one in found:
        size = f"{one.size / 1e6:.1f}"
        rows.append([f"{one.day:%Y-%m}", f"{one.moved:,}", f"{one.rows:,}", size, f"{one.cost.work:.2f}"])
    return markdown(rows)


def main() -> None:
    wish = arguments()
    source = generated(wish.data, wish.customers)
    place, people = made(wish.data / "months"), f"{wish.customers:,} customers"
    parts: dict[str, str] = {}
    with ProcessPoolExecutor(
        1, get_context("spawn")
    ) as elsewhere:  # for commands are charged with the size of this one
        found = []
        for month in range(1, max(wish.months + 1, wish.history) + 1):
            elsewhere.submit(write, source, month, place.folder).result()
            if month == wish.months + 1:
                heading = f"A run after {wish.months} months, {people}, medians of {wish.rounds} rounds"
                parts[heading] = measured(place, month, wish.rounds, elsewhere)
                print(f"\n{heading}\n\n{parts[heading]}", flush=True)
            if month <= max(wish.months, wish.history):
                found.append(remembered(place, month, elsewhere))
        key = elsewhere.submit(most_moved, place).result()
    heading = f"Questions after {len(found)} months, {people}, medians of {2 * wish.rounds + 1} rounds"
    parts[heading] = asked(place, key, 2 * wish.rounds + 1)
    print(f"\n{heading}\n\n{parts[heading]}")
    parts[f"The store, {people}"] = grown(found)
    print(f"\nThe store, {people}\n\n{grown(found)}")
    shutil.rmtree(place.folder)
    if wish.save:
        report(f"Months of {wish.customers:,}", parts)


if __name__ == "__main__":
    main()
