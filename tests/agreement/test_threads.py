"""On many records DuckDB gives the same with one thread and with eight, and whatever the order of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from lifeseg.engines import duckdb as on_duckdb
from lifeseg.engines.running import Evaluated
from lifeseg.model.model import Model
from lifeseg.plan.from_model import from_model
from lifeseg.records.to_tables import quoted, to_tables
from tests.agreement.corpus import EXAMPLES, of_example
from tests.agreement.outcome import existing
from tests.agreement.pairs import Pair, Tally, pairs

MOST_ROOTS = 130_000  # more than a group of rows of DuckDB, so that several threads take part
MOST_ROWS = 300_000
ANOTHER = {
    "VARCHAR": "{0} || '#' || copies.number",
    "BIGINT": "{0} + copies.number * 1000000000",
}


GENERATED = (7_000, 7_100)  # where the search for a policy with statistics begins


@pytest.mark.slow
@pytest.mark.parametrize("first", GENERATED)
def test_threads_and_order_do_not_matter_to_generated_policies(first: int) -> None:
    compare_threads_and_orders(next(pair for pair in pairs(50, Tally(), first) if fitting(pair.model)))


def fitting(model: Model) -> bool:
    """There are statistics, and so many different keys can be made: there are not so many days."""
    keys = (entity.keys[0].kind for entity in model.entities.values() if entity.parent is None)
    return bool(model.statistics) and "date" not in keys


@pytest.mark.slow
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_threads_and_order_do_not_matter_to_packs(folder: Path) -> None:
    compare_threads_and_orders(of_example(folder))


def compare_threads_and_orders(pair: Pair) -> None:
    with duckdb.connect() as database:
        records = to_tables(database, pair.model.entities, existing(pair))
        multiply(database, pair, records)
        first = evaluated(database, pair, records, 1)
        kept = {entity: keep(database, table) for entity, table in first.results.items()}
        for table in records.values():
            shuffle(database, table)
        second = evaluated(database, pair, records, 8)
        assert second.statistics == first.statistics
        assert found_wrong(second) == found_wrong(first)
        for entity, table in second.results.items():
            assert differing(database, kept[entity], table) == (0, 0), entity


def evaluated(
    database: duckdb.DuckDBPyConnection, pair: Pair, records: dict[str, str], threads: int
) -> Evaluated:
    database.execute(f"SET threads = {threads}")
    return on_duckdb.run(from_model(pair.model, pair.as_of), database, records, {})


def multiply(database: duckdb.DuckDBPyConnection, pair: Pair, records: dict[str, str]) -> None:
    """So many copies of all records, told apart by the first part of their keys."""
    sizes = {name: len(rows.values) for name, rows in pair.population.rows.items()}
    roots = max(size for name, size in sizes.items() if pair.model.entities[name].parent is None)
    copies = max(min(MOST_ROOTS // max(roots, 1), MOST_ROWS // max(*sizes.values(), 1)), 1)
    for table in records.values():
        ((kind,),) = database.execute(
            f"SELECT column_type FROM (DESCRIBE {quoted(table)}) LIMIT 1"
        ).fetchall()
        key = ANOTHER[kind].format('"_k1"')
        replaced(
            database,
            table,
            f"SELECT * REPLACE ({key} AS _k1) FROM {quoted(table)}, range({copies}) AS copies(number)",
        )


def shuffle(database: duckdb.DuckDBPyConnection, table: str) -> None:
    replaced(database, table, f"SELECT * FROM {quoted(table)} ORDER BY hash(rowid)")


def replaced(database: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    database.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS {query}")


def keep(database: duckdb.DuckDBPyConnection, table: str) -> str:
    name = f"_kept{table}"
    replaced(database, name, f"SELECT * FROM {quoted(table)}")
    return name


def differing(database: duckdb.DuckDBPyConnection, one: str, other: str) -> tuple[int, int]:
    """How many rows of each table the other has not."""
    query = "SELECT count(*) FROM (SELECT * FROM {0} EXCEPT ALL SELECT * FROM {1})"
    return tuple(database.execute(query.format(*pair)).fetchall()[0][0] for pair in (  # type: ignore[return-value]
        (quoted(one), quoted(other)), (quoted(other), quoted(one))))  # fmt: skip


def found_wrong(found: Evaluated) -> list[tuple[Any, ...]]:
    return [(wrong.entity, wrong.found, wrong.count, wrong.examples) for wrong in found.wrong]
