"""A policy and days come in; what came of the tasks that were handed out in them goes out, counted by the store.

A task is judged by the first recorded run on the day that it names or later: the record then has the flag of the goal,
or not, is lost or still there, and is worth something.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from lifeseg.frozen import dataclass
from lifeseg.records.typed import text
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import asked
from lifeseg.tracking.tasks import SPLIT, Split, digits

AT = "{m}.replaced IS NULL AND {m}.valid_from <= {day} AND ({m}.valid_to IS NULL OR {m}.valid_to > {day})"
OWN = "{m}.policy = t.by_policy AND {m}.entity = t.entity AND {m}.key = t.key"
COUNTED = f"""
WITH t AS (
    SELECT t.*, r.policy AS by_policy FROM tasks t JOIN runs r ON r.run = t.run
    WHERE t.policy = $policy AND t.handed_out BETWEEN $first AND $last
),
known AS (
    SELECT policy, as_of, max(run) AS run FROM runs
    WHERE remembered AND replaced IS NULL AND as_of <= $today GROUP BY policy, as_of
),
days AS (
    SELECT d.by_policy, d.judged, d.handed_out, min(k.as_of) AS day
    FROM (SELECT DISTINCT by_policy, judged, handed_out FROM t WHERE judged IS NOT NULL) d
    JOIN known k ON k.policy = d.by_policy AND k.as_of >= d.judged AND k.as_of > d.handed_out
    GROUP BY d.by_policy, d.judged, d.handed_out
),
seen AS (
    SELECT t.task, d.day, coalesce(bool_or(m.definition = t.name || '_goal'), FALSE) AS reached, count(m.key) > 0 AS there,
        coalesce(bool_or(m.definition || chr(31) || m."case" = ANY($ends)), FALSE)
            OR coalesce(bool_or(t.name || chr(31) || m.definition = ANY($losses)), FALSE) AS ended
    FROM t JOIN days d USING (by_policy, judged, handed_out)
    LEFT JOIN memberships m ON {OWN.format(m="m")} AND {AT.format(m="m", day="d.day")}
    GROUP BY t.task, d.day
),
once AS (
    SELECT t.task, max(c."case") FILTER (c.definition = $by) AS found,
        coalesce(bool_or(c.definition = t.name || '_expected'), FALSE) AS expected
    FROM t JOIN memberships c ON {OWN.format(m="c")} AND {AT.format(m="c", day="t.handed_out")}
    GROUP BY t.task
),
valued AS (
    SELECT t.task, b.worth AS before, CASE WHEN seen.there THEN a.worth ELSE 0 END AS after
    FROM t JOIN seen ON seen.task = t.task
    JOIN known k ON k.policy = t.by_policy AND k.as_of = seen.day
    JOIN worths b ON b.run = t.run AND b.entity = t.entity AND b.key = t.key
        AND t.name || chr(31) || b.definition = ANY($worths)
    LEFT JOIN worths a ON a.run = k.run AND a.entity = t.entity AND a.key = t.key AND a.definition = b.definition
    WHERE a.worth IS NOT NULL OR (NOT seen.there AND t.by_policy = ANY($complete))
)
SELECT t.name, t.arm, once.found, count(*),
    count(*) FILTER (o.outcome <> 'cancelled'),
    count(*) FILTER (o.outcome = 'responded'),
    count(*) FILTER (o.outcome <> 'cancelled' AND t.due IS NOT NULL AND o.day <= t.due),
    count(*) FILTER (o.outcome <> 'cancelled' AND t.due IS NOT NULL AND o.day > t.due),
    count(*) FILTER (o.outcome IS NULL AND t.due < $today),
    count(seen.task) FILTER (t.name = ANY($goals)),
    count(*) FILTER (t.name = ANY($goals) AND seen.reached),
    count(seen.task) FILTER (t.name = ANY($expects)),
    count(*) FILTER (t.name = ANY($expects) AND seen.reached = coalesce(once.expected, FALSE)),
    count(seen.task) FILTER (t.by_policy = ANY($complete)),
    count(*) FILTER (t.by_policy = ANY($complete) AND (seen.ended OR NOT seen.there)),
    coalesce(sum(o.cost), 0), coalesce(sum(o.revenue), 0),
    coalesce(sum((o.revenue - o.cost) * (o.revenue - o.cost)) FILTER (o.outcome <> 'cancelled'), 0),
    coalesce(sum(o.revenue - o.cost) FILTER (o.outcome <> 'cancelled'), 0),
    count(v.task), coalesce(sum(v.before), 0), coalesce(sum(v.after), 0),
    coalesce(sum(CAST(v.after - v.before AS DOUBLE) * CAST(v.after - v.before AS DOUBLE)), 0)
