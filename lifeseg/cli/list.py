"""lifeseg list: cases and flags come in; the customers that are in them go out, as a table."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Personal, PolicyOption
from lifeseg.cli.output import coloured, say_findings, show, table_width

if TYPE_CHECKING:
    from lifeseg.pipeline.listing import Listing

Wanted = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CASE|FLAG",
        help="`warning`, `conversion_type.warning`, `expiring`; none: everybody; also an entity.",
    ),
]
Sort = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A fact or definition: largest first, texts and dates ascending."),
]
Reverse = Annotated[bool, typer.Option("--reverse", help="Turn the order round.")]
Columns = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Facts and definitions to show, with commas.")
]
Top = Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N.")]
Near = Annotated[
    str | None, typer.Option(metavar="DISTANCE", help="Only those this near to the threshold of a band.")
]
Cross = Annotated[
    str | None,
    typer.Option(
        metavar="ROWS,COLUMNS", help="Count by the values of one or two facts or definitions instead."
    ),
]
Share = Annotated[bool, typer.Option("--share", help="With --cross: in per cent of each row.")]
Format = Annotated[
    Literal["console", "json", "csv", "markdown"], typer.Option("--format", help="How to write it.")
]


def list_(
    cases: Wanted = None,
    sort: Sort = None,
    reverse: Reverse = False,
    columns: Columns = None,
    top: Top = None,
    near: Near = None,
    cross: Cross = None,
    share: Share = False,
    format_: Format = "console",
    policy: PolicyOption = None,
    data: Data = None,
    as_of: AsOf = None,
    show_personal: Personal = False,
) -> None:
    """List the customers in a case or flag.

    `lifeseg list warning --sort customer_value` lists the warning customers, the most valuable first. Cases
    of one definition add up, different definitions narrow down. A case stands bare when its name is
    unambiguous, otherwise after its definition and a dot.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline.cross import crossed, names_of
    from lifeseg.pipeline.freshness import findings
    from lifeseg.pipeline.listing import Query, listing
    from lifeseg.pipeline.opened import opened
    from lifeseg.pipeline.setting import settle

    check_counting(cross, share, bool(sort or reverse or columns or top))
    distance = as_distance(near) if near is not None else None
    setting = settle(policy, data=data, as_of=as_of)
    with progress() as report:
        found = opened(setting, report)
    stale, text = findings(found.model, setting, cases or ())
    say_findings((*found.remarks, *stale), {**found.checked.sources, **text})
    named = [name.strip() for name in columns.split(",") if name.strip()] if columns else None
    counted = names_of(cross) if cross is not None else None
    shown, steady = counted or named, format_ in ("json", "csv")
    query = Query(tuple(cases or ()), sort, reverse, shown, top, distance, steady, show_personal)
    table = listing(found.results, query)
    table = crossed(table, counted, share) if counted is not None else table
    show(written(table, format_))


def written(table: Listing, format_: str) -> str:
    from lifeseg.cli import listing as writer

    write = {"json": writer.to_json, "csv": writer.to_csv, "markdown": writer.to_markdown}.get(format_)
    return write(table) if write else writer.to_console(table, table_width(), coloured())


def check_counting(cross: str | None, share: bool, listed: bool) -> None:
    """Counting has no order, and no columns but its own."""
    from lifeseg.pipeline.errors import refusal

    if cross is None and share:
        raise refusal("bad-argument.share")
    if cross is not None and listed:
        raise refusal("bad-argument.counting")


def as_distance(text: str) -> Decimal:
    from lifeseg.pipeline.errors import refusal

    try:
        distance = Decimal(text)
    except InvalidOperation:
        raise refusal("bad-argument.distance", text=text) from None
    if not distance.is_finite() or distance < 0:
        raise refusal("bad-argument.distance", text=text)
    return distance
