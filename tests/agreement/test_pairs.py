"""The interpreter and every engine say the same of generated policies and customers, to the last bit.

LIFESEG_AGREEMENT sets how many pairs there are for each engine; `make agreement` makes them many.
"""

from __future__ import annotations

import os

import pytest

from lifeseg.plan.from_expression import Gap
from tests.agreement.compare import difference, report
from tests.agreement.constructs import constructs
from tests.agreement.engines import ENGINES
from tests.agreement.pairs import Tally, pairs
from tests.agreement.smaller import smaller

PAIRS = int(os.environ.get("LIFESEG_AGREEMENT", "300"))
TOGETHER = 50  # pairs of one test
LEAST_ACCEPTED = 0.6
MOST_GAPS = 0.05
SECONDS_TO_SHRINK = 90

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
    "score in groups", "flagblock", "rank", "first match segment", "unique segment", "segment where",
    "first match table", "unique table", "table where", "lifecycle", "moves", "parent's, 1 up", "parent's, 2 up",
    "Distance", "known", "some", "every", "no", "Choose", "Was", "Band", "Group", "Round", "least", "greatest", "power",
    "square_root", "exp", "ln", "logistic", "months_between", "days between", "date shifted", "Today",
    *(f"population {name}" for name in (*SUMMARIES, "quantile", "groups", "tops")),
    *(f"{name} of rows" for name in (*SUMMARIES, "latest")),
    *(f"in {unit}s" for unit in ("day", "week", "month", "quarter", "year")),
    *(f"fact {kind}" for kind in FACTS),
    *(f"{decimals} decimals" for decimals in range(10)),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("chunk", range(-(-PAIRS // TOGETHER)))
def test_agreement(engine: str, chunk: int, record_property: pytest.FixtureRequest) -> None:
    tally, compared, gaps = Tally(), 0, 0
    evaluator = ENGINES[engine]()
    for pair in pairs(min(TOGETHER, PAIRS - chunk * TOGETHER), tally, first=1_000 * chunk):
        try:
            found = difference(pair, evaluator)
        except Gap:
            gaps += 1
            continue
        compared += 1
        if found is not None:
            least = smaller(pair, lambda one: difference_or_none(one, engine), SECONDS_TO_SHRINK)
            pytest.fail(report(least, engine, difference(least, ENGINES[engine]()) or found), pytrace=False)
    for name, count in (
        ("pairs agree", compared), ("declared gaps", gaps), ("policies made", tally.made), ("accepted", tally.accepted),
    ):  # fmt: skip
        record_property(f"agreement {engine}: {name}", count)  # type: ignore[operator]
    assert tally.share > LEAST_ACCEPTED
    assert gaps <= 1 + MOST_GAPS * compared


def difference_or_none(pair: object, engine: str) -> bool:
    """Whether the pair shows any difference; on a fresh engine, as one that has failed may be of no use."""
    try:
        return difference(pair, ENGINES[engine]()) is not None  # type: ignore[arg-type]
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
