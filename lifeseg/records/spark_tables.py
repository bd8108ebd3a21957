"""Entities and their tables or Parquet files come in; typed views of a Spark session go out, or what is wrong with the data.

A view has the key columns `_k1`, `_k2` … (ancestors' first) and the facts as engines hold them. Every row is looked at
before anything is evaluated; the rows stay where they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.model.model import Entity
from lifeseg.records.findings import Findings, Refused, nearest
from lifeseg.records.heading import Column, match_heading
from lifeseg.records.identifiers import identifiers
from lifeseg.records.source import Source, TableName, facts_named
from lifeseg.records.spark_cells import cell_of, quoted, text
from lifeseg.records.table_checks import (
    MOST_EXAMPLES,
    Cell,
    Check,
    duplicate_finding,
    empty_finding,
    example,
    orphan_finding,
    row_finding,
    unsuitable_finding,
)
from lifeseg.records.to_tables import parents_first

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lifeseg.records.spark_session import Session

PREFIX = "_records_"
ROWS = "_rows_"
PARQUET = (".parquet", ".pq")
UNFIT_FOR_PATTERNS = str.maketrans({letter: f"\\{letter}" for letter in "\\{}[]*?"})


@dataclass(frozen=True, slots=True)
class Records:
    """The view of each entity and how many records it has; no views if anything is wrong. Findings may be mild ones."""

    views: Mapping[str, str]
    counts: Mapping[str, int]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """An entity's columns over a table: its keys, its facts, and the view of the rows they are read from."""

    entity: Entity
    shown: str
    rows: str
    keys: tuple[Cell[str], ...]
    facts: tuple[Cell[str], ...]

    @property
    def cells(self) -> tuple[Cell[str], ...]:
        known = {cell.column for cell in self.keys}
        return (*self.keys, *(cell for cell in self.facts if cell.column not in known))


def typed_views(
    session: Session, entities: Mapping[str, Entity], sources: Mapping[str, Source | TableName], as_of: date
) -> Records:
    """Makes the views, and checks every row of the tables and files."""
    making = _Making(session, entities, as_of)
    for name in sources:
        if name not in entities:
            making.findings.add(
                problem("data-file.no-entity", None, entity=name, suggestion=nearest(name, entities))
            )
    for entity in parents_first(entities):
        making.read(entity, sources.get(entity.name))
    return making.result()


