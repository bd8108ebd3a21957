"""A setting comes in; what a careful reader would ask about its policy, and about what records make of it, goes out;
or its texts, mended where that changes no meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lifeseg.diagnostics.diagnostic import Diagnostic, Fix
from lifeseg.frozen import dataclass
from lifeseg.pipeline.aside import evaluated, room
from lifeseg.pipeline.errors import ConfigurationError, DataError
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, Progress, check, checked, errors_among
from lifeseg.review.lint_rules import Choice, Chosen, Found, chosen, wanted_among
from lifeseg.review.lint_text import Read, lint_text
from lifeseg.workspace import Library, parsed, policy_texts


@dataclass(frozen=True, slots=True)
class Linted:
    """The findings in the order of the text. `unread` says why records were not looked at; `few` which entities have so few
    that a rule said nothing, and how many.
    """

    checked: Checked
    findings: tuple[Diagnostic, ...]
    unread: Diagnostic | None = None
    few: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Mended:
    """A file, and its text with the fixes."""

    path: Path
    new: str
    fixes: int


def lint(setting: Setting, *, data: bool = True, progress: Progress | None = None) -> Linted:
    """A policy with errors is refused; about its warnings nothing is said again."""
    found = check(setting.policy, setting.policies)
    model = found.good()
    read = Read(model, frozenset(found.own_files))
    choice = setting.workspace.lint if setting.workspace is not None else chosen()
    findings = list(kept(lint_text(read, choice), choice))
    unread: Diagnostic | None = None
    few: dict[str, int] = {}
    rules = wanted_among(choice, "data")
    if data and rules:
        try:
            findings += kept(of_records(setting, read, rules, few, progress), choice)
        except (ConfigurationError, DataError) as error:
            unread = error.findings[0]
    return Linted(found, tuple(sorted(findings, key=in_order)), unread, few)


def kept(found: Iterator[tuple[str, Found]], choice: Choice) -> Iterator[Diagnostic]:
    """The findings that the workspace wants, as severe as it wants them."""
    for code, one in found:
        if one.subject not in choice[code].silent:
            yield replace(one.finding, severity=choice[code].severity)


def in_order(finding: Diagnostic) -> tuple[str, int, int, str]:
    span = finding.span
    return (span.file, span.line, span.column, finding.key) if span is not None else ("", 0, 0, finding.key)


# ---- The records --------------------------------------------------------------------------------


def of_records(
    setting: Setting, read: Read, rules: Mapping[str, Chosen], few: dict[str, int], progress: Progress | None
) -> Iterator[tuple[str, Found]]:
    """What the rules about records find; `few` learns of what there are too few."""
    from lifeseg.records.results_measured import measuring
    from lifeseg.review.lint_data import asked, lint_data, seen, with_copies

    wanted = asked(read, tuple(rules))
    if not wanted:
        return
    model, names = with_copies(read.model, wanted)
    least = max(rule.count("records") for rule in rules.values())
    with room(setting) as folder:
        evaluated(setting, model, folder / "results", progress, names, refused="lint-engine")
        for entity, one in wanted.items():
            with measuring(folder / "results" / f"{entity}.parquet") as measured:
                here = seen(read, setting.day(), one, measured)
                if here.records < least:
                    few[entity] = here.records
                yield from lint_data(here, rules)


# ---- Mending ------------------------------------------------------------------------------------


def mended(setting: Setting, linted: Linted) -> list[Mended]:
    """The files with all fixes that do not touch each other, laid out as `fmt` does; none if the policy would have errors."""
    fixes: dict[str, list[Fix]] = {}
    for finding in linted.findings:
        if finding.fix is not None:
            fixes.setdefault(finding.fix.span.file, []).append(finding.fix)
    texts, places, _ = policy_texts(setting.policy)
    done = {name: with_fixes(texts[name], fixes[name]) for name in texts if name in fixes}
    after = {name: done[name][0] if name in done else text for name, text in texts.items()}
    tree = parsed(setting.policy, after, places, ())
    again = checked(tree, Library(setting.policy, setting.policies))
    if errors_among(again.findings):
        return []
    from lifeseg.syntax.to_text import to_text

    return [
        Mended(places[file.name], to_text(file), done[file.name][1])
        for file in tree.files
        if file.name in done
    ]


def with_fixes(text: str, fixes: list[Fix]) -> tuple[str, int]:
    """The text with the fixes, from the last to the first, and how many they are."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column - 1

    count, before = 0, len(text)
    for fix in sorted(fixes, key=lambda one: one.span, reverse=True):
        begin, end = (
            at(fix.span.line, fix.span.column),
            at(fix.span.end_line, fix.span.end_column),
        )
        if end <= before:
            text = text[:begin] + fix.replacement + text[end:]
            count, before = count + 1, begin
    return text, count
