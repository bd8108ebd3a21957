"""The relational plan: passes over tables, with formulas in whole numbers. Knows no engine, no policy text, no model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.plan.formula_tree import (
    MOST_BITS,
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
    NearRoot,
    Not,
    OneOf,
    Quotient,
    Scalar,
    Whole,
    own_fields,
)
from lifeseg.plan.relation_tree import Attach, Extend, Relation, Saved, Scan, Summarise, Summary

__all__ = (
    "MOST_BITS",
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
    "NearRoot",
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
    "Whole",
    "own_fields",
)


# ---- Steps ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A population statistic: `function` of `value` over the rows for which `where`, at `scale`; see plan/statistics.py."""

    name: str
    key: str
    function: str
    value: AnyFormula | None
    where: AnyFormula | None
    argument: tuple[int, ...]  # of cuts by running sums the shares, or the limit at the scale of the amounts
    scale: int
    entries: tuple[tuple[AnyFormula, AnyFormula, AnyFormula | None], ...] = ()  # value, amount, where
    manner: str = (
        ""  # of a quantile its interpolation, of cuts which group ties join; the usual one has no word
    )


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
    """A result and its column: a number is divided by 10 ** scale where it is shown."""

    name: str
    kind: Kind
    scale: int
    low: int
    high: int
    options: tuple[str, ...] = ()  # of a choice its options, of a list what it can hold
    held: str = ""  # where the column is called otherwise

    @property
    def column(self) -> str:
        return self.held or self.name


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
    """The results of an entity: what its keys are called, then its columns; and what is to be looked at."""

    entity: str
    table: str  # an identifier for what is made of it
    relation: Relation
    keys: tuple[str, ...]
    results: tuple[Result, ...]
    troubles: tuple[Trouble, ...]
    claims: tuple[Broken, ...]


Step = Measure | Save | Output


@dataclass(frozen=True, slots=True)
class Source:
    """How an entity's records are keyed and what its facts are; rows dated after the as-of date are not among them."""

    entity: str
    keys: tuple[str, ...]
    parent: str | None
    parent_keys: int
    numbered: bool  # it has no key of its own: its last key is a row number within its parent
    dated: str | None
    facts: tuple[tuple[str, str], ...]  # name, column


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an engine does for a run, in order."""

    policy: str
    as_of: date
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    scalars: Mapping[str, str]  # the scalar of each statistic, by its key
