"""The results of a run come in; what everybody was, from which day to which, goes into the store's table `memberships`.

A row says that a record had a case of a definition from `valid_from` until before `valid_to`; without a `valid_to` it still
has. A row is never changed: a later run, or the same day run again with other data, leaves it with the number of the run
that `replaced` it and adds rows of its own. So the table grows with changes, and what was once believed can still be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.records.files import DIVIDER, RESULTS, table_of_results
from lifeseg.records.typed import quoted, text
from lifeseg.tracking.in_numbers import Held, case_of, column_of, held, number_of
from lifeseg.tracking.place import Session

SCHEMA = """
CREATE TABLE memberships (
    policy VARCHAR NOT NULL,
    entity VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    definition VARCHAR NOT NULL,
    "case" VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    recorded INTEGER NOT NULL,
    replaced INTEGER
);
COMMENT ON TABLE memberships IS 'Which case of a definition a record had, and from which day until before which';
COMMENT ON COLUMN memberships.key IS 'The key; the parts of a key of several parts are divided by the character U+001F';
COMMENT ON COLUMN memberships.valid_to IS 'The first day on which it no longer had the case; empty while it has';
COMMENT ON COLUMN memberships.recorded IS 'The run that found it so';
COMMENT ON COLUMN memberships.replaced IS 'The run that knew better; empty for what is believed today';
"""
WHOSE = "policy = $policy AND entity = $entity"
HOLDS = "yes"
"""The case of a flag that holds; one that does not has none."""
VIEWS = """
CREATE VIEW membership_history AS
SELECT policy, entity, key, definition, "case", valid_from, valid_to FROM memberships WHERE replaced IS NULL;
COMMENT ON VIEW membership_history IS 'Which case of a definition a record had, and from which day until before which';
CREATE VIEW membership_today AS
SELECT policy, entity, key, definition, "case", valid_from FROM membership_history WHERE valid_to IS NULL;
COMMENT ON VIEW membership_today IS 'Which case of a definition a record has, and since which day';
CREATE VIEW membership_moves AS
SELECT a.policy, a.entity, a.key, a.definition, b."case" AS case_before, a."case" AS case_after, a.valid_from AS moved_on
FROM membership_history AS a LEFT JOIN membership_history AS b ON b.policy = a.policy AND b.entity = a.entity
AND b.key = a.key AND b.definition = a.definition AND b.valid_to = a.valid_from
UNION ALL
SELECT b.policy, b.entity, b.key, b.definition, b."case", NULL, b.valid_to FROM membership_history AS b
WHERE b.valid_to IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM membership_history AS a WHERE a.policy = b.policy AND a.entity = b.entity AND a.key = b.key
    AND a.definition = b.definition AND a.valid_from = b.valid_to
);
COMMENT ON VIEW membership_moves IS 'From which case of a definition a record went to which, and on which day';
"""
"""For the tools that read databases."""

BELIEVED = f"{WHOSE} AND replaced IS NULL"
JUST_BEFORE = "valid_from < $day AND (valid_to IS NULL OR valid_to >= $day)"
BEFORE = f"{BELIEVED} AND {JUST_BEFORE}"
"""What was the case just before a day."""

LATER = (
    f"SELECT key, definition FROM memberships WHERE {BELIEVED} AND (valid_from >= $day OR valid_to >= $day)"
)
"""What an earlier run of the day has found, or one of a later day."""
OTHERS = f"""
SELECT key, definition, n."case" AS now FROM _flags n FULL JOIN (
    SELECT key, definition, "case" FROM memberships WHERE {BEFORE} AND NOT definition IN ({{names}})
) w USING (key, definition) WHERE n."case" IS DISTINCT FROM w."case"
"""
"""Flags that hold or have ceased to, and definitions that the policy no longer has."""
GONE = f"""
SELECT key, definition, CAST(NULL AS VARCHAR) AS now FROM memberships
WHERE {BEFORE} AND definition IN ({{names}})
AND NOT EXISTS (SELECT 1 FROM _differing d WHERE d.key = memberships.key AND d.definition = memberships.definition)
"""
"""What was, of those that are nothing now."""
HELD = f"""
SELECT {{row}} AS place, key, definition, "case", valid_from, valid_to, {{means}} AS means FROM memberships
WHERE {BELIEVED} AND (valid_to IS NULL OR valid_to >= $day) AND (key, definition) IN (SELECT key, definition FROM _changed)
"""
"""What is believed of that, but for what had ended before."""
THEN = """
SELECT key, definition, h."case", valid_from, CASE WHEN c.now IS DISTINCT FROM h.means THEN $day END AS valid_to
FROM _changed c JOIN _held h USING (key, definition) WHERE valid_from < $day
UNION ALL
SELECT key, definition, c.now, $day, NULL
FROM _changed c LEFT JOIN (SELECT key, definition, means FROM _held WHERE valid_from < $day) h USING (key, definition)
WHERE c.now IS NOT NULL AND c.now IS DISTINCT FROM h.means
"""
"""What is to be believed of it from that day on: what was, ended where it is otherwise now, and what has begun."""
SAME = """t.key = h.key AND t.definition = h.definition AND t."case" = h."case" AND t.valid_from = h.valid_from
AND t.valid_to IS NOT DISTINCT FROM h.valid_to"""
REPLACED = f"""
UPDATE memberships SET replaced = $run WHERE {{row}} IN (
    SELECT place FROM _held h WHERE NOT EXISTS (SELECT 1 FROM _then t WHERE {SAME})
)
"""
ADDED = f"""
INSERT INTO memberships
SELECT $policy, $entity, key, definition, "case", valid_from, valid_to, $run, NULL
FROM _then t WHERE NOT EXISTS (SELECT 1 FROM _held h WHERE {SAME}) ORDER BY key, definition, valid_from
"""
"""By key, so that what one record was is found without reading all of it."""

Renamed = Mapping[str, Mapping[str, str]]
"""What the former names of cases mean today, by definition."""


@dataclass(frozen=True, slots=True)
class Worth:
    """The index or score that tells what is kept in `worths`, and the tasks that ask for it, with the time after which they
    are handed out again, if they are.
    """

    definition: str
    tasks: Sequence[tuple[str, tuple[int, str] | None]]


@dataclass(frozen=True, slots=True)
class Was:
    """A Parquet file of what was before: `key`, and numbers that hold the cases of definitions, among other columns."""

    path: Path
    held: Mapping[str, Held]


@dataclass(frozen=True, slots=True)
class Found:
    """A file of results, Parquet or CSV, or a table in a DuckDB file: the columns of its key, of the definitions whose cases
    are kept, and of lists of flags that are kept. `was` is what was before, if that has been asked for already.
    """

    path: Path
    keys: Sequence[str]
    columns: Mapping[str, str]  # by definition
    lists: Sequence[str] = ()
    table: str | None = None
    renamed: Renamed = field(default_factory=dict)
    was: Was | None = None
    worths: Sequence[Worth] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the past of an entity: a Parquet file to be written; its columns, each with a definition and whether
    the days since when are meant; the definitions that will be compared with it; and the first parts of the keys of those
    who are meant, or everybody.
    """

    path: Path
    columns: Sequence[tuple[str, str, bool]]
    compared: Sequence[str] = ()
    families: Sequence[str] | None = None
    renamed: Renamed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Period:
    """A membership as a history tells it, with the runs that found its beginning and its end."""

    definition: str
    case: str
    valid_from: date
    valid_to: date | None
    begun: int
    ended: int


