"""The commands by name, in the order in which an analyst meets them; names come in, an application that has them goes out.

Only what is named is imported and described: describing all of them takes a good part of what a short answer takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from lifeseg import __version__
from lifeseg.cli.output import guarded, show

COMMANDS = {
    "init": "init.init", "check": "check.check", "lint": "lint.lint", "fmt": "fmt.fmt",
    "run": "run.run", "list": "list.list_", "flags": "flags.flags", "explain": "explain.explain",
    "whatif": "whatif.whatif", "nearest": "nearest.nearest", "sensitivity": "sensitivity.sensitivity",
    "history": "history.history", "transitions": "transitions.transitions", "simulate": "simulate.simulate",
    "tasks": "tasks.tasks", "outcomes": "outcomes.outcomes", "loop": "loop.loop",
    "override": "override.override", "export": "export.export",
    "test": "test.run_tests", "prove": "prove.prove", "diff": "diff.diff", "log": "log.log", "report": "report.report",
    "docs": "docs.docs", "generate": "generate.generate", "sample": "sample.sample", "sql": "sql.sql",
    "help": "help.help_", "learn": "learn.learn", "git": "git.git", "table": "table.table",
}  # fmt: skip
"""Where in this package the function of a command is, or its own application if it has commands of its own."""


def print_version(wanted: bool) -> None:
    if wanted:
        show(f"lifeseg {__version__}\n")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Show the version and exit.", callback=print_version, is_eager=True)
]


def application_of(names: Iterable[str]) -> typer.Typer:
    """The command line with the commands of these names."""
    application = typer.Typer(
        name="lifeseg",
        help="Customer lifecycle segmentation: write the policy, run it on customers, be told why.",
        epilog="A folder with a lifeseg.toml is a workspace: there, `lifeseg explain C19` needs nothing more.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for name in names:
        file, _, function = COMMANDS[name].partition(".")
        command = getattr(import_module(f"lifeseg.cli.{file}"), function)
        if isinstance(command, typer.Typer):
            application.add_typer(command, name=name)
        else:
            application.command(name, rich_help_panel=None)(guarded(command))

    @application.callback()
    def lifeseg(version: Version = False) -> None:
        pass

    return application
