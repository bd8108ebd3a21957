"""lifeseg tasks: the day of the workspace comes in; what is handed out on it goes out, each task once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Language, PolicyOption
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifeseg.pipeline.tasks import Given
    from lifeseg.tracking.tasks import Task

Out = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH", help="Write FILE.csv or FILE.json, or into a folder a document for each task."
    ),
]
Format = Annotated[Literal["console", "csv", "json"], typer.Option("--format", help="How to write it.")]
Preview = Annotated[
    bool, typer.Option("--preview", help="Show what would be handed out, and record nothing.")
]

COLUMNS = ("task", "entity", "key", "name", "title", "about", "owner", "channel", "handed_out", "due")


def tasks(
    out: Out = None,
    format_: Format = "console",
    preview: Preview = False,
    as_of: AsOf = None,
    policy: PolicyOption = None,
    lang: Language = "en",
) -> None:
    """Hand out the tasks of the day, each once.

    The day's recorded run says for whom there is a reason. New tasks get a number and are recorded; the
    same command again gives the same tasks again, and no others. Needs no data, only the result store of
    the workspace.
    """
    from lifeseg.pipeline import tasks as handing
    from lifeseg.pipeline.setting import settle

    given = handing.tasks(settle(policy, as_of=as_of), record=not preview)
    if out is None:
        writers = {"csv": to_csv, "json": to_json, "console": to_console}
        show(writers[format_](given, lang))
        return
    if out.suffix in (".csv", ".json"):
        handing.write(out, (to_csv if out.suffix == ".csv" else to_json)(given, lang))
    else:
        titles = titles_of(given, lang)
        handing.drop(
            out, ((f"task-{one.task:07}.json", document(given, one, titles)) for one in outside(given))
        )
    show(f"{counted(given)} · in {out}\n")


def outside(given: Given) -> list[Task]:
    """Those that somebody is to do: nothing is handed out to those who are held out."""
    return [one for one in given.handed.tasks if one.arm != "control"]


def titles_of(given: Given, lang: str) -> dict[str, str]:
    tasks = [task for block in given.model.tasks for task in block.tasks]
    return {task.name: task.titles.get(lang) or task.titles.get("en") or task.name for task in tasks}


def cells(one: Task, titles: dict[str, str]) -> list[str]:
    """In the order of COLUMNS."""
    told = [one.about, one.owner, one.channel, str(one.handed_out), str(one.due) if one.due else None]
    key = one.key.replace("\x1f", "/")
    return [
        str(one.task),
        one.entity,
        key,
        one.name,
        titles.get(one.name, one.name),
        *(t or "" for t in told),
    ]


def to_csv(given: Given, lang: str) -> str:
    import csv
    import io

    titles, text = titles_of(given, lang), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells(one, titles) for one in outside(given))
    return text.getvalue()


def to_console(given: Given, lang: str) -> str:
    """A line for each task, and how many they are; columns that nobody fills are not there."""
    from lifeseg.cli.words import aligned

    shown = ("task", "key", "title", "about", "owner", "channel", "due")
    titles = titles_of(given, lang)
    rows: list[Sequence[str]] = [
        [dict(zip(COLUMNS, cells(one, titles), strict=True))[name] for name in shown]
        for one in outside(given)
    ]
    filled = [place for place in range(len(shown)) if any(row[place] for row in rows)]
    picked = [[row[place] for place in filled] for row in ([shown, *rows] if rows else [])]
    lines = aligned(picked, [shown[place] == "task" for place in filled]) if rows else []
    return "".join(f"{line}\n" for line in (*lines, counted(given)))


def counted(given: Given) -> str:
    """`7 tasks of 2013-06-30, 3 of them new · 1 held out`"""
    from lifeseg.cli.words import counted as many

    own = outside(given)
    held = len(given.handed.tasks) - len(own)
    model = given.model
    new = f", {given.handed.new:,} of them new" if given.handed.new and not held else ""
    words = [f"{many(len(own), 'task')} of {given.day}{new}"]
    words += [f"{held:,} held out as control"] if held else []
    words += [f"{given.handed.later} is handed out already"] if given.handed.later is not None else []
    return " · ".join([*words, f"{model.name} {model.version}"])


# ---- Documents -----------------------------------------------------------------------------------


def to_json(given: Given, lang: str) -> str:
    from lifeseg.cli import documents

    titles = titles_of(given, lang)
    found = [documents.HandedOut(**fields(one, titles)) for one in outside(given)]
    return documents.written(
        documents.Tasks(
            policy=documents.PolicyName(name=given.model.name, version=given.model.version),
            as_of=given.day,
            tasks=found,
        )
    )


def document(given: Given, one: Task, titles: dict[str, str]) -> str:
    """A task by itself."""
    from lifeseg.cli import documents

    name = documents.PolicyName(name=given.model.name, version=given.model.version)
    return documents.written(documents.TaskFile(policy=name, **fields(one, titles)))


def fields(one: Task, titles: dict[str, str]) -> dict[str, object]:
    found = dict(zip(COLUMNS, cells(one, titles), strict=True))
    return {**found, "task": one.task, "due": one.due, "handed_out": one.handed_out,
            **{name: found[name] or None for name in ("about", "owner", "channel")}}  # fmt: skip
