"""What was found about a policy's numbers comes in; a text for a terminal goes out."""

from __future__ import annotations

from collections.abc import Iterator

from lifeseg.cli.sensitivities.words import frame, remarks, tables, title
from lifeseg.cli.words import aligned
from lifeseg.pipeline.sensitivity import Sensitivity, Sweep


def to_console(found: Sensitivity | Sweep) -> str:
    return "".join(f"{line}\n" for line in lines(found))


def lines(found: Sensitivity | Sweep) -> Iterator[str]:
    yield f"{title(found)} · {frame(found)}"
    for table in tables(found):
        yield ""
        yield table.heading
        yield from (f"  {line}" for line in aligned(table.rows, table.right))
    if said := remarks(found):
        yield ""
        yield from said
