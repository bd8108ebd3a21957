"""A definition and a time come in; who left one of its cases and came back within that time goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.tracking.memberships import BELIEVED, Span, meaning
from lifeseg.tracking.store import asked

if TYPE_CHECKING:
    import duckdb

RETURNS = """
CREATE OR REPLACE TEMP TABLE _returns AS
WITH m AS (
    SELECT key, {case} AS "case", valid_from, valid_to FROM memberships WHERE {believed} AND definition = $definition
),
back AS (
    SELECT a.key, a."case", a.valid_to AS left_on, min(b.valid_from) AS back_on
    FROM m a JOIN m b ON b.key = a.key AND b."case" = a."case" AND b.valid_from > a.valid_to GROUP BY ALL
)
SELECT r.key, r."case", p."case" AS source, left_on, back_on
FROM back r LEFT JOIN m p ON p.key = r.key AND p.valid_to = r.back_on
WHERE back_on <= CAST(left_on + {within} AS DATE) AND back_on BETWEEN $first AND $last
QUALIFY count(*) OVER (PARTITION BY r.key) >= $times
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
    path: Path, span: Span, within: Within, times: int, renamed: Mapping[str, str], most: int | None
) -> Flapping | None:
    """Those who came back at least so many times; None without a store that knows anything of the policy."""
    question = RETURNS.format(
        case=meaning({span.definition: renamed}),
        believed=BELIEVED,
        within=f"to_{within.unit}s({within.count:d})",
    )

    def answer(store: duckdb.DuckDBPyConnection) -> Flapping:
        store.execute("RESET threads")
        store.execute(question, {**span.values, "times": times})
        row = store.execute("SELECT count(DISTINCT key) FROM _returns").fetchone()
        counts = store.execute(
            'SELECT "case", source, count(DISTINCT key), count(*) FROM _returns GROUP BY ALL ORDER BY 4 DESC, 1, 2'
        ).fetchall()
        keys = (
            "SELECT key FROM _returns GROUP BY key ORDER BY count(*) DESC, max(back_on) DESC, key"
            f"{'' if most is None else f' LIMIT {most:d}'}"
        )
        returns = store.execute(
            f'SELECT r.key, "case", source, left_on, back_on FROM _returns r SEMI JOIN ({keys}) k ON k.key = r.key'
            " ORDER BY count(*) OVER (PARTITION BY r.key) DESC, max(back_on) OVER (PARTITION BY r.key) DESC, r.key, back_on"
        ).fetchall()
        return Flapping(row[0] if row else 0, tuple(counts), tuple(Returned(*one) for one in returns))

    return asked(path, span.policy, 0.5, answer)
