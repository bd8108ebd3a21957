"""lifeseg whatif: a customer's key and changed facts come in; what would change about the customer goes
out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Entity, Language, Personal, Policy
from lifeseg.cli.output import coloured, say_findings, show, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.trace import RecordTrace, Trace
    from lifeseg.model.model import Model

Identifier = Annotated[str, typer.Argument(metavar="ID", help="A customer's key; a child's is PARENT/CHILD.")]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set", metavar="FACT=VALUE", help="`satisfaction=4`, or of a child `usage.data.satisfaction=4`."
    ),
]
Format = Annotated[Literal["console", "json", "markdown"], typer.Option("--format", help="How to write it.")]


def whatif(
    id_: Identifier,
    settings: Settings,
    policy: Policy = None,
    entity: Entity = None,
    format_: Format = "console",
    lang: Language = "en",
    data: Data = None,
    as_of: AsOf = None,
    show_personal: Personal = False,
) -> None:
    """Say what would change if facts of a customer were others.

    The rest of the population stays as it is: its means and cuts are those of the run. `missing` empties a
    fact.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pages.book.links import book_for
    from lifeseg.pipeline.lookup import Sought
    from lifeseg.pipeline.opened import find_record, opened
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.whatif import compared

    with progress() as report:
        setting = settle(policy, data=data, as_of=as_of)
        found = opened(setting, report, Sought(id_, entity, places=False))
    say_findings(found.remarks, found.checked.sources)
    kind, index = find_record(found.results, id_, entity)
    explanation, pairs = compared(found, kind, index, settings, language=lang, show_personal=show_personal)
    book = book_for(setting.workspace, on_terminal=format_ == "console")
    explanation = replace(explanation, book=book)
    if format_ == "json":
        from lifeseg.explain.masking import masked

        known = settings if show_personal else shown_settings(found.model, kind, settings)
        hidden = pairs if show_personal else [(masked(before), masked(after)) for before, after in pairs]
        show(to_json(explanation, known, hidden))
    elif format_ == "markdown":
        from lifeseg.explain.to_markdown import to_markdown

        show(to_markdown(explanation))
    else:
        from lifeseg.explain.to_console import to_console

        show(to_console(explanation, width=width(), colour=coloured()))


def shown_settings(model: Model, entity: str, settings: Sequence[str]) -> list[str]:
    """What was set, without personal values, and without the personal keys of children."""
    from lifeseg.model.personal import MASK, key_facts
    from lifeseg.pipeline.whatif import change_of

    shown = []
    for text in settings:
        change = change_of(model, entity, text)
        path, _, value = (part.strip() for part in text.partition("="))
        if change.child is not None and any(hidden for _, hidden in key_facts(model, change.child[0])):
            path = f"{change.child[0]}.{MASK}.{change.fact.name}"
        shown.append(f"{path}={MASK if change.fact.personal else value}")
    return shown


def to_json(explanation: Explanation, settings: list[str], pairs: Sequence[tuple[Trace, Trace]]) -> str:
    """A versioned document: the sentence, and every result that differs, of the record, of its children, and of those
    it belongs to.
    """
    from lifeseg.cli import documents

    (before, after), *above = pairs
    changed = [
        *differences(before.record, after.record),
        *(found for old, new in above for found in own_differences(old.record, new.record)),
    ]
    document = documents.WhatIf(
        policy=documents.PolicyName(name=after.policy, version=after.policy_version),
        as_of=date.fromisoformat(after.as_of),
        key=explanation.key,
        set=settings,
        language=explanation.language,
        sentence=explanation.sentence,
        changed=[documents.Changed(**found) for found in changed],
    )
    return documents.written(document)


def differences(before: RecordTrace, after: RecordTrace) -> Iterator[dict[str, Any]]:
    """What differs of a record and of its children."""
    yield from own_differences(before, after)
    for old_child, new_child in zip(before.children, after.children, strict=True):
        yield from differences(old_child, new_child)


def own_differences(before: RecordTrace, after: RecordTrace) -> Iterator[dict[str, Any]]:
    """Each definition whose value, band or list of flags differs."""
    for old, new in zip(before.definitions, after.definitions, strict=True):
        values = [list(one.members) if one.kind == "flags" else one.value for one in (old, new)]
        if values[0] == values[1] and old.band == new.band:
            continue
        found = {"entity": after.entity, "key": after.key, "name": new.name}
        bands = {"band_before": old.band, "band_after": new.band} if new.band or old.band else {}
        yield {**found, "before": values[0], "after": values[1], **bands}
