"""The command line with all its commands."""

from __future__ import annotations

from lifeseg.cli.commands import COMMANDS, application_of

application = application_of(COMMANDS)