# ---- Into the store ------------------------------------------------------------------------------


def merge(
    store: Session, run: int, policy: str, day: date, results: Mapping[str, Found], *, again: bool
) -> None:
    """Enters what a run found on a day, perhaps `again`: of that day, or a later one, something is known already. Records
    that are gone from the data are nothing any more.

    A column for each definition is compared with what was, so that only what has changed is taken apart.
    """
    for entity, found in results.items():
        names = list(found.columns)
        whose: dict[str, Any] = {"policy": policy, "entity": entity}
        then, listed = {**whose, "day": day}, ", ".join(map(text, names or ("",)))
        databases = {RESULTS: found.path} if found.table is not None else {}
        store.load("_both", compared(found, everybody=again), databases)
        store.load("_flags", flags_in(found), databases)
        if again:
            store.temporary("_later", LATER, then)
        store.temporary("_differing", differing(found, again))
        others = OTHERS.format(names=listed)
        others += " OR (key, definition) IN (FROM _later)" if again else ""
        gone = [GONE.format(names=listed)] if found.was is None else []
        store.temporary("_changed", " UNION ALL ".join(("FROM _differing", others, *gone)), then)
        store.temporary("_held", HELD.format(row=store.row, means=meaning(found.renamed)), then)
        store.temporary("_then", THEN, {"day": day})
        store.execute(REPLACED.format(row=store.row), {"run": run})
        store.execute(ADDED, {**whose, "run": run})


