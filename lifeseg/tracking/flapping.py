"""A definition and a time come in; who left one of its cases and came back within that time goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lifeseg.frozen import dataclass
from lifeseg.tracking.memberships import BELIEVED, Span, meaning
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import asked

RETURNS = """
WITH m AS (
    SELECT key, {case} AS "case", valid_from, valid_to FROM memberships WHERE {believed} AND definition = $definition
),
back AS (
    SELECT a.key, a."case", a.valid_to AS left_on, min(b.valid_from) AS back_on
    FROM m AS a JOIN m AS b ON b.key = a.key AND b."case" = a."case" AND b.valid_from > a.valid_to
    GROUP BY a.key, a."case", a.valid_to
),
soon AS (
    SELECT key, "case", left_on, back_on FROM back
    WHERE back_on <= CAST(left_on + INTERVAL {within} AS DATE) AND back_on BETWEEN $first AND $last
),
often AS (SELECT key, count(*) AS times, max(back_on) AS latest FROM soon GROUP BY key HAVING count(*) >= $times)
SELECT s.key, s."case", p."case" AS source, s.left_on, s.back_on, o.times, o.latest
FROM soon AS s JOIN often AS o ON o.key = s.key LEFT JOIN m AS p ON p.key = s.key AND p.valid_to = s.back_on
"""
"""A row for each case that was left and entered again, with the case in between that it was entered from."""


@dataclass(frozen=True, slots=True)
class Within:
    """So many days, months or years."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody who came back to a case, from another or from nowhere."""

    key: str
    case: str
    source: str | None
    left: date
    back: date


@dataclass(frozen=True, slots=True)
class Flapping:
    """How many customers came back, how often from where to where, and those who did so most often, or all of them."""

    customers: int
    counts: tuple[tuple[str, str | None, int, int], ...]  # case, source, customers, times
    returns: tuple[Returned, ...]


def flapping(
    place: Place, span: Span, within: Within, times: int, renamed: Mapping[str, str], most: int | None
) -> Flapping | None:
    """Those who came back at least so many times; None without a store that knows anything of the policy."""
    question = RETURNS.format(
        case=meaning({span.definition: renamed}), believed=BELIEVED, within=f"{within.count:d} {within.unit}"
    )

    def answer(store: Session) -> Flapping:
        store.temporary("_returns", question, {**span.values, "times": times})
        row = store.execute("SELECT count(DISTINCT key) FROM _returns").fetchone()
        counts = store.execute(
            'SELECT "case", source, count(DISTINCT key), count(*) FROM _returns GROUP BY "case", source'
            " ORDER BY count(*) DESC, 1, 2"
        ).fetchall()
        keys = "SELECT DISTINCT key, times, latest FROM _returns ORDER BY times DESC, latest DESC, key"
        most_often = keys if most is None else f"{keys} LIMIT {most:d}"
        returns = store.execute(
            f'SELECT r.key, r."case", r.source, r.left_on, r.back_on FROM _returns AS r JOIN ({most_often}) AS k'
            " ON k.key = r.key ORDER BY r.times DESC, r.latest DESC, r.key, r.back_on"
        ).fetchall()
        return Flapping(row[0] if row else 0, tuple(counts), tuple(Returned(*one) for one in returns))

    return asked(place, span.policy, 0.5, answer)
