"""lifeseg help: a diagnostic's code or a command comes in; the page that explains it goes out."""

from __future__ import annotations

from typing import Annotated

import typer

from lifeseg.cli.output import show

Topic = Annotated[
    str | None, typer.Argument(metavar="CODE|COMMAND", help="A code such as unknown-name, or a command.")
]

OVERVIEW = """\
lifeseg help CODE       what a finding means and how to mend it: its code stands in brackets
lifeseg help COMMAND    what a command does and takes
lifeseg help codes      all codes
"""


def help_(context: typer.Context, topic: Topic = None) -> None:
    """Say what a finding means, or what a command does."""
    from lifeseg.diagnostics.catalogue import all_codes, help_page

    if topic is None:
        show(OVERVIEW)
        return
    commands = context.parent.command if context.parent is not None else None
    names = list(getattr(commands, "commands", {}))
    if topic in names:
        command = commands.commands[topic]  # type: ignore[union-attr]
        with typer.Context(command, info_name=topic, parent=context.parent) as inner:
            show(command.get_help(inner) + "\n")
        return
    if topic == "codes":
        show("".join(f"{code}\n" for code in all_codes()))
        return
    page = help_page(topic)
    if page is None:
        from lifeseg.pipeline.errors import refusal
        from lifeseg.pipeline.opened import closest

        raise refusal(
            "no-such-name.topic", topic=topic, suggestion=closest(topic, [*all_codes(), *names, "codes"])
        )
    show(page)
