"""lifeseg report: a run comes in; one page about it goes out, to be read anywhere without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifeseg.cli.options import AsOf, Data, Engine, Language, Personal, Policy
from lifeseg.cli.output import say, show

Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where to write it; in a folder, as report.html."),
]
Worth = Annotated[
    str | None, typer.Option("--value", metavar="NAME", help="Add up this index or score of each case.")
]
Most = Annotated[int, typer.Option("--records", min=0, max=5000, metavar="N", help="List at most so many.")]
Explained = Annotated[
    int,
    typer.Option("--explained", min=0, max=500, metavar="N", help="Explain at most so many of those listed."),
]


def report(
    policy: Policy = None,
    out: Out = None,
    value: Worth = None,
    records: Most = 300,
    explained: Explained = 24,
    lang: Language = "en",
    data: Data = None,
    as_of: AsOf = None,
    engine: Engine = None,
    show_personal: Personal = False,
) -> None:
    """Make a page about a run: sizes, stages, scores, moves, data, records.

    Everybody is evaluated as `lifeseg run` does it, and nothing is recorded; who moved is told where a run of the day is
    recorded. The page is one file, which loads nothing: its list is searched, and its records are explained.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pages.book.links import address_of
    from lifeseg.pages.report.to_html import to_html
    from lifeseg.pipeline.in_place import put_in_place
    from lifeseg.pipeline.report.from_run import Asked, report_of
    from lifeseg.pipeline.setting import settle

    setting = settle(policy, data=data, as_of=as_of, engine=engine)
    with progress() as told:
        found = report_of(setting, Asked(lang, value, records, explained, show_personal), told)
    page = to_html(found, address_of(setting.workspace))
    if out is None:
        show(page)
        return
    target = out / "report.html" if out.is_dir() else out
    put_in_place({target: page.encode()})
    say(f"{target} written\n")
