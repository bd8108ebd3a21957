"""What a compiled function knows of an entity's rows at one place: which locals hold what, and what passes were made."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field

from lifeseg.engines.python_reading import Read, stored
from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p


@dataclass(frozen=True, slots=True)
class Layout:
    """What of an entity the function reads and gives."""

    entity: str
    facts: Mapping[str, str]  # what the plan calls the facts it reads
    dated: str | None
    results: tuple[p.Result, ...]
    troubles: tuple[p.Trouble, ...]
    claims: tuple[p.Broken, ...]
    children: tuple[Layout, ...]


@dataclass(slots=True)
class Pass:
    """A pass over child rows: its loop, and the tuple of locals that it keeps of each row."""

    loop: ast.For
    kept: ast.Tuple
    reads: list[Read]
    totals: frozenset[str]

    @property
    def owned(self) -> set[str]:
        made = {*stored(self.loop.body), *(one for read in self.reads for one in read.locals_)}
        return made - self.totals


@dataclass(slots=True)
class Scope:
    """An entity's rows at one place of the function: the locals that hold the row, its columns and its child lists."""

    layout: Layout
    row: str
    columns: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Read] = field(default_factory=dict)
    rows: str = ""  # the list that the next pass goes over
    passes: list[Pass] = field(default_factory=list)
    children: dict[str, Scope] = field(default_factory=dict)


Scopes = Mapping[str, Scope]


def scanned(relation: p.Relation) -> str:
    """The entity whose rows a relation extends."""
    while not isinstance(relation, p.Scan):
        assert not isinstance(relation, p.Saved)
        relation = relation.source
    return relation.entity
