"""lifeseg check: a policy comes in; everything wrong with it goes out, in one run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import Language, Policy, Strict
from lifeseg.cli.output import FINDINGS, say_findings, show

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lifeseg.diagnostics.diagnostic import Diagnostic, Span
    from lifeseg.pipeline.stages import Checked

Format = Annotated[
    Literal["console", "json", "github", "sarif", "junit"],
    typer.Option("--format", help="How to write findings."),
]


def check(
    policy: Policy = None, format_: Format = "console", lang: Language = "en", strict: Strict = False
) -> None:
    """Check a policy: all errors in one run.

    Syntax, names, types, units, missing values, cycles, logic: all findings of all files come out of one
    run, with place and help. Exits 1 if there are errors, with --strict also if there are warnings.
    """
    from lifeseg.diagnostics.catalogue import severity
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.stages import check as check_policy

    setting = settle(policy)
    checked = check_policy(setting.policy, setting.policies)
    if format_ == "console":
        say_findings(checked.findings, checked.sources, lang, aloud=True)
        show(closing_line(checked))
    else:
        writer = importlib.import_module(f"lifeseg.diagnostics.to_{format_}")
        names = shown_names(checked.places)
        findings = [in_place(finding, names) for finding in checked.findings]
        sources = {names.get(name, name): checked.sources[name] for name in checked.own_files}
        show(writer.render(findings, sources, lang))
    found = {severity(finding) for finding in checked.findings}
    if "error" in found or (strict and "warning" in found):
        raise typer.Exit(FINDINGS)


def closing_line(checked: Checked) -> str:
    """`2 errors, 1 warning in orgcust (3 files, 61 definitions)`"""
    from lifeseg.cli.words import counted as number_of
    from lifeseg.diagnostics.catalogue import counted

    held = [number_of(len(checked.own_files), "file")]
    name = checked.path.resolve().stem
    if checked.model is not None:
        name = f"{checked.model.name} {checked.model.version}"
        held.append(number_of(len(checked.model.definitions), "definition"))
    found = counted(checked.findings) or "nothing found"
    return f"{found} in {name} ({', '.join(held)})\n"


def shown_names(places: Mapping[str, Path]) -> dict[str, str]:
    """The paths of the policy's files as tools outside want them: from the current folder."""
    from lifeseg.workspace import shown_path

    return {name: shown_path(path) for name, path in places.items()}


def in_place(finding: Diagnostic, names: Mapping[str, str]) -> Diagnostic:
    """A finding whose places name files by path."""
    from dataclasses import replace

    def moved(span: Span) -> Span:
        return span._replace(file=names.get(span.file, span.file))

    return replace(
        finding,
        span=moved(finding.span) if finding.span is not None else None,
        labels=tuple(replace(label, span=moved(label.span)) for label in finding.labels),
        fix=replace(finding.fix, span=moved(finding.fix.span)) if finding.fix is not None else None,
    )
