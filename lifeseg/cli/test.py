"""lifeseg test: a policy comes in; whether its own tests hold goes out, and for those that do not, what
came instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Policy
from lifeseg.cli.output import FINDINGS, coloured, say_findings, show
from lifeseg.cli.words import aligned, counted

if TYPE_CHECKING:
    from lifeseg.cli import documents
    from lifeseg.diagnostics.diagnostic import Span
    from lifeseg.interpreter.check_tests import Failure, TestOutcome
    from lifeseg.pipeline.testing import Proposed, Tested
    from lifeseg.prover.propose import Proposal

MOST_SHOWN = 10

Format = Annotated[Literal["console", "json", "junit"], typer.Option("--format", help="How to write it.")]


Coverage = Annotated[bool, typer.Option("--coverage", help="Tell which clauses and cases no test has seen.")]
Mutants = Annotated[
    bool, typer.Option("--mutants", help="Make small mistakes in the policy, and tell which no test notices.")
]
Generate = Annotated[
    bool,
    typer.Option("--generate", help="Propose tests for what none has seen, instead of the usual report."),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="With --generate: write the proposals here.")
]


def run_tests(
    policy: Policy = None, format_: Format = "console", coverage: Coverage = False, mutants: Mutants = False,
    generate: Generate = False, out: Out = None, data: Data = None, as_of: AsOf = None,
) -> None:  # fmt: skip
    """Run the policy's own tests.

    Customers named in tests come from the workspace's data, otherwise from the folder `cases` beside the
    policy. Exits 1 if a test fails.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline import testing
    from lifeseg.pipeline.setting import settle

    with progress() as report:
        setting = settle(policy, data=data, as_of=as_of)
        tested = testing.run_tests(setting, report, coverage=coverage or generate, mutants=mutants)
        proposed = testing.proposed(tested, setting, report) if generate else None
    say_findings(tested.remarks, tested.checked.sources)
    if proposed is not None:
        show(testing.kept(out, proposals(tested, proposed), len(proposed.tests)))
        return
    show({"console": to_console, "json": to_json, "junit": to_junit}[format_](tested))
    if tested.failed:
        raise typer.Exit(FINDINGS)


def place_of(outcome: TestOutcome | Failure) -> str:
    return f"{outcome.span.file}:{outcome.span.line}"


def to_console(tested: Tested) -> str:
    """What failed, then how many there are."""
    lines = [line for outcome in tested.outcomes if outcome.failures for line in failed_lines(outcome)]
    model = tested.checked.model
    name = f"{model.name} {model.version}" if model is not None else ""
    expectations = sum(outcome.expectations for outcome in tested.outcomes)
    passed = f"{counted(len(tested.outcomes) - tested.failed, 'test')} passed"
    said = f"{counted(tested.failed, 'test')} failed, {passed}" if tested.failed else passed
    if not tested.outcomes:
        said = "no tests"
    lines.append(f"{said} in {name} ({counted(expectations, 'expectation')})")
    return "".join(f"{line}\n" for line in (*lines, *coverage_lines(tested), *mutation_lines(tested)))


def coverage_lines(tested: Tested) -> Iterator[str]:
    """How much the tests have seen, and what they have not."""
    from lifeseg.pipeline.reasons import written

    found = tested.coverage
    if found is None:
        return
    unseen, untaken = list(found.unseen()), list(found.untaken())
    yield (
        f"{len(found.clauses) - len(unseen)} of {counted(len(found.clauses), 'clause')} seen true and false,"
        f" {len(found.cases) - len(untaken)} of {counted(len(found.cases), 'case')} taken"
    )
    rows = []
    for seen in unseen:
        missed = (
            "never seen" if not (seen.true or seen.false) else "never false" if seen.true else "never true"
        )
        text = written(seen.clause.span, tested.checked.sources)
        rows.append((where(seen.clause.span), missed, seen.clause.definition.name, text))
    rows += [(where(case.span), "never taken", case.definition.name, case.name) for case in untaken]
    yield from (f"  {line}" for line in aligned(rows, [False] * 4, "  ")) if rows else ()


def proposals(tested: Tested, proposed: Proposed) -> str:
    """Policy text: a test for each gap that can have one, and remarks on the others."""
    model = tested.checked.good()
    lines = [
        f"# {counted(len(proposed.tests), 'test')} proposed for what no test of {model.name} {model.version} has seen."
    ]
    if proposed.tests:
        lines += [
            "# What they expect is what the policy gives now: read each before you keep it.",
            "",
            proposed.text.rstrip(),
        ]
    lines += [""] if proposed.tests and proposed.none else []
    reasons: dict[str, list[tuple[str, ...]]] = {}
    for one in proposed.none:
        reason = "proved of every customer there could be" if one.never else f"no test: {why(one)}"
        reasons.setdefault(reason, []).append(lacking(tested, one))
    for reason, rows in reasons.items():
        lines.append(f"# {reason}")
        lines += [f"#   {line}" for line in aligned(rows, [False] * 4, "  ")]
    return "".join(f"{line}\n" for line in lines)


