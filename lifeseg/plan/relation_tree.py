"""The relations of a plan: rows of entities, extended by formulas, summarised by keys, and joined. Knows no engine."""

from __future__ import annotations

from dataclasses import field, fields
from typing import Literal

from lifeseg.frozen import dataclass
from lifeseg.plan.formula_tree import AnyFormula

# ---- Summaries over groups of rows ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """count (rows for which the condition is true), sum, min, max, squares (the sum of them), latest, or singles, of a group.

    latest: of the rows for which `rows` is true the value of the one that comes last by the columns of `order` (texts by
    their characters); of several such rows null if one of them has null, else the greatest value.
    singles: how many rows there are, or null if two of them have the same value, which is one of the options.
    """

    name: str
    function: Literal["count", "sum", "min", "max", "squares", "latest", "singles"]
    value: AnyFormula
    order: tuple[AnyFormula, ...] = ()
    rows: AnyFormula | None = None
    options: tuple[str, ...] = ()


# ---- Relations -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scan:
    """The typed records of an entity: key columns `_k1`, `_k2` … (its ancestors' first), then the facts asked for."""

    entity: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """Holds what is beneath it and is looked up often: its hash is reckoned once, of the hashes of what it holds."""

    hashed: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        held = (getattr(self, one.name) for one in fields(self) if one.compare)
        object.__setattr__(self, "hashed", hash((type(self), *held)))

    def __hash__(self) -> int:
        return self.hashed


@dataclass(frozen=True, slots=True)
class Extend(Derived):
    """The input's columns and more, each a formula over the input's."""

    source: Relation
    columns: tuple[tuple[str, AnyFormula], ...]

    __hash__ = Derived.__hash__


@dataclass(frozen=True, slots=True)
class Summarise(Derived):
    """One row for each key of the input's rows, with summaries."""

    source: Relation
    keys: tuple[str, ...]
    summaries: tuple[Summary, ...]

    __hash__ = Derived.__hash__


@dataclass(frozen=True, slots=True)
class Attach(Derived):
    """The input's rows, each with columns (its name there, its name here) of the row of `other` with its keys, or nulls."""

    source: Relation
    other: Relation
    keys: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    __hash__ = Derived.__hash__


@dataclass(frozen=True, slots=True)
class Saved:
    """What an earlier step has saved under a name."""

    name: str


Relation = Scan | Extend | Summarise | Attach | Saved
