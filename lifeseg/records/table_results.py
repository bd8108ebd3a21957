"""What an engine left of an entity's results, and how the tables that are made of it are described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lifeseg.records.to_results import Column

MARK = "Results of lifeseg"
"""Begins the comment on every table that a run makes; without it a table is somebody else's."""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The results of an entity: the table the engine left, its columns (keys first), and their titles by name."""

    entity: str
    left: str
    columns: tuple[Column, ...]
    title: str
    titles: Mapping[str, str] = field(default_factory=dict)
