"""lifeseg diff: two versions of a policy come in; what changed in its words, and whom that moves, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifeseg.cli.options import AsOf, Data, Engine, PolicyOption
from lifeseg.cli.output import FINDINGS, say_findings, show

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import Difference
    from lifeseg.review.gates import Gate
    from lifeseg.workspace import Workspace

Versions = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[OLD] [NEW]",
        help="Files, folders or git revisions, or OLD..NEW; NEW is else the policy as it stands, OLD the last commit.",
        show_default=False,
    ),
]
Value = Annotated[
    str | None,
    typer.Option("--value", metavar="NAME", help="Add up this index or score of those who move."),
]
FailIf = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-if",
        metavar="TEST",
        help="Exit 1 if so: 'moved > 2%', 'A lost > 0', 'not equivalent'; may be repeated.",
    ),
]
Format = Annotated[
    Literal["console", "markdown", "html", "json", "github", "sarif"],
    typer.Option("--format", help="How to write it."),
]
Prove = Annotated[
    bool,
    typer.Option(
        "--prove", help="Also tell what can happen to anybody there could be; needs the extra prove."
    ),
]
Nearest = Annotated[
    int,
    typer.Option(
        "--nearest",
        metavar="NUMBER",
        min=0,
        max=100,
        help="Name so many on each side of a threshold who do not move but come nearest to it.",
    ),
]
TextOnly = Annotated[bool, typer.Option("--text-only", help="Compare the texts, and evaluate nobody.")]


def diff(
    versions: Versions = None,
    value: Value = None,
    fail_if: FailIf = None,
    prove: Prove = False,
    nearest: Nearest = 5,
    text_only: TextOnly = False,
    data: Data = None,
    as_of: AsOf = None,
    engine: Engine = None,
    policy: PolicyOption = None,
    format_: Format = "console",
) -> None:
    """Compare two versions of a policy: its rules, and whom the change moves.

    A rule that was only moved or laid out anew is no change. Both versions are evaluated on the customers of
    the workspace as if there had been no run before; those who move are counted, with the change that moves them.
    The work tree of git is not touched. Exits 1 if a --fail-if holds, or if a version has errors.
    """
    from lifeseg.cli.progress import progress
    from lifeseg.pipeline.difference import Wanted
    from lifeseg.pipeline.diffing import diff as compared
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.setting import settle

    words = tuple(versions or ())
    if len(words) > 2:
        raise refusal("bad-argument.versions", count=len(words))
    gates = tuple(map(gate_of, fail_if or ()))
    setting = settle(policy, data=data, as_of=as_of, engine=engine)
    with progress() as report:
        difference = compared(setting, Wanted(words, value, not text_only, prove, gates, nearest), report)
    show(written(difference, format_, setting.workspace))
    if said_errors(difference) or any(one.fails for one in difference.gates):
        raise typer.Exit(FINDINGS)


def written(difference: Difference, form: str, workspace: Workspace | None = None) -> str:
    """The renderer of a form is a module of its own; a page leads into the policy's book."""
    from importlib import import_module

    if form == "html":
        from lifeseg.cli.differences.to_html import to_html
        from lifeseg.pages.book.links import address_of

        return to_html(difference, address_of(workspace))
    module = import_module(f"lifeseg.cli.differences.to_{form}")
    return str(getattr(module, f"to_{form}")(difference))


def said_errors(difference: Difference) -> bool:
    """Says the errors of versions that have some, and why nobody was evaluated; whether a version has errors."""
    from lifeseg.pipeline.stages import errors_among

    wrong = [checked for checked in (difference.before, difference.after) if checked.model is None]
    for checked in wrong:
        say_findings(errors_among(checked.findings), checked.sources, "en")
    if difference.unread is not None:
        say_findings([difference.unread], {}, "en")
    return bool(wrong)


def gate_of(text: str) -> Gate:
    from lifeseg.pipeline.errors import refusal
    from lifeseg.review.gates import gate

    found = gate(text)
    if found is None:
        raise refusal("bad-argument.gate", text=text)
    return found
