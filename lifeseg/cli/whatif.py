"""lifeseg whatif: a customer's key and changed facts come in; what would change about the customer goes
out.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Entity, Language, Policy
from lifeseg.cli.output import coloured, say_findings, show, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.trace import RecordTrace, Trace

Identifier = Annotated[str, typer.Argument(metavar="ID", help="A customer's key; a child's is PARENT/CHILD.")]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set", metavar="FACT=VALUE", help="`satisfaction=4`, or of a child `usage.data.satisfaction=4`."
    ),
]
Format = Annotated[Literal["console", "json", "markdown"], typer.Option("--format", help="How to write it.")]
Personal = Annotated[
    bool, typer.Option("--show-personal", help="Show facts marked personal instead of masking them.")
]


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
    from lifeseg.pipeline.lookup import Sought
    from lifeseg.pipeline.opened import find_record, opened
    from lifeseg.pipeline.setting import settle
    from lifeseg.pipeline.whatif import compared

    with progress() as report:
        found = opened(settle(policy, data=data, as_of=as_of), report, Sought(id_, entity, places=False))
    say_findings(found.remarks, found.checked.sources)
    kind, index = find_record(found.results, id_, entity)
    explanation, pairs = compared(found, kind, index, settings, language=lang, show_personal=show_personal)
    if format_ == "json":
        show(to_json(explanation, settings, pairs))
    elif format_ == "markdown":
        from lifeseg.explain.to_markdown import to_markdown

        show(to_markdown(explanation))
    else:
        from lifeseg.explain.to_console import to_console

        show(to_console(explanation, width=width(), colour=coloured()))


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
