"""Result tables come in; the hash that two runs have in common exactly if their results are equal goes out.

It is independent of engine, file format and the order of the records, needs no sort, and every engine can compute it
by sums of whole numbers. Each record has a number made of its key, each cell a code; for each column the products of
the two are summed. The hash is the SHA-256 of, for each entity in the order of names, one line: a JSON list of the
entity, its columns, the number of its records, and the sums as texts.

The number of a record: each part of its key (row numbers, which depend on the order of a file, are left out) is a text
(numbers as whole numbers at their scale) and counts as the big-endian number of its bytes if it has 1 to 8 of them,
otherwise as the lower 64 bits of its MD5. h = h * 1000003 + part modulo P = 2**31 - 1, over the parts, from 0; the
number is 1 + h ** 3 modulo P.

Codes: a number is the whole number at its scale; yes and no are 1 and 0; a choice is its place among the options,
counted from 1; a date is days since 1970; a text counts like the part of a key, modulo P; of a list each full or
begun group of 30 flags is a column of its own, with bit i for the i-th. Missing is one less than the least value there
can be: for numbers by the declared bounds, 0 for choices, -1 for yes and no and texts, -10000000 for dates.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lifeseg.model.types import Type

PRIME = 2**31 - 1
FACTOR = 1_000_003
MISSING_DATE = -10_000_000
GROUP = 30
SHORT = 8

Cell = str | tuple[str, ...] | None


def least(kind: Type) -> int:
    """The least whole number a number can be, as held."""
    found = kind.low * Fraction(10) ** kind.scale
    return found.numerator // found.denominator


def part(text: str) -> int:
    """The number of a text."""
    held = text.encode("utf-8", "surrogatepass")
    if 1 <= len(held) <= SHORT:
        return int.from_bytes(held, "big")
    return int.from_bytes(hashlib.md5(held, usedforsecurity=False).digest()[8:], "little")


def record_number(parts: Sequence[str]) -> int:
    """The number of a record, from the parts of its key."""
    found = 0
    for text in parts:
        found = (found * FACTOR + part(text) % PRIME) % PRIME
    return 1 + found * (found * found % PRIME) % PRIME


def whole(text: str, scale: int) -> int:
    return int(Decimal(text).scaleb(scale))


def key_text(kind: Type) -> Callable[[str], str]:
    """How a part of a key counts, from its text as it is written."""
    if kind.kind == "number":
        return lambda text: str(whole(text, kind.scale))
    return lambda text: text


def coder(kind: Type) -> Callable[[Cell], int]:
    """The code of a cell that is no list."""
    match kind.kind:
        case "number":
            missing = least(kind) - 1
            return lambda cell: missing if cell is None else whole(str(cell), kind.scale)
        case "truth":
            return lambda cell: {None: -1, "no": 0, "yes": 1}[cell if cell is None else str(cell)]
        case "choice":
            places = {option: place for place, option in enumerate(kind.options, 1)}
            return lambda cell: 0 if cell is None else places[str(cell)]
        case "date":
            start = date(1970, 1, 1)
            return lambda cell: MISSING_DATE if cell is None else (date.fromisoformat(str(cell)) - start).days
        case _:
            return lambda cell: -1 if cell is None else part(str(cell)) % PRIME


def sums(kind: Type, numbers: Sequence[int], cells: Sequence[Cell]) -> list[int]:
    """The sums of one column."""
    if kind.kind == "flags":
        bits = {name: place for place, name in enumerate(kind.options)}
        found = [0] * max(1, -(-len(bits) // GROUP))
        for number, cell in zip(numbers, cells, strict=True):
            for name in cell or ():
                group, bit = divmod(bits[name], GROUP)
                found[group] += number << bit
        return found
    code = coder(kind)
    codes = {cell: code(cell) for cell in set(cells)}
    return [sum(number * codes[cell] for number, cell in zip(numbers, cells, strict=True))]


def digest(entities: Sequence[tuple[str, Sequence[str], int, Sequence[int]]]) -> str:
    """The hash from each entity's name, columns (row numbers left out), number of records, and sums."""
    lines = hashlib.sha256()
    for entity, columns, count, found in sorted(entities):
        line = [entity, list(columns), count, [str(total) for total in found]]
        lines.update(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return lines.hexdigest()
