"""A policy of very many flags comes in; what checking, running and searching it costs goes out, beside one of a tenth.

`python benchmarks/many_flags.py [--flags 3000] [--customers 100000] [--rounds 3]`
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
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


def main() -> None:
    from measuring import in_turn

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--flags", type=int, default=3_000)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    place = TOP / ".cache" / "benchmarks"
    few, many = place / "flags_few", place / "flags_many"
    workspace(few, wanted.flags // 10, wanted.customers)
    workspace(many, wanted.flags, wanted.customers)
    python = [sys.executable, "-m", "lifeseg"]
    for title, words in (
        ("check", ["check", "{}/policy.seg"]),
        ("flags --search", ["flags", "{}/policy.seg", "--search", "campaign 7"]),
        ("run", ["run", "{}/policy.seg", "--engine", "duckdb", "--out", "{}/out"]),
    ):
        commands = {
            f"{folder.name}: {title}": [*python, *(word.format(folder) for word in words)]
            for folder in (few, many)
        }
        for line in in_turn(commands, wanted.rounds):
            print(
                f"{line.name:32} {line.cost.wall:7.2f} s  {line.cost.work:7.2f} s of work  {line.cost.memory:6.0f} MB"
                f"   × {line.ratio.wall:.1f} time  × {line.ratio.work:.1f} work  × {line.ratio.memory:.1f} memory"
            )


if __name__ == "__main__":
    main()
