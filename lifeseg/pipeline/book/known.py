"""A setting comes in; how the policy's tests and proofs came out, and what its parameters were before, goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.pipeline.book import tree as b
from lifeseg.pipeline.book.maker import Change, Maker, Outcome
from lifeseg.pipeline.errors import LifesegError
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked
from lifeseg.syntax import definitions as d
from lifeseg.syntax.expression_text import expression_to_text

if TYPE_CHECKING:
    from lifeseg.interpreter.check_tests import Failure
    from lifeseg.prover.answers import Answer

MOST_VERSIONS = 200
SECONDS, OVERALL = 10.0, 120.0


def tests_of(setting: Setting, checked: Checked) -> Mapping[Span, Outcome]:
    """How each test came out. Where the records that tests name are not here, those that fail have not been run."""
    from lifeseg.pipeline.testing import run_tests

    if not checked.good().tests:
        return {}
    try:
        tested = run_tests(setting)
    except LifesegError:  # the workspace's records cannot be read here, which is no reason to have no book
        return {test.span: Outcome(0, (), ran=False) for test in checked.good().tests}
    return {
        one.span: Outcome(
            one.expectations, tuple(map(instead, one.failures)), not (one.failures and tested.remarks)
        )
        for one in tested.outcomes
    }


def instead(failure: Failure) -> str:
    return f"{failure.record}: {failure.subject} {failure.wanted} ≠ {failure.found}"


# ---- Proofs ---------------------------------------------------------------------------------------


def proofs_of(setting: Setting, maker: Maker) -> tuple[dict[tuple[str, str], tuple[b.Words, ...]], b.Words]:
    """What is proved of each definition and claim, in words, and of how many."""
    from lifeseg.pipeline.proving import prove

    answers = prove(setting, None, None, SECONDS, OVERALL).proofs.answers
    found: dict[tuple[str, str], list[b.Words]] = {}
    for answer in answers:
        found.setdefault((answer.entity, answer.subject), []).append(said_of(answer, maker))
    counted = [
        maker.say(f"proofs_{verdict.replace(' ', '_')}", count=str(number))
        for verdict in ("proved", "proved up to", "refuted", "not decided")
        if (number := sum(answer.verdict == verdict for answer in answers))
    ]
    good = all(answer.verdict.startswith("proved") for answer in answers)
    summary: b.Words = (
        (b.Piece(maker.words.listed(counted), kind="yes" if good else "no"),) if counted else ()
    )
    return {key: tuple(dict.fromkeys(lines)) for key, lines in found.items()}, summary


def said_of(answer: Answer, maker: Maker) -> b.Words:
    good = answer.verdict.startswith("proved")
    verdict = maker.say(f"verdict_{answer.verdict.replace(' ', '_')}", most=str(answer.most))
    asked = maker.say(f"asked_{answer.kind.replace(' ', '_')}")
    cases = f" ({', '.join(answer.cases)})" if answer.cases else ""
    return (b.Piece(verdict, kind="yes" if good else "no"), b.Piece(f": {asked}{cases}"))


# ---- What the parameters were -------------------------------------------------------------------------


def history_of(setting: Setting) -> Mapping[str, tuple[Change, ...]] | None:
    """What each parameter was in the versions that git knows, the oldest first; None where it knows none."""
    from lifeseg.pipeline.decision_log import APPROVALS, RECORD, commits
    from lifeseg.pipeline.revisions import side

    policy = setting.policy.resolve()
    found: dict[str, list[Change]] = {}
    before: dict[str, str] = {}
    try:
        log = list(commits(policy, MOST_VERSIONS))
        for place, (commit, at, _, subject, _, *approvals) in enumerate(reversed(log)):
            with TemporaryDirectory(prefix="lifeseg-book-") as folder:
                now = values_in(side(commit, policy, Path(folder) / "policy").path)
            approved = tuple(
                name.strip()
                for _, names in zip(APPROVALS, approvals, strict=True)
                for name in names.split(RECORD)
                if name.strip()
            )
            for name, value in now.items():
                if before.get(name) != value:
                    old = before.get(name) if place else None
                    change = Change(at[:10], commit, old, value, subject, approved)
                    found.setdefault(name, []).append(change)
            before = now
    except LifesegError:  # not under git, or git is not there: then nothing is known
        return None
    return {name: tuple(changes) for name, changes in found.items()} or None


def values_in(path: Path) -> dict[str, str]:
    """The values of a version's parameters, in the policy's own words."""
    from lifeseg.workspace import read_policy

    return {
        node.name: written_value(node)
        for file in read_policy(path).files
        for definition in file.definitions
        for node in parameters_in(definition)
    }


def parameters_in(definition: d.Definition | d.Change) -> Iterator[d.Parameter]:
    inner = definition.definition if isinstance(definition, d.Change) else definition
    if isinstance(inner, d.Block):
        yield from (item for item in inner.items if isinstance(item, d.Parameter))


def written_value(node: d.Parameter) -> str:
    later = [f"{line.day.value} = {expression_to_text(line.value)}" for line in node.since]
    return "; ".join([expression_to_text(node.value), *later])
