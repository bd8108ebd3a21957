"""The relational plan: passes over tables, with formulas in whole numbers. Knows no engine, no policy text, no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lifeseg.plan.formula_tree import (
    AnyFormula,
    Binary,
    Both,
    Choose,
    Coalesce,
    Column,
    Compare,
    DateShift,
    DaysBetween,
    Extreme,
    Formula,
    IsNull,
    Kind,
    Literal_,
    MonthsBetween,
    Names,
    Not,
    OneOf,
    Quotient,
    Scalar,
)

__all__ = (
    "AnyFormula",
    "Attach",
    "Binary",
    "Both",
    "Broken",
    "Choose",
    "Coalesce",
    "Column",
    "Compare",
    "DateShift",
    "DaysBetween",
    "Extend",
    "Extreme",
    "Formula",
    "IsNull",
    "Kind",
    "Literal_",
    "Measure",
    "MonthsBetween",
    "Names",
    "Not",
    "OneOf",
    "Output",
    "Plan",
    "Quotient",
    "Relation",
    "Request",
    "Result",
    "Save",
    "Saved",
    "Scalar",
    "Scan",
    "Source",
    "Step",
    "Summarise",
    "Summary",
    "Trouble",
)


# ---- Summaries over groups of rows ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """count (rows for which the condition is true), sum, min, max, squares, or the value of the latest row, of a group."""

    name: str
    function: Literal["count", "sum", "min", "max", "squares", "latest"]
    value: AnyFormula
    order: tuple[str, ...] = ()  # for latest: the columns that tell which row comes last


# ---- Relations -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scan:
    """The typed records of an entity: key columns `_k1`, `_k2` … (its ancestors' first), then the facts asked for."""

    entity: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extend:
    """The input's columns and more, each a formula over the input's."""

    source: Relation
    columns: tuple[tuple[str, AnyFormula], ...]


@dataclass(frozen=True, slots=True)
class Summarise:
    """One row for each key of the input's rows, with summaries."""

    source: Relation
    keys: tuple[str, ...]
    summaries: tuple[Summary, ...]


@dataclass(frozen=True, slots=True)
class Attach:
    """The input's rows, each with columns (its name there, its name here) of the row of `other` with its keys, or nulls."""

    source: Relation
    other: Relation
    keys: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What an earlier step has saved under a name."""

    name: str


Relation = Scan | Extend | Summarise | Attach | Saved


# ---- Steps ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A population statistic: `function` of `value` over the rows for which `where`, at `scale`; see plan/statistics.py."""

    name: str
    key: str
    function: str
    value: AnyFormula | None
    where: AnyFormula | None
    argument: tuple[int, ...]
    scale: int


@dataclass(frozen=True, slots=True)
class Measure:
    """Statistics of one relation, in one pass; later formulas read them as scalars."""

    relation: Relation
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Save:
    """Keep a relation's columns for the steps that follow."""

    name: str
    relation: Relation
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A result column: a number is divided by 10 ** scale where it is shown."""

    name: str
    kind: Kind
    scale: int
    low: int
    high: int
    options: tuple[str, ...] = ()  # of a choice its options, of a list what it can hold


@dataclass(frozen=True, slots=True)
class Trouble:
    """A column that counts the cases that hold of a definition: other than 1 (and 0, if `otherwise`) is a finding."""

    column: str
    definition: str
    otherwise: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A column of verdicts of a claim, which is broken where the verdict is `wrong`."""

    column: str
    title: str
    kind: Literal["never", "assume"]
    wrong: bool


@dataclass(frozen=True, slots=True)
class Output:
    """The results of an entity: its keys under their own names, then its columns; and what is to be looked at."""

    entity: str
    relation: Relation
    keys: tuple[str, ...]
    results: tuple[Result, ...]
    troubles: tuple[Trouble, ...]
    claims: tuple[Broken, ...]


Step = Measure | Save | Output


@dataclass(frozen=True, slots=True)
class Source:
    """How an entity's records are keyed and what its facts are; `dated` rows after the as-of date do not exist."""

    entity: str
    keys: tuple[str, ...]
    parent: str | None
    parent_keys: int
    numbered: bool  # it has no key of its own: its last key is a row number within its parent
    dated: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an engine does for a run, in order."""

    policy: str
    as_of: date
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    scalars: Mapping[str, str]  # the scalar of each statistic, by its key
