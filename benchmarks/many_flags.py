"""A policy of very many flags comes in; what checking, searching and running it costs goes out, beside one of a tenth; and
what running it costs beside SQL by hand that writes the same columns.

`python benchmarks/many_flags.py [--flags 3000] [--customers 100000] [--rounds 3] [--save]`
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.engines import differing  # noqa: E402
from benchmarks.measuring import TOP, cost, in_turn, table  # noqa: E402
from benchmarks.report import report  # noqa: E402

CATEGORIES = (
    "demographic",
    "consumption",
    "product use",
    "behaviour over time",
    "service interaction",
    "social",
)
AMOUNTS, SHARES, SIGNS = 20, 10, 10
SETTINGS = (
    'policy = "policy.seg"\nas_of = 2024-01-31\nengine = "duckdb"\n\n[data]\ncustomer = "customer.parquet"\n'
)


def many_flags(count: int) -> str:
    """Six blocks of flags over forty facts; each fourth flag asks for another flag."""
    return "\n".join([*heading(), *(line for place in range(6) for line in block(place, count // 6))]) + "\n"


def heading() -> Iterator[str]:
    yield from ('policy many_flags "Many flags"', "  version 1.0.0", "")
    yield from ('entity customer "Customer"', "  customer_id text key")
    yield from (f'  amount_{place} "Amount {place}" money CNY 0..10000' for place in range(AMOUNTS))
    yield from (f'  share_{place} "Share {place}" share' for place in range(SHARES))
    yield from (f'  sign_{place} "Sign {place}" yes/no' for place in range(SIGNS))


def block(place: int, size: int) -> Iterator[str]:
    yield from ("", f'flags labels_{place} "{CATEGORIES[place].capitalize()}" of customer')
    yield from (f'  category "{CATEGORIES[place]}"', f'  source "source {place}"', "  refresh daily")
    for number in range(place * size, (place + 1) * size):
        yield f'  flag_{number} "Flag {number}" when {condition(number)}'
        yield f'    use_for "campaign {number % 40}"'


def condition(number: int) -> str:
    source = random.Random(number)
    amount, share = f"amount_{source.randrange(AMOUNTS)}", f"share_{source.randrange(SHARES)}"
    sign = f"sign_{source.randrange(SIGNS)}"
    limit, part = source.randrange(1, 10_000), source.randrange(1, 100)
    match number % 4:
        case 0:
            return f"{amount} >= {limit} CNY"
        case 1:
            return f"{share} > {part}% and {sign}"
        case 2:
            return f"{amount} < {limit} CNY or {share} >= {part}%"
        case _:
            return f"flag_{number - 3} and not {sign}"


def by_hand(count: int) -> str:
    """The same as a data engineer would write it for DuckDB: what is so, then the names of it in a list for each block."""
    size = count // 6
    flags = ",\n    ".join(f"{in_sql(number)} AS flag_{number}" for number in range(6 * size))
    lists = ",\n  ".join(in_list(place, range(place * size, (place + 1) * size)) for place in range(6))
    inner = f"SELECT customer_id,\n    {flags}\n  FROM read_parquet('{{customer}}')"
    return f"COPY (\n  SELECT customer_id,\n  {lists}\n  FROM ({inner})) TO '{{out}}/customer.parquet';\n"


def in_list(place: int, numbers: range) -> str:
    named = ", ".join(f"CASE WHEN flag_{number} THEN 'flag_{number}' END" for number in numbers)
    return f"list_filter([{named}], lambda flag: flag IS NOT NULL) AS labels_{place}"


def in_sql(number: int) -> str:
    """The condition of a flag in SQL: no units, and shares for percentages."""
    words = condition(number).replace(" CNY", "")
    return re.sub(r"(\d+)%", lambda found: f"{int(found[1]) / 100:.2f}", words)


def workspace(folder: Path, flags: int, customers: int) -> None:
    """A folder with the policy, so many customers, and settings."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.seg").write_text(many_flags(flags), encoding="utf-8")
    (folder / "lifeseg.toml").write_text(SETTINGS, encoding="utf-8")
    columns = ["'C' || i AS customer_id"]
    columns += [
        f"((hash(i * 40 + {n}) % 1000001)::BIGINT / 100.0)::DECIMAL(9, 2) AS amount_{n}"
        for n in range(AMOUNTS)
    ]
    columns += [
        f"((hash(i * 40 + 20 + {n}) % 1001)::BIGINT / 1000.0)::DECIMAL(7, 6) AS share_{n}"
        for n in range(SHARES)
    ]
    columns += [f"hash(i * 40 + 30 + {n}) % 2 = 1 AS sign_{n}" for n in range(SIGNS)]
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT {', '.join(columns)} FROM range({customers}) t(i)) TO '{folder / 'customer.parquet'}'"
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a policy of very many flags")
    parser.add_argument("--flags", type=int, default=3_000)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="write the tables into benchmarks/results.md")
    return parser.parse_args()


def command(words: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "lifeseg", *(word.format(folder) for word in words.split())]


RUN = "run {}/policy.seg --engine duckdb --out {}/out"


def with_sql(folder: Path, flags: int, rounds: int) -> str:
    """The table of a run beside SQL by hand; none if their results differ."""
    query, out = folder / "by_hand.sql", folder / "hand"
    query.write_text(by_hand(flags), encoding="utf-8")
    out.mkdir(exist_ok=True)
    hand = [sys.executable, str(HERE / "by_hand/run.py"), str(query), str(folder), str(out)]
    commands = {"SQL by hand": hand, "lifeseg": command(RUN, folder)}
    for one in commands.values():
        cost(one, folder)
    rows = differing("--exactly", out, folder / "out", "customer")
    if rows != "0":
        sys.exit(f"no table: {rows} rows of lifeseg and of the hand-written SQL differ")
    return table(in_turn(commands, rounds), {"lifeseg": "the same"})


def main() -> None:
    wish = arguments()
    place = TOP / ".cache" / "benchmarks"
    few, many = place / "flags_few", place / "flags_many"
    workspace(few, wish.flags // 10, wish.customers)
    workspace(many, wish.flags, wish.customers)
    people = f"{wish.customers:,} customers, medians of {wish.rounds} rounds"
    tables = {f"A run of {wish.flags:,} flags, {people}": with_sql(many, wish.flags, wish.rounds)}
    for title, words in (
        ("check", "check {}/policy.seg"),
        ("flags --search", "flags {}/policy.seg --search campaign"),
        ("run", RUN),
    ):
        counts = {few: wish.flags // 10, many: wish.flags}
        commands = {f"{count:,} flags": command(words, folder) for folder, count in counts.items()}
        tables[f"{title}, {people}"] = table(in_turn(commands, wish.rounds), {})
    for title, made in tables.items():
        print(f"\n{title}\n\n{made}")
    if wish.save:
        report("Many flags", tables)


if __name__ == "__main__":
    main()
