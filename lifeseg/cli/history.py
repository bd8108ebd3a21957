"""lifeseg history: a customer's key comes in; what it was from day to day goes out."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import Entity, Language, PolicyOption
from lifeseg.cli.output import coloured, say_findings, show, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lifeseg.cli import documents
    from lifeseg.explain.differences import Difference
    from lifeseg.pipeline.history import Change, History
    from lifeseg.pipeline.reasons import Reason

INDENT = " " * 15
WORDS = {
    "en": ("is new", "is gone", "nothing that it rests on", "changed since {}"),
    "zh": ("新增", "消失", "所依据的内容没有变化", "自 {} 以来的变化"),
}

Identifier = Annotated[str, typer.Argument(metavar="ID", help="A customer's key; a child's is PARENT/CHILD.")]
Why = Annotated[
    bool,
    typer.Option("--why", help="Say what had changed since the run before; reads the data of those days."),
]
Format = Annotated[Literal["console", "json"], typer.Option("--format", help="How to write it.")]


def history(
    id_: Identifier,
    policy: PolicyOption = None,
    entity: Entity = None,
    why: Why = False,
    format_: Format = "console",
    lang: Language = "en",
) -> None:
    """Tell what a customer was, from day to day.

    Every segment, rank, table and stage that the recorded runs found, the day on which it became
    something else, and the rule by which it did. Needs no data, only the result store of the workspace.
    """
    from lifeseg.pipeline.history import history as told
    from lifeseg.pipeline.reasons import reasons
    from lifeseg.pipeline.setting import settle

    setting = settle(policy)
    found = told(setting, id_, entity)
    because, remarks = reasons(setting, found, why=why)
    say_findings(remarks, {}, lang)
    show(to_json(found, because) if format_ == "json" else to_console(found, because, lang, coloured()))


def to_console(found: History, because: Sequence[Reason], lang: str, colour: bool) -> str:
    """A line for each change, under its day; beneath it the rule, and what had changed."""
    from lifeseg.cli.words import aligned

    titles = titles_of(found, lang)
    rows = [
        [day, titles.get((one.definition, None), one.definition), moved(one, titles), f"run {one.run}"]
        for day, one in zip(days(found), found.changes, strict=True)
    ]
    heading = f"{found.key} · {found.model.name} {found.model.version}"
    if colour:
        heading = f"\x1b[1m{heading}\x1b[0m"
    lines = [heading]
    for line, reason in zip(aligned(rows, [False] * 4), because, strict=True):
        lines += [line, *(f"{INDENT}{text}" for text in reason_lines(reason, lang))]
    return "".join(f"{line}\n" for line in lines)


def reason_lines(reason: Reason, lang: str) -> Iterator[str]:
    from lifeseg.cli.words import worded

    if reason.rule is not None:
        yield worded(reason.rule)
    if reason.changed is not None and reason.since is not None:
        said = [difference(one, lang) for one in reason.changed] or [WORDS[lang][2]]
        yield from wrap(f"{WORDS[lang][3].format(reason.since)}: {' · '.join(said)}", width() - len(INDENT))


def difference(one: Difference, lang: str) -> str:
    """`satisfaction 4 → 2`; of a child with its key before it."""
    new, gone, _, _ = WORDS[lang]
    if not one.name:
        return f"{one.of} {new if one.before is None else gone}"
    name = one.name if one.of is None else f"{one.of} {one.name}"
    return f"{name} {one.before or '—'} → {one.after or '—'}"


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


def to_json(found: History, because: Sequence[Reason]) -> str:
    from lifeseg.cli import documents

    return documents.written(
        documents.History(
            policy=documents.PolicyName(name=found.model.name, version=found.model.version),
            entity=found.entity,
            key=found.key,
            changes=[
                documents.Change(
                    day=one.day,
                    definition=one.definition,
                    before=one.before,
                    after=one.after,
                    run=one.run,
                    rule=reason.rule,
                    since=reason.since,
                    changed=documented(reason),
                )
                for one, reason in zip(found.changes, because, strict=True)
            ],
        )
    )


def documented(reason: Reason) -> list[documents.Difference] | None:
    from lifeseg.cli import documents

    if reason.changed is None:
        return None
    return [
        documents.Difference(name=one.name or None, of=one.of, before=one.before, after=one.after)
        for one in reason.changed
    ]
