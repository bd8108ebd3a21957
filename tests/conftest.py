"""Settings of the whole suite: how Hypothesis runs; with LIFESEG_NO_SKIPS a skipped test is a failed one. The servers of
tests/servers.py are there for every test, each started once in a process that asks for it.
"""

import gc
import os
import signal
import sys
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings

from tests.servers import postgres, postgres_server, spark

__all__ = ("postgres", "postgres_server", "spark")

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

with suppress(ValueError):  # what is started in the background ignores interrupts, and so would its children
    signal.signal(signal.SIGINT, signal.default_int_handler)

NO_SKIPS = bool(os.environ.get("LIFESEG_NO_SKIPS"))


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure is no skip."""
    if NO_SKIPS and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.fixture(autouse=True)
def _fresh_solver() -> None:
    """Which of several customers the solver shows depends on what it was asked before: each test begins with a fresh one."""
    solver: Any = sys.modules.get("z3.z3")
    if solver is not None and solver._main_ctx is not None:
        solver._main_ctx = None
        gc.collect()  # what is left of the former one goes now, and not in the midst of a question about memory
