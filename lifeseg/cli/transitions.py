"""lifeseg transitions: a definition comes in; how many customers went from which of its cases to which goes out, or who."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import PolicyOption
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from lifeseg.pipeline.transitions import Transitions

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME", help="A segment, rank, table or lifecycle; without it, the first lifecycle."
    ),
]
Source = Annotated[
    str | None, typer.Option("--from", metavar="CASE", help="List who left this case; `none`: who is new.")
]
Target = Annotated[
    str | None,
    typer.Option("--to", metavar="CASE", help="List who came into this case; `none`: who is gone."),
]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Not before this day.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Not after this day.")]
Top = Annotated[int, typer.Option(metavar="N", min=1, help="With --from and --to: the first N.")]
Format = Annotated[Literal["console", "csv"], typer.Option("--format", help="How to write it.")]


def transitions(
    name: Name = None,
    source: Source = None,
    target: Target = None,
    since: Since = None,
    until: Until = None,
    top: Top = 20,
    format_: Format = "console",
    policy: PolicyOption = None,
) -> None:
    """Count the moves from case to case, or list who made one.

    A row for each case that was left, a column for each that was entered. With --from and --to both, the
    customers who went that way and the day. Needs no data, only the result store of the workspace.
    """
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.setting import as_day, settle
    from lifeseg.pipeline.transitions import Asked, movers
    from lifeseg.pipeline.transitions import transitions as counted

    days = [as_day(day) if day is not None else None for day in (since, until)]
    asked, setting = Asked(name, days[0], days[1]), settle(policy)
    if (source is None) != (target is None):
        raise refusal("bad-argument.way")
    if source is not None and target is not None:
        rows = [[key, str(day)] for key, day in movers(setting, asked, source, target, top)]
    else:
        rows = table(counted(setting, asked), plain=format_ == "csv")
    if format_ == "csv":
        show("".join(f"{','.join(row)}\n" for row in rows))
    else:
        from lifeseg.cli.words import aligned

        right = [False, *(column > 0 and source is None for column in range(1, len(rows[0])))] if rows else []
        show("".join(f"{line}\n" for line in aligned(rows, right)) if rows else "nobody\n")


def table(found: Transitions, plain: bool) -> list[list[str]]:
    """A heading and a row for each case that was left; who is new stands first, who is gone last. `plain`: for programs."""
    from lifeseg.pipeline.transitions import NOWHERE

    cases = found.cases
    rows = [[found.definition.name, *cases, NOWHERE]]
    for before in (None, *cases):
        counts = [found.counts.get((before, after), 0) for after in (*cases, None)]
        if any(counts):
            cells = [str(count) if plain else f"{count:,}" if count else "" for count in counts]
            rows.append([before or NOWHERE, *cells])
    return rows