def why(one: Proposal) -> str:
    return f"{one.reason} ({'; '.join(one.tried)})" if one.tried else one.reason


def lacking(tested: Tested, one: Proposal) -> tuple[str, ...]:
    """Where, what of it was not seen, of what definition, and its words."""
    from lifeseg.pipeline.reasons import written

    lack = one.lack
    if lack.clause is None:
        return where(lack.span), "never taken", lack.definition.name, lack.case
    words = written(lack.span, tested.checked.sources)
    return where(lack.span), "never true" if lack.verdict else "never false", lack.definition.name, words


def mutation_lines(tested: Tested) -> Iterator[str]:
    """How many mistakes the tests notice, and which they do not."""
    found = tested.mutation
    if found is None:
        return
    yield f"{found.made - len(found.unnoticed)} of {counted(found.made, 'mistake')} noticed"
    rows = [(where(mutant.span), mutant.what) for mutant in found.unnoticed]
    yield from (f"  {line}" for line in aligned(rows, [False] * 2, "  ")) if rows else ()


def where(span: Span) -> str:
    return f"{span.file}:{span.line}"


def failed_lines(outcome: TestOutcome) -> Iterator[str]:
    word = "\x1b[1;31mfailed\x1b[0m" if coloured() else "failed"
    yield f"{word} {outcome.title}  {place_of(outcome)}"
    rows = [
        (
            place_of(failure),
            failure.record,
            failure.subject or "what is expected",
            f"expected {failure.wanted}",
            found(failure),
        )
        for failure in outcome.failures[:MOST_SHOWN]
    ]
    yield from (f"  {line}" for line in aligned(rows, [False] * 5, "  "))
    if len(outcome.failures) > MOST_SHOWN:
        yield f"  and {len(outcome.failures) - MOST_SHOWN} more"


def found(failure: Failure) -> str:
    return f"found {failure.found}"


def to_json(tested: Tested) -> str:
    """A versioned document."""
    from lifeseg.cli import documents

    def failure(found: Failure) -> documents.Failure:
        return documents.Failure(
            place=place_of(found),
            record=found.record,
            name=found.subject or None,
            wanted=found.wanted,
            found=found.found,
        )

    model = tested.checked.good()
    outcomes = [
        documents.Outcome(
            title=outcome.title,
            place=place_of(outcome),
            passed=not outcome.failures,
            expectations=outcome.expectations,
            failures=[failure(found) for found in outcome.failures],
        )
        for outcome in tested.outcomes
    ]
    name = documents.PolicyName(name=model.name, version=model.version)
    return documents.written(
        documents.Tests(policy=name, tests=outcomes, coverage=covered(tested), mistakes=mistakes(tested))
    )


def covered(tested: Tested) -> documents.Covered | None:
    from lifeseg.cli import documents
    from lifeseg.pipeline.reasons import written

    found = tested.coverage
    if found is None:
        return None
    unseen = [
        documents.Unseen(
            place=where(seen.clause.span), definition=seen.clause.definition.name, case=None,
            text=written(seen.clause.span, tested.checked.sources), seen_true=seen.true, seen_false=seen.false,
        )
        for seen in found.unseen()
    ]  # fmt: skip
    unseen += [
        documents.Unseen(
            place=where(case.span), definition=case.definition.name, case=case.name, text=None, seen_true=False,
            seen_false=False,
        )
        for case in found.untaken()
    ]  # fmt: skip
    return documents.Covered(clauses=len(found.clauses), cases=len(found.cases), unseen=unseen)


def mistakes(tested: Tested) -> documents.Mistakes | None:
    from lifeseg.cli import documents

    found = tested.mutation
    if found is None:
        return None
    unnoticed = [documents.Mistake(place=where(one.span), what=one.what) for one in found.unnoticed]
    return documents.Mistakes(made=found.made, unnoticed=unnoticed)


def to_junit(tested: Tested) -> str:
    """A report as build servers read it: a case for each test."""
    from xml.etree import ElementTree

    model = tested.checked.model
    report = ElementTree.Element(
        "testsuites", name="lifeseg test", tests=str(len(tested.outcomes)), failures=str(tested.failed)
    )
    suite = ElementTree.SubElement(
        report, "testsuite", name=model.name if model else "policy", tests=str(len(tested.outcomes)),
        failures=str(tested.failed),
    )  # fmt: skip
    for outcome in tested.outcomes:
        case = ElementTree.SubElement(
            suite, "testcase", classname=outcome.span.file, name=outcome.title, file=outcome.span.file,
            line=str(outcome.span.line),
        )  # fmt: skip
        if outcome.failures:
            failure = ElementTree.SubElement(
                case, "failure", message=f"{len(outcome.failures)} of {outcome.expectations}"
            )
            failure.text = "\n".join(failed_lines(outcome))
    ElementTree.indent(report)
    return ElementTree.tostring(report, encoding="unicode") + "\n"