FROM t LEFT JOIN outcomes o ON o.task = t.task AND o.replaced IS NULL
LEFT JOIN seen ON seen.task = t.task LEFT JOIN once ON once.task = t.task LEFT JOIN valued v ON v.task = t.task
GROUP BY t.name, t.arm, once.found
"""
TRIGGERED = f"""
WITH reasons AS (
    SELECT m.definition, m.key, c."case" AS found, CASE WHEN EXISTS (
        SELECT 1 FROM tasks t WHERE t.policy = $policy AND t.entity = m.entity AND t.key = m.key AND t.name = m.definition
        AND t.handed_out >= m.valid_from AND (m.valid_to IS NULL OR t.handed_out < m.valid_to)
    ) THEN 1 ELSE 0 END AS led
    FROM memberships m LEFT JOIN memberships c ON c.policy = m.policy AND c.entity = m.entity AND c.key = m.key
        AND c.definition = $by AND {AT.format(m="c", day="m.valid_from")}
    WHERE m.policy = $arm AND m.replaced IS NULL AND m.definition = ANY($names) AND m.valid_from BETWEEN $first AND $last
    AND {{own}}
)
SELECT definition, found, count(*), sum(led) FROM reasons GROUP BY definition, found
"""
KPIS = """
SELECT run, as_of, CAST(kpis AS VARCHAR) FROM runs
WHERE run IN (
    SELECT max(run) FROM runs WHERE policy = $policy AND remembered AND replaced IS NULL AND as_of <= $today GROUP BY as_of
)
ORDER BY as_of DESC LIMIT 2
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What policies say of their tasks: those with a goal, those of which it is expected; pairs of a task and the flag of
    those who are lost, of a task and what says how much somebody is worth, of a definition and a case that is an end.
    `complete` are the policies in which everybody is something, so that who is nothing is gone.
    """

    goals: Sequence[str]
    expects: Sequence[str]
    losses: Sequence[tuple[str, str]]
    worths: Sequence[tuple[str, str]]
    ends: Sequence[tuple[str, str]]
    complete: Sequence[str]

    @property
    def values(self) -> dict[str, list[str]]:
        pairs = {"losses": self.losses, "worths": self.worths, "ends": self.ends}
        joined = {name: ["\x1f".join(pair) for pair in found] for name, found in pairs.items()}
        return {
            "goals": list(self.goals),
            "expects": list(self.expects),
            "complete": list(self.complete),
            **joined,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose tasks, handed out between which days, both included; as it stands on a day; split by a definition, if any. `arms`
    are names of arms with the policies whose tasks they get.
    """

    policy: str
    first: date
    last: date
    today: date
    names: tuple[str, ...]
    terms: Terms
    arms: Sequence[tuple[str, str]]
    split: Split | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of some tasks. `early` and `late` are those done that have a due date, `overdue` those of which nothing is
    known; `expected` those that were judged of which something was expected, `right` those where it came true; `watched`
    those of whom it is known whether they are `gone`.

    `squares` and `profit` are of revenue less cost, over those done; `before` and `after` are worths of those `valued`, and
    `changes` the squares of their changes.
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
    expected: int
    right: int
    watched: int
    gone: int
    cost: Decimal
    revenue: Decimal
    squares: Decimal
    profit: Decimal
    valued: int
    before: Decimal
    after: Decimal
    changes: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """How often a reason for a task came up for those of an arm who have a case, and how often it led to one."""

    name: str
    arm: str
    case: str | None
    found: int
    led: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run, and what the KPIs of its policy came to."""

    run: int
    as_of: date
    kpis: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts and reasons by task, arm and case; the last two runs."""

    counts: tuple[Counts, ...]
    reasons: tuple[Reasons, ...]
    runs: tuple[Run, ...]


def measured(place: Place, wanted: Asked, *, patience: float = 0.5) -> Measured | None:
    """None without a store that knows anything of the policy."""
    return asked(place, wanted.policy, patience, lambda store: measured_in(store, wanted))


def measured_in(store: Session, wanted: Asked) -> Measured:
    days: dict[str, Any] = {
        "policy": wanted.policy,
        "first": wanted.first,
        "last": wanted.last,
        "by": wanted.by,
    }
    rows = store.execute(COUNTED, {**days, **wanted.terms.values, "today": wanted.today}).fetchall()
    reasons = [
        Reasons(name, arm, case, int(found), int(led))
        for arm, policy in wanted.arms
        for name, case, found, led in store.execute(
            TRIGGERED.format(own=own(arm, wanted.split)),
            {
                **days,
                **({"salt": wanted.split.salt} if wanted.split is not None else {}),
                "arm": policy,
                "names": list(wanted.names),
            },
        ).fetchall()
    ]
    runs = store.execute(KPIS, {"policy": wanted.policy, "today": wanted.today}).fetchall()
    return Measured(
        tuple(Counts(*row) for row in rows),
        tuple(reasons),
        tuple(Run(run, day, json.loads(kpis) if kpis else ()) for run, day, kpis in runs),
    )


def own(arm: str, split: Split | None) -> str:
    """Who belongs to an arm; those held out belong to none."""
    if split is None:
        return "TRUE"
    ends = (split.control, split.challenger) if arm == "challenger" else (split.challenger, 2**32)
    low, high = (text(digits(end)) for end in ends)
    return f"{SPLIT} >= {low} AND {SPLIT} < {high}"