def compared(found: Found, *, everybody: bool) -> str:
    """What is, a column for each definition, and what was in numbers; of those who differ, or of everybody."""
    columns = [f"c{place}" for place in range(len(found.columns))]
    now = [
        f"CAST({quoted(own)} AS VARCHAR) AS {name}"
        for own, name in zip(found.columns.values(), columns, strict=True)
    ]
    these = f"SELECT {', '.join((key_in(found), *now))} FROM {table_in(found)}"
    if found.was is None:
        return these
    numbers: dict[str, list[str]] = {}
    for name, column in zip(found.columns, columns, strict=True):
        one = found.was.held[name]
        numbers.setdefault(column_of(one), []).append(number_of(one, column))
    tests = [f"{' | '.join(own)} <> coalesce({number}, 0)" for number, own in numbers.items()] or ["FALSE"]
    return (
        f"SELECT {', '.join(('key', *columns, *numbers))} FROM ({these}) AS n FULL JOIN"
        f" (SELECT {', '.join(('key', *numbers))} FROM read_parquet({text(str(found.was.path))})) AS w USING (key)"
        f" WHERE {'TRUE' if everybody else ' OR '.join(tests)}"
    )


def differing(found: Found, again: bool) -> str:
    """What is not as it was, or not as an earlier run of the day has said, a row for each definition: little, of all."""
    parts = []
    for place, name in enumerate(found.columns):
        one = found.was.held[name] if found.was is not None else None
        was = case_of(one, f"CAST({column_of(one)} AS BIGINT)") if one is not None else "NULL"
        later = f" OR (key, {text(name)}) IN (FROM _later)" if again else ""
        parts.append(
            f"SELECT key, {text(name)} AS definition, c{place} AS now FROM _both"
            f" WHERE c{place} IS DISTINCT FROM {was}{later}"
        )
    return " UNION ALL ".join(parts) or "SELECT key, key AS definition, key AS now FROM _both WHERE FALSE"


def meaning(renamed: Renamed) -> str:
    """A case as it is called today."""
    steps = [
        f'WHEN definition = {text(definition)} AND "case" = {text(old)} THEN {text(case)}'
        for definition, cases in renamed.items()
        for old, case in cases.items()
    ]
    return f'CASE {" ".join(steps)} ELSE "case" END' if steps else '"case"'


def flags_in(found: Found) -> str:
    """The flags that hold, a row for each."""
    parts = [
        f'SELECT {key_in(found)}, unnest({flags_listed(found, column)}) AS definition, {text(HOLDS)} AS "case"'
        f" FROM {table_in(found)}"
        for column in found.lists
    ]
    none = "SELECT CAST(NULL AS VARCHAR) AS key, CAST(NULL AS VARCHAR) AS definition, "
    return " UNION ALL ".join(parts) or f'{none} CAST(NULL AS VARCHAR) AS "case" WHERE FALSE'


