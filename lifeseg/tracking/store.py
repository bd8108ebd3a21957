"""Runs come in and are kept in a DuckDB file, with what everybody was; the run that matches a policy, a day and data goes out
again, and what a record was before a day.

The file is opened only for as long as a question or an entry takes, an entry is one transaction, and a file
that is not a result store, or one of a later version, is left as it is. Knows nothing of what a run
computed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.tracking import memberships
from lifeseg.tracking.loop_tables import LOOP
from lifeseg.tracking.memberships import Found, Period, Wanted

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

VERSION = 4
PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""

SCHEMA = """
CREATE TABLE lifeseg_store (version INTEGER NOT NULL, made_by VARCHAR NOT NULL);
CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    policy VARCHAR NOT NULL,
    policy_version VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    as_of DATE NOT NULL,
    engine VARCHAR NOT NULL,
    data_fingerprint VARCHAR NOT NULL,
    baseline JSON NOT NULL,
    counts JSON NOT NULL,
    timings JSON NOT NULL,
    result_hash VARCHAR NOT NULL,
    started TIMESTAMP NOT NULL,
    finished TIMESTAMP NOT NULL,
    made_by VARCHAR NOT NULL
);
COMMENT ON TABLE runs IS 'One row for each recorded run of lifeseg; times are UTC';
COMMENT ON COLUMN runs.baseline IS 'Population statistics, which explanations of the results use';
"""
HISTORY = f"""
ALTER TABLE runs ADD COLUMN remembered BOOLEAN;
COMMENT ON COLUMN runs.remembered IS 'Whether the table memberships follows from this run';
{memberships.SCHEMA}
"""
TEXTS = """
ALTER TABLE runs ADD COLUMN replaced INTEGER;
ALTER TABLE runs ADD COLUMN parameters JSON;
COMMENT ON COLUMN runs.replaced IS 'The run of an earlier day that told history anew; empty for what is believed today';
COMMENT ON COLUMN runs.parameters IS 'The values in force on the day of the run';
CREATE TABLE policies (
    content_hash VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    own BOOLEAN NOT NULL,
    text VARCHAR NOT NULL,
    PRIMARY KEY (content_hash, file)
);
COMMENT ON TABLE policies IS 'The texts of the policies that were run, and of those they use';
"""
CHANGES = {2: HISTORY, 3: TEXTS, 4: LOOP}
"""What a store of the version before lacks."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file of a policy, or of one that it uses."""

    file: str
    own: bool
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a run. `baseline` is its JSON document; times are UTC, timings in seconds by stage."""

    policy: str
    policy_version: str
    content_hash: str
    as_of: date
    engine: str
    data_fingerprint: str
    baseline: Any
    counts: Mapping[str, int]
    timings: Mapping[str, float]
    result_hash: str
    started: datetime
    finished: datetime
    made_by: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[Text, ...] = ()
    kpis: Any = ()


class UnusableStoreError(Exception):
    """The result store cannot be used; `finding` says why."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.key)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Remembered:
    """What everybody is by a run: the results by entity, and the run (or none) by which it was evaluated what they were.

    `anew` if what is known of later days is believed no more.
    """

    results: Mapping[str, Found]
    follows: int | None
    anew: bool = False


def record(path: Path, run: Run, remembered: Remembered | None = None, *, patience: float = PATIENCE) -> int:
    """Enters a run, making the store if there is none yet; gives its number.

    What it remembers must follow from what the store knows now: if another run has come between, nothing is entered.
    """
    with opened(path, writing=True, patience=patience) as store:
        assert store is not None
        row = store.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()
        number = int(row[0]) if row is not None else 1
        if remembered is not None:
            before = run_before(store, run.policy, run.as_of)
            later = day_after(store, run.policy, run.as_of)
            if before != remembered.follows or (later is not None and not remembered.anew):
                raise UnusableStoreError(problem("store-moved", None, path=path, policy=run.policy))
        values = (
            number,
            run.policy,
            run.policy_version,
            run.content_hash,
            run.as_of,
            run.engine,
            run.data_fingerprint,
            *map(json.dumps, (run.baseline, dict(run.counts), dict(run.timings))),
            run.result_hash,
            run.started.replace(tzinfo=None),
            run.finished.replace(tzinfo=None),
            run.made_by,
            remembered is not None,
            None,
            json.dumps(dict(run.parameters)),
            json.dumps(run.kpis),
        )
        store.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(values))})", values)
        keep_texts(store, run)
        if remembered is not None:
            store.execute(OVERTAKEN, (number, run.policy, run.as_of))
            memberships.merge(store, number, run.policy, run.as_of, remembered.results)
    return number


