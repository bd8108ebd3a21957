"""lifeseg history: a customer's key comes in; what it was from day to day goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import Entity, Language, PolicyOption
from lifeseg.cli.output import coloured, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lifeseg.pipeline.history import Change, History

Identifier = Annotated[str, typer.Argument(metavar="ID", help="A customer's key; a child's is PARENT/CHILD.")]
Format = Annotated[Literal["console", "json"], typer.Option("--format", help="How to write it.")]


def history(
    id_: Identifier,
    policy: PolicyOption = None,
    entity: Entity = None,
    format_: Format = "console",
    lang: Language = "en",
) -> None:
    """Tell what a customer was, from day to day.

    Every segment, rank, table and stage that the recorded runs found, and the day on which it became
    something else. Needs no data, only the result store of the workspace.
    """
    from lifeseg.pipeline.history import history as told
    from lifeseg.pipeline.setting import settle

    found = told(settle(policy), id_, entity)
    show(to_json(found) if format_ == "json" else to_console(found, lang, coloured()))


def to_console(found: History, lang: str, colour: bool) -> str:
    """A line for each change, under its day."""
    from lifeseg.cli.words import aligned

    titles = titles_of(found, lang)
    rows = [
        [day, titles.get((one.definition, None), one.definition), moved(one, titles), f"run {one.run}"]
        for day, one in zip(days(found), found.changes, strict=True)
    ]
    heading = f"{found.key} · {found.model.name} {found.model.version}"
    if colour:
        heading = f"\x1b[1m{heading}\x1b[0m"
    return "".join(f"{line}\n" for line in (heading, *aligned(rows, [False] * 4)))


def days(found: History) -> list[str]:
    """The day of each change, said once."""
    said = [str(one.day) for one in found.changes]
    return [day if not place or said[place - 1] != day else "" for place, day in enumerate(said)]


def moved(change: Change, titles: Mapping[tuple[str, str | None], str]) -> str:
    before, after = (
        titles.get((change.definition, case), case) if case is not None else "—"
        for case in (change.before, change.after)
    )
    return after if change.before is None else f"{before} → {after}"


def titles_of(found: History, lang: str) -> dict[tuple[str, str | None], str]:
    """In another language the titles of definitions and cases; in the policy's own its names, as everywhere."""
    if lang == "en":
        return {}
    from lifeseg.model.titles import labelled_inside

    titles: dict[tuple[str, str | None], str] = {}
    for definition in found.model.of(found.entity):
        for case, named in ((None, definition), *((one.name, one) for one in labelled_inside(definition))):
            if lang in named.titles:
                titles[definition.name, case] = named.titles[lang]
    return titles


def to_json(found: History) -> str:
    from lifeseg.cli import documents

    return documents.written(
        documents.History(
            policy=documents.PolicyName(name=found.model.name, version=found.model.version),
            entity=found.entity,
            key=found.key,
            changes=[
                documents.Change(
                    day=one.day, definition=one.definition, before=one.before, after=one.after, run=one.run
                )
                for one in found.changes
            ],
        )
    )
