"""The engine of each test; and of the tests' counts, which come in from all processes, a closing line for each engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from tests.agreement.engines import ENGINES, Engine


@pytest.fixture
def start(engine: str, request: pytest.FixtureRequest) -> Callable[[], Engine]:
    """Makes the engine of a test anew; what it runs on is started once."""
    from tests.agreement.servers import PostgreSQL, Spark

    match engine:
        case "postgres":
            address = request.getfixturevalue("postgres")
            return lambda: PostgreSQL(address)
        case "spark":
            session = request.getfixturevalue("spark")
            return lambda: Spark(session)
        case _:
            return ENGINES[engine]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    totals: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in getattr(report, "user_properties", ()):
                if name.startswith("agreement "):
                    engine, count = name.removeprefix("agreement ").split(": ")
                    totals[engine][count] += int(value)
    for engine, counts in sorted(totals.items()):
        made, accepted = counts.pop("policies made", 0), counts.pop("accepted", 0)
        shown = ", ".join(f"{value:,} {count}" for count, value in counts.items())
        rate = f", {100 * accepted // made} % of {made:,} policies accepted" if made else ""
        terminalreporter.write_line(f"agreement of interpreter and {engine}: {shown}{rate}")
