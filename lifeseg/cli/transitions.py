"""lifeseg transitions: a definition comes in; how many customers went from which of its cases to which goes out, or who."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import PolicyOption
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from lifeseg.pipeline.transitions import Movers, Transitions
    from lifeseg.tracking.flapping import Flapping as Flapped

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
Top = Annotated[
    int, typer.Option(metavar="N", min=1, help="With --from and --to, or --flapping: the first N.")
]
Flapping = Annotated[bool, typer.Option("--flapping", help="Count and list who came back to a case.")]
Within = Annotated[str, typer.Option(metavar="TIME", help="With --flapping: back within this time.")]
Times = Annotated[int, typer.Option(metavar="N", min=1, help="With --flapping: at least N times.")]
Format = Annotated[Literal["console", "csv"], typer.Option("--format", help="How to write it.")]


def transitions(
    name: Name = None,
    source: Source = None,
    target: Target = None,
    since: Since = None,
    until: Until = None,
    top: Top = 20,
    flapping: Flapping = False,
    within: Within = "6 months",
    times: Times = 1,
    format_: Format = "console",
    policy: PolicyOption = None,
) -> None:
    """Count the moves from case to case, or list who made one.

    A row for each case that was left, a column for each that was entered. With --from and --to both, the
    rule by which one goes that way, the customers who did, and the day. With --flapping, who left a case and came back to it.
    Needs no data, only the result store of the workspace.
    """
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.setting import as_day, settle
    from lifeseg.pipeline.transitions import Asked, movers
    from lifeseg.pipeline.transitions import transitions as counted

    days = [as_day(day) if day is not None else None for day in (since, until)]
    asked, setting = Asked(name, days[0], days[1]), settle(policy)
    if (source is None) != (target is None):
        raise refusal("bad-argument.way")
    if flapping:
        from lifeseg.pipeline.transitions import came_back

        plain = format_ == "csv"
        back = came_back(setting, asked, within, times, None if plain else top)
        show(returns(back) if plain else flapping_table(back, within))
        return
    if source is not None and target is not None:
        show(listed(movers(setting, asked, source, target, top), plain=format_ == "csv"))
        return
    rows = table(counted(setting, asked), plain=format_ == "csv")
    if format_ == "csv":
        show("".join(f"{','.join(row)}\n" for row in rows))
    else:
        from lifeseg.cli.words import aligned

        show("".join(f"{line}\n" for line in aligned(rows, [False, *[True] * (len(rows[0]) - 1)])))


def listed(found: Movers, plain: bool) -> str:
    """A line for each who moved; for people beneath the rule."""
    rows = [[key, str(day)] for key, day in found.rows]
    if plain:
        return "".join(f"{','.join(row)}\n" for row in rows)
    from lifeseg.cli.words import aligned, worded

    rule = [] if found.rule is None else [worded(found.rule)]
    return "".join(f"{line}\n" for line in (*rule, *(aligned(rows, [False, False]) if rows else ["nobody"])))


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


# ---- Who came back -------------------------------------------------------------------------------


def returns(found: Flapped) -> str:
    """A line for each time that somebody came back, for programs."""
    from lifeseg.pipeline.transitions import NOWHERE

    lines = ["key,case,from,left,back"]
    lines += [f"{one.key},{one.case},{one.source or NOWHERE},{one.left},{one.back}" for one in found.returns]
    return "".join(f"{line}\n" for line in lines)


def flapping_table(found: Flapped, within: str) -> str:
    """To which case, from where, how many and how often; then those who came back most often."""
    from lifeseg.cli.words import aligned, counted
    from lifeseg.pipeline.transitions import NOWHERE

    if not found.customers:
        return f"nobody came back within {within}\n"
    rows = [["back in", "from", "customers", "times"]]
    rows += [[case, source or NOWHERE, f"{who:,}", f"{times:,}"] for case, source, who, times in found.counts]
    lines = [
        f"{counted(found.customers, 'record')} came back within {within}",
        *aligned(rows, [False, False, True, True]),
        "",
    ]
    shown: dict[str, list[str]] = {}
    for one in found.returns:
        shown.setdefault(one.key, []).append(f"{one.case} {one.left} → {one.back}")
    lines += aligned(
        [[key, str(len(said)), ", ".join(said)] for key, said in shown.items()], [False, True, False]
    )
    if (more := found.customers - len(shown)) > 0:
        lines.append(f"… {more:,} more: --top {found.customers}")
    return "".join(f"{line}\n" for line in lines)
