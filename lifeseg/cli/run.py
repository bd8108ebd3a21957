"""lifeseg run: a policy and data come in; a summary goes to the terminal, all results to files, the run to
the store.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Engine, Language, OnBadRow, Policy, Strict
from lifeseg.cli.output import FINDINGS, coloured, say_findings, show, width

if TYPE_CHECKING:
    from lifeseg.pipeline.filling import Filled, Gap
    from lifeseg.pipeline.running import Finished
    from lifeseg.pipeline.setting import Setting
    from lifeseg.pipeline.stages import Progress
    from lifeseg.pipeline.wish import Wish

Only = Annotated[
    str | None, typer.Option(metavar="NAMES", help="Evaluate only these definitions, with commas.")
]
Out = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Write one file per entity and run.json here, or tables into X.duckdb."),
]
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
Challenger = Annotated[
    bool, typer.Option("--challenger", help="Run the policy that the workspace's is compared with.")
]
Changed = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|auto",
        help="Bring the results in --out up to date: these keys have changed, or what is in changed files.",
    ),
]
AgainFrom = Annotated[
    str | None,
    typer.Option("--again-from", metavar="DATE", help="Make the runs from this day on again, oldest first."),
]
Every = Annotated[
    Literal["day", "week", "month", "quarter", "year"] | None,
    typer.Option(help="With --again-from: how often a run is due; without it, as lifeseg.toml says."),
]
Frozen = Annotated[
    bool, typer.Option("--frozen", help="With --changed: keep the means and cuts of the results in --out.")
]
Explain = Annotated[
    bool,
    typer.Option("--explain", help="Write beside the results what decided, how nearly, and top reasons."),
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
    explain: Explain = False,
    format_: Format = "parquet",
    tables: Tables = None,
    master: Master = None,
    on_bad_row: OnBadRow = "fail",
    store: Store = False,
    challenger: Challenger = False,
    again_from: AgainFrom = None,
    every: Every = None,
    strict: Strict = False,
    lang: Language = "en",
) -> None:
    """Evaluate the policy for every customer and show a summary.

    With --out all results are written. A run of the workspace is recorded in its result store, so that
    explanations are of what happened; where lifeseg.toml says `since` and `every`, the runs of earlier days that
    are missing are made first. Exits 1 if a customer has no case or several, or a `never` or `assume` is broken.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.cli.summary import summary
    from lifeseg.pipeline.filling import gap
    from lifeseg.pipeline.running import run as run_all
    from lifeseg.pipeline.setting import as_day, settle
    from lifeseg.pipeline.wish import Wish

    start = time.perf_counter()
    setting = settle(policy, data=data, as_of=as_of, engine=engine, store=store, challenger=challenger)
    wish = Wish(listed(only), *places(out, format_), on_bad_row, tables, master, explained=explain)
    wish = of_changes(wish, changed, frozen)
    before = gap(setting, wish, as_day(again_from) if again_from is not None else None, every)
    with progress() as report:
        failed = filled(setting, wish, before, report, lang)
        finished = run_all(setting, replace(wish, anew=before.anew), report)
    say_findings(finished.findings, finished.checked.sources, lang)
    show(summary(finished, setting, wish, time.perf_counter() - start, width(), coloured()))
    if failed or is_wrong(finished, strict):
        raise typer.Exit(FINDINGS)


def is_wrong(finished: Finished, strict: bool) -> bool:
    from lifeseg.diagnostics.catalogue import severity

    found = {severity(finding) for finding in finished.findings}
    return "error" in found or (strict and "warning" in found)


def listed(only: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in only.split(",") if name.strip()) if only is not None else None


def of_changes(wish: Wish, changed: str | None, frozen: bool) -> Wish:
    """The same of what has changed: a file lists it, or changed files tell."""
    keys = Path(changed) if changed and changed != "auto" else None
    return replace(wish, changed=keys, by_files=changed == "auto", frozen=frozen)


def places(out: str | None, format_: str) -> tuple[Path | None, str | None, str]:
    """Where results are written, and how: a folder or a DuckDB file, or a location of a cluster."""
    if out is None or "://" in out:
        return None, out, format_
    return Path(out), None, "duckdb" if out.lower().endswith(".duckdb") else format_


def filled(setting: Setting, wish: Wish, before: Gap, report: Progress | None, lang: str) -> bool:
    """Makes the runs of earlier days, with a line for each; whether one of them found errors."""
    from lifeseg.pipeline.filling import fill

    failed = False
    for one in fill(setting, wish, before, report):
        say_findings(one.errors, one.finished.checked.sources, lang)
        failed = failed or bool(one.errors)
        show(line(one))
    return failed


def line(filled: Filled) -> str:
    """What is said of a day before the last: `2013-05-31 · 150 customers · 4 moves of stage · run 12`."""
    from lifeseg.cli.words import counted

    overview = filled.finished.overview
    entities = overview.model.entities.values()
    people = [counted(overview.rows[one.name], one.name) for one in entities if one.parent is None]
    moves = [f"{counted(count, 'move')} of {name}" for name, count in filled.moves.items()]
    return " · ".join([str(filled.day), *people, *moves, f"run {filled.finished.number}"]) + "\n"
