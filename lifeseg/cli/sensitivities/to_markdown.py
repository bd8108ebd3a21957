"""What was found about a policy's numbers comes in; Markdown goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lifeseg.cli.sensitivities.words import frame, remarks, tables, title
from lifeseg.pipeline.sensitivity import Sensitivity, Sweep


def to_markdown(found: Sensitivity | Sweep) -> str:
    return "\n".join(parts(found)) + "\n"


def parts(found: Sensitivity | Sweep) -> Iterator[str]:
    yield f"# {cell(title(found))}\n\n{cell(frame(found))}"
    for table in tables(found, every=True):
        head, *rows = table.rows
        rule = ["---:" if right else ":---" for right in table.right]
        yield f"\n## {cell(table.heading)}\n"
        yield from (line(row) for row in (head, rule, *rows))
    if isinstance(found, Sweep) and (said := remarks(found)):
        yield "\n" + "\n".join(map(cell, said))


def line(row: Sequence[str]) -> str:
    return f"| {' | '.join(map(cell, row))} |"


def cell(text: str) -> str:
    """Nothing in a cell is read as Markdown or HTML."""
    for sign in "\\`*_<>|[]":
        text = text.replace(sign, f"\\{sign}")
    return text
