"""The arguments and options that several commands share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lifeseg.explain.catalogue import languages

Policy = Annotated[
    Path | None,
    typer.Argument(
        metavar="POLICY", help="A policy file or folder; without it, the workspace's.", show_default=False
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="PATH", help="A policy file or folder; without it, the workspace's."),
]
Data = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Read ENTITY.parquet or ENTITY.csv from this folder instead."),
]
AsOf = Annotated[
    str | None, typer.Option(metavar="DATE", help="The day that counts as today, such as 2013-06-30.")
]
Engine = Annotated[
    str | None, typer.Option(metavar="NAME", help="What evaluates: duckdb, interpreter, postgres or spark.")
]
Entity = Annotated[
    str | None, typer.Option(metavar="NAME", help="What ID is one of; without it, the first that has it.")
]
LANGUAGES = languages()


def spoken(language: str) -> str:
    """A language that explanations have messages in; another one is another file."""
    if language not in LANGUAGES:
        raise typer.BadParameter(f"'{language}' is not one of {', '.join(map(repr, LANGUAGES))}.")
    return language


Language = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar=f"<{'|'.join(LANGUAGES)}>",
        callback=spoken,
        help="The language of sentences and findings.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings count as findings: exit 1.")]
OnBadRow = Annotated[
    Literal["fail", "set-aside"],
    typer.Option(
        help="Stop at rows that break the declared schema, or write them beside the results and go on."
    ),
]
Personal = Annotated[
    bool, typer.Option("--show-personal", help="Show facts marked personal instead of masking them.")
]
