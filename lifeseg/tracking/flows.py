"""A definition and the days of runs come in; how many were in each case, and how many went on from one day to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from lifeseg.frozen import dataclass
from lifeseg.tracking.memberships import BELIEVED, Span, meaning
from lifeseg.tracking.place import Place, Session
from lifeseg.tracking.store import asked

Flow = Counter[tuple[str | None, str | None]]
"""How many went from one case to another, or stayed; None is nowhere."""

THEN = """
SELECT key, {case} AS "case" FROM memberships
WHERE {believed} AND definition = $definition AND valid_from <= ${day} AND (valid_to IS NULL OR valid_to > ${day})
"""
FLOW = f"""
SELECT a."case" AS before, b."case" AS after, count(*)
FROM ({THEN.format(case="{case}", believed=BELIEVED, day="first")}) AS a
FULL JOIN ({THEN.format(case="{case}", believed=BELIEVED, day="last")}) AS b ON b.key = a.key
GROUP BY a."case", b."case"
"""


@dataclass(frozen=True, slots=True)
class Flows:
    """The sizes of cases on each day, and what went on between each day and the next."""

    days: tuple[date, ...]
    sizes: tuple[Mapping[str, int], ...]
    between: tuple[Flow, ...]


def flows(place: Place, span: Span, days: Sequence[date], renamed: Mapping[str, str]) -> Flows | None:
    """Under the names of today; None without a store that knows anything of the policy."""
    question = FLOW.format(case=meaning({span.definition: renamed}))

    def between(store: Session, first: date, last: date) -> Flow:
        rows = store.execute(question, {**span.values, "first": first, "last": last}).fetchall()
        return Counter({(before, after): count for before, after, count in rows})

    def answer(store: Session) -> Flows:
        found = [between(store, first, last) for first, last in pairwise(days)]
        start = between(store, days[0], days[0])
        sizes = [arrived(start), *map(arrived, found)]
        return Flows(tuple(days), tuple(sizes), tuple(found))

    return asked(place, span.policy, 0.5, answer) if days else None


def arrived(flow: Flow) -> dict[str, int]:
    """How many are in each case afterwards."""
    found: Counter[str] = Counter()
    for (_, after), count in flow.items():
        if after is not None:
            found[after] += count
    return dict(found)
