"""A definition and the days of runs come in; how many were in each case, and how many went on from one day to the next."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lifeseg.frozen import dataclass
from lifeseg.tracking.memberships import BELIEVED, Span, meaning
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import asked

Flow = Counter[tuple[str | None, str | None]]
"""How many went from one case to another, or stayed; None is nowhere."""

PERIODS = f"""
SELECT {{case}} AS "case", valid_from, valid_to, count(*) FROM memberships
WHERE {BELIEVED} AND definition = $definition GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
MOVED = f"""
WITH m AS (
    SELECT key, {{case}} AS "case", f.place AS first, t.place AS until FROM memberships
    JOIN (VALUES {{places}}) AS f(day, place) ON f.day = valid_from
    LEFT JOIN (VALUES {{places}}) AS t(day, place) ON t.day = valid_to
    WHERE {BELIEVED} AND definition = $definition
)
SELECT a."case" AS before, b."case" AS after, a.until, count(*)
FROM m AS a LEFT JOIN m AS b ON b.key = a.key AND b.first <= a.until AND (b.until IS NULL OR b.until > a.until)
WHERE a.first < a.until AND a.until < $days GROUP BY 1, 2, 3
"""
"""Who was in a case on a day and not in the same membership on the next, and where then. A day has the place of the first
day asked for that is not before it.
"""


@dataclass(frozen=True, slots=True)
class Flows:
    """The sizes of cases on each day, and what went on between each day and the next."""

    days: tuple[date, ...]
    sizes: tuple[Mapping[str, int], ...]
    between: tuple[Flow, ...]


def flows(place: Place, span: Span, days: Sequence[date], renamed: Mapping[str, str]) -> Flows | None:
    """Under the names of today; None without a store that knows anything of the policy."""
    case = meaning({span.definition: renamed})
    whose = {"policy": span.policy, "entity": span.entity, "definition": span.definition}

    def answer(store: Session) -> Flows:
        periods = store.execute(PERIODS.format(case=case), whose).fetchall()
        known = sorted({day for _, *both, _ in periods for day in both if day is not None})
        if not known:
            return Flows(tuple(days), tuple({} for _ in days), tuple(Counter() for _ in days[1:]))
        places = ", ".join(f"(DATE '{day}', {bisect_left(days, day)})" for day in known)
        moved = store.execute(MOVED.format(case=case, places=places), {**whose, "days": len(days)}).fetchall()
        start, found = between(days, periods, moved)
        return Flows(tuple(days), (dict(start), *map(arrived, found)), tuple(found))

    return asked(place, span.policy, 0.5, answer) if days else None


def between(
    days: Sequence[date],
    periods: Iterable[tuple[str, date, date | None, int]],
    moved: Iterable[tuple[str, str | None, int, int]],
) -> tuple[Counter[str], list[Flow]]:
    """How many were in each case on the first day; and how many stayed, went on, left and came until each other one."""
    found: list[Flow] = [Counter() for _ in days]
    came: list[Counter[str]] = [Counter() for _ in days]
    for case, valid_from, valid_to, count in periods:
        first = bisect_left(days, valid_from)
        until = bisect_left(days, valid_to) if valid_to is not None else len(days)
        if first < until:
            came[first][case] += count
        for place in range(first + 1, until):
            found[place][case, case] += count
    for before, after, place, count in moved:
        found[place][before, after] += count
        if after is not None:
            came[place][after] -= count
    for place, new in enumerate(came):
        found[place].update({(None, case): count for case, count in new.items() if count})
    return came[0], found[1:]


def arrived(flow: Flow) -> dict[str, int]:
    """How many are in each case afterwards."""
    found: Counter[str] = Counter()
    for (_, after), count in flow.items():
        if after is not None:
            found[after] += count
    return dict(found)