OVERTAKEN = "UPDATE runs SET replaced = ? WHERE policy = ? AND remembered AND as_of > ? AND replaced IS NULL"


def keep_texts(store: duckdb.DuckDBPyConnection, run: Run) -> None:
    """The texts of a policy, once."""
    for one in run.texts:
        store.execute(
            "INSERT INTO policies VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (run.content_hash, one.file, one.own, one.text),
        )


def run_before(store: duckdb.DuckDBPyConnection, policy: str, day: date, by: int | None = None) -> int | None:
    """The run that tells what everybody was before a day; told today, or as it was when another run was made."""
    known = memberships.known_to(by, "run")
    row = store.execute(
        f"SELECT run FROM runs WHERE policy = ? AND remembered AND {known} AND as_of < ?"
        " ORDER BY as_of DESC, run DESC LIMIT 1",
        (policy, day),
    ).fetchone()
    return int(row[0]) if row is not None else None


def day_after(store: duckdb.DuckDBPyConnection, policy: str, day: date) -> date | None:
    """The latest later day of which is known what everybody was."""
    row = store.execute(
        "SELECT max(as_of) FROM runs WHERE policy = ? AND remembered AND replaced IS NULL AND as_of > ?",
        (policy, day),
    ).fetchone()
    found: date | None = row[0] if row is not None else None
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What the store knows of a policy before a day: the run it is from, if any, and a later day that is known already."""

    run: int | None
    later: date | None


def past(
    path: Path,
    policy: str,
    day: date,
    wanted: Mapping[str, Wanted],
    by: int | None = None,
    *,
    patience: float = PATIENCE,
) -> Past:
    """Writes what is wanted of each entity, if anything is known; perhaps as it was known to a run."""
    if not path.exists():
        return Past(None, None)
    with opened(path, writing=False, patience=patience) as store:
        if store is None:
            return Past(None, None)
        found = Past(run_before(store, policy, day, by), day_after(store, policy, day))
        if found.run is not None:
            for entity, one in wanted.items():
                memberships.export(store, policy, day, entity, one, by)
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded run by which history is told."""

    run: int
    as_of: date
    policy_version: str
    content_hash: str
    parameters: Mapping[str, str]


def runs_known(path: Path, policy: str, *, patience: float = PATIENCE) -> list[Known]:
    """The runs that are believed today, one for each day, oldest first."""
    query = (
        "SELECT max(run), as_of, arg_max(policy_version, run), arg_max(content_hash, run), arg_max(parameters, run)"
        " FROM runs WHERE policy = $policy AND remembered AND replaced IS NULL GROUP BY as_of ORDER BY as_of"
    )
    rows = asked(path, policy, patience, lambda store: store.execute(query, {"policy": policy}).fetchall())
    return [
        Known(run, as_of, version, content_hash, json.loads(values or "{}"))
        for run, as_of, version, content_hash, values in rows or ()
    ]


def texts_kept(path: Path, content_hash: str, *, patience: float = 0.5) -> list[Text]:
    """The texts of a policy that was run once."""
    query = "SELECT file, own, text FROM policies WHERE content_hash = ? ORDER BY file"
    with opened(path, writing=False, patience=patience) as store:
        rows = store.execute(query, (content_hash,)).fetchall() if store is not None else []
    return [Text(*row) for row in rows]


def history(
    path: Path, policy: str, entity: str, key: Sequence[str], *, patience: float = 0.5
) -> list[Period] | None:
    """What a record was, oldest first; None without a store that knows anything of the policy."""
    return asked(path, policy, patience, lambda store: memberships.periods(store, policy, entity, key))


def keys_known(path: Path, policy: str, entity: str, *, patience: float = 0.5) -> list[str]:
    """Some keys of which something is known."""
    with opened(path, writing=False, patience=patience) as store:
        return memberships.keys(store, policy, entity) if store is not None else []


def moves(
    path: Path, span: memberships.Span, *, patience: float = 0.5
) -> list[tuple[str | None, str | None, int]] | None:
    """How many moved from which case to which; None without a store that knows anything of the policy."""
    return asked(path, span.policy, patience, lambda store: memberships.counted(store, span))


def movers(
    path: Path,
    span: memberships.Span,
    before: str | None,
    after: str | None,
    most: int,
    *,
    patience: float = 0.5,
) -> list[tuple[str, date]] | None:
    """Who moved from one case to another."""
    return asked(
        path, span.policy, patience, lambda store: memberships.movers(store, span, before, after, most)
    )


