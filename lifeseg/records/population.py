"""Typed records: what the loader puts out and every evaluator takes in; it knows nothing of files or definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lifeseg.model.expression import Value


@dataclass(slots=True)
class Rows:
    """The records of one entity, in the order of the source.

    `values` holds a tuple per record in the order of the entity's facts: numbers as whole numbers at the fact type's
    scale, texts and choices as str, yes/no as bool, dates as date, missing as None. `parents` holds the index of each
    record's parent in the parent entity's rows (empty for an entity without a parent), `lines` its line or row number
    in the source, counted from 1 with the heading.
    """

    entity: str
    values: list[tuple[Value, ...]] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Population:
    """All records by entity, and a fingerprint of the data they came from (SHA-256, hexadecimal)."""

    rows: Mapping[str, Rows]
    fingerprint: str
