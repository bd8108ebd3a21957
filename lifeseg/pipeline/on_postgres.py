"""A model, a setting and a wish come in; a transaction of PostgreSQL with the records goes out, and a place for results.

Tables stay where they are; files are copied into temporary tables. Everything happens in one transaction: results are
there as a whole when it ends well, and nothing is there otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import ConfigurationError
from lifeseg.pipeline.on_server import OnServer, Sources, files_among, in_views, refuse_setting_aside
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.setting import Setting, all_sources
from lifeseg.pipeline.stages import Progress, load
from lifeseg.pipeline.wish import Wish
from lifeseg.records.files import SMALL, size_of
from lifeseg.records.loaded import Loaded

if TYPE_CHECKING:
    from lifeseg.engines.running import Database
    from lifeseg.engines.writer import Operations
    from lifeseg.records.postgres_session import Session
    from lifeseg.records.table_results import ResultTable


@dataclass(frozen=True, slots=True)
class OnPostgreSQL(OnServer):
    """A transaction in which the records are views or temporary tables."""

    session: Session
    dialect: str = "postgres"

    @property
    def database(self) -> Database:
        from lifeseg.engines.postgres import Database

        return Database(self.session.connection)

    @property
    def operations(self) -> Operations:
        from lifeseg.engines.postgres import PostgreSQL

        return PostgreSQL(self.records)

    def contents(self) -> str:
        from lifeseg.records.postgres_tables import records_fingerprint

        return records_fingerprint(self.session, self.records)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.session.connection.execute(query.encode()).fetchall()

    def put(self, tables: list[ResultTable], described: Mapping[str, Any]) -> tuple[str, ...]:
        from lifeseg.records.postgres_results import Place, cells_of, write_results

        names: tuple[str, ...] = ()
        if self.tables is not None:
            schema, _, prefix = self.tables.rpartition(".")
            names = write_results(self.session, Place(prefix, schema or None), tables, described)
        if self.folder is not None:
            kept.write_streamed(
                self.folder,
                ((table, cells_of(self.session, table)) for table in tables),
                described,
                self.wish.file_format,
            )
        return names


@contextmanager
def opened(
    model: Model, setting: Setting, wish: Wish, progress: Progress | None = None, past: Past | None = None
) -> Iterator[OnPostgreSQL]:
    """A session with the records; the whole run is its transaction."""
    from lifeseg.records.postgres_session import address_of, session

    mine = setting.workspace.postgres if setting.workspace is not None else None
    address = address_of(mine.url if mine is not None else None)
    if isinstance(address, Diagnostic):
        raise ConfigurationError([address])
    sources = all_sources(setting, model)
    tables = wish.tables or (mine.tables if mine is not None and setting.own and not wish.out else None)
    with session(address) as found:
        records, loaded = read(found, model, sources, setting, wish, progress)
        if past is not None:
            from lifeseg.records.postgres_files import memory_views

            records = memory_views(found.connection, records, model.entities, past.files)
        yield OnPostgreSQL(records, loaded, sources, wish, tables, past, found)


def read(
    session: Session,
    model: Model,
    sources: Sources,
    setting: Setting,
    wish: Wish,
    progress: Progress | None,
) -> tuple[Mapping[str, str], Loaded]:
    """The view or table of each entity: small files are read like everywhere, large ones and tables row by row."""
    from lifeseg.records.postgres_files import population_tables
    from lifeseg.records.postgres_tables import typed_views

    files = files_among(sources)
    careful = wish.on_bad_row == "set-aside" or size_of(files.values()) < SMALL
    if len(files) == len(sources) and careful:
        population, loaded = load(model, files, wish.on_bad_row, progress)
        return population_tables(session.connection, model.entities, population, setting.day()), loaded
    refuse_setting_aside(sources, wish)
    return in_views(typed_views(session, model.entities, sources, setting.day()))