def asked(
    path: Path, policy: str, patience: float, question: Callable[[duckdb.DuckDBPyConnection], T]
) -> T | None:
    """The answer of a store that remembers runs of a policy."""
    if not path.exists():
        return None
    with opened(path, writing=False, patience=patience) as store:
        if store is None:
            return None
        known = store.execute(
            "SELECT 1 FROM runs WHERE policy = ? AND remembered LIMIT 1", (policy,)
        ).fetchone()
        return question(store) if known is not None else None


def version(store: duckdb.DuckDBPyConnection) -> int:
    """The version of a store; 0 if it is none."""
    known = store.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'lifeseg_store'").fetchone()
    row = store.execute("SELECT version FROM lifeseg_store").fetchone() if known is not None else None
    return int(row[0]) if row is not None else 0


def matching(
    path: Path, content_hash: str, as_of: date, data_fingerprint: str | None, *, patience: float = 0.5
) -> tuple[int, Any] | None:
    """Number and baseline of the latest run of that policy text, day and data; without a store there is
    none.
    """
    if not path.exists():
        return None
    with opened(path, writing=False, patience=patience) as store:
        if store is None:
            return None
        row = store.execute(
            "SELECT run, baseline FROM runs WHERE content_hash = ? AND as_of = ?"
            " AND (data_fingerprint = ? OR ? IS NULL) ORDER BY run DESC LIMIT 1",
            (content_hash, as_of, data_fingerprint, data_fingerprint),
        ).fetchone()
    return (int(row[0]), json.loads(row[1])) if row is not None else None


@contextmanager
def opened(path: Path, *, writing: bool, patience: float) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The store, known to be of our version, in one transaction that is kept only if all goes well; None if
    it is empty.
    """
    import duckdb

    try:
        store = connected(path, writing, patience)
        try:
            if not writing and 0 < version(store) < VERSION:  # what is asked may need what it lacks
                store.close()
                with opened(path, writing=True, patience=patience):
                    pass
                store = connected(path, writing, patience)
            store.execute("BEGIN")
            yield store if prepare(store, path, writing) else None
            store.execute("COMMIT")
        finally:
            store.close()
    except duckdb.Error as error:
        raise UnusableStoreError(failure(path, str(error))) from error


def connected(path: Path, writing: bool, patience: float) -> duckdb.DuckDBPyConnection:
    """A connection, waiting for another process to finish as long as patience lasts."""
    import duckdb

    if not path.parent.is_dir():
        raise UnusableStoreError(problem("store-failed.folder", None, path=path, folder=path.parent))
    end = time.monotonic() + patience
    while True:
        try:
            return duckdb.connect(path, read_only=not writing, config={"threads": 1})
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            if time.monotonic() >= end:
                raise UnusableStoreError(problem("store-locked", None, path=path)) from error
            time.sleep(0.05)


def prepare(store: duckdb.DuckDBPyConnection, path: Path, writing: bool) -> bool:
    """Whether the tables are there: made in an empty file when writing; what is not ours or is newer is
    refused.
    """
    import duckdb

    try:
        row = store.execute("SELECT version, made_by FROM lifeseg_store").fetchone()
    except duckdb.CatalogException as error:
        store.execute("ROLLBACK")
        store.execute("BEGIN")
        if store.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            raise UnusableStoreError(problem("store-foreign", None, path=path)) from error
        if writing:
            make(store)
        return writing
    if row is None or row[0] > VERSION:
        made_by = row[1] if row is not None else "an unknown program"
        raise UnusableStoreError(problem("store-newer", None, path=path, made_by=made_by))
    if writing:
        bring_up(store, int(row[0]))
    return True


def bring_up(store: duckdb.DuckDBPyConnection, own: int) -> None:
    """Gives an older store what it lacks."""
    for found in range(own + 1, VERSION + 1):
        store.execute(CHANGES[found])
    if own < VERSION:
        store.execute("UPDATE lifeseg_store SET version = ?", (VERSION,))


def make(store: duckdb.DuckDBPyConnection) -> None:
    """The tables, in an empty file."""
    from lifeseg import __version__

    store.execute(SCHEMA)
    for change in CHANGES.values():
        store.execute(change)
    store.execute("INSERT INTO lifeseg_store VALUES (?, ?)", (VERSION, f"lifeseg {__version__}"))


def failure(path: Path, said: str) -> Diagnostic:
    if "not a valid DuckDB database file" in said:
        return problem("store-foreign", None, path=path)
    first = said.split("\n", 1)[0].partition(": ")[2] or said
    return problem("store-failed", None, path=path, reason=first[:1].lower() + first[1:])
