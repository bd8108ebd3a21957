"""Compares two folders of results: `python differing.py EXPECTED OTHER ENTITY …` prints how many rows of them differ.

Columns must have the same names; their types may differ, and a number counts as equal if it is to six decimals.
With `--exactly`, types and every row must be the same both ways.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

KEYS = {"customer": ["customer_id"], "usage": ["customer_id", "product"]}


def described(file: str) -> dict[str, str]:
    return {row[0]: row[1] for row in duckdb.sql(f"DESCRIBE FROM '{file}'").fetchall()}


def only_in(one: str, other: str) -> int:
    """Rows of one file that the other does not have, as often."""
    query = f"SELECT count(*) FROM (FROM '{one}' EXCEPT ALL FROM '{other}')"
    return int(duckdb.sql(query).fetchall()[0][0])


def differing(expected: str, other: str, keys: list[str]) -> int:
    """Keys whose rows are not the same, or are missing from one of the files."""
    tests = []
    for name, kind in described(expected).items():
        if kind.startswith("DECIMAL"):
            tests.append(f"abs(a.{name}::DOUBLE - b.{name}::DOUBLE) >= 5e-7")
            tests.append(f"(a.{name} IS NULL) <> (b.{name} IS NULL)")
        elif name not in keys:
            tests.append(f"a.{name}::VARCHAR IS DISTINCT FROM b.{name}::VARCHAR")
    wrong = " OR ".join([f"a.{keys[0]} IS NULL", f"b.{keys[0]} IS NULL", *tests])
    query = (
        f"SELECT count(*) FROM '{expected}' a FULL JOIN '{other}' b USING ({', '.join(keys)}) WHERE {wrong}"
    )
    return int(duckdb.sql(query).fetchall()[0][0])


def main() -> None:
    exactly = "--exactly" in sys.argv
    expected, other, *entities = [argument for argument in sys.argv[1:] if argument != "--exactly"]
    total = 0
    for entity in entities:
        one, two = (str(Path(folder) / f"{entity}.parquet") for folder in (expected, other))
        if set(described(one)) != set(described(two)):
            sys.exit(f"{entity}: the columns differ")
        if exactly and described(one) != described(two):
            sys.exit(f"{entity}: the types differ")
        total += only_in(one, two) + only_in(two, one) if exactly else differing(one, two, KEYS[entity])
    print(total)


if __name__ == "__main__":
    main()
