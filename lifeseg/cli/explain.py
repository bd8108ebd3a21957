"""lifeseg explain: a customer's key comes in; why the customer is where it is goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from lifeseg.cli.options import AsOf, Data, Entity, Language, Personal, Policy
from lifeseg.cli.output import coloured, say_findings, show, width

if TYPE_CHECKING:
    from lifeseg.explain.explanation import Explanation
    from lifeseg.interpreter.trace import Trace
    from lifeseg.pipeline.opened import Opened
    from lifeseg.pipeline.setting import Setting

SCORES = 3
"""The level of detail that tells of scores, and so of everybody's."""

Identifier = Annotated[str, typer.Argument(metavar="ID", help="A customer's key; a child's is PARENT/CHILD.")]
Detail = Annotated[
    int, typer.Option(min=0, max=4, metavar="0..4", help="From the sentence alone to every fact.")
]
WhyNot = Annotated[str | None, typer.Option(metavar="CASE", help="Why it is not in this case.")]
Format = Annotated[
    Literal["console", "json", "markdown", "html"], typer.Option("--format", help="How to write it.")
]
At = Annotated[
    str | None,
    typer.Option(
        metavar="DATE", help="As the last recorded run up to this day found it, by the policy it had."
    ),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="What has changed since the last recorded run up to this day."),
]


def explain(
    id_: Identifier,
    policy: Policy = None,
    detail: Detail = 2,
    why_not: WhyNot = None,
    entity: Entity = None,
    format_: Format = "console",
    lang: Language = "en",
    data: Data = None,
    as_of: AsOf = None,
    at: At = None,
    since: Since = None,
    show_personal: Personal = False,
) -> None:
    """Explain where a customer is and why.

    The answer comes first, then the evidence behind it. With a recorded run of the same policy, day and
    data, its baseline is used, so that the explanation is of what happened; otherwise the population is
    evaluated for it. With --at it is of a recorded run: its day, policy, parameters and baseline.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pages.book.links import book_for
    from lifeseg.pipeline.lookup import Sought
    from lifeseg.pipeline.opened import find_record, opened
    from lifeseg.pipeline.overrides import remarks_on
    from lifeseg.pipeline.replay import opened_at
    from lifeseg.pipeline.setting import as_day, settle

    setting = settle(policy, data=data, as_of=as_of)
    with progress() as report:
        sought = Sought(id_, entity, among_many=detail >= SCORES or format_ == "html")
        found = opened_at(setting, as_day(at), report, sought) if at else opened(setting, report, sought)
    say_findings(found.remarks, found.checked.sources)
    kind, index = find_record(found.results, id_, entity)
    say_findings(remarks_on(found, kind, index, show_personal) if found.hand else [], {}, lang)
    asked = Asked(lang, detail, why_not, as_day(since) if since else None, show_personal)
    if format_ == "html":  # it has everything, unfolded as far as is asked
        asked = asked._replace(detail=4, titled=True)
    explanation, trace, before = told(setting, found, kind, index, asked)
    book = book_for(setting.workspace, on_terminal=format_ == "console")
    write(replace(explanation, book=book), trace, before, format_, detail)


class Asked(NamedTuple):
    """How an explanation is to be told."""

    language: str
    detail: int
    why_not: str | None
    since: date | None
    show_personal: bool
    titled: bool = False


def told(
    setting: Setting, found: Opened, kind: str, index: int, asked: Asked
) -> tuple[Explanation, Trace, Trace | None]:
    """The explanation, the trace behind it, and that of an earlier day if it is of what has changed."""
    if asked.since is not None:
        from lifeseg.pipeline.since import since

        return since(
            setting, found, kind, index, asked.since, language=asked.language,
            show_personal=asked.show_personal,
        )  # fmt: skip
    from lifeseg.pipeline.explaining import explained
    from lifeseg.pipeline.freshness import stale_flags
    from lifeseg.pipeline.since import last_run

    explanation, trace = explained(
        found, kind, index, language=asked.language, detail=asked.detail, why_not=asked.why_not,
        show_personal=asked.show_personal, titled=asked.titled, stale=stale_flags(found.model, setting),
        earlier=last_run(setting, found, kind, index),
    )  # fmt: skip
    return explanation, trace, None


def write(explanation: Explanation, trace: Trace, before: Trace | None, format_: str, detail: int) -> None:
    if format_ == "json":
        from lifeseg.explain.to_json import to_json

        show(to_json(explanation, trace, before))
    elif format_ == "markdown":
        from lifeseg.explain.to_markdown import to_markdown

        show(to_markdown(explanation))
    elif format_ == "html":
        from lifeseg.pages.explanation import page

        show(page(explanation, detail))
    else:
        from lifeseg.explain.to_console import to_console

        show(to_console(explanation, width=width(), colour=coloured()))
