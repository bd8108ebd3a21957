"""Entities and their tables or Parquet files come in; typed views of a Spark session go out, or what is wrong with the data.

The rows stay where they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.model.model import Entity
from lifeseg.records.findings import Refused
from lifeseg.records.heading import Column, key_columns
from lifeseg.records.identifiers import identifiers
from lifeseg.records.source import Source, TableName, facts_named
from lifeseg.records.spark_cells import cell_of, quoted, text
from lifeseg.records.table_checks import MOST_EXAMPLES, Cell, Check, unsuitable_finding
from lifeseg.records.table_views import Found, Records, Typed, Views

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lifeseg.records.spark_session import Session

ROWS = "_rows_"
PARQUET = (".parquet", ".pq")
UNFIT_FOR_PATTERNS = str.maketrans({letter: f"\\{letter}" for letter in "\\{}[]*?"})


def typed_views(
    session: Session, entities: Mapping[str, Entity], sources: Mapping[str, Source | TableName], as_of: date
) -> Records:
    """Makes the views, and checks every row of the tables and files."""
    return SparkViews(session, entities, as_of).made(sources)


class SparkViews(Views[str]):
    """Temporary views of a session; `Typed.rows` is the view of a table's own columns."""

    def __init__(self, session: Session, entities: Mapping[str, Entity], as_of: date) -> None:
        super().__init__(entities, as_of)
        self.session = session

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.spark.sql(query).collect()]

    # ---- Where rows come from --------------------------------------------------------------------

    def over(self, entity: Entity, source: Source | TableName) -> Typed[str] | None:
        shown = source.name if isinstance(source, TableName) else str(source.path)
        frame = self.frame(source)
        if frame is None:
            return None
        frame = mapped(frame, source)
        kinds = [field_.dataType.simpleString() for field_ in frame.schema.fields]
        heading = self.heading(entity, frame.columns, shown)
        if heading is None:
            return None
        cells = {
            column.name: self.cell(column, frame.columns, kinds, shown)
            for column in (*heading.ancestors, *heading.own)
        }
        made = {name: cell for name, cell in cells.items() if cell is not None}
        if len(made) < len(cells):
            return None
        rows = ROWS + identifiers(self.entities)[entity.name]
        frame.createOrReplaceTempView(quoted(rows))
        facts = tuple(made[column.name] for column in heading.own)
        return Typed(entity, shown, rows, tuple(made[column.name] for column in key_columns(heading)), facts)

    def frame(self, source: Source | TableName) -> DataFrame | None:
        """The rows of a table of the catalogue, of Parquet files at a location, or of those on this machine."""
        from py4j.protocol import Py4JError
        from pyspark.errors import AnalysisException, ParseException, PySparkException

        shown = source.name if isinstance(source, TableName) else str(source.path)
        reader = self.session.spark.read.option("mergeSchema", "true")
        try:
            if isinstance(source, TableName):
                return (
                    reader.parquet(source.name)
                    if "://" in source.name
                    else self.session.spark.table(source.name)
                )
            return reader.parquet(local_pattern(source))
        except (AnalysisException, ParseException) as error:
            key = (
                "data-file.table"
                if isinstance(source, TableName) and "://" not in source.name
                else "data-file.location"
            )
            self.findings.add(problem(key, None, table=shown, path=shown, reason=condition(error)))
        except (PySparkException, Py4JError):
            self.findings.add(problem("data-file.damaged", None, path=shown, format="Parquet"))
        return None

    def cell(
        self, column: Column, names: Sequence[str], kinds: Sequence[str], table: str
    ) -> Cell[str] | None:
        place = column.position
        cell = (
            cell_of(column.name, column.fact, None, "")
            if place is None
            else cell_of(column.name, column.fact, names[place], kinds[place])
        )
        if not isinstance(cell, Refused):
            return cell
        assert place is not None
        self.findings.add(unsuitable_finding(column.name, column.fact, table, kinds[place]))
        return None

    # ---- Checks ----------------------------------------------------------------------------------

    def counted(self, typed: Typed[str], tests: Sequence[str]) -> Sequence[int]:
        counts = [f"count(CASE WHEN {test} THEN 1 END)" for test in tests]
        row = self.rows(f"SELECT {', '.join(['count(*)', *counts])} FROM {quoted(typed.rows)}")[0]
        return [int(value) for value in row]

    def examples(self, typed: Typed[str], cell: Cell[str], check: Check[str]) -> Sequence[Sequence[Any]]:
        keys = [key.written for key in typed.keys]
        order = ", ".join(str(place) for place in range(1, max(2, len(keys) + 1)))
        return self.rows(
            f"SELECT {', '.join([*keys, cell.written])} FROM {quoted(typed.rows)} WHERE {check.test}"
            f" ORDER BY {order} LIMIT {MOST_EXAMPLES}"
        )

    def repeated(self, typed: Typed[str]) -> Found:
        names = key_names(len(typed.keys))
        keys = f"SELECT {aliased(typed.keys)} FROM {quoted(typed.rows)}"
        return self.counting(f"SELECT {names} FROM ({keys}) GROUP BY {names} HAVING count(*) > 1", names)

    def orphans(self, typed: Typed[str], mine: Sequence[Cell[str]], above: Typed[str]) -> Found:
        names = key_names(len(mine))
        lost = (
            f"SELECT {names} FROM (SELECT {aliased(mine)} FROM {quoted(typed.rows)}) LEFT ANTI JOIN"
            f" (SELECT {aliased(above.keys)} FROM {quoted(above.rows)}) USING ({names})"
        )
        return self.counting(lost, names)

    def counting(self, query: str, names: str) -> Found:
        """How many rows a query gives, and the first of them."""
        count = int(self.rows(f"SELECT count(*) FROM ({query})")[0][0])
        return count, self.rows(f"{query} ORDER BY {names} LIMIT {MOST_EXAMPLES}") if count else []

    # ---- Views -----------------------------------------------------------------------------------

    def show(self, entity: Entity, views: Mapping[str, str]) -> None:
        typed = self.typed[entity.name]
        named = identifiers(fact.name for fact in entity.facts)
        values = [f"{cell.value} AS {quoted(named[cell.fact.name])}" for cell in typed.facts]
        keys = [aliased(typed.keys)] if typed.keys else []
        if not entity.keys:
            keys.append(numbered(typed))
        rows = f"SELECT {', '.join([*keys, *values])} FROM {quoted(typed.rows)}"
        if tests := list(self.existing(typed, views)):
            rows += f" WHERE {' AND '.join(tests)}"
        self.session.spark.sql(rows).createOrReplaceTempView(quoted(views[entity.name]))

    def existing(self, typed: Typed[str], views: Mapping[str, str]) -> Iterator[str]:
        """The conditions that a row is there on the day, over the table's own columns."""
        entity = typed.entity
        if entity.dated is not None:
            day = next(cell.value for cell in typed.facts if cell.fact.name == entity.dated)
            yield f"{day} <= DATE{text(self.as_of.isoformat())}"
        if entity.parent is not None and self.dated_above(entity):
            width = len(self.typed[entity.parent].keys)
            keys = ", ".join(cell.value for cell in typed.keys[:width])
            yield f"({keys}) IN (SELECT {key_names(width)} FROM {quoted(views[entity.parent])})"


