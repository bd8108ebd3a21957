"""A model, a setting and a wish come in; a Spark session with the records goes out, and a place for the results.

Tables and Parquet files are read where they lie, and results are written by those who computed them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import DataError, refusal
from lifeseg.pipeline.setting import Setting, all_sources
from lifeseg.pipeline.stages import Progress, load
from lifeseg.pipeline.wish import Wish
from lifeseg.records.files import files_of, fingerprint, is_parquet
from lifeseg.records.loaded import Loaded
from lifeseg.records.source import Source, TableName

if TYPE_CHECKING:
    from lifeseg.engines.running import Database
    from lifeseg.engines.writer import Operations
    from lifeseg.plan import tree as p
    from lifeseg.plan.proving import Proof
    from lifeseg.records.spark_session import Session
    from lifeseg.records.table_results import ResultTable


@dataclass(frozen=True, slots=True)
class OnSpark:
    """A session in which the records are temporary views."""

    session: Session
    records: Mapping[str, str]
    loaded: Loaded
    sources: Mapping[str, Source | TableName]
    wish: Wish
    tables: str | None
    dialect: str = "spark"

    @property
    def database(self) -> Database:
        from lifeseg.engines.spark import Database

        return Database(self.session.spark)

    @property
    def operations(self) -> Operations:
        from lifeseg.engines.spark import Spark

        return Spark(self.records)

    def proving(self, plan: p.Plan) -> tuple[p.Plan, tuple[Proof, ...]]:
        return plan, ()  # all has been looked at

    def fingerprint(self) -> str:
        from lifeseg.records.spark_tables import records_fingerprint

        files = [source for source in self.sources.values() if isinstance(source, Source)]
        if len(files) == len(self.sources) and all(map(files_of, files)):
            return fingerprint(self.sources[name] for name in self.records)  # type: ignore[misc]
        return records_fingerprint(self.session, self.records)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.spark.sql(query).collect()]

    def put(self, tables: list[ResultTable], described: Mapping[str, Any]) -> tuple[str, ...]:
        from lifeseg.records import spark_results

        names: tuple[str, ...] = ()
        if self.tables is not None:
            names = spark_results.write_tables(self.session, self.tables, tables)
        if self.wish.location is not None:
            spark_results.write_location(self.session, self.wish.location, tables, described)
        if self.wish.out is not None and self.wish.file_format == "csv":
            streams = ((table, spark_results.cells_of(self.session, table)) for table in tables)
            kept.write_streamed(self.wish.out, streams, described, "csv")
        elif self.wish.out is not None:
            with kept.refusing(self.wish.out):
                spark_results.write_folder(self.session, self.wish.out, tables, described)
        return names


@contextmanager
def opened(model: Model, setting: Setting, wish: Wish, progress: Progress | None = None) -> Iterator[OnSpark]:
    """A session with the records: beside one that is running, otherwise on the cluster or on this machine."""
    from lifeseg.records.spark_session import session

    mine = setting.workspace.spark if setting.workspace is not None else None
    master = wish.master or (mine.master if mine is not None else None)
    sources = all_sources(setting, model)
    anywhere = wish.out is not None or wish.location is not None
    tables = wish.tables or (mine.tables if mine is not None and setting.own and not anywhere else None)
    if progress is not None:
        progress("starting Spark", 0, 0)
    with session(master, mine.options if mine is not None else None) as found:
        records, loaded = read(found, model, sources, setting, wish, progress)
        yield OnSpark(found, records, loaded, sources, wish, tables)


def read(
    session: Session,
    model: Model,
    sources: Mapping[str, Source | TableName],
    setting: Setting,
    wish: Wish,
    progress: Progress | None,
) -> tuple[Mapping[str, str], Loaded]:
    """The view of each entity: what Spark reads it reads itself; other files are read here, like everywhere."""
    from lifeseg.records.spark_rows import population_views
    from lifeseg.records.spark_tables import typed_views

    files = {name: source for name, source in sources.items() if isinstance(source, Source)}
    here = [name for name, source in files.items() if not is_parquet(source)]
    if len(files) == len(sources) and (here or wish.on_bad_row == "set-aside"):
        population, loaded = load(model, files, wish.on_bad_row, progress)
        return population_views(session, model.entities, population, setting.day()), loaded
    if wish.on_bad_row == "set-aside":
        raise refusal("no-data.aside", entity=next(name for name in sources if name not in files))
    if here:
        raise refusal("no-data.mixed", entity=here[0], path=str(files[here[0]].path))
    found = typed_views(session, model.entities, sources, setting.day())
    if not found.views:
        raise DataError(found.findings)
    return found.views, Loaded(None, found.findings)
