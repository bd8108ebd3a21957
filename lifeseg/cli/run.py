"""lifeseg run: a policy and data come in; a summary goes to the terminal, all results to files, the run to
the store.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Engine, Language, OnBadRow, Policy, Strict
from lifeseg.cli.output import FINDINGS, coloured, say_findings, show, width

Only = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Evaluate only these definitions, with commas.")
]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Write one file per entity and run.json here.")]
Tables = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Write one table per entity, NAME_ENTITY, into the engine's database."),
]
Master = Annotated[
    str | None, typer.Option(metavar="URL", help="The Spark cluster; without it, Spark runs on this machine.")
]
Format = Annotated[
    Literal["parquet", "csv"], typer.Option("--format", help="The format of the files in --out.")
]
Store = Annotated[
    bool, typer.Option("--store", help="Record the run in the workspace's store even with POLICY or --data.")
]
Changed = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Bring the results in --out up to date: these keys have changed."),
]
Frozen = Annotated[
    bool, typer.Option("--frozen", help="With --changed: keep the means and cuts of the results in --out.")
]


def run(
    policy: Policy = None,
    data: Data = None,
    as_of: AsOf = None,
    engine: Engine = None,
    only: Only = None,
    out: Out = None,
    changed: Changed = None,
    frozen: Frozen = False,
    format_: Format = "parquet",
    tables: Tables = None,
    master: Master = None,
    on_bad_row: OnBadRow = "fail",
    store: Store = False,
    strict: Strict = False,
    lang: Language = "en",
) -> None:
    """Evaluate the policy for every customer and show a summary.

    With --out all results are written. A run of the workspace is recorded in its result store, so that
    explanations are of what happened. Exits 1 if a customer has no case or several, or a `never` or
    `assume` is broken.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.cli.summary import summary
    from lifeseg.diagnostics.catalogue import severity
    from lifeseg.pipeline.running import run as run_all
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.wish import Wish

    start = time.perf_counter()
    names = tuple(name.strip() for name in only.split(",") if name.strip()) if only is not None else None
    setting = settle(policy, data=data, as_of=as_of, engine=engine, store=store)
    location = out if out is not None and "://" in out else None
    folder = Path(out) if out is not None and location is None else None
    wish = Wish(names, folder, format_, on_bad_row, tables, location, master, changed, frozen)
    with progress() as report:
        finished = run_all(setting, wish, report)
    say_findings(finished.findings, finished.checked.sources, lang)
    show(summary(finished, setting, wish, time.perf_counter() - start, width(), coloured()))
    found = {severity(finding) for finding in finished.findings}
    if "error" in found or (strict and "warning" in found):
        raise typer.Exit(FINDINGS)
