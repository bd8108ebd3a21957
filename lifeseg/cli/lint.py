"""lifeseg lint: a policy comes in; what a careful reader would ask about it goes out, and is mended with --fix."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated

import typer

from lifeseg.cli.check import Format, in_place, shown_names
from lifeseg.cli.options import AsOf, Data, Engine, Language, Policy
from lifeseg.cli.output import FINDINGS, say, say_findings, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifeseg.pipeline.linting import Linted, Mended

Mend = Annotated[
    bool, typer.Option("--fix", help="Mend what can be mended without changing what the policy means.")
]
NoData = Annotated[bool, typer.Option("--no-data", help="Look at the text alone, and not at records.")]


def lint(
    policy: Policy = None,
    fix: Mend = False,
    no_data: NoData = False,
    format_: Format = "console",
    lang: Language = "en",
    data: Data = None,
    as_of: AsOf = None,
    engine: Engine = None,
) -> None:
    """Ask what a careful reader would ask: style, and what changes nothing.

    Rules about the text work everywhere, those about records on the workspace's. The section [lint] of lifeseg.toml
    switches rules off or makes them more or less severe. Exits 1 if there is anything above a note.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.diagnostics.catalogue import severity
    from lifeseg.pipeline import linting
    from lifeseg.pipeline.setting import settle

    setting = settle(policy, data=data, as_of=as_of, engine=engine)
    with progress() as report:
        linted = linting.lint(setting, data=not (no_data or fix), progress=report)
        if fix:
            write(linting.mended(setting, linted))
            linted = linting.lint(setting, data=not no_data, progress=report)
    say_about_records(linted, lang)
    if format_ == "console":
        say_findings(linted.findings, linted.checked.sources, lang, aloud=True)
        show(closing_line(linted))
    else:
        writer = importlib.import_module(f"lifeseg.diagnostics.to_{format_}")
        names = shown_names(linted.checked.places)
        sources = {names.get(name, name): linted.checked.sources[name] for name in linted.checked.own_files}
        show(writer.render([in_place(one, names) for one in linted.findings], sources, lang))
    if any(severity(finding) != "note" for finding in linted.findings):
        raise typer.Exit(FINDINGS)


def write(files: Sequence[Mended]) -> None:
    """All files, or none."""
    from lifeseg.cli.words import counted
    from lifeseg.pipeline.in_place import put_in_place

    put_in_place({file.path: file.new.encode() for file in files})
    if files:
        say(f"{counted(sum(file.fixes for file in files), 'finding')} mended\n")


def say_about_records(linted: Linted, language: str) -> None:
    """Why records were not looked at, or of what there were too few."""
    from lifeseg.cli.words import counted
    from lifeseg.diagnostics.catalogue import words

    if linted.unread is not None:
        say(f"records were not looked at: {words(linted.unread, language).message}\n")
    for entity, number in (linted.few or {}).items():
        say(f"{entity}: {counted(number, 'record')}, too few for some rules about records\n")


def closing_line(linted: Linted) -> str:
    """`3 warnings in orgcust 1.0.0`"""
    from lifeseg.diagnostics.catalogue import counted

    model = linted.checked.good()
    return f"{counted(linted.findings) or 'nothing to ask'} in {model.name} {model.version}\n"
