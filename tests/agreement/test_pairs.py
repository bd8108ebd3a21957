"""The interpreter and every engine say the same of generated policies and customers, to the last bit.

`make agreement` compares them on many more; see many.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lifeseg.model.with_reasons import with_reasons
from lifeseg.plan.from_expression import Gap
from tests.agreement.compare import difference, report
from tests.agreement.constructs import constructs
from tests.agreement.engines import SERVERS, Engine
from tests.agreement.pairs import Pair, Tally, pairs
from tests.agreement.servers import without_nul
from tests.agreement.smaller import smaller

PAIRS = {"duckdb": 300, "compiled": 300, "columns": 200, "postgres": 50, "spark": 20}
TOGETHER = {"spark": 10}  # pairs of one test
OTHERS_TOGETHER = 50
LEAST_ACCEPTED = 0.6
MOST_GAPS = {"columns": 0.4}  # tables as columns have no children of rows without a key
USUAL_GAPS = 0.05
SECONDS_TO_SHRINK = 90
TOLD_WHY = 5  # of so many pairs, one is evaluated with its reasons

# What the generated policies must contain, whatever else they do: the rarer of the language's constructs.
SUMMARIES = ("count", "share", "sum", "mean", "min", "max", "deviation")
FACTS = (
    "text",
    "count",
    "number",
    "money",
    "share",
    "rating",
    "yes/no",
    "date",
    "days",
    "months",
    "years",
    "one of",
)
DEMANDED = (
    "two levels", "three levels", "child without key", "key of 2", "dated entity", "optional fact", "step",
    "negative range", "extreme range", "dated parameter number", "dated parameter date", "expert panel", "never",
    "assume", "statistic of level 1", "index with range", "index if missing", "reweighted score", "score with bands",
    "band left later", "score in groups", "flagblock", "rank", "first match segment", "unique segment", "segment where",
    "first match table", "unique table", "table where", "lifecycle", "moves", "moves until settled",
    "tasks", "tasks with worth", "tasks with losses", "task with a goal", "task with an offer", "fact told with tasks",
    "parent's, 1 up", "parent's, 2 up",
    "Distance", "known", "some", "every", "no", "Choose", "Was", "Band", "Group", "Round", "least", "greatest", "power",
    "square_root", "exp", "ln", "logistic", "months_between", "days between", "date shifted", "Today",
    *(f"population {name}" for name in (*SUMMARIES, "quantile", "groups", "tops", "bringing", "spent")),
    *(f"quantile {manner}" for manner in ("lower", "higher", "nearest", "midpoint")), "groups lower", "tops lower",
    *(f"{name} of rows" for name in (*SUMMARIES, "latest")),
    *(f"in {unit}s" for unit in ("day", "week", "month", "quarter", "year")),
    *(f"fact {kind}" for kind in FACTS),
    *(f"{decimals} decimals" for decimals in range(10)),
)  # fmt: skip


def chunks() -> Iterator[Any]:
    """Engine, number of the chunk, and how many pairs are in it; one process for all that need the same server."""
    for engine, count in PAIRS.items():
        together = TOGETHER.get(engine, OTHERS_TOGETHER)
        marks = [pytest.mark.xdist_group(engine)] if engine in SERVERS else []
        for chunk in range(-(-count // together)):
            size = min(together, count - chunk * together)
            yield pytest.param(engine, chunk, size, marks=marks, id=f"{engine}-{chunk}")


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "chunk", "size"), list(chunks()))
def test_agreement(
    engine: str, chunk: int, size: int, start: Callable[[], Engine], record_property: pytest.FixtureRequest
) -> None:
    tally, compared, gaps = Tally(), 0, 0
    evaluator = start()
    for place, pair in enumerate(pairs(size, tally, first=1_000 * chunk)):
        if place % TOLD_WHY == 0:
            pair = replace(pair, model=with_reasons(pair.model))
        if engine == "postgres":
            pair = without_nul(pair)
        try:
            found = difference(pair, evaluator)
        except Gap:
            gaps += 1
            continue
        compared += 1
        if found is not None:
            least = smaller(pair, lambda one: differs(one, start()), SECONDS_TO_SHRINK)
            pytest.fail(report(least, engine, difference(least, start()) or found), pytrace=False)
    for name, count in (
        ("pairs agree", compared), ("declared gaps", gaps), ("policies made", tally.made), ("accepted", tally.accepted),
    ):  # fmt: skip
        record_property(f"agreement {engine}: {name}", count)  # type: ignore[operator]
    assert tally.share > LEAST_ACCEPTED
    assert gaps <= 1 + MOST_GAPS.get(engine, USUAL_GAPS) * compared


def differs(pair: Pair, engine: Engine) -> bool:
    """Whether the pair shows any difference; on a fresh engine, as one that has failed may be of no use."""
    try:
        return difference(pair, engine) is not None
    except Gap:
        return False


def test_generated_policies_contain_everything() -> None:
    found = constructs(pair.model for pair in pairs(250, Tally()))
    assert [name for name in DEMANDED if not found[name]] == []


def test_a_pair_is_the_same_each_time() -> None:
    first, second = (list(pairs(3, Tally())) for _ in range(2))
    assert [(pair.text, pair.population) for pair in first] == [
        (pair.text, pair.population) for pair in second
    ]
