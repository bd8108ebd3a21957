"""lifeseg test: a policy comes in; whether its own tests hold goes out, and for those that do not, what
came instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Policy
from lifeseg.cli.output import FINDINGS, coloured, say_findings, show
from lifeseg.cli.words import aligned, counted

if TYPE_CHECKING:
    from lifeseg.interpreter.check_tests import Failure, TestOutcome
    from lifeseg.pipeline.testing import Tested

MOST_SHOWN = 10

Format = Annotated[Literal["console", "json", "junit"], typer.Option("--format", help="How to write it.")]


def run_tests(
    policy: Policy = None, format_: Format = "console", data: Data = None, as_of: AsOf = None
) -> None:
    """Run the policy's own tests.

    Customers named in tests come from the workspace's data, otherwise from the folder `cases` beside the
    policy. Exits 1 if a test fails.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline import testing
    from lifeseg.pipeline.setting import settle

    with progress() as report:
        tested = testing.run_tests(settle(policy, data=data, as_of=as_of), report)
    say_findings(tested.remarks, tested.checked.sources)
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
    return "".join(
        f"{line}\n" for line in (*lines, f"{said} in {name} ({counted(expectations, 'expectation')})")
    )


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
    return documents.written(documents.Tests(policy=name, tests=outcomes))


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
