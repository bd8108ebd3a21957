"""The commands by name, in the order in which an analyst meets them; each imports what it needs when it
runs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from lifeseg import __version__
from lifeseg.cli.check import check
from lifeseg.cli.diff import diff
from lifeseg.cli.docs import docs
from lifeseg.cli.explain import explain
from lifeseg.cli.export import export
from lifeseg.cli.flags import flags
from lifeseg.cli.fmt import fmt
from lifeseg.cli.generate import generate
from lifeseg.cli.git import git
from lifeseg.cli.help import help_
from lifeseg.cli.history import history
from lifeseg.cli.init import init
from lifeseg.cli.learn import learn
from lifeseg.cli.lint import lint
from lifeseg.cli.list import list_
from lifeseg.cli.log import log
from lifeseg.cli.loop import loop
from lifeseg.cli.nearest import nearest
from lifeseg.cli.outcomes import outcomes
from lifeseg.cli.output import guarded, show
from lifeseg.cli.override import override
from lifeseg.cli.prove import prove
from lifeseg.cli.report import report
from lifeseg.cli.run import run
from lifeseg.cli.sample import sample
from lifeseg.cli.sensitivity import sensitivity
from lifeseg.cli.simulate import simulate
from lifeseg.cli.sql import sql
from lifeseg.cli.table import table
from lifeseg.cli.tasks import tasks
from lifeseg.cli.test import run_tests
from lifeseg.cli.transitions import transitions
from lifeseg.cli.whatif import whatif

MOST_UNLOOKED_AT = 100_000
"""New objects until the garbage collector looks at the youngest."""

COMMANDS: dict[str, Callable[..., None]] = {
    "init": init, "check": check, "lint": lint, "fmt": fmt,
    "run": run, "list": list_, "flags": flags, "explain": explain, "whatif": whatif, "nearest": nearest,
    "sensitivity": sensitivity,
    "history": history, "transitions": transitions, "simulate": simulate, "tasks": tasks, "outcomes": outcomes, "loop": loop,
    "override": override, "export": export,
    "test": run_tests, "prove": prove, "diff": diff, "log": log, "report": report, "docs": docs, "generate": generate,
    "sample": sample, "sql": sql, "help": help_,
}  # fmt: skip

application = typer.Typer(
    name="lifeseg",
    help="Customer lifecycle segmentation: write the policy, run it on customers, be told why.",
    epilog="A folder with a lifeseg.toml is a workspace: there, `lifeseg explain C19` needs nothing more.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for name, command in COMMANDS.items():
    application.command(name, rich_help_panel=None)(guarded(command))
application.add_typer(learn, name="learn")
application.add_typer(git, name="git")
application.add_typer(table, name="table")


def print_version(wanted: bool) -> None:
    if wanted:
        show(f"lifeseg {__version__}\n")
        raise typer.Exit


@application.callback()
def lifeseg(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=print_version, is_eager=True),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line; exits 0 clean, 1 findings, 2 usage or configuration, 3 internal error.

    Trees and records are many and hardly ever garbage, so the collector is to look at them less often.
    """
    gc.set_threshold(MOST_UNLOOKED_AT, 20, 100)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", **({} if stream.isatty() else {"encoding": "utf-8"}))
    try:
        application()
    except KeyboardInterrupt:
        os._exit(130)
