"""A pair comes in; its outcome in a PostgreSQL database or a Spark session that is running goes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from lifeseg.engines import postgres as on_postgres
from lifeseg.engines import spark as on_spark
from lifeseg.model.expression import Value
from lifeseg.plan.from_expression import Gap
from lifeseg.plan.from_model import from_model
from lifeseg.records.engine_failure import UnusableEngineError
from lifeseg.records.population import Population
from lifeseg.records.postgres_files import population_tables
from lifeseg.records.postgres_session import session
from lifeseg.records.spark_cells import quoted
from lifeseg.records.spark_rows import population_views
from tests.agreement.engines import of_tables
from tests.agreement.outcome import Outcome
from tests.agreement.pairs import Pair

if TYPE_CHECKING:
    from lifeseg.records.spark_session import Session


@contextmanager
def gaps() -> Iterator[None]:
    """What an engine refuses because it does not have it."""
    try:
        yield
    except UnusableEngineError as error:
        if error.finding.key == "engine-gap":
            raise Gap(error.finding.arguments["construct"]) from error
        raise


def without_nul(pair: Pair) -> Pair:
    """The same customers with another strange character for the one that PostgreSQL's texts cannot hold."""

    def replaced(value: Value) -> Value:
        return value.replace("\0", "\1") if isinstance(value, str) else value

    rows = {
        name: replace(found, values=[tuple(map(replaced, row)) for row in found.values])
        for name, found in pair.population.rows.items()
    }
    return replace(pair, population=Population(rows, ""))


class PostgreSQL:
    """A transaction for each pair, so that one that fails is no matter to the next."""

    def __init__(self, address: str) -> None:
        self.address = address

    def outcome(self, pair: Pair) -> Outcome:
        number = crc32(pair.name.encode())
        plan = from_model(pair.model, pair.as_of)
        with gaps(), session(self.address) as opened:
            connection = opened.connection
            tables = population_tables(connection, pair.model.entities, pair.population, pair.as_of)
            for table in tables.values():
                self.shuffle(connection, table, number)
            evaluated = on_postgres.run(plan, connection, tables, {})

            def rows(left: str) -> list[tuple[object, ...]]:
                query = f"SELECT * FROM {on_postgres.temporary(left)}"
                return connection.execute(query.encode()).fetchall()

            return of_tables(plan, evaluated, rows)

    def shuffle(self, connection: object, table: str, number: int) -> None:
        """The rows in another order than the interpreter has them."""
        name, other = on_postgres.temporary(table), on_postgres.temporary("_shuffled")
        for statement in (
            f"CREATE TEMP TABLE _shuffled AS SELECT * FROM {name} AS r ORDER BY hashtextextended(r::text, {number})",
            f"TRUNCATE {name}",
            f"INSERT INTO {name} SELECT * FROM {other}",
            f"DROP TABLE {other}",
        ):
            connection.execute(statement.encode())  # type: ignore[attr-defined]


class Spark:
    """One session for all pairs; rows in several partitions."""

    def __init__(self, opened: Session) -> None:
        self.opened = opened

    def outcome(self, pair: Pair) -> Outcome:
        from lifeseg.records.spark_session import forget

        plan = from_model(pair.model, pair.as_of)
        spark = self.opened.spark
        try:
            views = population_views(self.opened, pair.model.entities, pair.population, pair.as_of)
            for view in views.values():
                spark.table(quoted(view)).repartition(2).createOrReplaceTempView(quoted(view))
            evaluated = on_spark.run(plan, spark, views, {})
            return of_tables(
                plan, evaluated, lambda left: [tuple(row) for row in spark.table(quoted(left)).collect()]
            )
        finally:
            forget(spark)
            for file in self.opened.folder.glob("*.parquet"):
                file.unlink()
