"""lifeseg override: what somebody decides by hand of a customer comes in, with reason and end; what is in force goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lifeseg.cli.options import AsOf, Personal, PolicyOption
from lifeseg.cli.output import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifeseg.tracking.in_force import Override

Identifier = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="A customer's key; a child's is PARENT/CHILD.", show_default=False),
]
To = Annotated[str | None, typer.Option(metavar="CASE", help="What it is, as in `conversion_type.warning`.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why the rules are wrong about it.")]
Owner = Annotated[str | None, typer.Option(metavar="ROLE", help="Who decides: a role, not a person.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="The last day on which it holds.")]
Listed = Annotated[bool, typer.Option("--list", help="List what is in force on the day.")]
End = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="End one: from the day on the rules decide again.")
]


def override(
    id_: Identifier = None,
    to: To = None,
    reason: Reason = None,
    owner: Owner = None,
    until: Until = None,
    list_: Listed = False,
    end: End = None,
    as_of: AsOf = None,
    policy: PolicyOption = None,
    show_personal: Personal = False,
) -> None:
    """Set by hand what a customer is, for a time and a reason.

    From the day on until the last one the customer has the case, in every run and on every engine, and all rules
    that ask for it go by it. Explanations say who set it and what it would be by the rules. Nothing is
    forgotten: another one for the same customer and definition takes its place, and what was before stays
    in the store.
    """
    from lifeseg.pipeline import overrides
    from lifeseg.pipeline.errors import refusal
    from lifeseg.pipeline.setting import as_day, settle

    setting = settle(policy, as_of=as_of)
    if list_:
        show(table(overrides.listed(setting, show_personal)))
    elif end is not None:
        found = overrides.ended(setting, end, show_personal)
        show(f"{line(found)} · ended before {setting.day()}\n")
    elif id_ is None or to is None or reason is None or owner is None or until is None:
        raise refusal("override-words.lacking")
    else:
        found = overrides.override(setting, id_, to, as_day(until), (reason, owner))
        show(f"{line(found)} · from {found.valid_from} until {found.valid_until}\n")


def line(one: Override) -> str:
    return f"override {one.override}: {name(one)} is {one.definition}.{one.case}"


def name(one: Override) -> str:
    return one.key.replace("\x1f", "/")


def table(found: Sequence[Override]) -> str:
    from lifeseg.cli.words import aligned

    rows = [
        [str(one.override), name(one), f"{one.definition}.{one.case}", one.owner, str(one.valid_from), str(one.valid_until),
         one.reason] for one in found
    ]  # fmt: skip
    if not rows:
        return "nothing is set by hand\n"
    heading = ["override", "key", "is", "owner", "from", "until", "reason"]
    return "".join(f"{text}\n" for text in aligned([heading, *rows], [True, *[False] * 6]))