def mapped(frame: DataFrame, source: Source | TableName) -> DataFrame:
    """The columns in the policy's names, and those that hold the same text in all rows."""
    if not source.columns and not source.constants:
        return frame
    names = facts_named(source, frame.columns)
    made = [f"{text(value)} AS {quoted(name)}" for name, value in source.constants.items()]
    return frame.toDF(*names[: len(frame.columns)]).selectExpr("*", *made)


def records_fingerprint(session: Session, views: Mapping[str, str]) -> str:
    """The SHA-256, hexadecimal, of how many records there are and of sums over their values, in any order."""
    digest = hashlib.sha256()
    for entity, view in views.items():
        hashed = "CAST(xxhash64(*) AS DECIMAL(38, 0))"
        row = session.spark.sql(f"SELECT count(*), coalesce(sum({hashed}), 0) FROM {quoted(view)}").collect()[
            0
        ]
        digest.update(f"{entity} {row[0]} {row[1]}\n".encode())
    return digest.hexdigest()


def local_pattern(source: Source) -> str:
    """A path of this machine as Spark reads it; in one that exists `*` and `[` stand for themselves."""
    path = source.path.absolute()
    return f"file://{str(path).translate(UNFIT_FOR_PATTERNS) if path.exists() else path}"


def condition(error: Any) -> str:
    """The name of what went wrong, as words."""
    name = error.getCondition() if hasattr(error, "getCondition") else error.getErrorClass()
    return str(name or "unreadable").split(".")[0].replace("_", " ").lower()


def key_names(width: int) -> str:
    return ", ".join(f"`_k{place}`" for place in range(1, width + 1))


def aliased(keys: Sequence[Cell[str]]) -> str:
    return ", ".join(f"{cell.value} AS `_k{place}`" for place, cell in enumerate(keys, 1))


def numbered(typed: Typed[str]) -> str:
    """The number of a row within its parent; rows that are equal may change places."""
    keys, order = (", ".join(cell.value for cell in cells) for cells in (typed.keys, typed.facts))
    return f"CAST(row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS BIGINT) AS `_k{len(typed.keys) + 1}`"
