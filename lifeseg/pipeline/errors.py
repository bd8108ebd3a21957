"""What the public API raises when it cannot go on: findings an analyst can read, with the texts they are
about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lifeseg.diagnostics.diagnostic import Diagnostic, problem


class LifesegError(Exception):
    """Something the user can mend. `findings` say what, `sources` are the texts they point into, by file
    name.

    As text it reads as `lifeseg check` shows it. The command line exits with `exit_code`.
    """

    exit_code = 2

    def __init__(self, findings: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
        super().__init__(findings, sources)
        self.findings = tuple(findings)
        self.sources = dict(sources or {})

    def __str__(self) -> str:
        from lifeseg.diagnostics.to_console import render

        return render(self.findings, self.sources).rstrip()


class ConfigurationError(LifesegError):
    """The workspace, an argument or the result store does not allow it."""


class PolicyError(LifesegError):
    """The policy has errors."""

    exit_code = 1


class DataError(LifesegError):
    """The data has errors, or a record is not one of the policy's."""

    exit_code = 1


def refusal(key: str, /, **arguments: str | int | None) -> ConfigurationError:
    """An error with a single finding about settings or arguments."""
    words: dict[str, Any] = dict(arguments)
    return ConfigurationError([problem(key, None, **words)])
