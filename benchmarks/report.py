"""Tables come in; their part of benchmarks/results.md is written anew, with the day and the machine in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import machine

RESULTS = Path(__file__).resolve().parent / "results.md"
HEADING = "# Results of the benchmarks\n\nMade by the commands of README.md with `--save`; each part says when and where.\n"


def report(part: str, tables: Mapping[str, str]) -> None:
    """Replaces the part of that name, or adds it at the end."""
    known = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEADING
    start, *parts = known.split("\n## ")
    day = datetime.now(UTC).date()
    text = f"{part}\n\n{day}; {machine()}.\n"
    text += "".join(f"\n**{title}**\n\n{table}\n" for title, table in tables.items())
    others = {other.split("\n", 1)[0]: other.rstrip("\n") + "\n" for other in parts}
    others[part] = text
    RESULTS.write_text("\n## ".join([start, *others.values()]), encoding="utf-8")
