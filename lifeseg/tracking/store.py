"""Runs come in and are kept in a DuckDB file or a PostgreSQL database, with what everybody was; the run that matches a
policy, a day and data goes out again, and what a record was before a day.

The store is opened only for as long as a question or an entry takes, an entry is one transaction, and a place
that is not a result store, or one of a later version, is left as it is. Knows nothing of what a run
computed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import field
from datetime import date, datetime
from typing import Any, TypeVar

from lifeseg.diagnostics.diagnostic import problem
from lifeseg.frozen import dataclass
from lifeseg.tracking import memberships, worths
from lifeseg.tracking.in_force import InForce, on_day
from lifeseg.tracking.loop_tables import KNOWN_BY_HAND, LOOP, WORTHS
from lifeseg.tracking.memberships import Found, Period, Wanted, Was
from lifeseg.tracking.place import Place, Schema, Session, UnusableStoreError

T = TypeVar("T")

VERSION = 6
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
TEXTS = f"""
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
{memberships.VIEWS}
"""
CHANGES = {2: HISTORY, 3: TEXTS, 4: LOOP, 5: WORTHS, 6: KNOWN_BY_HAND}
"""What a store of the version before lacks."""
OWN = frozenset(re.findall(r"CREATE (?:TABLE|VIEW) (\w+)", "".join((SCHEMA, *CHANGES.values()))))
"""The names of all tables and views of a store."""


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


@dataclass(frozen=True, slots=True)
class Remembered:
    """What everybody is by a run: the results by entity, and the run (or none) by which it was evaluated what they were.

    `anew` if what is known of later days is believed no more; `overrides` is the last one that was known.
    """

    results: Mapping[str, Found]
    follows: int | None
    anew: bool = False
    overrides: int = 0


def record(
    place: Place, run: Run, remembered: Remembered | None = None, *, patience: float = PATIENCE
) -> int:
    """Enters a run, making the store if there is none yet; gives its number.

    What it remembers must follow from what the store knows now: if another run has come between, nothing is entered.
    """
    with opened(place, writing=True, patience=patience) as store:
        assert store is not None
        row = store.execute("SELECT coalesce(max(run), 0) + 1 FROM runs").fetchone()
        number = int(row[0]) if row is not None else 1
        again = is_known(store, run.policy, run.as_of)
        if remembered is not None:
            before = run_before(store, run.policy, run.as_of)
            later = day_after(store, run.policy, run.as_of)
            if before != remembered.follows or (later is not None and not remembered.anew):
                raise UnusableStoreError(problem("store-moved", None, path=str(place), policy=run.policy))
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
            remembered.overrides if remembered is not None else None,
        )
        store.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(values))})", values)
        keep_texts(store, run)
        if remembered is not None:
            store.execute(OVERTAKEN, (number, run.policy, run.as_of))
            memberships.merge(store, number, run.policy, run.as_of, remembered.results, again=again)
            worths.keep(store, number, run.policy, run.as_of, remembered.results)
    return number


OVERTAKEN = "UPDATE runs SET replaced = ? WHERE policy = ? AND remembered AND as_of > ? AND replaced IS NULL"


def keep_texts(store: Session, run: Run) -> None:
    """The texts of a policy, once."""
    for one in run.texts:
        store.execute(
            "INSERT INTO policies VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (run.content_hash, one.file, one.own, one.text),
        )


def run_before(store: Session, policy: str, day: date, by: int | None = None) -> int | None:
    """The run that tells what everybody was before a day; told today, or as it was when another run was made."""
    known = memberships.known_to(by, "run")
    row = store.execute(
        f"SELECT run FROM runs WHERE policy = ? AND remembered AND {known} AND as_of < ?"
        " ORDER BY as_of DESC, run DESC LIMIT 1",
        (policy, day),
    ).fetchone()
    return int(row[0]) if row is not None else None


def is_known(store: Session, policy: str, day: date) -> bool:
    """Whether anything has been found of a day, or of a later one."""
    query = "SELECT 1 FROM runs WHERE policy = ? AND remembered AND as_of >= ? LIMIT 1"
    return store.execute(query, (policy, day)).fetchone() is not None


def day_after(store: Session, policy: str, day: date) -> date | None:
    """The latest later day of which is known what everybody was."""
    row = store.execute(
        "SELECT max(as_of) FROM runs WHERE policy = ? AND remembered AND replaced IS NULL AND as_of > ?",
        (policy, day),
    ).fetchone()
    found: date | None = row[0] if row is not None else None
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What the store knows of a policy before a day: the run it is from, if any; a later day that is known already; what was
    written of each entity; and what is set by hand on the day.
    """

    run: int | None = None
    later: date | None = None
    was: Mapping[str, Was] = field(default_factory=dict)
    hand: InForce = InForce()


