"""A setting comes in; which of the policy's own tests hold goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.pipeline.setting import Setting, test_sources
from lifeseg.pipeline.stages import Checked, Progress, check, load

if TYPE_CHECKING:
    from lifeseg.interpreter.check_tests import TestOutcome


@dataclass(frozen=True, slots=True)
class Tested:
    """The outcome of each test, in the order written, and what is remarked about all of them."""

    checked: Checked
    outcomes: tuple[TestOutcome, ...]
    remarks: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> int:
        return sum(bool(outcome.failures) for outcome in self.outcomes)


def run_tests(setting: Setting, progress: Progress | None = None) -> Tested:
    """Runs every test; customers that tests name come from the workspace, otherwise from `cases` beside the
    policy.
    """
    from lifeseg.interpreter.check_tests import run_tests as run_all

    checked = check(setting.policy, setting.policies)
    model = checked.good()
    sources = test_sources(setting, model)
    population = None
    if sources is not None and model.tests:
        population, _ = load(model, sources, progress=progress)
    naming = any(check.given.key for test in model.tests for check in test.checks)
    remarks = (problem("tests-without-data", None),) if naming and sources is None else ()
    return Tested(checked, tuple(run_all(model, population, setting.as_of)), remarks)