@dataclass(slots=True)
class _Making:
    """The state of one call of `typed_views`."""

    session: Session
    entities: Mapping[str, Entity]
    as_of: date
    findings: Findings = field(default_factory=Findings)
    typed: dict[str, Typed] = field(default_factory=dict)
    sound: set[str] = field(default_factory=set)  # entities whose keys are what they should be
    counts: dict[str, int] = field(default_factory=dict)

    def result(self) -> Records:
        views: dict[str, str] = {}
        if not self.findings.failed:
            views = {name: PREFIX + plain for name, plain in identifiers(self.entities).items()}
            for entity in parents_first(self.entities):
                self.show(entity, views)
        return Records(views, self.counts if views else {}, self.findings.listed())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.spark.sql(query).collect()]

    def read(self, entity: Entity, source: Source | TableName | None) -> None:
        parent = self.entities[entity.parent] if entity.parent is not None else None
        if source is None:
            self.findings.add(problem("data-file.not-given", None, entity=entity.name))
        elif parent is not None and not parent.keys:
            self.findings.add(problem("data-orphan.no-key", None, entity=entity.name, parent=parent.name))
        else:
            typed = self.over(entity, source)
            if typed is not None:
                self.typed[entity.name] = typed
                self.check(typed)

    # ---- Where rows come from --------------------------------------------------------------------

    def over(self, entity: Entity, source: Source | TableName) -> Typed | None:
        shown = source.name if isinstance(source, TableName) else str(source.path)
        frame = self.frame(source)
        if frame is None:
            return None
        frame = mapped(frame, source)
        kinds = [field_.dataType.simpleString() for field_ in frame.schema.fields]
        heading, found = match_heading(self.entities, entity, frame.columns, Span(shown, 1, 1, 1, 2))
        self.findings.add_all(found)
        if any(finding.code in ("data-missing-column", "data-duplicate-column") and
               finding.key != "data-missing-column.optional" for finding in found):  # fmt: skip
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
        keys = [*heading.ancestors, *(column for column in heading.own if column.fact.key)]
        facts = tuple(made[column.name] for column in heading.own)
        return Typed(entity, shown, rows, tuple(made[column.name] for column in keys), facts)

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

    def check(self, typed: Typed) -> None:
        """Every cell in one pass; then keys that come twice and rows without a parent, if the keys are sound."""
        asked = [(cell, check) for cell in typed.cells for check in cell.checks]
        tests = [f"count(CASE WHEN {check.test} THEN 1 END)" for _, check in asked]
        row = self.rows(f"SELECT {', '.join(['count(*)', *tests])} FROM {quoted(typed.rows)}")[0]
        total, *counts = (int(value) for value in row)
        self.counts[typed.entity.name] = total
        if not total:
            self.findings.add(empty_finding(typed.entity, typed.shown))
        wrong = [(cell, check, count) for (cell, check), count in zip(asked, counts, strict=True) if count]
        for cell, check, count in wrong:
            self.findings.add(self.described(typed, cell, check, (count, total)))
        if not {cell.column for cell, _, _ in wrong} & {cell.column for cell in typed.keys}:
            self.sound.add(typed.entity.name)
            self.check_keys(typed)
            self.check_parents(typed, total)

    def described(
        self, typed: Typed, cell: Cell[str], check: Check[str], counts: tuple[int, int]
    ) -> Diagnostic:
        keys = [key.written for key in typed.keys]
        order = ", ".join(str(place) for place in range(1, max(2, len(keys) + 1)))
        rows = self.rows(
            f"SELECT {', '.join([*keys, cell.written])} FROM {quoted(typed.rows)} WHERE {check.test}"
            f" ORDER BY {order} LIMIT {MOST_EXAMPLES}"
        )
        facts = [key.fact for key in typed.keys]
        return row_finding(
            check, cell, typed.shown, counts, [example(facts, row[:-1], row[-1]) for row in rows]
        )

    def check_keys(self, typed: Typed) -> None:
        if not typed.entity.keys:
            return
        names = key_names(len(typed.keys))
        keys = f"SELECT {aliased(typed.keys)} FROM {quoted(typed.rows)}"
        twice = f"SELECT {names} FROM ({keys}) GROUP BY {names} HAVING count(*) > 1"
        if count := self.rows(f"SELECT count(*) FROM ({twice})")[0][0]:
            rows = self.rows(f"{twice} ORDER BY {names} LIMIT {MOST_EXAMPLES}")
            examples = [example([cell.fact for cell in typed.keys], row) for row in rows]
            self.findings.add(duplicate_finding(typed.entity, typed.shown, int(count), examples))

    def check_parents(self, typed: Typed, total: int) -> None:
        parent = typed.entity.parent
        if parent is None or parent not in self.sound:
            return
        above = self.typed[parent]
        mine = typed.keys[: len(above.keys)]
        names = key_names(len(mine))
        lost = (
            f"SELECT {names} FROM (SELECT {aliased(mine)} FROM {quoted(typed.rows)}) LEFT ANTI JOIN"
            f" (SELECT {aliased(above.keys)} FROM {quoted(above.rows)}) USING ({names})"
        )
        if count := self.rows(f"SELECT count(*) FROM ({lost})")[0][0]:
            rows = self.rows(f"{lost} ORDER BY {names} LIMIT {MOST_EXAMPLES}")
            examples = [example([cell.fact for cell in mine], row) for row in rows]
            self.findings.add(orphan_finding(typed.entity, typed.shown, (int(count), total), examples))

    # ---- Views -----------------------------------------------------------------------------------

    def show(self, entity: Entity, views: Mapping[str, str]) -> None:
        """The view of the rows there are on the as-of date: rows dated later, and what belongs to them, do not exist."""
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

    def existing(self, typed: Typed, views: Mapping[str, str]) -> Iterator[str]:
        """The conditions that a row is there on the day, over the table's own columns."""
        entity = typed.entity
        if entity.dated is not None:
            day = next(cell.value for cell in typed.facts if cell.fact.name == entity.dated)
            yield f"{day} <= DATE{text(self.as_of.isoformat())}"
        if entity.parent is not None and self.dated_above(entity):
            width = len(self.typed[entity.parent].keys)
            keys = ", ".join(cell.value for cell in typed.keys[:width])
            yield f"({keys}) IN (SELECT {key_names(width)} FROM {quoted(views[entity.parent])})"

    def dated_above(self, entity: Entity) -> bool:
        above = self.entities[entity.parent] if entity.parent is not None else None
        return above is not None and (above.dated is not None or self.dated_above(above))


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


def numbered(typed: Typed) -> str:
    """The number of a row within its parent; rows that are equal may change places."""
    keys, order = (", ".join(cell.value for cell in cells) for cells in (typed.keys, typed.facts))
    return f"CAST(row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS BIGINT) AS `_k{len(typed.keys) + 1}`"
