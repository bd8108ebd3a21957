"""A setting comes in; which of the policy's own tests hold goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.pipeline.setting import Setting, test_sources
from lifeseg.pipeline.stages import Checked, Progress, check, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifeseg.interpreter.check_tests import TestOutcome
    from lifeseg.model.model import Model
    from lifeseg.records.population import Population
    from lifeseg.review.coverage import Coverage
    from lifeseg.review.mutants import Mutant


MOST_MUTANTS = 300


@dataclass(frozen=True, slots=True)
class Mutation:
    """How many mistakes were made, and those that no test noticed."""

    made: int
    unnoticed: tuple[Mutant, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """The outcome of each test, in the order written, and what is remarked about all of them."""

    checked: Checked
    outcomes: tuple[TestOutcome, ...]
    remarks: tuple[Diagnostic, ...] = ()
    coverage: Coverage | None = None
    mutation: Mutation | None = None

    @property
    def failed(self) -> int:
        return sum(bool(outcome.failures) for outcome in self.outcomes)


def run_tests(
    setting: Setting, progress: Progress | None = None, *, coverage: bool = False, mutants: bool = False
) -> Tested:
    """Runs every test; customers that tests name come from the workspace, otherwise from `cases` beside the
    policy. With `coverage` it is watched what they see, with `mutants` tried which mistakes they notice.
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
    seen = covering(model) if coverage else None
    outcomes = run_all(model, population, setting.as_of, seen.watch if seen is not None else None)
    mutation = mutated(model, population, setting, outcomes, progress) if mutants else None
    return Tested(checked, tuple(outcomes), remarks, seen, mutation)


def covering(model: Model) -> Coverage:
    from lifeseg.review.coverage import Coverage

    return Coverage(model)


def mutated(
    model: Model,
    population: Population | None,
    setting: Setting,
    outcomes: Sequence[TestOutcome],
    progress: Progress | None,
) -> Mutation:
    """Makes one mistake after the other, evenly drawn where there could be very many, and runs the tests on each."""
    from lifeseg.interpreter.check_tests import run_tests as run_all
    from lifeseg.review.mutants import mutants

    every = list(mutants(model))
    drawn = every if len(every) <= MOST_MUTANTS else every[:: -(-len(every) // MOST_MUTANTS)]
    unnoticed = []
    for number, mutant in enumerate(drawn):
        if progress is not None:
            progress("trying mistakes", number, len(drawn))
        if [found.failures for found in run_all(mutant.model, population, setting.as_of)] == [
            one.failures for one in outcomes
        ]:
            unnoticed.append(mutant)
    return Mutation(len(drawn), tuple(unnoticed))
