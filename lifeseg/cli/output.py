"""Texts come in and leave by the right door: data on standard output, everything else on standard error,
errors as codes.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TextIO

import typer

from lifeseg.diagnostics.diagnostic import Diagnostic

CLEAN, FINDINGS, USAGE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
WIDTH = 100

Parameters = ParamSpec("Parameters")

DUCKDB_INTERRUPTED = (
    "Query interrupted"  # what DuckDB raises in place of KeyboardInterrupt, as a RuntimeError
)


def guarded(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """A command whose failures become a message and an exit code."""

    @functools.wraps(command)
    def call(*arguments: Parameters.args, **options: Parameters.kwargs) -> None:
        try:
            command(*arguments, **options)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            raise typer.Exit(reader_gone()) from None
        except Exception as error:  # noqa: BLE001 - the last line of defence
            raise typer.Exit(INTERRUPTED if str(error) == DUCKDB_INTERRUPTED else failed(error)) from None

    return call


def reader_gone() -> int:
    """Whoever read our output has had enough of it, as `head` does; what is left must not be written at
    exit.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLEAN


def failed(error: Exception) -> int:
    """Says what went wrong and gives the exit code."""
    from lifeseg.pipeline.errors import LifesegError

    if isinstance(error, LifesegError):
        say_findings(error.findings, error.sources)
        return error.exit_code
    if os.environ.get("LIFESEG_DEBUG"):
        import traceback

        say(traceback.format_exc())
    said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    say(
        f"internal error: {said}\n"
        "  This is a mistake in lifeseg, not in your policy or data. Please report it with the command you\n"
        "  gave and what it says when run with LIFESEG_DEBUG=1.\n"
    )
    return INTERNAL


def show(text: str) -> None:
    """Data, on standard output."""
    put(text, sys.stdout)


def say(text: str) -> None:
    """Everything else, on standard error."""
    put(text, sys.stderr)


def put(text: str, stream: TextIO) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from lifeseg.pipeline.errors import refusal
        from lifeseg.workspace import reason

        raise refusal("cannot-write.output", reason=reason(error)) from error


def say_findings(
    findings: Sequence[Diagnostic], sources: Mapping[str, str], language: str = "en", *, aloud: bool = False
) -> None:
    """Findings as people read them, on standard error; or, `aloud`, as the answer itself, on standard
    output.
    """
    if not findings:
        return
    from lifeseg.diagnostics.to_console import colour_wanted, render

    stream = sys.stdout if aloud else sys.stderr
    put(render(findings, sources, language, width=width(), colour=colour_wanted(stream)), stream)


def coloured(stream: TextIO | None = None) -> bool:
    """Whether to write in colour: to a terminal whose user did not say NO_COLOR."""
    stream = stream or sys.stdout
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def table_width() -> int | None:
    """Columns a table may fill: those of the terminal, or as many as it takes where nobody looks."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return None
    import shutil

    return shutil.get_terminal_size((WIDTH, 24)).columns


def width() -> int:
    """Columns to fill: 100, or fewer on a narrower terminal."""
    import shutil

    return max(40, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))
