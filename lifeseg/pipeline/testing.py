"""A setting comes in; which of the policy's own tests hold goes out."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.in_place import put_new
from lifeseg.pipeline.setting import Setting, test_sources
from lifeseg.pipeline.stages import Checked, Progress, check, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lifeseg.interpreter.check_tests import TestOutcome
    from lifeseg.model.model import Model
    from lifeseg.prover.propose import Lack, Proposal
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


@dataclass(frozen=True, slots=True)
class Proposed:
    """Tests for what no test has seen, in the policy's own syntax, and what there is none for."""

    tests: tuple[Proposal, ...]
    none: tuple[Proposal, ...]

    @property
    def text(self) -> str:
        return "\n".join("".join(f"{line}\n" for line in one.lines) for one in self.tests)


def proposed(tested: Tested, setting: Setting, progress: Progress | None = None) -> Proposed:
    """A test for each clause and case that no test has seen; each sees at once what else its customer shows."""
    if find_spec("z3") is None:
        raise refusal("prove-packages")
    from lifeseg.interpreter.check_tests import run_check
    from lifeseg.prover.propose import Proposer
    from lifeseg.prover.session import Limits

    model, seen = tested.checked.good(), tested.coverage
    assert seen is not None
    proposer = Proposer(model, Limits(), setting.as_of)
    found: list[Proposal] = []
    wanted = lacks(seen)
    for number, (key, lack) in enumerate(wanted.items()):
        if progress is not None:
            progress("proposing tests", number, len(wanted))
        if key not in lacks(seen):
            continue
        one = proposer.proposal(lack, title_of(lack, tested.checked.sources))
        found.append(one)
        if one.check is not None:
            assert not run_check(proposer.ready(one.check, one.as_of), one.check, seen.watch)
            assert key not in lacks(seen), key
    return Proposed(
        tuple(one for one in found if one.check is not None), tuple(one for one in found if one.check is None)
    )


def kept(file: Path | None, text: str, number: int) -> str:
    """The proposals, or that they were written into a file."""
    if file is None:
        return text
    put_new(file, text)
    return f"{number} test{'' if number == 1 else 's'} proposed in {file}\n"


def lacks(seen: Coverage) -> dict[tuple[object, ...], Lack]:
    """What no test has seen by now, each under a key of its own."""
    from lifeseg.prover.propose import Lack

    found: dict[tuple[object, ...], Lack] = {}
    for one in seen.unseen():
        of, span = one.clause.definition, one.clause.span
        for verdict, known in ((True, one.true), (False, one.false)):
            if not known:
                where = one.clause.where if one.clause.move is not None else None
                lack = Lack(of, span, one.clause.condition, verdict, where=where)
                found[of.entity, of.name, span, verdict] = lack
    for case in seen.untaken():
        of = case.definition
        where = case.where if case.move is not None else None
        found[of.entity, of.name, case.name, case.span] = Lack(of, case.span, case=case.name, where=where)
    return found


def title_of(lack: Lack, sources: Mapping[str, str]) -> str:
    from lifeseg.pipeline.reasons import written

    if lack.clause is None:
        return f"{lack.definition.name}: {lack.case}"
    text = written(lack.span, sources).replace('"', "'")
    return f"{lack.definition.name}: {text} is {'true' if lack.verdict else 'false'}"


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
