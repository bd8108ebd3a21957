"""The place of a run's results comes in; what the run before left there goes out, and what changed records are now takes
its place.

Results are Parquet files in a folder, which are written anew, or tables in a DuckDB file, which are changed where they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lifeseg.frozen import dataclass
from lifeseg.model.model import Model
from lifeseg.pipeline import kept
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.totals import Keys, Totals, What, from_json
from lifeseg.pipeline.wish import Wish
from lifeseg.workspace import shown_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from lifeseg.interpreter.results import Baseline
    from lifeseg.records.to_results import Column


class Place(Protocol):
    """Where results are. Entities have the names of a plan's tables."""

    @property
    def shown(self) -> str: ...

    @property
    def described(self) -> Mapping[str, Any]:
        """What the run before says of itself."""

    def check(self, model: Model, tables: Mapping[str, str]) -> None:
        """Refuses results that are not as the run before left them."""

    def find(self, entity: str, table: str, keys: Sequence[Column]) -> tuple[str, str]:
        """Where the old results of the changed families are: a FROM clause and a condition."""

    def put(
        self, results: Sequence[Result], described: Mapping[str, Any], note: Callable[[], None]
    ) -> dict[str, Any]:
        """The new results in the place of the old ones, with a note of the files they are of, whole or not at all; gives the
        description as it was written.
        """


@dataclass(frozen=True, slots=True)
class Result:
    """The results of the changed families of an entity: the names of entity and table, where they are, the top keys."""

    entity: str
    table: str
    left: str
    keys: Sequence[Column]


@contextmanager
def place_of(wish: Wish, connection: DuckDBPyConnection) -> Iterator[Place]:
    """The place that was wished for; nobody else writes there meanwhile."""
    assert wish.out is not None
    if wish.in_file:
        yield in_file(wish.out, connection)
        return
    described = description_in(wish.out)
    with kept.staged(wish.out) as work:
        yield Folder(wish.out, described, connection, work)


# ---- Parquet files -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folder:
    """Parquet files and `run.json`; new files are written into the folder `work`."""

    path: Path
    described: Mapping[str, Any]
    connection: DuckDBPyConnection
    work: Path

    @property
    def shown(self) -> str:
        return shown_path(self.path)

    def check(self, model: Model, tables: Mapping[str, str]) -> None:
        from lifeseg.records.files import print_of

        prints = self.described.get("prints")
        if not isinstance(prints, dict):
            raise refusal("incremental-other.version", path=self.shown)
        for entity in model.entities:
            file = self.file(entity)
            if not file.is_file() or prints.get(file.name) != print_of(file):
                raise refusal("incremental-other.file", path=shown_path(file))

    def file(self, entity: str) -> Path:
        return self.path / f"{entity}.parquet"

    def find(self, entity: str, table: str, keys: Sequence[Column]) -> tuple[str, str]:
        from lifeseg.records.changed import among
        from lifeseg.records.typed import text

        return f"read_parquet({text(str(self.file(entity)))})", among(keys)

    def put(
        self, results: Sequence[Result], described: Mapping[str, Any], note: Callable[[], None]
    ) -> dict[str, Any]:
        from lifeseg.pipeline.on_duckdb import prints
        from lifeseg.records.changed import merge

        files = [f"{result.entity}.parquet" for result in results]
        for result, file in zip(results, files, strict=True):
            merge(self.connection, self.path / file, result.left, result.keys, self.work / file)
        told = {**described, "prints": prints(self.work, files)}
        kept.put_in_place(self.work, self.path, files, told)
        return told


def description_in(folder: Path) -> dict[str, Any]:
    from lifeseg.records.to_results import DESCRIPTION

    try:
        found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise refusal("incremental-other.none", path=shown_path(folder)) from None
    return found if isinstance(found, dict) else {}


# ---- A DuckDB file -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """Tables in a DuckDB file, which the connection has open for writing."""

    path: Path
    described: Mapping[str, Any]
    connection: DuckDBPyConnection
    found: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return shown_path(self.path)

    def check(self, model: Model, tables: Mapping[str, str]) -> None:
        from lifeseg.records.duckdb_results import count

        for entity, rows in self.described.get("rows", {}).items():
            if count(self.connection, tables.get(entity, "")) != rows:
                raise refusal("incremental-other.file", path=self.shown)

    def find(self, entity: str, table: str, keys: Sequence[Column]) -> tuple[str, str]:
        from lifeseg.records.duckdb_results import find
        from lifeseg.records.files import table_of_results

        if table not in self.found:
            self.found[table] = find(self.connection, table, keys)
        return table_of_results(table), self.found[table]

    def put(
        self, results: Sequence[Result], described: Mapping[str, Any], note: Callable[[], None]
    ) -> dict[str, Any]:
        from lifeseg.records.duckdb_results import exchange

        told = dict(described)
        with kept.refusing(self.path):
            exchange(self.connection, [(result.table, result.left) for result in results], told, note)
        return told


def in_file(path: Path, connection: DuckDBPyConnection) -> File:
    from lifeseg.pipeline.on_duckdb import usable_results
    from lifeseg.records import duckdb_results

    if not path.exists():
        raise refusal("incremental-other.none", path=shown_path(path))
    with usable_results():
        duckdb_results.attach(connection, path, shown_path(path))
    return File(path, duckdb_results.description(connection), connection)


# ---- The run before ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Previous:
    """The run that left the results: their place, its baseline, numbers of records and totals."""

    place: Place
    baseline: Baseline
    rows: Mapping[str, int]
    totals: Totals
    wrong: Mapping[What, Keys]


def previous_run(place: Place, model: Model, setting: Setting) -> Previous:
    """What the run before says of itself; it must be of the same policy and day, and its results as it left them."""
    from lifeseg import __version__
    from lifeseg.interpreter.baseline import from_json as baseline_from_json
    from lifeseg.records.identifiers import identifiers

    described, shown = place.described, place.shown
    policy = described.get("policy")
    if not isinstance(policy, dict) or policy.get("content_hash") != model.content_hash:
        raise refusal("incremental-other.policy", path=shown)
    if described.get("as_of") != setting.day().isoformat():
        raise refusal(
            "incremental-other.day", path=shown, before=described.get("as_of"), day=str(setting.day())
        )
    totals = from_json(described.get("totals"))
    if described.get("lifeseg") != __version__ or totals is None:
        raise refusal("incremental-other.version", path=shown)
    if totals.wrong is None:
        raise refusal("incremental-other.wrong", path=shown)
    place.check(model, identifiers(model.entities))
    try:
        baseline = baseline_from_json(described["baseline"])
        rows = {entity: int(described["rows"][entity]) for entity in model.entities}
    except (KeyError, TypeError, ValueError):
        raise refusal("incremental-other.version", path=shown) from None
    return Previous(place, baseline, rows, totals, totals.wrong)
