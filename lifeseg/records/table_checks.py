"""What may be wrong with the rows of a database table, and how often it is, come in; findings go out.

A finding names table, column and count, and the first records with the values they hold; values of personal facts stay
hidden. Knows no database: conditions are of whatever kind a database's own file writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from math import ceil, floor
from typing import Generic, NamedTuple, TypeVar

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Entity, Fact
from lifeseg.model.personal import MASK
from lifeseg.model.types import MONTH
from lifeseg.records.findings import finding, shown
from lifeseg.records.from_cell import MOST_OPTIONS_SHOWN, SHEET_ERRORS, TRUTHS, WANTED
from lifeseg.records.number import bounds, plain

Sql_co = TypeVar("Sql_co", covariant=True)
MOST_EXAMPLES = 5
NO_KEY = "–"
YES = tuple(word for word, truth in TRUTHS.items() if truth)
NO = tuple(word for word, truth in TRUTHS.items() if not truth)
SHEET_WORDS = tuple(sorted(SHEET_ERRORS))
BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
"""What counts as nothing where a cell is empty, as in a file."""

OF_ROWS = {
    "data-missing-value": "data-missing-value.rows",
    "data-choice": "data-choice.rows",
    "data-range": "data-range.rows",
    "data-range.assumed": "data-range.assumed-rows",
    "data-step": "data-step.rows",
    "data-type": "data-type.rows",
    "data-type.not-finite": "data-type.not-finite-rows",
    "data-type.sheet-error": "data-type.sheet-error-rows",
    "data-type.blanks": "data-type.blanks-rows",
    "data-type.no-such-day": "data-type.no-such-day-rows",
    "data-type.time-of-day": "data-type.time-of-day-rows",
}
"""The catalogue entries of a single cell, and those that speak of many rows."""


@dataclass(frozen=True, slots=True)
class Check(Generic[Sql_co]):
    """Rows for which `test` is true are wrong: the entry says how, with these words."""

    key: str
    test: Sql_co
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell(Generic[Sql_co]):
    """The value of a fact in a table as engines hold it, the value as it stands there, and what may be wrong with it."""

    column: str
    fact: Fact
    value: Sql_co
    written: Sql_co
    checks: tuple[Check[Sql_co], ...]


class Example(NamedTuple):
    """A record that something is wrong with: its key in words, and the value it holds."""

    key: str
    value: object = None


def example(facts: Sequence[Fact], parts: Sequence[object], value: object = None) -> Example:
    """A record as a finding names it; parts of the key that are personal stay hidden."""
    said = [
        MASK if fact.personal else NO_KEY if part is None else shown(str(part))
        for fact, part in zip(facts, parts, strict=True)
    ]
    return Example("/".join(said), value)


def row_finding(
    check: Check[object], cell: Cell[object], table: str, counts: tuple[int, int], examples: Sequence[Example]
) -> Diagnostic:
    """What a check has found: in how many rows of how many, and in which first."""
    count, total = counts
    records = Several([example_text(found, cell.fact.personal) for found in examples], count)
    words: dict[str, object] = {
        **check.words,
        "column": cell.column,
        "table": table,
        "count": count,
        "total": total,
    }
    words |= {"records": records, "wanted": WANTED.get(cell.fact.kind, "a value")}
    return finding(OF_ROWS[check.key], None, words)


def duplicate_finding(entity: Entity, table: str, count: int, examples: Sequence[Example]) -> Diagnostic:
    """So many keys stand more than once."""
    records = Several([f"`{found.key}`" for found in examples], count)
    return problem(
        "data-duplicate-key.rows", None, table=table, entity=entity.name, count=count, records=records
    )


def orphan_finding(
    entity: Entity, table: str, counts: tuple[int, int], examples: Sequence[Example]
) -> Diagnostic:
    """So many rows name a parent that there is not."""
    count, total = counts
    records = Several([f"`{found.key}`" for found in examples], count)
    return problem(
        "data-orphan.rows", None, table=table, entity=entity.name, parent=entity.parent, count=count, total=total,
        records=records,
    )  # fmt: skip


def empty_finding(entity: Entity, table: str) -> Diagnostic:
    key = "data-empty.child-table" if entity.parent is not None else "data-empty.table"
    return problem(key, None, table=table, entity=entity.name)


def unsuitable_finding(cell_column: str, fact: Fact, table: str, held: str) -> Diagnostic:
    """A column of a type that no value of the fact is written in."""
    return problem(
        "data-type.table-column",
        None,
        column=cell_column,
        table=table,
        held=held,
        wanted=WANTED.get(fact.kind, "a value"),
    )


def example_text(found: Example, hidden: bool) -> str:
    value = MASK if hidden else "" if found.value is None else shown(str(found.value))
    return f"`{found.key}` ({value})" if value else f"`{found.key}`"


# ---- Numbers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measures:
    """How a number is held: multiplied by `unit`, a whole number of steps, between limits; and the words for all that."""

    unit: int
    step: int
    low: int
    high: int
    least: int  # of the value as it is written, if that is a whole number
    most: int
    limits: Mapping[str, str]
    step_words: Mapping[str, str]
    range_key: str


def measures_of(fact: Fact) -> Measures:
    """What the reader of files asks of a number, as constants."""
    factor = 12 if fact.kind == "years" and fact.type.unit == MONTH else 1
    unit = 10**fact.type.scale * factor
    low, high = bounds(fact)
    limits = {"low": plain(Fraction(low, unit)), "high": plain(Fraction(high, unit))}
    step = {"step": plain(Fraction(fact.step, unit))}
    key = "data-range" if fact.bounded else "data-range.assumed"
    least, most = ceil(Fraction(low, unit)), floor(Fraction(high, unit))
    return Measures(unit, fact.step, low, high, least, most, limits, step, key)


def options_words(fact: Fact) -> dict[str, str]:
    options = fact.type.options
    more = ", …" if len(options) > MOST_OPTIONS_SHOWN else ""
    return {"options": ", ".join(options[:MOST_OPTIONS_SHOWN]) + more}