def table_in(found: Found) -> str:
    name = text(str(found.path))
    if found.table is not None:
        return table_of_results(found.table)
    return f"read_csv({name}, all_varchar = true)" if found.path.suffix == ".csv" else f"read_parquet({name})"


def key_in(found: Found) -> str:
    keys = [f"CAST({quoted(key)} AS VARCHAR)" for key in found.keys]
    joined = keys[0] if len(keys) == 1 else f"concat_ws(chr(31), {', '.join(keys)})"
    return f"{joined} AS key"


def flags_listed(found: Found, column: str) -> str:
    """A list of flags; in CSV it is a JSON list."""
    plain = quoted(column)
    return plain if found.path.suffix != ".csv" else f"CAST(CAST({plain} AS JSON) AS VARCHAR[])"


# ---- Out of the store ----------------------------------------------------------------------------


def known_to(run: int | None, recorded: str = "recorded") -> str:
    """What is believed today, or was when a run was made."""
    if run is None:
        return "replaced IS NULL"
    return f"{recorded} < {run:d} AND coalesce(replaced, {run:d}) >= {run:d}"


def export(
    store: Session, policy: str, day: date, entity: str, wanted: Wanted, by: int | None
) -> dict[str, Held]:
    """Writes what the records of an entity were before a day: `key`, then a column of cases for each definition, or of the
    days since when they hold; as it is believed today, or was when a run was made. Last come the numbers that hold what
    will be compared; where it stands in them is told.
    """
    names = sorted({*wanted.compared, *(definition for _, definition, _ in wanted.columns)})
    known: dict[str, Any] = {"policy": policy, "entity": entity, "day": day}
    those = f"FROM memberships WHERE {WHOSE} AND {known_to(by)} AND {JUST_BEFORE}"
    if wanted.families is not None:
        known["families"] = list(wanted.families)
        those += " AND split_part(key, chr(31), 1) = ANY($families)"
    store.wide()
    among = store.execute(f'SELECT DISTINCT definition, "case" {those} ORDER BY definition, "case"', known)
    meant = {
        (definition, case): wanted.renamed.get(definition, {}).get(case, case)
        for definition, case in among.fetchall()
        if definition in names
    }
    places = held({
        name: list(dict.fromkeys(case for (of, _), case in meant.items() if of == name)) for name in names
    })  # fmt: skip
    gathered, columns = told(places, wanted)
    cases = f'SELECT key, definition, "case", valid_from {those}'
    store.save(
        f"SELECT {', '.join(('key', *columns))} FROM (SELECT {', '.join(('key', *gathered))}"
        f' FROM ({cases}) AS m JOIN ({numbers_of(places, meant)}) AS n USING (definition, "case") GROUP BY key) AS g',
        known,
        wanted.path,
    )
    return places


def numbers_of(places: Mapping[str, Held], meant: Mapping[tuple[str, str], str]) -> str:
    """The numbers of each definition and case as the store calls it: a table, for a join is quicker than conditions."""
    numbers = list(dict.fromkeys(map(column_of, places.values())))
    names = ", ".join(("definition", '"case"', *numbers))
    rows = []
    for (definition, case), today in meant.items():
        one = places[definition]
        own = one.cases.index(today) + 1 << one.place
        amounts = [str(own) if number == column_of(one) else "0" for number in numbers]
        rows.append(f"({', '.join((text(definition), text(case), *amounts))})")
    nothing = f"('', '', {', '.join('0' for _ in numbers)})"
    where = "" if rows else " WHERE definition <> ''"
    return f"SELECT {names} FROM (VALUES {', '.join(rows or [nothing])}) AS v({names}){where}"


