"""Numbers and names come in; the words in which commands speak of them go out."""

from __future__ import annotations

from collections.abc import Sequence


def plural(name: str) -> str:
    """The plural of an English name; names in other scripts have none."""
    if not name.isascii():
        return name
    spoken = name.replace("_", " ")
    if spoken.endswith("y") and spoken[-2:-1] not in "aeiou":
        return f"{spoken[:-1]}ies"
    return f"{spoken}es" if spoken.endswith(("s", "x", "z", "ch", "sh")) else f"{spoken}s"


def counted(number: int, name: str) -> str:
    """`1 file`, `3 files`, `12,000 rows`"""
    return f"{number:,} {name.replace('_', ' ') if number == 1 else plural(name)}"


def worded(rule: str) -> str:
    """A condition as a rule has it."""
    return rule if rule in ("otherwise", "always") else f"when {rule}"


def aligned(rows: Sequence[Sequence[str]], right: Sequence[bool], gap: str = "   ") -> list[str]:
    """Cells in columns, numbers to the right; wide characters count twice."""
    widths = [max(map(breadth, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            " " * (size - breadth(cell)) + cell if numeric else cell + " " * (size - breadth(cell))
            for cell, size, numeric in zip(row, widths, right, strict=True)
        ]
        lines.append(gap.join(cells).rstrip())
    return lines


def breadth(text: str) -> int:
    """Columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
