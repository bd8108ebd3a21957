"""What changed between two versions of a policy comes in; annotations of a pull request go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifeseg.cli.differences.words import WORST, causes_of, heading, listed, path_of
from lifeseg.pipeline.causes import told

if TYPE_CHECKING:
    from lifeseg.pipeline.difference import Difference


def to_github(found: Difference) -> str:
    """Annotations of the ten changed parts that move most, for so many are shown, and of gates that fail."""
    lines = []
    causes = causes_of(found.top) if found.top is not None else {}
    part = listed(found.top) if found.top is not None else ""
    for change in sorted(found.rules, key=lambda change: -causes.get(told(change), 0))[:WORST]:
        name = told(change)
        said = heading(change) + (f"; moves {causes[name]:,}{part}" if name in causes else "")
        where = f"file={escaped(path_of(found, change))},line={change.line}"
        lines.append(f"::notice {where},title=lifeseg diff::{message(said)}")
    lines += [
        f"::error title=lifeseg diff::{message(f'gate {one.gate.text}: {one.amount}')}"
        for one in found.gates
        if one.fails
    ]
    return "".join(f"{line}\n" for line in lines)


def message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped(text: str) -> str:
    return message(text).replace(":", "%3A").replace(",", "%2C")
