"""The results of an entity in a Parquet file come in; how many lie between which amounts, and the first of each case, go out.

Amounts are compared in exact numbers, so that each record falls between the same two whoever wrote the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from lifeseg.records.results_varied import Varied
from lifeseg.records.typed import quoted


def between(side: Varied, column: str, edges: Sequence[Decimal]) -> tuple[int, ...]:
    """How many are from one edge up to the next; from the last but one on up to the last, which none exceeds."""
    name = quoted(column)
    counted = ", ".join(f"count(*) FILTER (WHERE {name} >= {edge:f})" for edge in edges[:-1])
    found = side.rows(f"SELECT {counted} FROM {side.first}")[0]
    above = [int(str(count)) for count in found]
    return tuple(one - other for one, other in pairwise([*above, 0]))


def firsts(side: Varied, cases: Mapping[str, Sequence[str]], most: int) -> list[tuple[str, ...]]:
    """The keys of those of each case who are worth most, at most so many; of equal worth those with the smaller key."""
    found: dict[tuple[str, ...], None] = {}
    for column, options in cases.items():
        test = f"list_contains({quoted(column)}, ?)" if column in side.form.lists else f"{quoted(column)} = ?"
        query = f"SELECT {', '.join(keys_of(side))} FROM {side.first} WHERE {test} ORDER BY {order_of(side)} LIMIT {most:d}"
        for case in options:
            for row in side.connection.execute(query, [case]).fetchall():
                found[tuple(map(str, row))] = None
    return list(found)


def members(
    side: Varied, tests: Sequence[tuple[str, Sequence[str]]], most: int | None
) -> tuple[list[tuple[str, ...]], int]:
    """The keys of those who are in one of the cases of each column, those worth most first and at most so many; and how many
    there are.
    """
    found, values = ["true"], []
    for column, cases in tests:
        marks = ", ".join("?" for _ in cases)
        name = quoted(column)
        found.append(
            f"list_has_any({name}, [{marks}])" if column in side.form.lists else f"{name} IN ({marks})"
        )
        values += list(cases)
    among = f"FROM {side.first} WHERE {' AND '.join(found)}"
    limit = f" LIMIT {most:d}" if most is not None else ""
    query = f"SELECT {', '.join(keys_of(side))} {among} ORDER BY {order_of(side)}{limit}"
    keys = [tuple(map(str, row)) for row in side.connection.execute(query, values).fetchall()]
    count = side.connection.execute(f"SELECT count(*) {among}", values).fetchall()[0][0]
    return keys, int(count)


def rows_of(
    side: Varied, keys: Sequence[tuple[str, ...]], columns: Sequence[str]
) -> list[tuple[object, ...]]:
    """The results of these records, those worth most first."""
    names = [f"k{place}" for place, _ in enumerate(side.form.keys)]
    side.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE told ({', '.join(f'{name} VARCHAR' for name in names)})"
    )
    if keys:
        marks = ", ".join("?" for _ in names)
        side.connection.executemany(f"INSERT INTO told VALUES ({marks})", [list(key) for key in keys])
    same = " AND ".join(
        f"CAST({key} AS VARCHAR) = {name}" for key, name in zip(keys_of(side), names, strict=True)
    )
    wanted = ", ".join([*keys_of(side), *map(quoted, columns)])
    return side.rows(f"SELECT {wanted} FROM {side.first} JOIN told ON {same} ORDER BY {order_of(side)}")


def keys_of(side: Varied) -> list[str]:
    return [quoted(name) for name in side.form.keys]


def order_of(side: Varied) -> str:
    worth = [f"{quoted(side.form.worth)} DESC NULLS LAST"] if side.form.worth is not None else []
    return ", ".join([*worth, *keys_of(side)])