def past(
    place: Place,
    policy: str,
    day: date,
    wanted: Mapping[str, Wanted],
    by: int | None = None,
    *,
    patience: float = PATIENCE,
) -> Past:
    """Writes what is wanted of each entity, if anything is known; perhaps as it was known to a run."""
    if not is_there(place):
        return Past()
    with opened(place, writing=False, patience=patience) as store:
        if store is None:
            return Past()
        run, later = run_before(store, policy, day, by), day_after(store, policy, day)
        asked = wanted if run is not None else {}
        was = {
            entity: Was(one.path, memberships.export(store, policy, day, entity, one, by))
            for entity, one in asked.items()
        }
        return Past(run, later, was, on_day(store, policy, day, by))


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded run by which history is told."""

    run: int
    as_of: date
    policy_version: str
    content_hash: str
    parameters: Mapping[str, str]


def runs_known(place: Place, policy: str, *, patience: float = PATIENCE) -> list[Known]:
    """The runs that are believed today, one for each day, oldest first."""
    return asked(place, policy, patience, lambda store: runs_in(store, policy)) or []


def runs_in(store: Session, policy: str) -> list[Known]:
    query = (
        "SELECT run, as_of, policy_version, content_hash, CAST(parameters AS VARCHAR) FROM runs"
        " WHERE policy = $policy AND remembered AND replaced IS NULL ORDER BY as_of, run"
    )
    by_day = {
        as_of: Known(run, as_of, version, content_hash, json.loads(values or "{}"))
        for run, as_of, version, content_hash, values in store.execute(query, {"policy": policy}).fetchall()
    }
    return list(by_day.values())


def first_day(place: Place, policy: str, *, patience: float = 0.5) -> date | None:
    """The earliest day of which it is known what everybody was."""
    query = "SELECT min(as_of) FROM runs WHERE policy = ? AND remembered AND replaced IS NULL"

    def answer(store: Session) -> date | None:
        row = store.execute(query, (policy,)).fetchone()
        return row[0] if row is not None else None

    return asked(place, policy, patience, answer)


def texts_kept(place: Place, content_hash: str, *, patience: float = 0.5) -> list[Text]:
    """The texts of a policy that was run once."""
    query = "SELECT file, own, text FROM policies WHERE content_hash = ? ORDER BY file"
    with opened(place, writing=False, patience=patience) as store:
        rows = store.execute(query, (content_hash,)).fetchall() if store is not None else []
    return [Text(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Told:
    """What a record of an entity was, oldest first, and the runs by which that is told."""

    entity: str
    periods: list[Period]
    runs: list[Known]


def history(
    place: Place, policy: str, records: Sequence[tuple[str, Sequence[str]]], *, patience: float = 0.5
) -> list[Told] | None:
    """What the first of these records was that is known, by entity and key, if any is; None without a store that knows
    anything of the policy.
    """

    def answer(store: Session) -> list[Told]:
        for entity, key in records:
            if periods := memberships.periods(store, policy, entity, key):
                return [Told(entity, periods, runs_in(store, policy))]
        return []

    return asked(place, policy, patience, answer)


def keys_known(place: Place, policy: str, entity: str, *, patience: float = 0.5) -> list[str]:
    """Some keys of which something is known."""
    with opened(place, writing=False, patience=patience) as store:
        return memberships.keys(store, policy, entity) if store is not None else []


def moves(
    place: Place, span: memberships.Span, *, patience: float = 0.5
) -> list[tuple[str | None, str | None, int]] | None:
    """How many moved from which case to which; None without a store that knows anything of the policy."""
    return asked(place, span.policy, patience, lambda store: memberships.counted(store, span))


def movers(
    place: Place,
    span: memberships.Span,
    before: str | None,
    after: str | None,
    most: int,
    *,
    patience: float = 0.5,
) -> list[tuple[str, date]] | None:
    """Who moved from one case to another."""
    return asked(
        place, span.policy, patience, lambda store: memberships.movers(store, span, before, after, most)
    )


def asked(place: Place, policy: str, patience: float, question: Callable[[Session], T]) -> T | None:
    """The answer of a store that remembers runs of a policy."""
    if not is_there(place):
        return None
    with opened(place, writing=False, patience=patience) as store:
        if store is None:
            return None
        known = store.execute(
            "SELECT 1 FROM runs WHERE policy = ? AND remembered LIMIT 1", (policy,)
        ).fetchone()
        return question(store) if known is not None else None


def matching(
    place: Place, content_hash: str, as_of: date, data_fingerprint: str | None, *, patience: float = 0.5
) -> tuple[int, Any] | None:
    """Number and baseline of the latest run of that policy text, day and data; without a store there is
    none.
    """
    if not is_there(place):
        return None
    with opened(place, writing=False, patience=patience) as store:
        if store is None:
            return None
        row = store.execute(
            "SELECT run, CAST(baseline AS VARCHAR) FROM runs WHERE content_hash = ? AND as_of = ?"
            " AND (data_fingerprint = ? OR ? IS NULL) ORDER BY run DESC LIMIT 1",
            (content_hash, as_of, data_fingerprint, data_fingerprint),
        ).fetchone()
    return (int(row[0]), json.loads(row[1])) if row is not None else None


@contextmanager
def opened(place: Place, *, writing: bool, patience: float) -> Iterator[Session | None]:
    """The store, known to be of our version, in one transaction that is kept only if all goes well; None if
    it is empty.
    """
    with begun(place, writing, patience) as store:
        own = version(store, place)
        old = not writing and own is not None and own < VERSION
        if writing:
            make(store) if own is None else bring_up(store, own)
        if not old:
            yield store if writing or own is not None else None
    if old:  # what is asked may need what it lacks
        with opened(place, writing=True, patience=patience):
            pass
        with begun(place, writing, patience) as store:
            yield store


def begun(place: Place, writing: bool, patience: float) -> AbstractContextManager[Session]:
    """A session with what is at a place, whatever that is."""
    if isinstance(place, Schema):
        from lifeseg.tracking import in_postgres

        return in_postgres.session(place, writing=writing, patience=patience)
    from lifeseg.tracking import in_duckdb

    return in_duckdb.session(place, writing=writing, patience=patience)


def is_there(place: Place) -> bool:
    """Whether a store may be there; of a database only the database knows."""
    return isinstance(place, Schema) or place.exists()


def version(store: Session, place: Place) -> int | None:
    """The version of a store; None where nothing is yet. What is not ours or is newer is refused."""
    tables = store.tables()
    if "lifeseg_store" not in tables:
        if tables & OWN if isinstance(place, Schema) else tables:
            raise UnusableStoreError(problem("store-foreign", None, path=str(place)))
        return None
    row = store.execute("SELECT version, made_by FROM lifeseg_store").fetchone()
    if row is None or row[0] > VERSION:
        made_by = row[1] if row is not None else "an unknown program"
        raise UnusableStoreError(problem("store-newer", None, path=str(place), made_by=made_by))
    return int(row[0])


def bring_up(store: Session, own: int) -> None:
    """Gives an older store what it lacks."""
    for found in range(own + 1, VERSION + 1):
        store.execute(CHANGES[found])
    if own < VERSION:
        store.execute("UPDATE lifeseg_store SET version = ?", (VERSION,))


def make(store: Session) -> None:
    """The tables, in an empty file."""
    from lifeseg import __version__

    store.execute(SCHEMA)
    for change in CHANGES.values():
        store.execute(change)
    store.index("memberships", "policy, entity, key")
    store.execute("INSERT INTO lifeseg_store VALUES (?, ?)", (VERSION, f"lifeseg {__version__}"))
