"""A model, a setting and a wish come in; a Spark session with the records goes out, and a place for the results.

Tables and Parquet files are read where they lie, and results are written by those who computed them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.on_server import OnServer, Sources, files_among, in_views, refuse_setting_aside
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.setting import Setting, all_sources
from lifeseg.pipeline.stages import Progress, load
from lifeseg.pipeline.wish import Wish
from lifeseg.records.files import is_parquet
from lifeseg.records.loaded import Loaded

if TYPE_CHECKING:
    from lifeseg.engines.running import Database
    from lifeseg.engines.writer import Operations
    from lifeseg.records.spark_session import Session
    from lifeseg.records.table_results import ResultTable


@dataclass(frozen=True, slots=True)
class OnSpark(OnServer):
    """A session in which the records are temporary views."""

    session: Session
    dialect: str = "spark"

    @property
    def database(self) -> Database:
        from lifeseg.engines.spark import Database

        return Database(self.session.spark)

    @property
    def operations(self) -> Operations:
        from lifeseg.engines.spark import Spark

        return Spark(self.records)

    def contents(self) -> str:
        from lifeseg.records.spark_tables import records_fingerprint

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
        if self.folder is not None and self.wish.file_format == "csv":
            streams = ((table, spark_results.cells_of(self.session, table)) for table in tables)
            kept.write_streamed(self.folder, streams, described, "csv")
        elif self.folder is not None:
            with kept.refusing(self.folder):
                spark_results.write_folder(self.session, self.folder, tables, described)
        return names


@contextmanager
def opened(
    model: Model, setting: Setting, wish: Wish, progress: Progress | None = None, past: Past | None = None
) -> Iterator[OnSpark]:
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
        if past is not None:
            from lifeseg.records.spark_rows import memory_views

            records = memory_views(found, records, model.entities, past.files)
        yield OnSpark(records, loaded, sources, wish, tables, past, found)


def read(
    session: Session,
    model: Model,
    sources: Sources,
    setting: Setting,
    wish: Wish,
    progress: Progress | None,
) -> tuple[Mapping[str, str], Loaded]:
    """The view of each entity: what Spark reads it reads itself; other files are read here, like everywhere."""
    from lifeseg.records.spark_rows import population_views
    from lifeseg.records.spark_tables import typed_views

    files = files_among(sources)
    here = [name for name, source in files.items() if not is_parquet(source)]
    if len(files) == len(sources) and (here or wish.on_bad_row == "set-aside"):
        population, loaded = load(model, files, wish.on_bad_row, progress)
        return population_views(session, model.entities, population, setting.day()), loaded
    refuse_setting_aside(sources, wish)
    if here:
        raise refusal("no-data.mixed", entity=here[0], path=str(files[here[0]].path))
    return in_views(typed_views(session, model.entities, sources, setting.day()))
