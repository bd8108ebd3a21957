"""lifeseg flags: a policy comes in; its flags with what they say of themselves go out, as a table."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Policy
from lifeseg.cli.output import coloured, say_findings, show, table_width

Search = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Those with all these words in names, titles or information."),
]
Category = Annotated[str | None, typer.Option(metavar="TEXT", help="Those of this category.")]
Source = Annotated[str | None, typer.Option(metavar="TEXT", help="Those from this source.")]
Owner = Annotated[str | None, typer.Option(metavar="TEXT", help="Those of this owner.")]
Stale = Annotated[bool, typer.Option("--stale", help="Those whose source should have been renewed.")]
Format = Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="How to write it.")]


def flags(
    policy: Policy = None,
    search: Search = None,
    category: Category = None,
    source: Source = None,
    owner: Owner = None,
    stale: Stale = False,
    format_: Format = "table",
    as_of: AsOf = None,
) -> None:
    """List and search the flags of a policy.

    Each with category, source, refresh, owner and use, and the place in the policy. No customers are
    needed. Stale are flags whose source was renewed too long before the as-of date, as `[sources]` of the
    workspace says.
    """
    from lifeseg.cli import labels as writer
    from lifeseg.pipeline.freshness import findings
    from lifeseg.pipeline.labels import Wanted, labels
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.stages import check

    setting = settle(policy, as_of=as_of)
    checked = check(setting.policy, setting.policies)
    model = checked.good()
    found = labels(model, setting, Wanted(search, category, source, owner, stale))
    strange, text = findings(model, setting, ())
    say_findings(strange, {**checked.sources, **text})
    write = {"json": writer.to_json, "csv": writer.to_csv}.get(format_)
    show(write(found) if write else writer.to_console(found, table_width(), coloured()))
