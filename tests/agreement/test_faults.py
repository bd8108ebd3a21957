"""The suite itself is tested: each fault put into the engine is found within a small number of pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from lifeseg.plan.from_expression import Gap
from tests.agreement.column_faults import FAULTS as COLUMN_FAULTS
from tests.agreement.columns_form import ColumnsForm
from tests.agreement.compare import difference
from tests.agreement.constructs import constructs
from tests.agreement.engines import DuckDB, Engine, Interpreter
from tests.agreement.faults import FAULTS, Fault
from tests.agreement.outcome import Outcome
from tests.agreement.pairs import Pair, Tally, pairs
from tests.agreement.server_faults import FAULTS as SERVER_FAULTS
from tests.agreement.servers import without_nul

MOST_PAIRS = 80


@cache
def expected() -> list[tuple[Pair, Outcome]]:
    return [(pair, Interpreter().outcome(pair)) for pair in pairs(MOST_PAIRS, Tally(), first=500)]


@pytest.mark.slow
@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize(
    ("start", "fault"),
    [
        *(pytest.param(DuckDB, fault, id=name) for name, fault in FAULTS.items()),
        *(pytest.param(ColumnsForm, fault, id=f"columns-{name}") for name, fault in COLUMN_FAULTS.items()),
    ],
)
def test_fault_is_found(
    start: Callable[[], Engine], fault: Fault, record_property: pytest.FixtureRequest
) -> None:
    engine = start()
    with fault():
        for number, (pair, outcome) in enumerate(expected(), 1):
            try:
                found = difference(pair, engine, outcome)
            except Gap:
                continue
            if found is not None:
                record_property(f"found in pair {number}", found.subject)  # type: ignore[operator]
                return
    pytest.fail(f"{MOST_PAIRS} pairs do not show it")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "name"),
    [
        pytest.param(engine, name, marks=pytest.mark.xdist_group(engine))
        for engine, faults in SERVER_FAULTS.items()
        for name in faults
    ],
)
def test_fault_of_a_server_is_found(engine: str, name: str, start: Callable[[], Engine]) -> None:
    """Only pairs with the construct are tried: one that is started for each pair costs seconds."""
    evaluator = start()
    construct, fault = SERVER_FAULTS[engine][name]
    tried = (pair for pair in pairs(MOST_PAIRS, Tally(), first=500) if constructs([pair.model])[construct])
    with fault():
        found = (difference(without_nul(pair), evaluator) for pair in tried)
        assert any(found), f"{MOST_PAIRS} pairs do not show it"
