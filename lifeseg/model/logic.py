"""The built definitions come in; contradictions that need no solver are reported."""

from __future__ import annotations

from lifeseg.model.context import Context


def check_logic(context: Context) -> None:
    """Shadowed cases, overlapping and missing rows, comparisons that never or always hold."""
