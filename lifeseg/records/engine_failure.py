"""Why an engine cannot be used, or gave up, as an error that carries the finding; or why its results do not count."""

from __future__ import annotations

from lifeseg.diagnostics.diagnostic import Diagnostic


class UnusableEngineError(Exception):
    """The engine is not installed, not reachable, or could not finish; `finding` says which, and what mends it."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.key)
        self.finding = finding


class NotProvedError(Exception):
    """The engine went ahead, but the records turn out to want a careful look first."""
