"""A policy and days come in; what came of the tasks that were handed out in them goes out, counted by the store.

A goal is judged by the first recorded run on the day that the task names or later: the record then has the flag of the
goal, or not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import asked

AT = "replaced IS NULL AND {m}.valid_from <= {day} AND ({m}.valid_to IS NULL OR {m}.valid_to > {day})"
COUNTED = f"""
WITH t AS (
    SELECT t.*, r.policy AS by_policy FROM tasks t JOIN runs r ON r.run = t.run
    WHERE t.policy = $policy AND t.handed_out BETWEEN $first AND $last
),
known AS (
    SELECT DISTINCT policy, as_of FROM runs WHERE remembered AND replaced IS NULL AND as_of <= $today
),
days AS (
    SELECT d.by_policy, d.judged, d.handed_out, min(k.as_of) AS day
    FROM (SELECT DISTINCT by_policy, judged, handed_out FROM t WHERE judged IS NOT NULL) d
    JOIN known k ON k.policy = d.by_policy AND k.as_of >= d.judged AND k.as_of > d.handed_out
    GROUP BY d.by_policy, d.judged, d.handed_out
),
goals AS (
    SELECT t.task, m.key IS NOT NULL AS reached
    FROM t JOIN days d USING (by_policy, judged, handed_out)
    LEFT JOIN memberships m ON m.policy = t.by_policy AND m.entity = t.entity AND m.key = t.key
        AND m.definition = t.name || '_goal' AND m.{AT.format(m="m", day="d.day")}
),
told AS (
    SELECT t.task, max(c."case") AS found
    FROM t JOIN memberships c ON c.policy = t.by_policy AND c.entity = t.entity AND c.key = t.key
        AND c.definition = $by AND c.{AT.format(m="c", day="t.handed_out")}
    GROUP BY t.task
)
SELECT t.name, t.arm, told.found, count(*),
    count(*) FILTER (o.outcome <> 'cancelled'),
    count(*) FILTER (o.outcome = 'responded'),
    count(*) FILTER (o.outcome <> 'cancelled' AND t.due IS NOT NULL AND o.day <= t.due),
    count(*) FILTER (o.outcome <> 'cancelled' AND t.due IS NOT NULL AND o.day > t.due),
    count(*) FILTER (o.outcome IS NULL AND t.due < $today),
    count(g.task), count(*) FILTER (g.reached),
    coalesce(sum(o.cost), 0), coalesce(sum(o.revenue), 0),
    coalesce(sum((o.revenue - o.cost) * (o.revenue - o.cost)) FILTER (o.outcome <> 'cancelled'), 0),
    coalesce(sum(o.revenue - o.cost) FILTER (o.outcome <> 'cancelled'), 0)
FROM t LEFT JOIN outcomes o ON o.task = t.task AND o.replaced IS NULL
LEFT JOIN goals g ON g.task = t.task LEFT JOIN told ON told.task = t.task
GROUP BY t.name, t.arm, told.found
"""
TRIGGERED = """
WITH reasons AS (
    SELECT m.definition, CASE WHEN EXISTS (
        SELECT 1 FROM tasks t WHERE t.policy = $policy AND t.entity = m.entity AND t.key = m.key AND t.name = m.definition
        AND t.handed_out >= m.valid_from AND (m.valid_to IS NULL OR t.handed_out < m.valid_to)
    ) THEN 1 ELSE 0 END AS led
    FROM memberships m WHERE m.policy = $policy AND m.replaced IS NULL AND m.definition = ANY($names)
    AND m.valid_from BETWEEN $first AND $last
)
SELECT definition, count(*), sum(led) FROM reasons GROUP BY definition
"""
KPIS = """
SELECT run, as_of, CAST(kpis AS VARCHAR) FROM runs
WHERE run IN (
    SELECT max(run) FROM runs WHERE policy = $policy AND remembered AND replaced IS NULL AND as_of <= $today GROUP BY as_of
)
ORDER BY as_of DESC LIMIT 2
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose tasks, handed out between which days, both included; as it stands on a day; split by a definition, if any."""

    policy: str
    first: date
    last: date
    today: date
    names: tuple[str, ...]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of some tasks. `early` and `late` are those done that have a due date, `overdue` those of which nothing is
    known.

    `squares` and `profit` are of revenue less cost, over those done.
    """

    name: str
    arm: str
    case: str | None
    tasks: int
    done: int
    responded: int
    early: int
    late: int
    overdue: int
    judged: int
    reached: int
    cost: Decimal
    revenue: Decimal
    squares: Decimal
    profit: Decimal


@dataclass(frozen=True, slots=True)
class Run:
    """A run, and what the KPIs of its policy came to."""

    run: int
    as_of: date
    kpis: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts by task, arm and case; of each task the reasons that came up, and those that led to one; the last two runs."""

    counts: tuple[Counts, ...]
    triggered: Mapping[str, tuple[int, int]]
    runs: tuple[Run, ...]


def measured(place: Place, wanted: Asked, *, patience: float = 0.5) -> Measured | None:
    """None without a store that knows anything of the policy."""
    return asked(place, wanted.policy, patience, lambda store: measured_in(store, wanted))


def measured_in(store: Session, wanted: Asked) -> Measured:
    days: dict[str, Any] = {"policy": wanted.policy, "first": wanted.first, "last": wanted.last}
    rows = store.execute(COUNTED, {**days, "today": wanted.today, "by": wanted.by}).fetchall()
    found = store.execute(TRIGGERED, {**days, "names": list(wanted.names)}).fetchall()
    runs = store.execute(KPIS, {"policy": wanted.policy, "today": wanted.today}).fetchall()
    return Measured(
        tuple(Counts(*row) for row in rows),
        {name: (int(led), int(reasons)) for name, reasons, led in found},
        tuple(Run(run, day, json.loads(kpis) if kpis else ()) for run, day, kpis in runs),
    )
