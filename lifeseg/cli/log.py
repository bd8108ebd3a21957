"""lifeseg log: a policy under git comes in; which version was decided when, what it changed and who approved it goes out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lifeseg.cli.options import Policy
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from lifeseg.pipeline.decision_log import Decision

Most = Annotated[int, typer.Option("--top", metavar="N", min=1, max=1000, help="The last N versions.")]
Format = Annotated[Literal["console", "json"], typer.Option("--format", help="How to write it.")]

SHORT = 12


def log(policy: Policy = None, top: Most = 20, format_: Format = "console") -> None:
    """Tell which version of the policy was decided when, and who approved it.

    Read from git: the commits that changed the policy, the hash of the policy in each, how many rules changed, and
    the lines Approved-by, Reviewed-by and Signed-off-by of their messages, with the signature if there is one.
    """
    from lifeseg.pipeline.decision_log import decisions
    from lifeseg.pipeline.setting import settle

    found = decisions(settle(policy), top)
    if format_ == "json":
        show(
            json.dumps(
                {"version": 1, "decisions": [document(one) for one in found]}, ensure_ascii=False, indent=2
            )
            + "\n"
        )
        return
    show("".join(f"{line}\n" for one in found for line in lines_of(one)))


def lines_of(one: Decision) -> Iterator[str]:
    """A line for the version, beneath it its changes in meaning and who stands for it."""
    from lifeseg.cli.differences.words import heading

    hashed = one.content_hash[:SHORT] if one.content_hash is not None else "with errors"
    yield f"{one.at:%Y-%m-%d}  {hashed:{SHORT}}  {one.version or '–'}  {one.subject}"
    for change in one.changes or ():
        if change.means:
            yield f"            {heading(change)}"
    for kind, name in one.approved:
        yield f"            {kind}: {name}"
    if not one.approved:
        yield f"            by {one.author}, approved by nobody"
    if one.signature is not None:
        yield f"            signature: {one.signature}"


def document(one: Decision) -> dict[str, Any]:
    return {
        "commit": one.commit,
        "at": one.at.isoformat(),
        "author": one.author,
        "subject": one.subject,
        "signature": one.signature,
        "approved": [{"how": kind, "by": name} for kind, name in one.approved],
        "policy_version": one.version,
        "content_hash": one.content_hash,
        "changes": changes_of(one),
    }


def changes_of(one: Decision) -> Sequence[dict[str, Any]] | None:
    if one.changes is None:
        return None
    return [
        {
            "how": change.how,
            "kind": change.unit.kind,
            "name": change.unit.name,
            "of": change.unit.of,
            "meaning": change.means,
        }
        for change in one.changes
    ]