def told(places: Mapping[str, Held], wanted: Wanted) -> tuple[list[str], list[str]]:
    """What is gathered of each key, and the columns that follow from it."""
    numbers = list(dict.fromkeys(map(column_of, places.values())))
    gathered = [f"bit_or({number}) AS {number}" for number in numbers]
    columns = []
    for name, definition, is_day in wanted.columns:
        if is_day:
            gathered.append(f"max(valid_from) FILTER (definition = {text(definition)}) AS {quoted(name)}")
        one = places[definition]
        columns.append(quoted(name) if is_day else f"{case_of(one, column_of(one))} AS {quoted(name)}")
    return gathered, [*columns, *(numbers if wanted.compared else ())]


def periods(store: Session, policy: str, entity: str, key: Sequence[str]) -> list[Period]:
    """What one record was, oldest first."""
    rows = store.execute(
        f'SELECT definition, "case", valid_from, valid_to, recorded, replaced FROM memberships'
        f" WHERE {WHOSE} AND key = $key ORDER BY valid_from, definition",
        {"policy": policy, "entity": entity, "key": DIVIDER.join(key)},
    ).fetchall()
    begun: dict[tuple[str, str, date], int] = {}
    for definition, case, valid_from, _, recorded, _ in rows:
        begun[definition, case, valid_from] = min(
            recorded, begun.get((definition, case, valid_from), recorded)
        )
    return [
        Period(definition, case, valid_from, valid_to, begun[definition, case, valid_from], recorded)
        for definition, case, valid_from, valid_to, recorded, replaced in rows
        if replaced is None
    ]


def keys(store: Session, policy: str, entity: str) -> list[str]:
    """Some keys, with which a misspelt one is compared."""
    rows = store.execute(
        "SELECT DISTINCT key FROM memberships WHERE policy = $policy AND entity = $entity LIMIT 20000",
        {"policy": policy, "entity": entity},
    ).fetchall()
    return [str(row[0]) for row in rows]


# ---- Moves of many -------------------------------------------------------------------------------

MOVES = f"""
WITH m AS (SELECT key, "case", valid_from, valid_to FROM memberships WHERE {BELIEVED} AND definition = $definition)
SELECT b."case" AS before, a."case" AS after, a.key AS key, a.valid_from AS day
FROM m a LEFT JOIN m b ON b.key = a.key AND b.valid_to = a.valid_from
UNION ALL
SELECT b."case", NULL, b.key, b.valid_to
FROM m b ANTI JOIN m a ON a.key = b.key AND a.valid_from = b.valid_to WHERE b.valid_to IS NOT NULL
"""
"""Who came into a case, from another or from nowhere, and who has none any more; with the day."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whose moves are meant, and between which days, both included."""

    policy: str
    entity: str
    definition: str
    first: date
    last: date

    @property
    def values(self) -> dict[str, Any]:
        return {
            "policy": self.policy, "entity": self.entity, "definition": self.definition,
            "first": self.first, "last": self.last,
        }  # fmt: skip


def counted(store: Session, span: Span) -> list[tuple[str | None, str | None, int]]:
    """How many moved from which case to which."""
    query = (
        f"SELECT before, after, count(*) FROM ({MOVES}) AS moves WHERE day BETWEEN $first AND $last"
        " GROUP BY before, after ORDER BY before, after"
    )
    return store.execute(query, span.values).fetchall()


def movers(
    store: Session, span: Span, before: str | None, after: str | None, most: int
) -> list[tuple[str, date]]:
    """Who moved from one case to another, and when: the first of them; without a case from or to nowhere."""
    query = (
        f"SELECT key, day FROM ({MOVES}) AS moves WHERE day BETWEEN $first AND $last AND before IS NOT DISTINCT FROM $before"
        " AND after IS NOT DISTINCT FROM $after ORDER BY day, key LIMIT $most"
    )
    return store.execute(query, {**span.values, "before": before, "after": after, "most": most}).fetchall()
