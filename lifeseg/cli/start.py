"""The words of the command line come in; the command that they name is run."""

from __future__ import annotations

import gc
import os
import sys

from lifeseg.cli.commands import COMMANDS, application_of

MOST_UNLOOKED_AT = 100_000
"""New objects until the garbage collector looks at the youngest."""

ASKS_FOR_OTHERS = "help"
"""A command that describes the others."""


def main() -> None:
    """Runs the command line; exits 0 clean, 1 findings, 2 usage or configuration, 3 internal error.

    Trees and records are many and hardly ever garbage, so the collector is to look at them less often.
    """
    gc.set_threshold(MOST_UNLOOKED_AT, 20, 100)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", **({} if stream.isatty() else {"encoding": "utf-8"}))
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        application_of([first] if first in COMMANDS and first != ASKS_FOR_OTHERS else COMMANDS)()
    except KeyboardInterrupt:
        os._exit(130)
