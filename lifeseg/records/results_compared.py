"""The results of two runs in Parquet files come in; what differs between them, record by record, goes out.

Rows of both are laid side by side by their keys. Nothing is held but what is asked for: counts, and some records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from lifeseg.frozen import dataclass
from lifeseg.records.typed import quoted, text

SIDES = "_sides"


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of an entity's results before and after; its keys; the columns compared; a column to be added up."""

    before: Path
    after: Path
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    lists: frozenset[str] = frozenset()  # of them those that hold flags
    worth: str | None = None


@dataclass(frozen=True, slots=True)
class Went:
    """How many records went from a case to another in a column, what they are worth, and the first of them by key. Of a
    column of flags each `flag` is told by itself, from yes to no or from no to yes.
    """

    column: str
    before: str | None
    after: str | None
    count: int
    worth: Any
    keys: tuple[tuple[str, ...], ...]
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class At:
    """A threshold of a column, as a decimal: whether who is right at it reaches it, and the decision, or the flag in a column
    of flags, that depends on it.
    """

    column: str
    limit: Decimal
    reached: bool
    decision: str
    flag: str | None


class Compared:
    """The two results of one entity side by side."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, pair: Pair) -> None:
        self.connection, self.pair = connection, pair
        keys = ", ".join(map(quoted, pair.keys))
        taken = [
            f"b.{quoted(name)} AS {quoted(f'b_{name}')}, a.{quoted(name)} AS {quoted(f'a_{name}')}"
            for name in pair.columns
        ]
        worth = (
            f"coalesce(a.{quoted(pair.worth)}, b.{quoted(pair.worth)})" if pair.worth is not None else "NULL"
        )
        first = quoted(pair.keys[0])
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {SIDES} AS SELECT {', '.join([keys, *taken])}, {worth} AS _worth,"
            f" b.{first} IS NULL AS _new, a.{first} IS NULL AS _gone"
            f" FROM read_parquet({text(str(pair.before))}) b"
            f" FULL JOIN read_parquet({text(str(pair.after))}) a USING ({keys})"
        )

    def differs(self, names: Sequence[str] | None = None) -> str:
        """The condition that a record differs in one of some columns, or of all."""
        every = self.pair.columns if names is None else names
        tests = [f"{quoted(f'b_{name}')} IS DISTINCT FROM {quoted(f'a_{name}')}" for name in every]
        return f"({' OR '.join(tests) or 'false'})"

    def count(self, condition: str = "true") -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {SIDES} WHERE {condition}").fetchone()
        return int(row[0]) if row is not None else 0

    def worth(self, condition: str) -> Any:
        row = self.connection.execute(f"SELECT sum(_worth) FROM {SIDES} WHERE {condition}").fetchone()
        return row[0] if row is not None else None

    def went(self, column: str, most: int) -> list[Went]:
        """Each pair of cases that records of both results went between, the most first, with some of their keys."""
        if column in self.pair.lists:
            return self.flags(column, most)
        before, after = quoted(f"b_{column}"), quoted(f"a_{column}")
        key = f"[{', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in self.pair.keys)}]"
        rows = self.connection.execute(
            f"SELECT {before}, {after}, count(*), sum(_worth), min({key}, {most}) FROM {SIDES}"
            f" WHERE {self.differs([column])} AND NOT _new AND NOT _gone GROUP BY ALL ORDER BY 3 DESC, 1, 2"
        ).fetchall()
        return [
            Went(column, shown(one), shown(other), int(count), worth, tuple(map(tuple, keys)))
            for one, other, count, worth, keys in rows
        ]

    def flags(self, column: str, most: int) -> list[Went]:
        """Each flag that records of both results lost or gained."""
        key = f"[{', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in self.pair.keys)}]"
        before, after = quoted(f"b_{column}"), quoted(f"a_{column}")
        moved = f"{SIDES} WHERE {self.differs([column])} AND NOT _new AND NOT _gone"
        rows = self.connection.execute(
            " UNION ALL ".join(
                f"SELECT flag, {lost}, count(*), sum(_worth), min(key, {most}) FROM (SELECT unnest({one}) AS flag,"
                f" coalesce({other}, []) AS other, {key} AS key, _worth FROM {moved}) WHERE NOT list_contains(other, flag)"
                " GROUP BY 1"
                for one, other, lost in ((before, after, True), (after, before, False))
            )
            + " ORDER BY 3 DESC, 1, 2"
        ).fetchall()
        return [
            Went(
                column,
                *(("yes", "no") if lost else ("no", "yes")),
                int(count),
                worth,
                tuple(map(tuple, keys)),
                flag,
            )
            for flag, lost, count, worth, keys in rows
        ]

    def stayed(self, column: str) -> Mapping[str | None, int]:
        """How many records of both results kept each case."""
        rows = self.connection.execute(
            f"SELECT {quoted(f'a_{column}')}, count(*) FROM {SIDES}"
            f" WHERE NOT {self.differs([column])} AND NOT _new AND NOT _gone GROUP BY 1"
        ).fetchall()
        return {shown(case): int(count) for case, count in rows}

    def near(self, threshold: At, above: bool, most: int) -> list[tuple[tuple[str, ...], Any]]:
        """Records that did not move at a threshold and reach it, or fall short of it: the nearest, by key where equal."""
        name, keys = quoted(f"a_{threshold.column}"), ", ".join(map(quoted, self.pair.keys))
        stays = f"NOT {self.differs([threshold.decision])}"
        if threshold.flag is not None:
            had, has = (
                f"list_contains({quoted(f'{side}_{threshold.decision}')}, {text(threshold.flag)})"
                for side in "ba"
            )
            stays = f"{had} = {has}"
        signs = {(True, True): ">=", (True, False): ">", (False, True): "<", (False, False): "<="}
        key = f"[{', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in self.pair.keys)}]"
        rows = self.connection.execute(
            f"SELECT {key}, {name} FROM {SIDES}"
            f" WHERE {name} {signs[above, threshold.reached]} {threshold.limit:f} AND {stays}"
            f" AND NOT _new AND NOT _gone ORDER BY {name} {'ASC' if above else 'DESC'}, {keys} LIMIT {most}"
        ).fetchall()
        return [(tuple(keys), amount) for keys, amount in rows]

    def sizes(self, column: str) -> Mapping[str, tuple[int, int]]:
        """How many records had each case or flag, and have it."""
        found: dict[str, tuple[int, int]] = {}
        for place, side in enumerate("ba"):
            name = quoted(f"{side}_{column}")
            each = f"SELECT unnest({name}) AS one" if column in self.pair.lists else f"SELECT {name} AS one"
            query = f"SELECT one, count(*) FROM ({each} FROM {SIDES}) WHERE one IS NOT NULL GROUP BY 1"
            for case, count in self.connection.execute(query).fetchall():
                pair = list(found.get(str(case), (0, 0)))
                pair[place] = int(count)
                found[str(case)] = (pair[0], pair[1])
        return found

    def moved(
        self, names: Sequence[str], most: int
    ) -> list[tuple[tuple[str, ...], dict[str, tuple[Any, Any]]]]:
        """Some records that differ in these columns, by key, with what each of them was and is."""
        keys = [f"CAST({quoted(name)} AS VARCHAR)" for name in self.pair.keys]
        columns = [quoted(f"{side}_{name}") for name in names for side in "ba"]
        rows = self.connection.execute(
            f"SELECT {', '.join([*keys, *columns])} FROM {SIDES} WHERE {self.differs(names)} AND NOT _new AND NOT _gone"
            f" ORDER BY {', '.join(map(quoted, self.pair.keys))} LIMIT {most}"
        ).fetchall()
        width = len(keys)
        return [
            (
                tuple(map(str, row[:width])),
                {
                    name: (row[width + 2 * place], row[width + 2 * place + 1])
                    for place, name in enumerate(names)
                    if row[width + 2 * place] != row[width + 2 * place + 1]
                },
            )
            for row in rows
        ]


def shown(cell: Any) -> str | None:
    """A list of flags as one text."""
    if isinstance(cell, list | tuple):
        return ", ".join(map(str, cell)) or "none"
    return None if cell is None else str(cell)


@contextmanager
def comparing(pair: Pair) -> Iterator[Compared]:
    with duckdb.connect(":memory:") as connection:
        yield Compared(connection, pair)
