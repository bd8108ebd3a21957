"""What went on from day to day, counted in two questions, is what a look at everybody on each day tells."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as some

from lifeseg.tracking import store
from lifeseg.tracking.flows import Flow, flows
from lifeseg.tracking.memberships import Span
from lifeseg.tracking.store import Remembered, Run

FIRST = date(2013, 1, 31)
RUN = Run(
    "life", "1.0.0", "aa", FIRST, "duckdb", "ff", {}, {}, {}, "bb",
    datetime(2013, 3, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC), "lifeseg test",
)  # fmt: skip
Lives = list[list[str | None]]
LIVES: some.SearchStrategy[Lives] = some.lists(
    some.lists(some.sampled_from(["a", "b", "old", None]), min_size=6, max_size=6), max_size=12
)
"""What each customer is on each of six days."""


def memberships(life: list[str | None]) -> list[tuple[str, date, date | None]]:
    """A row for as long as a case stays the same; the last has no end."""
    found: list[tuple[str, date, date | None]] = []
    for place, case in enumerate([*life]):
        day = FIRST + timedelta(place)
        before = life[place - 1] if place else None
        if before is not None and before != case:
            found[-1] = (*found[-1][:2], day)
        if case is not None and before != case:
            found.append((case, day, None))
    return found


@settings(max_examples=20, deadline=None)
@given(LIVES, some.sets(some.integers(0, 5), min_size=1))
def test_flows_are_what_a_look_at_each_day_tells(lives: Lives, chosen: set[int]) -> None:
    days = [FIRST + timedelta(place) for place in sorted(chosen)]
    with TemporaryDirectory() as folder:
        place = Path(folder) / "life.duckdb"
        store.record(place, RUN, Remembered({}, None))
        with store.opened(place, writing=True, patience=1) as session:
            assert session is not None
            for number, life in enumerate(lives):
                for case, begun, ended in memberships(life):
                    session.execute(
                        "INSERT INTO memberships VALUES ('life', 'customer', ?, 'stage', ?, ?, ?, 1, NULL)",
                        (f"C{number}", case, begun, ended),
                    )
        found = flows(place, Span("life", "customer", "stage", FIRST, days[-1]), days, {"old": "a"})
    today = [["a" if case == "old" else case for case in life] for life in lives]
    assert found is not None
    assert found.days == tuple(days)
    looked = [[life[(day - FIRST).days] for life in today] for day in days]
    assert list(found.sizes) == [Counter(case for case in cases if case is not None) for cases in looked]
    expected = [moves(before, after) for before, after in pairwise(looked)]
    assert list(found.between) == expected


def moves(before: list[str | None], after: list[str | None]) -> Flow:
    return Counter(pair for pair in zip(before, after, strict=True) if pair != (None, None))
